"""What README shows is what works: its code runs, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from facegpt.assets import asset_path
from facegpt.cli.main import VERBS, build_parser
from facegpt.evaluate.registry import BENCHES, EVALS

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, flags=re.S)
#: Commands as README writes them: in backticks, or on lines of their own in shell blocks.
COMMANDS = sorted(set(re.findall(r"`facegpt ([^`\n]*)`", PAGE)))
#: Photos that the code names, each made of the bundled one.
PHOTOS = ("photo.jpg", "a.jpg", "b.jpg", "c.jpg")
#: What a word of a command stands for when it is capitals: PHOTO…, DIR, NAME.
PLACEHOLDER = re.compile(r"^[\"'\[(]*[A-Z]{2,}")


@pytest.mark.slow
@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_the_code_runs(code, tmp_path, monkeypatch):
    """The bundled photo takes the place of the reader's own."""
    from PIL import Image

    with Image.open(asset_path("astronaut.png")) as photo:
        for name in PHOTOS:
            photo.convert("RGB").save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_there_is_code_and_there_are_commands():
    assert PYTHON and len(COMMANDS) > 10


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_verb_and_its_name(command):
    verb, *rest = command.split()
    if PLACEHOLDER.match(verb) or verb.startswith("-"):
        return
    assert verb in VERBS
    if verb in ("eval", "bench") and rest and not PLACEHOLDER.match(rest[0]):
        table = EVALS if verb == "eval" else BENCHES
        assert set(rest[0].split("|")) <= set(table)


def test_every_option_that_is_named_is_known():
    parsers = build_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    helps = {verb: parser.format_help() + _actions(parser) for verb, parser in parsers.items()}
    for command in COMMANDS:
        verb, *rest = command.split()
        for word in rest:
            option = re.match(r"\[?(--[a-z-]+)", word)
            if option and verb in helps:
                assert option[1] in helps[verb], command


def _actions(parser) -> str:
    """Help of a verb's own verbs (models pull)."""
    groups = parser._subparsers._group_actions if parser._subparsers else []
    return "".join(inner.format_help() for group in groups for inner in group.choices.values())


def test_links_lead_to_files_of_the_repository():
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", PAGE)]
    missing = [link for link in links if link and "://" not in link and not (ROOT / link).exists()]
    assert missing == []


def test_shell_scripts_that_it_names_are_there():
    for name in re.findall(r"`bash (\S+?)`", PAGE):
        assert (ROOT / name).is_file() and shutil.which("bash")
