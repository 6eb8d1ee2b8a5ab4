"""The backward kernels of the numba CUDA renderer: see render/numba_cuda/kernels.py for the arrays and the way."""

from __future__ import annotations

import numpy as np

from facegpt.render import scalar
from facegpt.render.numba_cuda.kernels import (
    bilinear,
    cuda,
    device_function,
    highlight,
    irradiance,
    irradiance_slope,
    mix,
    pair_of,
    ray_of,
    row_of,
    solve_pixel,
    triangle_level,
    unit_normal,
)
from facegpt.render.scalar import HALF, ONE, ZERO


@device_function
def add_row(values, batch, i, x, y, z):
    """Add three numbers to row i of an image of the batch."""
    cuda.atomic.add(values, (batch, i, 0), x)
    cuda.atomic.add(values, (batch, i, 1), y)
    cuda.atomic.add(values, (batch, i, 2), z)


@cuda.jit
def blend_backward(
    slots, width, total, image, screen, edges, cameras, grad_blended, grad_image, grad_vertices
):  # fmt: skip
    """Gradients of the image before antialiasing and of the vertices, from that of the image after (B, P, 4).

    grad_image (B, P, 4): a copy of grad_blended before. grad_vertices (B, V, 3): added to.
    """
    count = slots.shape[1]
    for i in range(cuda.grid(1), slots.shape[0] * count, cuda.gridsize(1)):
        batch, slot = i // count, i % count
        if slots[batch, slot] == 0:
            continue
        e, changed, other, share, sign = pair_of(slots[batch, slot], slot, width)
        scale, push = ONE / scalar.larger(total[batch, changed], ONE), ZERO
        for k in range(4):
            grad = grad_blended[batch, changed, k] * scale
            push += grad * (image[batch, other, k] - image[batch, changed, k])
            cuda.atomic.add(grad_image, (batch, changed, k), -share * grad)
            cuda.atomic.add(grad_image, (batch, other, k), share * grad)
        if push == ZERO:
            continue
        a, b = edges[e, 0], edges[e, 1]
        (xa, ya, za), (xb, yb, zb), (focal, cx, cy) = (
            row_of(screen[batch], a),
            row_of(screen[batch], b),
            row_of(cameras, batch),
        )
        x, y = np.float32(changed % width), np.float32(changed // width)
        push_x, push_y, t = scalar.edge_push(push * sign, x, y, xa, ya, xb, yb)
        za, zb = (ONE - t) * za, t * zb
        sideways = push_x * (xa - cx) + push_y * (ya - cy)
        add_row(grad_vertices, batch, a, push_x * za * focal, push_y * za * focal, -sideways * za)
        sideways = push_x * (xb - cx) + push_y * (yb - cy)
        add_row(grad_vertices, batch, b, push_x * zb * focal, push_y * zb * focal, -sideways * zb)


@device_function
def _texel_slopes(texels, start, height, width, u, v, k):
    """Sample plane k of a level: the value, its slopes in u and v, and the four texels with their weights."""
    x0, x1, y0, y1, fx, fy = scalar.texel_address(u, v, height, width)
    tall, wide = np.float32(height), np.float32(width)
    per_u = wide if u * wide - HALF > ZERO and u * wide - HALF < wide - ONE else ZERO
    per_v = -tall if (ONE - v) * tall - HALF > ZERO and (ONE - v) * tall - HALF < tall - ONE else ZERO
    top, bottom = start + (k * height + y0) * width, start + (k * height + y1) * width
    value, along_x, along_y = bilinear(texels, top + x0, top + x1, bottom + x0, bottom + x1, fx, fy)
    return value, along_x * per_u, along_y * per_v, (top + x0, top + x1, bottom + x0, bottom + x1), fx, fy


@device_function
def _scatter(grad_flat, row, places, fx, fy, value):
    """Add a gradient to the four texels that a pixel mixes."""
    cuda.atomic.add(grad_flat, (row, places[0]), (ONE - fx) * (ONE - fy) * value)
    cuda.atomic.add(grad_flat, (row, places[1]), fx * (ONE - fy) * value)
    cuda.atomic.add(grad_flat, (row, places[2]), (ONE - fx) * fy * value)
    cuda.atomic.add(grad_flat, (row, places[3]), fx * fy * value)


@device_function
def _texture_slopes(light, flat, row, levels, level, u, v, x, y, z, grad, grad_flat, piece):
    """Pull the gradient of a pixel's colour (4,) back to the texture: give its gradients in u and v.

    piece: becomes the gradient of the irradiance (3,).
    """
    slope_u, slope_v = ZERO, ZERO
    start, height, width = levels[level, 0], levels[level, 1], levels[level, 2]
    for k in range(3):
        albedo, along_u, along_v, places, fx, fy = _texel_slopes(flat[row], start, height, width, u, v, k)
        lit = irradiance(light, k, x, y, z)
        seen = grad[k] * scalar.larger(lit, ZERO)
        slope_u += seen * along_u
        slope_v += seen * along_v
        piece[k] = grad[k] * albedo if lit > ZERO else ZERO
        if grad_flat.shape[1] > 0:
            _scatter(grad_flat, row, places, fx, fy, seen)
    return slope_u, slope_v


@device_function
def _gloss_slopes(lobe, camera, p, width, x, y, z, grad, piece):
    """Pull the gradient of a pixel's colour back to the highlight: give its gradient of the normal, tangential.

    piece: becomes the gradients (10,) of the lobe's seven numbers, focal length and principal point.
    """
    rx, ry = ray_of(p, width, camera)
    half = scalar.half_vector(rx, ry, lobe[0], lobe[1], lobe[2])
    cosine = x * half[0] + y * half[1] + z * half[2]
    value = highlight(lobe, cosine)
    push = (grad[0] * lobe[3] + grad[1] * lobe[4] + grad[2] * lobe[5]) * value
    tx, ty, tz, mx, my, mz, gx, gy = scalar.highlight_slope(push * lobe[6], x, y, z, rx, ry, half)
    piece[0], piece[1], piece[2] = mx, my, mz
    piece[3], piece[4], piece[5] = grad[0] * value, grad[1] * value, grad[2] * value
    piece[6], piece[7] = push * (cosine - ONE), -(gx * rx + gy * ry) / camera[0]
    piece[8], piece[9] = -gx / camera[0], -gy / camera[0]
    return tx, ty, tz


@cuda.jit
def shade_backward(
    vertices, screen, normals, triangles, uv, uv_triangles, cameras, lights, lobes, flat, levels, index, width,
    grad_image, grad_vertices, grad_normals, grad_flat, pieces,
):  # fmt: skip
    """Add the gradients of all pixels to those of vertices and normals (B, V, 3) and of the texture, unless empty.

    grad_image: (B, P, 4). pieces (B, P, 3 or 13): each pixel's gradient of the irradiance and, with a lobe, what
    _gloss_slopes gives; zeros before.
    """
    count = index.shape[1]
    for i in range(cuda.grid(1), index.shape[0] * count, cuda.gridsize(1)):
        batch, p = i // count, i % count
        f, grad = index[batch, p], grad_image[batch, p]
        if f < 0 or (grad[0] == ZERO and grad[1] == ZERO and grad[2] == ZERO):
            continue
        (a, b, c), (ta, tb, tc) = row_of(triangles, f), row_of(uv_triangles, f)
        b1, b2, g1x, g1y, g1z, g2x, g2y, g2z = solve_pixel(
            p % width, p // width, a, b, c, vertices[batch], cameras[batch]
        )
        x, y, z, scale = unit_normal(normals[batch], a, b, c, b1, b2)
        (u, u1, u2), (v, v1, v2) = mix(uv, ta, tb, tc, 0, b1, b2), mix(uv, ta, tb, tc, 1, b1, b2)
        texels, coarsest = np.float32(levels[0, 1] * levels[0, 2]), np.float32(levels.shape[0] - 1)
        level = int(triangle_level(a, b, c, ta, tb, tc, screen[batch], uv, texels, coarsest))
        row, piece = scalar.smaller(batch, flat.shape[0] - 1), pieces[batch, p]
        su, sv = _texture_slopes(lights[batch], flat, row, levels, level, u, v, x, y, z, grad, grad_flat, piece)
        hx, hy, hz = irradiance_slope(lights[batch], piece[0], piece[1], piece[2], x, y, z)
        radial = hx * x + hy * y + hz * z
        hx, hy, hz = hx - radial * x, hy - radial * y, hz - radial * z
        if lobes.shape[1] > 0:
            tx, ty, tz = _gloss_slopes(lobes[batch], cameras[batch], p, width, x, y, z, grad, piece[3:])
            hx, hy, hz = hx + tx, hy + ty, hz + tz
        hx, hy, hz = hx * scale, hy * scale, hz * scale
        w1, w2 = su * u1 + sv * v1, su * u2 + sv * v2
        for k in range(3):
            _, to_b, to_c = mix(normals[batch], a, b, c, k, b1, b2)
            part = hx if k == 0 else (hy if k == 1 else hz)
            w1, w2 = w1 + part * to_b, w2 + part * to_c
        mx, my, mz = -w1 * g1x - w2 * g2x, -w1 * g1y - w2 * g2y, -w1 * g1z - w2 * g2z
        b0 = ONE - b1 - b2
        add_row(grad_vertices, batch, a, b0 * mx, b0 * my, b0 * mz)
        add_row(grad_vertices, batch, b, b1 * mx, b1 * my, b1 * mz)
        add_row(grad_vertices, batch, c, b2 * mx, b2 * my, b2 * mz)
        add_row(grad_normals, batch, a, b0 * hx, b0 * hy, b0 * hz)
        add_row(grad_normals, batch, b, b1 * hx, b1 * hy, b1 * hz)
        add_row(grad_normals, batch, c, b2 * hx, b2 * hy, b2 * hz)
