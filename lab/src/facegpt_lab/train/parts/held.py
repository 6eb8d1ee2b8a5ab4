"""Hands and things before faces: outlines drawn by hand on real photos, and hands put before and beside other faces.

Hands come from photos of the training half (`outlined`) and from MakeHuman's body (`HandPictures`, which
lab/runs/parts/posed_hands.py draws): the former are true and few, the latter many. Windows are those of
photo_windows.py, (S, S, 3) uint8 sRGB; outlines are px of the photo; u, v are those of `cloth.FacePlace`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from facegpt.encode.parts import CLOTHES, HAND
from facegpt.types import Array, FaceGPTError
from facegpt_lab.assets import HAND_OUTLINES
from facegpt_lab.train.parts.cloth import USUAL_LEVEL, FacePlace, Map, Rng, cloth_picture

#: Half the height of a face's box, mm: of MediaPipe's points on the mean head.
HALF_FACE_MM = 88.0
#: SD of a cut hand's log size, of its place (half sizes of a face) and of its turn, degrees.
SIZE_SD, PLACE_SD, TURN_SD = 0.15, (0.35, 0.3), 20.0
#: Where the finger tips of drawn hands lie, u and v: middle and SD. How far their arms lean from straight down, SD in
#: degrees; share of arms in sleeves.
TIPS_AT, TIPS_SD, LEAN_SD, SLEEVED = (0.0, 0.55), (0.75, 0.55), 45.0, 0.4
#: SD of the log brightness and colour of hands against the face's; how dark a hand's shadow may be.
GAIN_SD, SHADOW = (0.18, 0.05), 0.55
#: Belief beyond which a pixel is surely a hand, and below which surely none.
SURE, NONE = 0.9, 0.1


@dataclass(frozen=True, eq=False)
class HandPictures:
    """N drawn left hands with their arms, which come from below.

    Attributes:
        colour: (N, S, S, 3) uint8 sRGB. cover: (N, S, S) uint8. arm: (N, S, S) bool, behind the wrist.
        tips: (N, 2) px (x, y), the middle of the tips of the fingers. px_mm: length of a pixel at the hand, mm.
    """

    colour: NDArray[np.uint8]
    cover: NDArray[np.uint8]
    arm: NDArray[np.bool_]
    tips: NDArray[np.float32]
    px_mm: float

    @classmethod
    def load(cls, path: Path) -> HandPictures:
        """Read what lab/runs/parts/posed_hands.py wrote."""
        if not path.is_file():
            raise FaceGPTError(f"there are no hands '{path}'; make them with lab/runs/parts/train.py")
        with np.load(path, allow_pickle=False) as arrays:
            colour, cover, arm, tips = (arrays[name] for name in ("colour", "cover", "arm", "tips"))
            return cls(colour, cover, arm, tips, float(arrays["px_mm"]))


@lru_cache(maxsize=1)
def outlined() -> dict[str, list[list[list[int]]]]:
    """Polygons of the hands, and of the things they hold, by the photo's name."""
    return dict(json.loads(HAND_OUTLINES.read_text(encoding="utf-8")))


def hands_in(name: str, width: int, height: int) -> NDArray[np.float32] | None:
    """Where a photo shows hands (height, width), 0..1; None for photos without an outline."""
    if name not in outlined():
        return None
    mask = Image.new("L", (width, height))
    for polygon in outlined()[name]:
        ImageDraw.Draw(mask).polygon([(x, y) for x, y in polygon], fill=255)
    return gaussian_filter(np.asarray(mask, np.float32) / 255, 1.0)


def with_hands(allowed: NDArray[np.uint16], hands: Array) -> NDArray[np.uint16]:
    """What pixels (S, S) may show of a photo whose hands (S, S) 0..1 are known."""
    hand, bare = np.uint16(1 << HAND), allowed & ~np.uint16(1 << HAND)
    bare = np.where(bare == 0, allowed, bare)
    return np.where(hands > SURE, hand, np.where(hands < NONE, bare, allowed | hand)).astype(np.uint16)


