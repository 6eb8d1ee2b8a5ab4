"""Lines of a picture followed both ways: how long they are, and whether they come out of hair."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import INLINE, JIT
from facegpt.types import Array

#: Share of the least strength at which a line is still followed; how fast it may turn, a pixel.
FOLLOWED, TURN = 0.5, 0.3


def traced(
    strength: Array, across: Array, hair: Array, covered: Array, least: float, most: int, gap: int, slope: float
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Follow the line through each pixel (H, W) on the middle of one: its length and whether an end lies in hair.

    Lengths (H, W) are pixels over open skin, 0 where no line is.

    Args:
        strength: (H, W) of lines.
        across: (H, W, 2) unit vectors across them, x and y.
        hair: (H, W) belief in hair.
        covered: (H, W), above 0 beside hair: what runs there is not counted.
        least: strength from which a line is followed.
        most: pixels that it is followed each way at most.
        gap: pixels that it may be lost for.
        slope: least slope (sine) against the rows of a line where it is asked for.
    """
    length, from_hair = np.zeros(strength.shape, np.int32), np.zeros(strength.shape, np.bool_)
    planes = [np.ascontiguousarray(each, np.float32) for each in (strength, across, hair, covered)]
    _trace(*planes, np.float32(least), most, gap, np.float32(slope), length, from_hair)
    return length, from_hair


@njit(**JIT)
def curved(smooth, scale, asked, strength, across):  # type: ignore[no-untyped-def]
    """Write the strength (H, W) of dark lines in a smooth picture (H, W) and what is across (H, W, 2), where stronger.

    Strength is the larger curvature less the size of the smaller one, times scale; only where asked (H, W).
    """
    for y in range(1, smooth.shape[0] - 1):
        for x in range(1, smooth.shape[1] - 1):
            if not asked[y, x]:
                continue
            xx = smooth[y, x - 1] + smooth[y, x + 1] - 2 * smooth[y, x]
            yy = smooth[y - 1, x] + smooth[y + 1, x] - 2 * smooth[y, x]
            middle = (xx + yy) / 2
            if 2 * scale * middle <= strength[y, x]:  # no line is stronger than that
                continue
            xy = (smooth[y + 1, x + 1] + smooth[y - 1, x - 1] - smooth[y + 1, x - 1] - smooth[y - 1, x + 1]) / 4
            half = (xx - yy) / 2
            apart = np.sqrt(half * half + xy * xy)
            value = 2 * scale * min(middle, apart)
            if value > strength[y, x]:
                strength[y, x] = value
                long = np.sqrt((apart + abs(half)) / 2)  # of the vector whose length is the root of `apart`
                short = xy / (2 * long)
                size = np.sqrt(apart)
                if half < 0:
                    long, short = short, long
                across[y, x, 0], across[y, x, 1] = long / size, short / size


@njit(**INLINE)
def _strongest(strength, x, y, dx, dy):  # type: ignore[no-untyped-def]
    """Column and row of the strongest pixel at a place or one pixel beside it, -1 outside."""
    column, row, most = -1, -1, -1.0
    for beside in (0, -1, 1):
        i, j = int(np.rint(x - dy * beside)), int(np.rint(y + dx * beside))
        if 0 <= i < strength.shape[1] and 0 <= j < strength.shape[0]:
            value = strength[j, i]
            if value > most:
                column, row, most = i, j, value
    return column, row


@njit(**JIT)
def _follow(strength, across, hair, covered, x, y, way, least, most, gap):  # type: ignore[no-untyped-def]
    """One way from pixel (x, y): pixels over open skin, and whether it ends in hair."""
    dx, dy = -across[y, x, 1] * way, across[y, x, 0] * way
    px, py, lost, count = float(x), float(y), 0, 0
    for _ in range(most):
        px, py = px + dx, py + dy
        i, j = _strongest(strength, px, py, dx, dy)
        if i < 0:
            break
        if hair[j, i] > 0.5:
            return count, True
        if strength[j, i] < FOLLOWED * least and covered[j, i] == 0:
            lost += 1
            if lost > gap:
                break
            continue
        lost = 0
        if covered[j, i] == 0:
            count += 1
            ax, ay = -across[j, i, 1], across[j, i, 0]
            along = ax * dx + ay * dy
            if abs(along) < 0.5:
                break
            turn = TURN if along > 0 else -TURN
            dx, dy = (1 - TURN) * dx + turn * ax, (1 - TURN) * dy + turn * ay
            size = np.sqrt(dx * dx + dy * dy)
            dx, dy = dx / size, dy / size
        px, py = px + 0.5 * (i - px), py + 0.5 * (j - py)
    return count, False


@njit(**JIT)
def _trace(strength, across, hair, covered, least, most, gap, slope, length, from_hair):  # type: ignore[no-untyped-def]
    for y in range(strength.shape[0]):
        for x in range(strength.shape[1]):
            if strength[y, x] < least or covered[y, x] > 0 or abs(across[y, x, 0]) <= slope:
                continue
            column, row = _strongest(strength, x, y, -across[y, x, 1], across[y, x, 0])
            if column != x or row != y:
                continue
            one, first = _follow(strength, across, hair, covered, x, y, 1.0, least, most, gap)
            other, second = _follow(strength, across, hair, covered, x, y, -1.0, least, most, gap)
            length[y, x] = one + other + 1
            from_hair[y, x] = first or second
