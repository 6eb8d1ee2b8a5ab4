"""What the renderers need to know about a mesh besides its triangles: which triangles meet at each edge."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.render.base import Topology, Values
from facegpt.types import Array, ShapeError


@dataclass(frozen=True)
class Connectivity:
    """Arrays derived from a Topology, contiguous and ready for kernels.

    Attributes:
        triangles, uv_triangles: (F, 3) uint32: unsigned, so that kernels need not look for indices from the end.
        uv: (U, 2) float32.
        vertex_count: how many vertices there must be at least.
        edges: (E, 2) uint32 vertex indices, each undirected edge once.
        opposite: (E, 2) int32, the vertex across the edge in its one or two triangles; -1 where there is no second.
        edge_triangles: (E, 2) uint32, those triangles; the one twice where there is no second. The edge runs as its
            first triangle does.
        edge_fold: (E,) uint8, 1 if the second triangle runs along the edge the other way, as on an oriented surface.
    """

    triangles: NDArray[np.uint32]
    uv: NDArray[np.float32]
    uv_triangles: NDArray[np.uint32]
    vertex_count: int
    edges: NDArray[np.uint32]
    opposite: NDArray[np.int32]
    edge_triangles: NDArray[np.uint32]
    edge_fold: NDArray[np.uint8]


_known: weakref.WeakKeyDictionary[Topology, Connectivity] = weakref.WeakKeyDictionary()


def connectivity(topology: Topology) -> Connectivity:
    """Derive the connectivity of a topology once; keep the Topology object to keep the result.

    Raises:
        ShapeError: if the triangles name texture coordinates that do not exist.
    """
    found = _known.get(topology)
    if found is None:
        triangles = np.ascontiguousarray(_array(topology.triangles), np.uint32)
        uv = np.ascontiguousarray(_array(topology.uv), np.float32)
        uv_triangles = np.ascontiguousarray(_array(topology.uv_triangles), np.uint32)
        if uv_triangles.shape != triangles.shape or int(uv_triangles.max(initial=0)) >= len(uv) + (len(triangles) == 0):
            raise ShapeError("uv_triangles must name, corner by corner with triangles, rows of uv")
        if not np.isfinite(uv).all():
            raise ShapeError("texture coordinates must be finite numbers")
        count = int(triangles.max()) + 1 if len(triangles) else 0
        found = _known[topology] = Connectivity(triangles, uv, uv_triangles, count, *edges_of(triangles))
    return found


def _array(values: Values) -> NDArray:
    """A tensor's values, wherever it is, or an array."""
    return values if isinstance(values, np.ndarray) else values.detach().cpu().numpy()


def edges_of(
    triangles: NDArray[np.integer],
) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.uint32], NDArray[np.uint8]]:
    """List the undirected edges of triangles (F, 3): edges, opposite, edge_triangles, edge_fold of Connectivity.

    Where more than two triangles meet at an edge the first two count; degenerate triangles (a vertex twice) have none.
    """
    corners = np.ascontiguousarray(triangles.T, np.int64)
    proper = (corners != np.roll(corners, 1, axis=0)).all(0)
    start, end, across = (np.concatenate([corners[(k + j) % 3][proper] for k in range(3)]) for j in range(3))
    owner = np.tile(np.flatnonzero(proper), 3)
    key = np.minimum(start, end) * (int(corners.max(initial=0)) + 1) + np.maximum(start, end)
    order = np.argsort(key, kind="stable")
    key = key[order]
    at_first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]][: len(key)])
    shared = np.diff(np.r_[at_first, len(key)]) > 1
    first, second = order[at_first], order[np.where(shared, at_first + 1, at_first)]
    opposite = np.stack([across[first], np.where(shared, across[second], -1)], 1)
    fold = shared & (start[first] != start[second])
    return (
        np.ascontiguousarray(np.stack([start[first], end[first]], 1), np.uint32),
        np.ascontiguousarray(opposite, np.int32),
        np.ascontiguousarray(np.stack([owner[first], owner[second]], 1), np.uint32),
        np.ascontiguousarray(fold, np.uint8),
    )


def weld(vertices: Array, triangles: NDArray[np.integer], tolerance_mm: float = 1e-4) -> NDArray[np.int32]:
    """Point triangles (F, 3) at one vertex of each group that shares a place, so that neighbours are found.

    For meshes from files that split vertices at texture seams: give the welded triangles to Topology.triangles and
    the original ones to Topology.uv_triangles. vertices: (V, 3) mm, at rest.
    """
    places = np.round(np.asarray(vertices) / tolerance_mm).astype(np.int64)
    _, first, inverse = np.unique(places, axis=0, return_index=True, return_inverse=True)
    return first[inverse.reshape(-1)][np.asarray(triangles)].astype(np.int32)
