"""The hairline over the forehead and at the temples, and the part behind it, as a photo shows them. Frame: head, mm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.from_photo.seen import SURE, HairSeen, seen_places
from facegpt.hair.from_photo.traits import kind_of
from facegpt.hair.gather import TIES
from facegpt.hair.plan import FALLEN_MM, PART_MM, mirrored
from facegpt.hair.scalp import scalp_of
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.proxies import head_motion
from facegpt.types import HAIRLINE_DEG, Array, FaceParams, Groom

#: How far beside an azimuth places tell its hairline, degrees; how many must be seen.
BESIDE_DEG, FEWEST = 11.0, 12
#: Heights that are tried, mm above the usual hairline. The lowest one is hair that falls over the forehead: the line
#: beneath it is the usual one. From so many degrees on hair may be too short to be seen as hair: less is believed.
LOWEST_MM, HIGHEST_MM, STEP_MM, SIDE_DEG, HIGHEST_SIDE_MM = -20.0, 44.0, 2.0, 50, 16.0
#: Cosine of a place's normal and the line of sight from which it tells the hairline.
FACING = 0.25
#: Hair is first seen so far inside the line that it grows from, mm.
SEEN_MM = 2.5
#: What stands for hair that falls over the forehead (`plan.FALLEN_MM`).
FALLS = -25.0
#: What a height costs, in places that it gets wrong, mm² each: between hair that is seen equally well it is the usual.
COST = 0.002
#: Hair that is combed back roots no lower than this beside the usual hairline, mm. Where it is seen to, it stands over
#: the forehead: how far all of it lifts, per mm of that, and at most, mm.
TIED_LOWEST_MM, OVERHANG_LIFTS, MOST_OVERHANG_MM = -4.0, 1.6, 14.0
#: No scalp shows along parts of tied hair that are less sharp (`plan.planned`).
UNPARTED = 0.3
#: Longer hair on top falls to both sides of a part, mm, unless it is combed back by so much.
PARTED_MM, SWEPT_BACK = 120.0, 0.5
#: Strands tell the part so far inside the hairline and so far to either side, mm and degrees, above this height, mm;
#: fewer places tell nothing.
PART_INSIDE_MM, PART_DEG, PART_ABOVE_MM, FEWEST_STRANDS = 2.0, 75.0, 70.0, 40
#: Where parts may be, mm from the middle to the subject's left; how near the best of them others count as well.
PART_PLACES, AS_GOOD = np.linspace(-42.0, 42.0, 22), 0.04
#: How far the hairline lies before the middle of the head, mm.
FOREHEAD_MM = 75.0
#: Share of the strands that fall away from the part, less those that fall towards it, from which on it is believed.
PART_SURE = 0.35
#: Crowns balder than this have no hairline that a curve could tell.
MOST_BALD = 0.5


def seen_hairline(model: MorphableModel, params: FaceParams, seen: HairSeen) -> tuple[float, ...]:
    """How much higher the hairline is than usual, mm, at HAIRLINE_DEG; () where the photo shows none of it.

    At each azimuth it is the height that parts places of the scalp with hair from those without with the fewest errors.
    Azimuths that are not seen take their mirror image's, or their neighbours'.
    """
    scalp = scalp_of(model)  # type: ignore[arg-type]
    front, places = np.abs(scalp.azimuth) < HAIRLINE_DEG[-1] + BESIDE_DEG, scalp.on(head_vertices(model, params))
    at, shown = seen_places(seen.view, places)
    shown &= front & seen.known[at[:, 1], at[:, 0]] & _faces_camera(model, params, seen, places, scalp.normal)
    hairy = seen.hair[at[:, 1], at[:, 0]] > SURE
    found = np.array([
        _height(scalp.inside[near], hairy[near], HIGHEST_MM if abs(turn) < SIDE_DEG else HIGHEST_SIDE_MM)
        for turn, near in ((turn, shown & (np.abs(scalp.azimuth - turn) < BESIDE_DEG)) for turn in HAIRLINE_DEG)
    ])  # fmt: skip
    if np.isfinite(found).sum() < 3:
        return ()
    found = np.where(np.isfinite(found), found, found[::-1])
    told = np.flatnonzero(np.isfinite(found))
    whole = np.interp(np.arange(len(found)), told, found[told])
    return tuple(round(float(mm), 1) for mm in _smoothed(whole))


def _faces_camera(
    model: MorphableModel, params: FaceParams, seen: HairSeen, places: Array, normals: Array
) -> NDArray[np.bool_]:
    """Which places (N, 3) of a fitted head, with normals (N, 3) of the mean head, a photo sees steeply enough.

    Before the rim of a head lies hair that hangs beside it.
    """
    turn, _ = head_motion(model, params)
    outward = normals @ (np.asarray(seen.view.pose.rotation) @ np.asarray(turn)).T
    sight = seen.view.pose.apply(places)
    return np.asarray(-(outward * sight).sum(1) > FACING * np.linalg.norm(sight, axis=1))


def _height(inside: Array, hairy: NDArray[np.bool_], highest: float) -> float:
    """The height that parts places so far inside the usual line by whether they are hairy; nan if too few are seen."""
    if len(inside) < FEWEST:
        return float("nan")
    heights = np.arange(LOWEST_MM, highest + STEP_MM, STEP_MM)
    wrong = ((inside > heights[:, None]) != hairy).mean(1) + COST * np.abs(heights)
    best = float(heights[np.argmin(wrong)])
    return FALLS if best == LOWEST_MM else best - SEEN_MM


def _smoothed(values: Array) -> NDArray[np.float64]:
    """Each line height and its neighbours' mean, where none of the three is hair that falls over the forehead."""
    wide = np.pad(np.asarray(values, np.float64), 1, mode="edge")
    mean = 0.25 * wide[:-2] + 0.5 * wide[1:-1] + 0.25 * wide[2:]
    near = np.minimum(np.minimum(wide[:-2], wide[1:-1]), wide[2:])
    return np.where(near <= FALLEN_MM, wide[1:-1], mean)


