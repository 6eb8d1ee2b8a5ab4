"""The page on analyze and compare: its Python code runs as it stands, and its lines are ones that the command takes."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from facegpt import assets
from facegpt.analyze.seen import Seen
from facegpt.cli.main import build_parser

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "analyze.md").read_text("utf-8")


def test_the_code_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.open(assets.FOLDER / "astronaut.png").convert("RGB").save("photo.jpg", quality=95)
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "docs/how-to/analyze.md", "exec"), {})
    out = capsys.readouterr().out
    assert "True" in out and "Occlusions" in out and (tmp_path / "seen.png").exists()


def test_the_commands_are_ones_that_are_taken():
    lines = re.findall(r"^    facegpt (.*?)(?:  .*)?$", PAGE, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        build_parser().parse_args(line.split())


def test_every_name_of_the_table_is_one_that_a_face_has():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    names = {name for row in rows[1:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert len(names) > 15 and all(hasattr(Seen, name) or name in Seen.__dataclass_fields__ for name in names)
