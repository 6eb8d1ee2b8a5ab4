"""Count the house: lines, files, the wheel, words of the docs, and the files that a photo and a turn enter.

    python lab/figures/house.py                          # writes lab/figures/system/house.json
    python lab/figures/house.py --before ANOTHER_CHECKOUT    # with its figures beside ours

A file is entered when a function of it runs while a loaded model reconstructs the bundled photo, or answers the first
turn of a conversation; what runs at import alone does not count.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "lab" / "figures" / "system" / "house.json"
#: Calls that take a regular expression.
REGEX = re.compile(r"\bre\.(?:compile|match|fullmatch|search|sub|findall|finditer|split)\(|\bregex\(")
#: What is measured, its unit, and at most how much is wanted.
ROWS: dict[str, tuple[str, float | None]] = {
    "lines of the product": ("lines", 60_000),
    "files of the product": ("files", None),
    "lines of the laboratory, runs included": ("lines", None),
    "lines of tests": ("lines", None),
    "modules beside the rooms": ("modules", 5),
    "files of the fullest folder": ("files", 25),
    "calls with a regular expression, product": ("calls", None),
    "wheel of the product": ("MB", 35),
    "data files of the product": ("MB", None),
    "words of README": ("words", 1200),
    "words of docs": ("words", None),
    "files that a photo enters": ("files", 70),
    "files that a turn enters": ("files", 40),
}
#: Runs in a process of its own, with the product of a checkout on its path.
ENTERED = """
import json, sys, threading
from pathlib import Path
import facegpt
from facegpt.assets import asset_path

home, entered = str(Path(facegpt.__file__).parent), set()

def note(frame, event, _):
    if event == "call" and frame.f_code.co_name != "<module>" and frame.f_code.co_filename.startswith(home):
        entered.add(frame.f_code.co_filename)

def during(work):
    entered.clear()
    threading.setprofile(note)
    sys.setprofile(note)
    work()
    sys.setprofile(None)
    threading.setprofile(None)
    return len(entered)

model = facegpt.load()
photo = during(lambda: model.reconstruct(asset_path("astronaut.png")))
import facegpt.language.dialogue.conversation, facegpt.language.dialogue.made_heads, facegpt.picture.offered
model.language
turn = during(lambda: model.chat([{"role": "user", "content": "an old man with a broad nose, smiling"}]))
print(json.dumps([photo, turn]))
"""


def count(root: Path, entered: bool = True) -> dict[str, float]:
    """Everything of ROWS in a checkout; without `entered` what runs is left out."""
    kept = [path for path in _kept(root) if path.is_file()]
    product = [path for path in kept if path.is_relative_to(root / "src" / "facegpt")]
    code = [path for path in product if path.suffix == ".py"]
    lab = [path for path in kept if path.suffix == ".py" and path.relative_to(root).parts[0] in ("lab", "runs")]
    tests = [path for path in kept if path.suffix == ".py" and path.relative_to(root).parts[0] == "tests"]
    docs = [path for path in kept if path.suffix == ".md" and path.is_relative_to(root / "docs")]
    beside = [path for path in code if path.parent.name == "facegpt" and not path.name.startswith("__")]
    found: dict[str, float] = {
        "lines of the product": lines(code),
        "files of the product": len(code),
        "lines of the laboratory, runs included": lines(lab),
        "lines of tests": lines(tests),
        "modules beside the rooms": len(beside),
        "files of the fullest folder": max(Counter(path.parent for path in kept).values()),
        "calls with a regular expression, product": sum(len(REGEX.findall(path.read_text("utf-8"))) for path in code),
        "wheel of the product": sum(_packed(path) for path in product) / 1e6,
        "data files of the product": sum(p.stat().st_size for p in product if "assets" in p.parts) / 1e6,
        "words of README": words([root / "README.md"]),
        "words of docs": words(docs),
    }
    if entered:
        photo, turn = files_entered(root)
        found |= {"files that a photo enters": photo, "files that a turn enters": turn}
    return found


def _kept(root: Path) -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / line for line in listed.splitlines()]


def lines(paths: list[Path]) -> int:
    """Lines of files."""
    return sum(len(path.read_text("utf-8").splitlines()) for path in paths)


def words(paths: list[Path]) -> int:
    """Words of pages: whatever stands between blanks."""
    return sum(len(path.read_text("utf-8").split()) for path in paths)


def _packed(path: Path) -> int:
    """Bytes of a file in a wheel (deflate)."""
    content = path.read_bytes()
    return min(len(zlib.compress(content, 6)), len(content))


def files_entered(root: Path) -> tuple[int, int]:
    """Files of the product that a photo enters, and those that a turn enters."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", ENTERED], env=environment, capture_output=True, text=True, check=True)
    photo, turn = json.loads(done.stdout.splitlines()[-1])
    return photo, turn


def row(metric: str, value: float, before: float | None) -> dict[str, Any]:
    """One figure as a row of a report."""
    unit, most = ROWS[metric]
    value = round(value, 1)
    told = {
        "metric": metric,
        "value": value,
        "unit": unit,
        "target": most,
        "met": None if most is None else value <= most,
    }
    told |= {} if most is None else {"side": "at most"}
    return told | ({} if before is None else {"peer": f"before: {round(before, 1):,}"})


def main() -> None:
    """Count, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, metavar="DIR", help="another checkout")
    parser.add_argument("--counts-only", action="store_true", help="run nothing: without the files that are entered")
    options = parser.parse_args()
    ours = count(ROOT, not options.counts_only)
    theirs = count(options.before, not options.counts_only) if options.before else {}
    report = {
        "name": "house",
        "title": "Size of the house",
        "date": datetime.date.today().isoformat(),
        "data": "This repository; data files count into the wheel as deflate packs them",
        "command": "python lab/figures/house.py",
        "rows": [row(metric, value, theirs.get(metric)) for metric, value in ours.items()],
    }
    FILE.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for metric, value in ours.items():
        print(f"{metric}: {value:,.5g} {ROWS[metric][0]}", f"({theirs[metric]:,.5g})" if metric in theirs else "")


if __name__ == "__main__":
    main()
