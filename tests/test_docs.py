"""The docs keep their word: links lead somewhere, commands parse, blocks compile, the command line is whole."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from facegpt.cli.main import VERBS, build_parser

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("lab/*.md"),
        *ROOT.glob("lab/log/*.md"),
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
    ]
)
HOW_TO = sorted(ROOT.glob("docs/how-to/*.md"))


def without_code(text: str) -> str:
    """The text without its fenced blocks, in which brackets are code."""
    return re.sub(r"^[ ]*```.*?^[ ]*```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings have, by GitHub's rule."""
    headings = re.findall(r"^#+ (.+?)\s*$", without_code(page.read_text("utf-8")), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def broken_links(page: Path) -> list[str]:
    """The links of a page to files or headings that are not there."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text("utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (fragment and target.suffix == ".md" and fragment not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page):
    assert broken_links(page) == []


def test_a_link_to_nowhere_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A heading\n[a](#a-heading) [b](#none) [c](other.md)\n```\n[d](none)\n```\n", "utf-8")
    assert broken_links(page) == ["#none", "other.md"]


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_commands_are_ones_that_the_parser_takes(page):
    blocks = re.findall(r"^[ ]*```sh\n(.*?)^[ ]*```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines() if line.strip().startswith("facegpt ")]
    for line in lines:
        build_parser().parse_args(shlex.split(line, comments=True)[1:])  # leaves by SystemExit when it does not


@pytest.mark.parametrize("page", [*HOW_TO, ROOT / "docs" / "index.md"], ids=lambda page: page.stem)
def test_python_blocks_compile(page):
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        compile(block, page.name, "exec")


@pytest.mark.parametrize("verb", VERBS)
def test_the_command_line_page_has_every_option(verb):
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text("utf-8")
    assert f"## facegpt {verb}\n" in text, "run python lab/figures/command_line.py"
    [verbs] = [action for action in build_parser(verb)._actions if isinstance(action, argparse._SubParsersAction)]
    section = text.split(f"## facegpt {verb}\n")[1].split("\n## ")[0]
    shown = [action for action in verbs.choices[verb]._actions if action.help != argparse.SUPPRESS]
    options = [option for action in shown for option in action.option_strings]
    missing = [option for option in options if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section)]
    assert missing == [], "run python lab/figures/command_line.py"


def test_every_page_stands_in_the_menu_of_the_site():
    menu = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in ROOT.glob("docs/**/*.md")}
    assert {page for page in pages if f": {page}\n" not in menu} == set()
    assert {name for name in re.findall(r": (\S+\.md)$", menu, re.MULTILINE)} <= pages
