"""`facegpt bench fit`: milliseconds from a photo to a head, beside MediaPipe's networks alone; one thread, one process.

Steps and whole qualities take turns, so that a busy machine slows all of them alike; ratios are medians of pairs.
"MediaPipe" is one run of its face finder, landmark and expression networks through onnxruntime, as `detector.quick`
does; beside MediaPipe's own package the detector is timed by benchmarks/bench_detect.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

import facegpt
from facegpt.assets import asset_path
from facegpt.detect.networks import LANDMARK_SIZE, FaceNetworks
from facegpt.evaluate.networks import detector, head, landmarker
from facegpt.evaluate.protocol import Report, Row, figure
from facegpt.fitting import fit_landmarks, fit_photo

ROUNDS, QUICK_ROUNDS, WARM_UP = 20, 5, 2
MEDIAPIPE = "MediaPipe's networks"
#: Most that a quality may take, in times of MediaPipe's networks, and the dense network in times of its landmark one.
MOST_TIMES = {"fast": 5.0, "balanced": 100.0, "best": 1500.0}
MOST_TIMES_LANDMARKS = 1.5


def bench(quick: bool) -> Report:
    """Time every step and every quality on the bundled photo; medians."""
    torch.set_num_threads(1)
    image = np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))
    height, width = image.shape[:2]
    model, networks = facegpt.load(), FaceNetworks()
    face = detector().detect(image)[0]
    dense = landmarker().predict(image, face)
    crop = np.zeros((3, LANDMARK_SIZE, LANDMARK_SIZE), np.float32)
    steps: dict[str, Callable[[], object]] = {
        MEDIAPIPE: lambda: detector().quick.detect(image),
        "MediaPipe's landmark network alone": lambda: networks.landmarks([crop]),
        "dense network": lambda: landmarker().predict(image, face),
        "detector with flip and second look": lambda: detector().detect(image),
        "landmark fit to MediaPipe's points": lambda: fit_landmarks(head(), face, width, height),
        "landmark fit with the network": lambda: fit_landmarks(head(), face, width, height, dense=dense),
        "photometric fit, the landmark fit included": lambda: fit_photo(head(), face, image, dense=dense),
        **{quality: lambda quality=quality: model.reconstruct(image, quality) for quality in MOST_TIMES},  # type: ignore[misc]
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range((QUICK_ROUNDS if quick else ROUNDS) + WARM_UP):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if turn >= WARM_UP:
                times[name].append(1e3 * (time.perf_counter() - start))
    return Report("the bundled photo, one face, one thread", tuple(_rows(times)))


def _rows(times: dict[str, list[float]]) -> list[Row]:
    rows = [figure(name, float(np.median(values)), "ms") for name, values in times.items()]
    for quality, most in MOST_TIMES.items():
        ratio = float(np.median(np.divide(times[quality], times[MEDIAPIPE])))
        rows.append(figure(f"{quality} over {MEDIAPIPE}", ratio, "ratio", at_most=most))
    share = np.median(np.divide(times["dense network"], times["MediaPipe's landmark network alone"]))
    rows.append(
        figure("dense network over MediaPipe's landmark one", float(share), "ratio", at_most=MOST_TIMES_LANDMARKS)
    )
    return rows
