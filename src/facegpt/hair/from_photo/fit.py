"""A groom moved until its silhouette agrees with the photo: lengths, volume, hairline, part, then the bulge grid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.from_photo.choose import LOOSE, hanging_mm, hangs_at_both_sides, lost_by_length
from facegpt.hair.from_photo.drawer import Drawer, Drawers
from facegpt.hair.from_photo.hairline import has_part, other_way
from facegpt.hair.from_photo.seen import HairSeen
from facegpt.hair.from_photo.silhouette import ray_angles
from facegpt.hair.from_photo.traits import KINDS, PLAITED, HairTraits, kind_of
from facegpt.hair.gather import TIES
from facegpt.hair.groom import BOUNDS
from facegpt.types import BULGE_GRID, Array, Groom

#: Shorter hair than this is painted, and stays so.
SHORTEST_MM = 7.0
#: Coherence of strands (`HairTraits.one_way`) up to which hair is as frizzy as its style, and from which it is sleek;
#: the share of the style's frizz that is left then.
FRIZZY, SLEEK, LEFT = 0.35, 0.52, 0.2
#: How hair winds, by how much it curls (0 straight, 1 wavy, 2 curly): radius and length of a turn, mm. Hair that falls
#: less far than this shows no waves unless its style has them; how far a style's own curl is changed.
CURLS, RADII_MM, TURNS_MM = (0.0, 0.5, 1.0, 1.5, 2.0), (0.0, 3.0, 5.5, 7.0, 8.0), (130.0, 120.0, 105.0, 60.0, 34.0)
WAVES_FROM_MM, MOST_CHANGED = 90.0, 0.8
#: The mean `HairTraits.curl` of 52 pictures of straight hair: styles of straight hair wind by what is more than that.
STRAIGHT_CURL = 0.2
#: Loose hair that falls stands off at its roots by no more than this, mm, and is parted no more sharply: what follows
#: an outline further has steps at its part and shows the edges of single locks.
LOOSE_LIFT_MM, LOOSE_PARTED = 7.0, 0.3
#: It falls behind the cheeks, combed back at least so much: what falls straight down from the forehead hides the face
#: from the side.
FALLS_BACK = 0.2
#: It falls straight down where photos show both sides and no ear, mm²: it covers them then.
CLOSED, NO_EAR_MM2 = 0.0, 60.0
#: A photo of a head turned so far shows itself how far its hair falls before the cheek: sine of the turn.
SHOWS_CHEEK = 0.4
#: Its waves are long and begin below the crown: how many times as wide as a strand's, radius at most, length of a turn
#: at least and at most, mm, and share of the strand that is straight. Narrower ones have the outline of seaweed.
WIDER, WIDEST_MM, WAVE_MM, WAVES_BELOW = 1.2, 11.0, (100.0, 125.0), 0.45
#: Tied hair stands off at its roots by no more than this, mm: what lies outside of that is not tied.
TIED_LIFT_MM = 9.0
#: Tied hair that is not seen at both sides of the neck is so long at most, mm, of which some 90 lie on the head.
HIDDEN_TAIL_MM = 230.0
#: From this `stand` on, lengths are how far hair stands off; they change by so much at most, and end here, mm.
STANDS, MOST_LONGER_MM, SHORTEST_STUBBLE_MM = 0.6, 40.0, 3.0
#: Least gain in agreement for which a groom is changed.
LEAST_GAIN = 1e-3
#: Lengths of the parts of a head of hair; the SD of their logs among heads of one style, and what one SD loses.
LENGTHS, LENGTH_SD, CHANGED_LOSES = ("top_mm", "sides_mm", "back_mm"), 0.35, 0.012
#: How much of the difference of outlines is taken at once, of curls all; bulges at most, mm, of hair that stands, is
#: short or tied, and of hair that falls.
SHARE, MOST_MM, FALLING_MM = 0.8, (-15.0, 25.0), (-8.0, 14.0)
#: How sharply a direction around the head belongs to cells of the grid.
SHARPNESS = 6.0
#: What the square of a difference of neighbouring cells loses, and that of a cell's move, mm², where one ray that
#: misses its cell loses 1 (curls, whose outline is rough) or SURE. How near neighbours are, degrees: SD and at most.
UNEVEN, CURLS_MOVED, MOVED, SURE, NEIGHBOUR_DEG, NEIGHBOURS_DEG = 0.5, 0.075, 0.3, 10.0, 25.0, 62.5
#: How much less hair that is full all around may fit.
FULL_LOSES = 0.03


@dataclass(frozen=True)
class Move:
    """One way to change a groom: its name, and the change for a step of either sign."""

    name: str
    change: Callable[[Groom, float], Groom]


def _scaled(*names: str) -> Callable[[Groom, float], Groom]:
    def change(groom: Groom, step: float) -> Groom:
        lengths = {name: getattr(groom, name) for name in names}
        factor = float(np.exp(0.25 * step))
        return replace(groom, **{n: v * factor if v * factor > SHORTEST_MM or v < SHORTEST_MM else v
                                 for n, v in lengths.items()})  # fmt: skip

    return change


def _added(name: str, size: float) -> Callable[[Groom, float], Groom]:
    def change(groom: Groom, step: float) -> Groom:
        low, high = BOUNDS[name]
        changes: dict[str, Any] = {name: float(np.clip(getattr(groom, name) + size * step, low, high))}
        return replace(groom, **changes)

    return change


#: What is tried, in this order.
MOVES = (
    Move("length", _scaled("top_mm", "sides_mm", "back_mm")),
    Move("lift", _added("lift_mm", 6.0)),
    Move("sides", _scaled("sides_mm", "back_mm")),
    Move("hairline", _added("hairline_mm", 6.0)),
    Move("top", _scaled("top_mm")),
    Move("fringe", _scaled("fringe_mm")),
    Move("recession", _added("recession", 0.3)),
    Move("sweep back", _added("sweep_back", 0.4)),
    Move("sweep side", _added("sweep_side", 0.4)),
    Move("part", _added("part", 0.6)),
)


#: Those that a hairline which was seen, and crowns that thin so much, leave nothing to.
OF_HAIRLINE, BARE_CROWN = ("hairline", "recession"), 0.8


def with_length(groom: Groom, seen: HairSeen) -> Groom:
    """A loose groom scaled to hang as far as the hair seen, or as it likely does; short hair stays."""
    hang, hanging = hanging_mm(seen), max(groom.sides_mm, groom.back_mm)
    if hang < 60 or hanging < 60 or groom.stand > 0.5 or groom.gather not in LOOSE:
        return groom
    factor = float(np.clip(hang / hanging, 0.6, 1.6))
    return replace(
        groom, top_mm=groom.top_mm * factor, sides_mm=groom.sides_mm * factor, back_mm=groom.back_mm * factor
    )


def as_hidden(groom: Groom, seen: HairSeen) -> Groom:
    """A tied groom whose tail or plait ends behind the neck unless hair hangs at both sides of it; others stay."""
    kind, _ = TIES.get(groom.gather, ("", ()))
    if kind not in ("tail", "plait") or groom.gather == "half_up" or hangs_at_both_sides(seen):
        return groom
    lengths = {name: min(getattr(groom, name), HIDDEN_TAIL_MM) for name in ("top_mm", "sides_mm", "back_mm")}
    return replace(groom, **lengths)


def as_sleek(groom: Groom, traits: HairTraits) -> Groom:
    """A groom with less frizz where the photo's strands run one way; coils and what is unknown stay as they are."""
    if not np.isfinite(traits.one_way) or kind_of(groom) not in ("straight", "wavy"):
        return groom
    share = float(np.interp(traits.one_way, (FRIZZY, SLEEK), (1.0, LEFT)))
    return replace(groom, frizz=round(groom.frizz * share, 3))


