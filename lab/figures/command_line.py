"""Writes docs/reference/command-line.md: the help of every verb. Run: python lab/figures/command_line.py."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from facegpt.cli.main import VERBS, build_parser

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


def page() -> str:
    """Markdown: a section for each verb with the text of its --help, 80 columns wide."""
    os.environ["COLUMNS"] = "80"
    os.environ["NO_COLOR"] = "1"  # Python 3.14 colours its help
    sections = ["# Command line\n\nThis page is written by `python lab/figures/command_line.py`.\n"]
    for verb in VERBS:
        [verbs] = [action for action in build_parser(verb)._actions if isinstance(action, argparse._SubParsersAction)]
        sections.append(f"## facegpt {verb}\n\n```text\n{verbs.choices[verb].format_help().rstrip()}\n```\n")
    return "\n".join(sections)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), "utf-8")
