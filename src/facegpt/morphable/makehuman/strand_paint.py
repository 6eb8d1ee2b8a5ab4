"""Kernels that paint a coat of hair into a texture: the shade below it, and its strands."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def shade_under(picture, density, shade, below):  # type: ignore[no-untyped-def]
    """Draw picture (S, S, 3) towards the colour below (3,) of a coat by its density (S, S), but never lighter."""
    mean = (below[0] + below[1] + below[2]) / 3
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            if density[y, x] == 0:
                continue
            skin = max((picture[y, x, 0] + picture[y, x, 1] + picture[y, x, 2]) / 3, 1e-4)
            lighter = max(mean / skin, 1.0)
            for c in range(3):
                picture[y, x, c] += density[y, x] * shade * (below[c] / lighter - picture[y, x, c])


@njit(cache=True)
def _sine(x):  # type: ignore[no-untyped-def]
    """The sine of an angle to 1e-6, in a third of the library's time."""
    x -= 2 * np.pi * np.floor(x / (2 * np.pi) + 0.5)
    if x > np.pi / 2:
        x = np.pi - x
    elif x < -np.pi / 2:
        x = -np.pi - x
    square = x * x
    return x * (1 + square * (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square / 362880))))


@njit(cache=True, error_model="numpy")
def _flow_at(flow, u, v):  # type: ignore[no-untyped-def]
    """The flow (2, h, h) at a place of the texture, bilinear."""
    last = flow.shape[1] - 1.001
    x, y = min(max(u * flow.shape[1] - 0.5, 0.0), last), min(max(v * flow.shape[1] - 0.5, 0.0), last)
    column, row = int(x), int(y)
    fx, fy = x - column, y - row
    du = (flow[0, row, column] * (1 - fx) + flow[0, row, column + 1] * fx) * (1 - fy)
    du += (flow[0, row + 1, column] * (1 - fx) + flow[0, row + 1, column + 1] * fx) * fy
    dv = (flow[1, row, column] * (1 - fx) + flow[1, row, column + 1] * fx) * (1 - fy)
    dv += (flow[1, row + 1, column] * (1 - fx) + flow[1, row + 1, column + 1] * fx) * fy
    return du, dv


@njit(cache=True, error_model="numpy")
def _splat(picture, px, py, cover, red, green, blue):  # type: ignore[no-untyped-def]
    """Lay a colour over the four texels of picture (S, S, 3) about a place, by their nearness."""
    side = picture.shape[0]
    left, top = int(np.floor(px)), int(np.floor(py))
    for j in range(4):
        x, y = left + (j & 1), top + (j >> 1)
        if 0 <= x < side and 0 <= y < side:
            near = np.float32((1 - abs(px - x)) * (1 - abs(py - y)) * cover)
            picture[y, x, 0] += near * (red - picture[y, x, 0])
            picture[y, x, 1] += near * (green - picture[y, x, 1])
            picture[y, x, 2] += near * (blue - picture[y, x, 2])


@njit(cache=True, error_model="numpy")
def draw_strands(picture, roots, length, width, colour, turn, flow, texel_mm2):  # type: ignore[no-untyped-def]
    """Draw strands in their order, a splat per texel of their way along the flow (2, h, h), over picture (S, S, 3)."""
    side = picture.shape[0]
    for i in range(len(roots)):
        u, v = roots[i, 0], roots[i, 1]
        red, green, blue = colour[i, 0], colour[i, 1], colour[i, 2]
        gone = 0.0
        while gone < length[i]:
            du, dv = _flow_at(flow, u, v)
            speed = np.sqrt(du * du + dv * dv)  # texture units per mm
            if speed < 1e-5:
                break
            share = gone / length[i]
            angle = turn[i, 0] + turn[i, 1] * 2.0 * _sine(5.0 * share)
            cosine, sine = _sine(angle + np.pi / 2), _sine(angle)
            texels = speed * side
            step = 1.0 / texels
            cover = min(width[i] / max(texel_mm2[i] * texels, 0.05), 1.0)  # the texel's width across
            cover *= (1 - 0.6 * share) * min(length[i] * texels, 1.0)
            _splat(picture, u * side - 0.5, v * side - 0.5, cover, red, green, blue)
            gone += step
            u += (du * cosine - dv * sine) * step
            v += (du * sine + dv * cosine) * step
