"""Pieces that glasses are put together from: swept bars, caps and lenses. mm; triangles counter-clockwise outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array


@dataclass(frozen=True, eq=False)
class Piece:
    """One part: its name, its surface (a name of build.surfaces), vertices (P, 3) and triangles (F, 3)."""

    name: str
    surface: str
    vertices: Array
    triangles: NDArray[np.int32]

    def turned(self) -> Piece:
        """The same with its triangles looking the other way."""
        return Piece(self.name, self.surface, self.vertices, self.triangles[:, ::-1])


def lofted(name: str, surface: str, rings: Array, closed: bool) -> Piece:
    """The solid through rings (N, K, 3): a loop of them, or a bar with flat ends."""
    count, sides = rings.shape[:2]
    rows = np.arange(count if closed else count - 1)[:, None]
    column = np.arange(sides)[None]
    a, b = rows * sides + column, rows * sides + (column + 1) % sides
    c, d = ((rows + 1) % count) * sides + (column + 1) % sides, ((rows + 1) % count) * sides + column
    faces = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    vertices = rings.reshape(-1, 3)
    if not closed:
        middles = np.stack([rings[0].mean(0), rings[-1].mean(0)])
        first, last, turn = len(vertices), (count - 1) * sides, np.arange(sides)
        vertices = np.concatenate([vertices, middles])
        after = (turn + 1) % sides
        faces += [np.stack([0 * turn + first, after, turn], 1)]
        faces += [np.stack([0 * turn + first + 1, last + turn, last + after], 1)]
    piece = Piece(name, surface, vertices, np.concatenate(faces).astype(np.int32))
    return piece if _volume(piece) > 0 else piece.turned()


def _volume(piece: Piece) -> float:
    """Six times the volume inside, negative where the triangles look inward."""
    corners = (piece.vertices - piece.vertices.mean(0))[piece.triangles]
    return float(np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])))


def profile(sides: int, power: float) -> Array:
    """A rounded rectangle of half sizes 1: (sides, 2); power 2 is a circle."""
    turn = 2 * np.pi * (np.arange(sides) + 0.5) / sides
    ring = np.stack([np.cos(turn), np.sin(turn)], 1)
    return np.asarray(np.sign(ring) * np.abs(ring) ** (2 / power))


def bar(
    name: str, surface: str, path: Array, half: Array | Sequence[float], up: Sequence[float], sides: int = 10,
    power: float = 2.6,
) -> Piece:  # fmt: skip
    """A bar along a path (N, 3) with half sizes (N, 2) or (2,), across and along `up`."""
    path = np.asarray(path, np.float64)
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.cross(np.asarray(up, np.float64), along)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    upward = np.cross(along, across)
    size = np.broadcast_to(np.asarray(half, np.float64), (len(path), 2))
    ring = profile(sides, power)
    rings = path[:, None] + (size[:, None, 0, None] * ring[None, :, 0, None]) * across[:, None]
    rings = rings + (size[:, None, 1, None] * ring[None, :, 1, None]) * upward[:, None]
    return lofted(name, surface, rings, closed=False)


def ellipsoid(name: str, surface: str, middle: Array, axes: Array, sides: int = 10) -> Piece:
    """An ellipsoid about `middle` with half axes as rows (3, 3)."""
    tilt = np.linspace(0.12, np.pi - 0.12, 7)[:, None]
    spin = np.linspace(0, 2 * np.pi, sides, endpoint=False)[None]
    ring = np.stack([np.sin(tilt) * np.cos(spin), np.sin(tilt) * np.sin(spin), np.cos(tilt) + 0 * spin], -1)
    return lofted(name, surface, middle + ring @ np.asarray(axes), closed=False)


def smooth_path(points: Array, count: int) -> Array:
    """A path (count, 3) along a broken line (K, 3) whose corners are rounded, evenly spaced."""
    line = np.asarray(points, np.float64)
    for _ in range(3):  # Chaikin: every corner is cut at its quarters
        first, last = line[:1], line[-1:]
        cut = np.stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]], 1).reshape(-1, 3)
        line = np.concatenate([first, cut, last])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    even = np.linspace(0, along[-1], count)
    return np.stack([np.interp(even, along, line[:, k]) for k in range(3)], 1)
