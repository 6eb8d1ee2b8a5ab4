"""What is done to locks once they are traced: tips turned, cut to a line, moved outward, made fine at the hairline.

Frame: head at rest, mm.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, map_coordinates, uniform_filter

from facegpt.hair.atlas import MEDIUM, SINGLE, SPARSE
from facegpt.hair.body import Body, outward
from facegpt.hair.cards import Locks
from facegpt.hair.lines.curls import winds
from facegpt.hair.lines.guides import arc_mm, by_bend, resampled
from facegpt.hair.lines.kernels import bulge, unkink
from facegpt.hair.plan import FALLEN_MM, Plan, inside_line, own_line, smooth
from facegpt.hair.scalp import LINE_DEG, LINE_MM, MIDDLE, Scalp, azimuth_deg
from facegpt.types import BULGE_GRID, HAIRLINE_DEG, Array, Groom

#: Locks of fewer points than this have them evenly: they can't show how they bend.
BENT_POINTS = 12
#: How far blunt ends differ, of the hem and of a fringe, and how much shorter the shortest locks of a hem are, mm.
HEM_MM, FRINGE_HEM_MM, SHORTER_MM = 9.0, 7.0, 22.0
#: Cosine of a turn from one piece of a lock to the next that is a kink, and in how many rounds kinks are smoothed.
SHARP, UNKINKED = 0.6, 16
#: How much of a lock is in the shell of a ball of coils, as a share and in mm.
SHOWN, SHOWN_MM = 0.5, (14.0, 36.0)
#: How far outward such a lock runs, as a share of its length.
LIES = 0.7
#: Where a lock would hide an eye: so far to either side of its middle, above it and below it, mm. Fringes end above.
BESIDE_MM, ABOVE_MM, BELOW_MM = 21.0, 11.0, 16.0
#: How far locks fall over a bare forehead at most, mm, and how far to either side it reaches, degrees.
FALLS_MM, BARE_DEG = 12.0, 42.0
#: Locks of which less is left than these shares, so that they hide no eye and no bare forehead, have such a share of
#: their width, and of that of their tips: wide ones that end there stand out as fins.
CUT_SHORT, CUT_WIDTH, CUT_TIP = (0.3, 0.95), 0.35, 0.2
#: A lock is alone where there is less than this share of the usual hair in the cells (mm) around it, on more than such
#: a share of it, from so far from its root on (mm).
ALONE_HAIR, ALONE_CELL_MM, ALONE_SHARE, ALONE_FROM_MM = 0.22, 12.0, 0.4, 60.0
#: Fine locks along the hairline: how far inside it the first and the last root, mm; so far to either side of the face,
#: degrees.
FINE_MM, FINE_DEG = (1.5, 9.0), 48.0
#: Share of the places that grow one; how wide a lock is, mm; how long the outermost and the innermost are at most, mm.
FINE_GROWN, FINE_WIDE_MM, FINE_LONG_MM = 0.9, (1.6, 3.4), (12.0, 45.0)
#: Points of such a lock.
FINE_POINTS = 6


def tipped(lines: Array, groom: Groom, body: Body) -> Array:
    """Turn the tips in or out."""
    if groom.tips == 0:
        return lines
    along = arc_mm(lines)
    share = np.clip((along / along[:, -1:] - 0.55) / 0.45, 0, 1)[..., None]
    reach = np.minimum(along[:, -1], 160.0)[:, None, None]
    out = outward(lines, body.distance) * [1, 0, 1]
    return lines + groom.tips * reach * share**2 * (-0.22 * out + [0, 0.10 * abs(groom.tips), 0])


def cut_of(
    lines: Array, groom: Groom, plan: Plan, rows: NDArray, points: int, chance: Array, end: Array
) -> NDArray[np.float32]:
    """Cut tips to about one height where the groom is not layered, by chances (N, 8) and (N,)."""
    if groom.layers >= 1 or groom.stand > 0.5 or groom.gather not in ("none", "half_up"):
        return _placed(lines, np.ones(len(lines)), groom, points, chance)
    low = plan.side[rows] * groom.sides_mm + (plan.back[rows] + plan.top[rows]) * groom.back_mm
    floor = 45.0 - low + HEM_MM * (end - 0.5) + SHORTER_MM * chance[:, 2] ** 4
    ends = 96.0 - groom.fringe_mm + FRINGE_HEM_MM * (end - 0.5) + 4 * (np.abs(lines[:, -1, 0]) / 45) ** 2
    floor = np.where(plan.fringe[rows] > 0.5, ends, floor)
    below = lines[..., 1] < floor[:, None]
    first = np.where(below.any(1), below.argmax(1), lines.shape[1] - 1)
    share = np.maximum(first / (lines.shape[1] - 1), 0.25)
    free = np.where(plan.fringe[rows] > 0.5, 0.15 + 0.6 * groom.layers * groom.clump, groom.layers)
    return _placed(lines, share + (1 - share) * free, groom, points, chance)


def _placed(lines: Array, share: Array, groom: Groom, points: int, chance: Array) -> NDArray[np.float32]:
    """So many points of a share (N,) of lines (N, K, 3), closer where they bend; even ones of few and of curls."""
    if winds(groom) or points < BENT_POINTS:
        return resampled(lines, share, points)
    return by_bend(lines, share, points, chance[:, 6])


def unkinked(lines: Array) -> NDArray[np.float32]:
    """Locks (N, K, 3) with the points near sharp turns moved between their neighbours; roots and tips stay."""
    out = np.array(lines, np.float32, order="C")
    unkink(out, SHARP, UNKINKED)
    return out


def plainly_unkinked(lines: Array) -> NDArray[np.float32]:
    """`unkinked`, the slow way."""
    out = np.array(lines, np.float32)
    for _ in range(UNKINKED):
        step = np.diff(out, axis=1)
        step /= np.maximum(np.linalg.norm(step, axis=2, keepdims=True), 1e-6)
        sharp = (step[:, 1:] * step[:, :-1]).sum(2) < SHARP
        rows = np.flatnonzero(sharp[:, 1:].any(1))
        if not len(rows):
            break
        near = sharp[rows]
        near = np.asarray(binary_dilation(near, np.ones((1, 5), bool)))
        near[:, 0] = False
        part = out[rows]
        middle = 0.5 * part[:, 1:-1] + 0.25 * (part[:, 2:] + part[:, :-2])
        part[:, 1:-1] = np.where(near[..., None], middle, part[:, 1:-1])
        out[rows] = part
    return out


def bulged(lines: Array, groom: Groom) -> Array:
    """Move lines outward by the groom's bulge, more the farther from the root."""
    if not groom.bulge:
        return lines
    grid = np.reshape(groom.bulge, BULGE_GRID).astype(np.float64)
    out = np.empty(lines.shape)
    bulge(np.ascontiguousarray(lines), arc_mm(lines), np.concatenate([grid, grid[:, :1]], 1), MIDDLE, out)
    return out


