"""Formulas of two named points, as in the column `points` of attributes.csv: "height(tragion, exocanthion)".

A point is a landmark of the head model (landmark_names) or of shape_gauge.py. One with a left and a right, named
without its side, is measured on both sides, and the mean is taken. Frame: the head's, in which a
head can be held high or low: points near one another measure a part, points far apart the hold of the head as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceGPTError

_FORMULA = re.compile(r"\s*(\w+)\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)\s*")
#: Formula → what it gives of the way (B, 3) in mm from the second point to the first.
FORMULAS: dict[str, Callable[[Array], Array]] = {
    "distance": lambda way: np.linalg.norm(way, axis=-1),
    "height": lambda way: way[:, 1],
    "depth": lambda way: way[:, 2],
    "width": lambda way: np.abs(way[:, 0]),
    "rise": lambda way: np.degrees(np.arctan2(way[:, 1], np.abs(way[:, 0]))),
}


class Points(Protocol):
    """Named points of B heads."""

    def __getitem__(self, name: str) -> Array:
        """(B, 3) mm; KeyError for a name that is not there."""
        ...


def measured(formula: str, points: Points) -> Array:
    """The value (B,) of a formula: mm, of "rise" degrees.

    Raises:
        FaceGPTError: for a formula or a point that is not known.
    """
    match = _FORMULA.fullmatch(formula)
    if match is None or match[1] not in FORMULAS:
        raise FaceGPTError(f"'{formula}' is no measure; write one as in 'height(tragion, exocanthion)': {_known()}")
    try:
        sides = _ways(points, match[2], match[3])
    except KeyError as unknown:
        raise FaceGPTError(f"'{formula}' names the point {unknown}, which no head has") from None
    return np.mean([FORMULAS[match[1]](way) for way in sides], axis=0)


def _known() -> str:
    return ", ".join(FORMULAS)


def _ways(points: Points, first: str, second: str) -> list[Array]:
    """The ways (B, 3) from the second point to the first: one, or one of each side."""
    one, other = _sided(points, first), _sided(points, second)
    return [
        a - b for a, b in zip(one * (len(other) // len(one) or 1), other * (len(one) // len(other) or 1), strict=True)
    ]


def _sided(points: Points, name: str) -> list[Array]:
    try:
        return [points[name]]
    except KeyError:
        return [points[f"{name}_{side}"] for side in ("left", "right")]


def unit(a: Array) -> Array:
    """Directions (..., 3) of length one."""
    return a / np.linalg.norm(a, axis=-1, keepdims=True)


def cut_edges(a: Array, b: Array, level: Array, axis: int) -> tuple[NDArray[np.bool_], Array]:
    """Cut edges a→b (B, N, 3) by the plane coordinate `axis` = level (B,): whether they cross (B, N), and where."""
    from_a, from_b = a[..., axis] - level[:, None], b[..., axis] - level[:, None]
    crossing = from_a * from_b <= 0
    share = from_a / np.where(from_a == from_b, 1.0, from_a - from_b)
    return crossing, a + share[..., None] * (b - a)


def soft_peak(height: Array, points: Array, softness: float) -> Array:
    """The place (B, 3) among points (B, N, 3) where height (B, N) is greatest, as a smooth mean around it."""
    weight = np.exp((height - height.max(1, keepdims=True)) / softness)
    return (weight[..., None] * points).sum(1) / weight.sum(1)[:, None]


def profile_axes(top: Array, bottom: Array) -> tuple[Array, Array]:
    """Unit directions (B, 3) along a line of the profile, and square to it out of the face."""
    along = unit((bottom - top) * (0, 1, 1))
    return along, np.stack([np.zeros(len(along)), along[:, 2], -along[:, 1]], -1)


def loop_area(loop: Array) -> Array:
    """Area (B,) of closed loops (B, N, 3), mm²: the length of their area vector."""
    return np.linalg.norm(np.cross(loop, np.roll(loop, -1, axis=1)).sum(1), axis=-1) / 2
