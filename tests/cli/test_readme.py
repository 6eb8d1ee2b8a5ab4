"""README keeps its word: its Python blocks run as they stand there, and its `facegpt …` lines do what they say."""

from __future__ import annotations

import io
import json
import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from facegpt.assets import asset_path
from facegpt.cli.main import build_parser, main
from facegpt.language.model.base import SMOLLM2, cached_base
from facegpt.types import FaceGPTError

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")

#: What stands for what in a line of README; a word in capitals that is not here fails the test.
PLACEHOLDERS = {
    "PHOTO": "photo.jpg",
    "PHOTO…": "photo.jpg",
    "PHOTOS": "photo.jpg",
    "SOURCE": "photo.jpg",
    "CLIP": "clip.mp4",
    "DIR": "made",
    "FILE": "sheet.png",
    "CROPS": "crops",
    "WORDS": "an elderly woman with a narrow nose, happily surprised",
    "QUESTION": "how wide is the nose?",
    "TEXT": "a man with a broad nose",
    "N": "2",
    "WAV": "speech.wav",
    "NAME": "",  # a list of names follows it; the verb alone prints them
}
#: Lines of README that are read but not run, by how they begin: they need data that are not in the package, or hours.
NOT_RUN = {
    "facegpt synthesize words": "writes 20,000 sentences in its default: minutes",
    "facegpt synthesize photos": "renders thousands of pictures in its default: hours",
    "facegpt train": "hours, and needs pictures or sentences that were made before",
    "facegpt eval": "minutes to hours, most on data that are not in the package",
    "facegpt track": "needs a clip and PyAV; tests/video does it on clips that it makes",
    "facegpt animate": "draws a video; tests/animate does it in small",
    "facegpt personalize": "needs clips and minutes; tests/personal does it on what scripts say",
    "facegpt serve": "listens until it is stopped; tests/serve starts it",
    "facegpt mcp": "listens until its input ends; tests/cli/test_mcp.py talks to it",
    "facegpt models add": "needs the user's own file; tests/morphable/test_user_files.py does it on made-up ones",
    "facegpt bench": "minutes; says nothing on a busy machine",
}
#: What a line leaves to the text around it, and the command needs.
LEFT_OUT = {
    "facegpt models info": "head",
    "facegpt models pull": "base",
    "facegpt train landmarks": "shards --validation shards",
}
#: What is typed into a line that listens.
TYPED = {"facegpt chat": "a man with a broad nose\nmake him laugh\n/save laughing\n"}


def python_blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def command_lines() -> list[str]:
    """Every `facegpt …` of README, in the text and in blocks, once; the bars of tables are plain again."""
    blocks = re.findall(r"^```(?:bash|sh|shell|console)?\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```", "", README, flags=re.DOTALL | re.MULTILINE))
    found = [text.replace("\\|", "|") for text in (*lines, *inline) if re.match(r"facegpt( |$)", text)]
    return list(dict.fromkeys(found))


def meant_by(line: str) -> list[list[str]]:
    """The commands that a line stands for, as words: each alternative with its options, and names filled in."""
    first, *others = [part.strip() for part in line.split("|")]
    stem = first.rsplit(" ", 1)[0]
    commands = []
    for text in (first, *(f"{stem} {other}" for other in others)):
        text = f"{text} {LEFT_OUT.get(text, '')}".strip()
        words = [PLACEHOLDERS.get(word, word) for word in shlex.split(text.replace("[", " ").replace("]", " "))]
        unknown = [word for word in words if re.fullmatch(r"[A-Z]+…?", word)]
        assert not unknown, f"README has {unknown} in '{line}': give them a value in PLACEHOLDERS"
        commands.append([word for word in words[1:] if word])
    return commands


LINES = command_lines()
RUN = [line for line in LINES if not line.startswith(tuple(NOT_RUN))]


def test_readme_has_what_is_looked_for():
    assert len(python_blocks()) >= 1 and len(RUN) >= 5


def test_links_lead_to_files_of_the_repository():
    root = Path(__file__).parents[2]
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", README)]
    assert [link for link in links if link and "://" not in link and not (root / link).exists()] == []


def test_readme_names_every_verb():
    [verbs] = [action.choices for action in build_parser()._actions if action.choices and "demo" in action.choices]
    named = {line.split()[1] for line in LINES if " " in line}
    assert set(verbs) <= named


@pytest.mark.parametrize("line", LINES)
def test_every_line_is_one_that_the_command_takes(line):
    for words in meant_by(line):
        build_parser().parse_args(words)  # leaves by SystemExit when it does not


@pytest.fixture(scope="module")
def base() -> Path:
    """The language model, fetched if it is not there."""
    try:
        return cached_base()
    except FaceGPTError as error:
        pytest.skip(f"needs the base language model: {error}")


@pytest.fixture
def folder(base, tmp_path, monkeypatch) -> Path:
    """An empty folder to work in, with a cache of its own that has the language model and nothing else."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    try:
        (home / SMOLLM2.folder).symlink_to(base, target_is_directory=True)
    except OSError:  # Windows asks for a privilege
        shutil.copytree(base, home / SMOLLM2.folder)
    monkeypatch.setenv("FACEGPT_HOME", str(home))
    monkeypatch.chdir(work)
    return work


def put_photos(folder: Path, names: set[str]) -> None:
    """The bundled photo under the names that are used."""
    with Image.open(asset_path("astronaut.png")) as image:
        for name in names:
            image.convert("RGB").save(folder / name)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(python_blocks())))
def test_a_python_block_runs_as_it_stands(folder, number, capsys):
    block = python_blocks()[number]
    put_photos(folder, set(re.findall(r"""["']([\w-]+\.(?:jpe?g|png))["']""", block)))
    (folder / "block.py").write_text(block, "utf-8")
    names = runpy.run_path(str(folder / "block.py"), run_name="__main__")
    for instead in re.findall(r"# or (\w[\w.]*\(.*\))$", block, re.MULTILINE):  # what a comment offers as well
        exec(instead, names)
    assert "Traceback" not in capsys.readouterr().err
    for saved in re.findall(r"""\.save\(["']([^"']+)["']\)""", block):
        assert (folder / saved).exists(), f"README says that {saved} is written"


@pytest.mark.slow
@pytest.mark.parametrize("line", RUN)
def test_a_line_does_its_work(folder, line, capsys, monkeypatch):
    put_photos(folder, {"photo.jpg", *re.findall(r"[\w-]+\.jpg", line)})
    for words in meant_by(line):
        typed = next((text for start, text in TYPED.items() if line.startswith(start)), "")
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert main(words) == 0
        out, err = capsys.readouterr()
        assert out.strip() and "Traceback" not in err
        if "-o" in words:
            made = folder / words[words.index("-o") + 1]
            assert json.loads(next(made.rglob("params.json")).read_text("utf-8"))["model_id"]
