"""Pick the published numbers that the package needs: one verified source per measure, both sexes where given."""

from __future__ import annotations

import csv
from pathlib import Path

from facegpt.morphable.measure import MEASURES

#: Sources in order of preference: individual records of thousands of people first.
SOURCES = ("ANSUR2", "3DFN", "CLINIFACE")
#: Measures whose published numbers follow another practice than a surface point and are taken from this source.
HEADER = ("measure", "sex", "mean_mm", "sd_mm", "source", "population", "n")


def pick_reference(facts: Path) -> list[dict[str, str]]:
    """Read facts/anthropometry.csv: verified rows with a standard deviation, the preferred source of each measure."""
    with open(facts / "anthropometry.csv", newline="", encoding="utf-8") as file:
        rows = [
            r for r in csv.DictReader(file) if r["status"] == "verified" and r["sd_mm"] and r["measure"] in MEASURES
        ]
    picked = []
    for measure in MEASURES:
        own = [r for r in rows if r["measure"] == measure]
        source = next((s for s in SOURCES if any(r["source"] == s for r in own)), None)
        picked += [r for r in own if r["source"] == source]
    return picked


def write_reference(facts: Path, target: Path) -> None:
    """Write the picked rows, the columns of HEADER."""
    with open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(pick_reference(facts))


def read_correlations(facts: Path) -> dict[tuple[str, str], float]:
    """Correlations within a sex (verified): (measure, measure) → r."""
    with open(facts / "anthropometry_correlation.csv", newline="", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["sex"] == "within" and r["status"] == "verified"]
    return {(r["measure_a"], r["measure_b"]): float(r["r"]) for r in rows}
