"""The kernels around the shading of a studio picture: parts with holes, lenses, reduction, part maps.

Arrays of one picture: screen (N, 3) pixel x, y, 1/z; nearest (H, W) 1/z and index (H, W) of the triangle seen, -1 for
none, as numba_forward.rasterize leaves them.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.render.scalar import INLINE, KERNEL, ONE, ZERO
from facegpt_lab.synthesis.studio.materials import LASH, SHELL

F = np.float32


@njit(**INLINE)
def hash01(x, y, z):
    """A number 0..1 that looks random for three whole numbers."""
    h = (
        (np.uint32(x) * np.uint32(73856093))
        ^ (np.uint32(y) * np.uint32(19349663))
        ^ (np.uint32(z) * np.uint32(83492791))
    )
    h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
    h = h ^ (h >> np.uint32(16))
    return F(h & np.uint32(0xFFFFFF)) * F(1.0 / 16777216.0)


@njit(**INLINE)
def noise01(u, v, salt):
    """Smooth value noise 0..1 at a place of the plane."""
    fu, fv = math.floor(u), math.floor(v)
    i, j = int(fu), int(fv)
    a, b = F(u - fu), F(v - fv)
    a, b = a * a * (F(3) - F(2) * a), b * b * (F(3) - F(2) * b)
    low = hash01(i, j, salt) * (ONE - a) + hash01(i + 1, j, salt) * a
    high = hash01(i, j + 1, salt) * (ONE - a) + hash01(i + 1, j + 1, salt) * a
    return low * (ONE - b) + high * b


@njit(**INLINE)
def _alpha(kind, f, w0, w1, w2, a, b, c, corner_uv, extra, lash_alpha, card, salt):
    """The opacity 0..1 of a point of a triangle of a material with holes."""
    u = w0 * corner_uv[f, 0, 0] + w1 * corner_uv[f, 1, 0] + w2 * corner_uv[f, 2, 0]
    v = w0 * corner_uv[f, 0, 1] + w1 * corner_uv[f, 1, 1] + w2 * corner_uv[f, 2, 1]
    if kind == SHELL:
        edge = w0 * extra[a] + w1 * extra[b] + w2 * extra[c]
        return edge + F(0.9) * (noise01(u * F(160), v * F(22), salt) - F(0.5))
    if kind == LASH:
        n = lash_alpha.shape[0]
        return F(lash_alpha[min(max(int((ONE - v) * n), 0), n - 1), min(max(int(u * n), 0), n - 1)]) * F(1 / 255)
    n = card.shape[0]
    return F(card[min(max(int((ONE - v) * n), 0), n - 1), min(max(int(u * n), 0), n - 1), 1]) * F(1 / 255)


@njit(**KERNEL, fastmath=True)
def rasterize_holes(screen, triangles, first, material, corner_uv, extra, lash_alpha, card, salt, nearest, index):
    """Draw the triangles from `first` on that have holes into nearest and index: opaque where alpha beats a hash."""
    height, width = index.shape
    for f in range(first, len(triangles)):
        kind = material[f]
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        if screen[a, 2] == ZERO or screen[b, 2] == ZERO or screen[c, 2] == ZERO:
            continue
        xa, ya, xb, yb, xc, yc = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (xb - xa) * (yc - ya) - (yb - ya) * (xc - xa)
        if abs(area) < F(1e-6):
            continue
        x0, x1 = max(math.ceil(min(xa, min(xb, xc))), 0), min(math.floor(max(xa, max(xb, xc))), width - 1)
        y0, y1 = max(math.ceil(min(ya, min(yb, yc))), 0), min(math.floor(max(ya, max(yb, yc))), height - 1)
        scale = ONE / area
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                w1 = ((F(x) - xa) * (yc - ya) - (F(y) - ya) * (xc - xa)) * scale
                w2 = ((xb - xa) * (F(y) - ya) - (yb - ya) * (F(x) - xa)) * scale
                w0 = ONE - w1 - w2
                if w0 < ZERO or w1 < ZERO or w2 < ZERO:
                    continue
                z = w0 * screen[a, 2] + w1 * screen[b, 2] + w2 * screen[c, 2]
                if z <= nearest[y, x]:
                    continue
                alpha = _alpha(kind, f, w0, w1, w2, a, b, c, corner_uv, extra, lash_alpha, card, salt)
                if alpha > F(0.12) + F(0.76) * hash01(x, y, f):
                    nearest[y, x] = z
                    index[y, x] = f


@njit(**KERNEL, fastmath=True)
def lay_lenses(screen, triangles, first, nearest, color, covered, tint, dark, mirrored):
    """Lay lens triangles from `first` on over color where nothing is before them; covered (H, W) tells where."""
    height, width = nearest.shape
    for f in range(first, len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        xa, ya, xb, yb, xc, yc = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (xb - xa) * (yc - ya) - (yb - ya) * (xc - xa)
        if abs(area) < F(1e-6) or screen[a, 2] == ZERO or screen[b, 2] == ZERO or screen[c, 2] == ZERO:
            continue
        x0, x1 = max(math.ceil(min(xa, min(xb, xc))), 0), min(math.floor(max(xa, max(xb, xc))), width - 1)
        y0, y1 = max(math.ceil(min(ya, min(yb, yc))), 0), min(math.floor(max(ya, max(yb, yc))), height - 1)
        scale = ONE / area
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                w1 = ((F(x) - xa) * (yc - ya) - (F(y) - ya) * (xc - xa)) * scale
                w2 = ((xb - xa) * (F(y) - ya) - (yb - ya) * (F(x) - xa)) * scale
                if ONE - w1 - w2 < ZERO or w1 < ZERO or w2 < ZERO or covered[y, x]:
                    continue
                if (ONE - w1 - w2) * screen[a, 2] + w1 * screen[b, 2] + w2 * screen[c, 2] <= nearest[y, x]:
                    continue
                covered[y, x] = 1
                glare = max(noise01(F(x) * F(0.06), F(y) * F(0.06), 8) * F(1.6) - F(0.6), ZERO) * mirrored
                for k in range(3):
                    color[y, x, k] = color[y, x, k] * (ONE - dark) + tint[k] * dark + glare


@njit(**KERNEL, fastmath=True)
def reduce_by_half_again(fine, coarse):
    """Average a picture (3 n / 2, 3 m / 2, 3) to (n, m, 3): each pixel is one and a half pixels wide."""
    for y in range(coarse.shape[0]):
        y0 = (3 * y) // 2
        wy0 = F(2 / 3) if y % 2 == 0 else F(1 / 3)
        for x in range(coarse.shape[1]):
            x0 = (3 * x) // 2
            wx0 = F(2 / 3) if x % 2 == 0 else F(1 / 3)
            for k in range(3):
                top = fine[y0, x0, k] * wx0 + fine[y0, x0 + 1, k] * (ONE - wx0)
                low = fine[y0 + 1, x0, k] * wx0 + fine[y0 + 1, x0 + 1, k] * (ONE - wx0)
                coarse[y, x, k] = top * wy0 + low * (ONE - wy0)


@njit(**KERNEL)
def part_map(index, part, out):
    """Fill out (H, W) with the part (F,) uint8 of the triangle seen, 0 where there is none."""
    for y in range(index.shape[0]):
        for x in range(index.shape[1]):
            out[y, x] = part[index[y, x]] if index[y, x] >= 0 else np.uint8(0)


@njit(**KERNEL)
def commonest(part, wide, out):
    """The commonest part (below 8) of each block of wide × wide pixels."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            packed = np.uint64(0)  # eight counts of a byte each
            for y in range(row * wide, row * wide + wide):
                for x in range(column * wide, column * wide + wide):
                    packed += np.uint64(1) << np.uint64(8 * part[y, x])
            best, most = 0, np.uint64(0)
            for k in range(8):
                votes = (packed >> np.uint64(8 * k)) & np.uint64(255)
                if votes > most:
                    best, most = k, votes
            out[row, column] = best
