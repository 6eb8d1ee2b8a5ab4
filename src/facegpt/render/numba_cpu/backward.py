"""The backward kernels of the numba CPU renderer: analytic gradients of render/numba_cpu/forward.py, without the GIL.

Gradients with respect to the vertices are gathered in (V, 6): of the position as it moves the surface, then of the
vertex normal, which `finish` turns into one of the positions.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from facegpt.render.numba_cpu.gloss import gloss_backward_chunk
from facegpt.render.numba_cpu.shade import (
    corners_of,
    differences,
    fill_surface,
    light_chunk,
    solve_plane,
    surface_of_triangle,
    triangle_level,
    triangle_setup,
)
from facegpt.render.numba_cpu.shade_rows import (
    ALBEDO_B,
    ALBEDO_G,
    ALBEDO_R,
    B1,
    B2,
    BLUE,
    CHUNK,
    GRAD_B,
    GRAD_G,
    GRAD_R,
    GREEN,
    HX,
    HY,
    HZ,
    LEVEL,
    NX,
    NY,
    NZ,
    RED,
    SCALE,
    SLOPE_U,
    SLOPE_V,
    S,
    U,
    V,
    place_of,
)  # fmt: skip
from facegpt.render.scalar import HALF, INLINE, KERNEL, ONE, SH_1, SH_2, SH_20, ZERO, texel_address


@njit(**INLINE, fastmath=True)
def bilinear(flat, i00, i01, i10, i11, fx, fy):
    """Mix four texels of one plane: the value and its slopes along x and y."""
    v00, v01, v10, v11 = flat[i00], flat[i01], flat[i10], flat[i11]
    top, bottom = v00 + fx * (v01 - v00), v10 + fx * (v11 - v10)
    return top + fy * (bottom - top), (ONE - fy) * (v01 - v00) + fy * (v11 - v10), bottom - top


@njit(**INLINE, fastmath=True)
def _pull_texel(chunk, i, flat, start, height, width, grad_flat):
    """Fill in the albedo of a pixel and its gradient of (u, v); add that of the texels if grad_flat is not empty.

    flat: planes (3, height, width) from flat[start] on.
    """
    u, v = chunk[U + i], chunk[V + i]
    x0, x1, y0, y1, fx, fy = texel_address(u, v, height, width)
    top, bottom, plane = start + y0 * width, start + y1 * width, np.uint64(height * width)
    i00, i01, i10, i11 = np.uint64(top + x0), np.uint64(top + x1), np.uint64(bottom + x0), np.uint64(bottom + x1)
    tall, wide = np.float32(height), np.float32(width)
    per_u = wide if ZERO < u * wide - HALF < wide - ONE else ZERO
    per_v = -tall if ZERO < (ONE - v) * tall - HALF < tall - ONE else ZERO
    r, g = chunk[GRAD_R + i] * max(chunk[RED + i], ZERO), chunk[GRAD_G + i] * max(chunk[GREEN + i], ZERO)
    b = chunk[GRAD_B + i] * max(chunk[BLUE + i], ZERO)
    j00, j01, j10, j11 = i00 + plane, i01 + plane, i10 + plane, i11 + plane
    k00, k01, k10, k11 = j00 + plane, j01 + plane, j10 + plane, j11 + plane
    chunk[ALBEDO_R + i], rx, ry = bilinear(flat, i00, i01, i10, i11, fx, fy)
    chunk[ALBEDO_G + i], gx, gy = bilinear(flat, j00, j01, j10, j11, fx, fy)
    chunk[ALBEDO_B + i], bx, by = bilinear(flat, k00, k01, k10, k11, fx, fy)
    chunk[SLOPE_U + i], chunk[SLOPE_V + i] = (r * rx + g * gx + b * bx) * per_u, (r * ry + g * gy + b * by) * per_v
    if len(grad_flat) > 0:
        w00, w01, w10, w11 = (ONE - fx) * (ONE - fy), fx * (ONE - fy), (ONE - fx) * fy, fx * fy
        _scatter(grad_flat, i00, i01, i10, i11, w00 * r, w01 * r, w10 * r, w11 * r)
        _scatter(grad_flat, j00, j01, j10, j11, w00 * g, w01 * g, w10 * g, w11 * g)
        _scatter(grad_flat, k00, k01, k10, k11, w00 * b, w01 * b, w10 * b, w11 * b)


@njit(**INLINE, fastmath=True)
def _scatter(flat, i00, i01, i10, i11, v00, v01, v10, v11):
    flat[i00] += v00
    flat[i01] += v01
    flat[i10] += v10
    flat[i11] += v11


@njit(**KERNEL, fastmath=True)
def _texture_chunk(chunk, count, texture, shape, mips, levels, grad_texture, grad_mips):
    """Sample the albedo of a chunk, pull the colour's gradient back to (u, v) and, if wanted, add it to the texture."""
    for i in range(np.uint64(count)):
        level = int(chunk[LEVEL + i]) - 1
        if level < 0:
            _pull_texel(chunk, i, texture, 0, shape[0], shape[1], grad_texture)
        else:
            _pull_texel(chunk, i, mips, levels[level, 0], levels[level, 1], levels[level, 2], grad_mips)


