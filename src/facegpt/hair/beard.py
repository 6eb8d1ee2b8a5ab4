"""Beard and moustache as cards: what is long enough to stand off the skin; shorter hair is painted.

Frame: head at rest, mm.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.cielab import RGB_TO_Y
from facegpt.hair.atlas import DENSE, MEDIUM, SINGLE, SPARSE, atlas_of_kind, coloured, strand_normals
from facegpt.hair.body import Body, body_of, outward
from facegpt.hair.cards import Locks, cards_of, proxy_of
from facegpt.hair.grow import DETAIL
from facegpt.hair.lines.curls import frizzed
from facegpt.hair.lines.guides import Start, arc_mm, pushed_out, trace
from facegpt.hair.openness import open_to_light
from facegpt.hair.plan import smooth
from facegpt.hair.whiskers import Whiskers, cover_share, hair_colour, shape_share, whiskers_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.proxies import RestProxy
from facegpt.morphable.rooted import rooted_at
from facegpt.types import Array, Hair

#: Amounts (`Hair.beard`, `Hair.moustache`) and the lengths that go with them, mm. Below CARDS_MM hair is painted.
AMOUNTS, BEARD_MM, MOUSTACHE_MM = (0.0, 0.3, 0.6, 0.85, 1.0), (0.3, 1.1, 4.0, 13.0, 24.0), (0.3, 1.0, 4.0, 9.0, 14.0)
CARDS_MM = 3.5
#: Up to this length skin that shows a beard tells as much of it as its cards, mm.
FULL_MM = 12.0
#: Cards shorter than this share of the longest, between so many mm, times these shares, from the first to their sum by
#: chance, are left to what is painted.
OF_LONGEST, SHORTEST_MM, SHORTEST = 0.72, (2.6, 8.0), (0.75, 0.25)
#: Beards up to the first length, and less so up to the second (with a minus), are of finer cards: so many times as
#: many, so many times as wide; shorter than the third their cards are straight, and have two points.
FINE_MM, FINER, FINE_WIDTH, STRAIGHT_MM = (-13.0, -9.0), 2.1, 0.58, 9.0
#: Cards of a full beard and of a moustache, and how wide they are, mm and as a share of their length.
COUNT, WIDTH_MM, WIDEST = {"beard": 860, "moustache": 180}, (2.6, 5.2), 0.5
#: Beards are a little redder than the scalp.
TINT = np.array([1.12, 1.0, 0.92])
#: Light that goes through pale hairs to the next evens them out: from and fully from which luminance, and how far.
PALE, EVEN = (0.1, 0.4), 0.7
#: How much hair of cheeks and throat is shorter than that of the chin, in long beards.
_CHEEK, _THROAT = 0.5, 0.45
#: Points of a card by its length, mm.
_POINTS = ((10.0, 25.0, 60.0, 150.0), (4.0, 4.6, 5.6, 8.0))
#: How much narrower a beard of 90 mm is at its end.
GATHERED = 0.2
#: How far hairs bend at random, as a share of their length up to 18 mm.
FRIZZ = 0.1


def beard_mm(hair: Hair) -> float:
    """How long the beard is on the chin, mm."""
    return hair.beard_mm if hair.beard_mm > 0 and hair.beard > 0 else float(np.interp(hair.beard, AMOUNTS, BEARD_MM))


def moustache_mm(hair: Hair) -> float:
    """How long the moustache is, mm."""
    return float(np.interp(hair.moustache, AMOUNTS, MOUSTACHE_MM))


def facial_colour(hair: Hair) -> tuple[float, float, float]:
    """Linear RGB albedo of a beard without its grey hairs."""
    red, green, blue = np.clip(np.asarray(hair.of_beard.colour) * TINT, 0, 1).tolist()
    return red, green, blue


def facial_hair(hair: Hair, model: MorphableModel, identity: Array, lod: int = 0) -> tuple[RestProxy, ...]:
    """Beard and moustache of a person (I,) as cards, "beard" and "moustache"; none of what is short."""
    lengths = {"beard": beard_mm(hair), "moustache": moustache_mm(hair)}
    grown = (grown_on(layer, mm, hair, model, identity, lod) for layer, mm in lengths.items() if mm >= CARDS_MM)
    return tuple(each for each in grown if each is not None)


def grown_on(layer: str, mm: float, hair: Hair, model: MorphableModel, identity: Array, lod: int) -> RestProxy | None:
    """One layer of facial hair, `mm` long; None where none grows."""
    body = body_of(model, identity, swells=False)
    locks, rows = _locks(layer, mm, hair, whiskers_of(model, layer), body, lod)  # type: ignore[arg-type]
    if len(rows) == 0:
        return None
    rng = np.random.default_rng(31)
    cards = cards_of(locks, rng.random(len(locks.width)) < 0.5)
    light = _light(locks, cards.vertices, cards.normals, body)
    through = evenness(hair.of_beard)
    light = through + (1 - through) * light
    places = whiskers_of(model, layer)  # type: ignore[arg-type]
    root = rooted_at(model, places.corners[rows], places.weights[rows], cards.lock)
    return proxy_of(
        cards,
        light,
        dimmest=0.45,
        name=layer,
        texture=beard_texture(replace(hair.of_beard, colour=facial_colour(hair), highlights=0.0, roots=0.0)),
        relief=strand_normals(atlas_of_kind("beard")),
        roughness=0.6,
        skin_weights=root.spread(np.asarray(model.skin_weights)),
        rooted=root,
    )


@lru_cache(maxsize=4)
def beard_texture(hair: Hair) -> NDArray[np.uint8]:
    """The picture of a beard's cards in the colours of a hair; beards are short, so half as many texels run along."""
    fine = coloured(atlas_of_kind("beard"), hair, even=evenness(hair)).astype(np.float32)
    return np.round((fine[::2] + fine[1::2]) / 2).astype(np.uint8)


