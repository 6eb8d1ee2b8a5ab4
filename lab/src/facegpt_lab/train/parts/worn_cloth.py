"""Headwear of real photos: where outlines drawn by hand say that it is, and the same cloth put on other heads.

Drawn cloth (cloth.py) has few shapes; that of a wearer has its own folds, shade and place on the head. It is moved
with the box of the face, mirrored and dyed anew (copy-paste: Ghiasi et al. 2021). Windows are those of
photo_windows.py, (S, S, 3) in 0..1; outlines are px of the photo.
"""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from facegpt.encode.parts import CLOTHES, HAIR, HAT
from facegpt.types import Array
from facegpt_lab.assets import HEADWEAR_OUTLINES
from facegpt_lab.train.parts.cloth import USUAL_LEVEL, FacePlace, Map, Rng, cloth_picture

#: SD of the log size and of the place (half sizes of a face) that a cloth is moved by; share of cloths that are dyed
#: anew; SD of the log brightness and colour of others.
SIZE_SD, PLACE_SD, DYED, GAIN_SD = 0.08, 0.05, 0.6, (0.25, 0.12)
#: v below which cloth at the sides, |u| about this, hides what hair it could; share of it there.
LOW, ASIDE, HANGS = (0.2, 1.0), (1.1, 1.5), 0.4
#: Belief beyond which a pixel is surely cloth, and below which surely none.
SURE, NONE = 0.9, 0.1


@lru_cache(maxsize=1)
def outlined() -> dict[str, dict[str, list[list[list[int]]]]]:
    """Outlines of headwear by the photo's name: polygons of "cloth", and of what lies "open" inside them."""
    return dict(json.loads(HEADWEAR_OUTLINES.read_text(encoding="utf-8")))


def cloth_in(name: str, width: int, height: int) -> NDArray[np.float32] | None:
    """Where a photo shows the cloth of headwear (height, width), 0..1; None for photos without an outline."""
    shapes = outlined().get(name)
    if shapes is None:
        return None
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    for key, value in (("cloth", 255), ("open", 0)):
        for polygon in shapes[key]:
            draw.polygon([(x, y) for x, y in polygon], fill=value)
    return gaussian_filter(np.asarray(mask, np.float32) / 255, 1.0)


def with_cloth(allowed: NDArray[np.uint16], cloth: Array, below_chin: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """What pixels (S, S) may show of a wearer of known cloth (S, S) 0..1; a scarf below the chin may be clothes."""
    hat = np.where(below_chin, 1 << HAT | 1 << CLOTHES, 1 << HAT)
    bare = np.where(allowed == 1 << HAT, allowed, allowed & ~np.uint16(1 << HAT))
    return np.where(cloth > SURE, hat, np.where(cloth < NONE, bare, allowed | hat)).astype(np.uint16)


def put_on(
    head: tuple[NDArray[np.uint8], NDArray[np.uint16], Array],
    wearer: tuple[NDArray[np.uint8], NDArray[np.bool_], Array],
    other: NDArray[np.uint8],
    rng: Rng,
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """A window (S, S, 3) of a bare head and what its pixels may show (S, S), with the cloth of a wearer's window.

    head: window, what may be there, points (478, 2+) px. wearer: window, its cloth (S, S), points. other: a window,
    part of which may be the new cloth's pattern.
    """
    image, allowed, points = head
    place, inside = FacePlace.of(points, len(image)), image.max(-1) > 0
    shape, colours = _moved(place, wearer, rng)
    hair = np.clip(3 * gaussian_filter((allowed == 1 << HAIR).astype(float), 1.5), 0, 1)
    shape = np.maximum(shape, hair * _hidden(place, shape > 0.5)) * inside
    own = image / 255.0
    face = (np.hypot(place.u, place.v) < 0.7) & inside
    level = max(float(own[face].mean()), 0.12) if face.any() else USUAL_LEVEL
    cloth = np.clip(_dyed(colours, shape > 0.5, other, rng) * level / USUAL_LEVEL, 0, 1)
    drawn = own * (1 - shape[..., None]) + cloth * shape[..., None]
    hat = np.where(place.v > 1.1, 1 << HAT | 1 << CLOTHES, 1 << HAT)
    may = np.where(shape > 0.6, hat, np.where(shape > 0.3, allowed | hat, allowed)).astype(np.uint16)
    return np.round(np.clip(drawn, 0, 1) * 255).astype(np.uint8), may


def _moved(place: FacePlace, wearer: tuple[NDArray[np.uint8], NDArray[np.bool_], Array], rng: Rng) -> tuple[Map, Map]:
    """The wearer's cloth (S, S) 0..1 and its colours (S, S, 3), where it lies on another face."""
    image, cloth, points = wearer
    worn, source = FacePlace.of(points, len(image)), image.max(-1) > 0
    near = distance_transform_edt(~source, return_distances=False, return_indices=True)  # goes on past the photo's end
    mask = cloth[tuple(near)].astype(float)
    nearest = distance_transform_edt(~(cloth & source), return_distances=False, return_indices=True)
    dyes = image[tuple(nearest)] / 255.0
    size, side = float(np.exp(rng.normal(0, SIZE_SD))), 1 if rng.random() < 0.5 else -1
    u, v = side * place.u * size + rng.normal(0, PLACE_SD), place.v * size + rng.normal(0, PLACE_SD)
    step_u, step_v = worn.u[0, 1] - worn.u[0, 0], worn.v[1, 0] - worn.v[0, 0]
    at = np.stack([(v - worn.v[0, 0]) / step_v, (u - worn.u[0, 0]) / step_u])
    shape = map_coordinates(mask, at, order=1, mode="nearest")
    colours = np.stack([map_coordinates(dyes[..., k], at, order=1, mode="nearest") for k in range(3)], -1)
    return np.clip(shape, 0, 1), colours


def _hidden(place: FacePlace, cloth: NDArray[np.bool_]) -> Map:
    """Where cloth (S, S) would hide hair: above any of it and, where it hangs down beside the face, outside of it."""
    above = np.flip(np.maximum.accumulate(np.flip(cloth & (place.v < 0), 0), 0), 0)
    aside = (np.abs(place.u) > ASIDE[0]) & (np.abs(place.u) < ASIDE[1]) & (place.v > LOW[0]) & (place.v < LOW[1])
    hangs = bool(aside.any()) and float(cloth[aside].mean()) > HANGS
    return (above | (hangs & (np.hypot(place.u, place.v) > 1.1))).astype(float)


def _dyed(colours: Map, shape: NDArray[np.bool_], other: NDArray[np.uint8], rng: Rng) -> Map:
    """The cloth (S, S, 3) in other colours: a new one under the old folds, or the old one a little off."""
    if not shape.any():
        return colours
    if rng.random() > DYED:
        return np.asarray(colours * np.exp(rng.normal(0, GAIN_SD[0]) + rng.normal(0, GAIN_SD[1], 3)))
    light = gaussian_filter(colours.mean(-1), 0.7) + 0.02
    folds = np.clip(light / np.median(light[shape]), 0.3, 2.5) ** rng.uniform(0.6, 1.2)
    return np.asarray(cloth_picture(shape, other / 255.0, rng, folded=False) * folds[..., None])
