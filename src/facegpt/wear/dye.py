"""What of a photo's cloth is its dye: a few colours, found by how often they are seen.

Cloth hangs in folds that no headwear here has as a shape. Their light and shadow, painted and lit once more, look like
metal. A dye changes by steps to another one, or in a fine pattern; what changes slowly around a dye is light.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from facegpt.types import Array

#: How far light makes one dye differ, SD of log colours: how bright it is, and its hue (sheen and coloured shadows).
BRIGHT_SD, HUE_SD = 0.5, 0.2
#: Dyes nearer than this (SDs) are one; the least share of the cloth that one has; how many there are at most.
APART, LEAST_SHARE, MOST_DYES = 2.0, 0.04, 5
#: What is smoother than this is light, texels of the picture down and around; and the share of it that stays.
FOLD_TEXELS, LEFT = (6.0, 3.0), 0.25
#: Linear colour that haze and glints add: logarithms of dark colours are unreliable below.
HAZE = 0.01
_STEPS, _STARTS = 12, 30


def unfolded(own: Array, weight: Array) -> Array:
    """A picture's colours (H, W, 3) linear with most of the light and shadow of its folds taken off.

    weight: (H, W) how well each texel is seen; the picture closes sideways.
    """
    logs = np.log(own + HAZE)
    dyes = dyes_of(logs[3::6, 3::6].reshape(-1, 3), weight[3::6, 3::6].ravel())
    if not len(dyes):
        return own
    flat = logs.reshape(-1, 3)
    apart = np.stack([_apart(flat, dye) for dye in dyes], -1)
    near = np.exp(-0.5 * (apart - apart.min(-1, keepdims=True)))
    dye = (near / near.sum(-1, keepdims=True) @ dyes).reshape(logs.shape)
    known = np.clip(weight, 0, 1) * np.exp(-0.5 * np.maximum(apart.min(-1) - APART**2, 0)).reshape(weight.shape)
    mode = "nearest", "wrap"
    mass = np.maximum(gaussian_filter(known, FOLD_TEXELS, mode=mode), 1e-3)
    off = [gaussian_filter((logs - dye)[..., k] * known, FOLD_TEXELS, mode=mode) / mass for k in range(3)]
    return np.asarray(np.clip(np.exp(logs - (1 - LEFT) * np.stack(off, -1)) - HAZE, 0.002, 0.9))


def dyes_of(logs: Array, weight: Array) -> Array:
    """Log colours (D, 3) that are seen most, the usual one first: the modes of logs (N, 3) by weight (N,)."""
    seen = weight > 0.5
    if not seen.any():
        return np.zeros((0, 3))
    told, share = logs[seen], weight[seen] / weight[seen].sum()
    places = told[np.linspace(0, len(told) - 1, min(_STARTS, len(told))).astype(int)]
    for _ in range(_STEPS):  # mean shift
        near = share * np.exp(-0.5 * _apart(places[:, None], told))
        places = near @ told / np.maximum(near.sum(1), 1e-12)[:, None]
    dense = (share * np.exp(-0.5 * _apart(places[:, None], told))).sum(1)
    found: list[Array] = []
    for place in places[np.argsort(-dense)]:
        if all(_apart(place, other) > APART**2 for other in found):
            found.append(place)
    dyes = np.array(found[:MOST_DYES])
    nearest = np.stack([_apart(told, dye) for dye in dyes]).argmin(0)
    shares = np.bincount(nearest, share, len(dyes))
    return np.asarray(dyes[shares >= min(LEAST_SHARE, shares.max())])


def _apart(one: Array, other: Array) -> Array:
    """Squared distances (...) of log colours (..., 3), in the SDs that light makes.

    What a deep colour has little of tells no hue: cameras cut it off in the shade.
    """
    change = one - other
    told = np.minimum(*(np.exp(each - each.max(-1, keepdims=True)) for each in (one, other)))
    bright = (told * change).sum(-1) / told.sum(-1)
    hue = change - bright[..., None]
    return np.asarray((bright / BRIGHT_SD) ** 2 + (told * hue**2).sum(-1) / HUE_SD**2)
