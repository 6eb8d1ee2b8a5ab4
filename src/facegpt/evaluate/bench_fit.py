"""`facegpt bench fit`: milliseconds of each step from a photo to a head, in turn on one thread of one process."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

from facegpt.assets import asset_path
from facegpt.detail.texture import texture_from_photo
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.evaluate.protocol import Report, Row, figure
from facegpt.fitting import fit_landmarks, fit_photo
from facegpt.morphable import makehuman

ROUNDS, QUICK_ROUNDS, WARM_UP = 20, 5, 2


def bench(quick: bool) -> Report:
    """Time detector, landmark fit, photometric fit and texture on the bundled photo; medians."""
    torch.set_num_threads(1)
    image = np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))
    height, width = image.shape[:2]
    detector, model = MediaPipeDetector(), makehuman.load()
    face = detector.detect(image)[0]
    params = fit_photo(model, face, image).params
    steps: dict[str, Callable[[], object]] = {
        "detector": lambda: detector.detect(image),
        "landmark fit": lambda: fit_landmarks(model, face, width, height),
        "photometric fit, the landmark fit included": lambda: fit_photo(model, face, image),
        "texture 1024": lambda: texture_from_photo(image, model, params, 1024),
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
    medians = {name: float(np.median(values)) for name, values in times.items()}
    rows = [figure(name, value, "ms") for name, value in medians.items()]
    fit_share = np.median(np.divide(times["landmark fit"], times["detector"]))
    return [*rows, figure("landmark fit over detector, median of pairs", float(fit_share), "ratio")]