@njit(**KERNEL, fastmath=True)
def _normal_chunk(chunk, count, light):
    """Gradients of a chunk's irradiance, in place, and of its normals not yet unit, from that of the colour."""
    l10, l11, l12 = SH_1 * light[1, 0], SH_1 * light[1, 1], SH_1 * light[1, 2]
    l20, l21, l22 = SH_1 * light[2, 0], SH_1 * light[2, 1], SH_1 * light[2, 2]
    l30, l31, l32 = SH_1 * light[3, 0], SH_1 * light[3, 1], SH_1 * light[3, 2]
    l40, l41, l42 = SH_2 * light[4, 0], SH_2 * light[4, 1], SH_2 * light[4, 2]
    l50, l51, l52 = SH_2 * light[5, 0], SH_2 * light[5, 1], SH_2 * light[5, 2]
    six = np.float32(6.0) * SH_20
    l60, l61, l62 = six * light[6, 0], six * light[6, 1], six * light[6, 2]
    l70, l71, l72 = SH_2 * light[7, 0], SH_2 * light[7, 1], SH_2 * light[7, 2]
    l80, l81, l82 = SH_2 * light[8, 0], SH_2 * light[8, 1], SH_2 * light[8, 2]
    for i in range(np.uint64(count)):
        x, y, z = chunk[NX + i], chunk[NY + i], chunk[NZ + i]
        r = chunk[GRAD_R + i] * chunk[ALBEDO_R + i] if chunk[RED + i] > ZERO else ZERO
        g = chunk[GRAD_G + i] * chunk[ALBEDO_G + i] if chunk[GREEN + i] > ZERO else ZERO
        b = chunk[GRAD_B + i] * chunk[ALBEDO_B + i] if chunk[BLUE + i] > ZERO else ZERO
        chunk[GRAD_R + i], chunk[GRAD_G + i], chunk[GRAD_B + i] = r, g, b
        xy, yz = r * l40 + g * l41 + b * l42, r * l50 + g * l51 + b * l52
        zz, xz = r * l60 + g * l61 + b * l62, r * l70 + g * l71 + b * l72
        wide = r * l80 + g * l81 + b * l82
        hx = r * l30 + g * l31 + b * l32 + xy * y + xz * z + wide * x
        hy = r * l10 + g * l11 + b * l12 + xy * x + yz * z - wide * y
        hz = r * l20 + g * l21 + b * l22 + yz * y + zz * z + xz * x
        radial, scale = hx * x + hy * y + hz * z, chunk[SCALE + i]
        chunk[HX + i], chunk[HY + i], chunk[HZ + i] = (
            (hx - radial * x) * scale,
            (hy - radial * y) * scale,
            (hz - radial * z) * scale,
        )


@njit(**KERNEL, fastmath=True)
def _light_sums(chunk, count, grad_light):
    """Add a chunk's gradients of the irradiance to those of the coefficients, but for the constants of the basis."""
    for channel in range(3):
        row = GRAD_R + np.uint64(channel * CHUNK)
        flat, gy, gz, gx = ZERO, ZERO, ZERO, ZERO
        gxy, gyz, gzz, gxz, wide = ZERO, ZERO, ZERO, ZERO, ZERO
        for i in range(np.uint64(count)):
            x, y, z, value = chunk[NX + i], chunk[NY + i], chunk[NZ + i], chunk[row + i]
            flat += value
            gx += value * x
            gy += value * y
            gz += value * z
            gxy += value * x * y
            gyz += value * y * z
            gzz += value * z * z
            gxz += value * x * z
            wide += value * (x * x - y * y)
        sums = (flat, gy, gz, gx, gxy, gyz, np.float32(3.0) * gzz - flat, gxz, wide)
        for k in range(9):
            grad_light[k, channel] += sums[k]


