"""`facegpt bench stages`: where the processor's time goes from a photo's file to its saved folder, stage by stage.

What users get by default: hair, glasses, headwear, wrinkles. Seconds are the processor's, not the clock's, so that a
machine shared with others tells much the same; every round MediaPipe's networks run on the same photo, and ratios are
to the median of those. Stages that run inside others (the parts of the picture) count for themselves alone.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import facegpt
from facegpt.assets import asset_path
from facegpt.data.images import photo_of
from facegpt.runtime.processes import Pool
from facegpt.runtime.stages import stage, timed
from facegpt_lab.evaluate.benchmarks.fit import MEDIAPIPE, peak_memory_mb
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import detector

ROUNDS, QUICK_ROUNDS, WARM_UP = 9, 3, 1
#: Most that a quality may take in memory, in times of MediaPipe's networks; memory of `balanced`, MB; saving, ms.
MOST_TIMES = {"fast": 4.0, "balanced": 40.0, "best": 100.0}
MOST_MEMORY_MB, MOST_SAVING_MS = 700.0, 500.0
#: Stages that are none of the work in memory.
READING, SAVING = "file read", "folder saved"
#: Runs of MediaPipe's networks in a round.
PEER_RUNS = 5


def bench(quick: bool) -> Report:
    """Time every stage of every quality on the bundled photo; medians, and their spread for whole qualities."""
    torch.set_num_threads(1)
    qualities = ("fast", "balanced") if quick else tuple(MOST_TIMES)
    model, file = facegpt.load(), Path(asset_path("astronaut.png"))
    photo = photo_of(file).pixels
    peer: list[float] = []
    taken: dict[str, list[dict[str, float]]] = {quality: [] for quality in qualities}
    for turn in range((QUICK_ROUNDS if quick else ROUNDS) + WARM_UP):
        for quality in qualities:
            one, alone = _stages(model, file, quality), _peer_ms(photo)
            if turn >= WARM_UP:
                taken[quality].append(one)
                peer.append(alone)
    usual = float(np.median(peer))
    rows = [figure(MEDIAPIPE, usual, "ms")]
    for quality, rounds in taken.items():
        rows += _rows(quality, rounds, usual)
    return Report("the bundled photo, one face, one thread; processor time", (*rows, *_memory_rows()))


def _stages(model: facegpt.FaceGPT, file: Path, quality: str) -> dict[str, float]:
    """Milliseconds of each stage from the file to the folder."""
    with tempfile.TemporaryDirectory() as folder, timed() as clock:
        with stage(READING):
            photo = photo_of(file)
        with stage("the rest"):
            faces = model.reconstruct(photo, quality)
        with stage(SAVING):
            faces[0].save(folder)
    return {name: 1e3 * seconds for name, seconds in clock.seconds.items()}


def _peer_ms(photo: np.ndarray) -> float:
    start = time.process_time()
    for _ in range(PEER_RUNS):
        detector().quick.detect(photo)
    return 1e3 * (time.process_time() - start) / PEER_RUNS


def _rows(quality: str, rounds: list[dict[str, float]], peer: float) -> list[Row]:
    """Medians of the stages, largest first; the work in memory with its quartiles; ratios to the peer's median."""
    names = sorted(rounds[0], key=lambda name: -np.median([one.get(name, 0.0) for one in rounds]))
    rows = []
    for name in names:
        median = float(np.median([one.get(name, 0.0) for one in rounds]))
        rows.append(figure(f"{quality}: {name}", median, "ms", at_most=MOST_SAVING_MS if name == SAVING else None))
    whole = [sum(ms for name, ms in one.items() if name not in (READING, SAVING)) for one in rounds]
    low, middle, high = (float(value) for value in np.percentile(whole, [25, 50, 75]))
    rows += [figure(f"{quality}: in memory", middle, "ms"), figure(f"{quality}: in memory, 25 %", low, "ms")]
    rows.append(figure(f"{quality}: in memory, 75 %", high, "ms"))
    return [*rows, figure(f"{quality} over {MEDIAPIPE}", middle / peer, "ratio", at_most=MOST_TIMES[quality])]


def peak_of(quality: str) -> float | None:
    """Make and save a head of the bundled photo as users do; give the peak memory of this process, MB."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        facegpt.load().reconstruct(asset_path("astronaut.png"), quality)[0].save(folder)
    return peak_memory_mb()


def _memory_rows() -> list[Row]:
    with Pool(1) as pool:
        found = pool.submit(peak_of, "balanced").result()
    name = "balanced: peak memory of a process, saving included"
    return [] if found is None else [figure(name, found, "MB", at_most=MOST_MEMORY_MB)]
