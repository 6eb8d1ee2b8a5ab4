"""Gathered hair: tied, wound and plaited. Locks run along the scalp to a tie; what hangs from it is made apart.

Directions are seen from the middle of the skull; azimuth + to the left, 180 at the back. Frame: head at rest, mm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from facegpt.hair.body import Body, sense
from facegpt.hair.lines.curls import frames
from facegpt.hair.lines.guides import Start, pushed_out, resampled, trace
from facegpt.hair.lines.trim import bulged
from facegpt.hair.plan import smooth
from facegpt.hair.scalp import MIDDLE
from facegpt.types import Array, Groom

#: Where hair is tied, (azimuth, elevation) in degrees, and what hangs there, by `Groom.gather`.
TIES: dict[str, tuple[str, tuple[tuple[float, float], ...]]] = {
    "tail": ("tail", ((180, 22),)),
    "high_tail": ("tail", ((180, 52),)),
    "low_tail": ("tail", ((180, -27),)),
    "pigtails": ("tail", ((112, 8), (-112, 8))),
    "half_up": ("tail", ((180, 30),)),
    "bun": ("bun", ((180, 24),)),
    "low_bun": ("bun", ((180, -26),)),
    "top_knot": ("bun", ((180, 64),)),
    "two_buns": ("bun", ((75, 52), (-75, 52))),
    "updo": ("roll", ((180, 8),)),
    "plait": ("plait", ((180, -22),)),
    "two_plaits": ("plait", ((132, -26), (-132, -26))),
}
#: Azimuths between which an ear lies, the elevation of its top, and how much lower hair may lie a degree before or
#: behind it; over how many degrees down hair before the ear fades.
EAR_DEG, EAR_TOP_DEG, EAR_SLOPE, EAR_FADE_DEG = (74.0, 114.0), -4.0, 1.1, 14.0
#: Roots whose direction and that of their tie sum to less than this lie opposite.
NO_WAY = 0.6
#: Locks follow an outline by less than this, mm, above heights between which they leave the ears, mm, and come back to
#: their tie between these shares of their way.
BULGE_MM, CROWN_MM, AT_TIE = 8.0, (15.0, 110.0), (0.35, 0.9)
#: How much wider a tail of curls is.
CURLY_TAIL = 0.8
#: Usual radius of a bun, of a plait, mm.
_BUN_MM, _PLAIT_MM = 30.0, 13.0


@dataclass(frozen=True, eq=False)
class Bunch:
    """Middle lines (N, K, 3) of locks with what is away from their middle (N, K, 3), and widths (N,) mm."""

    lines: Array
    out: Array
    width: Array


def direction(azimuth_deg: float, elevation_deg: float) -> Array:
    """A unit vector (3,) from the middle of the skull."""
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])


def tie_of(groom: Groom, roots: Array) -> Array:
    """The direction (N, 3) of the tie that each root (N, 3) is combed to."""
    places = np.array([direction(*tie) for tie in TIES[groom.gather][1]])
    if len(places) == 1:
        return np.repeat(places, len(roots), 0)
    return places[np.where(roots[:, 0] > 0, 0, 1)]


def combed_to_tie(roots: Array, ties: Array, height: Array, body: Body, points: int) -> Array:
    """Locks (N, points, 3) from roots (N, 3) along the skin, at heights (N,) mm, to ties (N, 3); over the ears."""
    start = roots - MIDDLE
    start = start / np.linalg.norm(start, axis=1, keepdims=True)
    s = np.linspace(0, 1, points)[None, :, None]
    middle = start + ties
    opposite = np.clip(1 - np.linalg.norm(middle, axis=1) / NO_WAY, 0, 1)  # such locks go over the crown
    middle += opposite[:, None] * np.stack([0.5 * np.sign(start[:, 0]), np.ones(len(start)), 0 * opposite], 1)
    middle = middle / np.maximum(np.linalg.norm(middle, axis=1, keepdims=True), 0.2)
    flank = np.clip(1 - np.abs(start[:, 1] + 0.2) / 0.5, 0, 1) * np.clip(start[:, 2] + 0.45, 0, 1)
    middle[:, 1] += 0.55 * flank
    way = (1 - s) ** 2 * start[:, None] + 2 * s * (1 - s) * middle[:, None] + s**2 * ties[:, None]
    way /= np.linalg.norm(way, axis=2, keepdims=True)
    way = _over_ears(way)
    lines = np.empty(way.shape, np.float32)
    _laid(np.ascontiguousarray(way), np.ascontiguousarray(roots, np.float64), height, body.distance, lines)
    return lines


def bulged_to_tie(lines: Array, groom: Groom) -> Array:
    """Tied locks (N, K, 3) moved to a groom's outline (`Groom.bulge`) on the crown; beside ears and tie they stay."""
    moves = bulged(lines, groom) - lines
    moves = moves / (1 + np.linalg.norm(moves, axis=2, keepdims=True) / BULGE_MM)
    before_tie = 1 - smooth(np.linspace(0, 1, lines.shape[1]), *AT_TIE)
    return np.asarray(lines + moves * (smooth(lines[..., 1], *CROWN_MM) * before_tie)[..., None])


