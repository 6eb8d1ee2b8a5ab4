"""`facegpt bench start`: how long a user waits before anything happens, each time in a new process.

Processor time of the process and its children beside the time on the clock: the first hardly depends on what else the
machine does. Caches are warm: the first run of each command does not count.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from facegpt.assets import asset_path
from facegpt_lab.evaluate.registry import Report, Row, figure

RUNS, QUICK_RUNS = 5, 2
COMMAND = (sys.executable, "-m", "facegpt")


def bench(quick: bool = False) -> Report:
    """Time what starts: the entry of `facegpt bench start`."""
    runs, rows = QUICK_RUNS if quick else RUNS, []
    with tempfile.TemporaryDirectory() as place:
        photo = str(asset_path("astronaut.png"))
        commands: dict[str, tuple[tuple[str, ...], float, int]] = {
            "import facegpt": ((sys.executable, "-c", "import facegpt"), 0.15, 0),
            "facegpt --help": ((*COMMAND, "--help"), 0.3, 0),
            "a wrong path": ((*COMMAND, "reconstruct", str(Path(place) / "nowhere.jpg")), 0.3, 1),
            "a wrong option": ((*COMMAND, "reconstruct", photo, "--quality", "good"), 0.3, 2),
            "a photo to a saved head": ((*COMMAND, "reconstruct", photo, "--no-resume", "-o", f"{place}/head"), 2.0, 0),
        }
        for name, (command, aim_s, code) in commands.items():
            rows += _rows(name, command, aim_s, code, runs)
    return Report(f"each in a new process, caches warm, medians of {runs}", tuple(rows))


def _rows(name: str, command: tuple[str, ...], aim_s: float, code: int, runs: int) -> list[Row]:
    """Time on the clock and of the processor of a command, which ends with an exit code."""
    took = [_took(command, code) for _ in range(runs + 1)][1:]
    clock, processor = (statistics.median(times) for times in zip(*took, strict=True))
    return [
        figure(f"{name}: on the clock", clock, "s", at_most=aim_s),
        figure(f"{name}: of the processor", processor, "s"),
    ]


def _took(command: tuple[str, ...], code: int) -> tuple[float, float]:
    """Seconds on the clock and of the processor. Raises RuntimeError where the command ends otherwise."""
    before, begun = _spent_s(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    clock = time.perf_counter() - begun
    if done.returncode != code:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-300:]}")
    return clock, _spent_s() - before


def _spent_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