def as_curly(groom: Groom, traits: HairTraits) -> Groom:
    """A groom that winds as much as the photo's hair likely does, near what its style does; curls and plaits stay.

    Where hair may as well be straight, waves are faint.
    """
    kind = kind_of(groom)
    if kind not in ("straight", "wavy") or groom.gather in PLAITED:
        return groom
    own = float(KINDS.index(kind))
    more = traits.curl - max(own, STRAIGHT_CURL)
    curl = own + float(np.clip(more, -MOST_CHANGED, MOST_CHANGED))
    radius, turn = (float(np.interp(curl, CURLS, values)) for values in (RADII_MM, TURNS_MM))
    if own > 0:
        usual_radius, usual_turn = (float(np.interp(own, CURLS, values)) for values in (RADII_MM, TURNS_MM))
        radius, turn = groom.curl_radius_mm * radius / usual_radius, groom.curl_pitch_mm * turn / usual_turn
    elif max(groom.sides_mm, groom.back_mm) < WAVES_FROM_MM:
        return groom
    return replace(groom, curl_radius_mm=round(radius, 2), curl_pitch_mm=round(turn, 1))


def falls_back(seen: Iterable[HairSeen]) -> float:
    """How far loose hair of some photos is combed back at least (`Groom.sweep_back`)."""
    covered = all(one.ear_mm2 < NO_EAR_MM2 and not _shows_cheek(one) for one in seen)
    return CLOSED if covered else FALLS_BACK


