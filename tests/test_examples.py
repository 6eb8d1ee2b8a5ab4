"""The scripts and notebooks of examples/ run as they stand there."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest
from PIL import Image

from facegpt.assets import asset_path
from facegpt.language.model.base import cached_base
from facegpt.types import FaceGPTError

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
#: What each script is told, and the file that comes out.
RUNS = {
    "measure": (["photo.png"], "measures.csv"),
    "expressions": ([], "expressions.png"),
    "people": (["an old man"], "people.png"),
    "turntable": ([], "turntable.gif"),
}
WORDS = {"people", "words"}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.open(asset_path("astronaut.png")).save("photo.png")
    return tmp_path


def need_language(name: str) -> None:
    """Skip what needs the base language model where it cannot be fetched."""
    if name in WORDS:
        try:
            cached_base()
        except FaceGPTError as error:
            pytest.skip(f"needs the base language model: {error}")


def test_the_page_names_every_example():
    text = (EXAMPLES / "README.md").read_text("utf-8")
    assert [path.name for path in (*SCRIPTS, *NOTEBOOKS) if f"({path.name})" not in text] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_fits_a_screen(script):
    assert len(script.read_text("utf-8").splitlines()) <= 40


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_writes_what_it_says(script, folder, monkeypatch):
    need_language(script.stem)
    arguments, made = RUNS[script.stem]
    monkeypatch.setattr(sys, "argv", [str(script), *arguments])
    runpy.run_path(str(script), run_name="__main__")
    assert (folder / made).stat().st_size > 500


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(notebook, folder):
    need_language(notebook.stem)
    names: dict = {}
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        assert not cell.get("outputs"), "commit notebooks without their outputs"
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), notebook.name, "exec"), names)
