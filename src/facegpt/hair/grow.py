"""Grow hair on a person: a groom becomes locks, locks become cards. Frame: head at rest, mm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

from facegpt.conventions import linear_to_srgb
from facegpt.hair.atlas import DENSE, MEDIUM, SINGLE, SPARSE, Atlas, atlas_of_kind
from facegpt.hair.body import Body, body_of, sense
from facegpt.hair.cards import Cards, Locks, cards_of, joined
from facegpt.hair.curls import curled, frizzed, stretch
from facegpt.hair.gather import TIES, Bunch, combed_to_tie, hung, tie_of
from facegpt.hair.guides import Start, arc_mm, pushed_out, resampled, trace
from facegpt.hair.openness import open_to_light
from facegpt.hair.plan import Plan, handed, mirrored, planned, smooth
from facegpt.hair.rows import ROPES_MM, cornrows, ropes
from facegpt.hair.scalp import MIDDLE, Scalp, scalp_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.proxies import RestProxy
from facegpt.types import BULGE_GRID, Array, Groom, Hair

#: Hair shorter than this is painted on the skin, mm.
PAINTED_MM = 6.0
#: By level of detail: share of the locks, and of the points of each.
DETAIL = ((1.0, 1.0), (0.5, 0.7), (0.25, 0.45))
#: Points of all curled locks of a head: a GLB has to stay small.
MOST_POINTS = 16500
#: How much closer the points of loose locks lie at the root, where they bend round the head (`guides.resampled`).
DENSER = 1.25
#: Linear albedo of white hair.
WHITE = np.array([0.40, 0.385, 0.36], np.float32)


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
    made = locks_of(groom, model, identity, lod)
    if made is None:
        return None
    rng = np.random.default_rng(groom.seed + 77)
    cards = joined([cards_of(locks, rng.random(len(locks.width)) < 0.5) for locks in made.sets])
    body = body_of(model, identity)
    light = _light(made, cards, body)
    split = len(cards.vertices)
    return RestProxy(
        name="hair",
        vertices=cards.vertices,
        normals=cards.normals,
        triangles=cards.triangles,
        uv=cards.uv,
        uv_triangles=cards.triangles,
        texture=coloured(atlas_of_kind(made.kind), hair or Hair()),
        joint="head",
        roughness=0.55,
        glass=False,
        open_to_light=light[:split],
        head_open_to_light=0.3 + 0.7 * light[split:],
        tangents=cards.tangents,
        skin_weights=carried_by(model, body, cards.vertices),
    )


def _light(made: Grown, cards: Cards, body: Body) -> Array:
    """Openness (P + V,) of the cards' vertices and of the head's."""
    lines, widths, covers = [], [], []
    for locks in made.sets:
        even = resampled(locks.lines, np.ones(len(locks.width)), 16)
        cover = np.where(np.isin(locks.strip, DENSE), 0.9, np.where(np.isin(locks.strip, MEDIUM), 0.6, 0.25))
        lines.append(even)
        widths.append(locks.width)
        covers.append(cover)
    points = np.concatenate([cards.vertices, body.vertices])
    normals = np.concatenate([cards.normals, body.normals])
    return open_to_light(np.concatenate(lines), np.concatenate(widths), np.concatenate(covers), points, normals)


def carried_by(model: MorphableModel, body: Body, vertices: Array) -> NDArray[np.float32]:
    """Shares (P, J) of the joints in hair: those of the skin near it, smoothed, so that neck and hair turn as one."""
    skin = np.unique(body.triangles)
    away, near = cKDTree(body.vertices[skin]).query(vertices, k=6)
    share = 1 / (away + 4.0) ** 2
    weights = (model.skin_weights[skin[near]] * (share / share.sum(1, keepdims=True))[..., None]).sum(1)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def locks_of(groom: Groom, model: MorphableModel, identity: Array, lod: int = 0) -> Grown | None:
    """Grow the locks of a groom on a person (I,), or None where all of it is too short."""
    flip = handed(groom) < 0
    if flip:
        groom = mirrored(groom)
    made = _locks(groom, scalp_of(model), body_of(model, identity, flip), lod)  # type: ignore[arg-type]
    return made if made is None or not flip else Grown(tuple(map(_in_mirror, made.sets)), made.kind)


def _in_mirror(locks: Locks) -> Locks:
    turned = np.array([-1, 1, 1], np.float32)
    return Locks(locks.lines * turned, locks.out * turned, locks.width, locks.strip, -locks.roll, locks.narrow)


def _locks(groom: Groom, scalp: Scalp, body: Body, lod: int) -> Grown | None:
    plan = planned(scalp, groom, PAINTED_MM)
    grow = plan.grows > 0.3
    if not grow.any():
        return None
    typical = float(np.median(plan.length[grow]))
    draw = Drawing(groom, scalp, body, plan, typical, *DETAIL[lod], np.random.default_rng(groom.seed))
    if groom.gather == "cornrows":
        return Grown(tuple(_rope_locks(b, draw) for b in cornrows(groom, scalp, body, draw.rng)), "braid")
    if groom.gather in ROPES_MM:
        lines, _ = free_lines(draw, draw.rows(180 if groom.gather == "locs" else 210))
        kind = "loc" if groom.gather == "locs" else "braid"
        return Grown(tuple(_rope_locks(b, draw) for b in ropes(groom, lines, body, draw.rng)), kind)
    kind = _kind(groom, typical)
    if groom.gather in TIES:
        return Grown(tuple(_gathered(draw)), kind)
    return Grown((free_locks(draw, draw.rows(draw.wanted)),), kind)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What the making of one head of hair goes by. typical: median length, mm. share, detail: see DETAIL."""

    groom: Groom
    scalp: Scalp
    body: Body
    plan: Plan
    typical: float
    share: float
    detail: float
    rng: np.random.Generator

    @property
    def wanted(self) -> int:
        """How many locks a full head has."""
        if self.groom.stand > 0.6 and 0 < self.groom.curl_pitch_mm < 24 and self.groom.curl_radius_mm > 0:
            return int(1700 * self.share)
        count = int(np.interp(self.typical, [10, 30, 80, 200, 500], [2400, 1900, 1350, 900, 700]))
        if _winds(self.groom):
            count = min(count, MOST_POINTS // points_of_curl(self.groom, 1.1 * self.typical, 8, 1.0))
        return int(count * self.share)

    def rows(self, wanted: int) -> NDArray[np.int64]:
        """Places of the scalp that grow a lock, about `wanted` of them on a full head, evenly spread."""
        chance = np.random.default_rng(self.groom.seed + 1).random(len(self.plan.grows))
        head = int((self.plan.grows.size * wanted) / max((self.scalp.inside > 0).sum(), 1))
        return np.flatnonzero(chance[:head] < self.plan.grows[:head])


def free_locks(draw: Drawing, rows: NDArray[np.int64]) -> Locks:
    """Locks of hair that is not gathered, from places of the scalp."""
    lines, chance = free_lines(draw, rows)
    return _as_locks(lines, draw, rows, chance)


def free_lines(draw: Drawing, rows: NDArray[np.int64]) -> tuple[Array, Array]:
    """Middle lines (N, K, 3) of locks from places (N,) of the scalp, and the chances (N, 8) that made them."""
    groom, body, plan = draw.groom, draw.body, draw.plan
    chance = draw.rng.random((len(draw.scalp.place), 8))[rows]
    points = max(4, int(np.interp(draw.typical, [10, 30, 80, 200, 500], [4, 7, 11, 14, 18]) * draw.detail))
    vary = 0.12 - 0.07 * groom.stand * (groom.curl_radius_mm > 0)
    length = plan.length[rows] * (1 + vary * (2 * chance[:, 1] - 1))
    wound = stretch(groom.curl_radius_mm, groom.curl_pitch_mm)
    start = _start(groom, draw.scalp, body, plan, rows, length / wound, chance)
    lines = trace(start, body.distance, max(points if _winds(groom) else 2 * points, 14))
    lines = _cut(lines, groom, plan, rows, points, chance)
    lines = _bulged(_tipped(lines, groom, body), groom)
    along = arc_mm(lines)[:, -1]
    if _winds(groom):
        lines = _wound(lines, groom, points, draw.detail, chance)
    lines = frizzed(lines, (0.02 + 0.10 * groom.frizz) * np.minimum(along, 120) * (0.4 + chance[:, 2]), draw.rng)
    return pushed_out(lines, body.distance, CLEAR + 0.3 * start.height * chance[:, 3]), chance


def _winds(groom: Groom) -> bool:
    """Whether curls are modelled; narrower coils are painted on the cards."""
    return groom.curl_radius_mm > 0 and groom.curl_pitch_mm >= 24


def _gathered(draw: Drawing) -> list[Locks]:
    """Locks combed to a tie, what hangs from it, and what is left free."""
    groom, plan, place = draw.groom, draw.plan, draw.scalp.place
    rows = draw.rows(int(620 * draw.share))
    rows = rows[plan.length[rows] > 60]
    free = np.zeros(0, np.int64)
    if groom.gather == "half_up":
        up = place[rows, 1] > 62 + 8 * np.sin(place[rows, 2] / 11)
        free = draw.rows(draw.wanted)
        free = free[place[free, 1] <= 66]
        rows = rows[up]
    roots = draw.scalp.on(draw.body.vertices)[rows]
    ties = tie_of(groom, roots)
    layer = draw.rng.random(len(rows))
    height = (0.6 + 2.2 * layer + groom.lift_mm * (0.3 + 0.7 * layer)) * (1 - 0.7 * plan.baby[rows])
    lines = combed_to_tie(roots, ties, height, draw.body, max(6, int(12 * draw.detail)))
    lines = frizzed(lines, (0.4 + 3.0 * groom.frizz) * draw.rng.random(len(rows)), draw.rng)
    lines = pushed_out(lines, draw.body.distance, 0.8 + 0.4 * height)
    sets = [
        _rope_locks(Bunch(lines, outward(lines, draw.body.distance), 15 + 7 * draw.rng.random(len(rows))), draw, 0.42)
    ]
    sets += [_rope_locks(bunch, draw, 0.75) for bunch in _hung(draw)]
    if len(free):
        sets.append(free_locks(draw, free))
    return sets


def _hung(draw: Drawing) -> list[Bunch]:
    groom = draw.groom
    length = max(groom.back_mm, groom.sides_mm, 0.8 * groom.top_mm) - 90
    plaited = TIES[groom.gather][0] == "plait"
    bunches = hung(groom, draw.body, 0.7 * length if plaited else length, draw.rng)
    if _winds(groom) and TIES[groom.gather][0] == "tail":
        turned = []
        for bunch in bunches:
            count = len(bunch.lines)
            if count < 10:
                turned.append(bunch)
                continue
            chance = draw.rng.random((count, 8))
            lines = _wound(bunch.lines, groom, 20, draw.detail, chance)
            turned.append(
                Bunch(lines, outward(lines, draw.body.distance), np.minimum(bunch.width, 0.55 * groom.curl_pitch_mm))
            )
        bunches = turned
    clear = 1.5
    return [Bunch(pushed_out(b.lines, draw.body.distance, clear), b.out, b.width) for b in bunches]


def _rope_locks(bunch: Bunch, draw: Drawing, narrow: float = 1.0) -> Locks:
    """Locks of a bunch, all of solid strips."""
    count = len(bunch.lines)
    strip = np.array(DENSE)[draw.rng.integers(0, len(DENSE), count)]
    lines, out = bunch.lines, bunch.out
    if draw.detail < 1:
        points = max(4, int(lines.shape[1] * draw.detail))
        lines, out = resampled(lines, np.ones(count), points), resampled(out, np.ones(count), points)
    return Locks(lines, out, bunch.width, strip, np.zeros(count), np.full(count, narrow))


CLEAR = 1.0


def _kind(groom: Groom, typical: float) -> str:
    if groom.curl_radius_mm > 0:
        return "coily" if groom.curl_pitch_mm < 24 else "wavy"
    return "short" if typical < 45 else "straight"


def _start(groom: Groom, scalp: Scalp, body: Body, plan: Plan, rows: NDArray, length: Array, chance: Array) -> Start:
    corners, weights = scalp.corners[rows], scalp.weights[rows]
    root = np.einsum("nk,nkc->nc", weights, body.vertices[corners])
    normal = np.einsum("nk,nkc->nc", weights, body.normals[corners])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    comb = plan.comb[rows] + 0.5 * groom.frizz * (chance[:, 4:7] - 0.5) + 0.12 * (chance[:, 4:7] - 0.5)
    comb -= (comb * normal).sum(1, keepdims=True) * normal
    comb /= np.maximum(np.linalg.norm(comb, axis=1, keepdims=True), 1e-6)
    layer = chance[:, 3]
    near_line = 1 - plan.baby[rows]
    height = (0.1 + 0.9 * layer) * (groom.lift_mm * (0.35 + 0.65 * plan.top[rows]) + np.minimum(0.05 * length, 8.0))
    height = height * (0.2 + 0.8 * near_line) * np.minimum(1.0, length / 45)
    reach = 45 + 90 * plan.top[rows] * max(groom.parted, abs(groom.sweep_back), abs(groom.sweep_side), 0.3)
    reach = np.where(plan.fringe[rows] > 0.5, 40.0, reach)
    weight = np.interp(length, [10, 50, 150], [0.25, 0.6, 1.0]) * (1 - 0.8 * groom.stand)
    bend = np.interp(length, [10, 40, 120], [0.75, 0.6, 0.5])
    return Start(root, normal, comb, length, height, reach, np.full(len(rows), groom.stand), weight, bend)


def _tipped(lines: Array, groom: Groom, body: Body) -> Array:
    """Turn the tips in or out."""
    if groom.tips == 0:
        return lines
    along = arc_mm(lines)
    share = np.clip((along / along[:, -1:] - 0.55) / 0.45, 0, 1)[..., None]
    reach = np.minimum(along[:, -1], 160.0)[:, None, None]
    out = outward(lines, body.distance) * [1, 0, 1]
    return lines + groom.tips * reach * share**2 * (-0.22 * out + [0, 0.10 * abs(groom.tips), 0])


def _cut(lines: Array, groom: Groom, plan: Plan, rows: NDArray, points: int, chance: Array) -> NDArray[np.float32]:
    """Cut tips to one height where the groom is not layered."""
    denser = 1.0 if _winds(groom) else DENSER
    if groom.layers >= 1 or groom.stand > 0.5 or groom.gather not in ("none", "half_up"):
        return resampled(lines, np.ones(len(lines)), points, denser)
    low = plan.side[rows] * groom.sides_mm + (plan.back[rows] + plan.top[rows]) * groom.back_mm
    floor = 45.0 - low + 6 * (chance[:, 7] - 0.5)
    ends = 96.0 - groom.fringe_mm + 3 * (chance[:, 7] - 0.5) + 4 * (np.abs(lines[:, -1, 0]) / 45) ** 2
    floor = np.where(plan.fringe[rows] > 0.5, ends, floor)
    below = lines[..., 1] < floor[:, None]
    first = np.where(below.any(1), below.argmax(1), lines.shape[1] - 1)
    share = np.maximum(first / (lines.shape[1] - 1), 0.25)
    free = np.where(plan.fringe[rows] > 0.5, 0.15 + 0.6 * groom.layers * groom.clump, groom.layers)
    return resampled(lines, share + (1 - share) * free, points, denser)


def _bulged(lines: Array, groom: Groom) -> Array:
    """Move lines outward by the groom's bulge, more the farther from the root."""
    if not groom.bulge:
        return lines
    rows, columns = BULGE_GRID
    grid = np.reshape(groom.bulge, BULGE_GRID)
    away = lines - MIDDLE
    size = np.linalg.norm(away, axis=2, keepdims=True)
    unit = away / np.maximum(size, 1e-6)
    row = np.clip((np.degrees(np.arcsin(np.clip(unit[..., 1], -1, 1))) + 90) / 180 * rows - 0.5, 0, rows - 1)
    column = (np.degrees(np.arctan2(unit[..., 0], unit[..., 2])) % 360) / 360 * columns
    wide = np.concatenate([grid, grid[:, :1]], 1)
    amount = map_coordinates(wide, [row, column], order=1, mode="nearest")
    grows = np.clip(arc_mm(lines) / 45.0, 0, 1)
    return lines + (amount * grows)[..., None] * unit


def points_of_curl(groom: Groom, length: float, least: int, detail: float) -> int:
    """Points that a curled lock of `length` mm along its strand needs."""
    axis = length / stretch(groom.curl_radius_mm, groom.curl_pitch_mm)
    return int(np.clip(axis / groom.curl_pitch_mm * 5.5 * detail, least, 32))


def _wound(lines: Array, groom: Groom, points: int, detail: float, chance: Array) -> NDArray[np.float32]:
    longest = float(np.quantile(arc_mm(lines)[:, -1], 0.9)) * stretch(groom.curl_radius_mm, groom.curl_pitch_mm)
    fine = points_of_curl(groom, longest, points, detail)
    lines = resampled(lines, np.ones(len(lines)), fine)
    radius = groom.curl_radius_mm * (0.75 + 0.5 * chance[:, 4])
    pitch = groom.curl_pitch_mm * (0.85 + 0.3 * chance[:, 5])
    phase = 2 * np.pi * chance[:, 6]
    return curled(lines, radius, pitch, phase, groom.curl_start)


def _as_locks(lines: Array, draw: Drawing, rows: NDArray[np.int64], chance: Array) -> Locks:
    groom, plan = draw.groom, draw.plan
    layer = chance[:, 3]
    width = (
        np.sqrt(75000 / draw.wanted) * (2.3 - 0.9 * layer) * (0.7 + 0.6 * chance[:, 1]) * (1 - 0.5 * plan.baby[rows])
    )
    if _winds(groom):
        width = np.minimum(width, 0.55 * groom.curl_pitch_mm)
    coily = groom.curl_radius_mm > 0 and groom.curl_pitch_mm < 24
    width = width * (1 + 0.9 * coily * groom.stand)
    dense, medium, single = (np.array(s)[(chance[:, 2] * (len(s) - 0.01)).astype(int)] for s in (DENSE, MEDIUM, SINGLE))
    outer = 0.25 if coily else 0.55
    sleek = 1 - min(groom.frizz / 0.15, 1.0)  # has few flying strands
    thin, loose = 0.85 + 0.13 * sleek, 0.95 + 0.045 * sleek
    strip = np.where(layer < outer, dense, np.where(layer < thin, medium, np.where(layer < loose, SPARSE[0], single)))
    strip = np.where(plan.baby[rows] > 0.5, np.where(chance[:, 5] < 0.5, SPARSE[0], medium), strip)
    roll = (chance[:, 5] - 0.5) * (0.5 + 0.7 * layer + (5.0 if coily else 1.6) * groom.stand)
    narrow = 1.15 * np.ones(len(rows)) if coily else 1.0 - 0.5 * groom.clump * (0.5 + chance[:, 6])
    return Locks(lines, outward(lines, draw.body.distance), width, strip, roll, narrow)


def outward(lines: Array, distance: Array) -> NDArray[np.float32]:
    """The direction away from the body (N, K, 3) at points of lines (N, K, 3)."""
    flat = np.ascontiguousarray(lines.reshape(-1, 3), np.float32)
    return _outward(flat, np.ascontiguousarray(distance, np.float32)).reshape(lines.shape).astype(np.float32)


@njit(cache=True)
def _outward(points, distance):  # type: ignore[no-untyped-def]
    found, g = np.zeros(points.shape), np.zeros(3)
    for n in range(len(points)):
        sense(distance, points[n], g)
        for k in range(3):
            found[n, k] = g[k]
    return found


def coloured(atlas: Atlas, hair: Hair) -> NDArray[np.uint8]:
    """Colour an atlas: (H, W, 4) uint8 sRGB with alpha. Which strands are white goes with the strand."""
    colour, high = np.asarray(hair.colour, np.float32), np.asarray(hair.highlight_colour, np.float32)
    chance = atlas.chance[..., None]
    white = smooth((hair.grey * 1.12 - chance) / 0.12, 0, 1)
    lit = smooth((hair.highlights * 1.1 - ((chance * 7.3) % 1.0)) / 0.1, 0, 1)
    albedo = colour * (1 - lit) + high * lit
    root = 1 - (0.35 + 0.45 * hair.roots) * (1 - smooth(atlas.along, 0.0, 0.10 + 0.25 * hair.roots))
    albedo = albedo * root[..., None]
    albedo = albedo * (1 - white) + WHITE * white
    tone = atlas.tone[..., None] ** (1 - 0.5 * hair.grey)
    linear = np.clip(albedo * tone, 0, 0.9)
    return np.round(np.dstack([linear_to_srgb(linear), atlas.alpha]) * 255).astype(np.uint8)
