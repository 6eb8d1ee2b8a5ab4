"""`facegpt reconstruct A B --one-person`: what is written, said and refused."""

from __future__ import annotations

import json
from pathlib import Path

import facegpt
from facegpt.cli.main import main
from facegpt.cli.one_person import NO_MATCHES

ASTRONAUT = str(Path(facegpt.__file__).parent / "assets" / "astronaut.png")
BARE = ["--detail", "off", "--hair", "none", "--glasses", "none"]


def test_a_frontal_photo_and_a_broken_one_become_one_head_and_say_what_is_missing(tmp_path, capsys):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    out = tmp_path / "anna"
    code = main(["reconstruct", ASTRONAUT, str(broken), "--one-person", "-o", str(out), "--json", "--doubt", *BARE])
    told = json.loads(capsys.readouterr().out)
    assert code == 0 and {"face.glb", "params.json"} <= set(told["files"])
    assert all((out / name).is_file() for name in told["files"])
    assert [one["used"] for one in told["photos"]] == [True, False] and told["photos"][1]["error"]
    assert told["matched"] == {"photos": [], "places": 0, "refused": []} and len(told["advice"]) == 2
    assert told["advice"][1] == NO_MATCHES and not (out / "matches.png").exists()


def test_a_quality_without_colours_is_refused_in_a_sentence(tmp_path, capsys):
    code = main(["reconstruct", ASTRONAUT, "--one-person", "--quality", "fast", "-o", str(tmp_path / "out")])
    assert code != 0 and "--one-person needs --quality balanced or best" in capsys.readouterr().err


def test_photos_that_cannot_be_read_are_no_head(tmp_path, capsys):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    code = main(["reconstruct", str(broken), "--one-person", "-o", str(tmp_path / "out")])
    assert code == 1 and "broken.jpg" in capsys.readouterr().err