def seen_part(
    model: MorphableModel,
    params: FaceParams,
    seen: HairSeen,
    along: NDArray[np.complex64] | None,
    hairline: tuple[float, ...] = (),
) -> float | None:
    """Where hair is parted, as `Groom.part` (1: at the subject's right); None where its strands do not tell.

    Strands fall away from a part to both sides: it lies where most of those at its right in the picture run down to
    the right, and of those at its left to the left.

    along: (S, S), which way strands run (`strand_directions`).
    hairline: `seen_hairline`; no part lies where hair falls over the forehead.
    """
    places = _bare_places(hairline)
    if along is None or not len(places):
        return None
    scalp = scalp_of(model)  # type: ignore[arg-type]
    at, shown = seen_places(seen.view, scalp.on(head_vertices(model, params)))
    shown &= (scalp.inside > PART_INSIDE_MM) & (np.abs(scalp.azimuth) < PART_DEG)
    shown &= (scalp.place[:, 1] > PART_ABOVE_MM) & (seen.hair[at[:, 1], at[:, 0]] > SURE)
    if shown.sum() < FEWEST_STRANDS:
        return None
    strands, across = along[at[shown, 1], at[shown, 0]], scalp.place[shown, 0]
    away = (strands.imag * np.sign(across - places[:, None])).sum(1) / max(float(np.abs(strands).sum()), 1e-6)
    if away.max() < PART_SURE or np.argmax(away) in (0, len(away) - 1):  # or all run one way: no part lies between
        return None
    return float(np.clip(-places[away > away.max() - AS_GOOD].mean() / PART_MM, -1, 1))


def _bare_places(hairline: tuple[float, ...]) -> NDArray[np.float64]:
    """Those of PART_PLACES below which the forehead is bare; all where no hairline tells."""
    if not hairline:
        return PART_PLACES
    turn = np.degrees(np.arctan2(PART_PLACES, FOREHEAD_MM))
    nearest = np.abs(turn[:, None] - np.array(HAIRLINE_DEG)).argmin(1)
    return PART_PLACES[np.array(hairline)[nearest] > FALLEN_MM]


def with_part(groom: Groom, part: float | None) -> Groom:
    """The groom with its part where it was seen, on its other side if that is needed; of hair that has none, as it is.

    Hair that is long on top falls to both sides of its part even where no line of skin shows.
    """
    parted = groom.parted > UNPARTED or (groom.top_mm > PARTED_MM and groom.sweep_back < SWEPT_BACK)
    if part is None or not parted or groom.gather in TIES or groom.stand > UNPARTED:
        return groom
    if groom.part * part < 0:
        groom = other_way(groom)
    return replace(groom, part=round(part, 2))


def as_curls_part(groom: Groom, part: float | None) -> Groom:
    """The groom without a line of skin along its part if it is of coils, or of curls whose part no photo shows."""
    kind = kind_of(groom)
    covered = kind == "coily" or (kind == "curly" and part is None)
    return replace(groom, part=0.0, parted=0.0) if covered and groom.gather == "none" else groom


def falls_aside(groom: Groom) -> bool:
    """Whether hair has no fringe and is so long on top that it falls to both sides: it leaves foreheads bare."""
    return groom.fringe_mm == 0 and groom.top_mm > PARTED_MM and groom.gather == "none" and groom.stand < UNPARTED


def other_way(groom: Groom) -> Groom:
    """The groom parted and swept to the other side; its hairline and outline, which the photo shows, stay."""
    return replace(mirrored(groom), hairline=groom.hairline, bulge=groom.bulge)


def has_part(groom: Groom, part: float | None) -> bool:
    """Whether a groom has its part where it was seen (`with_part`)."""
    return part is not None and groom == with_part(groom, part) != with_part(groom, -part if part else 1.0)


def with_hairline(groom: Groom, hairline: tuple[float, ...]) -> Groom:
    """The groom with a hairline of its own, which then says all; as it is for bald crowns, and without one."""
    if not hairline or groom.crown_thinning > MOST_BALD:
        return groom
    if groom.gather in TIES:  # it is combed back: what lies lower stands over the forehead
        over = np.clip([TIED_LOWEST_MM - mm for mm in hairline if mm > FALLEN_MM], 0, None)
        lift = max(groom.lift_mm, min(float(np.mean(over)) * OVERHANG_LIFTS, MOST_OVERHANG_MM) if len(over) else 0.0)
        line = tuple(mm if mm <= FALLEN_MM else max(mm, TIED_LOWEST_MM) for mm in hairline)
        parted = min(groom.parted, UNPARTED)  # where it is parted no photo tells
        return replace(groom, hairline=line, hairline_mm=0.0, recession=0.0, lift_mm=lift, parted=parted)
    return replace(groom, hairline=hairline, hairline_mm=0.0, recession=0.0)
