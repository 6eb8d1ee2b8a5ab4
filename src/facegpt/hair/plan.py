"""What a groom asks of each place of the scalp: whether hair grows there, how long, and which way it is combed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from facegpt.hair import plan_kernel
from facegpt.hair.bare_view import bare_in_mirror
from facegpt.hair.scalp import WHORL, Scalp, azimuth_deg
from facegpt.types import HAIRLINE_DEG, Array, Groom

#: Height on the mean head above which hair is "top", mm, and over how many mm it blends into the sides.
TOP_MM, TOP_BLEND_MM = 78.0, 26.0
#: Azimuth (degrees) behind which hair is "back", and over how many degrees it blends into the sides.
BACK_DEG, BACK_BLEND_DEG = 112.0, 30.0
#: The front that a fringe is cut from: mm inside the hairline, and degrees of azimuth.
FRINGE_MM, FRINGE_DEG = 38.0, 52.0
#: Where a groom's own hairline is as low as this, mm, hair falls over the forehead; elsewhere the forehead is bare.
FALLEN_MM = -22.0
#: So far to either side a fringe falls over the forehead, degrees.
FRONT_DEG = 40
#: Where hair falls over the forehead and no fringe is cut there, it is drawn from so far above the usual hairline, mm:
#: as low as places of the scalp go. At temples, between these azimuths (degrees), it falls from the line itself. A
#: groom's own line ends beside the ears between the last ones.
CURTAIN_MM, CURTAIN_DEG, LINE_ENDS_DEG = -18.0, (-78.0, -45.0), (-90.0, -74.0)
#: How far sides and back thin where the top does.
SIDES_THIN = 0.5
#: Where a part of `part` = ±1 lies, mm from the middle.
PART_MM = 38.0
#: These in the order in which the kernels take them.
_SETTINGS = (TOP_MM, TOP_BLEND_MM, BACK_DEG, BACK_BLEND_DEG, FRINGE_MM, FRINGE_DEG, PART_MM, SIDES_THIN)


@dataclass(frozen=True, eq=False)
class Plan:
    """What is asked of N places.

    Attributes:
        grows: (N,) 0..1 share of the full density; baby: (N,) 0..1, 1 at the hairline where hair is short and thin.
        length: (N,) mm. comb: (N, 3) unit, along the scalp of the mean head. fringe: (N,) 0..1.
        top, side, back: (N,) shares of the regions, which sum to 1. inside: (N,) mm, `inside_line`.
    """

    grows: Array
    baby: Array
    length: Array
    comb: Array
    fringe: Array
    top: Array
    side: Array
    back: Array
    inside: Array


def handed(groom: Groom) -> float:
    """Which side a groom leans to: above 0 the right, below 0 the left, 0 neither."""
    return groom.sweep_side + 0.5 * groom.fringe_sweep - groom.part * (0.1 + groom.parted)


def mirrored(groom: Groom) -> Groom:
    """The same groom seen in a mirror."""
    bulge = groom.bulge
    if bulge:
        rows = np.reshape(bulge, (-1, 12))
        bulge = tuple(rows[:, (-np.arange(12)) % 12].ravel().tolist())
    return replace(
        groom,
        part=-groom.part,
        sweep_side=-groom.sweep_side,
        fringe_sweep=-groom.fringe_sweep,
        bulge=bulge,
        hairline=groom.hairline[::-1],
        bare=bare_in_mirror(groom.bare),
    )


def smooth(values: Array | float, low: Array | float, high: Array | float) -> Array:
    """0 below `low`, 1 above `high`, a smooth step between."""
    t = np.minimum(np.maximum((np.asarray(values) - low) / (np.asarray(high) - low), 0), 1)
    return t * t * (3 - 2 * t)


def middle(values: Array) -> float:
    """The median of values (N,), as numpy's, which looks for what is no number first."""
    half, odd = divmod(len(values), 2)
    parted = np.partition(values, half if odd else (half - 1, half))
    return float(parted[half] if odd else 0.5 * (parted[half - 1] + parted[half]))


