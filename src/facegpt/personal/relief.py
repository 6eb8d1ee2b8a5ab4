"""The relief of a person's skin from several keyframes: what most of them show at rest, and the folds of the liveliest.

Each keyframe is read as a photo is (facegpt.detail). What the network errs in differs with light and pose from one to
the next, so that the mean over keyframes is calmer than any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.from_photo import detail_from_photo, visible
from facegpt.detail.observation import observe
from facegpt.detail.relief import Detail
from facegpt.detail.shading import light_factor, times
from facegpt.detail.shared_form import merged_form
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps, skin_geometry, skin_window
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.personal.skin import Shot
from facegpt.types import Array, FaceGPTError

#: Keyframes that are read: the calmest sharp ones, and the liveliest.
CALM, LIVELY = 5, 2
#: Names of a relief's arrays in a file; the last one is there where the folds are another head's.
STATIC, DYNAMIC, SEEN, OWN = "static", "dynamic", "seen", "own"


def own_detail(head: MakeHumanHead, shots: Sequence[Shot], age_years: float) -> Detail:
    """The detail of a person of so many years; all zero, with share 0, where no keyframe is sharp or large enough."""
    order = sorted(range(len(shots)), key=lambda k: -shots[k].trust)
    calm = order[:CALM]
    lively = sorted(order[CALM:], key=lambda k: -float(np.sum(shots[k].params.expression)))[:LIVELY]
    found, weights = [], []
    for k in [*calm, *lively]:
        one = shots[k]
        detail, seen = detail_from_photo(head, one.pixels, one.params, age_years, one.dense)
        found.append(detail)
        weights.append(detail.share * visible(seen.weight))
    resting = range(len(calm))
    mass = np.sum([weights[k] for k in resting], axis=0)
    static = np.sum([weights[k] * found[k].static for k in resting], axis=0) / np.maximum(mass, 0.2)
    liveliest = max(found, key=lambda one: float(np.abs(one.dynamic).sum()))
    share = max(one.share for one in found)
    return replace(liveliest, static=static.astype(np.float32), share=share)


def relief_light(model: MakeHumanHead, detail: Detail, size: int, shot: Shot, vertices: Array, normals: Array) -> Maps:
    """What the relief adds to the log of a keyframe's light, (size, size, 3); vertices (V, 3) in the camera frame."""
    geometry = skin_geometry(skin_window(model), vertices, normals)
    factor = light_factor(geometry, detail.displacement(shot.params.expression), shot.params.lighting)
    scale = size // SIDE
    wide = np.log(factor).repeat(scale, 0).repeat(scale, 1)
    out = np.zeros((size, size, 3), np.float32)
    out[scale * TOP : scale * (TOP + HEIGHT), scale * LEFT : scale * (LEFT + WIDTH)] = wide
    return out


def with_form(
    model: MakeHumanHead, detail: Detail | None, shots: Sequence[Shot], skin: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """A fused skin (S, S, 4) uint8 sRGB with the form that it lost with the keyframes' light, by the calmest of them.

    detail: the relief whose shading the skin is free of, if any.
    """
    calm = sorted(shots, key=lambda shot: -shot.trust)[:CALM]
    views = [observe(model, one.pixels, one.params, one.dense, one.parts) for one in calm]
    form = merged_form(views, skin, detail)
    return skin if form is None else times(skin, np.repeat(form[..., None], 3, 2))


def detail_arrays(detail: Detail) -> dict[str, NDArray[Any]]:
    """What a file keeps of a relief as arrays."""
    own = {} if detail.own is None else {OWN: detail.own}
    maps = {STATIC: detail.static, DYNAMIC: detail.dynamic, **own}
    halves = {name: relief.astype(np.float16) for name, relief in maps.items()}
    return {**halves, SEEN: np.asarray(detail.seen, np.float32)}


def detail_facts(detail: Detail) -> dict[str, float]:
    """What a file keeps of it as numbers."""
    names = ("invented", "strength", "share", "pixels_per_mm")
    return {name: round(float(getattr(detail, name)), 6) for name in names}


def detail_of(arrays: dict[str, NDArray[Any]], facts: dict[str, Any]) -> Detail:
    """The relief again.

    Raises:
        FaceGPTError: if an array is missing or of another size.
        KeyError: if a number is missing.
    """
    names = (STATIC, DYNAMIC, *([OWN] if OWN in arrays else []))
    for name in names:
        if name not in arrays or arrays[name].shape != (HEIGHT, WIDTH):
            raise FaceGPTError(f"the relief's '{name}' is missing or not {HEIGHT} × {WIDTH}")
    static, dynamic, *own = (arrays[name].astype(np.float32) for name in names)
    detail = Detail(static, dynamic, arrays[SEEN].astype(np.float32), **facts)
    return replace(detail, own=own[0]) if own else detail
