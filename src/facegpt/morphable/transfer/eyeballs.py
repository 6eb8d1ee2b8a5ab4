"""Eyeballs of different head models and the way from one to the other: by millimetres along the ball from its pole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Eyeball:
    """A ball: centre (3,) mm, radius mm, and the direction of its iris at rest, pole (3,) unit."""

    centre: Floats
    radius: float
    pole: Floats

    def axes(self) -> Floats:
        """(3, 3) rows: right-handed axes of the eye, the last along its pole, the second as upright as can be."""
        across = np.cross([0.0, 1.0, 0.0], self.pole)
        across /= np.linalg.norm(across)
        return np.stack([across, np.cross(self.pole, across), self.pole])


def eyeball_of(
    vertices: Array, triangles: NDArray[np.integer], centre: Array | None = None, pole: Array | None = None
) -> Eyeball:
    """The sphere nearest to the triangles' vertices, about `centre` or the best one, that looks along `pole` or +z."""
    points = np.asarray(vertices, np.float64)[np.unique(triangles)]
    if centre is None:
        # |p|² = 2 p·c + (r² - |c|²) is linear in the centre c
        middle = points.mean(0)
        system = np.c_[2 * (points - middle), np.ones(len(points))]
        solved = np.linalg.lstsq(system, ((points - middle) ** 2).sum(1), rcond=None)[0]
        centre = solved[:3] + middle
    place = np.asarray(centre, np.float64)
    way = np.array([0.0, 0.0, 1.0]) if pole is None else np.asarray(pole, np.float64)
    return Eyeball(place, float(np.median(np.linalg.norm(points - place, axis=1))), way / np.linalg.norm(way))


def mapped_to(points: Array, source: Eyeball, target: Eyeball) -> Floats:
    """Points (N, 3) on one ball at the same distance along the other from its pole, in the same direction.

    Irises are equally large on all people, so they keep their millimetres and not their angle.
    """
    offset = (np.asarray(points, np.float64) - source.centre) @ source.axes().T
    direction = offset / np.maximum(np.linalg.norm(offset, axis=1, keepdims=True), 1e-9)
    polar = np.arccos(np.clip(direction[:, 2], -1, 1)) * source.radius / target.radius
    polar = np.minimum(polar, np.pi)
    around = np.arctan2(direction[:, 1], direction[:, 0])
    unit = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], 1)
    return target.centre + target.radius * unit @ target.axes()
