"""Cloth drawn over the hair of real photos: scarves, hoods, caps and turbans whose every pixel is known.

The studio's own headwear is of few kinds, and other networks take cloth on photos for hair. Pictures are windows of
photo_windows.py, (S, S, 3) in 0..1; points (N, 2) px of a face's outline and brows in them; frames of its own: u to
the right, v down, both 1 where the face's box ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom

from facegpt.detect.geometry import FACE_POINTS
from facegpt.encode.parts import BACKGROUND, CLOTHES, HAIR, HAT
from facegpt.types import Array

#: Kinds of headwear and of cloth, and how often each is drawn.
WORN = {"scarf": 0.33, "hood": 0.2, "cap": 0.17, "brimmed": 0.1, "turban": 0.2}
CLOTHS = {"plain": 0.4, "print": 0.14, "stripes": 0.1, "knit": 0.12, "fur": 0.08, "photo": 0.16}
#: Share of pictures whose cloth hangs behind the head: not all that looks drawn is worn. Share of headwear that hides
#: all hair it could.
BEHIND, HIDES = 0.15, 0.8
#: The detector's points on the brows.
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
#: The cloth's level of a face of this brightness is as drawn.
USUAL_LEVEL = 0.45

Rng = np.random.Generator
Map = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FacePlace:
    """Where a face is in a window: u, v (S, S) of each pixel; brow: v of the brows."""

    u: Map
    v: Map
    brow: float

    @classmethod
    def of(cls, points: Array, side: int) -> FacePlace:
        """The place of a face with the detector's points (478, 2+), px."""
        face = points[:FACE_POINTS, :2]
        low, high = face.min(0), face.max(0)
        middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
        y, x = np.mgrid[:side, :side]
        brow = (points[list(BROWS), 1].mean() - middle[1]) / half[1]
        return cls((x - middle[0]) / half[0], (y - middle[1]) / half[1], float(brow))