@njit(**KERNEL, fastmath=True)
def _corners_chunk(chunk, places, owners, count, vertices, normals, triangles, uv, uv_triangles, camera, grad_vertices):
    """Carry a chunk's gradients of normal and (u, v) to the corners of its triangles."""
    i, end, per_pixel = np.uint64(0), np.uint64(count), ONE / camera[0]
    while i < end:
        f = owners[i]
        (a, b, c), (ta, tb, tc) = corners_of(triangles, f), corners_of(uv_triangles, f)
        _, ex1, ex2 = differences(vertices, a, b, c, 0)
        _, ey1, ey2 = differences(vertices, a, b, c, 1)
        _, ez1, ez2 = differences(vertices, a, b, c, 2)
        _, nx1, nx2 = differences(normals, a, b, c, 0)
        _, ny1, ny2 = differences(normals, a, b, c, 1)
        _, nz1, nz2 = differences(normals, a, b, c, 2)
        _, u1, u2 = differences(uv, ta, tb, tc, 0)
        _, v1, v2 = differences(uv, ta, tb, tc, 1)
        px, py, pz, px1, py1, pz1, px2, py2, pz2 = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
        qx, qy, qz, qx1, qy1, qz1, qx2, qy2, qz2 = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
        while i < end and owners[i] == f:
            hx, hy, hz, su, sv = chunk[HX + i], chunk[HY + i], chunk[HZ + i], chunk[SLOPE_U + i], chunk[SLOPE_V + i]
            b1, b2, s = chunk[B1 + i], chunk[B2 + i], chunk[S + i]
            w1 = (hx * nx1 + hy * ny1 + hz * nz1 + su * u1 + sv * v1) * s
            w2 = (hx * nx2 + hy * ny2 + hz * nz2 + su * u2 + sv * v2) * s
            # The surface moves by d under the ray r: b1 and b2 change by the rows of ray_plane, -(e2 × r) · d s and
            # (e1 × r) · d s, so the gradient is r × (w1 e2 - w2 e1).
            mx, my, mz = w1 * ex2 - w2 * ex1, w1 * ey2 - w2 * ey1, w1 * ez2 - w2 * ez1
            x, y = place_of(places[i])
            rx, ry = (np.float32(x) - camera[1]) * per_pixel, (np.float32(y) - camera[2]) * per_pixel
            gx, gy, gz = ry * mz - my, mx - rx * mz, rx * my - ry * mx
            px, py, pz = px + gx, py + gy, pz + gz
            px1, py1, pz1 = px1 + b1 * gx, py1 + b1 * gy, pz1 + b1 * gz
            px2, py2, pz2 = px2 + b2 * gx, py2 + b2 * gy, pz2 + b2 * gz
            qx, qy, qz = qx + hx, qy + hy, qz + hz
            qx1, qy1, qz1 = qx1 + b1 * hx, qy1 + b1 * hy, qz1 + b1 * hz
            qx2, qy2, qz2 = qx2 + b2 * hx, qy2 + b2 * hy, qz2 + b2 * hz
            i += np.uint64(1)
        _add_row(
            grad_vertices,
            a,
            px - px1 - px2,
            py - py1 - py2,
            pz - pz1 - pz2,
            qx - qx1 - qx2,
            qy - qy1 - qy2,
            qz - qz1 - qz2,
        )
        _add_row(grad_vertices, b, px1, py1, pz1, qx1, qy1, qz1)
        _add_row(grad_vertices, c, px2, py2, pz2, qx2, qy2, qz2)


@njit(**INLINE, fastmath=True)
def _add_row(grad_vertices, v, px, py, pz, qx, qy, qz):
    grad_vertices[v, 0] += px
    grad_vertices[v, 1] += py
    grad_vertices[v, 2] += pz
    grad_vertices[v, 3] += qx
    grad_vertices[v, 4] += qy
    grad_vertices[v, 5] += qz


@njit(**KERNEL, fastmath=True)
def _pull_chunk(
    chunk, places, owners, count, vertices, normals, triangles, uv, uv_triangles, camera, light, lobe, texture, shape,
    mips, levels, grad_color, grad_vertices, grad_light, grad_lobe, grad_texture, grad_mips,
):  # fmt: skip
    """Pull a chunk's gradient of the colour back to everything that it depends on."""
    light_chunk(chunk, count, light)
    _texture_chunk(chunk, count, texture, shape, mips, levels, grad_texture, grad_mips)
    _normal_chunk(chunk, count, light)
    _light_sums(chunk, count, grad_light)
    if len(lobe) > 0:
        gloss_backward_chunk(chunk, places, count, lobe, camera, grad_color, grad_lobe)
    _corners_chunk(chunk, places, owners, count, vertices, normals, triangles, uv, uv_triangles, camera, grad_vertices)


