"""`facegpt bench start`: how long a user waits before anything happens, each time in a new process.

Processor time of the process and its children beside the time on the clock: the first hardly depends on what else the
machine does. Caches are warm: the first run of each command does not count. Commands take turns, so that what else the
machine does meets them alike. The demo at the end runs once, as after an install: no kernel is compiled, nothing is
kept.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import facegpt
from facegpt.assets import asset_path
from facegpt_lab.evaluate.registry import Report, Row, figure

RUNS, QUICK_RUNS = 5, 2
COMMAND = (sys.executable, "-m", "facegpt")
#: Longest that the first demo may take, s.
MOST_COLD_S = 40.0


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
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for turn in range(runs + 1):
            for name, (command, _, code) in commands.items():
                one = _took(command, code)
                took[name] += [one] if turn else []
        for name, (_, aim_s, _) in commands.items():
            rows += _rows(name, took[name], aim_s)
        if not quick:
            rows += _rows("the demo after an install", [_cold_demo(Path(place))], MOST_COLD_S)
    return Report(f"each in a new process, caches warm, medians of {runs}", tuple(rows))


def _rows(name: str, took: list[tuple[float, float]], aim_s: float) -> list[Row]:
    """Medians of the time on the clock and of the processor."""
    clock, processor = (statistics.median(times) for times in zip(*took, strict=True))
    return [
        figure(f"{name}: on the clock", clock, "s", at_most=aim_s),
        figure(f"{name}: of the processor", processor, "s"),
    ]


def _cold_demo(place: Path) -> tuple[float, float]:
    """Seconds of the first demo of a copy of the package, without anything that earlier runs keep."""
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(facegpt.__file__).parent, place / "src" / "facegpt", ignore=without)
    names = {"FACEGPT_HOME": "home", "NUMBA_CACHE_DIR": "kernels", "XDG_CACHE_HOME": "cache"}
    nothing = {name: str(place / folder) for name, folder in names.items()}
    path = os.pathsep.join([str(place / "src"), os.environ.get("PYTHONPATH", "")])
    return _took((*COMMAND, "demo", "-o", f"{place}/demo"), 0, {**os.environ, **nothing, "PYTHONPATH": path})


def _took(command: tuple[str, ...], code: int, environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds on the clock and of the processor. Raises RuntimeError where the command ends otherwise.

    Bytecode is written whatever the environment says: an installed package has it from pip.
    """
    environment = {**(environment or os.environ), "PYTHONDONTWRITEBYTECODE": ""}
    before, begun = _spent_s(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    clock = time.perf_counter() - begun
    if done.returncode != code:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-300:]}")
    return clock, _spent_s() - before


def _spent_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
