"""Antialiasing along silhouette edges: the kernels of the numba CPU renderer.

A silhouette edge has all its triangles on one side in the image. Where it passes between the centres of two
neighbouring pixels, the pixel whose area the edge divides takes a share of the other's colour equal to the area that
the other surface covers of it (Laine et al. 2020, sec. 3.4, there per pair of pixels, here found edge by edge, so that
triangles smaller than a pixel are served). A steep edge is followed along rows, a flat one along columns. Of several
edges between the same two pixels the outermost counts: the outline of a mesh is full of short ones just behind it.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.render.scalar import FRONT, HALF, INLINE, KERNEL, ZERO, edge_push, is_outline, is_visible


@njit(**KERNEL)
def find_pairs(
    screen, edges, edge_triangles, edge_fold, facing, nearest, index, slots, pair_pixels, pair_share, pair_edge
):
    """List the pairs of pixels that silhouette edges pass between; give how many there are (room is len(pair_share)).

    slots: (H·W, 2) working memory: the pair of a pixel and the one below it or to its right.

    pair_pixels: (N, 2) flat pixel that changes, flat pixel it takes from. pair_share: (N,) 0..0.5.
    pair_edge: (N, 2) edge, and +1 or -1: the sign of d(share)/d(crossing along the row or column).
    """
    (height, width), count = index.shape, 0
    slots[:] = -1
    for e in range(np.uint64(len(edges))):
        one, two = facing[edge_triangles[e, 0]], facing[edge_triangles[e, 1]]
        if not is_outline(one, two, edge_fold[e]):
            continue
        # The edge runs counter-clockwise around its first triangle if that is seen from the front.
        a, b, left_inside = edges[e, 0], edges[e, 1], one == FRONT
        steep = abs(screen[b, 1] - screen[a, 1]) >= abs(screen[b, 0] - screen[a, 0])
        along, across = (1, 0) if steep else (0, 1)
        lines, places = (height, width) if steep else (width, height)
        if screen[a, along] > screen[b, along]:
            a, b, left_inside = b, a, not left_inside
        inside_low = left_inside != steep
        start, end, slope = screen[a, along], screen[b, along], screen[b, across] - screen[a, across]
        slope /= end - start
        for line in range(math.ceil(max(start, ZERO)), lines):
            if line >= end:
                break
            crossing = screen[a, across] + (line - start) * slope
            low = math.floor(crossing)
            if low < 0 or low + 1 >= places:
                continue
            pixel_low = line * width + low if steep else low * width + line
            pixel_high = pixel_low + 1 if steep else pixel_low + width
            inside, outside = (pixel_low, pixel_high) if inside_low else (pixel_high, pixel_low)
            reach = np.float32(crossing - low if inside_low else low + 1 - crossing)
            depth = screen[a, 2] + (line - start) / (end - start) * (screen[b, 2] - screen[a, 2])
            if not _is_visible(depth, nearest, index, inside, outside, width):
                continue
            place = slots[pixel_low, int(steep)]
            if place < 0:
                place = slots[pixel_low, int(steep)] = count
                count += 1
            elif place >= len(pair_share) or pair_share[place] >= reach:
                continue
            if place < len(pair_share):
                pair_pixels[place, 0], pair_pixels[place, 1], pair_share[place] = inside, outside, reach
                pair_edge[place, 0], pair_edge[place, 1] = e, int(inside_low)
    _share_out(min(count, len(pair_share)), pair_pixels, pair_share, pair_edge)
    return count


@njit(**INLINE)
def _share_out(count, pair_pixels, pair_share, pair_edge):
    """The pair as (changed, other), share and sign, from (inside, outside), reach and whether inside is low."""
    for i in range(count):
        grows = pair_share[i] > HALF
        if grows:
            pair_pixels[i, 0], pair_pixels[i, 1] = pair_pixels[i, 1], pair_pixels[i, 0]
        pair_share[i] = abs(pair_share[i] - HALF)
        pair_edge[i, 1] = 1 if grows == (pair_edge[i, 1] == 1) else -1


@njit(**INLINE)
def _is_visible(edge_inverse_depth, nearest, index, inside, outside, width):
    """Ask is_visible of two flat pixels."""
    y, x = inside // width, inside % width
    other_y, other_x = outside // width, outside % width
    return is_visible(
        edge_inverse_depth, index[y, x], index[other_y, other_x], nearest[y, x], nearest[other_y, other_x]
    )


@njit(**KERNEL)
def blend_pairs(count, pair_pixels, pair_share, pair_delta, total, color, coverage):
    """Move each pair's pixel towards the one it takes from. color: (H·W, 3), coverage: (H·W,).

    pair_delta: (N, 4) becomes d(RGB, coverage) / d(share before scaling), for the backward pass. total: (H·W,) zeros on
    entry and exit. Shares of one pixel that sum to more than 1 (a spike) are scaled to 1, in pair_share too.
    """
    for i in range(count):
        changed, other = pair_pixels[i, 0], pair_pixels[i, 1]
        for k in range(3):
            pair_delta[i, k] = color[other, k] - color[changed, k]
        pair_delta[i, 3] = coverage[other] - coverage[changed]
        total[changed] += pair_share[i]
    for i in range(count):
        scale = np.float32(1.0) / max(total[pair_pixels[i, 0]], np.float32(1.0))
        pair_share[i] *= scale
        for k in range(4):
            pair_delta[i, k] *= scale
    for i in range(count):
        changed = pair_pixels[i, 0]
        weight = pair_share[i] * max(total[changed], np.float32(1.0))
        for k in range(3):
            color[changed, k] += weight * pair_delta[i, k]
        coverage[changed] += weight * pair_delta[i, 3]
    for i in range(count):
        total[pair_pixels[i, 0]] = 0.0


@njit(**KERNEL)
def pairs_backward(
    pair_pixels, pair_share, pair_edge, pair_delta, screen, vertices, edges, camera, grad_color, grad_coverage,
    grad_vertices, carried,
):  # fmt: skip
    """Gradients of the image before antialiasing, in place, and of the vertices.

    grad_color: (H, W, 3). grad_coverage: (H, W), of the antialiased image only. grad_vertices: (V, ≥3), added to.
    carried: (N, 3) working memory.
    """
    width = grad_coverage.shape[1]
    for i in range(len(pair_share)):
        y, x = pair_pixels[i, 0] // width, pair_pixels[i, 0] % width
        push = grad_coverage[y, x] * pair_delta[i, 3]
        for k in range(3):
            carried[i, k] = grad_color[y, x, k]
            push += carried[i, k] * pair_delta[i, k]
        if push != 0.0:
            _push_edge(push * pair_edge[i, 1], pair_edge[i, 0], x, y, screen, vertices, edges, camera, grad_vertices)
    for i in range(len(pair_share)):
        y, x = pair_pixels[i, 0] // width, pair_pixels[i, 0] % width
        other_y, other_x = pair_pixels[i, 1] // width, pair_pixels[i, 1] % width
        for k in range(3):
            moved = pair_share[i] * carried[i, k]
            grad_color[y, x, k] -= moved
            grad_color[other_y, other_x, k] += moved


@njit(**INLINE)
def _push_edge(push, e, x, y, screen, vertices, edges, camera, grad_vertices):
    """Add d(crossing)/d(vertices) · push of an edge at pixel (x, y) of the line that it crosses."""
    a, b = edges[e, 0], edges[e, 1]
    push_x, push_y, t = edge_push(push, x, y, screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1])
    for v, weight in ((a, np.float32(1.0) - t), (b, t)):
        per_mm = weight * screen[v, 2]
        grad_vertices[v, 0] += push_x * per_mm * camera[0]
        grad_vertices[v, 1] += push_y * per_mm * camera[0]
        sideways = push_x * (screen[v, 0] - camera[1]) + push_y * (screen[v, 1] - camera[2])
        grad_vertices[v, 2] -= sideways * per_mm