def before_ears(place: Array) -> Array:
    """How far places (N, 3) on the mean head lie before the ears, below their tops, 0..1: hair there reaches no tie."""
    turn, up = _turned(place - MIDDLE)
    return np.asarray(np.clip((_ear_floor(turn) - up) / EAR_FADE_DEG, 0, 1) * (turn < EAR_DEG[1]))


def _over_ears(way: Array) -> Array:
    """Directions (N, K, 3) of locks that begin before the ears, raised above the ears' tops on their way back."""
    turn, up = _turned(way)
    share = np.minimum(1.0, 4 * np.linspace(0, 1, way.shape[1]))
    raised = up + share * np.maximum(_ear_floor(turn) - up, 0)
    up = np.where(turn[:, :1] < EAR_DEG[1], raised, up)
    a, e = np.radians(np.copysign(turn, way[..., 0])), np.radians(up)
    return np.stack([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], -1)


def _turned(towards: Array) -> tuple[Array, Array]:
    """Azimuth to either side, 0..180, and elevation of directions (..., 3), degrees."""
    x, y, z = np.moveaxis(np.asarray(towards, np.float64), -1, 0)
    return np.degrees(np.arctan2(np.abs(x), z)), np.degrees(np.arctan2(y, np.hypot(x, z)))


def _ear_floor(turn: Array) -> Array:
    """Elevation above which hair lies over an ear at azimuths (...), degrees: lower before and behind it."""
    return np.asarray(EAR_TOP_DEG - EAR_SLOPE * np.maximum(np.maximum(EAR_DEG[0] - turn, turn - EAR_DEG[1]), 0))


@njit(cache=True)
def _laid(way, roots, height, distance, lines):  # type: ignore[no-untyped-def]
    """Lay directions (N, K, 3) from the skull's middle on the skin at heights (N,), the first on its root."""
    p, g = np.zeros(3), np.zeros(3)
    for n in range(len(way)):
        reach = np.sqrt(((roots[n] - MIDDLE) ** 2).sum())
        for k in range(way.shape[1]):
            share = k / (way.shape[1] - 1)
            wanted = 1.0 + height[n] * min(1.0, 4 * share)
            if k:
                for _ in range(12):
                    for x in range(3):
                        p[x] = MIDDLE[x] + reach * way[n, k, x]
                    reach += 0.9 * (wanted - sense(distance, p, g))
            for x in range(3):
                lines[n, k, x] = MIDDLE[x] + reach * way[n, k, x]


def surface_point(body: Body, towards: Array, height: float = 0.0) -> Array:
    """The place (3,) on the skin in a direction (3,) from the middle of the skull, and so far above it."""
    line = combed_to_tie((MIDDLE + 100 * towards)[None], towards[None], np.array([height]), body, 3)
    return line[0, -1].astype(np.float64)


def hung(groom: Groom, body: Body, length: float, rng: np.random.Generator) -> list[Bunch]:
    """What hangs from the ties of a groom: tails, buns, plaits; `length` mm beyond the tie."""
    kind, ties = TIES[groom.gather]
    makers = {"tail": _tail, "bun": _bun, "roll": _roll, "plait": _tied_plait}
    return [bunch for tie in ties for bunch in makers[kind](groom, body, direction(*tie), length, rng)]


