"""Warn where a stage of a photo takes more of MediaPipe's networks than it did: `python benchmarks/ratio_guard.py`.

    facegpt bench stages --quick --json > now.json
    python benchmarks/ratio_guard.py now.json                   # compares with lab/speed_ratios.jsonl's last
    python benchmarks/ratio_guard.py now.json --record COMMIT   # and adds a line for this commit there
    python benchmarks/ratio_guard.py now.json --keep            # and keeps it for the page of figures

Before there is a line of another commit, it compares with lab/figures/system/photo_stages.json.

Milliseconds differ from machine to machine, ratios to a peer that runs in the same process hardly do. A ratio that is
more than 15 % higher is a line that GitHub shows as a warning. It never fails: a busy machine is no fault of a change.
"""

from __future__ import annotations

import argparse
import datetime
import json
from pathlib import Path
from typing import Any

KEPT = Path(__file__).resolve().parents[1] / "lab" / "figures" / "system" / "photo_stages.json"
#: A line a commit: {"commit", "date", "ratios"}, the newest last.
HISTORY = KEPT.parents[2] / "speed_ratios.jsonl"
PEER = "MediaPipe's networks"
#: Rise from which a line warns; stages shorter than this share of the peer's time are too short to tell.
RISE, LEAST = 0.15, 0.5


def ratios(report: dict[str, Any]) -> dict[str, float]:
    """Each stage and quality in times of the peer, from what `bench stages --json` prints."""
    times = {row["metric"]: row["value"] for row in report["rows"] if row["unit"] == "ms" and row["value"] is not None}
    peer = times.pop(PEER)
    return {name: value / peer for name, value in times.items() if " %" not in name}


def risen(before: dict[str, float], now: dict[str, float]) -> list[str]:
    """A sentence for each ratio that is in both and has risen by more than RISE, the largest rise first."""
    both = {name: (before[name], now[name]) for name in before.keys() & now.keys() if now[name] > LEAST}
    rises = {name: new / max(old, LEAST) - 1 for name, (old, new) in both.items()}
    return [
        f"{name}: {both[name][0]:.1f} to {both[name][1]:.1f} times {PEER} (+{100 * rises[name]:.0f} %)"
        for name in sorted(rises, key=lambda name: -rises[name])
        if rises[name] > RISE
    ]


def history(path: Path, but: str | None = None) -> list[dict[str, Any]]:
    """The lines of all commits `but` one, the oldest first; what is no line of one is left out."""
    found = []
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            told = json.loads(line)
            if told["commit"] != but and all(isinstance(value, (int, float)) for value in told["ratios"].values()):
                found.append(told)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def recorded(path: Path, commit: str, now: dict[str, float]) -> None:
    """Add a line for a commit, in place of one that it has."""
    rounded = {name: round(value, 2) for name, value in sorted(now.items()) if value > LEAST}
    lines = [*history(path, commit), {"commit": commit, "date": _today(), "ratios": rounded}]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def _today() -> str:
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def kept(report: dict[str, Any]) -> dict[str, Any]:
    """The report as the page of figures wants it."""
    title, today = "A photo, stage by stage", _today()
    rows = [row | ({} if row.get("target") is None else {"side": "at most"}) for row in report["rows"]]
    told = {"data": report["data"], "command": report["command"], "rows": rows}
    return {"name": "photo_stages", "title": title, "date": today, **told}


def main() -> None:
    """Compare, say, and keep if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="what `facegpt bench stages --json` printed")
    parser.add_argument("--before", type=Path, help="the report to compare with, in place of the last commit's line")
    parser.add_argument("--history", type=Path, default=HISTORY, help="the file of lines, one a commit")
    parser.add_argument("--record", metavar="COMMIT", help="add a line for this commit")
    parser.add_argument("--keep", action="store_true", help="keep this report as the one to compare with")
    options = parser.parse_args()
    report = json.loads(options.report.read_text("utf-8"))
    others = history(options.history, options.record) if options.before is None else []
    before = options.before or KEPT
    if others or before.is_file():
        old = others[-1]["ratios"] if others else ratios(json.loads(before.read_text("utf-8")))
        for sentence in risen(old, ratios(report)):
            print(f"::warning::{sentence}")
    if options.record:
        recorded(options.history, options.record, ratios(report))
    if options.keep:
        KEPT.write_text(json.dumps(kept(report), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
