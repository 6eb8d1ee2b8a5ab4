"""Parts of the head that are made anew: teeth on MakeHuman's tooth strips, eyeballs, and the order of lash strips."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from lab.runs.shared.sources import N_BASE_VERTICES, Array, BaseMesh

Ints = NDArray[np.int64]

EYE_RADIUS_MM = 12.6
EYE_SEGMENTS = 24
#: Polar angles of the eyeball's rings; the iris ends at 27.7 degrees (11.71 mm across on a 12.6 mm sphere).
EYE_RINGS_DEG = (4.0, 10.0, 16.0, 22.0, 27.7, 34.0, 42.0, 52.0, 65.0, 80.0, 100.0, 125.0, 152.0)
TEETH_PER_JAW, COLUMNS_PER_TOOTH = 14, 4
#: Widths of the teeth of one side in mm, from the middle to the back: incisors, canine, premolars, molars.
TOOTH_WIDTHS_MM = {
    "helper-upper-teeth": (8.5, 6.5, 7.6, 7.0, 6.8, 10.2, 9.8),
    "helper-lower-teeth": (5.4, 5.9, 6.8, 7.0, 7.1, 11.0, 10.5),
}
#: Rows of a jaw in units of the strip's own rows: 0 top of the gum outside, 2 biting edge, 3 gum inside.
JAW_ROWS = (0.0, 0.4, 0.8, 1.15, 1.55, 1.9, 2.1, 2.5, 3.0)


@dataclass(frozen=True)
class Part:
    """A part of its own: vertices (or their blend of MakeHuman vertices), triangles, mirror and grid coordinates."""

    blend: sp.csr_matrix
    triangles: Ints
    mirror: Ints
    grid: Array
    vertices: Array | None = None


def strip_grid(quads: Ints, vertices: Array) -> Ints:
    """Order the vertices of a rectangular strip of quads: (rows, columns), long side along columns."""
    owners: dict[tuple[int, int], int] = defaultdict(int)
    for quad in quads.tolist():
        for a, b in zip(quad, quad[1:] + quad[:1], strict=True):
            owners[min(a, b), max(a, b)] += 1
    neighbours, rim = defaultdict(set), defaultdict(set)
    for (a, b), count in owners.items():
        for table in (neighbours, rim) if count == 1 else (neighbours,):
            table[a].add(b)
            table[b].add(a)
    corners = sorted(v for v in neighbours if len(neighbours[v]) == 2)
    sides = []
    for step in rim[corners[0]]:
        side = [corners[0], step]
        while side[-1] not in corners:
            side += [v for v in rim[side[-1]] if v != side[-2]]
        sides.append(side)
    row = max(sides, key=len)
    first_column = min(sides, key=len)
    rows = [row]
    for start in first_column[1:]:
        above, current, used = rows[-1], [start], {v for r in rows for v in r}
        for k in range(1, len(row)):
            options = (neighbours[current[-1]] & neighbours[above[k]]) - used - set(current)
            current.append(options.pop())
        rows.append(current)
    grid = np.array(rows)
    return grid if vertices[grid[0, 0], 0] <= vertices[grid[0, -1], 0] else grid[:, ::-1]


def _grid_triangles(rows: int, columns: int) -> Ints:
    """Triangles of a rows × columns grid of vertices."""
    k = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = k[:-1, :-1], k[:-1, 1:], k[1:, 1:], k[1:, :-1]
    return np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 2).reshape(-1, 3)


def _linear_weights(positions: Array, count: int) -> sp.csr_matrix:
    """Interpolation of `count` samples at fractional positions: (len(positions), count)."""
    low = np.clip(np.floor(positions).astype(int), 0, count - 2)
    share = positions - low
    rows = np.arange(len(positions))
    data, columns = np.r_[1 - share, share], np.r_[low, low + 1]
    return sp.csr_matrix((data, (np.r_[rows, rows], columns)), (len(positions), count))


def resampled_arch(base: BaseMesh, name: str) -> Part:
    """Resample a jaw's tooth strip (4 × 17 vertices) to whole teeth; columns run from the subject's right to left."""
    strip = strip_grid(base.quads[base.group == name], base.vertices)
    outward = base.vertices[strip[0], 2].mean() > base.vertices[strip[-1], 2].mean()
    strip = strip if outward else strip[::-1]
    rows, columns = np.array(JAW_ROWS), TEETH_PER_JAW * COLUMNS_PER_TOOTH + 1
    across = _linear_weights(rows, 4)
    # The strip's columns are not teeth: share the length of its biting edge out by the widths of real teeth.
    edge = base.vertices[strip[2]]
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(edge, axis=0), axis=1))]
    side = np.array(TOOTH_WIDTHS_MM[name])
    borders = np.r_[0, np.cumsum(np.r_[side[::-1], side])]
    share = np.interp(np.linspace(0, TEETH_PER_JAW, columns), np.arange(TEETH_PER_JAW + 1), borders / borders[-1])
    position = np.interp(share * length[-1], length, np.arange(strip.shape[1]))
    weights = sp.kron(across, _linear_weights(position, strip.shape[1])).tocsr()
    pick = sp.csr_matrix((np.ones(strip.size), (np.arange(strip.size), strip.ravel())), (strip.size, N_BASE_VERTICES))
    along, down = np.meshgrid(np.linspace(0, 1, columns), rows / 3)
    order = np.arange(len(rows) * columns).reshape(len(rows), columns)
    triangles = _grid_triangles(len(rows), columns)
    blend = (weights @ pick).tocsr()
    vertices = blend @ base.vertices
    if _mean_outward(vertices, triangles[: 2 * columns]) < 0:
        triangles = triangles[:, ::-1]
    return Part(blend, triangles, order[:, ::-1].ravel(), np.stack([along.ravel(), down.ravel()], 1))


def _mean_outward(vertices: Array, triangles: Ints) -> float:
    """Mean z of the triangles' normals: positive when they face out of the mouth."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return float(np.cross(b - a, c - a)[:, 2].mean())


def eyeball() -> Part:
    """A sphere around the origin looking along +z, a pole at the pupil, open behind. Grid: (azimuth, polar)."""
    polar = np.radians(EYE_RINGS_DEG)
    azimuth = np.arange(EYE_SEGMENTS) * 2 * np.pi / EYE_SEGMENTS
    theta, phi = np.meshgrid(polar, azimuth, indexing="ij")
    grid = np.concatenate([[[0.0, 0.0]], np.stack([phi, theta], -1).reshape(-1, 2)])
    phi, theta = grid.T
    vertices = EYE_RADIUS_MM * np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], 1)
    ring = 1 + np.arange(len(polar) * EYE_SEGMENTS).reshape(len(polar), EYE_SEGMENTS)
    following = np.roll(ring, -1, 1)
    a, b, c, d = ring[:-1], ring[1:], following[1:], following[:-1]
    bands = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    front = np.stack([np.zeros(EYE_SEGMENTS, int), ring[0], following[0]], 1)
    triangles = np.concatenate([front, bands])
    return Part(sp.csr_matrix((len(grid), N_BASE_VERTICES)), triangles, np.arange(len(grid)), grid, vertices)
