"""The edge that cut locks make over a forehead: none hangs there far below those beside it. Frame: head at rest, mm."""

from __future__ import annotations

import numpy as np

from facegpt.hair.lines.guides import resampled
from facegpt.hair.lines.off_bare import off_bare
from facegpt.types import Array, SeenBare

#: Locks whose tips lie so far to either side end over a forehead; those within so much of a tip are beside it, mm.
WIDE_MM, BESIDE_MM = 45.0, 14.0
#: The share of the tips beside one that lie lower than what is usual there, and how far below that a tip may lie, mm.
LOWER, BELOW_MM = 0.35, 5.0
#: Fewer locks than this make no edge; the share of a lock that is left at least.
FEWEST, LEAST_LEFT = 8, 0.15


def ended_as_seen(lines: Array, bare: SeenBare | None, eyes: Array, chance: Array, fine: bool) -> tuple[Array, Array]:
    """Locks (N, K, 3) that end where a photo shows bare skin, evenly unless they are fine; the share (N,) that is left.

    eyes: (E, 3) of `evened`. chance: (N,) of `off_bare`.
    """
    lines, left = off_bare(lines, bare, chance, fine)
    if bare is None or fine:
        return lines, left
    lines, even = evened(lines, eyes)
    return lines, left * even


def evened(lines: Array, eyes: Array) -> tuple[Array, Array]:
    """Locks (N, K, 3) cut so that none ends over a forehead, above eyes (E, 3), far below those beside it.

    Returns the locks and the share (N,) of each that is left.
    """
    left = np.ones(len(lines))
    if not len(lines) or not len(eyes):
        return lines, left
    x, y, z = lines[:, -1].T
    rows = np.flatnonzero((z > eyes[:, 2].min()) & (y > eyes[:, 1].max()) & (np.abs(x) < WIDE_MM))
    if len(rows) < FEWEST:
        return lines, left
    lowest = _usual(x[rows], y[rows]) - BELOW_MM
    low = y[rows] < lowest
    rows, lowest = rows[low], lowest[low]
    if not len(rows):
        return lines, left
    fine = resampled(lines[rows], np.ones(len(rows)), 4 * lines.shape[1])
    above = fine[..., 1] >= lowest[:, None]
    last = fine.shape[1] - 1
    end = np.where(above.any(1), last - above[:, ::-1].argmax(1), 0)
    left[rows] = np.maximum(end / last, LEAST_LEFT)
    out = np.array(lines, np.float32)
    out[rows] = resampled(lines[rows], left[rows], lines.shape[1])
    return out, left


def _usual(x: Array, y: Array) -> Array:
    """The usual height of tips at places x, y (N,)."""
    beside = np.abs(x[:, None] - x) < BESIDE_MM
    heights = np.sort(np.where(beside, y, np.inf), axis=1)
    at = (LOWER * (beside.sum(1) - 1)).astype(int)
    return np.asarray(np.take_along_axis(heights, at[:, None], 1)[:, 0])
