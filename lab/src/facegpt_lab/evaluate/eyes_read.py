"""Eyes as MediaPipe's landmark network reads them: how far open, how much of the iris is covered, how wide it is.

A judge that looks at a photo and at the head drawn over it through the same window, so that its habits are in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.locate import Locator
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.outlines import in_polygon
from facegpt.detect.windows import Photo, Window
from facegpt.fitting.eye_opening import EYES, LIDS
from facegpt.fitting.mediapipe_points import LEFT_IRIS, RIGHT_IRIS
from facegpt.types import Array

#: Rows of an eye's 16 points in the order of its outline: the lower lid outwards in, the upper one back.
_OUTLINE = (*range(8), 8, *range(15, 8, -1))
#: Points along a diameter of the iris where it is looked up whether the lids cover it.
_GRID = 41


@dataclass(frozen=True)
class EyesRead:
    """Both eyes, left then right, each (2,).

    Attributes:
        opening: mean distance of the three middle pairs of lid points over that of the corners.
        covered: share of the iris, as a disc, outside the outline of the lids.
        iris: its diameter over the distance of the corners.
    """

    opening: Array
    covered: Array
    iris: Array


def read_points(image: NDArray[np.uint8], window: Window) -> Array:
    """The points (478, 3) px of the face of an image (H, W, 3) in a window: the mean of it and of its mirror image."""
    locator = Locator(Photo(np.ascontiguousarray(image)), _networks(), 0.5, 1.0, False, False)
    return (locator.landmarks(window)[0] + locator.landmarks(replace(window, mirrored=True))[0]) / 2


def eyes_of(points: Array) -> EyesRead:
    """Read the eyes off points (478, 2 or more)."""
    seen = np.asarray(points, np.float64)[:, :2]
    found = [_eye(seen[LIDS[eye]], seen[list(iris)]) for eye, iris in zip(EYES, (LEFT_IRIS, RIGHT_IRIS), strict=True)]
    opening, covered, iris = np.array(found).T
    return EyesRead(opening, covered, iris)


def _eye(lids: Array, iris: Array) -> tuple[float, float, float]:
    width = max(float(np.linalg.norm(lids[0] - lids[8])), 1e-6)
    gap = float(np.linalg.norm(lids[11:14] - lids[3:6], axis=1).mean())
    radius = float(np.linalg.norm(iris[1] - iris[3])) / 2
    x, y = np.meshgrid(*[np.linspace(-1, 1, _GRID)] * 2)
    disc = iris[0] + radius * np.stack([x, y], -1)[np.hypot(x, y) <= 1]
    return gap / width, 1 - float(in_polygon(disc, lids[list(_OUTLINE)]).mean()), 2 * radius / width


@cache
def _networks() -> FaceNetworks:
    return FaceNetworks()