def as_falling(groom: Groom, back: float = FALLS_BACK) -> Groom:
    """A groom that lies as loose hair falls by its weight, combed back so far at least; others stay."""
    if _hangs(groom):
        groom = replace(groom, sweep_back=max(groom.sweep_back, back))
    if not _falls(groom):
        return groom
    lift, parted = min(groom.lift_mm, LOOSE_LIFT_MM), min(groom.parted, LOOSE_PARTED)
    groom = replace(groom, lift_mm=lift, parted=parted)
    if groom.curl_radius_mm == 0:
        return groom
    return replace(
        groom,
        curl_radius_mm=min(WIDER * groom.curl_radius_mm, WIDEST_MM),
        curl_pitch_mm=float(np.clip(groom.curl_pitch_mm, *WAVE_MM)),
        curl_start=max(groom.curl_start, WAVES_BELOW),
    )


def _falls(groom: Groom) -> bool:
    """Whether loose hair hangs by its weight and does not wind so much that it stands off."""
    return _hangs(groom) and kind_of(groom) in ("straight", "wavy")


def _hangs(groom: Groom) -> bool:
    return max(groom.sides_mm, groom.back_mm) >= WAVES_FROM_MM and groom.stand < 0.3 and groom.gather == "none"


def with_volume(drawer: Drawer | Drawers, groom: Groom) -> Groom:
    """A groom whose hair stands off the head, as long on top and at its sides as the photo's outlines ask for."""
    if groom.stand < STANDS or groom.gather in TIES:
        return groom
    gaps = np.sum([share * one.gaps_by_height(one.draw(groom)) for share, one in drawer.shares], axis=0)
    top, sides = (float(np.clip(gap, -MOST_LONGER_MM, MOST_LONGER_MM)) for gap in gaps)
    lengths = {
        name: max(getattr(groom, name) + mm, SHORTEST_STUBBLE_MM)
        for name, mm in (("top_mm", top), ("sides_mm", sides), ("back_mm", sides))
    }
    return replace(groom, **lengths)


def on_its_side(drawer: Drawer | Drawers, groom: Groom, part: float | None = None) -> Groom:
    """The groom or its mirror image, whichever agrees better: on which side it is parted or swept.

    part: where the photo shows it parted; a groom that has its part there stays.
    """
    other = other_way(groom)
    if has_part(groom, part):
        return groom
    return groom if other == groom or drawer.fit(groom) >= drawer.fit(other) else other


