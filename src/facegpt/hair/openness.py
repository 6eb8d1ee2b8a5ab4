"""How much light from around reaches hair, and the skin below it: what the hair before it lets through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from facegpt.hair.atlas import DENSE, MEDIUM
from facegpt.hair.body import Body
from facegpt.hair.cards import Cards, Locks
from facegpt.hair.lines.guides import resampled
from facegpt.render.scalar import KERNEL
from facegpt.types import Array

#: Cell of the grid that hair is counted in, mm; its margin; and how much a lock's surface (mm² a cell) takes away.
_CELL, _MARGIN = 7.0, 30.0
_TAKES = 0.5
_DIRECTIONS = np.array(
    [
        *((0, 1, 0), (0.7, 0.7, 0), (-0.7, 0.7, 0), (0, 0.7, 0.7), (0, 0.7, -0.7), (1, 0.1, 0), (-1, 0.1, 0)),
        *((0, 0.1, 1), (0, 0.1, -1), (0.7, 0.2, 0.7), (-0.7, 0.2, 0.7), (0.7, 0.2, -0.7), (-0.7, 0.2, -0.7)),
        *((0.5, -0.6, 0.5), (-0.5, -0.6, 0.5), (0.5, -0.6, -0.5), (-0.5, -0.6, -0.5)),
    ],
    np.float32,
)
_WEIGHTS = np.array([1.6, *[1.3] * 4, *[1.0] * 8, *[0.5] * 4], np.float32)


def open_to_light(
    lines: Array, widths: Array, cover: Array, points: Array, normals: Array, solid: Array | None = None
) -> Array:
    """Share 0..1 of the light from around that reaches points (P, 3) with normals (P, 3) through locks.

    lines: (N, K, 3) middle lines, mm. widths: (N,) mm. cover: (N,) 0..1 how solid each is.
    """
    low = lines.reshape(-1, 3).min(0) - _MARGIN
    shape = tuple((((lines.reshape(-1, 3).max(0) + _MARGIN) - low) / _CELL).astype(int) + 2)
    grid = np.zeros(shape, np.float32)
    middle = 0.5 * (lines[:, 1:] + lines[:, :-1])
    size = np.linalg.norm(np.diff(lines, axis=1), axis=2) * (widths * cover)[:, None]
    place = (middle.reshape(-1, 3) - low) / _CELL
    _deposit(place.astype(np.float32), size.ravel().astype(np.float32), grid)
    depth = _TAKES * grid / _CELL**2
    start = ((points + 2.0 * normals - low) / _CELL).astype(np.float32)
    directions = _DIRECTIONS / np.linalg.norm(_DIRECTIONS, axis=1, keepdims=True)
    found = np.empty(len(start), np.float32)
    _gather(start, np.asarray(normals, np.float32), directions, _WEIGHTS, depth, found)
    return found


def light_of(sets: Sequence[Locks], cards: Cards, body: Body) -> Array:
    """Openness (P + V,) of the cards' vertices and of the head's."""
    lines, widths, covers = [], [], []
    for locks in sets:
        even = resampled(locks.lines, np.ones(len(locks.width)), 16)
        cover = np.where(np.isin(locks.strip, DENSE), 0.9, np.where(np.isin(locks.strip, MEDIUM), 0.6, 0.25))
        lines.append(even)
        widths.append(locks.width)
        covers.append(cover)
    points = np.concatenate([cards.vertices, body.vertices])
    normals = np.concatenate([cards.normals, body.normals])
    light = open_to_light(np.concatenate(lines), np.concatenate(widths), np.concatenate(covers), points, normals)
    light[: len(cards.vertices)] *= np.concatenate([_between(locks) for locks in sets])
    return np.minimum(light, 1.0)


def _between(locks: Locks) -> Array:
    """What locks close by do to the light on each vertex of their cards (2NK,)."""
    return np.repeat(np.broadcast_to(locks.light, locks.lines.shape[:2]).ravel(), 2)


@njit(cache=True)
def _deposit(place, size, grid):  # type: ignore[no-untyped-def]
    for n in range(len(place)):
        i, j, k = int(place[n, 0]), int(place[n, 1]), int(place[n, 2])
        fx, fy, fz = place[n, 0] - i, place[n, 1] - j, place[n, 2] - k
        for a in range(2):
            for b in range(2):
                for c in range(2):
                    share = (fx if a else 1 - fx) * (fy if b else 1 - fy) * (fz if c else 1 - fz)
                    grid[i + a, j + b, k + c] += share * size[n]


@njit(**KERNEL)
def _gather(start, normals, directions, weights, depth, found):  # type: ignore[no-untyped-def]
    shape = depth.shape
    for n in range(len(start)):
        light, total = 0.0, 0.0
        for d in range(len(directions)):
            slope = (
                normals[n, 0] * directions[d, 0] + normals[n, 1] * directions[d, 1] + normals[n, 2] * directions[d, 2]
            )
            weight = weights[d] * max(0.15 + slope, 0.0)
            if weight <= 0:
                continue
            total += weight
            through, step = 0.0, 1.0
            x, y, z = start[n, 0], start[n, 1], start[n, 2]
            for _ in range(9):
                x += step * directions[d, 0]
                y += step * directions[d, 1]
                z += step * directions[d, 2]
                i, j, k = int(x), int(y), int(z)
                if x < 0 or y < 0 or z < 0 or i >= shape[0] - 1 or j >= shape[1] - 1 or k >= shape[2] - 1:
                    break
                through += depth[i, j, k] * step
                step *= 1.15
            light += weight * np.exp(-through)
        found[n] = light / max(total, 1e-6)
