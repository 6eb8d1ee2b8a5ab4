"""How well frames lie on a photo, frame by frame: the compiled form of `silhouettes.plainly_scored`."""

from __future__ import annotations

from numba import njit

from facegpt.detect.windows import read_at
from facegpt.render.scalar import INLINE, KERNEL


@njit(**INLINE)
def _across(plane, on, outside, inside):  # type: ignore[no-untyped-def]
    """A plane (S, S) on a rim, outside it and inside, read at places (2,)."""
    return read_at(plane, on[0], on[1]), read_at(plane, outside[0], outside[1]), read_at(plane, inside[0], inside[1])


@njit(**INLINE)
def _stands_out(rim, beyond, within, least, most):  # type: ignore[no-untyped-def]
    """By how much a rim is below both its sides, and above both, within least..most."""
    below = min(max(min(beyond, within) - rim, least), most)
    return below, min(max(rim - max(beyond, within), least), most)


@njit(**KERNEL)
def place(rings, aside, view, out):  # type: ignore[no-untyped-def]
    """Write pixels (M, 2, 4, N, 2) of rings (M, 4, N, 3) and of their mirror images, moved aside, in a view (3, 4)."""
    count, kinds, places, _ = rings.shape
    for m in range(count):
        for side in range(2):
            sign = 1.0 - 2.0 * side
            for k in range(kinds):
                for n in range(places):
                    x, y, z = sign * rings[m, k, n, 0] + aside, rings[m, k, n, 1], rings[m, k, n, 2]
                    depth = view[2, 0] * x + view[2, 1] * y + view[2, 2] * z + view[2, 3]
                    for c in range(2):
                        seen = view[c, 0] * x + view[c, 1] * y + view[c, 2] * z + view[c, 3]
                        out[m, side, k, n, c] = seen / depth


@njit(**KERNEL)
def compare(places, grey, red, yellow, weights, least, most, out):  # type: ignore[no-untyped-def]
    """Write dark, bright, step and hued (M, 4) of frames at places (M, 2, 4, N, 2) of three planes (S, S).

    weights: (2,) of the halves, which sum to 1. least, most: what one place counts for.
    """
    count, number = len(places), places.shape[3]
    for m in range(count):
        for k in range(4):
            out[m, k] = 0.0
        redder, paler, yellower, bluer = 0.0, 0.0, 0.0, 0.0
        for side in range(2):
            share = weights[side] / number
            for n in range(number):
                on, outside, inside = places[m, side, 0, n], places[m, side, 1, n], places[m, side, 2, n]
                rim, beyond, within = _across(grey, on, outside, inside)
                dark, bright = _stands_out(rim, beyond, within, least, most)
                out[m, 0] += share * dark
                out[m, 1] += share * bright
                out[m, 2] += share * min(max(beyond - min(within, rim + 0.1), least), most)
                rim, beyond, within = _across(red, on, outside, inside)
                less, more = _stands_out(rim, beyond, within, least, most)
                paler, redder = paler + share * less, redder + share * more
                rim, beyond, within = _across(yellow, on, outside, inside)
                less, more = _stands_out(rim, beyond, within, least, most)
                bluer, yellower = bluer + share * less, yellower + share * more
        out[m, 3] = max(max(redder, paler), max(yellower, bluer))


@njit(**KERNEL)
def cover(outer, belief, total, shares, out):  # type: ignore[no-untyped-def]
    """Write the soft intersection over union (M,) of areas within outlines (M, 2, N, 2) with a belief (S, S).

    total: the belief's sum. shares: (E,) how far from the middle to the outline the belief is read.
    """
    count, sides, number, _ = outer.shape
    scale = 0.0
    for k in range(len(shares)):
        scale += shares[k]
    for m in range(count):
        both, areas = 0.0, 0.0
        for side in range(sides):
            middle_x, middle_y, area = 0.0, 0.0, 0.0
            for n in range(number):
                x, y = outer[m, side, n, 0], outer[m, side, n, 1]
                after = n + 1 if n + 1 < number else 0
                area += x * outer[m, side, after, 1] - outer[m, side, after, 0] * y
                middle_x += x / number
                middle_y += y / number
            area = 0.5 * abs(area)
            seen = 0.0
            for n in range(number):
                x, y = outer[m, side, n, 0] - middle_x, outer[m, side, n, 1] - middle_y
                for k in range(len(shares)):
                    share = shares[k]
                    seen += share * read_at(belief, middle_x + share * x, middle_y + share * y)
            both += seen / (number * scale) * area
            areas += area
        out[m] = both / max(areas + total - both, 1e-6)
