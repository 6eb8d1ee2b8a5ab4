"""docs/figures.md is what the files of lab/figures say, no missed target is called met, and what counts as a change."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "lab" / "figures"
FILES = sorted(FOLDER.rglob("*.json"))


def test_the_page_is_the_one_that_the_program_writes():
    written = runpy.run_path(str(ROOT / "lab" / "figures" / "page.py"))["page"]()
    assert (ROOT / "docs" / "figures.md").read_text("utf-8") == written, "run python lab/figures/page.py"


def test_the_costs_on_the_page_of_many_photos_are_those_of_the_last_run():
    program = runpy.run_path(str(FOLDER / "costs.py"))
    report = json.loads((FOLDER / "system" / "batch.json").read_text("utf-8"))
    text = program["PAGE"].read_text("utf-8")
    assert text == program["with_costs"](text, report), "run python lab/figures/costs.py"


def test_costs_are_hours_of_a_rate_and_what_was_not_measured_is_left_out():
    table = runpy.run_path(str(FOLDER / "costs.py"))["table"]
    told = table({"date": "2026-01-01", "rows": [row(50 / 3, "photos/min", "one process")]})
    assert "| 1,000 |" in told and "| 10.0 hours |" in told and "40 at a price" in told and "memory" not in told


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_target_that_is_missed_is_not_called_met(path):
    report = json.loads(path.read_text("utf-8"))
    assert report["title"] and report["data"] and report["date"]
    for row in report["rows"]:
        if not isinstance(row.get("target"), (int, float)):
            continue
        reached = row["value"] >= row["target"] if row["side"] == "at least" else row["value"] <= row["target"]
        assert row["met"] is reached, row["metric"]


@pytest.fixture(scope="module")
def program():
    sys.path.insert(0, str(FOLDER))
    try:
        return runpy.run_path(str(FOLDER / "before_after.py"))
    finally:
        sys.path.remove(str(FOLDER))


def row(value, unit="mm", metric="surface", **more):
    return {"metric": metric, "value": value, "unit": unit, **more}


def test_a_smaller_error_is_better_and_a_smaller_share_is_worse(program):
    assert program["verdict"](row(2.0), row(1.5)) == "better"
    assert program["verdict"](row(0.8, "share"), row(0.6, "share")) == "worse"
    assert program["verdict"](row(5.0, "%", "words found"), row(9.0, "%", "words found")) == "better"
    assert program["verdict"](row(5.0, "%", "heads with dots"), row(9.0, "%", "heads with dots")) == "worse"


def test_a_target_says_which_way_is_better_whatever_the_unit(program):
    assert program["verdict"](row(2.0), row(1.5, side="at least")) == "worse"


def test_what_lies_in_the_interval_or_hardly_changed_is_alike(program):
    assert program["verdict"](row(2.0), row(1.5, interval=[1.2, 2.1])) == "alike"
    assert program["verdict"](row(2.00), row(2.03)) == "alike"


def test_counts_of_other_totals_are_compared_as_shares(program):
    assert program["verdict"](row(10, "of 20", "photos right"), row(8, "of 10", "photos right")) == "better"


def test_nothing_is_said_where_no_direction_is_told(program):
    assert program["verdict"](row(3, "%", "red hair"), row(6, "%", "red hair")) == ""