def put_before(
    head: tuple[NDArray[np.uint8], NDArray[np.uint16], Array],
    owner: tuple[NDArray[np.uint8], NDArray[np.bool_], Array],
    rng: Rng,
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """A window (S, S, 3) and what its pixels may show (S, S), with the hands of another photo's window.

    head: window, what may be there, points (478, 2+) px. owner: window, its hands (S, S), points.
    """
    image, hands, points = owner
    place, own = FacePlace.of(head[2], len(head[0])), FacePlace.of(points, len(image))
    source = image.max(-1) > 0
    near = distance_transform_edt(~source, return_distances=False, return_indices=True)  # goes on past the photo's end
    mask = hands[tuple(near)].astype(float)
    nearest = distance_transform_edt(~(hands & source), return_distances=False, return_indices=True)
    dyes = image[tuple(nearest)] / 255.0
    u, v = _turned_about(place, _middle(own, hands), rng)
    step_u, step_v = own.u[0, 1] - own.u[0, 0], own.v[1, 0] - own.v[0, 0]
    at = np.stack([(v - own.v[0, 0]) / step_v, (u - own.u[0, 0]) / step_u])
    shape, *colour = (
        map_coordinates(plane, at, order=1, mode="nearest") for plane in (mask, *np.moveaxis(dyes, -1, 0))
    )
    tone = _tone(head[0], place) / np.maximum(_tone(image, own), 0.02)
    return _laid(head, np.clip(shape, 0, 1), np.stack(colour, -1) * tone, np.zeros(shape.shape, bool), rng)


def _middle(place: FacePlace, hands: NDArray[np.bool_]) -> tuple[float, float]:
    """The middle (u, v) of hands (S, S)."""
    return float(place.u[hands].mean()), float(place.v[hands].mean())


def _turned_about(place: FacePlace, middle: tuple[float, float], rng: Rng) -> tuple[Map, Map]:
    """Where on the owner's face (u, v) the pixels of another window lie, once hands are mirrored, turned and moved."""
    size, side = float(np.exp(rng.normal(0, SIZE_SD))), 1 if rng.random() < 0.5 else -1
    turn = np.radians(rng.normal(0, TURN_SD))
    u = side * place.u - middle[0] + rng.normal(0, PLACE_SD[0])
    v = place.v - middle[1] + rng.normal(0, PLACE_SD[1])
    return (
        (np.cos(turn) * u - np.sin(turn) * v) * size + middle[0],
        (np.sin(turn) * u + np.cos(turn) * v) * size + middle[1],
    )


def lay_before(
    head: tuple[NDArray[np.uint8], NDArray[np.uint16], Array],
    hands: HandPictures,
    which: int,
    other: NDArray[np.uint8],
    rng: Rng,
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """A window (S, S, 3) and what its pixels may show (S, S), with a drawn hand of the face's skin before it.

    head: as of `put_before`. other: a window, part of which may be the pattern of the sleeve.
    """
    place = FacePlace.of(head[2], len(head[0]))
    half_px = 1 / max(float(place.v[1, 0] - place.v[0, 0]), 1e-6)
    scale = HALF_FACE_MM / half_px / hands.px_mm * float(np.exp(rng.normal(0, 0.12)))  # px of the hand a pixel
    tip_u, tip_v = rng.normal(TIPS_AT, TIPS_SD)
    lean = np.radians(np.clip(rng.normal(30 * np.tanh(tip_u), LEAN_SD), -110, 110))  # arms come from their own side
    rows, columns = np.indices(head[0].shape[:2])
    x = columns - (tip_u - place.u[0, 0]) / (place.u[0, 1] - place.u[0, 0])
    y = rows - (tip_v - place.v[0, 0]) * half_px
    across, along = np.cos(lean) * x - np.sin(lean) * y, np.sin(lean) * x + np.cos(lean) * y
    side = 1 if rng.random() < 0.5 else -1
    tip_x, tip_y = hands.tips[which]
    at = np.stack([along * scale + tip_y, side * across * scale + tip_x])
    at[0] = np.minimum(at[0], hands.cover.shape[1] - 2)  # arms go on past the picture's end
    cover, arm, *colour = (
        map_coordinates(gaussian_filter(plane.astype(float), max(0.5 * scale - 0.3, 0.0)), at, order=1)
        for plane in (
            hands.cover[which] / 255.0,
            hands.arm[which],
            *np.moveaxis(hands.colour[which] / 255.0 * (hands.cover[which, ..., None] / 255.0), -1, 0),
        )
    )
    seen = np.stack(colour, -1) / np.maximum(cover, 1e-3)[..., None]
    skin = cover > 0.5
    if skin.any():
        seen = seen * _tone(head[0], place) / np.maximum(np.median(seen[skin], 0), 0.02)
    sleeve = (arm > 0.5) & (rng.random() < SLEEVED)
    if sleeve.any():
        cloth = cloth_picture(sleeve, other / 255.0, rng) * seen.mean(-1, keepdims=True) / USUAL_LEVEL
        seen = np.where(sleeve[..., None], cloth, seen)
    return _laid(head, np.clip(cover, 0, 1), seen, sleeve, rng)


def _tone(image: NDArray[np.uint8], place: FacePlace) -> Array:
    """The usual colour (3,) of a window's face, 0..1."""
    face = (np.hypot(place.u, place.v) < 0.7) & (image.max(-1) > 0)
    return np.asarray(np.median(image[face], 0) / 255.0 if face.any() else np.full(3, USUAL_LEVEL))


def _laid(
    head: tuple[NDArray[np.uint8], NDArray[np.uint16], Array],
    shape: Map,
    colours: Map,
    sleeve: NDArray[np.bool_],
    rng: Rng,
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """A window with something of a shape (S, S) 0..1 and colours (S, S, 3) before it, its shadow, and its labels."""
    image, allowed, _ = head
    shape = gaussian_filter(shape, rng.uniform(0.2, 0.9)) * (image.max(-1) > 0)
    gain = np.exp(rng.normal(0, GAIN_SD[0]) + rng.normal(0, GAIN_SD[1], 3))
    cast = np.roll(shape, rng.integers(-5, 6, 2), (0, 1))
    shadow = 1 - rng.uniform(0, SHADOW) * gaussian_filter(cast, rng.uniform(1.5, 5))
    drawn = (
        image / 255.0 * shadow[..., None] * (1 - shape[..., None]) + np.clip(colours * gain, 0, 1) * shape[..., None]
    )
    hand = np.where(sleeve, 1 << HAND | 1 << CLOTHES, 1 << HAND)
    may = np.where(shape > 0.6, hand, np.where(shape > 0.3, allowed | hand, allowed)).astype(np.uint16)
    return np.round(np.clip(drawn, 0, 1) * 255).astype(np.uint8), may
