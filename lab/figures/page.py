"""Write docs/figures.md from the JSON files beside this program: `python lab/figures/page.py`.

Each file is what `facegpt eval NAME --json` or `facegpt bench NAME --json` prints, with a `title` and a `date`. A row
may also have an `interval` (95 %), a `side` of its target ("at least", "at most") and a `peer` (what others reach on
the same data).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "figures.md"
#: Folder → heading, in the order of the page.
SECTIONS = {
    "stranger": "What a stranger counts",
    "photos": "Photos",
    "looks": "Head, skin, hair, wrinkles",
    "words": "Words and talk",
    "clips": "Clips and personal heads",
    "system": "Speed and server",
}
HEAD = """# Figures

`python lab/figures/page.py` makes this page from the files in [lab/figures](../lab/figures). A target that is missed
says so in bold. Measured on a virtual machine with 2 cores, one thread unless the row says otherwise. "ICT people" are
heads of ICT-FaceKit: another head model than ours, whose covariance ours has learnt. Data that are not in the package
are found through `FACEGPT_DATA`.
"""
TABLE = "| what | value | 95 % | target | others |\n|---|---|---|---|---|\n"


def rounded(value: float | str | None) -> str:
    """Write a value with at most four digits; a text stays as it is."""
    return value if isinstance(value, str) else "–" if value is None else f"{value:.4g}"


def target_of(row: dict[str, Any]) -> str:
    """Say a row's target and whether it was met; empty where there is none."""
    if row.get("target") is None:
        return ""
    verdict = "met" if row["met"] else "**missed**"
    return f"{row.get('side', '')} {rounded(row['target'])}: {verdict}".strip()


def table_row(row: dict[str, Any]) -> str:
    """Write one figure as a row of its table."""
    interval = " to ".join(rounded(end) for end in row.get("interval", ()))
    cells = (row["metric"], f"{rounded(row['value'])} {row['unit']}", interval, target_of(row), row.get("peer", ""))
    return "| " + " | ".join(cells) + " |\n"


def report_text(report: dict[str, Any]) -> str:
    """Write one file's figures: title, data, command, date and table."""
    command = f" Command: `{report['command']}`." if report.get("command") else ""
    intro = f"### {report['title']}\n\n{report['data']}.{command} Date: {report['date']}.\n\n"
    return intro + TABLE + "".join(table_row(row) for row in report["rows"])


def page() -> str:
    """Make the whole page."""
    parts = [HEAD]
    for folder, heading in SECTIONS.items():
        reports = [json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / folder).glob("*.json"))]
        parts += [f"## {heading}\n", *(report_text(report) for report in reports)]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
