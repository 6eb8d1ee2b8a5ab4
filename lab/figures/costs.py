"""Write the costs on docs/how-to/many-photos.md from the figures of the last `facegpt bench batch`.

facegpt bench batch --record lab/figures/system/batch.json    # measures, on an idle machine; with Ray if it is there
python lab/figures/costs.py && python lab/figures/page.py     # writes the pages
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "system" / "batch.json"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "many-photos.md"
#: What the table stands between.
BEGIN, END = "<!-- written by lab/figures/costs.py -->\n", "<!-- end -->\n"
#: Photos, cores and the price of an hour of a core that the table is worked out for.
PHOTOS, CORES, PRICE = 1_000_000, 100, 0.04


def table(report: dict[str, Any]) -> str:
    """Work out the costs of PHOTOS photos; rows that were not measured are left out."""
    found = {row["metric"]: float(row["value"]) for row in report["rows"]}
    rate, memory, room = (found.get(name) for name in ("one process", "most memory of one process", "files of a head"))
    rows = []
    if rate is not None:
        hours = PHOTOS / 60 / rate
        rows.append(("hours of a core for a million photos", "1,000,000 / (60 R)", f"{hours:,.0f}"))
        rows.append((f"time on {CORES} cores", f"that / {CORES}", f"{hours / CORES:.1f} hours"))
        rows.append(("money", "hours × price of an hour of a core", f"{hours * PRICE:.0f} at a price of {PRICE:.2f}"))
    if memory is not None:
        rows.append(("memory", f"{memory / 1000:.1f} GB a process", f"{memory / 1000 * CORES:.0f} GB on {CORES} cores"))
    if room is not None:
        rows.append(("room on disk", f"{room:.0f} MB a head", f"{room * PHOTOS / 1e6:.0f} TB"))
    head = f"| | formula | at R = {rate or 0:.1f}, of {report['date']} (`balanced`, all files) |\n|---|---|---|\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def with_costs(text: str, report: dict[str, Any]) -> str:
    """The page with its table made anew."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "\n" + table(report) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    written = with_costs(PAGE.read_text("utf-8"), json.loads(FILE.read_text("utf-8")))
    PAGE.write_text(written, "utf-8")
