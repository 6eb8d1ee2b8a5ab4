"""Straws, fingers and strands that lie across lips: what shows the colour of a thing beside them is no lip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.complete import Layers
from facegpt.appearance.prior import TexturePrior
from facegpt.appearance.unwrap import Unwrapped
from facegpt.render import channels
from facegpt.render.texel_grids import blur, wide_blur
from facegpt.types import Array

#: Share of a texel's weight that its likelihood as skin leaves, below which it shows a thing; how far beside lips
#: things are looked for, texels of the analysis grid; share of that neighbourhood from which one is believed.
THING, NEAR, ENOUGH = 0.1, 6.0, 0.08
#: Difference in hue up to which lips look like the thing beside them, log units (SD).
ALIKE = 0.5
#: How well texels are seen, and how surely they are lips, that tell of lips.
LIPS_SEEN, SURE_LIPS = 0.3, 0.7
#: Texels of lips below which nothing is told of them, and how far they go, log units.
FEWEST_LIPS, LIPS_MOST = 80, ((-0.9, 0.3), 0.9)
#: How far the hue of lips without lipstick goes, log units (length over R, G, B).
BARE_HUE = 0.25
#: How much darker, log units of RGB, lips are than what is read of them, by photos beside their heads.
LIPS_DARKER = np.array([0.18, 0.12, 0.17], np.float32)
#: Share of the lips that a thing covers, from which only those texels tell of lips that are likely this person's.
COVERED = 0.2


def things_on_lips(
    skin: Array, weight: Array, likely: Array, lips: NDArray[np.float32], bare: Array
) -> NDArray[np.float32]:
    """How sure it is, 0..1, that each texel (H, W) of the lips shows a thing that goes on over the skin beside them.

    Lipstick ends where lips do. A straw does not: skin beside lips that is unlike skin, and has the hue of the lips
    above it, is one thing with them.

    Args:
        skin: (H, W, 3) log of the delit photo.
        weight: (H, W) how well each texel is seen.
        likely: (H, W), the same where it is likely this person's skin.
        lips: (H, W) in 0..1.
        bare: (H, W) in 0..1, the face without beards.
    """
    thing = ((weight > 0.3) & (likely < THING * weight) & (lips == 0)).astype(np.float32) * bare
    rows, columns = (np.flatnonzero((lips > 0).any(axis)) for axis in (1, 0))
    if not len(rows) or not thing.any():
        return np.zeros_like(weight)
    reach = int(3 * NEAR)
    box = tuple(
        slice(max(int(line[0]) - reach, 0) // 4 * 4, (int(line[-1]) + reach) // 4 * 4) for line in (rows, columns)
    )
    hue = skin[box] - channels.mean(skin[box], keepdims=True)
    near = wide_blur(np.ascontiguousarray(thing[box][..., None]), NEAR)[..., 0]
    off = channels.total((hue - blur(hue, thing[box], NEAR)) ** 2)
    out = np.zeros_like(weight)
    out[box] = np.minimum(near / ENOUGH, 1) * np.exp(-off / (2 * ALIKE**2)) * (lips[box] > 0)
    return out


def weight_of_lips(
    skin: Array, weight: Array, likely: Array, lips: NDArray[np.float32], bare: Array
) -> NDArray[np.float32]:
    """How well each texel (H, W) tells of the lips' own colour; arguments as of `things_on_lips`."""
    things = things_on_lips(skin, weight, likely, lips, bare)
    seen = weight * lips
    doubt = min(float((things * seen).sum()) / max(float(seen.sum()), 1e-5) / COVERED, 1.0)
    return np.asarray((weight + doubt * (likely - weight)) * (1 - things), np.float32)


def lips_tone(residual: Array, weight: Array, lips: Array) -> NDArray[np.float32] | None:
    """How a photo's lips differ from the fitted model's, log units (3,); None where too little of them is seen.

    One tone for all of them: their rims, the line between them and teeth lie too near for more. Hue beyond what bare
    lips vary by is lipstick where their brighter half shows it too; else it is that of dark places, the line between
    lips and the shade of a moustache, where light has come through lips.

    Arguments on the analysis grid: residuals (H, W, 3) of the delit photo, how well they are seen (H, W), and where
    lips are (H, W).
    """
    seen = sure_lips(weight, lips)
    if seen.sum() < FEWEST_LIPS:
        return None
    told = residual[seen]
    level, tone = told.mean(1), np.median(told, axis=0)
    lit = np.median(told[level >= np.median(level)], axis=0)
    hue, lit_hue = tone - tone.mean(), lit - lit.mean()
    size = max(float(np.linalg.norm(hue)), 1e-6)
    agreed = np.clip(lit_hue @ hue / size**2, 0, 1)
    hue *= (min(size, BARE_HUE) + agreed * max(size - BARE_HUE, 0.0)) / size
    most = LIPS_MOST[1]
    return np.asarray(np.clip(tone.mean(), *LIPS_MOST[0]) + np.clip(hue, -most, most), np.float32)


def sure_lips(weight: Array, lips: Array) -> NDArray[np.bool_]:
    """Which texels (H, W) tell of lips: arguments as of `lips_tone`."""
    return np.asarray((weight > LIPS_SEEN) & (lips > SURE_LIPS))


def with_lips(
    layers: Layers, residual: Array, skin: Array, seen: Unwrapped, likely: Array, prior: TexturePrior
) -> Layers:
    """Layers whose lips have the photo's tone, and that alone at their inner edges: photos show wet teeth there.

    residual: (H, W, 3) log of the delit photo minus the fitted skin. skin: (H, W, 3) that log itself. likely: (H, W),
    the weight of `seen` where it is likely this person's skin.
    """
    shaven = prior.mask * (1 - prior.growth * seen.bearded)
    weight = weight_of_lips(skin, seen.weight, likely, prior.lips, shaven)
    tone = lips_tone(residual, weight, prior.lips)
    if tone is None:
        return layers
    tone = tone - LIPS_DARKER
    told = sure_lips(weight, prior.lips)  # their low band is drawn towards the skin beside them
    layers = layers.changed(prior.lips[..., None] * (tone - np.median(layers.under[told], axis=0)))
    layers = replace(layers, own=layers.own * (1 - prior.rim), mirrored=layers.mirrored * (1 - prior.rim))
    change = prior.lips * (1 - np.maximum(layers.own, layers.mirrored))
    under = layers.under + change[..., None] * (tone - layers.under)
    return replace(layers, under=under.astype(np.float32))
