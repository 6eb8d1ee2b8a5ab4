"""Form of the skin that several photos of one person show alike: what one photo's lamp painted, another's denies.

In one photo the other half of the face tells a fold from a cast shadow (`lost_form.py`). Other photos tell more: what
they show at the same place in another light is form, on one half as well, and a place that one photo hides another
shows. Photos in one light tell no more of its shadows than one of them: a photo has a say as far as its light differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.prior import LUMINANCE
from facegpt.detail.lost_form import (
    DIM,
    Told,
    band_of,
    believed,
    bounded,
    drawn_light,
    form_in,
    missing,
    own_share,
    texels_per_mm,
)
from facegpt.detail.observation import Observation
from facegpt.detail.relief import Detail
from facegpt.detail.shading import light_factor
from facegpt.detail.skin_window import SIDE, Maps

#: SD over the face of the log of two photos' lights, one beside the other: alike, and different.
LIGHTS_DIFFER = (0.05, 0.25)
#: Other photos that are asked of each texture.
MOST_ASKED = 4


@dataclass(frozen=True, eq=False)
class _Shown:
    """One photo in the skin's window: what is seen, the light on it (HEIGHT, WIDTH, 3), and how far it is believed."""

    view: Observation
    light: Maps
    trust: Maps
    texels: float


def shared_forms(views: Sequence[Observation], textures: Sequence[NDArray[np.uint8] | None]) -> list[Maps | None]:
    """By what each texture misses the form of the skin, as `lost_form` gives it of one photo.

    views, textures: of one person's photos, in one order. None for what has no texture, or shows nothing of the face.
    """
    shown = [_shown(view) for view in views]
    return [
        None if texture is None or len(texture) < SIDE else _form(k, shown, texture)
        for k, texture in enumerate(textures)
    ]


def merged_form(views: Sequence[Observation], texture: NDArray[np.uint8], relief: Detail | None = None) -> Maps | None:
    """By what one texture of all photos misses the form of the skin (HEIGHT, WIDTH), a factor: by the mean of them.

    What a fit errs in, and noise, differ from photo to photo. texture: (S, S, 4) uint8 sRGB. relief: whose shading the
    texture is free of. None where nothing of the face is seen, or the texture is coarser than the window.
    """
    shown = [one for one in (_shown(view, relief) for view in views) if one is not None]
    if not shown or len(texture) < SIDE:
        return None
    bands = [band_of(missing(one.view, one.light, one.trust, texture), one.trust, one.texels) for one in shown]
    mass = np.sum([one.trust for one in shown], axis=0)
    mean = np.asarray(np.sum(bands, axis=0) / np.maximum(mass, 1), np.float32)
    return np.exp(bounded(own_share(mean, float(np.mean([one.texels for one in shown])))))


def _shown(view: Observation, relief: Detail | None = None) -> _Shown | None:
    """relief: whose shading is a part of the light."""
    texels = texels_per_mm(view)
    if texels is None:
        return None
    light = drawn_light(view)
    if relief is not None:
        light = light * light_factor(view.geometry, relief.displacement(view.params.expression), view.params.lighting)
    return _Shown(view, light, believed(view, texels), texels)


def _form(k: int, shown: Sequence[_Shown | None], texture: NDArray[np.uint8]) -> Maps | None:
    """The factor for the texture of photo k."""
    own = shown[k]
    if own is None:
        return None
    others = [(one, lights_differ(own, one)) for j, one in enumerate(shown) if j != k and one is not None]
    others = sorted(others, key=lambda pair: -pair[1] * float(pair[0].trust.sum()))[:MOST_ASKED]
    residual = missing(own.view, own.light, own.trust, texture)
    told: list[Told] = [(missing(one.view, one.light, one.trust, texture), one.trust, share) for one, share in others]
    return np.exp(form_in(residual, own.trust, own.texels, told))


def lights_differ(one: _Shown, other: _Shown) -> float:
    """How far the lights of two photos differ on the skin that both show, 0..1."""
    both = (one.trust > 0.5) & (other.trust > 0.5)
    if not both.any():
        return 1.0
    lights = [np.log(np.maximum(each.light[both] @ np.array(LUMINANCE, np.float32), DIM)) for each in (one, other)]
    low, high = LIGHTS_DIFFER
    return float(np.clip(((lights[0] - lights[1]).std() - low) / (high - low), 0, 1))