def refined(drawer: Drawer | Drawers, groom: Groom, evaluations: int, part: float | None = None) -> Groom:
    """Change one thing at a time while the silhouette agrees better; at most so many silhouettes are drawn.

    part: as in `on_its_side`.
    """
    fixed = {"part"} if has_part(groom, part) else set()
    if groom.hairline or groom.crown_thinning >= BARE_CROWN:
        fixed |= set(OF_HAIRLINE)

    def worth(tried: Groom) -> float:
        return drawer.fit(tried) - lost_by_length(drawer, tried) - lost_by_change(tried, groom)

    best, found = groom, worth(groom)
    photos = [one.seen for _, one in drawer.shares]
    back = -1.0 if any(map(_shows_cheek, photos)) else falls_back(photos)  # what hides a cheek is seen
    left, size = evaluations, 1.0
    while left > 0 and size > 0.2:
        improved = False
        for move in (move for move in MOVES if move.name not in fixed):
            gains: list[float] = []
            for step in (1.0, -1.0, None):
                step = _vertex(gains) if step is None else step
                tried = best if step is None else move.change(best, step * size)
                if tried == best or left <= 0 or not _may_be(tried, best, back):
                    continue
                if "part" in fixed and tried.sweep_side * tried.part > max(best.sweep_side * best.part, 0):
                    continue  # swept over its own part, hair falls over the forehead
                left -= 1
                agreement = worth(tried)
                gains.append(agreement - found)
                if gains[-1] > LEAST_GAIN:
                    best, found, improved = tried, agreement, True
                    break
        size = size if improved else size / 2
    return best


def lost_by_change(groom: Groom, usual: Groom) -> float:
    """What a groom loses for lengths that are not those of its style: what outlines hardly tell stays usual."""
    logs = [np.log((getattr(groom, name) + SHORTEST_MM) / (getattr(usual, name) + SHORTEST_MM)) for name in LENGTHS]
    return float(CHANGED_LOSES * np.sum(np.square(logs)) / LENGTH_SD**2)


def _vertex(gains: list[float]) -> float | None:
    """The step between both at which a parabola through the gains of 1, 0 and -1 is highest; None where it is flat."""
    if len(gains) != 2:
        return None
    bend, slope = (gains[0] + gains[1]) / 2, (gains[0] - gains[1]) / 2
    return None if bend >= 0 or -slope * slope / (4 * bend) < 2 * LEAST_GAIN else -slope / (2 * bend)


def _shows_cheek(seen: HairSeen) -> bool:
    """Whether a photo shows its head from the side."""
    return bool(abs(np.asarray(seen.view.pose.rotation)[0, 2]) > SHOWS_CHEEK)


def _may_be(tried: Groom, best: Groom, back: float) -> bool:
    """Whether a change of the best groom so far may be tried: how far hair may stand off, and hide the face.

    back: how far hair that hangs is combed back at least.
    """
    forward = _hangs(tried) and tried.sweep_back < min(back, best.sweep_back)
    return tried.lift_mm <= max(_most_lift(tried), best.lift_mm) and not forward


def _most_lift(groom: Groom) -> float:
    """How far hair may stand off at its roots, mm."""
    return TIED_LIFT_MM if groom.gather in TIES else LOOSE_LIFT_MM if _falls(groom) else BOUNDS["lift_mm"][1]


def full_all_around(drawer: Drawer | Drawers, groom: Groom) -> Groom:
    """A groom whose hair is as full where no outline tells as beside it; as it is if that fits clearly less.

    Hair that hangs, and curls, stay.
    """
    if _hangs(groom) or _is_curled(groom):
        return groom
    full = bulged(drawer, replace(groom, bulge=()), around=True)
    return full if drawer.fit(full) > drawer.fit(groom) - FULL_LOSES else groom


def bulged(drawer: Drawer | Drawers, groom: Groom, rounds: int = 2, around: bool = False) -> Groom:
    """Move the outline of a groom to the photo's, direction by direction; the groom as it is if that does not help.

    around: whether hair that does not hang moves where no outline tells as well; curls always do.
    """
    best, found = groom, drawer.fit(groom)
    grid = np.zeros(BULGE_GRID) if not groom.bulge else np.reshape(groom.bulge, BULGE_GRID).copy()
    for _ in range(rounds):
        change = _cell_changes(drawer, best, around)
        if change is None:
            break
        grid = np.clip(grid + change, *(FALLING_MM if _falls(groom) else MOST_MM))
        tried = replace(groom, bulge=tuple(float(round(v, 1)) for v in grid.ravel()))
        agreement = drawer.fit(tried)
        if agreement <= found:
            break
        best, found = tried, agreement
    return best


