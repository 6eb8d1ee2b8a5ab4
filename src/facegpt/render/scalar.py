"""The arithmetic of one pixel, shared by the kernels of every processor. Frames and units: render/base.py.

Symbols: a triangle has corners P0, P1, P2 in the camera frame (mm); the ray of a pixel is r = (rx, ry, 1). The ray
meets the plane where P0 + b1 (P1 - P0) + b2 (P2 - P0) = t r, so b1, b2 are perspective-correct barycentrics and t is
the depth. Everything is formed from differences of corners, so float32 keeps its digits far from the camera.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


def _jit_options() -> dict[str, Any]:
    """Choose how functions are compiled: kept on disk, unless there is no folder that may be written."""
    options: dict[str, Any] = {"cache": True, "error_model": "numpy"}
    try:
        njit(**options)(_jit_options)
    except RuntimeError:
        options["cache"] = False
    return options


#: How functions called from Python are compiled: without the GIL.
JIT = {**_jit_options(), "nogil": True}
#: The same for those that allocate nothing: counting references to arrays would cost more than their arithmetic.
KERNEL = {**JIT, "_nrt": False}
#: How the functions that kernels are made of are compiled.
INLINE = {**_jit_options(), "forceinline": True, "_nrt": False}

NEAR_MM = 1.0  #: triangles nearer than this are clipped
DEPTH_TOLERANCE = 1e-4  #: relative depth by which a surface must lie behind an edge to be its background

# In kernels, float32 times a Python number is float64; these keep the arithmetic in float32.
ZERO, HALF, ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
SH_0, SH_1, SH_2 = np.float32(0.28209479), np.float32(0.48860251), np.float32(1.09254843)
TINY, LEAST = np.float32(1e-3), np.float32(1e-12)
SH_20, SH_22 = np.float32(0.31539157), np.float32(0.54627422)


@njit(**INLINE)
def inverse(value):
    """Give 1 / value, or 0 where a triangle is seen so exactly edge-on that the value vanishes."""
    return ONE / value if abs(value) > LEAST else ZERO


@njit(**INLINE)
def ray_plane(rx, ry, p0x, p0y, p0z, e1x, e1y, e1z, e2x, e2y, e2z):
    """Solve the ray equation; give b1, b2 and the rows G1, G2 with d(b1, b2) = -(G1, G2) · d(point on the plane)."""
    g1x = e2y - e2z * ry
    g1y = e2z * rx - e2x
    g1z = e2x * ry - e2y * rx
    g2x = ry * e1z - e1y
    g2y = e1x - rx * e1z
    g2z = rx * e1y - ry * e1x
    scale = inverse(e1x * g1x + e1y * g1y + e1z * g1z)
    g1x, g1y, g1z = g1x * scale, g1y * scale, g1z * scale
    g2x, g2y, g2z = g2x * scale, g2y * scale, g2z * scale
    dx, dy = rx * p0z - p0x, ry * p0z - p0y
    return dx * g1x + dy * g1y, dx * g2x + dy * g2y, g1x, g1y, g1z, g2x, g2y, g2z


@njit(**INLINE)
def plane_of_triangle(p0x, p0y, p0z, e1x, e1y, e1z, e2x, e2y, e2z, focal, cx, cy):
    """Prepare ray_plane for the many pixels of one triangle: x0, y0, n0, nx, ny, k1x, k1y, k2x, k2y.

    With dx = x - x0 and dy = y - y0, (x0, y0) being the image of P0: b1 = (k1x dx + k1y dy) s,
    b2 = (k2x dx + k2y dy) s, s = 1 / (n0 + nx dx + ny dy), which is 1 / ((e1 × e2) · r).
    """
    inverse = ONE / (p0z if abs(p0z) > TINY else TINY)
    r0x, r0y, per_pixel = p0x * inverse, p0y * inverse, ONE / focal
    nx, ny, nz = e1y * e2z - e1z * e2y, e1z * e2x - e1x * e2z, e1x * e2y - e1y * e2x
    n0 = nx * r0x + ny * r0y + nz
    k = p0z * per_pixel
    k1x, k1y = (e2y - e2z * r0y) * k, (e2z * r0x - e2x) * k
    k2x, k2y = (r0y * e1z - e1y) * k, (e1x - r0x * e1z) * k
    return r0x * focal + cx, r0y * focal + cy, n0, nx * per_pixel, ny * per_pixel, k1x, k1y, k2x, k2y


@njit(**INLINE)
def irradiance(light, channel, x, y, z):
    """Evaluate Σ light[k, channel] Y_k(x, y, z) for a unit normal; negative where the nine terms undershoot."""
    flat = SH_0 * light[0, channel] - SH_20 * light[6, channel]
    linear = SH_1 * (light[1, channel] * y + light[2, channel] * z + light[3, channel] * x)
    mixed = SH_2 * (light[4, channel] * x * y + light[5, channel] * y * z + light[7, channel] * x * z)
    square = (SH_20 + SH_20 + SH_20) * light[6, channel] * z * z + SH_22 * light[8, channel] * (x * x - y * y)
    return flat + linear + mixed + square


@njit(**INLINE)
def texel_address(u, v, height, width):
    """Place (u, v) among texel centres, clamped at the border: columns x0, x1, rows y0, y1, fractions fx, fy."""
    x = min(max(u * np.float32(width) - HALF, ZERO), np.float32(width - 1))
    y = min(max((ONE - v) * np.float32(height) - HALF, ZERO), np.float32(height - 1))
    x0, y0 = int(x), int(y)
    return x0, min(x0 + 1, width - 1), y0, min(y0 + 1, height - 1), x - np.float32(x0), y - np.float32(y0)


@njit(**INLINE)
def nearest_level(texel_area, pixel_area, coarsest):
    """Give the mipmap level, a whole number as float32, of a triangle with these areas in texels and in pixels.

    Level k averages 4^k texels; it is taken from 2^(2k - 1) texels per pixel on.
    """
    level, limit = ZERO, pixel_area + pixel_area
    while texel_area > limit and level < coarsest:
        level += ONE
        limit *= np.float32(4.0)
    return level
