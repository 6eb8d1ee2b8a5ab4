"""Shading: the kernels of the numba CPU renderer that give each pixel its colour and its geometric outputs.

Pixels are visited triangle by triangle, so that what a triangle's pixels share is computed once. They are collected in
chunks whose arithmetic the compiler can do many at a time: `chunk` is one array of FIELDS rows of CHUNK values, in
the first level of cache (see render/numba_cpu/shade_rows.py).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.render.numba_cpu.forward import box_of_triangle
from facegpt.render.numba_cpu.gloss import gloss_chunk
from facegpt.render.numba_cpu.shade_rows import (
    BLUE,
    CHUNK,
    GREEN,
    LEVEL,
    NX,
    NY,
    NZ,
    PLACE_BITS,
    RED,
    SCALE,
    U,
    V,
    place_of,
)
from facegpt.render.scalar import (
    INLINE,
    KERNEL,
    ONE,
    SH_0,
    SH_1,
    SH_2,
    SH_20,
    SH_22,
    ZERO,
    inverse,
    nearest_level,
    plane_of_triangle,
    ray_plane,
    texel_address,
)


@njit(**INLINE, fastmath=True)
def solve_pixel(x, y, a, b, c, vertices, camera):
    """Ray_plane(...) of pixel (x, y) for the triangle with corners a, b, c."""
    p0x, p0y, p0z = vertices[a, 0], vertices[a, 1], vertices[a, 2]
    inverse_focal = ONE / camera[0]
    rx = (np.float32(x) - camera[1]) * inverse_focal
    ry = (np.float32(y) - camera[2]) * inverse_focal
    e1x, e1y, e1z = vertices[b, 0] - p0x, vertices[b, 1] - p0y, vertices[b, 2] - p0z
    e2x, e2y, e2z = vertices[c, 0] - p0x, vertices[c, 1] - p0y, vertices[c, 2] - p0z
    return ray_plane(rx, ry, p0x, p0y, p0z, e1x, e1y, e1z, e2x, e2y, e2z)


@njit(**INLINE, fastmath=True)
def fetch(flat, start, height, width, u, v):
    """Sample three planes (height, width) that begin at flat[start], bilinearly: r, g, b."""
    x0, x1, y0, y1, fx, fy = texel_address(u, v, height, width)
    top, bottom = start + y0 * width, start + y1 * width
    i00, i01, i10, i11 = np.uint64(top + x0), np.uint64(top + x1), np.uint64(bottom + x0), np.uint64(bottom + x1)
    w00, w01, w10, w11 = (ONE - fx) * (ONE - fy), fx * (ONE - fy), (ONE - fx) * fy, fx * fy
    n = np.uint64(height * width)
    r = flat[i00] * w00 + flat[i01] * w01 + flat[i10] * w10 + flat[i11] * w11
    g = flat[i00 + n] * w00 + flat[i01 + n] * w01 + flat[i10 + n] * w10 + flat[i11 + n] * w11
    n += n
    b = flat[i00 + n] * w00 + flat[i01 + n] * w01 + flat[i10 + n] * w10 + flat[i11 + n] * w11
    return r, g, b


@njit(**INLINE, fastmath=True)
def triangle_level(a, b, c, ta, tb, tc, screen, uv, texels, coarsest):
    """The mipmap level of a triangle: the nearest to one texel per pixel, 0 where it crosses the near plane.

    texels: of the texture. coarsest: the last level. Both are float32.
    """
    if screen[a, 2] == ZERO or screen[b, 2] == ZERO or screen[c, 2] == ZERO:
        return ZERO
    xa, ya, ua, va = screen[a, 0], screen[a, 1], uv[ta, 0], uv[ta, 1]
    pixel_area = (screen[b, 0] - xa) * (screen[c, 1] - ya) - (screen[c, 0] - xa) * (screen[b, 1] - ya)
    uv_area = (uv[tb, 0] - ua) * (uv[tc, 1] - va) - (uv[tc, 0] - ua) * (uv[tb, 1] - va)
    return nearest_level(abs(uv_area) * texels, abs(pixel_area), coarsest)


@njit(**INLINE, fastmath=True)
def sample(u, v, level, texture, height, width, mips, levels):
    """Sample the texture (3·H·W,), or one of its mipmaps (see render/numba_cpu/mipmap.py), bilinearly: r, g, b."""
    if level == ZERO:
        return fetch(texture, 0, height, width, u, v)
    below = int(level) - 1
    return fetch(mips, levels[below, 0], levels[below, 1], levels[below, 2], u, v)


@njit(**INLINE, fastmath=True)
def triangle_setup(vertices, a, b, c, camera):
    """The corner P0 and the edges P1 - P0 and P2 - P0 of a triangle, then plane_of_triangle(...) of them."""
    x, y, z = vertices[a, 0], vertices[a, 1], vertices[a, 2]
    e1x, e1y, e1z = vertices[b, 0] - x, vertices[b, 1] - y, vertices[b, 2] - z
    e2x, e2y, e2z = vertices[c, 0] - x, vertices[c, 1] - y, vertices[c, 2] - z
    plane = plane_of_triangle(x, y, z, e1x, e1y, e1z, e2x, e2y, e2z, camera[0], camera[1], camera[2])
    return e1x, e1y, e1z, e2x, e2y, e2z, plane


@njit(**INLINE, fastmath=True)
def solve_plane(x, y, plane):
    """The barycentric coordinates b1, b2 at pixel (x, y), and s of plane_of_triangle."""
    x0, y0, n0, nx, ny, k1x, k1y, k2x, k2y = plane
    dx, dy = np.float32(x) - x0, np.float32(y) - y0
    s = inverse(n0 + nx * dx + ny * dy)
    # The limits, which no pixel of a sound triangle meets, keep slivers from reading outside the texture.
    b1 = min(max((k1x * dx + k1y * dy) * s, -ONE), ONE + ONE)
    return b1, min(max((k2x * dx + k2y * dy) * s, -ONE), ONE + ONE), s


@njit(**INLINE, fastmath=True)
def differences(values, a, b, c, k):
    """Column k of values at corner a and how much more it is at b and at c."""
    base = values[a, k]
    return base, values[b, k] - base, values[c, k] - base


@njit(**INLINE, fastmath=True)
def corners_of(triangles, f):
    """The three indices of a triangle."""
    return triangles[f, 0], triangles[f, 1], triangles[f, 2]


@njit(**INLINE, fastmath=True)
def surface_of_triangle(normals, uv, a, b, c, ta, tb, tc):
    """What a triangle's pixels interpolate: `differences` of the normal's x, y, z and of u, v."""
    return (
        differences(normals, a, b, c, 0),
        differences(normals, a, b, c, 1),
        differences(normals, a, b, c, 2),
        differences(uv, ta, tb, tc, 0),
        differences(uv, ta, tb, tc, 1),
    )


@njit(**INLINE, fastmath=True)
def fill_surface(chunk, i, b1, b2, surface):
    """Interpolate normal and texture coordinates into place i of a chunk."""
    nx, ny, nz, u, v = surface
    chunk[NX + i] = nx[0] + b1 * nx[1] + b2 * nx[2]
    chunk[NY + i] = ny[0] + b1 * ny[1] + b2 * ny[2]
    chunk[NZ + i] = nz[0] + b1 * nz[1] + b2 * nz[2]
    chunk[U + i] = u[0] + b1 * u[1] + b2 * u[2]
    chunk[V + i] = v[0] + b1 * v[1] + b2 * v[2]


@njit(**INLINE, fastmath=True)
def sh_polynomial(light, channel):
    """Coefficients of one channel for 1, x, y, z, xy, yz, z², xz, x²-y²."""
    flat = SH_0 * light[0, channel] - SH_20 * light[6, channel]
    x, y, z = SH_1 * light[3, channel], SH_1 * light[1, channel], SH_1 * light[2, channel]
    square, wide = (SH_20 + SH_20 + SH_20) * light[6, channel], SH_22 * light[8, channel]
    return flat, x, y, z, SH_2 * light[4, channel], SH_2 * light[5, channel], square, SH_2 * light[7, channel], wide


@njit(**INLINE, fastmath=True)
def evaluate(p, x, y, z):
    """Evaluate a polynomial of `sh_polynomial` at a unit normal."""
    return (
        p[0] + p[1] * x + y * (p[2] + p[4] * x + p[5] * z) + z * (p[3] + p[6] * z + p[7] * x) + p[8] * (x * x - y * y)
    )


@njit(**KERNEL, fastmath=True)
def light_chunk(chunk, count, light):
    """Make the normals of a chunk unit and fill in the irradiance, not clamped."""
    red, green, blue = sh_polynomial(light, 0), sh_polynomial(light, 1), sh_polynomial(light, 2)
    for i in range(np.uint64(count)):
        x, y, z = chunk[NX + i], chunk[NY + i], chunk[NZ + i]
        scale = ONE / math.sqrt(max(x * x + y * y + z * z, np.float32(1e-12)))
        x, y, z = x * scale, y * scale, z * scale
        chunk[NX + i], chunk[NY + i], chunk[NZ + i], chunk[SCALE + i] = x, y, z, scale
        chunk[RED + i] = evaluate(red, x, y, z)
        chunk[GREEN + i] = evaluate(green, x, y, z)
        chunk[BLUE + i] = evaluate(blue, x, y, z)


@njit(**KERNEL, fastmath=True)
def paint_chunk(chunk, places, count, light, lobe, camera, texture, shape, mips, levels, color):
    """Light and texture a chunk and write color (H, W, 3)."""
    light_chunk(chunk, count, light)
    for i in range(np.uint64(count)):
        red, green, blue = sample(
            chunk[U + i], chunk[V + i], chunk[LEVEL + i], texture, shape[0], shape[1], mips, levels
        )
        x, y = place_of(places[i])
        color[y, x, 0] = red * max(chunk[RED + i], ZERO)
        color[y, x, 1] = green * max(chunk[GREEN + i], ZERO)
        color[y, x, 2] = blue * max(chunk[BLUE + i], ZERO)
    if len(lobe) > 0:
        gloss_chunk(chunk, places, count, lobe, camera, color)


@njit(**KERNEL, fastmath=True)
def shade(
    vertices, screen, normals, triangles, uv, uv_triangles, camera, light, lobe, texture, shape, mips, levels, index,
    touched, color, coverage, chunk, places, row0, row1,
):  # fmt: skip
    """Fill color (H, W, 3) and coverage (H, W), before antialiasing, of the rows row0..row1. lobe: see gloss.py.

    places: room for one more than the pixels of those rows; becomes the places of the pixels drawn, triangle by
    triangle (see place_of), as many as this gives. chunk (FIELDS·CHUNK,) float32 is working memory.
    """
    color[row0:row1] = ZERO
    coverage[row0:row1] = ZERO
    count, total = np.uint64(0), np.uint64(0)
    texels, coarsest = np.float32(shape[0] * shape[1]), np.float32(len(levels))
    for f in range(np.uint64(len(triangles))):
        if touched[f] == 0:
            continue
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        x_lo, x_hi, y_lo, y_hi = box_of_triangle(screen, a, b, c, row0, row1, index.shape[1])
        first = total
        total = list_pixels(np.int32(f), index, x_lo, x_hi, y_lo, y_hi, places, total)
        if total == first:
            continue
        ta, tb, tc = uv_triangles[f, 0], uv_triangles[f, 1], uv_triangles[f, 2]
        level = triangle_level(a, b, c, ta, tb, tc, screen, uv, texels, coarsest)
        plane = triangle_setup(vertices, a, b, c, camera)[6]
        surface = surface_of_triangle(normals, uv, a, b, c, ta, tb, tc)
        for j in range(first, total):
            x, y = place_of(places[j])
            b1, b2, _ = solve_plane(x, y, plane)
            fill_surface(chunk, count, b1, b2, surface)
            chunk[LEVEL + count] = level
            coverage[y, x] = ONE
            count += np.uint64(1)
            if count == CHUNK:
                own = places[j + np.uint64(1) - count : j + np.uint64(1)]
                paint_chunk(chunk, own, count, light, lobe, camera, texture, shape, mips, levels, color)
                count = np.uint64(0)
    own = places[total - count : total]
    paint_chunk(chunk, own, count, light, lobe, camera, texture, shape, mips, levels, color)
    return total


@njit(**INLINE)
def list_pixels(own, index, x_lo, x_hi, y_lo, y_hi, places, total):
    """Append the pixels of a box where index is `own` to places, and give how many there are now."""
    for y in range(np.uint64(y_lo), np.uint64(max(y_hi + 1, y_lo))):
        for x in range(np.uint64(x_lo), np.uint64(max(x_hi + 1, x_lo))):
            # Written without a branch: which pixels of its box a triangle has cannot be predicted.
            places[total] = (y << PLACE_BITS) | x
            total += np.uint64(index[y, x] == own)
    return total


@njit(**KERNEL, fastmath=True)
def fill_buffers(
    vertices, normals, triangles, uv, uv_triangles, camera, index, depth, normal, texcoord, barycentric, row0, row1
):
    """Fill the geometric outputs of the rows row0..row1; 0 where nothing is. texcoord: (H, W, 2), or empty if unasked.

    Pixels of one triangle lie beside one another: what they share is computed once for each run of them.
    """
    width, with_uv = index.shape[1], len(texcoord) > 0
    for y in range(row0, row1):
        x = 0
        while x < width:
            f = index[y, x]
            if f < 0:
                clear_pixel(x, y, depth, normal, texcoord, barycentric, with_uv)
                x += 1
                continue
            a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
            ta, tb, tc = uv_triangles[f, 0], uv_triangles[f, 1], uv_triangles[f, 2]
            plane = triangle_setup(vertices, a, b, c, camera)[6]
            away = differences(vertices, a, b, c, 2)
            nx, ny, nz, u, v = surface_of_triangle(normals, uv, a, b, c, ta, tb, tc)
            while x < width and index[y, x] == f:
                b1, b2, _ = solve_plane(x, y, plane)
                barycentric[y, x, 0], barycentric[y, x, 1], barycentric[y, x, 2] = ONE - b1 - b2, b1, b2
                depth[y, x] = mixed(away, b1, b2)
                if with_uv:
                    texcoord[y, x, 0], texcoord[y, x, 1] = mixed(u, b1, b2), mixed(v, b1, b2)
                fx, fy, fz = mixed(nx, b1, b2), mixed(ny, b1, b2), mixed(nz, b1, b2)
                scale = ONE / math.sqrt(max(fx * fx + fy * fy + fz * fz, np.float32(1e-12)))
                normal[y, x, 0], normal[y, x, 1], normal[y, x, 2] = fx * scale, fy * scale, fz * scale
                x += 1


@njit(**INLINE, fastmath=True)
def mixed(told, b1, b2):
    """What `differences` tells at barycentric coordinates b1, b2."""
    return told[0] + b1 * told[1] + b2 * told[2]


@njit(**INLINE)
def clear_pixel(x, y, depth, normal, texcoord, barycentric, with_uv):
    """Write 0 to all outputs of `fill_buffers` at one pixel."""
    depth[y, x] = ZERO
    for k in range(3):
        normal[y, x, k] = barycentric[y, x, k] = ZERO
    if with_uv:
        texcoord[y, x, 0] = texcoord[y, x, 1] = ZERO