def plainly_bulged(lines: Array, groom: Groom) -> Array:
    """`bulged`, the slow way."""
    rows, columns = BULGE_GRID
    grid = np.reshape(groom.bulge, BULGE_GRID)
    away = lines - MIDDLE
    size = np.linalg.norm(away, axis=2, keepdims=True)
    unit = away / np.maximum(size, 1e-6)
    row = np.clip((np.degrees(np.arcsin(np.clip(unit[..., 1], -1, 1))) + 90) / 180 * rows - 0.5, 0, rows - 1)
    column = (np.degrees(np.arctan2(unit[..., 0], unit[..., 2])) % 360) / 360 * columns
    wide = np.concatenate([grid, grid[:, :1]], 1)
    amount = map_coordinates(wide, [row, column], order=1, mode="nearest")
    pole = np.clip((np.abs(row - 0.5 * (rows - 1)) - 0.5 * rows + 1.5), 0, 1)  # columns meet there
    amount = (1 - pole) * amount + pole * np.where(unit[..., 1] > 0, grid[-1].mean(), grid[0].mean())
    grows = np.clip(arc_mm(lines) / 45.0, 0, 1)
    return lines + (amount * grows)[..., None] * unit


def shell(lines: Array, chance: Array) -> NDArray[np.float32]:
    """The outer parts of locks (N, K, 3) that stand off, laid any way round, by chances (N, 8).

    From outside a ball of coils shows no strands that run outward.
    """
    long = arc_mm(lines)[:, -1]
    reach = np.minimum(np.clip(SHOWN * long, *SHOWN_MM), long)[:, None]
    along = lines[:, -1] - lines[:, 0]
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    way = chance[:, 4:7] - 0.5
    way = way - (way * along).sum(1, keepdims=True) * along
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    share = np.linspace(0, 1, lines.shape[1])[None, :, None]
    begin = lines[:, -1] - reach * (LIES + (1 - LIES) * chance[:, 1:2]) * along
    laid = begin[:, None] + (reach * LIES * along)[:, None] * (1.6 - 0.6 * share) * share
    return (laid + (reach * way)[:, None] * share).astype(np.float32)


