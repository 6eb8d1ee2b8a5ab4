"""A folder of many names: time and memory until the first photo of a batch is begun.

    python benchmarks/many_names.py -n 1000000

The names are those of empty files in one folder of a temporary place. The work on the first photo is replaced by the
measurement: the processor's time since the start of Python, libraries included, and the most memory until then.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

#: Aims: seconds of the processor and MB.
MOST_S, MOST_MB = 10.0, 500.0


def make_names(folder: Path, count: int) -> None:
    """Make empty files with the names of photos."""
    folder.mkdir()
    for k in range(count):
        os.close(os.open(folder / f"IMG_{k:07d}.jpg", os.O_CREAT | os.O_WRONLY))


def until_first(folder: str, output: str) -> None:
    """Begin a batch as the verb reconstruct does; print seconds and MB where the first photo is begun, and end."""
    from facegpt.batch import photos
    from facegpt.cli.main import main

    def measured(job: object, model: object) -> photos.Outcome:
        told = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(*told, file=sys.__stdout__, flush=True)  # what verbs print by the way goes to stderr
        os._exit(0)

    photos.process = measured
    main(["reconstruct", folder, "-o", output, "--workers", "1"])


def run(count: int) -> dict[str, Any]:
    """Make the names and give the rows."""
    with tempfile.TemporaryDirectory() as name:
        make_names(Path(name) / "photos", count)
        command = [sys.executable, __file__, "--from", f"{name}/photos", f"{name}/heads"]
        seconds, memory = map(float, subprocess.run(command, capture_output=True, check=True).stdout.split())
    told = [("processor's time until the first photo", seconds, "s", MOST_S), ("most memory", memory, "MB", MOST_MB)]
    rows = [
        {
            "metric": name,
            "value": round(value, 1),
            "unit": unit,
            "target": most,
            "met": value <= most,
            "side": "at most",
        }
        for name, value, unit, most in told
    ]
    return {"names": count, "rows": rows}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=1_000_000)
    parser.add_argument("--from", nargs=2, dest="begun", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.begun:
        until_first(*options.begun)
    else:
        print(json.dumps(run(options.n), indent=2))


if __name__ == "__main__":
    main()
