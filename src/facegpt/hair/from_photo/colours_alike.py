"""Which colours are unlike those of a region: nearly no colour of it lies near them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.render.scalar import KERNEL
from facegpt.types import Array

#: So many of a region's colours are compared before it is asked whether enough of them were near.
_AT_ONCE = 256


def unlike(colours: Array, region: Array, share: float, off: float) -> NDArray[np.bool_]:
    """Which colours (N, 3) have less than a share of a region's (M, 3), M > 0, and one at least, nearer than `off`."""
    own, planes = np.ascontiguousarray(colours, np.float32), np.ascontiguousarray(np.asarray(region).T, np.float32)
    planes = np.ascontiguousarray(planes[:, np.argsort(planes[0])])
    ends = [np.searchsorted(planes[0], own[:, 0] + side * 1.001 * off) for side in (-1, 1)]  # none beyond is near
    out = np.empty(len(own), np.bool_)
    _compare(own, planes, *ends, max(1, int(share * len(region))), np.float32(off) ** 2, out)
    return out


def plainly_unlike(colours: Array, region: Array, share: float, off: float) -> NDArray[np.bool_]:
    """`unlike` by the distance of the last of that share, the slow way."""
    wanted = max(1, int(share * len(region)))
    return np.asarray(cKDTree(region).query(colours, [wanted])[0][:, 0] > off)


@njit(**{**KERNEL, "fastmath": True})
def _compare(colours, region, begins, ends, wanted, square, out):  # type: ignore[no-untyped-def]
    """Write which colours (N, 3) have fewer than `wanted` of a region's (3, M) within a squared distance.

    begins, ends: (N,) of the part of the region that is looked at.
    """
    first, second, third = region[0], region[1], region[2]
    for n in range(len(colours)):
        x, y, z = colours[n, 0], colours[n, 1], colours[n, 2]
        near, start = np.int32(0), begins[n]
        while start < ends[n] and near < wanted:
            end = min(start + _AT_ONCE, ends[n])
            for k in range(start, end):
                dx, dy, dz = first[k] - x, second[k] - y, third[k] - z
                near += np.int32(dx * dx + dy * dy + dz * dz <= square)
            start = end
        out[n] = near < wanted