def off_the_eyes(lines: Array, eyes: Array, chance: Array) -> Array:
    """Locks (N, K, 3) cut where they would hide eyes (E, 3), by up to 5 mm more, by chances (N,)."""
    if not len(eyes):
        return lines
    lowest, highest = eyes[:, 1].min() - BELOW_MM, eyes[:, 1].max() + ABOVE_MM
    near = (lines[..., 2] > eyes[:, 2].min()) & (lines[..., 1] > lowest - 12) & (lines[..., 1] < highest + 12)
    rows = np.flatnonzero(near.any(1))
    if not len(rows):
        return lines
    fine = resampled(lines[rows], np.ones(len(rows)), 4 * lines.shape[1])
    away = fine[:, :, None] - eyes
    hides = (np.abs(away[..., 0]) < BESIDE_MM) & (away[..., 1] < ABOVE_MM) & (away[..., 1] > -BELOW_MM)
    return _cut_before(lines, rows, np.any(hides & (away[..., 2] > 0), axis=2), fine, 5.0 * chance[rows])


def off_the_forehead(lines: Array, groom: Groom, eyes: Array, chance: Array) -> Array:
    """Locks (N, K, 3) cut where they would fall over a forehead that is seen bare, above eyes (E, 3).

    They end up to FALLS_MM below `Groom.hairline`, by chances (N,).
    """
    if not groom.hairline or groom.fringe_mm > 0 or not len(eyes):
        return lines
    front = (lines[..., 2] > eyes[:, 2].min()) & (lines[..., 1] > eyes[:, 1].min() - 12)
    rows = np.flatnonzero(front.any(1))
    if not len(rows):
        return lines
    fine = resampled(lines[rows], np.ones(len(rows)), 4 * lines.shape[1])
    turn = azimuth_deg(fine.reshape(-1, 3)).reshape(fine.shape[:2])
    own = own_line(groom.hairline, fringe=False)
    line = np.interp(np.abs(turn), LINE_DEG, LINE_MM) + 0.8 * np.interp(turn, HAIRLINE_DEG, own)
    bare = np.interp(turn, HAIRLINE_DEG, np.array(groom.hairline) > FALLEN_MM) > 0.99
    below = (fine[..., 1] < line - FALLS_MM * (0.3 + 0.7 * chance[rows, None])) & (fine[..., 1] > eyes[:, 1].min())
    return _cut_before(lines, rows, bare & below & (np.abs(turn) < BARE_DEG), fine, np.zeros(len(rows)))


def _cut_before(lines: Array, rows: NDArray[np.integer], hidden: Array, fine: Array, back_mm: Array) -> Array:
    """Lines (N, K, 3), `rows` of them cut so far before the first point of `fine` (R, F, 3) that is hidden."""
    count = fine.shape[1]
    first = np.where(hidden.any(1), hidden.argmax(1) - back_mm / _step_mm(fine), count - 1.0)
    out = np.array(lines, np.float32)
    out[rows] = resampled(lines[rows], np.clip(first / (count - 1), 0.2, 1.0), lines.shape[1])
    return out


