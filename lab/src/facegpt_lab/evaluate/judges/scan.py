"""Scan-to-mesh error: how far a true surface is from a reconstructed one, after rigid or similarity alignment.

The measure of NoW (Sanyal et al. 2019) and of its metric variant (Zielonka et al. 2022): start from a few landmarks,
refine by iterative closest points, then take the distance of every true vertex to the closest point of the surface.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.metrics import similarity_transform
from facegpt.morphable.surface import Surface
from facegpt.types import Array

#: About how many scan points drive the alignment (the error takes all).
_ALIGNING = 1500


def scan_to_mesh_mm(
    scan: Array, mesh: Surface, scan_marks: Array, mesh_marks: Array, *, scale: bool, steps: int = 25
) -> NDArray[np.float64]:
    """The distance (N,) mm of scan points (N, 3) to a mesh, after the mesh has been aligned to the scan.

    The marks (M, 3) are corresponding points of both and start the alignment. With `scale` False the mesh keeps its
    size: the metric error. Distances are in the scan's millimetres.
    """
    factor, rotation, shift = similarity_transform(scan_marks, mesh_marks, scale=scale)
    scan = np.asarray(scan, np.float64)
    some = scan[:: max(1, len(scan) // _ALIGNING)]
    for _ in range(steps):
        moved = factor * some @ rotation.T + shift
        nearest = mesh.closest(moved)
        distance = np.linalg.norm(nearest - moved, axis=1)
        kept = distance <= 3 * np.median(distance) + 1e-9  # a wrong pair must not pull the alignment
        last = moved
        factor, rotation, shift = similarity_transform(some[kept], nearest[kept], scale=scale)
        if np.abs(factor * some @ rotation.T + shift - last).max() < 0.01:
            break
    moved = factor * scan @ rotation.T + shift
    return np.linalg.norm(mesh.closest(moved) - moved, axis=1) / factor
