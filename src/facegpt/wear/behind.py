"""How low a cap or turban comes behind, where no photo from the front shows it: as low as its cloth beside the head."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceParams
from facegpt.wear.shell import MIDDLE, Underneath, directions_of

#: Sine of the angle to the line of sight from which a direction is seen on the outline.
OUTLINE = 0.96
#: How far beside the head cloth is looked for, mm, and the belief from which it is some.
REACH_MM, SURE = np.arange(2.0, 120.0, 2.0), 0.5
#: Width of cloth beside the head that tells how low it comes behind, mm; the gap below which it is another thing; and
#: turns over which it goes down there.
BESIDE_MM, GAP_MM, GOES_DOWN = 8.0, 12.0, (0.25, 0.33)
#: Where a cap ends at least and at most, and the step, degrees from its pole.
LEVELS_DEG = (40.0, 128.0, 1.0)


class View(Protocol):
    """What `ClothView` tells of head-frame places (..., 3), mm, of a head of some parameters."""

    @property
    def params(self) -> FaceParams:
        """Of the head in the photo."""

    def at(self, places: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Belief in cloth (...), and whether the photo has it."""


def lowest_behind(view: View, below: Underneath, turn: Array) -> Array:
    """How low a cap comes at least (N,), degrees from its pole, behind what is seen: as low as beside the head."""
    lowest = [_lowest_beside(view, below, side) for side in (1, -1)]
    if not np.isfinite(lowest).any():
        return np.zeros(len(turn))
    left, right = np.where(np.isfinite(lowest), lowest, np.nanmax(lowest))
    away = np.minimum(turn, 1 - turn)
    level = np.interp(turn, (GOES_DOWN[0], 1 - GOES_DOWN[0]), (left, right))
    polar = np.arange(*LEVELS_DEG)
    grid = np.meshgrid(polar, turn, indexing="ij")
    heights = (MIDDLE + directions_of("cap", *grid) * below.skin_mm(*grid)[..., None])[..., 1]
    share = np.clip((away - GOES_DOWN[0]) / (GOES_DOWN[1] - GOES_DOWN[0]), 0, 1)
    return np.asarray(polar[(heights > level).sum(0).clip(0, len(polar) - 1)] * share)


def _lowest_beside(view: View, below: Underneath, side: int) -> float:
    """Height, mm, down to which cloth is seen beside the head's outline at its left (1) or right (-1); nan for none."""
    ways, hull = outline_rays(view.params, below)[:2]
    ways, hull = (a[side * ways[:, 0] > 0.5] for a in (ways, hull))
    rays = MIDDLE + ways[:, None] * (hull[:, None] + REACH_MM)[..., None]
    cloth, inside = view.at(rays)
    thick = ((cloth > SURE) & inside).sum(1) * REACH_MM[0] > BESIDE_MM
    heights = np.sort((MIDDLE + ways * hull[:, None])[thick, 1])[::-1]
    gaps = np.flatnonzero(np.diff(heights) < -GAP_MM)  # what is farther down is another thing
    return float(heights[gaps[0] if len(gaps) else -1]) if len(heights) else float("nan")


def outline_rays(params: FaceParams, below: Underneath) -> tuple[Array, Array, Array, Array, Array]:
    """Rays to the head's outline as the photo sees it: directions (N, 3), mm to the hull, polar angles, turns.

    And the sines of their angles to the line of sight (N,).
    """
    polar, turn, ways, hull = below.rays
    sight = np.asarray(params.pose.rotation).T @ params.pose.apply(MIDDLE[None])[0]
    across = np.linalg.norm(np.cross(ways, sight / np.linalg.norm(sight)), axis=-1)
    seen = across > OUTLINE
    return ways[seen], hull[seen], polar[seen], turn[seen], across[seen]
