"""How much of the light from around reaches hair and skin, from shadow maps of many directions."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.render.base import AMBIENT_WHITE, Topology, View
from facegpt.render.numba_cpu.renderer import NumbaRenderer

Array = NDArray[np.floating]

N_DIRECTIONS, MAP_SIZE, AWAY_MM = 72, 192, 4000.0
#: Light through hair falls off over this many mm of depth; on skin, hair leaves this share of it.
THROUGH_MM, THROUGH_TO_SKIN = 14.0, 0.15


def open_to_light(
    hair: Array, hair_normals: Array, triangles: NDArray[np.integer], solid: NDArray[np.bool_], skin: Array,
    skin_normals: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """Share of the light from around that reaches hair (P,) and skin (V,), in 0..1.

    Args:
        hair: (P, 3) mm.
        hair_normals: (P, 3) unit.
        triangles: (F, 3) of the hair.
        solid: (F,) those of them that hold back light.
        skin: (V, 3) mm.
        skin_normals: (V, 3) unit.
    """
    light = [np.zeros(len(hair)), np.zeros(len(skin))]
    total = [np.zeros(len(hair)), np.zeros(len(skin))]
    for direction in sphere(N_DIRECTIONS):
        above = 0.35 + 0.65 * (direction[1] + 1) / 2  # rooms are brighter above
        gaps = _gaps(direction, hair, triangles[solid], (hair, skin))
        for i, normals in enumerate((hair_normals, skin_normals)):
            facing = above * np.clip(normals @ direction + (0.3 if i == 0 else 0.0), 0, None)
            passed = np.exp(-np.maximum(gaps[0] - 4, 0) / THROUGH_MM) if i == 0 else _to_skin(gaps[1])
            light[i] += facing * passed
            total[i] += facing
    return light[0] / total[0], light[1] / np.maximum(total[1], 1e-9)


def _to_skin(gap: Array) -> Array:
    return 1 - (1 - THROUGH_TO_SKIN) * np.clip(gap - 1, 0, 1)


def _gaps(direction: Array, hair: Array, triangles: NDArray[np.integer], points: tuple[Array, ...]) -> list[Array]:
    """How far points lie behind the hair seen from `direction`, mm; 0 where it does not hide them."""
    side = np.cross(direction, [0.0, 1.0, 0.0] if abs(direction[1]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    rotation = np.stack([side, np.cross(-direction, side), -direction])
    centre = (hair.min(0) + hair.max(0)) / 2
    reach = np.linalg.norm(hair - centre, axis=1).max() + 5
    focal = AWAY_MM * (MAP_SIZE / 2) / reach
    middle = (MAP_SIZE - 1) / 2

    def seen(p: Array) -> Array:
        return (p - centre) @ rotation.T + [0, 0, AWAY_MM]

    placed = torch.from_numpy(seen(hair).astype(np.float32))[None]
    faces = torch.from_numpy(np.ascontiguousarray(triangles, np.int32))
    topology = Topology(faces, torch.zeros(len(hair), 2), faces)
    light = torch.zeros(1, 9, 3)
    light[:, 0] = AMBIENT_WHITE
    view = View(torch.tensor([focal]), torch.tensor([[middle, middle]]), MAP_SIZE, MAP_SIZE)
    depth = NumbaRenderer(1).render(placed, topology, torch.ones(1, 3, 4, 4), light, view).depth[0].numpy()
    found = []
    for p in points:
        q = seen(p)
        xy = np.round(q[:, :2] / q[:, 2:] * focal + middle).astype(int)
        inside = ((xy >= 0) & (xy < MAP_SIZE)).all(1)
        xy = np.clip(xy, 0, MAP_SIZE - 1)
        nearest = depth[xy[:, 1], xy[:, 0]]
        found.append(np.where(inside & (nearest > 0), np.maximum(q[:, 2] - nearest, 0), 0.0))
    return found


def sphere(count: int) -> Array:
    """Spread directions evenly (Fibonacci's spiral): (count, 3)."""
    i = np.arange(count) + 0.5
    y = 1 - 2 * i / count
    turn = np.pi * (1 + 5**0.5) * i
    return np.stack([np.sqrt(1 - y**2) * np.cos(turn), y, np.sqrt(1 - y**2) * np.sin(turn)], 1)