def temple_share(place: Array) -> Array:
    """Share 0..1 of hair at places (N, 3), head frame, that is of the temples: beside the forehead, before the ears."""
    turn = np.abs(azimuth_deg(place))
    return np.asarray(smooth(-turn, -128.0, -64.0) * smooth(turn, 14.0, 50.0) * smooth(-place[:, 1], -110.0, -30.0))


def own_line(hairline: tuple[float, ...], fringe: bool) -> Array:
    """A groom's hairline at HAIRLINE_DEG, mm above the usual one: where hair falls over it, what that is drawn from.

    Below a fringe it is the usual one. Hair without one falls there from farther back, as curtains beside a part do: a
    line that rose to the usual one between lower ones would leave the forehead's corners bare.
    """
    turn = np.abs(HAIRLINE_DEG)
    falls = np.where(fringe & (turn < FRINGE_DEG), 0.0, CURTAIN_MM * smooth(-turn, *CURTAIN_DEG))
    return np.where(np.array(hairline) <= FALLEN_MM, falls, hairline)


def is_bare_in_front(hairline: tuple[float, ...]) -> bool:
    """Whether a hairline is seen over most of the forehead: no fringe falls over it."""
    front = [mm for mm, turn in zip(hairline, HAIRLINE_DEG, strict=False) if abs(turn) < FRONT_DEG]
    return bool(front) and float(np.median(front)) > FALLEN_MM


def line_at(azimuth: Array, hairline: tuple[float, ...], fringe: bool) -> Array:
    """How far a hairline of its own lies above the usual one (N,), mm, at azimuths (N,), degrees; 0 without one."""
    if not hairline:
        return np.zeros(len(azimuth))
    return np.interp(azimuth, HAIRLINE_DEG, own_line(hairline, fringe)) * smooth(-np.abs(azimuth), *LINE_ENDS_DEG)


def inside_line(place: Array, azimuth: Array, inside: Array, groom: Groom) -> Array:
    """Distance inside the groom's own hairline (N,) mm of places on the mean head; below 0 outside."""
    turn = np.abs(azimuth)
    front = smooth(-turn, -70, -45)
    wide = np.exp(-(((turn - 33) / 15) ** 2))
    island = np.exp(-((turn / 17) ** 2))
    back_of_line = groom.hairline_mm + groom.recession * (52 * wide + 14 * groom.crown_thinning * island)
    found = inside - line_at(azimuth, groom.hairline, groom.fringe_mm > 0) - front * back_of_line + _wave(azimuth)
    beside = _beside_crown(place, azimuth, groom)
    near = np.maximum(plan_kernel.CORNER_MM - np.abs(found - beside), 0) / plan_kernel.CORNER_MM
    return np.minimum(found, beside) - 0.25 * plan_kernel.CORNER_MM * near**2


def _wave(azimuth: Array) -> Array:
    """How far a hairline wanders (N,), mm, at azimuths (N,), degrees."""
    return 1.6 * np.sin(azimuth / 4.1) + 1.3 * np.sin(azimuth / 2.3 + 1) + 0.9 * np.sin(azimuth / 1.1 + 2)


def _beside_crown(place: Array, azimuth: Array, groom: Groom) -> Array:
    """How far places (N, 3) on the mean head lie beside a bald crown (N,), mm: much where there is none."""
    full = groom.crown_thinning * smooth(groom.crown_thinning, 0.35, 0.9)
    if full <= 0:
        return np.full(len(place), plan_kernel.NO_CROWN_MM)
    radius = 26 + 62 * groom.crown_thinning * (0.45 + 0.55 * groom.recession)
    spot = np.linalg.norm((place - WHORL - np.array([0, 0, 30 * groom.recession])) * [1, 1.15, 0.85], axis=1)
    return np.asarray(spot - radius + 60 * (1 - full) + plan_kernel.CROWN_WAVES * _wave(azimuth))


@dataclass(frozen=True, eq=False)
class _Places:
    """The places of a scalp as the kernels read them; waves: (N, 7) of `plan_kernel.waves_of`."""

    place: Array
    normal: Array
    azimuth: Array
    inside: Array
    waves: Array


@lru_cache(maxsize=6)
def _places(scalp: Scalp) -> _Places:
    told = scalp.place, scalp.normal, scalp.azimuth, scalp.inside
    place, normal, azimuth, inside = (np.ascontiguousarray(each, np.float64) for each in told)
    waves = np.empty((len(place), 7))
    plan_kernel.waves_of(place, azimuth, waves)
    return _Places(place, normal, azimuth, inside, waves)


