"""Kernels that paint a coat of hair into a texture: the shade below it, and its strands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

#: How kernels that allocate nothing are compiled, and what they are made of.
KERNEL: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": True, "_nrt": False}
INLINE: dict[str, Any] = {"cache": True, "error_model": "numpy", "forceinline": True, "fastmath": True, "_nrt": False}
F = np.float32
#: float32 times a Python number is float64 in kernels; these keep the arithmetic in float32.
ZERO, HALF, ONE = F(0), F(0.5), F(1)
#: A whole turn and a quarter of one, radians.
_TURN, _PER_TURN, _QUARTER = F(2 * np.pi), F(0.5 / np.pi), F(np.pi / 2)


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


@njit(**INLINE)
def _sine(x):  # type: ignore[no-untyped-def]
    """The sine of an angle to 1e-6, in a third of the library's time."""
    x -= _TURN * math.floor(x * _PER_TURN + HALF)
    if x > _QUARTER:
        x = HALF * _TURN - x
    elif x < -_QUARTER:
        x = -HALF * _TURN - x
    square = x * x
    return x * (ONE + square * (F(-1 / 6) + square * (F(1 / 120) + square * (F(-1 / 5040) + square * F(1 / 362880)))))


@njit(**INLINE)
def _flow_at(flow, u, v):  # type: ignore[no-untyped-def]
    """The flow (2, h, h) at a place of the texture, bilinear."""
    side = F(flow.shape[1])
    last = side - F(1.001)
    x, y = min(max(u * side - HALF, ZERO), last), min(max(v * side - HALF, ZERO), last)
    column, row = int(x), int(y)
    fx, fy = x - F(column), y - F(row)
    du = (flow[0, row, column] * (ONE - fx) + flow[0, row, column + 1] * fx) * (ONE - fy)
    du += (flow[0, row + 1, column] * (ONE - fx) + flow[0, row + 1, column + 1] * fx) * fy
    dv = (flow[1, row, column] * (ONE - fx) + flow[1, row, column + 1] * fx) * (ONE - fy)
    dv += (flow[1, row + 1, column] * (ONE - fx) + flow[1, row + 1, column + 1] * fx) * fy
    return du, dv


@njit(**INLINE)
def _splat(picture, px, py, cover, red, green, blue):  # type: ignore[no-untyped-def]
    """Lay a colour over the four texels of picture (S, S, 3) about a place, by their nearness."""
    side = picture.shape[0]
    left, top = math.floor(px), math.floor(py)
    right, below = px - F(left), py - F(top)
    for j in range(2):
        y = top + j
        if y < 0 or y >= side:
            continue
        down = (below if j else ONE - below) * cover
        for i in range(2):
            x = left + i
            if 0 <= x < side:
                near = (right if i else ONE - right) * down
                picture[y, x, 0] += near * (red - picture[y, x, 0])
                picture[y, x, 1] += near * (green - picture[y, x, 1])
                picture[y, x, 2] += near * (blue - picture[y, x, 2])


@njit(**KERNEL)
def draw_strands(picture, roots, length, width, colour, turn, flow, texel_mm2):  # type: ignore[no-untyped-def]
    """Draw strands in their order, a splat per texel of their way along the flow (2, h, h), over picture (S, S, 3).

    The flow is looked up anew after half of one of its cells: it hardly bends between.
    """
    side = F(picture.shape[0])
    straight = max(picture.shape[0] // (2 * flow.shape[1]), 1)
    for i in range(len(roots)):
        u, v = roots[i, 0], roots[i, 1]
        red, green, blue = colour[i, 0], colour[i, 1], colour[i, 2]
        gone, per_length = ZERO, ONE / length[i]
        while gone < length[i]:
            du, dv = _flow_at(flow, u, v)
            speed = math.sqrt(du * du + dv * dv)  # texture units per mm
            if speed < F(1e-5):
                break
            share = gone * per_length
            angle = turn[i, 0] + turn[i, 1] * F(2) * _sine(F(5) * share)
            cosine, sine = _sine(angle + _QUARTER), _sine(angle)
            step = ONE / (speed * side)
            along_u, along_v = (du * cosine - dv * sine) * step, (du * sine + dv * cosine) * step
            whole = min(width[i] / max(texel_mm2[i] * speed * side, F(0.05)), ONE)  # the texel's width across
            whole *= min(length[i] * speed * side, ONE)
            for _ in range(straight):
                cover = whole * (ONE - F(0.6) * gone * per_length)
                _splat(picture, u * side - HALF, v * side - HALF, cover, red, green, blue)
                gone += step
                u += along_u
                v += along_v
                if gone >= length[i]:
                    break


@njit(cache=True, nogil=True)
def tint_painted(picture, bare, colour, tint):  # type: ignore[no-untyped-def]
    """Tint what is painted of one colour (3,) over a bare skin (S, S, 3), in place.

    tint: (h, h, 3) of the colour to be added, bilinear between texels. A texel takes of it as it shows of the colour.
    """
    per, last = F(tint.shape[0]) / F(picture.shape[0]), tint.shape[0] - 1
    for y in range(picture.shape[0]):
        down = min(max((F(y) + HALF) * per - HALF, ZERO), F(last))
        top = int(down)
        below, next_row = down - F(top), min(top + 1, last)
        for x in range(picture.shape[1]):
            reached = longest = ZERO
            for c in range(3):
                away = colour[c] - bare[y, x, c]
                reached += (picture[y, x, c] - bare[y, x, c]) * away
                longest += away * away
            if reached <= ZERO:
                continue
            share = min(reached / max(longest, F(1e-4)), ONE)
            across = min(max((F(x) + HALF) * per - HALF, ZERO), F(last))
            left = int(across)
            right, next_column = across - F(left), min(left + 1, last)
            for c in range(3):
                upper = tint[top, left, c] * (ONE - right) + tint[top, next_column, c] * right
                lower = tint[next_row, left, c] * (ONE - right) + tint[next_row, next_column, c] * right
                more = upper * (ONE - below) + lower * below
                picture[y, x, c] = min(max(picture[y, x, c] + share * colour[c] * more, ZERO), ONE)
