"""Boxes of faces (4,) in pixels: x0, y0, x1, y1."""

from __future__ import annotations

import numpy as np

from facegpt.detect.blazeface import intersection_over_union
from facegpt.types import Array


def overlap(one: Array, other: Array) -> float:
    """Intersection over union of two boxes."""
    boxes = np.asarray([one, other], np.float64).reshape(2, 2, 2)
    return float(intersection_over_union(boxes[0], boxes[1:])[0])


def grown(box: Array, margin: float) -> Array:
    """A box that is larger by a share `margin` of its width and height on each side."""
    more = margin * (box[2:] - box[:2])
    return np.concatenate([box[:2] - more, box[2:] + more])