def covered(
    image: NDArray[np.uint8], allowed: NDArray[np.uint16], points: Array, other: NDArray[np.uint8], rng: Rng
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """A window (S, S, 3) and what its pixels may show (S, S), with cloth drawn over the hair or behind the head.

    points: of the face, in pixels of the window. other: another window, part of which may be the cloth's pattern.
    """
    place, inside = FacePlace.of(points, len(image)), image.max(-1) > 0
    colours = image / 255.0
    face = (np.hypot(place.u, place.v) < 0.7) & inside
    level = max(float(colours[face].mean()), 0.12) if face.any() else USUAL_LEVEL
    if rng.random() < BEHIND:
        shape, bits = _behind(place), 1 << BACKGROUND
    else:
        hair = gaussian_filter((allowed == 1 << HAIR).astype(float), 1.5) * (rng.random() < HIDES)
        shape, bits = _worn(place, np.clip(3 * hair, 0, 1), rng), 1 << HAT
    shape = gaussian_filter(shape, rng.uniform(0.4, 1.0)) * inside
    cloth = np.clip(cloth_picture(shape > 0.5, other / 255.0, rng) * level / USUAL_LEVEL, 0, 1)
    shadow = 1 - rng.uniform(0, 0.4) * gaussian_filter(shape, rng.uniform(2, 5))
    drawn = colours * shadow[..., None] * (1 - shape[..., None]) + cloth * shape[..., None]
    # A scarf below the chin lies where others wear a collar; at the cloth's edge either may be seen.
    bits_at = np.where((place.v > 1.1) & (bits == 1 << HAT), bits | 1 << CLOTHES, bits)
    may = np.where(shape > 0.6, bits_at, np.where(shape > 0.3, allowed | bits_at, allowed)).astype(np.uint16)
    return np.round(np.clip(drawn, 0, 1) * 255).astype(np.uint8), may


def _behind(place: FacePlace) -> Map:
    """All that is surely behind a head and above its shoulders."""
    return ((np.hypot(place.u / 1.9, (place.v + 0.25) / 2.0) > 1) & (place.v < 0.7)).astype(float)


def _worn(place: FacePlace, hair: Map, rng: Rng) -> Map:
    """Where a piece of headwear lies, 0..1, the hair (S, S) 0..1 that it is to hide included."""
    kind = _one_of(WORN, rng)
    if kind in ("scarf", "hood"):
        return _around(place, hair, kind == "hood", rng)
    return _on_top(place, hair, kind, rng)


def _around(place: FacePlace, hair: Map, loose: bool, rng: Rng) -> Map:
    """A scarf or hood: it goes all around the face and mostly down to the shoulders."""
    up, down, wide = rng.uniform(1.4, 1.8), rng.uniform(1.1, 1.5), rng.uniform(1.25, 1.6)
    out = _oval(place, wide, up, down, rng)
    if rng.random() < 0.85:
        above, below = rng.uniform(0.9, 1.3), rng.uniform(1.3, 2.6)
        width = above + (below - above) * np.clip(place.v / 1.8, 0, 1)
        out = np.maximum(out, _soft(place, (np.abs(place.u) - width) * (place.v > 0) + 9 * (place.v <= 0)))
    out = np.maximum(out, hair)
    close = rng.uniform(1.05, 1.3) if loose else rng.uniform(0.95, 1.08)
    top = rng.uniform(1.05, 1.4) if loose else rng.uniform(0.9, 1.2)
    return np.asarray(out * (1 - _oval(place, close, top, close * rng.uniform(0.97, 1.05), rng, 0.3)))


def _on_top(place: FacePlace, hair: Map, kind: str, rng: Rng) -> Map:
    """A cap, a hat with a brim all around, or a turban: above a line about the forehead."""
    large = 1.15 if kind == "turban" else 1.0
    line = place.brow + rng.uniform(-0.35, 0.04)
    bent = line + rng.uniform(-0.25, 0.2) * (place.u / 1.2) ** 2 + rng.uniform(-0.12, 0.12) * place.u
    lower = FacePlace(place.u, place.v - bent, place.brow)
    out = _oval(lower, rng.uniform(1.1, 1.4) * large, rng.uniform(0.85, 1.5) * large, rng.uniform(0.02, 0.12), rng)
    out = np.maximum(out, hair * (lower.v < 0))
    if kind == "brimmed":
        out = np.maximum(out, _oval(lower, rng.uniform(1.5, 2.3), rng.uniform(0.08, 0.3), rng.uniform(0.05, 0.25), rng))
    elif kind == "cap" and rng.random() < 0.6:
        thick = rng.uniform(0.1, 0.24)
        out = np.maximum(out, _oval(lower, rng.uniform(0.8, 1.1), thick, thick, rng))
    return out


def _oval(place: FacePlace, wide: float, up: float, down: float, rng: Rng, uneven: float = 1.0) -> Map:
    """An uneven oval about the face's middle, so wide, high and deep (of the face's own), 0..1."""
    v = place.v / np.where(place.v < 0, up, down)
    u = place.u / wide
    turn = np.arctan2(v, u)
    edge = 1 + 0.03 * uneven * sum(np.sin(k * turn + rng.uniform(0, 6.28)) * rng.uniform(0, 1) for k in (2, 3, 4, 5))
    return _soft(place, np.hypot(u, v) - edge)


def _soft(place: FacePlace, distance: Map) -> Map:
    """1 where a distance (in faces) is below 0, with an edge about a pixel wide."""
    px = abs(float(place.u[0, 1] - place.u[0, 0]))
    return np.asarray(np.clip(0.5 - distance / px, 0, 1))


def cloth_picture(shape: NDArray[np.bool_], other: Map, rng: Rng, folded: bool = True) -> Map:
    """Cloth (S, S, 3) of some colour and pattern, with folds where a shape (S, S) of it is seen.

    other: a picture (S, S, 3) that may lend its pattern. folded: False for cloth that gets its folds elsewhere.
    """
    side, kind = len(shape), _one_of(CLOTHS, rng)
    y, x = np.mgrid[:side, :side] / side
    turn = rng.uniform(0, np.pi)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    image = np.ones((side, side, 3)) * _colour(rng)
    if kind == "print":
        spots = _noise(rng, side, int(rng.integers(8, 40))) > rng.uniform(0, 1)
        image = np.where(spots[..., None], _colour(rng), image)
    elif kind == "stripes":
        wave = np.sin(along * rng.uniform(20, 120) + _noise(rng, side, 4) * rng.uniform(0, 2))
        image = np.where(wave[..., None] > rng.uniform(-0.3, 0.6), _colour(rng), image)
    elif kind == "knit":
        loops = rng.uniform(70, 180)
        image = image * (1 + 0.25 * np.sin(along * loops + 2 * np.sin(across * loops / 2)))[..., None]
    elif kind == "fur":
        tufts = gaussian_filter(rng.standard_normal((side, side)), (rng.uniform(0.6, 1.4), rng.uniform(0.6, 3)))
        image = image * (1 + 0.35 * tufts / tufts.std())[..., None]
    elif kind == "photo":
        image = _enlarged(other, rng)
    if folded:
        image = image * _folds(shape, along, rng)[..., None]
    return gaussian_filter(image + rng.normal(0, rng.uniform(0, 0.012), image.shape), (0.5, 0.5, 0))


def _colour(rng: Rng) -> Map:
    """Any colour, dark ones as often as bright ones, half of them nearly grey."""
    hue = (rng.random() * 6 + np.array([0, 4, 2])) % 6
    pure = np.clip(np.abs(hue - 3) - 1, 0, 1)
    much = rng.uniform(0, 0.15) if rng.random() < 0.5 else rng.uniform(0.1, 0.9)
    return np.asarray(np.exp(rng.uniform(np.log(0.03), np.log(0.95))) * (1 - much + much * pure))


def _enlarged(other: Map, rng: Rng) -> Map:
    """A part of another picture, as large as the whole."""
    side = len(other)
    length = int(rng.integers(side // 6, side // 2))
    top, left = rng.integers(0, side - length, 2)
    at = np.arange(side) * length // side
    return other[top + at][:, left + at]


def _folds(shape: NDArray[np.bool_], along: Map, rng: Rng) -> Map:
    """How light each pixel of cloth is (S, S): waves, folds across it or along its edge, round towards the edge."""
    side = len(shape)
    level = rng.uniform(0.05, 0.3) * _noise(rng, side, int(rng.integers(3, 9)), rng.uniform(0.3, 3))
    from_edge = distance_transform_edt(shape) / side
    if rng.random() < 0.7:
        lie = from_edge if rng.random() < 0.5 else along
        wave = np.sin(lie * rng.uniform(20, 90) + _noise(rng, side, 3) * rng.uniform(0.5, 3))
        level += rng.uniform(0, 0.25) * np.sign(wave) * np.abs(wave) ** rng.uniform(0.5, 2)
    light = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    level += rng.uniform(0, 0.5) * (x * np.cos(light) + y * np.sin(light))
    return np.asarray(np.exp(level) * (1 - rng.uniform(0, 0.6) * np.exp(-from_edge / rng.uniform(0.01, 0.06))))


def _noise(rng: Rng, side: int, cells: int, stretch: float = 1.0) -> Map:
    """Smooth noise (side, side) of SD about one."""
    values = rng.standard_normal((max(2, cells), max(2, int(cells * stretch))))
    return np.asarray(zoom(values, (side / values.shape[0], side / values.shape[1]), order=1)[:side, :side])


def _one_of(shares: dict[str, float], rng: Rng) -> str:
    return str(rng.choice(list(shares), p=list(shares.values())))
