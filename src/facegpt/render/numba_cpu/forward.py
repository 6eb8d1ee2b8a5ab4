"""The forward kernels of the numba CPU renderer: each draws some rows of one image and runs without the GIL.

Arrays of one image: vertices (V, 3) mm, screen (V, 3) pixel x, pixel y and 1/z (0 where nearer than the near plane),
normals (V, 3) unit, nearest (H, W) 1/z of the visible surface, index (H, W) its triangle or -1. The camera is the
array (focal, principal x, principal y).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.render.scalar import (
    BACK,
    CLIPPED,
    FRONT,
    INLINE,
    KERNEL,
    NEAR_MM,
    ONE,
    ZERO,
    cover_pixel,
    cover_row,
    cover_setup,
    facing_of,
    larger,
    project_point,
    ray_plane,
    signed_area,
    smaller,
)

FAR = np.float32(1e6)  #: no image is as wide, in pixels
UP = np.float32(0.9999)  #: what makes truncation round up


@njit(**KERNEL)
def project(vertices, camera, screen):
    """Fill screen (V, 3) from vertices (V, 3)."""
    focal, cx, cy = camera[0], camera[1], camera[2]
    for v in range(len(vertices)):
        projected = project_point(vertices[v, 0], vertices[v, 1], vertices[v, 2], focal, cx, cy)
        screen[v, 0], screen[v, 1], screen[v, 2] = projected


@njit(**KERNEL, fastmath=True)
def vertex_normals(vertices, triangles, normals, inverse_length):
    """Fill normals (V, 3): the unit mean of the area-weighted normals around each vertex, 0 where there is none."""
    normals[:] = 0.0
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        wx, wy, wz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        for v in (a, b, c):
            normals[v, 0] += nx
            normals[v, 1] += ny
            normals[v, 2] += nz
    for v in range(len(normals)):
        square = normals[v, 0] ** 2 + normals[v, 1] ** 2 + normals[v, 2] ** 2
        scale = ONE / math.sqrt(square) if square > 1e-20 else ZERO
        inverse_length[v] = scale
        normals[v, 0] *= scale
        normals[v, 1] *= scale
        normals[v, 2] *= scale


@njit(**KERNEL)
def facings(screen, triangles, facing):
    """Fill facing (F,): see facing_of."""
    for f in range(np.uint64(len(triangles))):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        area = signed_area(screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1])
        facing[f] = facing_of(area, screen[a, 2], screen[b, 2], screen[c, 2])


@njit(**INLINE)
def box_of_triangle(screen, a, b, c, row0, row1, width):
    """The pixels that a triangle may cover, x_lo..x_hi and y_lo..y_hi, ends included; all if it is clipped."""
    if screen[a, 2] == ZERO or screen[b, 2] == ZERO or screen[c, 2] == ZERO:
        return 0, width - 1, row0, row1 - 1
    xa, xb, xc = screen[a, 0], screen[b, 0], screen[c, 0]
    ya, yb, yc = screen[a, 1], screen[b, 1], screen[c, 1]
    # Truncation instead of floor and ceil, which would be calls; the box may be a pixel too large, never too small.
    x_lo, x_hi = (
        int(smaller(larger(smaller(xa, smaller(xb, xc)) + UP, ZERO), FAR)),
        int(smaller(larger(larger(xa, larger(xb, xc)), -ONE), FAR)),
    )
    y_lo, y_hi = (
        int(smaller(larger(smaller(ya, smaller(yb, yc)) + UP, ZERO), FAR)),
        int(smaller(larger(larger(ya, larger(yb, yc)), -ONE), FAR)),
    )
    return x_lo, smaller(x_hi, width - 1), larger(y_lo, row0), smaller(y_hi, row1 - 1)


@njit(**INLINE)
def _is_hidden(screen, a, b, c, nearest, row0, row1):
    """Say whether all pixels that a triangle may cover already show something nearer than all of it."""
    x_lo, x_hi, y_lo, y_hi = box_of_triangle(screen, a, b, c, row0, row1, nearest.shape[1])
    closest = max(screen[a, 2], max(screen[b, 2], screen[c, 2]))
    for y in range(np.uint64(y_lo), np.uint64(max(y_hi + 1, y_lo))):
        for x in range(np.uint64(x_lo), np.uint64(max(x_hi + 1, x_lo))):
            if nearest[y, x] < closest:
                return False
    return True


@njit(**INLINE)
def _fill(own, a, b, c, screen, nearest, index, row0, row1):
    """Draw a triangle that lies wholly beyond the near plane into rows row0..row1; say whether any pixel took it."""
    touched = False
    x_lo, x_hi, y_lo, y_hi = box_of_triangle(screen, a, b, c, row0, row1, index.shape[1])
    if x_lo > x_hi or y_lo > y_hi:
        return touched
    cover = cover_setup(
        *(a, screen[a, 0], screen[a, 1], screen[a, 2], b, screen[b, 0], screen[b, 1], screen[b, 2]),
        *(c, screen[c, 0], screen[c, 1], screen[c, 2]),
    )
    for y in range(np.uint64(y_lo), np.uint64(max(y_hi + 1, y_lo))):
        row = cover_row(np.float32(y), cover)
        for x in range(np.uint64(x_lo), np.uint64(max(x_hi + 1, x_lo))):
            inside, z = cover_pixel(np.float32(x), row)
            before = nearest[y, x]
            # Written without a branch: which pixels a small triangle covers cannot be predicted.
            hit = (inside >= ZERO) & (z > before)
            nearest[y, x] = z if hit else before
            index[y, x] = own if hit else index[y, x]
            touched |= hit
    return touched


@njit(**KERNEL)
def _fill_clipped(f, a, b, c, vertices, camera, nearest, index, touched, row0, row1):
    """Draw one triangle that crosses the near plane: every pixel's ray is tested."""
    p0x, p0y, p0z = vertices[a, 0], vertices[a, 1], vertices[a, 2]
    e1x, e1y, e1z = vertices[b, 0] - p0x, vertices[b, 1] - p0y, vertices[b, 2] - p0z
    e2x, e2y, e2z = vertices[c, 0] - p0x, vertices[c, 1] - p0y, vertices[c, 2] - p0z
    for y in range(row0, row1):
        ry = (y - camera[2]) / camera[0]
        for x in range(index.shape[1]):
            rx = (x - camera[1]) / camera[0]
            solved = ray_plane(rx, ry, p0x, p0y, p0z, e1x, e1y, e1z, e2x, e2y, e2z)
            b1, b2 = solved[0], solved[1]
            depth = p0z + b1 * e1z + b2 * e2z
            if b1 >= 0.0 and b2 >= 0.0 and b1 + b2 <= 1.0 and depth >= NEAR_MM and 1.0 / depth > nearest[y, x]:
                nearest[y, x] = 1.0 / depth
                index[y, x] = f
                touched[f] = 1


@njit(**KERNEL)
def rasterize(vertices, screen, triangles, facing, camera, nearest, index, touched, row0, row1):
    """Find the nearest triangle of each pixel of the rows row0..row1; pixel centres on an edge are inside.

    facing: (F,) of `facings`. touched: (F,) uint8, set to 1 for triangles that were the nearest at some time. Those
    seen from behind come last: most of them are hidden by then and are passed over at once.
    """
    nearest[row0:row1] = ZERO
    index[row0:row1] = -1
    touched[:] = 0
    for side in (FRONT, BACK):
        for f in range(np.uint64(len(triangles))):
            if facing[f] != side:
                continue
            a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
            if side == FRONT or not _is_hidden(screen, a, b, c, nearest, row0, row1):
                touched[f] = _fill(np.int32(f), a, b, c, screen, nearest, index, row0, row1)
    for f in range(np.uint64(len(triangles))):
        if facing[f] == CLIPPED:
            a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
            _fill_clipped(f, a, b, c, vertices, camera, nearest, index, touched, row0, row1)
