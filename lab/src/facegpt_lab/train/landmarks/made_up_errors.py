"""Made-up errors of the face detector's points: what the dense landmark network must learn to correct and to doubt.

Real errors are whole patterns: a jaw seen too wide, both brows too high. So they are mixed from those that the detector
made on training crops, at a like yaw; to them come smooth random
patterns and shifts of whole parts, because on photos the detector means slightly other places than on renders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.geometry import canonical_face, derolled, upright_roll_rad
from facegpt.fitting.mediapipe_points import LEFT_IRIS, RIGHT_IRIS, SURFACE, parts
from facegpt.types import Array
from facegpt_lab.train.landmarks.crops import DETECTED_PX, CropStore

POINTS = 478
#: Crops that errors are measured on, and faces whose points lie further off than this (median) are lost, mm.
MEASURED, WORST_MM = 4000, 15.0
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ErrorSizes:
    """How large the errors are, mm unless it says otherwise.

    Attributes:
        smooth: SD of the smooth patterns. part: of shifts of whole parts. shift: of the face. noise: of each point.
        gross: share of faces with errors of another kind, whose points are moved, turned and scaled as a whole.
        measured: factor of all other errors of hard faces.
        someone: share of hard faces that get the points of someone else, in large part or in full.
        likeness: all others are drawn towards someone else by up to this share.
        sheared: share of hard faces that are stretched or sheared, and again of those that are shifted.
        alone: SD of the smooth patterns where no measured errors are at hand.
    """

    smooth: float = 0.7
    part: float = 0.4
    shift: float = 0.3
    noise: float = 0.2
    gross: float = 0.03
    measured: float = 0.75
    someone: float = 0.08
    likeness: float = 0.4
    sheared: float = 0.15
    alone: float = 1.6


class DetectorErrors:
    """Draws errors of the 478 points in mm of an upright face.

    Args:
        measured: (N, 478, 2) errors in mm on renders, upright, x right, y down; or none.
        yaw_deg: (N,) of those renders.
    """

    def __init__(
        self, measured: Array | None = None, yaw_deg: Array | None = None, sizes: ErrorSizes = ErrorSizes()
    ) -> None:
        self.sizes = sizes
        self.patterns, self.parts = _smooth_patterns(), _part_patterns()
        self.measured: Floats | None = None
        if measured is not None and yaw_deg is not None:
            mirror = canonical_face().mirror
            both = np.concatenate([measured, measured[:, mirror] * (-1, 1)]).astype(np.float32)
            yaw = np.concatenate([yaw_deg, -np.asarray(yaw_deg)])
            order = np.argsort(yaw, kind="stable")
            self.measured, self.yaw_deg = np.clip(both[order], -10, 10), yaw[order]

    @classmethod
    def of(cls, store: CropStore, count: int = MEASURED) -> DetectorErrors:
        """Measure them on a store's crops, at most `count`; made-up ones alone where the detector saw none of them."""
        if DETECTED_PX not in store.arrays:
            return cls()
        found, true, yaw = (store.arrays[name][:count] for name in (DETECTED_PX, "points_px", "yaw_deg"))
        true = true[:, :POINTS].astype(np.float64)
        errors = (found - true) / store.arrays["px_per_mm"][:count, None, None]
        good = np.median(np.linalg.norm(errors, axis=2), axis=1) < WORST_MM  # not where it is NaN
        if not good.any():
            return cls()
        upright = [derolled(errors[k], upright_roll_rad(true[k])) for k in np.flatnonzero(good)]
        return cls(np.array(upright, np.float32), np.asarray(yaw[good]))

    def draw(self, rng: np.random.Generator, yaw_deg: Array) -> Floats:
        """Draw errors (B, 478, 2) in mm for faces of some yaw (B,)."""
        count, sizes = len(yaw_deg), self.sizes
        smooth = sizes.smooth if self.measured is not None else sizes.alone
        size = smooth * np.exp(rng.normal(0, 0.4, (count, 1, 1)))
        found = size * _mix(rng, self.patterns, count) + sizes.part * _mix(rng, self.parts, count)
        found += rng.normal(0, sizes.shift, (count, 1, 2)) + rng.normal(0, sizes.noise, (count, POINTS, 2))
        if self.measured is not None:
            found += self._like(rng, yaw_deg)
        return found.astype(np.float32)

    def _like(self, rng: np.random.Generator, yaw_deg: Array) -> Floats:
        """Mix two measured errors of about the same yaw, a little larger or smaller than they were."""
        assert self.measured is not None
        count, reach = len(yaw_deg), max(len(self.measured) // 60, 2)
        place = np.searchsorted(self.yaw_deg, yaw_deg)

        def pick() -> Floats:
            rows = np.clip(place + rng.integers(-reach, reach + 1, count), 0, len(self.yaw_deg) - 1)
            return self.measured[rows]  # type: ignore[index]

        angle = rng.uniform(0, np.pi / 2, (count, 1, 1)).astype(np.float32)
        size = rng.uniform(0.5, 1.1, (count, 1, 1)).astype(np.float32)
        return np.asarray(size * (np.cos(angle) * pick() + np.sin(angle) * pick()), np.float32)

    def _hard(self, rng: np.random.Generator, found: Array, points: Array, yaw_deg: Array) -> Array:
        """Draw some faces' points towards those of another face of the batch at a like yaw, and distort others."""
        count, sizes = len(found), self.sizes
        order = np.argsort(yaw_deg)
        place = np.argsort(order)
        other = order[np.clip(place + rng.choice((-3, -2, -1, 1, 2, 3), count), 0, count - 1)]
        full = rng.random(count) < sizes.someone
        share = np.where(full, rng.uniform(0.4, 1.0, count), rng.uniform(0.0, sizes.likeness, count))[:, None, None]
        found = points + sizes.measured * (found - points) + share * (_onto(points[other], points) - points)
        stretch = np.eye(2) + rng.normal(0, 0.04, (count, 2, 2)) * (rng.random(count) < sizes.sheared)[:, None, None]
        shift = rng.normal(0, 0.03, (count, 1, 2)) * (rng.random(count) < sizes.sheared)[:, None, None]
        middle = found.mean(1, keepdims=True)
        return (found - middle) @ stretch + middle + shift

    def place(
        self, rng: np.random.Generator, points: Array, px_per_unit: float, labels: dict[str, Array], hard: bool = False
    ) -> Floats:
        """Put errors on true points.

        Args:
            rng: source of randomness.
            points: (B, P, 2) true dense points, crop units.
            px_per_unit: pixels of one crop unit.
            labels: has yaw_deg (B,) and px_per_mm (B,).
            hard: many of the faces get points of someone else, sheared or stretched, so that only the picture helps:
                a network that sees measured errors alone learns to undo those few patterns and to trust the rest.

        Returns:
            (B, 478, 2) what the detector might have said, crop units.
        """
        scale = (labels["px_per_mm"] / px_per_unit)[:, None, None]
        found = points[:, :POINTS] + self.draw(rng, labels["yaw_deg"]) * scale
        gross = rng.random(len(points)) < self.sizes.gross
        if gross.any():
            found[gross] = _moved(rng, found[gross])
        if hard:
            found = self._hard(rng, found, points[:, :POINTS], labels["yaw_deg"])
        return found.astype(np.float32)


def _onto(points: Array, target: Array) -> Array:
    """Move, turn and scale sets of points (B, N, 2) onto others in the least-squares sense (complex regression)."""
    a, b = (each - each.mean(1, keepdims=True) for each in (points, target))
    ac, bc = a[..., 0] + 1j * a[..., 1], b[..., 0] + 1j * b[..., 1]
    moved = ac * ((ac.conj() * bc).sum(1) / (np.abs(ac) ** 2).sum(1))[:, None]
    return np.stack([moved.real, moved.imag], -1) + target.mean(1, keepdims=True)


def _moved(rng: np.random.Generator, points: Array) -> Array:
    """Turn, scale and shift whole faces, as a detector does that looked at the wrong place."""
    count = len(points)
    angle = rng.normal(0, 0.15, count)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    middle = points.mean(1, keepdims=True)
    stretch = np.exp(rng.normal(0, 0.12, (count, 1, 2)))
    return (points - middle) * stretch @ turn.transpose(0, 2, 1) + middle + rng.normal(0, 0.12, (count, 1, 2))


def _mix(rng: np.random.Generator, patterns: Floats, count: int) -> Floats:
    """Mix patterns (478, K) at random, x and y apart: (B, 478, 2), of the patterns' own size."""
    weights = rng.normal(0, 1, (count, patterns.shape[1], 2)).astype(np.float32)
    return np.einsum("pk,bkc->bpc", patterns, weights)


def _places() -> Array:
    """(478, 3) places on the canonical face in units of about half its size; irises at their eyes' corners."""
    points = canonical_face().points
    irises = [points[[33, 133]].mean(0)] * len(RIGHT_IRIS) + [points[[263, 362]].mean(0)] * len(LEFT_IRIS)
    places = np.concatenate([points, irises])
    centred = places - places.mean(0)
    return centred / np.abs(centred).max(0)


def _smooth_patterns() -> Floats:
    """(478, K) smooth functions on the face, of RMS 1 together: polynomials and waves of few periods."""
    x, y, z = _places().T
    waves = [wave(np.pi * k * axis) for axis in (x, y) for k in (1, 1.5) for wave in (np.sin, np.cos)]
    patterns = np.stack([x, y, z, x * y, x * x, y * y, np.abs(x), *waves], 1)
    patterns -= patterns.mean(0)
    patterns /= np.sqrt((patterns**2).mean(0))
    return (patterns / np.sqrt(patterns.shape[1])).astype(np.float32)


def _part_patterns() -> Floats:
    """(478, K): 1 on one part of the face, left and right apart, the oval stretched about the middle instead."""
    x = _places()[:, 0]
    patterns: list[Array] = []
    for name, rows in parts().items():
        own = np.zeros(POINTS)
        own[rows] = 1.0
        patterns += [own * (x > -1e-6), own * (x < 1e-6)] if name in ("lids", "brows") else [own]
        if name in ("oval", "lips"):
            patterns.append(own * np.sign(x))
    irises = np.zeros(POINTS)
    irises[SURFACE:] = 1.0
    return np.stack([*patterns, irises], 1).astype(np.float32)