def _step_mm(lines: Array) -> Array:
    """Mean distance of neighbouring points (N,) of lines (N, K, 3)."""
    return np.maximum(arc_mm(lines)[:, -1] / (lines.shape[1] - 1), 0.1)


def alone(lines: Array) -> NDArray[np.bool_]:
    """Which locks (N,) of lines (N, K, 3) hang by themselves: there is little other hair around their lower part."""
    along = arc_mm(lines)
    middle = 0.5 * (lines[:, 1:] + lines[:, :-1])
    cell = ((middle - middle.reshape(-1, 3).min(0)) / ALONE_CELL_MM).astype(int)
    size = tuple(cell.reshape(-1, 3).max(0) + 1)
    at = np.ravel_multi_index(tuple(np.moveaxis(cell, -1, 0)), size)
    hair = np.bincount(at.ravel(), np.diff(along, axis=1).ravel(), int(np.prod(size))).reshape(size)
    around = uniform_filter(hair, 3, mode="constant").ravel()[at]
    hangs = along[:, 1:] > ALONE_FROM_MM
    if not hangs.any():
        return np.zeros(len(lines), bool)
    few = hangs & (around < ALONE_HAIR * np.median(around[hangs]))
    long = along[:, -1] > 2 * ALONE_FROM_MM  # fringes are thin and stay
    return np.asarray(long & (few.sum(1) > ALONE_SHARE * np.maximum(hangs.sum(1), 1)))


def fine_rows(groom: Groom, scalp: Scalp, plan: Plan, cut_off: float) -> NDArray[np.int64]:
    """The places (N,) of a scalp that grow fine locks: about the hairline, more of them inside."""
    inside = inside_line(scalp.place, scalp.azimuth, scalp.inside, groom)
    near = (inside > FINE_MM[0]) & (inside < FINE_MM[1]) & (np.abs(scalp.azimuth) < FINE_DEG) & (plan.length > cut_off)
    chance = np.random.default_rng(groom.seed + 31).random(len(near))
    return np.flatnonzero(near & (chance < FINE_GROWN * smooth(inside, FINE_MM[0] - 2.0, 3.0)))


def as_fine(lines: Array, away: Array, rows: NDArray[np.int64], groom: Groom, scalp: Scalp, chance: Array) -> Locks:
    """Fine locks of middle lines (N, K, 3) from places (N,); away: (N, K, 3) outward. chance: (N, 8)."""
    inside = inside_line(scalp.place[rows], scalp.azimuth[rows], scalp.inside[rows], groom)
    most = np.interp(inside, FINE_MM, FINE_LONG_MM) * (0.7 + 0.6 * chance[:, 1])
    share = np.minimum(1.0, most / np.maximum(arc_mm(lines)[:, -1], 1.0))
    points = min(FINE_POINTS, lines.shape[1])
    depth = smooth(inside, *FINE_MM) + 0.5 * (chance[:, 5] - 0.5)
    strip = np.where(depth < 0.35, SINGLE[0], np.where(depth < 0.8, SPARSE[0], MEDIUM[1]))
    width = FINE_WIDE_MM[0] + (FINE_WIDE_MM[1] - FINE_WIDE_MM[0]) * chance[:, 2]
    roll = 0.6 * (chance[:, 5] - 0.5)
    return Locks(resampled(lines, share, points), resampled(away, share, points), width, strip, roll, 0.6 + 0 * width)


def narrowed(locks: Locks, left: Array) -> Locks:
    """Locks of which a share (N,) is left narrower, and pointed, the less of them is."""
    whole = smooth(left, *CUT_SHORT)
    width, narrow = (least + (1 - least) * whole for least in (CUT_WIDTH, CUT_TIP))
    return replace(locks, width=locks.width * width, narrow=locks.narrow * narrow)