def _tail(groom: Groom, body: Body, towards: Array, length: float, rng: np.random.Generator) -> list[Bunch]:
    count = 90 if groom.gather != "half_up" else 45
    start = surface_point(body, towards, 6.0)
    axis = towards + np.array([0, 0.15, 0])
    axis /= np.linalg.norm(axis)
    spread = rng.normal(size=(count, 3))
    spread -= (spread @ axis)[:, None] * axis
    spread /= np.maximum(np.linalg.norm(spread, axis=1, keepdims=True), 0.8)
    roots = start + 6.5 * spread - 4 * axis
    comb = axis + 0.55 * spread + 0.1 * rng.normal(size=(count, 3))
    comb /= np.linalg.norm(comb, axis=1, keepdims=True)
    size = length * rng.uniform(0.78, 1.0, count)
    full = np.full(count, 1.0)
    start_of = Start(
        *(roots, comb, comb, size, 3.0 + 8 * rng.random(count)),
        *(38.0 * full, 0.0 * full, 1.1 * full, 0.62 * full),
    )
    lines = trace(start_of, body.distance, 26)
    lines = _drawn_in(lines, 1.0 + CURLY_TAIL * (groom.curl_radius_mm > 0))
    middle = lines.mean(0, keepdims=True)
    out = lines - middle
    out /= np.maximum(np.linalg.norm(out, axis=2, keepdims=True), 1e-3)
    return [Bunch(lines, out, 13.0 + 7 * rng.random(count)), _band(start - 2 * axis, axis, 8.5, rng)]


def _drawn_in(lines: Array, wide: float) -> Array:
    """Draw a tail's locks together towards its end; `wide` times as wide as a sleek one."""
    share = np.linspace(0, 1, lines.shape[1])[None, :, None]
    middle = lines.mean(0, keepdims=True)
    body = wide * (16.5 * np.sin(np.pi * np.clip(share, 0, 1) ** 0.6) + 4)
    away = lines - middle
    size = np.linalg.norm(away, axis=2, keepdims=True)
    return (middle + away * np.minimum(1.0, body / np.maximum(size, 1e-3))).astype(np.float32)


def _band(place: Array, axis: Array, radius: float, rng: np.random.Generator) -> Bunch:
    """A lock wound about the tie."""
    helper = np.cross(axis, [0.3, 1.0, 0.2])
    helper /= np.linalg.norm(helper)
    other = np.cross(axis, helper)
    turn = np.linspace(0, 2 * np.pi, 14)[None] + np.array([0.0, 2.1, 4.2])[:, None]
    ring = np.cos(turn)[..., None] * helper + np.sin(turn)[..., None] * other
    shift = np.array([-4.0, 0.0, 4.0])[:, None, None] * axis
    return Bunch((place + radius * ring + shift).astype(np.float32), ring, np.full(3, 8.0))


def _bun(groom: Groom, body: Body, towards: Array, length: float, rng: np.random.Generator) -> list[Bunch]:
    radius = groom.gather_mm or _BUN_MM * (0.8 if groom.gather in ("top_knot", "two_buns") else 1.0)
    centre = surface_point(body, towards, 0.72 * radius)
    if groom.stand > 0.3:
        return [_puff(centre, radius * 1.6, towards, rng)]
    return [_wound(centre, towards, np.array([radius, radius, 0.78 * radius]), rng)]


def _roll(groom: Groom, body: Body, towards: Array, length: float, rng: np.random.Generator) -> list[Bunch]:
    centre = surface_point(body, towards, 12.0)
    return [_wound(centre, towards, np.array([24.0, 46.0, 24.0]), rng, lean=0.35)]


def _wound(centre: Array, axis: Array, radii: Array, rng: np.random.Generator, lean: float = 0.0) -> Bunch:
    """Locks wound about an axis over an ellipsoid with radii across, along the head's height, and along the axis."""
    count, points = 84, 16
    across = np.cross([0.0, 1.0, 0.0], axis)
    across = across / np.linalg.norm(across) if np.linalg.norm(across) > 0.2 else np.array([1.0, 0.0, 0.0])
    up = np.cross(axis, across)
    layer = rng.random(count)
    latitude = np.arcsin(np.linspace(-0.55, 0.97, count)) + 0.06 * rng.normal(size=count)
    turn = rng.uniform(0, 2 * np.pi, (count, 1)) + np.linspace(0, 2.6, points)[None]
    drift = np.linspace(0, 0.55, points)[None] * rng.uniform(0.4, 1.0, (count, 1))
    angle = np.clip(latitude[:, None] + drift - 0.2, -1.2, 1.5)
    swell = 1 + 0.055 * np.sin(5 * angle + turn) + 0.05 * layer[:, None]
    ring = np.cos(angle) * np.cos(turn), np.cos(angle) * np.sin(turn), np.sin(angle)
    tilt = ring[0] * np.cos(lean) - ring[1] * np.sin(lean), ring[0] * np.sin(lean) + ring[1] * np.cos(lean), ring[2]
    unit = tilt[0][..., None] * across + tilt[1][..., None] * up + tilt[2][..., None] * axis
    placed = (
        radii[0] * tilt[0][..., None] * across
        + radii[1] * tilt[1][..., None] * up
        + radii[2] * tilt[2][..., None] * axis
    )
    return Bunch((centre + swell[..., None] * placed).astype(np.float32), unit, rng.uniform(9, 15, count))


