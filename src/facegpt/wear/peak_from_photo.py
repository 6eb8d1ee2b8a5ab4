"""The peak of a cap that a photo shows: told by its level rim and its shadow, not by an outline, which hides before it.

From the front a peak lies before the forehead: cloth seems to reach as low there as at the temples, where caps without
one rise from the ears to the forehead, and the skin below it is in its shadow. Seen from below, a peak stands up over
the forehead: its rim is told where its lower side has another colour than the crown. S is the side of the map.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.types import Array, FaceParams, Headwear
from facegpt.wear.brim import brim_places
from facegpt.wear.brim_from_photo import LEAST_MM, crown_on_map
from facegpt.wear.cloth import on_map
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
#: Turns at which brims are listed; the turn up to which a peak's corners may hide the edge; places around a head at
#: which peaks are drawn to be compared.
TURNS, SIDE, DRAWN = 24, 0.25, 48
#: What is tried: degrees by which the crown ends above the edge that is seen, rises, and turns; then others, one of
#: `Peak` at a time, within bounds.
RAISED_DEG, RISES, TURNED = (0.0, 8.0, 16.0), (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4), (0.0, -0.05, 0.05)
FINER = (
    ("kept", 1.0), ("kept", 0.5), ("half_turn", 0.035), ("rise", 0.1), ("turned", 0.025), ("raised_deg", 2.0),
    ("long_mm", 12.0),
)  # fmt: skip
LEAST_OF = {"kept": 0.0, "half_turn": 0.19, "raised_deg": -4.0, "long_mm": 54.0}
MOST_OF = {"kept": 1.0, "half_turn": 0.225, "raised_deg": 20.0, "long_mm": 78.0}
#: The usual rise, mm a mm; what an unusual one has to gain, and what edges that are not level and wide
#: peaks do.
RISE, UNUSUAL_RISE, UNUSUAL, NOT_LEVEL, WIDE = -0.2, 0.3, 0.01, 0.01, 0.01
#: How much the share of the colours' variance counts that a peak explains, beside its agreement (IoU).
COLOURS_SAY = 0.4
#: Head-frame places (..., 3) to pixels (..., 2); and these to the log brightness and the belief in skin (...) there.
OnMap = Callable[[Array], Array]
Look = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Peak:
    """The shape of a peak, and of the edge that it starts from.

    Attributes:
        raised_deg: by which the crown ends above its edge in front. rise: of the rim, mm a mm of length.
        turned: the turn that it points to. long_mm: its length.
        kept: share of what is seen beside the front that is the crown's own edge, and not the peak's corners.
        half_turn: half the turn that it takes.
    """

    raised_deg: float = 0.0
    rise: float = -0.2
    turned: float = 0.0
    long_mm: float = 66.0
    kept: float = 0.0
    half_turn: float = 0.19

    def others(self, name: str, step: float) -> list[Peak]:
        """The peak, and those with a little less and more of one attribute, as far as it goes."""
        value = getattr(self, name)
        bound = LEAST_OF.get(name, -np.inf), MOST_OF.get(name, np.inf)
        values = (min(max(round(value + by, 3), bound[0]), bound[1]) for by in (0.0, -step, step))
        return [replace(self, **{name: each}) for each in values]


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

    def agreement(self, look: Headwear, below: Underneath, crown: NDArray[np.bool_]) -> float:
        """How well a cap with a peak agrees with what is seen, in outline (IoU) and in the peak's colour.

        crown: (S, S) where its crown is drawn.
        """
        peak = self.drawn(brim_places(look, below, np.arange(DRAWN) / DRAWN, 2))
        drawn = peak | crown
        both = float((drawn & self.cloth & self.inside).sum() / max(int(((drawn | self.cloth) & self.inside).sum()), 1))
        return both + COLOURS_SAY * _explained(self.colours[self.cloth], peak[self.cloth])

    def drawn(self, places: Array, thin_mm: float = LEAST_MM) -> NDArray[np.bool_]:
        """Where (S, S) the sheet between two lines of places (2, N, 3) around the head is seen before it.

        thin_mm: where it is narrower it hides nothing.
        """
        away = self.params.pose.apply(np.concatenate([places.reshape(-1, 3), MIDDLE[None]]))[:, 2]
        thick = np.linalg.norm(places[1] - places[0], axis=-1) > thin_mm
        kept = np.flatnonzero(np.roll(thick & (away[: len(thick)] < away[-1]), len(thick) // 2))
        if len(kept) < 2:
            return np.zeros(self.cloth.shape, bool)
        line = np.roll(on_map(self.params, self.to_map, places), len(thick) // 2, 1)[:, kept]
        picture = Image.new("1", self.cloth.shape[::-1])
        outline = np.concatenate([line[0], line[1, ::-1]])
        ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in outline], fill=1)
        return np.asarray(picture, bool)


def has_peak(look: Headwear, below: Underneath, pixels_of: OnMap, look_at: Look) -> bool:
    """Whether a cap without a brim, whose edge was seen, has a peak before the forehead."""
    front = _edge(look, -FRONT, FRONT)
    temples = _temples(look)
    if front < LOW_DEG:
        return False
    shaded, lit = (_brightness(look, below, pixels_of, look_at, away) for away in (SHADED_MM, LIT_MM))
    darker, level = lit - shaded, 1 - (temples - front) / LEVEL_DEG
    return bool(
        darker > LEAST_DARKER and min(darker / DARKER, MOST) + level > TOLD
    )  # nan, where no skin is seen, is none


def with_peak(look: Headwear, below: Underneath, cap: CapSeen) -> Headwear:
    """The cap with the peak that agrees best with what is seen.

    Told are how far its crown ends above the edge, how its peak rises, which way it points, how long and wide it is,
    and how much of the edge beside it is the crown's own.
    """
    level, lowest = _levelled(look.edge_deg), Peak(LEAST_OF["raised_deg"], half_turn=MOST_OF["half_turn"])
    low = replace(look, edge_deg=tuple(np.maximum(level, look.edge_deg).tolist()))
    low = replace(peaked(low, lowest), edge_deg=peaked(low, replace(lowest, kept=1.0)).edge_deg)
    whole, tried = crown_on_map(low, below, cap.params, cap.to_map, len(cap.cloth)), dict[Peak, float]()

    @cache
    def crown(edge_deg: tuple[float, ...]) -> NDArray[np.bool_]:
        return whole & ~cap.drawn(np.stack([_ring(replace(low, edge_deg=edge_deg), below), _ring(low, below)]), -1.0)

    def agreement(peak: Peak) -> float:
        if peak not in tried:
            one = peaked(look, peak)
            unusual = UNUSUAL * ((peak.rise - RISE) / UNUSUAL_RISE) ** 2 + NOT_LEVEL * peak.kept
            unusual += WIDE * (peak.half_turn > LEAST_OF["half_turn"])
            tried[peak] = cap.agreement(one, below, crown(one.edge_deg)) - unusual
        return tried[peak]

    best = max((Peak(*each) for each in product(RAISED_DEG, RISES, TURNED)), key=agreement)
    for name, step in FINER:
        best = max(best.others(name, step), key=agreement)
    return peaked(look, best)


def peaked(look: Headwear, peak: Peak) -> Headwear:
    """The cap with a peak."""
    seen, around = np.asarray(look.edge_deg), np.arange(TURNS) / TURNS
    turn = np.arange(len(seen)) / len(seen)
    edge = seen * peak.kept + np.asarray(_levelled(look.edge_deg)) * (1 - peak.kept)
    edge -= peak.raised_deg * _within(turn - peak.turned, peak.half_turn)
    width = peak.long_mm * _within(around - peak.turned, peak.half_turn)
    return replace(
        look,
        edge_deg=tuple(edge.round(2).tolist()),
        brim_mm=tuple(width.round(2).tolist()),
        brim_rise=(round(peak.rise, 3),) * TURNS,
    )


def _ring(look: Headwear, below: Underneath) -> Array:
    """Places (N, 3) along the cloth's edge."""
    return _on_skin(look, below, np.arange(DRAWN) / DRAWN)


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


def _within(turn: Array, half_turn: float) -> Array:
    """How much of a peak there is at turns (N,): 1 in front, 0 beyond its ends; round in front as peaks are."""
    away = np.minimum(turn % 1.0, 1 - turn % 1.0) / half_turn
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


def _brightness(
    look: Headwear, below: Underneath, pixels_of: OnMap, look_at: Look, away_mm: tuple[float, ...]
) -> float:
    """The usual log brightness of skin at some distances below the edge; nan where too little of it is seen."""
    found = [look_at(pixels_of(_on_skin(look, below, READ, away))) for away in away_mm]
    bright, skin = (np.concatenate(each) for each in zip(*found, strict=True))
    return float(np.median(bright[skin > 0.5])) if (skin > 0.5).mean() > BARE else float("nan")
