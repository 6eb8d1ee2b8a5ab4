"""From a photo and the head fitted to it to the person's detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.explained_light import explained
from facegpt.detail.observation import Observation, contrast, observe
from facegpt.detail.relief import Detail, invented_depth, split
from facegpt.detail.relief_network import LARGEST_MM, ReliefNetwork, relief_network
from facegpt.detail.skin_window import Maps
from facegpt.encode.parts import FaceParts
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render import channels
from facegpt.runtime.blur import gaussian_blur
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, DensePoints, FaceParams

if TYPE_CHECKING:
    from facegpt.detail.network import DetailNetwork

#: Pixels a mm at which detail begins and from which it counts fully: two pixels for a wrinkle of 2 mm, and some more.
RESOLVED = (0.7, 1.3)
#: Energy of the finest band of the photo beside the next one, at which a photo is a blur and from which it is sharp.
SHARP = (0.13, 0.20)
#: Log units by which skin may differ from the coarse head on the whole before it counts as shadow, glare or no skin.
ASTRAY = (0.7, 1.2)
#: Roughness (RMS of the fine difference, log units) of deeply folded skin, and of beards and hair.
HAIRY = (0.50, 0.85)
#: What a hidden place takes of the relief of its mirror image.
MIRRORED = 0.7


@one_thread()
def detail_from_photo(
    model: MakeHumanHead,
    image: NDArray[np.uint8],
    params: FaceParams,
    age_years: float,
    dense: DensePoints | None = None,
    network: ReliefNetwork | DetailNetwork | None = None,
    parts: FaceParts | None = None,
) -> tuple[Detail, Observation]:
    """The detail of a face in a photo (H, W, 3) uint8 sRGB for head, albedo and light in `params`; and what was seen.

    dense: what the dense landmark network sees; things in front of the face get no detail. network: the shipped one.
    parts: what each pixel shows; beards and the frames of glasses get no detail either.
    """
    seen = observe(model, image, params, dense, parts)
    total, share = relief_seen(seen, network or relief_network())
    static, dynamic = split(total, params.expression, age_years)
    expression = np.asarray(params.expression, np.float32)
    depth = invented_depth(age_years)
    return Detail(static, dynamic, expression, depth, share=share, pixels_per_mm=seen.pixels_per_mm), seen


def relief_seen(seen: Observation, network: ReliefNetwork | DetailNetwork, refined: bool = True) -> tuple[Maps, float]:
    """The displacement (HEIGHT, WIDTH) mm that a photo shows, mirrored where hidden; and how much of it to believe.

    refined: what the network finds is joined with the photo's light (explained_light.py); else it alone speaks.
    """
    share = resolved_share(seen)
    if share == 0.0:
        return np.zeros_like(seen.view.weight), 0.0
    scale = contrast(seen.channels[[0, 1, 2, 4]])
    channels = seen.channels.copy()
    channels[:3] /= scale
    found = np.clip(scale * network.displacement(channels), -LARGEST_MM, LARGEST_MM)
    mask = np.asarray(network.mask)
    trust = trusted(seen, mask)
    own = found * trust
    if refined:
        own = np.clip(explained(seen, own, trust) * mask, -LARGEST_MM, LARGEST_MM)
    if not lightens(seen, own, trust):
        return np.zeros_like(seen.weight), 0.0
    mirrored = MIRRORED * own[:, ::-1] * (1 - visible(seen.weight)) * mask
    return (share * (own + mirrored)).astype(np.float32), share


def lightens(seen: Observation, displacement: Maps, trust: Maps) -> bool:
    """Whether a relief leaves less of a photo's light unexplained than smooth skin does, on the whole."""
    down, across = np.gradient(displacement)
    missing = seen.channels[:3].mean(0) / 10
    left = missing - seen.channels[5] * across - seen.channels[6] * down
    return bool((trust * np.abs(left)).sum() < (trust * np.abs(missing)).sum())


def trusted(seen: Observation, mask: Maps) -> Maps:
    """How far a photo's light on each texel is believed to be skin's (HEIGHT, WIDTH) 0..1; mask: where detail lives."""
    return (visible(seen.weight) * skin_trust(seen, mask) * mask).astype(np.float32)


def visible(weight: Maps) -> Maps:
    """How far a texel's own photo is believed (HEIGHT, WIDTH) 0..1, soft towards what is hidden."""
    return gaussian_blur(_ramp(weight, (0.25, 0.75)), 2.5)


def skin_trust(seen: Observation, mask: Maps) -> Maps:
    """How far each texel is skin in fair light (HEIGHT, WIDTH) 0..1: not a beard, hair, glare or a hard shadow.

    mask: (HEIGHT, WIDTH), where detail may live.
    """
    weight = np.clip(seen.weight, 0, 1) * mask
    coarse = seen.channels[3] / 3
    astray = np.abs(coarse - np.median(coarse[weight > 0.5])) if (weight > 0.5).any() else coarse
    fine = seen.channels[:3].mean(0) / 10
    mass = np.maximum(gaussian_blur(weight, 7.0), 1e-3)
    rough = np.sqrt(np.maximum(gaussian_blur(fine**2 * weight, 7.0) / mass, 0))
    return gaussian_blur((1 - _ramp(astray, ASTRAY)) * (1 - _ramp(rough, HAIRY)), 2.0)


def resolved_share(seen: Observation) -> float:
    """How much of the detail the photo bears, 0..1: by its pixels a mm, and by how sharp these are."""
    resolved = float(_ramp(np.array(seen.pixels_per_mm), RESOLVED))
    return resolved * float(_ramp(np.array(sharpness(seen)), SHARP)) if resolved > 0 else 0.0


def sharpness(seen: Observation) -> float:
    """Energy of the photo's finest band on the skin over that of the next one: 0.25 to 0.5 for a sharp photo."""
    inside = seen.view.weight > 0.6
    if inside.sum() < 500:
        return 0.0
    fine = np.log(np.maximum(channels.mean(seen.colour), 4e-3))
    first, second, third = (gaussian_blur(fine, sigma) for sigma in (0.5, 1.0, 3.0))
    bands = [float(np.median(np.abs(band[inside]))) for band in (first - second, second - third)]
    return bands[0] / max(bands[1], 1e-6)


def _ramp(values: Array, ends: tuple[float, float]) -> Maps:
    """0 below the first end, 1 above the second, smooth between."""
    t = np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)
