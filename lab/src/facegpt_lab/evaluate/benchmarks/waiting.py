"""How long a head of a photo takes on the clock, with one thread and with as many as the machine has cores."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import facegpt
from facegpt.assets import asset_path
from facegpt.data.images import photo_of
from facegpt.runtime.processes import cores
from facegpt_lab.evaluate.benchmarks.memory import told_by
from facegpt_lab.evaluate.registry import Row, figure

ROUNDS = 5


def rows(qualities: tuple[str, ...]) -> list[Row]:
    """Medians of a new process each for one thread on one core, and for all cores: in memory, and saved too."""
    found = []
    for threads in sorted({1, cores()}):
        for quality in qualities:
            for what, ms in _of_process(quality, threads).items():
                with_threads = f"{threads} thread{'s' if threads > 1 else ''}"
                found.append(figure(f"{quality}: {what}, on the clock, {with_threads}", ms, "ms"))
    return found


def _of_process(quality: str, threads: int) -> dict[str, float]:
    """Milliseconds by name, as `main` prints them."""
    told: dict[str, float] = json.loads(told_by(__name__, quality, str(threads), threads=threads))
    return told


def main(quality: str, threads: int) -> None:
    """Make and save heads of the bundled photo, each a pixel later, and print the medians as JSON."""
    if hasattr(os, "sched_setaffinity"):  # one thread also of what has its own pool
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    model, photo = facegpt.load(), photo_of(Path(asset_path("astronaut.png"))).pixels
    taken: dict[str, list[float]] = {"in memory": [], "saved too": []}
    for turn in range(ROUNDS + 1):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            face = model.reconstruct(photo[turn:, turn:], quality)[0]
            made = time.perf_counter()
            face.save(folder)
            ended = time.perf_counter()
        if turn:  # the first opens the networks
            taken["in memory"].append(1e3 * (made - begun))
            taken["saved too"].append(1e3 * (ended - begun))
    print(json.dumps({name: statistics.median(times) for name, times in taken.items()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
