"""What the head's own shape keeps from the light: which directions each point of the skin sees, and the light it gets.

The nine harmonics of a light reach an open surface as in render/lighting.py. Brow, nose, lips and chin hide part of the
sky; the shading is then linear in the same coefficients, with other columns (precomputed transfer: Sloan et al. 2002,
sec. 4). They are found for the head as it is, with its own nose and its mouth as open as it is.

Frames: camera (x right, y down, z forward), mm. Directions are unit vectors towards the light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.lighting import LAMBERT_PER_BASIS, SH_CONSTANTS, sh_basis
from facegpt.render.scalar import KERNEL
from facegpt.render.uv import depth_map
from facegpt.types import Array, Camera

#: Directions over the sphere; side of the depth maps, pixels; how far above the skin a point is tested, mm.
DIRECTIONS, MAP_PX, LIFT_MM = 40, 96, 3.0
#: Share of the light that hidden directions send all the same: skin is lit by the skin in front of it.
BOUNCED = 0.3
#: Least share of the mean light, and of its own, that a point is drawn with.
LEAST_LEFT = 0.15
#: Distance of the camera that stands in for a light far away, mm.
_FAR_MM = 4000.0


@dataclass(frozen=True)
class Shelter:
    """What each vertex sees.

    Attributes:
        towards: (D, 3) directions, evenly spread. open: (V, D) float32, 1 where nothing of the head is in the way.
    """

    towards: NDArray[np.float64]
    open: NDArray[np.float32]

    def transfer(self, normals: Array) -> NDArray[np.float32]:
        """Columns (V, 9) of the shading by the coefficients of the light, at vertices with these normals (V, 3)."""
        normals = np.asarray(normals, np.float64)
        facing = np.maximum(normals @ self.towards.T, 0) * (4 / len(self.towards))  # sums to 1 over the open sphere
        hidden = facing * (1 - self.open)
        lost = hidden @ (sh_basis(self.towards) / LAMBERT_PER_BASIS)
        lost[:, 0] -= BOUNCED * hidden.sum(1) * SH_CONSTANTS[0]
        return (sh_basis(normals) - lost).astype(np.float32)

    def with_middles(self, edges: NDArray[np.integer]) -> Shelter:
        """The same, and what points between two vertices see, those of edges (E, 2): what the two do in the mean."""
        if not len(edges):
            return self
        between = (self.open[edges[:, 0]] + self.open[edges[:, 1]]) / 2
        return Shelter(self.towards, np.concatenate([self.open, between]))


def light_left(shelter: Shelter, normals: Array, rotation: Array, lights: Sequence[Array]) -> list[NDArray[np.float32]]:
    """For each light the share (V,) of an open surface's that vertices get in a shelter of `kept_shelter`, at most 1.

    normals: (V, 3) in the head's own frame. rotation: (3, 3) from there to the frame of the lights, each (9, 3), as of
    the shelter. Pictures put back with it what `appearance` takes out of a photo's skin.
    """
    turned = np.asarray(normals, np.float64) @ np.asarray(rotation, np.float64).T
    columns, basis = shelter.transfer(turned), sh_basis(turned)
    shares = []
    for light in (np.asarray(each, np.float64).mean(1) for each in lights):
        floor = LEAST_LEFT * SH_CONSTANTS[0] * max(float(light[0]), 1e-6)
        share = np.maximum(columns @ light, floor) / np.maximum(basis @ light, floor)
        shares.append(np.clip(share, LEAST_LEFT, 1).astype(np.float32))
    return shares


def kept_shelter(vertices: Array, normals: Array, triangles: NDArray[np.integer], rotation: Array) -> Shelter:
    """The shelter of a head turned by `rotation` (3, 3); one shape is looked at once, for its skin and all pictures.

    vertices, normals: (V, 3) in the head's own frame.
    """
    own = _kept_shelter(_bytes(vertices, np.float32), _bytes(normals, np.float32), _bytes(triangles, np.int32))
    return Shelter(own.towards @ np.asarray(rotation, np.float64).T, own.open)


@lru_cache(maxsize=4)
def _kept_shelter(vertices: bytes, normals: bytes, triangles: bytes) -> Shelter:
    """What the vertices of the last few shapes see; arrays as bytes, so that the same shape is known again."""
    places, facing = (np.frombuffer(each, np.float32).reshape(-1, 3) for each in (vertices, normals))
    corners, towards = np.frombuffer(triangles, np.int32).reshape(-1, 3), even_directions(DIRECTIONS)
    centred = places - places.mean(0)
    return Shelter(towards, np.stack([_sees(centred, facing, corners, direction) for direction in towards], 1))


def _bytes(values: NDArray[Any], kind: type[np.generic]) -> bytes:
    return np.ascontiguousarray(values, kind).tobytes()


def sees(vertices: Array, normals: Array, triangles: NDArray[np.integer], towards: Array) -> NDArray[np.float32]:
    """How much of a small light far away in one direction (3,) reaches each vertex: (V,) in 0..1."""
    return _sees(np.asarray(vertices) - np.asarray(vertices).mean(0), normals, triangles, towards)


def _sees(centred: Array, normals: Array, triangles: NDArray[np.integer], towards: Array) -> NDArray[np.float32]:
    turn = _turn_to(*(float(value) for value in towards)).astype(np.float32)
    placed = np.asarray(centred, np.float32) @ turn.T
    reach = float(max(placed[:, 0].max(), placed[:, 1].max(), -placed[:, 0].min(), -placed[:, 1].min())) + 1.0
    placed[:, 2] += np.float32(_FAR_MM)
    focal = 0.5 * MAP_PX * (_FAR_MM - 300) / reach
    camera = Camera(focal, ((MAP_PX - 1) / 2,) * 2, MAP_PX, MAP_PX)
    out = np.zeros(len(placed), np.float32)
    lift = np.float32(LIFT_MM) * (np.asarray(normals, np.float32) @ turn.T)
    _lit(placed, lift, np.float32(focal), depth_map(placed, triangles, camera), out)
    return out


@njit(**KERNEL)
def _lit(placed, lift, focal, depth, out):  # type: ignore[no-untyped-def]
    """Add to out (N,) how much of the four pixels of a map of depth (H, W) lies behind places (N, 3), so far lifted."""
    for n in range(len(placed)):
        z = placed[n, 2] + lift[n, 2]
        column = (placed[n, 0] + lift[n, 0]) / z * focal + (depth.shape[1] - 1) / 2
        row = (placed[n, 1] + lift[n, 1]) / z * focal + (depth.shape[0] - 1) / 2
        x = min(max(math.floor(column), 0), depth.shape[1] - 2)
        y = min(max(math.floor(row), 0), depth.shape[0] - 2)
        across, down = min(max(column - x, 0.0), 1.0), min(max(row - y, 0.0), 1.0)
        for right in range(2):
            for below in range(2):
                if z <= depth[y + below, x + right] + LIFT_MM / 2:
                    out[n] += abs(1 - right - across) * abs(1 - below - down)


def even_directions(count: int) -> NDArray[np.float64]:
    """Unit vectors (count, 3) spread evenly over the sphere along a spiral."""
    k = np.arange(count) + 0.5
    z, around = 1 - 2 * k / count, np.pi * (1 + np.sqrt(5)) * k
    ring = np.sqrt(1 - z * z)
    return np.stack([ring * np.cos(around), ring * np.sin(around), z], 1)


@lru_cache(maxsize=2 * DIRECTIONS)
def _turn_to(right: float, down: float, ahead: float) -> NDArray[np.float64]:
    """The rotation (3, 3) after which a light from a direction comes from the camera at the origin, along +z."""
    z = -np.array([right, down, ahead])
    side = np.cross(z, [0.0, 1.0, 0.0] if abs(z[1]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(z, side), z])
