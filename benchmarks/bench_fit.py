# ruff: noqa: E402
"""How long the landmark fit takes beside the detector on the same photo: `python benchmarks/bench_fit.py`.

Both run in one process on one thread, in turn, so that whatever else the computer does slows both alike.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # must come before numpy is imported

import sys
import time

import numpy as np
import torch
from PIL import Image

from facegpt.assets import asset_path
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.fitting import fit_landmarks
from facegpt.morphable import makehuman

ROUNDS, WARM_UP = 40, 3


def main() -> None:
    """Print the median and the spread of both, and of their ratio."""
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    image = np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))
    detector, model = MediaPipeDetector(), makehuman.load()
    times = []
    for _ in range(rounds + WARM_UP):
        start = time.perf_counter()
        face = detector.detect(image)[0]
        middle = time.perf_counter()
        fit_landmarks(model, face, image.shape[1], image.shape[0])
        times.append((1e3 * (middle - start), 1e3 * (time.perf_counter() - middle)))
    detect_ms, fit_ms = np.array(times[WARM_UP:]).T
    print("| step | median ms | 10-90 % |\n|---|---|---|")
    for name, values in (("detector", detect_ms), ("landmark fit", fit_ms), ("fit / detector", fit_ms / detect_ms)):
        low, middle, high = np.percentile(values, [10, 50, 90])
        print(f"| {name} | {middle:.2f} | {low:.2f}-{high:.2f} |")


if __name__ == "__main__":
    main()
