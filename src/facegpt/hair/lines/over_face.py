"""Locks that a photo shows before a face, laid on its skin. Frame: head at rest, mm."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.hair.body import sensed
from facegpt.render.scalar import KERNEL
from facegpt.types import Array

#: How far over the skin locks are laid, mm; in how many steps a place finds the skin, of so many mm at least; how far
#: towards the eye it moves at most, mm, and in times of how far it was moved across: where the line of sight grazes a
#: cheek, a few mm aside would tear a tip off to its middle.
OVER_MM, STEPS, LEAST_STEP_MM, MOST_MM, MOST_OVER = 2.0, 40, 0.4, 75.0, 4.0


def laid_on_skin(lines: Array, moved: Array, eye: Array, distance: Array) -> NDArray[np.float64]:
    """Lines (N, K, 3) moved to places (N, K, 3) of which none is within the head: those are taken towards an eye (3,).

    What is moved across a picture, into a cheek, is seen there only if it lies before the cheek: pushed out of the skin
    the shortest way it would be back beside the head. Places that find no skin near stay where they were.

    distance: of a body.
    """
    out = np.ascontiguousarray(moved, np.float64).copy()
    _towards_eye(np.ascontiguousarray(lines, np.float64), np.asarray(eye, np.float64), distance, out)
    return out


@njit(**KERNEL)
def _towards_eye(lines, eye, distance, out):  # type: ignore[no-untyped-def]
    """Take places (N, K, 3) that lie in the skin towards an eye (3,), in place; those of lines where no skin is met."""
    for n in range(out.shape[0]):
        for k in range(out.shape[1]):
            x, y, z = out[n, k, 0], out[n, k, 1], out[n, k, 2]
            if x == lines[n, k, 0] and y == lines[n, k, 1] and z == lines[n, k, 2]:
                continue
            here, _, _, _ = sensed(distance, np.float32(x), np.float32(y), np.float32(z))
            if here >= OVER_MM:
                continue
            sx, sy, sz = eye[0] - x, eye[1] - y, eye[2] - z
            size = max(math.sqrt(sx * sx + sy * sy + sz * sz), 1e-6)
            sx, sy, sz, gone = sx / size, sy / size, sz / size, 0.0
            across = (x - lines[n, k, 0]) ** 2 + (y - lines[n, k, 1]) ** 2 + (z - lines[n, k, 2]) ** 2
            most = min(MOST_MM, MOST_OVER * math.sqrt(across))
            for _ in range(STEPS):
                step = max(OVER_MM - here, LEAST_STEP_MM)
                gone += step
                px, py, pz = np.float32(x + gone * sx), np.float32(y + gone * sy), np.float32(z + gone * sz)
                here, _, _, _ = sensed(distance, px, py, pz)
                if here >= OVER_MM - 0.5 or gone > most:
                    break
            found = here >= OVER_MM - 0.5 and gone <= most
            out[n, k, 0] = x + gone * sx if found else lines[n, k, 0]
            out[n, k, 1] = y + gone * sy if found else lines[n, k, 1]
            out[n, k, 2] = z + gone * sz if found else lines[n, k, 2]
