"""The point of a triangle that is closest to another point, compiled."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def _dot(ux, uy, uz, vx, vy, vz):
    return ux * vx + uy * vy + uz * vz


@njit(cache=True)
def closest_weights(x, y, z, a, b, c):
    """Barycentric weights of the point of triangle abc closest to (x, y, z).

    By its Voronoi regions (Ericson 2005, Real-Time Collision Detection, 5.1.5).
    """
    abx, aby, abz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    acx, acy, acz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    d1 = _dot(abx, aby, abz, x - a[0], y - a[1], z - a[2])
    d2 = _dot(acx, acy, acz, x - a[0], y - a[1], z - a[2])
    if d1 <= 0 and d2 <= 0:
        return 1.0, 0.0, 0.0
    d3 = _dot(abx, aby, abz, x - b[0], y - b[1], z - b[2])
    d4 = _dot(acx, acy, acz, x - b[0], y - b[1], z - b[2])
    if d3 >= 0 and d4 <= d3:
        return 0.0, 1.0, 0.0
    vc = d1 * d4 - d3 * d2
    if vc <= 0 and d1 >= 0 and d3 <= 0:
        t = d1 / (d1 - d3)
        return 1 - t, t, 0.0
    d5 = _dot(abx, aby, abz, x - c[0], y - c[1], z - c[2])
    d6 = _dot(acx, acy, acz, x - c[0], y - c[1], z - c[2])
    if d6 >= 0 and d5 <= d6:
        return 0.0, 0.0, 1.0
    vb = d5 * d2 - d1 * d6
    if vb <= 0 and d2 >= 0 and d6 <= 0:
        t = d2 / (d2 - d6)
        return 1 - t, 0.0, t
    va = d3 * d6 - d5 * d4
    if va <= 0 and d4 - d3 >= 0 and d5 - d6 >= 0:
        t = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return 0.0, 1 - t, t
    total = va + vb + vc
    return va / total, vb / total, vc / total
