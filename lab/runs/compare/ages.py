"""How far off ages are: `python -m lab.runs.compare.ages [COUNT]`, with FACEGPT_DATA.

Photos, then portraits, of the validation half against how old they look by eye (runs/looks/looks.csv), and how often
the interval holds that. It chooses nothing.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from facegpt.api import load
from facegpt.assets import FOLDER
from facegpt_lab.evaluate.registry import optional_data


def main(count: int = 90) -> None:
    """Print mean error, SD, bias and how often the truth lies in the interval."""
    with (FOLDER / "photo_split.csv").open(newline="", encoding="utf-8") as file:
        half = {row["name"] for row in csv.DictReader(file) if row["split"] == "validation"}
    with (Path(__file__).parents[1] / "looks" / "looks.csv").open(newline="", encoding="utf-8") as file:
        judged = {row["name"]: float(row["years"]) for row in csv.DictReader(file) if row["name"] in half}
    names = sorted(judged, key=lambda name: (name.startswith("portraits"), name))[:count]
    model, off, held = load(), [], []
    for name in names:
        for seen in model.analyze(optional_data() / name)[:1]:
            if seen.age is not None:
                off.append(seen.age.years - judged[name])
                held.append(seen.age.low <= judged[name] <= seen.age.high)
    print(f"{len(off)} faces: off by {np.abs(off).mean():.1f} years, SD {np.std(off):.1f}, bias {np.mean(off):+.1f}")
    print(f"in the interval: {np.mean(held):.0%}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
