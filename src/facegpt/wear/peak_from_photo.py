"""The peak of a cap that a photo shows: told by its level rim and its shadow, not by an outline, which hides before it.

From the front a peak lies before the forehead: cloth seems to reach as low there as at the temples, where caps without
one rise from the ears to the forehead, and the skin below it is in its shadow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from facegpt.types import Array, Headwear
from facegpt.wear.brim import brim_places
from facegpt.wear.shell import MIDDLE, OFF_SKIN_MM, Underneath, directions_of, edge_of

#: Turns of the forehead's middle and of the temples; how much lower cloth of a level rim lies at the temples at most,
#: and how low it lies on the forehead at least, degrees from the pole.
FRONT, TEMPLES, LEVEL_DEG, LOW_DEG = 0.05, (0.14, 0.22), 16.0, 72.0
#: Distances below the edge, mm, of skin in a peak's shadow and of skin beyond it, how much darker (log) the former is
#: at least, and the share of both that has to be skin.
SHADED_MM, LIT_MM, DARKER, BARE = (3.0, 6.0), (14.0, 20.0), 0.3, 0.5
#: Turns in which a lot of these distances is read, and millimetres for a radian along the skin.
READ, RADIUS_MM = np.linspace(-0.1, 0.1, 41), 95.0
#: How long peaks are, mm, and half the turn that they take; turns at which brims are listed; rises that are tried, mm
#: for a mm; how much higher than at the temples a crown ends above a peak, and how much higher than its rim, degrees.
LONG_MM, HALF_TURN, TURNS, RISES, CROWN_DEG, ABOVE_RIM_DEG = 66.0, 0.19, 24, np.arange(-0.7, 0.21, 0.05), 16.0, 8.0

#: Head-frame places (..., 3) to pixels (..., 2); and these to the log brightness and the belief in skin (...) there.
OnMap = Callable[[Array], Array]
Look = Callable[[Array], tuple[Array, Array]]


def has_peak(look: Headwear, below: Underneath, on_map: OnMap, look_at: Look) -> bool:
    """Whether a cap without a brim, whose edge was seen, has a peak before the forehead."""
    front = _edge(look, -FRONT, FRONT)
    temples = _temples(look)
    if front < LOW_DEG or temples - front > LEVEL_DEG:
        return False
    shaded, lit = (_brightness(look, below, on_map, look_at, away) for away in (SHADED_MM, LIT_MM))
    return bool(lit - shaded > DARKER)  # nan, where no skin is seen, is none


def with_peak(look: Headwear, below: Underneath, on_map: OnMap) -> Headwear:
    """The cap with a peak whose rim lies where its edge was seen, and a crown that ends above it."""
    turn = np.arange(len(look.edge_deg)) / len(look.edge_deg)
    front = _edge(look, -FRONT, FRONT)
    temples = _temples(look)
    raised = max(front - min(temples - CROWN_DEG, front - ABOVE_RIM_DEG), 0.0) * _within(turn)
    edge = tuple(round(float(v), 2) for v in np.asarray(look.edge_deg) - raised)
    around = np.arange(TURNS) / TURNS
    width = tuple(round(float(v), 2) for v in LONG_MM * _within(around))
    seen = on_map(_on_skin(look, below, np.zeros(1)))[0]
    tried = [replace(look, edge_deg=edge, brim_mm=width, brim_rise=(round(float(r), 3),) * TURNS) for r in RISES]
    rims = [on_map(brim_places(one, below, around)[-1, :1])[0] for one in tried]
    return tried[int(np.argmin([np.linalg.norm(rim - seen) for rim in rims]))]


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
