"""Grow hair on a person: a groom becomes locks, locks become cards. Frame: head at rest, mm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.atlas import DENSE, MEDIUM, PAINTED_TURNS, ROUGHNESS, SINGLE, SPARSE, picture_of, relief_of
from facegpt.hair.body import Body, body_of, carried_by, outward
from facegpt.hair.cards import Locks, cards_of, in_mirror, joined, proxy_of, with_temples
from facegpt.hair.gather import TIES, Bunch, before_ears, bulged_to_tie, combed_to_tie, hung, tie_of
from facegpt.hair.left_free import left_free
from facegpt.hair.lines.clumps import alike, drawn_together, light_between
from facegpt.hair.lines.curls import frizzed, is_tight, of_cards, points_of_curl, stands_coily, stretch, winds, wound
from facegpt.hair.lines.front_edge import ended_as_seen
from facegpt.hair.lines.guides import arc_mm, drawn_chances, pushed_out, resampled, rows_chances
from facegpt.hair.lines.off_bare import towards_seen
from facegpt.hair.lines.over_ears import over_ears
from facegpt.hair.lines.starts import RIM_UNTIL_MM
from facegpt.hair.lines.stiff import stiffness_mm
from facegpt.hair.lines.traced import KEPT, traced
from facegpt.hair.lines.trim import (
    alone,
    as_fine,
    bulged,
    fine_rows,
    narrowed,
    off_the_eyes,
    off_the_forehead,
    shell,
    unkinked,
)
from facegpt.hair.locks import limited, tint_of
from facegpt.hair.openness import light_of
from facegpt.hair.plan import Plan, handed, local_density, middle, mirrored, planned, smooth
from facegpt.hair.rows import ROPES_MM, cornrows, ropes
from facegpt.hair.scalp import Scalp, scalp_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.proxies import RestProxy
from facegpt.types import Array, Groom, Hair

#: Hair lies at least this far from the skin, mm.
CLEAR = 1.0
#: Short locks are narrow, mm and share of their length: else they lie like scales.
SHORT_MM, SHORT_BAND = 1.8, 0.3
#: Lengths at which hair is painted alone, and from which on all of its cards grow, mm: at the sides and behind, on top.
SCALES_MM, SCALES_TOP_MM = (7.0, 17.0), (6.0, 9.0)
#: From this `Plan.baby` on, hair that needs a rim of cards is painted alone.
STUB_BABY = 0.3
#: Hair shorter than this ends strand by strand, not as it is cut, mm. Locks of hair so long (mm) that keep together
#: narrow by so much: short ones would be spikes.
CROPPED_MM, POINTED_MM, POINTED = 75.0, (40.0, 140.0), (0.15, 0.25)
#: How much a card turns with its curl.
TURNS = 0.35
#: Coils that stand off and are longer than this make a soft ball: strands within, of this share of the locks and up to
#: this share of their length, and fine coils around, of that share of the locks, so wide as a share of their pitch, of
#: at least such a radius and pitch, mm. Their strips are soft and hardly shaded as coils turn: others look like shards.
BALL_MM, WITHIN, FILLED, WINDING, COIL_WIDTH = 50.0, 0.5, 0.85, 0.95, 0.48
COIL_MM, COIL_TURNS = (2.2, 7.0), 0.1
#: Hair shorter than this is painted on the skin, mm; cards give what is longer than that a soft rim.
PAINTED_MM, RIM_MM = 11.0, 4.5
#: Strands of fewer turns wave as their cards do: pictures of waves have more of them.
FEWEST_TURNS = 2.0
#: Densities (`Groom.density`) of which all locks are sparse, and from which on none is for that reason.
SPARSE_TO_FULL = (0.0, 0.9)
#: Hair of more layers than this ends strand by strand.
LAYERED = 0.3
#: How much of the chances of its curl a lock has of its own; the rest are those of what it follows.
OWN_CURL = 0.15
#: How far locks of sleek hair bend, as a share of their length, and how much of that is that of the few that keep
#: together; the rest they share with all about them.
BENDS, OWN_BENDS = 0.02, 0.2
#: How much narrower the outermost locks are, of 2.3: wide ones have steps at the outline; and those at the hairline.
OUTER_NARROWS, LINE_NARROWS = 1.5, 0.5
#: Of hair longer than this, mm, locks that hang alone are left out, in all but the coarsest level of detail.
HANGS_MM = 90.0
#: By level of detail: share of the locks, and of the points of each.
DETAIL = ((1.0, 1.0), (0.5, 0.7), (0.25, 0.45))
#: Locks of a whole head as narrow as those at the hairline of gathered hair, how wide these are, mm, and from which
#: `Plan.baby` on: wide ones have the edge of scales.
HAIRLINE_LOCKS, HAIRLINE_LOCK_MM, BABY = 2400, 6.0, 0.3
#: What is tied lies so much deeper, as a share, if it roots so far inside the hairline, mm; by how much locks differ.
UNDER, UNDER_MM, EVEN = 0.6, (15.0, 50.0), 0.4
#: Points of all curled locks of a head, and what that may come to as lengths differ: a GLB has to stay below 3 MB.
MOST_POINTS, MOST_AT_ALL = 16500, 17800


@dataclass(frozen=True, eq=False)
class Grown:
    """Locks of one person before they become cards, in sets of as many points each; kind: of the atlas."""

    sets: tuple[Locks, ...]
    kind: str


def grown(
    groom: Groom, model: MorphableModel, identity: Array, lod: int = 0, hair: Hair | None = None
) -> RestProxy | None:
    """Grow a groom on a person (I,) as cards, in the colours of `hair`; None where all of it is too short for cards.

    lod: 0 all, 1 about a third of the triangles, 2 about a tenth.
    """
    hair = hair or Hair()
    bare = _uncoloured(model, np.asarray(identity, np.float32).tobytes(), groom, lod, hair.temples > hair.grey)  # type: ignore[arg-type]
    if bare is None:
        return None
    cards, lock, kind = bare
    if hair.locks is None:
        return replace(cards, texture=picture_of(kind, hair), relief=relief_of(kind, hair))
    ratio = tint_of(hair.locks, cards.vertices, cards.normals, lock, groom.seed)
    tint, brightest = limited(ratio, float(max(hair.colour)))
    return replace(cards, texture=picture_of(kind, hair, brightest), relief=relief_of(kind, hair), tint=tint)


@lru_cache(maxsize=8)
def _uncoloured(
    model: MorphableModel, identity: bytes, groom: Groom, lod: int, two_halves: bool
) -> tuple[RestProxy, NDArray[np.int32], str] | None:
    """The cards of a groom without their pictures, the lock (P,) of each of their vertices, and the kind of those.

    A head of hair grows once for all colours.
    """
    person = np.frombuffer(identity, np.float32)
    if (made := locks_of(groom, model, person, lod)) is None:
        return None
    rng = np.random.default_rng(groom.seed + 77)
    cards = joined([cards_of(locks, rng.random(len(locks.width)) < 0.5) for locks in made.sets])
    if two_halves:
        cards = with_temples(cards, made.sets, rng)
    body = body_of(model, person)
    proxy = proxy_of(
        cards,
        light_of(made.sets, cards, body),
        dimmest=0.3,
        name="hair",
        texture=None,
        roughness=ROUGHNESS.get(made.kind, 0.55),
        skin_weights=carried_by(model, body, cards.vertices.reshape(-1, 2, 3).mean(1)).repeat(2, axis=0),
    )
    return proxy, cards.lock, made.kind


def locks_of(groom: Groom, model: MorphableModel, identity: Array, lod: int = 0, outline: bool = False) -> Grown | None:
    """Grow the locks of a groom on a person (I,), or None where all of it is too short.

    outline: of the coarsest level of detail, without their outside and their light.
    """
    if flip := handed(groom) < 0:
        groom = mirrored(groom)
    made = _locks(groom, scalp_of(model), body_of(model, identity, flip), lod, outline)  # type: ignore[arg-type]
    return made if made is None or not flip else Grown(tuple(map(in_mirror, made.sets)), made.kind)


def _locks(groom: Groom, scalp: Scalp, body: Body, lod: int, outline: bool) -> Grown | None:
    plan, typical = _plan_of_cards(scalp, replace(groom, bulge=(), bare=None), outline)
    if not (plan.grows > 0.3).any():
        return None
    draw = Drawing(groom, scalp, body, plan, typical, *DETAIL[lod], np.random.default_rng(groom.seed), outline)
    if groom.gather == "cornrows":
        return Grown(tuple(_rope_locks(b, draw) for b in cornrows(groom, scalp, body, draw.rng)), "braid")
    if groom.gather in ROPES_MM:
        lines, *_ = free_lines(draw, draw.rows(180 if groom.gather == "locs" else 210))
        kind = "loc" if groom.gather == "locs" else "braid"
        return Grown(tuple(_rope_locks(b, draw) for b in ropes(groom, lines, body, draw.rng)), kind)
    if stands_coily(groom) and typical > BALL_MM:
        return Grown(_ball(draw), "coily")
    kind = _kind(groom, typical)
    if groom.gather in TIES:
        return Grown(tuple(_gathered(draw)), kind)
    return Grown((free_locks(draw, draw.rows(draw.wanted)), *_fine(draw, lod)), kind)


@lru_cache(maxsize=KEPT)
def _plan_of_cards(scalp: Scalp, groom: Groom, outline: bool) -> tuple[Plan, float]:
    """What a groom without its bulge asks for as cards, and its typical length, mm; that of the last ones is kept."""
    plan = planned(scalp, groom, RIM_MM, _places_of(scalp, HAIRLINE_LOCKS * DETAIL[-1][0]) if outline else None)
    grow = plan.grows > 0.3
    typical = middle(plan.length[grow]) if grow.any() else 0.0
    return replace(plan, grows=plan.grows * _of_cards(groom, plan)), typical


def _of_cards(groom: Groom, plan: Plan) -> Array:
    """The share (N,) of hair that is drawn as cards: the rest is painted, for short cards look like scales and dots."""
    low, high = ((1 - plan.top) * sides + plan.top * top for sides, top in zip(SCALES_MM, SCALES_TOP_MM, strict=True))
    stubs = (plan.baby > STUB_BABY) & (plan.length < RIM_UNTIL_MM[1]) & (not stands_coily(groom))
    return np.where(stubs, 0.0, smooth(plan.length, low, high))


@dataclass(frozen=True, eq=False)
class Drawing:
    """What the making of one head of hair goes by. typical: median length, mm. share, detail: see DETAIL.

    outline: whether nobody asks what their outside is.
    """

    groom: Groom
    scalp: Scalp
    body: Body
    plan: Plan
    typical: float
    share: float
    detail: float
    rng: np.random.Generator
    outline: bool = False

    @property
    def wanted(self) -> int:
        """How many locks a full head has."""
        if stands_coily(self.groom):
            return int(1700 * self.share)
        count = int(np.interp(self.typical, [10, 30, 80, 200, 500], [2400, 1900, 1250, 790, 630]))
        if winds(self.groom):
            count = min(count, MOST_POINTS // points_of_curl(of_cards(self.groom), 1.1 * self.typical, 8, 1.0))
        return int(count * self.share)

    def rows(self, wanted: int) -> NDArray[np.int64]:
        """Places of the scalp that grow a lock, about `wanted` of them on a full head, evenly spread."""
        chance = rows_chances(self.groom.seed, len(self.plan.grows))
        head = _places_of(self.scalp, wanted)
        return np.flatnonzero(chance[:head] < self.plan.grows[:head])


@lru_cache(maxsize=32)
def _places_of(scalp: Scalp, wanted: float) -> int:
    """How many of the first places of a scalp grow about so many locks."""
    return int((scalp.inside.size * wanted) / max((scalp.inside > 0).sum(), 1))


def free_locks(draw: Drawing, rows: NDArray[np.int64]) -> Locks:
    """Locks of hair that is not gathered, from places of the scalp."""
    traced = free_lines(draw, rows)
    keep = np.arange(len(rows))
    if draw.typical > HANGS_MM and draw.detail > DETAIL[-1][1]:
        keep = np.flatnonzero(~alone(traced[0]))
    keep = keep[: MOST_AT_ALL // traced[0].shape[1]]  # they are spread evenly in their order
    lines, chance, away, left, light = (each[keep] for each in traced)
    return replace(narrowed(_as_locks(lines, away, draw, rows[keep], chance), left), light=light)


def _fine(draw: Drawing, lod: int) -> tuple[Locks, ...]:
    """Fine locks along the hairline of hair that is not gathered, in all but the coarsest level of detail."""
    if lod > 1 or not len(rows := fine_rows(draw.groom, draw.scalp, draw.plan, RIM_MM)):
        return ()
    lines, chance, away, *_ = free_lines(draw, rows, fine=True)
    out = outward(lines, draw.body.distance) + TURNS * away
    return (as_fine(lines, out, rows, draw.groom, draw.scalp, chance),)


def _ball(draw: Drawing) -> tuple[Locks, Locks]:
    """Locks of coily hair that stands off: strands that fill it, and coils that lie around them any way."""
    rows = draw.rows(draw.wanted)
    lines, chance, *_ = free_lines(draw, rows)
    within = chance[:, 0] < WITHIN
    inner = resampled(lines[within], np.full(within.sum(), FILLED), min(5, lines.shape[1]))
    filling = _as_locks(inner, np.zeros_like(inner), draw, rows[within], chance[within])
    winding = chance[:, 7] < WINDING
    rows, chance, lines = rows[winding], chance[winding], lines[winding]
    radius, pitch = (
        max(a, b) for a, b in zip((draw.groom.curl_radius_mm, draw.groom.curl_pitch_mm), COIL_MM, strict=True)
    )
    coil = replace(draw.groom, curl_radius_mm=radius, curl_pitch_mm=pitch)
    coils, away = wound(shell(lines, chance), coil, 6, draw.detail, chance)
    most = (MOST_AT_ALL - inner[..., 0].size) // coils.shape[1]
    chance = chance[:most]
    around = _as_locks(coils[:most], COIL_TURNS / TURNS * away[:most], draw, rows[:most], chance)
    soft = np.array((*MEDIUM, *SPARSE))
    strip = soft[(chance[:, 5] * (len(soft) - 0.01)).astype(int)]
    return filling, replace(around, width=COIL_WIDTH * pitch * (0.7 + 0.6 * chance[:, 1]), strip=strip)


def free_lines(draw: Drawing, rows: NDArray[np.int64], fine: bool = False) -> tuple[Array, Array, Array, Array, Array]:
    """Trace locks from places (N,) of the scalp; fine: those at the hairline.

    Returns middle lines (N, K, 3), the chances (N, 8) that made them, what is outside of their curls (N, K, 3) or 0,
    the share (N,) of each that ends before no eye and no bare forehead, and the light (N, K) of `Locks`.
    """
    groom, body = draw.groom, draw.body
    chance = drawn_chances(draw.rng, draw.groom.seed, len(draw.scalp.place))[rows]
    points = max(4, int(np.interp(draw.typical, [10, 30, 80, 200, 500], [4, 7, 12, 16, 20]) * draw.detail))
    start = traced(replace(groom, bulge=(), bare=None), draw.scalp, body, draw.plan, draw.typical, points, rows, chance)
    leader, lines = start.leader, bulged(start.lines, groom)
    lines = drawn_together(lines, leader, groom, chance[:, 0])
    along, away = arc_mm(lines)[:, -1], np.zeros_like(lines)
    if winds(groom):
        curl = alike(chance, leader, OWN_CURL)
        lines, away = wound(unkinked(lines), of_cards(groom), points, draw.detail, curl, not draw.outline)
    bend = (BENDS + 0.10 * groom.frizz) * np.minimum(along, 120) * (0.4 + chance[leader, 2])
    lines = frizzed(lines, bend, draw.rng, min(OWN_BENDS + groom.frizz, 1.0), leader)
    lines = towards_seen(lines, groom.bare, body.distance, stiffness_mm(groom))
    if draw.typical > HANGS_MM:
        lines = over_ears(lines, body, groom.bare, chance[:, 3])
    lines = pushed_out(lines, body.distance, CLEAR + 0.3 * start.height * chance[:, 3])
    lines = lines if is_tight(groom) else unkinked(lines)
    free = off_the_eyes(off_the_forehead(lines, groom, body.eyes, chance[:, 7]), body.eyes, chance[:, 7])
    left = arc_mm(free)[:, -1] / np.maximum(arc_mm(lines)[:, -1], 1e-3)
    free, seen = ended_as_seen(free, groom.bare, body.eyes, chance[:, 4], fine)
    light = np.ones(free.shape[:2]) if draw.outline else light_between(free, leader, chance[:, 3])
    return free, chance, away, np.minimum(left, seen), light


def _gathered(draw: Drawing) -> list[Locks]:
    """Locks combed to a tie, what hangs from it, and what is left free."""
    groom, plan, place = draw.groom, draw.plan, draw.scalp.place
    rows, fine = (draw.rows(int(count * draw.share)) for count in (800, HAIRLINE_LOCKS))
    rows = np.concatenate([rows, fine[(plan.baby[fine] > BABY) & (fine > rows.max(initial=-1))]])
    rows = rows[(plan.length[rows] > 60) & (before_ears(place[rows]) == 0) & (plan.fringe[rows] < 0.5)]
    if groom.gather == "half_up":
        rows = rows[place[rows, 1] > 62 + 8 * np.sin(place[rows, 2] / 11)]
    roots = draw.scalp.on(draw.body.vertices)[rows]
    ties = tie_of(groom, roots)
    layer = 1 - UNDER * smooth(draw.scalp.inside[rows], *UNDER_MM) - EVEN * draw.rng.random(len(rows))
    height = (0.9 + 2.2 * layer + groom.lift_mm * (0.3 + 0.7 * layer)) * (1 - 0.7 * plan.baby[rows])
    lines = combed_to_tie(roots, ties, height, draw.body, max(6, int(12 * draw.detail)))
    lines = bulged_to_tie(lines, groom)
    lines = frizzed(lines, (0.4 + 3.0 * groom.frizz) * draw.rng.random(len(rows)), draw.rng)
    lines = pushed_out(lines, draw.body.distance, 0.8 + 0.4 * height)
    at_line, wide = plan.baby[rows] > BABY, 13 + 6 * draw.rng.random(len(rows))
    bunch = Bunch(lines, outward(lines, draw.body.distance), np.where(at_line, HAIRLINE_LOCK_MM, wide))
    combed = _rope_locks(bunch, draw, 0.42)
    soft = np.where(draw.rng.random(len(rows)) < 0.5, SPARSE[0], MEDIUM[0])
    combed = replace(combed, strip=np.where(at_line, soft, combed.strip))
    return [combed, *(_rope_locks(bunch, draw, 0.75) for bunch in _hung(draw)), *_left_free(draw)]


def _left_free(draw: Drawing) -> list[Locks]:
    sets = []
    for kind in left_free(draw.groom, draw.scalp, draw.plan, draw.share):
        plan, _ = _plan_of_cards(draw.scalp, replace(kind.groom, bulge=(), bare=None), False)
        grow = kind.grows & (plan.grows > 0.3)
        loose = replace(draw, groom=kind.groom, plan=plan, typical=middle(plan.length[grow]) if grow.any() else 0.0)
        rows = loose.rows(kind.wanted or loose.wanted)
        rows = rows[kind.grows[rows]][: kind.most]
        if len(rows):
            locks = free_locks(loose, rows)
            sets.append(replace(locks, width=kind.width * locks.width))
    return sets


def _hung(draw: Drawing) -> list[Bunch]:
    groom, tie = draw.groom, TIES[draw.groom.gather][0]
    length = max(groom.back_mm, groom.sides_mm, 0.8 * groom.top_mm) - 90
    bunches = hung(groom, draw.body, 0.7 * length if tie == "plait" else length, draw.rng)
    if winds(groom) and tie == "tail":
        bunches = [bunch if len(bunch.lines) < 10 else _curled(bunch, draw) for bunch in bunches]
    return [Bunch(pushed_out(b.lines, draw.body.distance, 1.5), b.out, b.width) for b in bunches]


def _curled(bunch: Bunch, draw: Drawing) -> Bunch:
    lines, away = wound(bunch.lines, of_cards(draw.groom), 20, draw.detail, draw.rng.random((len(bunch.lines), 8)))
    return Bunch(lines, outward(lines, draw.body.distance) + TURNS * away, bunch.width)


def _rope_locks(bunch: Bunch, draw: Drawing, narrow: float = 1.0) -> Locks:
    """Locks of a bunch, all of solid strips."""
    count = len(bunch.lines)
    strip = np.array(DENSE)[draw.rng.integers(0, len(DENSE), count)]
    lines, out = bunch.lines, bunch.out
    if draw.detail < 1:
        points = max(4, int(lines.shape[1] * draw.detail))
        lines, out = resampled(lines, np.ones(count), points), resampled(out, np.ones(count), points)
    return Locks(lines, out, bunch.width, strip, np.zeros(count), np.full(count, narrow))


def _kind(groom: Groom, typical: float) -> str:
    if groom.curl_radius_mm > 0 and not winds(groom):
        return "coily"
    if groom.curl_radius_mm > 0:  # as many turns as its strands have
        turns = typical / stretch(groom.curl_radius_mm, groom.curl_pitch_mm) / groom.curl_pitch_mm
        if turns >= FEWEST_TURNS:
            return min(PAINTED_TURNS, key=lambda kind: abs(np.log(turns / PAINTED_TURNS[kind])))
    if typical < CROPPED_MM:
        return "short"
    return "layered" if groom.layers > LAYERED else "straight"


def _as_locks(lines: Array, away: Array, draw: Drawing, rows: NDArray[np.int64], chance: Array) -> Locks:
    groom, plan = draw.groom, draw.plan
    layer = chance[:, 3]
    coily = stands_coily(groom)
    wide = 2.3 - (0.9 if coily else OUTER_NARROWS) * layer
    width = np.sqrt(75000 / draw.wanted) * wide * (0.7 + 0.6 * chance[:, 1]) * (1 - LINE_NARROWS * plan.baby[rows])
    width = np.minimum(width, SHORT_MM + SHORT_BAND * arc_mm(lines)[:, -1]) * (1 + 0.4 * coily)
    dense, medium, single = (np.array(s)[(chance[:, 2] * (len(s) - 0.01)).astype(int)] for s in (DENSE, MEDIUM, SINGLE))
    solid = 1.0 if coily else smooth(arc_mm(lines)[:, -1], 10.0, 24.0)  # short locks of solid strips lie like scales
    outer = (0.25 if coily else 0.55) * solid
    sleek = 1 - min(groom.frizz / 0.15, 1.0)  # has few flying strands
    rim = smooth(arc_mm(lines)[:, -1], *RIM_UNTIL_MM)
    thin, loose = (0.82 + 0.08 * sleek) * (0.6 + 0.4 * solid) * (0.3 + 0.7 * rim), 0.95 + 0.045 * sleek
    strip = np.where(layer < outer, dense, np.where(layer < thin, medium, np.where(layer < loose, SPARSE[0], single)))
    sparse = chance[:, 0] > smooth(local_density(groom, plan.top[rows]), *SPARSE_TO_FULL)
    strip = np.where(sparse & (layer < loose), SPARSE[0], strip)
    strip = np.where(plan.baby[rows] > 0.3, np.where(chance[:, 5] < 0.7, SPARSE[0], medium), strip)
    roll = (chance[:, 5] - 0.5) * (1.0 + 0.7 * layer + (1.8 if coily else 1.6) * groom.stand)
    pointed = np.interp(draw.typical, POINTED_MM, POINTED) * groom.clump
    narrow = 1.15 * np.ones(len(rows)) if coily else 1.0 - pointed * (0.5 + chance[:, 6])
    out = away if draw.outline else outward(lines, draw.body.distance) + TURNS * away
    return Locks(lines, out, width, strip, roll, narrow)