def evenness(hair: Hair) -> float:
    """How alike the hairs of a colour are, 0..EVEN, by the light that goes through them."""
    return EVEN * float(smooth(float(RGB_TO_Y @ hair_colour(hair)), *PALE))


def _light(locks: Locks, points: Array, normals: Array, body: Body) -> Array:
    cover = np.where(np.isin(locks.strip, DENSE), 0.8, np.where(np.isin(locks.strip, MEDIUM), 0.55, 0.25))
    points, normals = np.concatenate([points, body.vertices]), np.concatenate([normals, body.normals])
    return open_to_light(locks.lines, locks.width, cover, points, normals)


def _locks(
    layer: str, mm: float, hair: Hair, places: Whiskers, body: Body, lod: int
) -> tuple[Locks, NDArray[np.integer]]:
    """Locks of a layer, and the places (N,) that they root at."""
    share, detail = DETAIL[lod]
    rng = np.random.default_rng(21 + len(layer))
    chance = rng.random((len(places.density), 8))
    grows = places.density * cover_share(places.place, hair.beard_cover)
    if layer == "beard":
        grows = grows * shape_share(places.place, hair.beard_shape)
    fine = float(smooth(-mm, *FINE_MM))
    # Long ones are wider, fine ones narrower.
    count = int(COUNT[layer] * share * float(np.interp(mm, [20, 80], [1.0, 0.75])) * (1 + (FINER - 1) * fine))
    few = chance[:count, 0] < 0.3 + 1.4 * grows[:count]
    rows = np.flatnonzero(few & (grows[: len(few)] > 0.32))
    length = _lengths(layer, mm, places.place[rows], grows[rows]) * (0.75 + 0.35 * chance[rows, 1])
    if layer == "beard":  # what is shorter lies apart, as dots do, on what is painted
        long = length > np.clip(OF_LONGEST * mm, *SHORTEST_MM) * (SHORTEST[0] + SHORTEST[1] * chance[rows, 6])
        rows, length = rows[long], length[long]
    chance, points = chance[rows], max(3, round(float(np.interp(mm, *_POINTS)) * detail)) if mm > STRAIGHT_MM else 2
    start = _start(layer, places, rows, body, length, chance)
    lines = trace(start, body.distance, points)
    lines = frizzed(lines, FRIZZ * np.minimum(length, 18.0) * (0.4 + chance[:, 2]), rng)
    lines = _gathered(lines, mm)
    lines = pushed_out(lines, body.distance, 0.5 + 0.5 * chance[:, 3])
    return _as_locks(lines, body, grows[rows], chance, share, fine), rows


def _gathered(lines: Array, mm: float) -> Array:
    """Locks (N, K, 3) of a long beard, which gets narrower."""
    share = np.linspace(0, 1, lines.shape[1]) ** 1.5 * GATHERED * smooth(mm, 25.0, 90.0)
    return lines * (1 - share[None, :, None] * np.array([1.0, 0.0, 0.0]))


