"""Locks that keep together: each follows one of its neighbours, and winds as that does. Frame: head at rest, mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.hair.lines.curls import winds
from facegpt.hair.lines.guides import arc_mm
from facegpt.hair.lines.kernels import nearest_of_first
from facegpt.hair.plan import smooth
from facegpt.types import Array, Groom

#: How many locks keep together; how much the way that they run counts beside where they root.
TOGETHER, WAY = 7, 0.6
#: So many that others follow are compared one by one: a tree of them is faster only where there are more.
FEW = 150
#: Locks shorter than the first length do neither, those longer than the second do it wholly, mm: short ones would lie
#: like leaves.
LONG_MM = (50.0, 130.0)
#: How far locks move to the one that they follow, at their tips, as a share: without `Groom.clump` and with all of it.
DRAWN = (0.1, 0.6)
#: What straight hair has of that: outlines have bumps else.
SLEEK = 0.3
#: How much of the light the rim of what keeps together loses, how far out that lies, mm; and how much its lower layers.
RIM_DARK, RIM_MM, LOW_DARK = 0.35, (4.0, 16.0), 0.25


def followed(lines: Array) -> NDArray[np.intp]:
    """The lock (N,) that each of lines (N, K, 3) follows: one of the first, which are to be evenly spread."""
    points = lines.shape[1]
    near = np.concatenate([lines[:, 0], *(WAY * lines[:, share * points // 4] for share in (1, 2))], 1)
    first = max(len(lines) // TOGETHER, 1)
    if first > FEW:
        return np.asarray(cKDTree(near[:first]).query(near)[1])
    found = np.zeros(len(lines), np.intp)
    nearest_of_first(near.astype(np.float64), first, found)
    return found


def drawn_together(lines: Array, leader: NDArray[np.intp], groom: Groom, chance: Array) -> NDArray[np.float32]:
    """Lines (N, K, 3) moved to those that they follow (N,), more towards their tips, by chances (N,)."""
    low, high = DRAWN
    along = arc_mm(lines)
    share = along / np.maximum(along[:, -1:], 1e-3) * smooth(along[:, -1:], *LONG_MM)
    amount = (low + (high - low) * groom.clump) * (1.0 if winds(groom) else SLEEK) * (0.5 + chance[:, None]) * share
    return (lines + amount[..., None] * (lines[leader] - lines)).astype(np.float32)


def alike(chance: Array, leader: NDArray[np.intp], own: float) -> Array:
    """The chances (N, ...) of those that locks follow (N,), with so much of their own, 0..1."""
    return (1 - own) * chance[leader] + own * chance


def light_between(lines: Array, leader: NDArray[np.intp], layer: Array) -> Array:
    """What locks close by do to the light (N, K) on lines (N, K, 3) of layers (N,) 0..1, the outer 1.

    It is 1 on average. Locks that keep together are brightest in their middle, as one round lock is.
    """
    away = np.linalg.norm(lines - lines[leader], axis=2)
    long = smooth(arc_mm(lines)[:, -1:], *LONG_MM)
    light = (1 - RIM_DARK * long * smooth(away, *RIM_MM)) * (1 - LOW_DARK * long * (1 - layer[:, None]))
    return np.asarray(light / light.mean())
