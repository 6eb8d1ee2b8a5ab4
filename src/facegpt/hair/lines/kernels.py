"""Loops over the points of many lines, compiled: what the files beside this one do to locks (N, K, 3)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.render.scalar import INLINE, JIT, KERNEL


@njit(**KERNEL)
def measure(lines, out):  # type: ignore[no-untyped-def]
    """Write the length along each line from its root (N, K)."""
    for n in range(len(lines)):
        total = 0.0
        out[n, 0] = 0.0
        for k in range(1, lines.shape[1]):
            x = lines[n, k, 0] - lines[n, k - 1, 0]
            y = lines[n, k, 1] - lines[n, k - 1, 1]
            z = lines[n, k, 2] - lines[n, k - 1, 2]
            total += math.sqrt(x * x + y * y + z * z)
            out[n, k] = total


@njit(**KERNEL)
def resample(lines, share, places, out):  # type: ignore[no-untyped-def]
    """Write lines (N, P, 3) read at `places` (P,) in 0..1 of a share (N,) of each."""
    last = lines.shape[1] - 1
    for n in range(len(lines)):
        for p in range(len(places)):
            at = places[p] * share[n] * last
            low = min(int(at), last - 1)
            part = at - low
            for c in range(3):
                out[n, p, c] = lines[n, low, c] * (1 - part) + lines[n, low + 1, c] * part


@njit(**JIT)
def resample_by_bend(lines, share, stagger, by_angle, hidden_mm, out):  # type: ignore[no-untyped-def]
    """Write lines (N, P, 3) of a share (N,) of each, with points half by length and half where it bends.

    stagger: (N,) -0.5..0.5, by how much of a step all points but the ends are moved along. by_angle: radians of bend
    that ask for as many points as the length. Bends near the root count little: other hair lies over them.
    """
    count, last = out.shape[1], lines.shape[1] - 1
    total, turn = np.empty(last + 1), np.zeros(last + 1)
    for n in range(len(lines)):
        end = share[n] * last
        whole = min(math.ceil(end), last)
        size, bent = 0.0, 0.0
        for k in range(whole):
            turn[k] = _angle(lines[n], k) * min(size / hidden_mm, 1.0) if k > 0 else 0.0
            bent += turn[k]
            size += _step_of(lines[n], k)
        turn[whole] = 0.0
        total[0] = 0.0
        for k in range(whole):
            own = _step_of(lines[n], k) / max(size, 1e-6) + 0.5 * (turn[k] + turn[k + 1]) / max(bent, by_angle)
            total[k + 1] = total[k] + own
        low, reach = 0, total[whole - 1] + (total[whole] - total[whole - 1]) * (end - whole + 1)
        for p in range(count):
            moved = p + (stagger[n] if 0 < p < count - 1 else 0.0)
            at = reach * moved / (count - 1)
            while low < whole - 1 and total[low + 1] < at:
                low += 1
            part = (at - total[low]) / max(total[low + 1] - total[low], 1e-9)
            for c in range(3):
                out[n, p, c] = lines[n, low, c] * (1 - part) + lines[n, low + 1, c] * part


@njit(**INLINE)
def _step_of(line, k):  # type: ignore[no-untyped-def]
    """Length of the step from point k of a line (K, 3) to the next."""
    x, y, z = line[k + 1, 0] - line[k, 0], line[k + 1, 1] - line[k, 1], line[k + 1, 2] - line[k, 2]
    return math.sqrt(x * x + y * y + z * z)


@njit(**INLINE)
def _angle(line, k):  # type: ignore[no-untyped-def]
    """By how much a line (K, 3) turns at point k, radians."""
    dot = 0.0
    for c in range(3):
        dot += (line[k + 1, c] - line[k, c]) * (line[k, c] - line[k - 1, c])
    dot /= max(_step_of(line, k) * _step_of(line, k - 1), 1e-9)
    return math.acos(min(max(dot, -1.0), 1.0))


@njit(**INLINE)
def _copy(source, target):  # type: ignore[no-untyped-def]
    """Write points (K, 3) to others: for `target[:] = source` numba compiles strings, to say what does not fit."""
    for k in range(len(source)):
        for c in range(3):
            target[k, c] = source[k, c]


@njit(**JIT)
def unkink(lines, sharp, rounds):  # type: ignore[no-untyped-def]
    """Move points near turns whose cosine is below `sharp` between their neighbours, in place, in so many rounds."""
    count = lines.shape[1]
    step, before = np.empty((count - 1, 3), np.float32), np.empty((count, 3), np.float32)
    kink = np.empty(max(count - 2, 0), np.bool_)
    for n in range(len(lines)):
        line = lines[n]
        for _ in range(rounds):
            for k in range(count - 1):
                square = np.float32(0)
                for c in range(3):
                    step[k, c] = line[k + 1, c] - line[k, c]
                    square += step[k, c] * step[k, c]
                size = max(math.sqrt(square), np.float32(1e-6))
                for c in range(3):
                    step[k, c] /= size
            found = False
            for k in range(count - 2):
                turn = step[k, 0] * step[k + 1, 0] + step[k, 1] * step[k + 1, 1] + step[k, 2] * step[k + 1, 2]
                kink[k] = turn < sharp
                found |= kink[k] and k > 0
            if not found:
                break
            _copy(line, before)
            for k in range(1, count - 2):
                near = False
                for other in range(max(k - 2, 0), min(k + 3, count - 2)):
                    near |= kink[other]
                if near:
                    for c in range(3):
                        line[k + 1, c] = 0.5 * before[k + 1, c] + 0.25 * (before[k + 2, c] + before[k, c])


@njit(**JIT)
def carry_frames(lines, tangent, first, second):  # type: ignore[no-untyped-def]
    """Write unit tangents and two normals (N, K, 3), carried along without twist (Bishop 1975)."""
    last = lines.shape[1] - 1
    for n in range(len(lines)):
        for k in range(last + 1):
            low, high = max(k - 1, 0), min(k + 1, last)
            square = 0.0
            for c in range(3):
                slope = (lines[n, high, c] - lines[n, low, c]) / (high - low)
                tangent[n, k, c] = slope
                square += slope * slope
            size = max(math.sqrt(square), 1e-9)
            for c in range(3):
                tangent[n, k, c] /= size
        t = tangent[n, 0]
        if abs(t[1]) < 0.9:  # across the y axis, or the x axis where the line runs along that
            x, y, z = t[2], 0.0 * t[0], -t[0]
        else:
            x, y, z = 0.0 * t[0], -t[2], t[1]
        for k in range(last + 1):
            t = tangent[n, k]
            along = x * t[0] + y * t[1] + z * t[2]
            x, y, z = x - along * t[0], y - along * t[1], z - along * t[2]
            size = max(math.sqrt(x * x + y * y + z * z), 1e-9)
            x, y, z = x / size, y / size, z / size
            first[n, k, 0], first[n, k, 1], first[n, k, 2] = x, y, z
            second[n, k, 0] = t[1] * z - t[2] * y
            second[n, k, 1] = t[2] * x - t[0] * z
            second[n, k, 2] = t[0] * y - t[1] * x


@njit(**JIT)
def bulge(lines, along, grid, middle, out):  # type: ignore[no-untyped-def]
    """Write lines moved outward by a grid of mm, (R, C + 1) with the first column again, by 45 mm from their roots.

    along: (N, K) mm from the root. middle: (3,) what the grid lies about, as of `types.BULGE_GRID`.
    """
    rows, columns = grid.shape[0], grid.shape[1] - 1
    lowest, highest = grid[0, :columns].mean(), grid[rows - 1, :columns].mean()
    for n in range(len(lines)):
        for k in range(lines.shape[1]):
            x, y, z = lines[n, k, 0] - middle[0], lines[n, k, 1] - middle[1], lines[n, k, 2] - middle[2]
            size = max(math.sqrt(x * x + y * y + z * z), 1e-6)
            x, y, z = x / size, y / size, z / size
            up = math.degrees(math.asin(min(max(y, -1.0), 1.0)))
            row = min(max((up + 90) / 180 * rows - 0.5, 0.0), rows - 1.0)
            column = (math.degrees(math.atan2(x, z)) % 360) / 360 * columns
            low, left = min(int(row), rows - 2), min(int(column), columns - 1)
            down, right = row - low, column - left
            first = grid[low, left] * (1 - right) + grid[low, left + 1] * right
            second = grid[low + 1, left] * (1 - right) + grid[low + 1, left + 1] * right
            amount = first * (1 - down) + second * down
            pole = min(max(abs(row - 0.5 * (rows - 1)) - 0.5 * rows + 1.5, 0.0), 1.0)  # columns meet there
            amount = (1 - pole) * amount + pole * (highest if y > 0 else lowest)
            amount *= min(max(along[n, k] / 45.0, 0.0), 1.0)
            out[n, k, 0] = lines[n, k, 0] + amount * x
            out[n, k, 1] = lines[n, k, 1] + amount * y
            out[n, k, 2] = lines[n, k, 2] + amount * z


@njit(**KERNEL)
def cover(root, comb, reach, below, grows, cosine, out):  # type: ignore[no-untyped-def]
    """Write how many places (B, 3), weighed by `grows` (B,), lie ahead of each root (N, 3) within `reach` (N,) mm.

    Ahead: within a cone about `comb` (N, 3), unit, whose half angle has this cosine.
    """
    for n in range(len(root)):
        total = 0.0
        for b in range(len(below)):
            x, y, z = below[b, 0] - root[n, 0], below[b, 1] - root[n, 1], below[b, 2] - root[n, 2]
            square = x * x + y * y + z * z
            along = x * comb[n, 0] + y * comb[n, 1] + z * comb[n, 2]
            if square < reach[n] * reach[n] and along > 0 and along * along > cosine * cosine * square:
                total += grows[b]
        out[n] = total


@njit(**KERNEL)
def nearest_of_first(places, first, out):  # type: ignore[no-untyped-def]
    """Write which of the first places (so many of N, D) is nearest to each of all (N,)."""
    for n in range(len(places)):
        least = np.inf
        for m in range(first):
            square = 0.0
            for d in range(places.shape[1]):
                off = places[n, d] - places[m, d]
                square += off * off
            if square < least:
                least, out[n] = square, m


@njit(**JIT)
def frizz(lines, amount, chance, like, swell, waves, way, apart, alike, out):  # type: ignore[no-untyped-def]
    """Write lines (N, K, 3) bent by sums of sines of the way along them.

    amount: (N,) mm. chance: (R, N, 3) phases in turns of each sine; `apart` of a line's bend is by those of the line
    that it is `like` (N,). swell: (R, N, 3) phases in turns that neighbours share, by which `alike` of it is.
    waves: (R, 2, K): sine and cosine along a line, over its rate. way: (K,) how far each point is moved.
    """
    turn, bend = 2 * math.pi, np.empty(lines.shape[1])
    for n in range(len(lines)):
        for c in range(3):
            bend[:] = 0.0
            for r in range(len(waves)):
                own, shared = turn * chance[r, like[n], c], turn * swell[r, n, c]
                level = apart * math.sin(own) + alike * math.sin(shared)
                slope = apart * math.cos(own) + alike * math.cos(shared)
                for k in range(len(bend)):
                    bend[k] += slope * waves[r, 0, k] + level * waves[r, 1, k]
            for k in range(len(bend)):
                out[n, k, c] = lines[n, k, c] + amount[n] * ((bend[k] - bend[0]) * way[k])


@njit(**KERNEL)
def swells(roots, wide, out):  # type: ignore[no-untyped-def]
    """Write numbers (M, N), -0.9..0.9, that neighbouring roots (N, 3) nearly share, within `wide` mm."""
    for n in range(len(roots)):
        x, y, z = roots[n, 0] / wide, roots[n, 1] / wide, roots[n, 2] / wide
        one, other = 2.1 * x + 1.3 * z, 1.7 * y - 2.3 * z + 1.0
        for m in range(len(out)):
            out[m, n] = 0.45 * (math.sin(one + 2.4 * m) + math.sin(other + 3.9 * m))
