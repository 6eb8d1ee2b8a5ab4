"""Write docs/reference/before-after.md, figures of then beside today's: `python lab/figures/before_after.py COMMIT`.

A figure is in the table if a file of lab/figures has it at both times. Which way is better is told by a row's own
target, else by its unit and its words; where nothing tells it, no verdict is given.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from page import FOLDER, SECTIONS, rounded

ROOT = FOLDER.parents[1]
PAGE = ROOT / "docs" / "reference" / "before-after.md"
#: Units of which less is better, and more.
LESS = ("mm", "px", "ms", "s", "MB", "GB", "ΔE", "°", "log", "L*", "SD", "years", "widths", "distance", "levels")
MORE = ("AUC", "r", "IoU", "share", "frames/s", "slope")
#: Words of rows in other units of which less, or more, is better.
LESS_WORDS = ("error", "off", "wrong", "NME", "taken for", "heads with", "deviation", "memory", "time")
MORE_WORDS = ("right", "found", "kept", "answered", "closed", "covered", "back")
#: Change, as a share of the larger value, up to which two values without an interval are alike.
ALIKE = 0.02
HEAD = """# Before and after

`python lab/figures/before_after.py {commit}` makes this page: the [figures](../figures.md) that were kept on {date} and
are kept today. "Alike": the earlier value lies in today's 95 % interval, or they differ by less than 2 %. "Not measured
again": the same value of the same date. "Other data": the row's data were described otherwise then, so that the two
values do not compare strictly.

{counts}

"""
TABLE = "| what | before | now | 95 % | better | verdict |\n|---|---|---|---|---|---|\n"
Report = dict[str, Any]


def earlier(commit: str) -> tuple[str, dict[str, Report]]:
    """The day of a commit, and the reports that it keeps, by their path below lab/figures."""
    folder = FOLDER.relative_to(ROOT).as_posix()
    named = _git("ls-tree", "-r", "--name-only", commit, folder).split()
    files = [name for name in named if name.endswith(".json")]
    reports = {name[len(folder) + 1 :]: json.loads(_git("show", f"{commit}:{name}")) for name in files}
    return _git("show", "-s", "--format=%cs", commit).strip(), reports


def _git(*command: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *command], check=True, capture_output=True, text=True).stdout


def direction(row: Report) -> str:
    """Which is better of a row, "less" or "more"; "" where nothing tells."""
    if side := row.get("side"):
        return "less" if side == "at most" else "more"
    for words, better in ((LESS_WORDS, "less"), (MORE_WORDS, "more")):
        if row["unit"] not in MORE and any(word in row["metric"] for word in words):
            return better
    return "less" if row["unit"] in LESS else "more" if row["unit"] in MORE else ""


def verdict(old: Report, row: Report) -> str:
    """Whether today's row is better, worse or alike; "" where nothing tells which way is better."""
    before, now, interval = _share(old), _share(row), row.get("interval")
    inside = bool(interval) and min(interval) <= before <= max(interval)
    if inside or abs(now - before) <= ALIKE * max(abs(now), abs(before)):
        return "alike"
    better = direction(row)
    return "" if not better else "better" if (now < before) == (better == "less") else "worse"


def _share(row: Report) -> float:
    """The value of a row; of a count "of N" its share, for N may have changed."""
    whole = row["unit"].removeprefix("of ")
    return float(row["value"]) / (int(whole) if whole != row["unit"] and int(whole) else 1)


def compared(before: Report, now: Report) -> list[tuple[str, str]]:
    """A line of the table and the verdict of each row that both reports have as a number."""
    known = {row["metric"]: row for row in before["rows"] if isinstance(row["value"], int | float)}
    lines = []
    for row in now["rows"]:
        old = known.get(row["metric"])
        if old is None or not isinstance(row["value"], int | float):
            continue
        again = (old["value"], before["date"]) != (row["value"], now["date"])
        told = verdict(old, row) if again else "not measured again"
        other = ", other data" if again and before["data"] != now["data"] else ""
        interval = " to ".join(rounded(end) for end in row.get("interval", ()))
        shown = f"**{told}**" if told == "worse" else told or "not told"
        values = [f"{rounded(one['value'])} {one['unit']}" for one in (old, row)]
        cells = (f"{now['title']}: {row['metric']}", *values)
        lines.append((f"| {' | '.join((*cells, interval, direction(row), shown + other))} |\n", told))
    return lines


def page(commit: str) -> str:
    """Make the whole page."""
    date, reports = earlier(commit)
    parts, told = [], []
    for folder, heading in SECTIONS.items():
        lines = []
        for path in sorted((FOLDER / folder).glob("*.json")):
            if (name := f"{folder}/{path.name}") in reports:
                lines += compared(reports[name], json.loads(path.read_text("utf-8")))
        told += [one for _, one in lines]
        if lines:
            parts.append(f"## {heading}\n\n" + TABLE + "".join(line for line, _ in lines))
    kinds = ("better", "alike", "worse", "not measured again", "")
    names = (*kinds[:-1], "without a verdict")
    counts = ", ".join(f"{name} {told.count(kind)}" for name, kind in zip(names, kinds, strict=True))
    return HEAD.format(commit=commit, date=date, counts=f"Of {len(told)} figures: {counts}.") + "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(sys.argv[1]), "utf-8")