def planned(scalp: Scalp, groom: Groom, cut_off: float = 0.0, combed_of: int | None = None) -> Plan:
    """Ask a groom about every place of a scalp; hair shorter than `cut_off` mm is left to the painter.

    combed_of: so many of the first places are combed, and the comb ends there; all where None.
    """
    places, told = _places(scalp), _numbers(groom)
    first = slice(combed_of)
    numbers, comb = _asked(places, groom, cut_off), np.empty((len(places.place[first]), 3))
    each = places.place[first], places.normal[first], places.waves[first]
    plan_kernel.comb(*each, told, _SETTINGS, numbers, comb)
    grows, baby, length, fringe, top, side, back, inside = numbers
    return Plan(grows, baby, length, comb, fringe, top, side, back, inside)


def growth(scalp: Scalp, groom: Groom) -> tuple[Array, Array]:
    """How densely hair grows (N,), 0..1, and how long it is (N,), mm, at the places of a scalp: a part of `planned`."""
    numbers = _asked(_places(scalp), groom, 0.0)
    return numbers[0], numbers[2]


def _asked(places: _Places, groom: Groom, cut_off: float) -> Array:
    """All of a plan but the comb: (8, N)."""
    line = _line_at(places, groom.hairline, groom.fringe_mm > 0)
    where, numbers = (places.place, places.azimuth, places.inside, places.waves), np.empty((8, len(line)))
    plan_kernel.ask(*where, line, _numbers(groom), _SETTINGS, float(cut_off), numbers)
    return numbers


@lru_cache(maxsize=8)
def _line_at(places: _Places, hairline: tuple[float, ...], fringe: bool) -> Array:
    """`line_at` of the places of a scalp; the last ones are kept."""
    return line_at(places.azimuth, hairline, fringe)


def _numbers(g: Groom) -> tuple[float, ...]:
    """What the kernels read of a groom."""
    told = g.hairline_mm, g.recession, g.crown_thinning, g.density, g.top_mm, g.sides_mm, g.back_mm, g.fringe_mm
    hand = -1.0 if handed(g) < 0 else 1.0
    return tuple(map(float, (*told, g.edge, g.part, g.parted, g.sweep_back, g.sweep_side, g.fringe_sweep, hand)))


def off_part(place: Array, groom: Groom) -> Array:
    """How far places (N, 3) lie to the left of a groom's part, mm: it wanders, to the other side in a mirror."""
    hand = -1.0 if handed(groom) < 0 else 1.0
    return np.array([plan_kernel.off_part(x, z, PART_MM * groom.part, hand) for x, z in place[:, [0, 2]]])


