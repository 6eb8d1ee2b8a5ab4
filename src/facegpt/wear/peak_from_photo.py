"""The peak of a cap that a photo shows: told by its level rim and its shadow, not by an outline, which hides before it.

From the front a peak lies before the forehead: cloth seems to reach as low there as at the temples, where caps without
one rise from the ears to the forehead, and the skin below it is in its shadow. Seen from below, a peak stands up over
the forehead: its rim is told where its lower side has another colour than the crown. S is the side of the map.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceParams, Headwear
from facegpt.wear.brim_from_photo import before_head, crown_on_map
from facegpt.wear.shell import MIDDLE, OFF_SKIN_MM, Underneath, directions_of, edge_of

#: Turns of the forehead's middle and of the temples; how much lower cloth of a level rim lies at the temples usually at
#: most, and how low it lies on the forehead at least, degrees from the pole.
FRONT, TEMPLES, LEVEL_DEG, LOW_DEG = 0.05, (0.14, 0.22), 16.0, 72.0
#: Distances below the edge, mm, of skin in a peak's shadow and of skin beyond it, how much darker (log) the former is
#: usually at least, and the share of both that has to be skin; how far from it nothing is a shadow.
SHADED_MM, LIT_MM, DARKER, BARE, LEAST_DARKER = (3.0, 6.0), (14.0, 20.0), 0.3, 0.5, 0.2
#: How much shadow and levelness, each over its usual bound, have to say together; how much a shadow says at most.
TOLD, MOST = 1.3, 1.5
#: Turns in which a lot of these distances is read, and millimetres for a radian along the skin.
READ, RADIUS_MM = np.linspace(-0.1, 0.1, 41), 95.0
#: How long peaks are, mm, and half the turn that they take; turns at which brims are listed; the turn up to which a
#: peak's corners may hide the edge.
LONG_MM, HALF_TURN, TURNS, SIDE = 66.0, 0.19, 24, 0.25
#: What is tried: degrees by which the crown ends above the edge that is seen, rises, mm a mm, and turns that a peak
#: points to; then finer ones of each, by its number; the usual rise, and what an unusual one has to gain.
RAISED_DEG, RISES, TURNED = (0.0, 8.0, 16.0), (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4), (0.0, -0.05, 0.05)
FINER = ((1, 0.1), (2, 0.025), (0, 4.0), (3, 12.0))
RISE, UNUSUAL_RISE, UNUSUAL = -0.2, 0.3, 0.01
#: How much the share of the colours' variance counts that a peak explains, beside its agreement (IoU).
COLOURS_SAY = 0.4
#: Head-frame places (..., 3) to pixels (..., 2); and these to the log brightness and the belief in skin (...) there.
OnMap = Callable[[Array], Array]
Look = Callable[[Array], tuple[Array, Array]]
#: Degrees by which the crown ends above its edge, the rise, the turn, and the length of a peak.
Peak = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class CapSeen:
    """One photo's view of a cap.

    Attributes:
        params: of the head. to_map: (2, 3) from pixels of the photo to those of the map.
        cloth, inside: (S, S) where the cap is seen, and what the photo has. colours: (S, S, 3).
    """

    params: FaceParams
    to_map: Array
    cloth: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    colours: Array

    def agreement(self, look: Headwear, below: Underneath) -> float:
        """How well a cap with a peak agrees with what is seen, in outline (IoU) and in the peak's colour."""
        side = len(self.cloth)
        peak = before_head(look, below, self.params, self.to_map, side)
        drawn = peak | crown_on_map(look, below, self.params, self.to_map, side)
        both = float((drawn & self.cloth & self.inside).sum() / max(int(((drawn | self.cloth) & self.inside).sum()), 1))
        return both + COLOURS_SAY * _explained(self.colours[self.cloth], peak[self.cloth])


def has_peak(look: Headwear, below: Underneath, on_map: OnMap, look_at: Look) -> bool:
    """Whether a cap without a brim, whose edge was seen, has a peak before the forehead."""
    front = _edge(look, -FRONT, FRONT)
    temples = _temples(look)
    if front < LOW_DEG:
        return False
    shaded, lit = (_brightness(look, below, on_map, look_at, away) for away in (SHADED_MM, LIT_MM))
    darker, level = lit - shaded, 1 - (temples - front) / LEVEL_DEG
    return bool(
        darker > LEAST_DARKER and min(darker / DARKER, MOST) + level > TOLD
    )  # nan, where no skin is seen, is none