def _cell_changes(drawer: Drawer | Drawers, groom: Groom, around: bool) -> NDArray[np.float64] | None:
    """How far cells around the head (BULGE_GRID) are to move, mm; None where no photo tells an outline.

    A cell moves by SHARE where rays of one photo tell it; where several photos do, by the mean of what they tell. An
    outline tells a ring around the head, often less of it: a photo's end may lie below the crown. Curls are as full
    between, and with `around` hair that does not hang: else it stands off as a ridge or a tuft.
    """
    weighed, told = np.zeros(BULGE_GRID[0] * BULGE_GRID[1]), np.zeros(BULGE_GRID[0] * BULGE_GRID[1])
    for share, one in drawer.shares:
        change = one.gap_mm(one.draw(groom))
        near = _near_cells(one, np.flatnonzero(np.isfinite(change)))
        weighed += share * near @ change[np.isfinite(change)]
        told += share * near.sum(1)
    if not told.any():
        return None
    count = len(drawer.shares)
    if _is_curled(groom):
        return continued(count * weighed, count * told, CURLS_MOVED).reshape(BULGE_GRID)
    if around and not _hangs(groom):
        return SHARE * continued(SURE * count * weighed, SURE * count * told, MOVED).reshape(BULGE_GRID)
    return (SHARE * weighed / np.maximum(told, 1e-9) * np.clip(count * told, 0, 1)).reshape(BULGE_GRID)


def _is_curled(groom: Groom) -> bool:
    return kind_of(groom) in ("curly", "coily")


def continued(weighed: Array, told: Array, moved: float) -> NDArray[np.float64]:
    """The smoothest moves (cells,), mm, near those that are told.

    weighed: (cells,) sum of the moves that rays tell of each. told: (cells,) how many rays do. moved: what the square
    of a move loses.
    """
    return np.asarray(np.linalg.solve(np.diag(told + moved) + UNEVEN * _unevenness(), weighed))


@lru_cache(maxsize=1)
def _unevenness() -> NDArray[np.float64]:
    """The graph Laplacian (cells, cells) of the bulge grid; none before the face is a neighbour of any other.

    Hair that was moved out there would hide the face.
    """
    ways = np.array(list(cell_directions()))
    apart = np.degrees(np.arccos(np.clip(ways @ ways.T, -1, 1)))
    close = np.exp(-0.5 * (apart / NEIGHBOUR_DEG) ** 2) * (apart < NEIGHBOURS_DEG)
    face = (ways[:, 1] < 0.5) & (ways[:, 2] > 0.5)
    close *= face[:, None] == face
    return np.diag(close.sum(1)) - close


def _near_cells(drawer: Drawer, ray: NDArray[np.integer]) -> NDArray[np.float64]:
    """How much each ray (R,) of the picture says of each cell around the head (cells, R)."""
    rotation = np.asarray(drawer.seen.view.pose.rotation) @ np.asarray(drawer.motion[0])
    flat = np.stack([np.cos(ray_angles()[ray]), -np.sin(ray_angles()[ray]), np.zeros(len(ray))], 1)
    directions = flat @ rotation  # camera → head
    return np.maximum(np.array(list(cell_directions())) @ directions.T, 0) ** SHARPNESS


def cell_directions() -> Iterator[NDArray[np.float64]]:
    """The direction of each cell of the bulge grid, head frame: see types.BULGE_GRID."""
    rows, columns = BULGE_GRID
    for row in range(rows):
        up = np.radians(-90 + 180 * (row + 0.5) / rows)
        for column in range(columns):
            turn = 2 * np.pi * column / columns
            yield np.array([np.sin(turn) * np.cos(up), np.sin(up), np.cos(turn) * np.cos(up)])