@njit(**KERNEL, fastmath=True)
def shade_backward(
    vertices, screen, normals, triangles, uv, uv_triangles, camera, light, lobe, texture, shape, mips, levels, index,
    drawn, grad_color, grad_vertices, grad_light, grad_lobe, grad_texture, grad_mips, chunk, places, owners,
):  # fmt: skip
    """Add the gradients of the pixels `drawn` that `shade` listed; those without gradient are skipped.

    grad_color: (H, W, 3). grad_vertices: (V, 6). grad_light: (9, 3). grad_texture: (3·Ht·Wt,), or empty when it is not
    wanted; grad_mips likewise. lobe, grad_lobe: see render/numba_cpu/gloss.py.
    chunk (FIELDS·CHUNK,) float32, places and owners (CHUNK,) uint32 are working memory.
    """
    if len(drawn) == 0:
        return
    count, last = np.uint64(0), np.uint64(len(triangles))
    texels, coarsest = np.float32(shape[0] * shape[1]), np.float32(len(levels))
    level = ZERO
    plane = triangle_setup(vertices, 0, 0, 0, camera)[6]
    surface = surface_of_triangle(normals, uv, 0, 0, 0, 0, 0, 0)
    for j in range(np.uint64(len(drawn))):
        x, y = place_of(drawn[j])
        r, g, bl = grad_color[y, x, 0], grad_color[y, x, 1], grad_color[y, x, 2]
        if r == ZERO and g == ZERO and bl == ZERO:
            continue
        f = np.uint64(index[y, x])
        if f != last:
            (a, b, c), (ta, tb, tc) = corners_of(triangles, f), corners_of(uv_triangles, f)
            level = triangle_level(a, b, c, ta, tb, tc, screen, uv, texels, coarsest)
            plane = triangle_setup(vertices, a, b, c, camera)[6]
            surface = surface_of_triangle(normals, uv, a, b, c, ta, tb, tc)
            last = f
        b1, b2, chunk[S + count] = solve_plane(x, y, plane)
        fill_surface(chunk, count, b1, b2, surface)
        chunk[LEVEL + count], chunk[B1 + count], chunk[B2 + count] = level, b1, b2
        chunk[GRAD_R + count], chunk[GRAD_G + count], chunk[GRAD_B + count] = r, g, bl
        places[count], owners[count] = drawn[j], f
        count += np.uint64(1)
        if count == CHUNK:
            _pull_chunk(
                chunk, places, owners, count, vertices, normals, triangles, uv, uv_triangles, camera, light, lobe,
                texture, shape, mips, levels, grad_color, grad_vertices, grad_light, grad_lobe, grad_texture, grad_mips,
            )  # fmt: skip
            count = np.uint64(0)
    _pull_chunk(
        chunk, places, owners, count, vertices, normals, triangles, uv, uv_triangles, camera, light, lobe,
        texture, shape, mips, levels, grad_color, grad_vertices, grad_light, grad_lobe, grad_texture, grad_mips,
    )  # fmt: skip


@njit(**KERNEL, fastmath=True)
def finish(vertices, triangles, normals, inverse_length, camera, gathered, grad_vertices, grad_camera):
    """Fill grad_vertices (V, 3) and grad_camera (3,) focal, principal x, y from gathered (V, 6), which is used up."""
    focal = camera[0]
    for v in range(len(vertices)):
        px, py = gathered[v, 0], gathered[v, 1]
        grad_camera[0] += (px * vertices[v, 0] + py * vertices[v, 1]) / focal
        grad_camera[1] += px * vertices[v, 2] / focal
        grad_camera[2] += py * vertices[v, 2] / focal
        nx, ny, nz, scale = normals[v, 0], normals[v, 1], normals[v, 2], inverse_length[v]
        gx, gy, gz = gathered[v, 3], gathered[v, 4], gathered[v, 5]
        radial = gx * nx + gy * ny + gz * nz
        gathered[v, 3], gathered[v, 4] = (gx - radial * nx) * scale, (gy - radial * ny) * scale
        gathered[v, 5] = (gz - radial * nz) * scale
        grad_vertices[v, 0], grad_vertices[v, 1], grad_vertices[v, 2] = px, py, gathered[v, 2]
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        gx = gathered[a, 3] + gathered[b, 3] + gathered[c, 3]
        gy = gathered[a, 4] + gathered[b, 4] + gathered[c, 4]
        gz = gathered[a, 5] + gathered[b, 5] + gathered[c, 5]
        if gx == 0.0 and gy == 0.0 and gz == 0.0:
            continue
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        wx, wy, wz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        bx, by, bz = wy * gz - wz * gy, wz * gx - wx * gz, wx * gy - wy * gx
        cx, cy, cz = gy * uz - gz * uy, gz * ux - gx * uz, gx * uy - gy * ux
        grad_vertices[b, 0] += bx
        grad_vertices[b, 1] += by
        grad_vertices[b, 2] += bz
        grad_vertices[c, 0] += cx
        grad_vertices[c, 1] += cy
        grad_vertices[c, 2] += cz
        grad_vertices[a, 0] -= bx + cx
        grad_vertices[a, 1] -= by + cy
        grad_vertices[a, 2] -= bz + cz