def _outside(lines: Array, body: Body) -> Array:
    """Away from the skin at the roots, and from the middle of the beard at the tips: (N, K, 3) unit."""
    round_beard = lines - np.array([0.0, 0.0, 30.0])
    round_beard[..., 1] = 0.0
    round_beard /= np.maximum(np.linalg.norm(round_beard, axis=2, keepdims=True), 1e-6)
    share = np.minimum(arc_mm(lines) / 25.0, 1.0)[..., None]
    out = outward(lines, body.distance) * (1 - share) + round_beard * share
    return out / np.maximum(np.linalg.norm(out, axis=2, keepdims=True), 1e-6)


def _lengths(layer: str, mm: float, place: Array, grows: Array) -> Array:
    """Lengths (N,) mm on the mean head: long beards are longest on the chin, and thin edges are short."""
    length = mm * (0.35 + 0.65 * smooth(grows, 0.15, 0.8))
    if layer == "moustache":
        return length * (1 - 0.4 * smooth(np.abs(place[:, 0]), 18.0, 28.0))  # clear of the corners of the mouth
    long = smooth(mm, 12.0, 60.0)
    chin = smooth(-np.abs(place[:, 0]), -48.0, -14.0) * smooth(place[:, 2], 45.0, 80.0)
    high = smooth(place[:, 1], -75.0, -25.0)
    throat = smooth(-place[:, 1], 102.0, 125.0)
    least = _CHEEK * (1 - 0.7 * high)
    share = 1 - long * (1 - (least + (1 - least) * chin))
    share *= (1 - 0.45 * high * (1 - long)) * (1 - (1 - _THROAT) * throat)
    return np.maximum(length * share, 0.3 * min(mm, 12.0))


def _start(layer: str, places: Whiskers, rows: NDArray[np.integer], body: Body, length: Array, chance: Array) -> Start:
    corners, weights = places.corners[rows], places.weights[rows]
    root = np.einsum("nk,nkc->nc", weights, body.vertices[corners])
    normal = np.einsum("nk,nkc->nc", weights, body.normals[corners])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    comb = places.flow[rows] + 0.35 * (chance[:, 4:7] - 0.5)
    if layer == "moustache":  # combed to the sides, off the mouth
        comb = comb + 0.9 * np.sign(places.place[rows, :1]) * np.array([1.0, -0.1, 0.0])
    comb -= (comb * normal).sum(1, keepdims=True) * normal
    comb /= np.maximum(np.linalg.norm(comb, axis=1, keepdims=True), 1e-6)
    layers = np.minimum(chance[:, 3], 0.9 - 0.15 * smooth(length, 30.0, 60.0))
    height = (0.08 + 0.92 * layers) * np.minimum(0.42 * length, 6.0 + 0.05 * length)
    if layer == "moustache":
        height = 0.55 * height
    weight = np.interp(length, [5, 20, 45], [0.15, 0.5, 1.0])
    bend = np.interp(length, [5, 20, 80], [0.8, 0.7, 0.6])
    reach = np.full(len(rows), 26.0 if layer == "beard" else 40.0)
    return Start(root, normal, comb, length, height, reach, np.full(len(rows), 0.06), weight, bend)


def _as_locks(lines: Array, body: Body, grows: Array, chance: Array, share: float, fine: float) -> Locks:
    layer = np.minimum(chance[:, 3] + 0.5 * (1 - grows), 0.999)  # thin edges are of single hairs
    low, high = np.array(WIDTH_MM) * (1 + (FINE_WIDTH - 1) * fine)
    long = arc_mm(lines)[:, -1]
    width = (low + (high - low) * chance[:, 1]) / np.sqrt(share)
    width = np.minimum(width * (1 + 0.65 * smooth(long, 15, 60)), 1.6 + WIDEST * long)
    dense, medium, single = (np.array(s)[(chance[:, 2] * (len(s) - 0.01)).astype(int)] for s in (DENSE, MEDIUM, SINGLE))
    solid = smooth(long, 10.0, 30.0)  # short locks of solid strips lie like scales
    loose, single_from = 0.3 + 0.56 * solid, 0.85 + 0.12 * solid
    strip = np.where(layer < loose, medium, np.where(layer < single_from, SPARSE[0], single))
    strip = np.where(layer < 0.45 * solid, dense, strip)
    roll = (chance[:, 5] - 0.5) * (0.6 + 0.8 * layer)
    return Locks(lines, _outside(lines, body), width, strip, roll, 1.0 - 0.4 * chance[:, 6])