def _puff(centre: Array, radius: float, axis: Array, rng: np.random.Generator) -> Bunch:
    """A ball of coily hair."""
    count = 420
    unit = rng.normal(size=(count, 3))
    unit += 0.5 * axis
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    side = rng.normal(size=(count, 3))
    side -= (side * unit).sum(1, keepdims=True) * unit
    share = np.linspace(0.15, 1, 6)[None, :, None]
    size = radius * rng.uniform(0.75, 1.0, (count, 1, 1))
    lines = centre + size * share * unit[:, None] + 0.12 * size * share**2 * side[:, None]
    return Bunch(lines.astype(np.float32), np.repeat(side[:, None], 6, 1), rng.uniform(14, 22, count))


def _tied_plait(groom: Groom, body: Body, towards: Array, length: float, rng: np.random.Generator) -> list[Bunch]:
    radius = groom.gather_mm or _PLAIT_MM * (0.8 if groom.gather == "two_plaits" else 1.0)
    start = surface_point(body, towards, 6.0)
    axis = towards + np.array([0, -0.7, 0])
    axis /= np.linalg.norm(axis)
    one = np.ones(1)
    traced = trace(
        Start(
            start[None],
            axis[None],
            axis[None],
            length * one,
            radius * 1.1 * one,
            30 * one,
            0 * one,
            1.1 * one,
            0.6 * one,
        ),
        body.distance,
        80,
    )
    plies = plait(pushed_out(traced, body.distance, radius * 1.3)[0], radius)
    return [*plies, _brush(traced[0], radius, rng)]


def _brush(line: Array, radius: float, rng: np.random.Generator) -> Bunch:
    """The loose end of a plait."""
    count = 16
    tip, axis = line[-1].astype(np.float64), (line[-1] - line[-4]).astype(np.float64)
    axis /= np.linalg.norm(axis)
    side = rng.normal(size=(count, 3)) * 0.28
    share = np.linspace(0, 1, 6)[None, :, None]
    lines = tip + 45 * share * (axis + side[:, None] * np.sin(2.4 * share)) + radius * 0.3 * side[:, None]
    return Bunch(lines.astype(np.float32), np.repeat(side[:, None] + 1e-3, 6, 1), rng.uniform(7, 11, count))


def plait(line: Array, radius: float, taper: float = 0.6, sides: int = 4) -> list[Bunch]:
    """Three plies about a line (K, 3): each passes over the next, as in a plait; each of `sides` locks."""
    line = np.asarray(line, np.float64)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    points = int(np.clip(length / (0.45 * radius), 12, 120))
    centre = resampled(line[None].astype(np.float32), np.ones(1), points).astype(np.float64)
    _, across, over = (frame[0] for frame in frames(centre))
    share = np.linspace(0, 1, points)
    reach = radius * (1 - (1 - taper) * share)[:, None]
    bunches = []
    for ply in range(3):
        phase = 2 * np.pi * (share * length / (radius * 4.6) + ply / 3)
        middle = centre[0] + reach * (0.72 * np.sin(phase)[:, None] * across + 0.34 * np.sin(2 * phase)[:, None] * over)
        _, first, second = (frame[0] for frame in frames(middle[None]))
        turn = 2 * np.pi * np.arange(sides) / sides
        out = np.cos(turn)[:, None, None] * first + np.sin(turn)[:, None, None] * second
        lines = middle + 0.42 * reach * out
        bunches.append(
            Bunch(lines.astype(np.float32), out, np.full(sides, 1.25 * radius * 2 * np.tan(np.pi / sides) * 0.5))
        )
    return bunches
