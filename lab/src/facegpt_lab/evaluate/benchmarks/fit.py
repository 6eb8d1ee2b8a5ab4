"""`facegpt bench fit`: milliseconds from a photo to a head, beside MediaPipe's networks alone; one thread, one process.

Steps and whole qualities take turns, so that a busy machine slows all of them alike; ratios are medians of pairs.
"MediaPipe" is one run of its face finder, landmark and expression networks through onnxruntime; beside MediaPipe's own
package the detector is timed by benchmarks/bench_detect.py. Peak memory is that of a process of its own, from its start
on; Windows does not tell it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

import facegpt
from facegpt.assets import asset_path
from facegpt.detect.mediapipe import MediaPipeDetector, Settings
from facegpt.detect.networks import LANDMARK_SIZE, FaceNetworks
from facegpt.encode.identity import identity_reader
from facegpt.fitting import fit_landmarks, fit_photo
from facegpt.runtime.processes import Pool
from facegpt_lab.evaluate.benchmarks.memory import peak_memory_mb
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import detector, head, landmarker, whole_look

ROUNDS, QUICK_ROUNDS, WARM_UP = 20, 5, 2
MEDIAPIPE = "MediaPipe's networks"
#: Most that a quality may take, in times of MediaPipe's networks, and the dense network in times of its landmark one.
MOST_TIMES = {"fast": 5.0, "balanced": 100.0, "best": 1500.0}
MOST_TIMES_LANDMARKS = 1.5


def bench(quick: bool) -> Report:
    """Time every step and every quality on the bundled photo; medians."""
    torch.set_num_threads(1)
    memory = _memory_rows()
    image = _photo()
    height, width = image.shape[:2]
    model, networks = facegpt.load(), FaceNetworks()
    face = detector().detect(image)[0]
    dense = whole_look(image, face)
    crop = np.zeros((3, LANDMARK_SIZE, LANDMARK_SIZE), np.float32)
    steps: dict[str, Callable[[], object]] = {
        MEDIAPIPE: lambda: one_run().detect(image),
        "MediaPipe's landmark network alone": lambda: networks.landmarks([crop]),
        "dense network": lambda: landmarker().predict(image, face),
        "whose face it is": lambda: identity_reader().read(image, face, dense),
        "detector with flip and second look": lambda: detector().detect(image),
        "landmark fit to MediaPipe's points": lambda: fit_landmarks(head(), face, width, height),
        "landmark fit with the network": lambda: fit_landmarks(head(), face, width, height, dense=dense),
        "photometric fit, the landmark fit included": lambda: fit_photo(head(), face, image, dense=dense),
        **{quality: lambda quality=quality: model.reconstruct(image, quality, "off") for quality in MOST_TIMES},  # type: ignore[misc]
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range((QUICK_ROUNDS if quick else ROUNDS) + WARM_UP):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if turn >= WARM_UP:
                times[name].append(1e3 * (time.perf_counter() - start))
    data = "the bundled photo, one face, one thread" + (
        "" if memory else "; peak memory is not measured on this system"
    )
    return Report(data, (*_rows(times), *memory))


def _photo() -> NDArray[np.uint8]:
    return np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))


@cache
def one_run() -> MediaPipeDetector:
    """The detector with one run of each network."""
    return MediaPipeDetector(Settings(refine=False, flip=False, beside_one=False))


def memory_of(quality: str) -> float | None:
    """Reconstruct the bundled photo, or find its face by MediaPipe's networks alone; give the peak memory in MB."""
    torch.set_num_threads(1)
    if quality == MEDIAPIPE:
        one_run().detect(_photo())
    else:
        facegpt.load().reconstruct(_photo(), quality, "off")
    return peak_memory_mb()


def _memory_rows() -> list[Row]:
    """Measure each quality in a fresh process."""
    rows = []
    for quality in (MEDIAPIPE, *MOST_TIMES):
        with Pool(1) as pool:
            found = pool.submit(memory_of, quality).result()
        if found is not None:
            rows.append(figure(f"peak memory of a process, {quality}", found, "MB"))
    return rows


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
