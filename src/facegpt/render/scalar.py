"""The arithmetic of one pixel, shared by the kernels of every processor. Frames and units: render/base.py.

Symbols: a triangle has corners P0, P1, P2 in the camera frame (mm); the ray of a pixel is r = (rx, ry, 1). The ray
meets the plane where P0 + b1 (P1 - P0) + b2 (P2 - P0) = t r, so b1, b2 are perspective-correct barycentrics and t is
the depth. Everything is formed from differences of corners, so float32 keeps its digits far from the camera.
"""

from __future__ import annotations

import math
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
#: Kernels that may divide by multiplying and round a product and a sum once: they differ in the last digit.
LOOSE: dict[str, Any] = {"fastmath": {"arcp", "contract"}}

NEAR_MM = 1.0  #: triangles nearer than this are clipped
DEPTH_TOLERANCE = 1e-4  #: relative depth by which a surface must lie behind an edge to be its background

# In kernels, float32 times a Python number is float64; these keep the arithmetic in float32.
ZERO, HALF, ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
SH_0, SH_1, SH_2 = np.float32(0.28209479), np.float32(0.48860251), np.float32(1.09254843)
FRONT, BACK, CLIPPED, NOTHING = np.uint8(0), np.uint8(1), np.uint8(2), np.uint8(3)  #: see `facing_of`
BEHIND = np.float32(1.0 - DEPTH_TOLERANCE)
TINY, LEAST = np.float32(1e-3), np.float32(1e-12)
SH_20, SH_22 = np.float32(0.31539157), np.float32(0.54627422)


@njit(**INLINE)
def smaller(a, b):
    """The smaller of two numbers; min itself can't be compiled for GPUs by every numba."""
    return a if a < b else b


@njit(**INLINE)
def larger(a, b):
    """The larger of two numbers; max itself can't be compiled for GPUs by every numba."""
    return a if a > b else b


@njit(**INLINE)
def inverse(value):
    """1 / value, or 0 where a triangle is seen so exactly edge-on that the value vanishes."""
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
    x = smaller(larger(u * np.float32(width) - HALF, ZERO), np.float32(width - 1))
    y = smaller(larger((ONE - v) * np.float32(height) - HALF, ZERO), np.float32(height - 1))
    x0, y0 = int(x), int(y)
    return x0, smaller(x0 + 1, width - 1), y0, smaller(y0 + 1, height - 1), x - np.float32(x0), y - np.float32(y0)


@njit(**INLINE)
def nearest_level(texel_area, pixel_area, coarsest):
    """The mipmap level, a whole number as float32, of a triangle with these areas in texels and in pixels.

    Level k averages 4^k texels; it is taken from 2^(2k - 1) texels per pixel on.
    """
    level, limit = ZERO, pixel_area + pixel_area
    while texel_area > limit and level < coarsest:
        level += ONE
        limit *= np.float32(4.0)
    return level


@njit(**INLINE)
def half_vector(rx, ry, lx, ly, lz):
    """The unit vector half-way between the unit (lx, ly, lz) and the direction to the camera, against the ray.

    Then 1 / the length of the sum of both, and 1 / the length of the ray (rx, ry, 1).
    """
    per_ray = ONE / math.sqrt(rx * rx + ry * ry + ONE)
    hx, hy, hz = lx - rx * per_ray, ly - ry * per_ray, lz - per_ray
    per_half = ONE / math.sqrt(larger(hx * hx + hy * hy + hz * hz, LEAST))
    return hx * per_half, hy * per_half, hz * per_half, per_half, per_ray


@njit(**INLINE)
def highlight_slope(push, x, y, z, rx, ry, half):
    """Carry the gradient `push` of the cosine between a unit normal and a half vector (see half_vector) back.

    Gives the gradients of the normal, tangential: three numbers; of the unit direction to the light: three; of rx, ry.
    """
    hx, hy, hz, per_half, per_ray = half
    cosine = x * hx + y * hy + z * hz
    spread = push * per_half
    mx, my, mz = spread * (x - cosine * hx), spread * (y - cosine * hy), spread * (z - cosine * hz)
    # The direction to the camera is -r / |r|, of the ray r = (rx, ry, 1).
    along = (mx * rx + my * ry + mz) * per_ray * per_ray
    gx, gy = (along * rx - mx) * per_ray, (along * ry - my) * per_ray
    return push * (hx - cosine * x), push * (hy - cosine * y), push * (hz - cosine * z), mx, my, mz, gx, gy


@njit(**INLINE)
def project_point(x, y, z, focal, cx, cy):
    """Project a point: pixel x, pixel y and 1/z, which is 0 where it is nearer than the near plane."""
    inverse = ONE / z if z >= NEAR_MM else ZERO
    return x * inverse * focal + cx, y * inverse * focal + cy, inverse


@njit(**INLINE)
def signed_area(xa, ya, xb, yb, xc, yc):
    """Twice the area of a triangle in the image, negative where it is seen from outside."""
    return (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)