def plainly_planned(scalp: Scalp, groom: Groom, cut_off: float = 0.0) -> Plan:
    """The same as `planned`, array by array and four times as slowly: what plan_kernel.py is tested against."""
    place, turn = scalp.place, np.abs(scalp.azimuth)
    inside = inside_line(place, scalp.azimuth, scalp.inside, groom)
    sharp = 1 - 0.93 * groom.edge
    line = TOP_MM + 6 * smooth(turn, 60, 120)
    top = smooth(place[:, 1], line - sharp * TOP_BLEND_MM, line + sharp * TOP_BLEND_MM)
    back = (1 - top) * smooth(turn, BACK_DEG - BACK_BLEND_DEG, BACK_DEG + BACK_BLEND_DEG)
    side = 1 - top - back
    front = smooth(-inside, -FRINGE_MM - 6, -FRINGE_MM + 6) * smooth(-turn, -FRINGE_DEG - 6, -FRINGE_DEG + 6)
    fringe = front if groom.fringe_mm > 0 else np.zeros(len(place))
    length = top * groom.top_mm + side * groom.sides_mm + back * groom.back_mm
    length = length * (1 - fringe) + fringe * (groom.fringe_mm + 0.8 * np.maximum(inside, 0.0))
    baby = 1 - smooth(inside, 0, 9)
    low = smooth(-place[:, 1], -25, 20) * smooth(-turn, -95, -80)  # sideburns are short unless all is long
    length = length * (1 - low) + low * np.minimum(length, 12 + 0.4 * groom.sides_mm)
    length = length * (1 - baby * (1 - fringe) * (0.6 - 0.35 * smooth(length, 60, 200)))
    # Short cuts taper towards the ears and the nape.
    taper = (1 - top) * (1 - smooth(length, 45, 110))
    length = length * (1 - taper * 0.6 * (1 - smooth(inside, 0, 48)))
    grows = smooth(inside, -1.0, 4.0 + 26 * groom.crown_thinning * smooth(place[:, 1], 60, 90))
    grows = grows * smooth(_beside_crown(place, scalp.azimuth, groom), *plan_kernel.CROWN_FADES_MM)
    thin = np.exp(-((np.linalg.norm(place - WHORL, axis=1) / 55) ** 2))
    grows = grows * (1 - 0.85 * groom.crown_thinning * thin) * (0.25 + 0.75 * local_density(groom, top))
    grows = np.where(length > cut_off, grows, 0.0)
    if groom.parted > 0.3:  # the scalp shows along a part
        off = off_part(place, groom)
        bare = [plan_kernel.bare_along(away, z, groom.parted) for away, z in zip(off, place[:, 2], strict=True)]
        grows = grows * (1 - np.where(top > 0.5, bare, 0.0))
    return Plan(grows, baby, length, combed(scalp, groom, fringe, top, back), fringe, top, side, back, inside)


def local_density(groom: Groom, top: Array) -> Array:
    """How dense hair is (N,), 0..1, at places of which a share (N,) is of the top: hair thins there most."""
    return 1 - (1 - groom.density) * (SIDES_THIN + (1 - SIDES_THIN) * top)


def combed(scalp: Scalp, groom: Groom, fringe: Array, top: Array, back: Array) -> Array:
    """Where hair is combed to, along the scalp: (N, 3) unit vectors on the mean head."""
    place, normal = scalp.place, scalp.normal
    whirl = place - WHORL
    whirl = whirl / np.maximum(np.linalg.norm(whirl, axis=1, keepdims=True), 1e-6)
    swirl = np.cross(np.array([0.0, 1.0, 0.0]), whirl)
    natural = whirl + 0.3 * swirl * np.exp(-((np.linalg.norm(place - WHORL, axis=1) / 45) ** 2))[:, None]
    off = off_part(place, groom)
    side = np.tanh(off / (1.5 + 30 * (1 - groom.parted)))
    divided = max(groom.parted, float(smooth(groom.top_mm, 90, 150)) * (1 - abs(groom.sweep_back)))
    side = np.where(off < 0, -1.0, 1.0) * np.maximum(np.abs(side), 0.75 * divided)
    ahead = smooth(place[:, 2], -85, -50)
    parting = np.stack([side, np.zeros(len(side)), -0.3 * smooth(groom.top_mm, 60, 140) * np.ones(len(side))], 1)
    # Long hair falls to both sides even where no part is seen: else it would hang before the face.
    ahead = (ahead * divided)[:, None]
    comb = natural * (1 - ahead) + parting * ahead
    wish = np.array([-1.4 * groom.sweep_side, 0.0, -1.6 * groom.sweep_back])
    reach = (0.25 + 0.75 * top + 0.2 * back)[:, None]
    comb = comb * (1 - 0.75 * min(1.0, float(np.linalg.norm(wish))) * reach) + wish * reach
    # Over and behind the ears hair goes down and back whatever the top does.
    low = (1 - top)[:, None]
    comb = comb * (1 - 0.6 * low) + 0.6 * low * np.array([0.0, -1.0, -0.25 - 0.9 * groom.sweep_back])
    fall = np.stack([-1.3 * groom.fringe_sweep + 0.12 * np.sin(place[:, 0] / 9), -0.4 + 0 * side, 1.0 + 0 * side], 1)
    fall[:, 0] += place[:, 0] / 120
    comb = comb * (1 - fringe[:, None]) + fall * fringe[:, None]
    comb = comb - (comb * normal).sum(1, keepdims=True) * normal
    return comb / np.maximum(np.linalg.norm(comb, axis=1, keepdims=True), 1e-6)
