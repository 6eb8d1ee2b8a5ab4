"""The kernels of the numba CUDA renderer: a thread per vertex, triangle, edge or pixel, sums by atomic additions.

The arithmetic is that of the CPU's kernels (scalar.py and the small functions of numba_cpu/forward.py, shade.py and
backward.py). Arrays have the batch first: vertices, normals (B, V, 3); screen (B, V, 3) of project_point; cameras
(B, 3) focal, principal x, principal y; lights (B, 9, 3); lobes (B, 7) or (B, 0); pixels are flat, (B, P).

A pixel's key, int64, is the bits of 1/z of its nearest surface above the inverted number of its triangle; 0 where
nothing is. That of a pair of neighbouring pixels (slots, (B, 2P): pixel 2p with the one below, 2p + 1 with the one to
the right) is the bits of the reach (numba_cpu/edges.py) above the inverted number of the edge, doubled, plus 1 if the
surface is at the first pixel. So the largest key is the nearest triangle, or the outermost edge.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numba.cuda
import numpy as np

from facegpt.render import scalar
from facegpt.render.numba_cpu import backward as numba_backward
from facegpt.render.numba_cpu import forward as numba_forward
from facegpt.render.numba_cpu import shade as numba_shade
from facegpt.render.scalar import CLIPPED, FRONT, HALF, LEAST, NEAR_MM, NOTHING, ONE, ZERO

_settings: Any = numba.config
#: Whether kernels run as plain Python (NUMBA_ENABLE_CUDASIM=1), slowly, on any machine.
SIMULATED = bool(_settings.ENABLE_CUDASIM)
cuda: Any = numba.cuda  #: without numba's type hints, which don't hold inside kernels
_LOW_WORD = 0xFFFFFFFF


def _shared(function):
    """Take a function of the CPU's kernels that reads arrays; numba compiles it for the device, the simulator can't."""
    return function.py_func if SIMULATED else function


def device_function(function):
    """Decorate what kernels call."""
    return function if SIMULATED else cuda.jit(device=True)(function)


box_of_triangle, solve_pixel = _shared(numba_forward.box_of_triangle), _shared(numba_shade.solve_pixel)
triangle_level, fetch = _shared(numba_shade.triangle_level), _shared(numba_shade.fetch)
bilinear, irradiance = _shared(numba_backward.bilinear), _shared(scalar.irradiance)
irradiance_slope = _shared(scalar.irradiance_slope)


@device_function
def row_of(values, i):
    """The three numbers of a row."""
    return values[i, 0], values[i, 1], values[i, 2]


@device_function
def _facing(screen, triangles, f):
    """Say how a triangle is seen: see facing_of."""
    a, b, c = row_of(triangles, f)
    area = scalar.signed_area(screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1])
    return scalar.facing_of(area, screen[a, 2], screen[b, 2], screen[c, 2])


@device_function
def _key(value, number):
    """Put a number of 0 or more above an inverted index, so that the largest key has the largest value."""
    return (np.int64(np.float32(value).view(np.int32)) << 32) | (_LOW_WORD - np.int64(number))


@device_function
def _number(key):
    """The index in a key."""
    return _LOW_WORD - (key & _LOW_WORD)


@device_function
def _value(key):
    """The value in a key, 0 of an empty one."""
    return np.int32(key >> 32).view(np.float32)


@cuda.jit
def project(vertices, cameras, screen):
    """Fill screen."""
    count = vertices.shape[1]
    for i in range(cuda.grid(1), vertices.shape[0] * count, cuda.gridsize(1)):
        b, v = i // count, i % count
        x, y, z = row_of(vertices[b], v)
        focal, cx, cy = row_of(cameras, b)
        screen[b, v, 0], screen[b, v, 1], screen[b, v, 2] = scalar.project_point(x, y, z, focal, cx, cy)


@cuda.jit
def rasterize(vertices, screen, triangles, cameras, width, keys):
    """Fill the keys of the pixels, zeros before: every triangle bids for those that it covers."""
    count = triangles.shape[0]
    height = keys.shape[1] // width
    for i in range(cuda.grid(1), vertices.shape[0] * count, cuda.gridsize(1)):
        batch, f = i // count, i % count
        own = screen[batch]
        facing = _facing(own, triangles, f)
        if facing == NOTHING:
            continue
        a, b, c = row_of(triangles, f)
        if facing == CLIPPED:
            for pixel in range(height * width):
                solved = solve_pixel(pixel % width, pixel // width, a, b, c, vertices[batch], cameras[batch])
                b1, b2, z = solved[0], solved[1], vertices[batch, a, 2]
                z = z + b1 * (vertices[batch, b, 2] - z) + b2 * (vertices[batch, c, 2] - z)
                if b1 >= ZERO and b2 >= ZERO and b1 + b2 <= ONE and z >= NEAR_MM:
                    cuda.atomic.max(keys, (batch, pixel), _key(ONE / z, f))
            continue
        (xa, ya, za), (xb, yb, zb), (xc, yc, zc) = row_of(own, a), row_of(own, b), row_of(own, c)
        x_lo, x_hi, y_lo, y_hi = box_of_triangle(own, a, b, c, 0, height, width)
        cover = scalar.cover_setup(a, xa, ya, za, b, xb, yb, zb, c, xc, yc, zc)
        for y in range(y_lo, y_hi + 1):
            row = scalar.cover_row(np.float32(y), cover)
            for x in range(x_lo, x_hi + 1):
                inside, nearness = scalar.cover_pixel(np.float32(x), row)
                if inside >= ZERO and nearness > ZERO:
                    cuda.atomic.max(keys, (batch, y * width + x), _key(nearness, f))


@device_function
def mix(values, a, b, c, k, b1, b2):
    """Interpolate column k; give it and how much more it is at b and at c than at a."""
    base = values[a, k]
    to_b, to_c = values[b, k] - base, values[c, k] - base
    return base + b1 * to_b + b2 * to_c, to_b, to_c


@device_function
def unit_normal(normals, a, b, c, b1, b2):
    """The unit normal and what made it unit."""
    x, y, z = (
        mix(normals, a, b, c, 0, b1, b2)[0],
        mix(normals, a, b, c, 1, b1, b2)[0],
        mix(normals, a, b, c, 2, b1, b2)[0],
    )
    scale = ONE / math.sqrt(scalar.larger(x * x + y * y + z * z, LEAST))
    return x * scale, y * scale, z * scale, scale


@cuda.jit
def shade(
    vertices, screen, normals, triangles, uv, uv_triangles, cameras, lights, lobes, flat, levels, keys, width, index,
    image, geometry,
):  # fmt: skip
    """Fill index (B, P), image (B, P, 4) of color and coverage before antialiasing, and geometry (B, P, 9).

    flat: (1 or B, N) the texture's planes, then its mipmaps'; levels (L, 3): offset, height, width, the texture first.
    geometry: depth, normal, u, v and the three barycentrics. image and geometry are zeros before.
    """
    count = keys.shape[1]
    for i in range(cuda.grid(1), keys.shape[0] * count, cuda.gridsize(1)):
        batch, p = i // count, i % count
        key = keys[batch, p]
        index[batch, p] = -1 if key == 0 else _number(key)
        if key == 0:
            continue
        f = _number(key)
        (a, b, c), (ta, tb, tc) = row_of(triangles, f), row_of(uv_triangles, f)
        solved = solve_pixel(p % width, p // width, a, b, c, vertices[batch], cameras[batch])
        b1, b2 = solved[0], solved[1]
        x, y, z, _ = unit_normal(normals[batch], a, b, c, b1, b2)
        u, v = mix(uv, ta, tb, tc, 0, b1, b2)[0], mix(uv, ta, tb, tc, 1, b1, b2)[0]
        texels, coarsest = np.float32(levels[0, 1] * levels[0, 2]), np.float32(levels.shape[0] - 1)
        level = int(triangle_level(a, b, c, ta, tb, tc, screen[batch], uv, texels, coarsest))
        red, green, blue = fetch(
            flat[scalar.smaller(batch, flat.shape[0] - 1)], levels[level, 0], levels[level, 1], levels[level, 2], u, v
        )
        light = lights[batch]
        image[batch, p, 0] = red * scalar.larger(irradiance(light, 0, x, y, z), ZERO)
        image[batch, p, 1] = green * scalar.larger(irradiance(light, 1, x, y, z), ZERO)
        image[batch, p, 2] = blue * scalar.larger(irradiance(light, 2, x, y, z), ZERO)
        image[batch, p, 3] = ONE
        if lobes.shape[1] > 0:
            lobe = lobes[batch]
            rx, ry = ray_of(p, width, cameras[batch])
            half = scalar.half_vector(rx, ry, lobe[0], lobe[1], lobe[2])
            value = highlight(lobe, x * half[0] + y * half[1] + z * half[2])
            for k in range(3):
                image[batch, p, k] += value * lobe[3 + k]
        own = geometry[batch, p]
        own[0] = mix(vertices[batch], a, b, c, 2, b1, b2)[0]
        own[1], own[2], own[3], own[4], own[5] = x, y, z, u, v
        own[6], own[7], own[8] = ONE - b1 - b2, b1, b2


@device_function
def ray_of(p, width, camera):
    """The ray (rx, ry, 1) of a flat pixel."""
    per_pixel = ONE / camera[0]
    return (np.float32(p % width) - camera[1]) * per_pixel, (np.float32(p // width) - camera[2]) * per_pixel


@device_function
def highlight(lobe, cosine):
    """Evaluate a lobe of colour 1."""
    return np.float32(math.exp(lobe[6] * (cosine - ONE)))


@cuda.jit
def mark_edges(screen, triangles, edges, edge_triangles, edge_fold, keys, index, width, slots):
    """Fill the keys of the pairs of pixels (B, 2P), zeros before: see numba_edges.find_pairs."""
    count, height = edges.shape[0], keys.shape[1] // width
    for i in range(cuda.grid(1), screen.shape[0] * count, cuda.gridsize(1)):
        batch, e = i // count, i % count
        own = screen[batch]
        one = _facing(own, triangles, edge_triangles[e, 0])
        two = _facing(own, triangles, edge_triangles[e, 1])
        if not scalar.is_outline(one, two, edge_fold[e]):
            continue
        a, b, left_inside = edges[e, 0], edges[e, 1], one == FRONT
        steep = abs(own[b, 1] - own[a, 1]) >= abs(own[b, 0] - own[a, 0])
        along = 1 if steep else 0
        lines, places = (height, width) if steep else (width, height)
        if own[a, along] > own[b, along]:
            a, b, left_inside = b, a, not left_inside
        inside_low = left_inside != steep
        start, span = own[a, along], own[b, along] - own[a, along]
        top = int(scalar.larger(start, ZERO))
        for line in range(top + 1 if top < start else top, lines):
            if line >= own[b, along]:
                break
            part = (np.float32(line) - start) / span
            crossing = own[a, 1 - along] + part * (own[b, 1 - along] - own[a, 1 - along])
            low = int(crossing)
            if crossing < ZERO or low + 1 >= places:
                continue
            first = line * width + low if steep else low * width + line
            second = first + 1 if steep else first + width
            inside, outside = (first, second) if inside_low else (second, first)
            nearness = own[a, 2] + part * (own[b, 2] - own[a, 2])
            near_inside, near_outside = _value(keys[batch, inside]), _value(keys[batch, outside])
            if scalar.is_visible(nearness, index[batch, inside], index[batch, outside], near_inside, near_outside):
                reach = crossing - np.float32(low) if inside_low else np.float32(low + 1) - crossing
                slot = 2 * first + (1 if steep else 0)
                cuda.atomic.max(slots, (batch, slot), _key(reach, 2 * e + (1 if inside_low else 0)))


@device_function
def pair_of(key, slot, width):
    """Edge, pixel that changes, pixel it takes from, share, and the sign of d(share) / d(crossing)."""
    number, reach = _number(key), _value(key)
    first, inside_low = slot // 2, number % 2 == 1
    second = first + 1 if slot % 2 == 1 else first + width
    grows = reach > HALF
    changed, other = (second, first) if grows == inside_low else (first, second)
    return number // 2, changed, other, abs(reach - HALF), ONE if grows == inside_low else -ONE


@cuda.jit
def sum_shares(slots, width, total):
    """Add up the shares that each pixel (B, P) takes of others; total is zeros before."""
    count = slots.shape[1]
    for i in range(cuda.grid(1), slots.shape[0] * count, cuda.gridsize(1)):
        batch, slot = i // count, i % count
        if slots[batch, slot] != 0:
            _, changed, _, share, _ = pair_of(slots[batch, slot], slot, width)
            cuda.atomic.add(total, (batch, changed), share)


@cuda.jit
def blend(slots, width, total, image, blended):
    """Move each pair's pixel of `blended` (B, P, 4), a copy of image before, towards the one it takes from."""
    count = slots.shape[1]
    for i in range(cuda.grid(1), slots.shape[0] * count, cuda.gridsize(1)):
        batch, slot = i // count, i % count
        if slots[batch, slot] == 0:
            continue
        _, changed, other, share, _ = pair_of(slots[batch, slot], slot, width)
        share /= scalar.larger(total[batch, changed], ONE)
        for k in range(4):
            cuda.atomic.add(blended, (batch, changed, k), share * (image[batch, other, k] - image[batch, changed, k]))
