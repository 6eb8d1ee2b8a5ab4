"""Pick the published numbers that the package needs: one verified source per measure, both sexes where given."""

from __future__ import annotations

import csv
from pathlib import Path

from facegpt.morphable.measure import DERIVED, MEASURES

#: Sources in order of preference: individual records of thousands of people first.
SOURCES = ("ANSUR2", "3DFN", "CLINIFACE")
#: Spreads of derived measures, of which only the means are arithmetic on published ones: rough, after Farkas 1994.
DERIVED_SD_MM = {"lower_face_height": {"M": "4.5", "F": "4.0"}}
HEADER = ("measure", "sex", "mean_mm", "sd_mm", "source", "population", "n")


def pick_reference(facts: Path) -> list[dict[str, str]]:
    """Read facts/anthropometry.csv: verified rows with a standard deviation, one source each; and derived rows."""
    with open(facts / "anthropometry.csv", newline="", encoding="utf-8") as file:
        every = list(csv.DictReader(file))
    rows = [r for r in every if r["status"] == "verified" and r["sd_mm"] and r["measure"] in MEASURES]
    for row in (r for r in every if r["status"] == "derived" and r["measure"] in DERIVED):
        rows.append(
            {
                **row,
                "sd_mm": DERIVED_SD_MM[row["measure"]][row["sex"]],
                "population": "nasion-gnathion minus nasion-subnasale; SD rough",
            }
        )
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
