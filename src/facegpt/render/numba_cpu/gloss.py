"""The highlight of the numba CPU renderer, chunk by chunk, forward and backward: see Lobe in render/base.py.

A lobe is an array (7,): unit direction to the light, colour, sharpness; or empty where there is none.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.render.numba_cpu.shade_rows import HX, HY, HZ, NX, NY, NZ, SCALE, place_of
from facegpt.render.scalar import KERNEL, ONE, ZERO, half_vector, highlight_slope


@njit(**KERNEL, fastmath=True)
def gloss_chunk(chunk, places, count, lobe, camera, color):
    """Add the highlight to color (H, W, 3) at the pixels of a chunk whose normals are unit."""
    per_pixel = ONE / camera[0]
    for i in range(np.uint64(count)):
        x, y = place_of(places[i])
        rx, ry = (np.float32(x) - camera[1]) * per_pixel, (np.float32(y) - camera[2]) * per_pixel
        hx, hy, hz, _, _ = half_vector(rx, ry, lobe[0], lobe[1], lobe[2])
        cosine = chunk[NX + i] * hx + chunk[NY + i] * hy + chunk[NZ + i] * hz
        value = np.float32(math.exp(lobe[6] * (cosine - ONE)))
        color[y, x, 0] += value * lobe[3]
        color[y, x, 1] += value * lobe[4]
        color[y, x, 2] += value * lobe[5]


@njit(**KERNEL, fastmath=True)
def gloss_backward_chunk(chunk, places, count, lobe, camera, grad_color, grad_lobe):
    """Add the highlight's part to a chunk's gradient of the normal not yet unit, and to grad_lobe (10,).

    grad_color: (H, W, 3). grad_lobe: of the seven numbers of the lobe, then of focal length and principal point.
    """
    per_pixel = ONE / camera[0]
    lx, ly, lz, red, green, blue = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
    sharp, focal, cx, cy = ZERO, ZERO, ZERO, ZERO
    for i in range(np.uint64(count)):
        column, row = place_of(places[i])
        rx, ry = (np.float32(column) - camera[1]) * per_pixel, (np.float32(row) - camera[2]) * per_pixel
        half = half_vector(rx, ry, lobe[0], lobe[1], lobe[2])
        x, y, z = chunk[NX + i], chunk[NY + i], chunk[NZ + i]
        cosine = x * half[0] + y * half[1] + z * half[2]
        value = np.float32(math.exp(lobe[6] * (cosine - ONE)))
        r, g, b = grad_color[row, column, 0], grad_color[row, column, 1], grad_color[row, column, 2]
        push = (r * lobe[3] + g * lobe[4] + b * lobe[5]) * value
        red, green, blue, sharp = red + r * value, green + g * value, blue + b * value, sharp + push * (cosine - ONE)
        tx, ty, tz, mx, my, mz, gx, gy = highlight_slope(push * lobe[6], x, y, z, rx, ry, half)
        chunk[HX + i] += tx * chunk[SCALE + i]
        chunk[HY + i] += ty * chunk[SCALE + i]
        chunk[HZ + i] += tz * chunk[SCALE + i]
        lx, ly, lz = lx + mx, ly + my, lz + mz
        cx, cy, focal = cx - gx * per_pixel, cy - gy * per_pixel, focal - (gx * rx + gy * ry) * per_pixel
    sums = (lx, ly, lz, red, green, blue, sharp, focal, cx, cy)
    for k in range(10):
        grad_lobe[k] += sums[k]