@njit(**INLINE)
def facing_of(area, za, zb, zc):
    """Say how a triangle is seen: FRONT, BACK, CLIPPED by the near plane, or NOTHING to draw (edge-on or too near).

    area: signed; za, zb, zc: of project_point.
    """
    if za == ZERO or zb == ZERO or zc == ZERO:
        return NOTHING if larger(za, larger(zb, zc)) == ZERO else CLIPPED
    return FRONT if area < ZERO else (BACK if area > ZERO else NOTHING)


@njit(**INLINE)
def edge_line(i, xi, yi, j, xj, yj):
    """The line i → j as (origin x, origin y, slope x, slope y); both triangles at an edge get the same digits."""
    return xi if i < j else xj, yi if i < j else yj, yj - yi, xi - xj


@njit(**INLINE)
def cover_setup(a, xa, ya, za, b, xb, yb, zb, c, xc, yc, zc):
    """Prepare cover_row and cover_pixel for the triangle of vertices a, b, c, given with their projections."""
    area = signed_area(xa, ya, xb, yb, xc, yc)
    sign, inverse = ONE if area < ZERO else -ONE, ONE / area
    ox0, oy0, ax0, ay0 = edge_line(b, xb, yb, c, xc, yc)
    ox1, oy1, ax1, ay1 = edge_line(c, xc, yc, a, xa, ya)
    ox2, oy2, ax2, ay2 = edge_line(a, xa, ya, b, xb, yb)
    ux, uy, wx, wy = xb - xa, yb - ya, xc - xa, yc - ya
    zx = ((zb - za) * wy - (zc - za) * uy) * inverse
    zy = ((zc - za) * ux - (zb - za) * wx) * inverse
    return (
        *(ox0, oy0, ax0 * sign, ay0 * sign, ox1, oy1, ax1 * sign, ay1 * sign, ox2, oy2, ax2 * sign, ay2 * sign),
        *(xa, ya, za, zx, zy),
    )


@njit(**INLINE)
def cover_row(py, cover):
    """Prepare cover_pixel for the pixels of row py."""
    ox0, oy0, ax0, ay0, ox1, oy1, ax1, ay1, ox2, oy2, ax2, ay2, xa, ya, za, zx, zy = cover
    row_0, row_1 = (py - oy0) * ay0 - ox0 * ax0, (py - oy1) * ay1 - ox1 * ax1
    return ax0, row_0, ax1, row_1, ax2, (py - oy2) * ay2 - ox2 * ax2, zx, za + (py - ya) * zy - xa * zx


@njit(**INLINE)
def cover_pixel(px, row):
    """A number that is 0 or more where the pixel's centre is in the triangle or on its edge, and 1/z there."""
    ax0, row_0, ax1, row_1, ax2, row_2, zx, row_z = row
    return smaller(smaller(px * ax0 + row_0, px * ax1 + row_1), px * ax2 + row_2), row_z + px * zx


@njit(**INLINE)
def is_outline(one, two, fold):
    """Say whether the two triangles of an edge, seen as facing_of says, lie on one side of it in the image."""
    return larger(one, two) <= BACK and (one ^ two) == fold


@njit(**INLINE)
def is_visible(edge_inverse_depth, index_inside, index_outside, nearest_inside, nearest_outside):
    """Say whether a surface is at the inside pixel and what is at the outside pixel lies behind the edge.

    index: triangle or -1; nearest: 1/z.
    """
    if index_inside < 0 or index_outside < 0:
        return index_inside >= 0
    behind = nearest_outside < edge_inverse_depth * BEHIND
    return behind and nearest_outside < nearest_inside


@njit(**INLINE)
def edge_push(push, x, y, xa, ya, xb, yb):
    """Carry the gradient `push` of the place where the edge a → b crosses the line through pixel (x, y) to its ends.

    Gives the gradient of a point of the edge at that crossing, x and y, and the crossing's place along it in 0..1.
    """
    dx, dy = xb - xa, yb - ya
    if abs(dy) >= abs(dx):
        return push, -push * dx / dy, (y - ya) / dy
    return -push * dy / dx, push, (x - xa) / dx


@njit(**INLINE)
def irradiance_slope(light, r, g, b, x, y, z):
    """Carry the gradient r, g, b of the `irradiance` of three channels back to the normal."""
    c1, c2 = r * light[1, 0] + g * light[1, 1] + b * light[1, 2], r * light[2, 0] + g * light[2, 1] + b * light[2, 2]
    c3, c4 = r * light[3, 0] + g * light[3, 1] + b * light[3, 2], r * light[4, 0] + g * light[4, 1] + b * light[4, 2]
    c5, c6 = r * light[5, 0] + g * light[5, 1] + b * light[5, 2], r * light[6, 0] + g * light[6, 1] + b * light[6, 2]
    c7, c8 = r * light[7, 0] + g * light[7, 1] + b * light[7, 2], r * light[8, 0] + g * light[8, 1] + b * light[8, 2]
    wide = (SH_22 + SH_22) * c8
    return (
        SH_1 * c3 + SH_2 * (c4 * y + c7 * z) + wide * x,
        SH_1 * c1 + SH_2 * (c4 * x + c5 * z) - wide * y,
        SH_1 * c2 + SH_2 * (c5 * y + c7 * x) + np.float32(6.0) * SH_20 * c6 * z,
    )
