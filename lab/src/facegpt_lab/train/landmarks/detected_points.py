"""The detector's own points on crops of the photo studio: the evidence that the network will have in use.

Where MediaPipe's network sees no face, as in full profiles, they are the package's own second opinion (whole_head.py),
as they are in use: points that say nothing beyond the picture, which a network must know not to trust.

Made-up errors (made_up_errors.py) stay beside them: crops without a detection need some, and a network that has seen
one detector's habits alone trusts them too much elsewhere.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.windows import Photo, Window
from facegpt.encode.landmark_network import DETECTED
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.runtime.processes import Pool
from facegpt.runtime.progress import Progress
from facegpt.types import Array
from facegpt_lab.train.landmarks.crops import DETECTED_PX, CropStore

#: The network that finds points looks near the true place, off by this: x, y and size in shares of its window, radians.
WINDOW_SD = (0.03, 0.03, 0.05, 0.05)
#: Least belief of that network that it sees a face, and the farthest that points may lie on average, mm.
PRESENCE, FARTHEST_MM = 0.4, 15.0
_AT_ONCE = 500


def add_detected(store: CropStore, folder: Path, workers: int | None = None, count: int | None = None) -> None:
    """Let the detector look at the crops of a store, once: 17 ms a crop on one core.

    Args:
        store: opened from `folder`; gets the array DETECTED_PX (N, 478, 2), NaN where there is no detection.
        folder: of the store.
        workers: processes; None: one a core.
        count: of crops looked at, the first ones; None: all. The others count as ones without a detection.
    """
    if DETECTED_PX in store.arrays:
        return
    count = len(store) if count is None else min(count, len(store))
    starts = range(0, count, _AT_ONCE)
    found = np.full((len(store), DETECTED, 2), np.nan, np.float32)
    with (
        Pool(workers or os.cpu_count() or 1) as pool,
        Progress("crops looked at by the detector", count) as show,
    ):
        waiting = [pool.submit(_detected, folder, first, min(first + _AT_ONCE, count)) for first in starts]
        for first, future in zip(starts, waiting, strict=True):
            points = future.result()
            found[first : first + len(points)] = points
            show(first + len(points))
    store.add(folder, DETECTED_PX, found)


def moved(window: Window, rng: np.random.Generator, sd: tuple[float, ...]) -> Window:
    """Move, scale and turn a window at random; sd as WINDOW_SD."""
    dx, dy, size, turn = rng.normal(0, sd)
    return replace(
        window,
        x=window.x + dx * window.side,
        y=window.y + dy * window.side,
        side=window.side * np.exp(size),
        roll_rad=window.roll_rad + turn,
    )


def _detected(folder: Path, first: int, end: int) -> NDArray[np.float32]:
    """Detect in the crops first, first + 1, … end - 1."""
    from facegpt.detect.locate import Locator, window_of
    from facegpt.detect.networks import FaceNetworks
    from facegpt.detect.whole_head import FIRST_SIDE, crop_window

    store, networks, rng = CropStore(folder), FaceNetworks(), np.random.default_rng([first, 5])
    rows = store.rows(np.arange(first, end))
    found = np.full((len(rows["image"]), DETECTED, 2), np.nan, np.float32)
    for k, (image, truth) in enumerate(zip(rows["image"], rows["points_px"].astype(np.float64), strict=True)):
        locator = Locator(Photo(np.ascontiguousarray(image)), networks, PRESENCE, 1.0, refine=False, flip=False)
        points, presence = locator.landmarks(moved(window_of(truth[:DETECTED]), rng, WINDOW_SD))
        if presence < PRESENCE:
            window = moved(crop_window(truth[:DETECTED]), rng, WINDOW_SD)  # by the head's upright: eyes tell no roll
            points = networks.whole_head.opinion(locator.photo, window, window.side / FIRST_SIDE, 1.0).points
        if off_px(points, truth) / rows["px_per_mm"][k] < FARTHEST_MM:
            found[k] = points[:, :2]
    return found


def off_px(points: Array, truth: Array) -> float:
    """The mean distance in the picture of points (478, 2+) on the skin from the true ones (P, 2), pixels."""
    return float(np.linalg.norm(points[:SURFACE, :2] - truth[:SURFACE], axis=1).mean())
