"""Wrong paths, options and missing extras are told before anything that takes long to load is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from facegpt.assets import asset_path
from facegpt.cli.main import main
from facegpt.cli.reconstruct import FRAMES
from facegpt.glasses.frames import STYLES

HEAVY = ("torch", "numba", "transformers", "onnxruntime", "scipy")
PHOTO = str(asset_path("astronaut.png"))
#: Runs a command with some modules put out of the way; then says on stderr what was imported.
RUN = """
import json, sys
words, away, heavy = json.loads(sys.argv[1])
sys.modules.update(dict.fromkeys(away))
from facegpt.cli.main import main
try:
    code = main(words)
except SystemExit as stopped:
    code = stopped.code
print(json.dumps([code, [name for name in heavy if name in sys.modules]]), file=sys.stderr)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with things that are not what is wanted, where nothing was made before."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    (tmp_path / "broken.mp4").write_bytes(b"nothing at all")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "0.png").write_bytes(asset_path("astronaut.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    return tmp_path


WRONG = [
    (["reconstruct", "nowhere.jpg"], "no file 'nowhere.jpg'"),
    (["reconstruct", "nowhere.jpg", "neither.jpg"], "no file 'neither.jpg'"),
    (["reconstruct", "empty"], "holds no photo"),
    (["reconstruct", "broken.jpg"], "not a picture"),
    (["reconstruct", PHOTO, "-o", "note.txt"], "cannot make the output folder"),
    (["reconstruct", PHOTO, "--hair", "punk"], "styles: "),
    (["reconstruct", PHOTO, "--glasses", "monocle"], "frames: "),
    (["reconstruct", PHOTO, "--avatar", "empty"], "holds no avatar"),
    (["demo", "-o", "note.txt"], "cannot make the output folder"),
    (["imagine", "an old man", "-o", "note.txt"], "cannot make the output folder"),
    (["imagine", ""], "is empty"),
    (["edit", "nowhere", "older"], "no file 'nowhere'"),
    (["edit", "last", "older"], "no last head"),
    (["edit", "empty", "older"], "holds no saved head"),
    (["edit", "note.txt", "older"], "not a picture"),
    (["edit", PHOTO, ""], "is empty"),
    (["describe", "nowhere.jpg"], "no file 'nowhere.jpg'"),
    (["chat", "nowhere.jpg"], "no file 'nowhere.jpg'"),
    (["track", "nowhere.mp4"], "no file 'nowhere.mp4'"),
    (["track", "https://example.org/a.mp4"], "web address"),
    (["track", "empty"], "holds no pictures"),
    (["track", "pictures", "--avatar", "empty"], "holds no avatar"),
    (["track", "pictures", "-o", "note.txt"], "cannot make the output folder"),
    (["track", "pictures", "--vmc", "127.0.0.1"], "add --live"),
    (["track", "pictures", "--live", "--vmc", "127.0.0.1:port"], "is no address"),
    (["personalize", "nowhere.mp4"], "no file 'nowhere.mp4'"),
    (["personalize", "pictures", "-o", "note.txt"], "cannot make the output folder"),
    (["serve", "--data", "note.txt"], "cannot make the output folder"),
    (["synthesize", "photos", "--photos", "nowhere"], "no file or folder 'nowhere'"),
    (["synthesize", "photos", "-o", "note.txt"], "cannot make the output folder"),
    (["synthesize", "words", "-o", "note.txt"], "cannot make the output folder"),
    (["train", "--photos", "nowhere"], "no file or folder 'nowhere'"),
    (["train", "detail", "--photos", "nowhere"], "no file or folder 'nowhere'"),
    (["models", "info", "nothing"], "nothing"),
    (["models", "add", "flame", "nowhere.pkl"], "there is no file '"),
    (["eval", "nothing"], "there are: "),
    (["bench", "nothing"], "there are: "),
]
EXTRAS = [
    (["track", "broken.mp4"], "av", "[video]"),
    (["personalize", "broken.mp4"], "av", "[video]"),
    (["track", "pictures", "--live", "--vmc", "127.0.0.1"], "pythonosc", "[live]"),
    (["track", "pictures", "--live", "--websocket", "8123"], "websockets", "[live]"),
    (["serve"], "fastapi", "[serve]"),
    (["synthesize", "photos", "--engine", "mitsuba"], "mitsuba", "[mitsuba]"),
]


def told(words, *away):
    """Exit code, what was imported of HEAVY, and what was said on stderr."""
    command = [sys.executable, "-c", RUN, json.dumps([words, away, HEAVY])]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    *said, last = done.stderr.strip().splitlines()
    return *json.loads(last), "\n".join(said)


@pytest.mark.parametrize(("words", "sentence"), WRONG)
def test_what_is_wrong_is_told_before_anything_is_loaded(place, words, sentence):
    code, imported, said = told(words)
    assert (code, imported) == (1, [])
    assert sentence in said and "Traceback" not in said


@pytest.mark.parametrize(("words", "module", "extra"), EXTRAS)
def test_a_missing_extra_is_told_before_anything_is_loaded(place, words, module, extra):
    code, imported, said = told(words, module)
    assert (code, imported) == (1, [])
    assert extra in said


def test_a_broken_clip_is_told_before_networks_are_loaded(place):
    pytest.importorskip("av")
    code, imported, said = told(["track", "broken.mp4"])
    assert code == 1 and "cannot be read as a video" in said
    assert not {"torch", "numba", "transformers"} & set(imported)


def test_json_of_a_photo_that_is_not_there_says_so_too(place, capsys):
    assert main(["reconstruct", "nowhere.jpg", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["failed"] == 1 and "nowhere.jpg" in answer["photos"][0]["error"]


def test_the_frames_of_the_help_are_those_there_are():
    assert FRAMES == STYLES


def test_the_first_use_says_at_once_what_it_waits_for(place):
    """Before torch is imported; where no kernels are kept from an earlier run."""
    package = place / "copy" / "facegpt"
    (place / "copy").mkdir()
    source = os.path.dirname(os.path.dirname(sys.modules["facegpt"].__file__))
    code = (
        "import sys, argparse; from facegpt.cli import early; early._KERNEL = 'numba_cpu/none.py'; "
        "early.loading(argparse.Namespace(at_the_command=True)); print('torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": source, "NUMBA_CACHE_DIR": str(package)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert "first use" in done.stderr and "compiling" in done.stderr
    assert done.stdout == "False\n"