def with_peak(look: Headwear, below: Underneath, cap: CapSeen) -> Headwear:
    """The cap with the peak that agrees best with what is seen.

    Told are how far its crown ends above the edge, how its peak rises, which way it points and how long it is.
    """
    look = replace(look, edge_deg=_levelled(look.edge_deg))
    tried: dict[Peak, float] = {}

    def agreement(peak: Peak) -> float:
        if peak not in tried:
            tried[peak] = cap.agreement(peaked(look, peak), below) - UNUSUAL * ((peak[1] - RISE) / UNUSUAL_RISE) ** 2
        return tried[peak]

    best: Peak = max(product(RAISED_DEG, RISES, TURNED, (LONG_MM,)), key=agreement)
    for which, steps in FINER:
        moved = [(*best[:which], round(best[which] + step, 3), *best[which + 1 :]) for step in (0.0, -steps, steps)]
        best = max(moved, key=agreement)
    return peaked(look, best)


def peaked(look: Headwear, peak: Peak) -> Headwear:
    """The cap with a peak."""
    raised, rise, turned, long = peak
    turn, around = np.arange(len(look.edge_deg)) / len(look.edge_deg), np.arange(TURNS) / TURNS
    edge = np.asarray(look.edge_deg) - raised * _within(turn - turned)
    width = long * _within(around - turned)
    return replace(
        look,
        edge_deg=tuple(edge.round(2).tolist()),
        brim_mm=tuple(width.round(2).tolist()),
        brim_rise=(round(rise, 3),) * TURNS,
    )


def _levelled(edge_deg: tuple[float, ...]) -> tuple[float, ...]:
    """Edges whose front goes smoothly from one side to the other: what is seen there may be the peak's corners."""
    edge = np.asarray(edge_deg)
    turn = np.arange(len(edge)) / len(edge)
    away = np.minimum(turn, 1 - turn)
    front = edge[away <= FRONT].mean()
    sides = np.where(turn < 0.5, np.interp(SIDE, turn, edge), np.interp(1 - SIDE, turn, edge))
    share = (1 - np.cos(np.pi * np.clip(away / SIDE, 0, 1))) / 2
    smooth = np.where(away < SIDE, front + share * (sides - front), edge)
    return tuple(smooth.round(2).tolist())


def _explained(colours: Array, chosen: NDArray[np.bool_]) -> float:
    """The share of the variance of colours (N, 3) that lies between those chosen (N,) and the others."""
    if chosen.all() or not chosen.any():
        return 0.0
    share = chosen.mean()
    apart = colours[chosen].mean(0) - colours[~chosen].mean(0)
    return float(share * (1 - share) * (apart @ apart) / max(float(colours.var(0).sum()), 1e-9))


def _within(turn: Array) -> Array:
    """How much of a peak there is at turns (N,): 1 in front, 0 beyond its ends; round in front as peaks are."""
    away = np.minimum(turn % 1.0, 1 - turn % 1.0) / HALF_TURN
    return np.asarray(np.sqrt(np.clip(1 - np.clip(away, 0, 1) ** 2, 0, 1)))


def _edge(look: Headwear, first: float, last: float) -> float:
    return float(edge_of(look, np.linspace(first, last, 11) % 1.0).mean())


def _temples(look: Headwear) -> float:
    """The usual edge at both temples, degrees."""
    return (_edge(look, *TEMPLES) + _edge(look, *(-turn for turn in TEMPLES))) / 2


def _on_skin(look: Headwear, below: Underneath, turn: Array, away_mm: float = 0.0) -> Array:
    """Places (N, 3) on the skin so far below the cloth's edge."""
    polar = edge_of(look, turn % 1.0) + np.degrees(away_mm / RADIUS_MM)
    reach = below.skin_mm(polar, turn % 1.0) + OFF_SKIN_MM
    return np.asarray(MIDDLE + directions_of(look.kind, polar, turn) * reach[:, None])


def _brightness(look: Headwear, below: Underneath, on_map: OnMap, look_at: Look, away_mm: tuple[float, ...]) -> float:
    """The usual log brightness of skin at some distances below the edge; nan where too little of it is seen."""
    found = [look_at(on_map(_on_skin(look, below, READ, away))) for away in away_mm]
    bright, skin = (np.concatenate(each) for each in zip(*found, strict=True))
    return float(np.median(bright[skin > 0.5])) if (skin > 0.5).mean() > BARE else float("nan")
