"""Would batches or threads make more fast photos a second in one model process? Measured part by part.

    OMP_NUM_THREADS=1 python benchmarks/serve_batch.py

Each network on 1, 2, 4 and 8 inputs: CPU milliseconds an input; what batches would spare of a whole fast photo then
follows. Whole photos by one and by two threads, in turns: CPU a photo, and wall time of two threads over one (on a
busy machine the second thread gets more of it, so that the gain is an upper bound).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from serve_load import photos

BATCHES, ROUNDS = (1, 2, 4, 8), 6


def cpu_ms(call: Callable[[], Any]) -> float:
    """The least CPU time of some calls, ms."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        call()
        spent.append(1000 * (time.process_time() - begun))
    return min(spent)


def networks() -> dict[str, tuple[int, Callable[[int], Any]]]:
    """Network → how often a fast photo of one face runs it, and a run on so many inputs."""
    import torch

    from facegpt.detect.networks import FaceNetworks
    from facegpt.encode.dense_landmarks import DenseLandmarker
    from facegpt.encode.parts import parts_reader
    from facegpt.encode.recognition import FaceRecognition

    rng = np.random.default_rng(0)

    def noise(count: int, side: int) -> Any:
        return rng.random((count, 3, side, side), np.float32)

    known, dense, parts = FaceRecognition(), DenseLandmarker(), parts_reader()
    faces, points = FaceNetworks(), np.zeros((max(BATCHES), 478, 2), np.float32)
    return {
        "dense landmarks": (1, lambda n: dense.run(noise(n, 128), points[:n])),
        "recognition": (1, lambda n: known(torch.from_numpy(255 * noise(n, 150)))),
        "face parts": (1, lambda n: parts.logits(noise(n, 192))),
        "hair": (1, lambda n: parts.hair(noise(n, 512))),
        "detector": (2, lambda n: faces.find(list(noise(n, 128)), 0.5)),
        "landmarks": (2, lambda n: faces.landmarks(list(noise(n, 256)))),
    }


def whole(threads: int, model: Any, given: list[bytes]) -> tuple[float, float]:
    """CPU and wall seconds a photo."""
    cpu_s, begun = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda data: model.reconstruct(data, "fast"), given))
    return (time.process_time() - cpu_s) / len(given), (time.perf_counter() - begun) / len(given)


def main() -> None:
    """Measure and print."""
    import facegpt

    model, given = facegpt.load(), photos()
    whole(1, model, given)
    turns = {threads: [] for threads in (1, 2)}
    for _ in range(3):
        for threads, found in turns.items():
            found.append(whole(threads, model, given))
    one, two = (np.median(turns[threads], axis=0) for threads in (1, 2))
    rows: list[dict[str, Any]] = [{"one thread, CPU ms a photo": round(1000 * one[0], 1)}]
    rows.append({"two threads, CPU ms a photo": round(1000 * two[0], 1), "wall over one": round(two[1] / one[1], 2)})
    spared = 0.0
    for name, (times, run) in networks().items():
        ms = {count: round(cpu_ms(partial(run, count)) / count, 2) for count in BATCHES}
        spared += times * max(0.0, ms[1] - min(ms.values()))
        rows.append({name: ms})
    rows.append({"batches would spare at most, ms a photo": round(spared, 1)})
    rows.append({"share of a photo": round(spared / (1000 * one[0]), 3)})
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
