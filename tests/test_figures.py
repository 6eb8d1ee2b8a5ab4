"""docs/figures.md is what the files of lab/figures say, and no file calls a missed target met."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "lab" / "figures").rglob("*.json"))


def test_the_page_is_the_one_that_the_program_writes():
    written = runpy.run_path(str(ROOT / "lab" / "figures" / "page.py"))["page"]()
    assert (ROOT / "docs" / "figures.md").read_text("utf-8") == written, "run python lab/figures/page.py"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_target_that_is_missed_is_not_called_met(path):
    report = json.loads(path.read_text("utf-8"))
    assert report["title"] and report["data"] and report["date"]
    for row in report["rows"]:
        if not isinstance(row.get("target"), (int, float)):
            continue
        reached = row["value"] >= row["target"] if row["side"] == "at least" else row["value"] <= row["target"]
        assert row["met"] is reached, row["metric"]
