"""`facegpt bench detail`: what wrinkles and folds add to making and saving a head: time, memory, size of files.

Each kind of detail has a process of its own, one thread, on the bundled photo without hair; times are of the process,
the first round is left out. Peak memory is from the process's start on; Windows does not tell it.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import facegpt
from facegpt.assets import asset_path
from facegpt.reconstruct.skin_detail import DETAILS
from facegpt.runtime.processes import Pool
from facegpt_lab.evaluate.benchmarks.memory import peak_memory_mb
from facegpt_lab.evaluate.registry import Report, Row, figure

ROUNDS, QUICK_ROUNDS = 5, 2


@dataclass(frozen=True)
class Cost:
    """Median seconds of making a head and of saving its folder; MB of its GLBs by name, and of memory at its peak."""

    making_s: float
    saving_s: float
    files_mb: dict[str, float]
    memory_mb: float | None


def bench(quick: bool) -> Report:
    """Make and save a head with each kind of detail."""
    rows: list[Row] = []
    for detail in DETAILS:
        with Pool(1) as pool:
            cost = pool.submit(cost_of, detail, QUICK_ROUNDS if quick else ROUNDS).result()
        rows.append(figure(f"{detail}: making a head", cost.making_s, "s"))
        rows.append(figure(f"{detail}: saving its folder", cost.saving_s, "s"))
        rows += [figure(f"{detail}: {name}", size, "MB") for name, size in sorted(cost.files_mb.items())]
        if cost.memory_mb is not None:
            rows.append(figure(f"{detail}: peak memory of a process", cost.memory_mb, "MB"))
    return Report("the bundled photo, one face without hair, balanced, one thread", tuple(rows))


def cost_of(detail: str, rounds: int) -> Cost:
    """Make and save the head of the bundled photo with a detail (of DETAILS)."""
    model = facegpt.load()
    making, saving = [], []
    with tempfile.TemporaryDirectory() as place:
        for _ in range(rounds + 1):
            begun = time.process_time()
            face = model.reconstruct(asset_path("astronaut.png"), detail=detail, hair="none")[0]
            made = time.process_time()
            files = face.save_folder(place)
            making.append(made - begun)
            saving.append(time.process_time() - made)
        sizes = {path.name: path.stat().st_size / 1e6 for path in map(Path, files) if path.suffix == ".glb"}
    return Cost(float(np.median(making[1:])), float(np.median(saving[1:])), sizes, peak_memory_mb())
