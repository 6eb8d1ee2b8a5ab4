"""Measure heads from several photos of people whose true head is known, and write lab/figures/photos/person.json.

    python lab/figures/person.py                    # unseen people: 16 photos of those who keep still, 5 of moving ones
    python lab/figures/person.py --many 4 --still   # 16 photos of four of them only

Rows of the studio's people (`facegpt eval person`, our own head model) that the file has are kept.
"""

from __future__ import annotations

import argparse
import datetime
import json
from pathlib import Path

import numpy as np

from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.several.shares import SETS, TARGETS, UNSEEN, Given, given, read_given

FILE = Path(__file__).resolve().parent / "photos" / "person.json"
#: Rows of this file begin so.
MARK = "unseen people in photographed skin"


def rows(kind: str, people: list[Given]) -> list[dict[str, object]]:
    """Share of the deviation given back by each set of photos, with mm beside it, and who is worse off."""
    out: list[dict[str, object]] = []
    for count in (1, *SETS):
        some = [one for one in people if count == 1 or str(count) in one.matched]
        if some:
            out += set_rows(f"{MARK}, {kind}, {count} photo{'s' * (count > 1)} (n = {len(some)})", count, some)
    return out


def set_rows(name: str, count: int, people: list[Given]) -> list[dict[str, object]]:
    """The rows of one set of photos."""
    mean = np.array([one.mean for one in people])
    mm = np.array([np.mean(one.single) if count == 1 else one.matched[str(count)] for one in people])
    low, high = (row.value for row in interval("", lambda k: 1 - mm[k].mean() / mean[k].mean(), len(mm), ""))
    value, peer = 1 - mm.mean() / mean.mean(), f"mean head {mean.mean():.2f} mm"
    target = {"target": TARGETS[count], "met": bool(value >= TARGETS[count]), "side": "at least"}
    shown: dict[str, object] = {"value": round(float(value), 3), "unit": "share", **target}
    shown["interval"] = [round(low, 3), round(high, 3)]
    out: list[dict[str, object]] = [{"metric": f"{name}: share of the deviation given back", **shown}]
    best = mean
    if count > 1:
        peer += f", single fits fused {np.mean([one.fused[str(count)] for one in people]):.2f} mm"
        best = np.minimum(mean, [min(one.single[:count]) for one in people])
    shown = {"value": round(float(mm.mean()), 3), "unit": "mm", "target": None, "met": None, "peer": peer}
    out.append({"metric": f"{name}: median distance of the face, mean over people", **shown})
    worse = int((mm > best).sum())
    asked = {"target": 0, "met": worse == 0, "side": "at most"} if count > 1 else {"target": None, "met": None}
    named = "the mean head or the best single photo" if count > 1 else "the mean head"
    out.append({"metric": f"{name}: worse than {named}", "value": worse, "unit": "people", **asked})
    return out


def save(found: list[dict[str, object]]) -> None:
    """Put the rows into the file, in place of those of an earlier run."""
    record = json.loads(FILE.read_text("utf-8"))
    record["rows"] = [row for row in record["rows"] if not row["metric"].startswith(MARK)] + found
    record["date"] = datetime.date.today().isoformat()
    record["data"] = (
        "40 people of our own model in the studio; unseen people: heads of the ICT model in the skin of portraits, "
        "512 px, yaw to 50 degrees, none of whom chose a setting"
    )
    record["command"] = "facegpt eval person; python lab/figures/person.py"
    FILE.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=len(UNSEEN), help="of each kind (default: %(default)s)")
    parser.add_argument("--many", type=int, default=len(UNSEEN), help="still people with 16 photos (default: all)")
    parser.add_argument("--still", action="store_true", help="leave out the people who move")
    parser.add_argument("--workers", type=int, help="processes (default: one a core)")
    options = parser.parse_args()
    found: list[dict[str, object]] = []
    for kind, moving, many in (("still", False, options.many), ("moving", True, 0)):
        if moving and options.still:
            continue
        jobs = [(seed, moving, max(SETS) if k < many else 5) for k, seed in enumerate(UNSEEN[: options.people])]
        kept: Kept[tuple[int, bool, int], Given | None] = Kept("person_photographed", read_given)
        people = in_processes(given, jobs, f"people, {kind}", options.workers, kept)
        found += rows(kind, [one for one in people if one is not None])
    save(found)


if __name__ == "__main__":
    main()
