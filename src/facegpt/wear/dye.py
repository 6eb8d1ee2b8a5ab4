"""What of a photo's cloth is its dye: a few colours, found by how often they are seen.

Cloth hangs in folds that no headwear here has as a shape. Their light and shadow, painted and lit once more, look like
metal. A dye changes by steps to another one, or in a fine pattern; what changes slowly around a dye is light.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label, mean

from facegpt.render.scalar import KERNEL
from facegpt.types import Array

#: How far light makes one dye differ, SD of log colours: how bright it is, and its hue (sheen and coloured shadows).
BRIGHT_SD, HUE_SD = 0.5, 0.2
#: Dyes nearer than this (SDs) are one; the least share of the cloth that one has; how many there are at most.
APART, LEAST_SHARE, MOST_DYES = 2.0, 0.04, 5
#: What is smoother than this is light, texels of the picture down and around; and the share of it that stays.
FOLD_TEXELS, LEFT = (6.0, 3.0), 0.25
#: Linear colour that haze and glints add: logarithms of dark colours are unreliable below.
HAZE = 0.01
#: Light that stays of one dye at most, log: about ±10 L* of pale cloth.
MOST_LIGHT = 0.35
#: How far a lining reaches up from the edge, over what other cloth does; within how many SDs of another dye it is its
#: shade; SD of neighbourhoods of a lining, texels; the share from which one is, and their mean in its patches; how well
#: a place is seen that tells, and at least around it; squared SDs that rule a dye out.
SHALLOW, SHADE, LINED_TEXELS, LINED, PURE, HALF, LEAST_SEEN, NEVER = 0.5, 4.0, 4.0, 0.25, 0.6, 0.5, 0.01, 1e4
_STEPS, _STARTS = 12, 30


def unfolded(own: Array, weight: Array) -> Array:
    """A picture's colours (H, W, 3) linear with most of the light and shadow of its folds taken off.

    weight: (H, W) how well each texel is seen; the picture closes sideways. What is left of light around a dye, with
    its glints and creases, reaches little more than MOST_LIGHT; a print of another hue stays as it is.
    """
    logs = np.log(own + HAZE)
    dyes, lined = _dyes(logs, weight)
    if not len(dyes):
        return own
    apart = np.stack([squared_apart(logs, dye) for dye in dyes], -1)
    outside = ~_plain(_around(apart, weight, lined))
    apart[..., lined] += np.where(outside, NEVER, 0.0)[..., None]  # a dark fold of white cloth is no black lining
    near = np.exp(-0.5 * (apart - apart.min(-1, keepdims=True)))
    dye = near / near.sum(-1, keepdims=True) @ dyes
    hue = np.stack([squared_apart(logs, each, hue_only=True) for each in dyes], -1).min(-1)
    lit = np.exp(-0.5 * np.maximum(hue - APART**2, 0))
    known = np.clip(weight, 0, 1) * lit
    mode = "nearest", "wrap"
    mass = np.maximum(gaussian_filter(known, FOLD_TEXELS, mode=mode), 1e-3)
    off = [gaussian_filter((logs - dye)[..., k] * known, FOLD_TEXELS, mode=mode) / mass for k in range(3)]
    rest = logs - dye - (1 - LEFT) * np.stack(off, -1)
    bright = rest.mean(-1)
    rest += (lit * (MOST_LIGHT * np.tanh(bright / MOST_LIGHT) - bright))[..., None]
    return np.asarray(np.clip(np.exp(dye + rest) - HAZE, 0.002, 0.9))


def lining(logs: Array, weight: Array) -> Array:
    """Share (H, W) of a picture's places that are of a lining: of another cloth that is seen along the face alone.

    logs: (H, W, 3) log colours, from the pole down to the edge. weight: (H, W) how well each texel is seen.
    """
    dyes, lined = _dyes(logs, weight)
    if not lined.any():
        return np.zeros(weight.shape)
    share = _around(np.stack([squared_apart(logs, dye) for dye in dyes], -1), weight, lined)
    return np.where(_plain(share), share, 0.0)


def _plain(share: Array) -> NDArray[np.bool_]:
    """Patches (H, W) of a lining, by its share (H, W): those that are all of it, as dark folds of a scarf are not."""
    patch, count = label(share > LINED)
    means = np.asarray(mean(share, patch, np.arange(1, count + 1)))
    return np.concatenate([[False], means > PURE])[patch]


def _around(apart: Array, weight: Array, lined: NDArray[np.bool_]) -> Array:
    """Share (H, W) of what is seen around each texel whose dye is a lining; apart: (H, W, D) from each dye."""
    mode = "nearest", "wrap"
    mass = np.maximum(gaussian_filter(weight, LINED_TEXELS, mode=mode), LEAST_SEEN)
    return np.asarray(gaussian_filter(weight * lined[apart.argmin(-1)], LINED_TEXELS, mode=mode) / mass)


def _dyes(logs: Array, weight: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Dyes (D, 3) of a picture's log colours (H, W, 3), and which of them (D,) line other cloth.

    A lining shows along the face only. So does the shade in which cloth turns to the face: that is no dye.
    """
    few, seen = logs[3::6, 3::6], weight[3::6, 3::6]
    dyes = dyes_of(few.reshape(-1, 3), seen.ravel())
    if len(dyes) < 2:
        return dyes, np.zeros(len(dyes), bool)
    nearest = np.stack([squared_apart(few, dye) for dye in dyes]).argmin(0)
    known = seen > HALF
    above = (len(known) - 1) - np.arange(len(known))[:, None] + np.zeros(known.shape)
    reach = np.array([np.quantile(above[known & (nearest == k)], 0.8) if (known & (nearest == k)).any() else 0.0
                      for k in range(len(dyes))])  # fmt: skip
    lined = reach < SHALLOW * reach.max()
    shade = np.array([bool(line) and min(squared_apart(dye, other) for other in dyes[~lined]) < SHADE**2
                      for dye, line in zip(dyes, lined, strict=True)])  # fmt: skip
    return dyes[~shade], lined[~shade]


def dyes_of(logs: Array, weight: Array) -> Array:
    """Log colours (D, 3) that are seen most, the usual one first: the modes of logs (N, 3) by weight (N,)."""
    seen = weight > 0.5
    if not seen.any():
        return np.zeros((0, 3))
    told, share = logs[seen], weight[seen] / weight[seen].sum()
    places = told[np.linspace(0, len(told) - 1, min(_STARTS, len(told))).astype(int)]
    for _ in range(_STEPS):  # mean shift
        near = share * np.exp(-0.5 * squared_apart(places[:, None], told))
        places = near @ told / np.maximum(near.sum(1), 1e-12)[:, None]
    dense = (share * np.exp(-0.5 * squared_apart(places[:, None], told))).sum(1)
    apart = squared_apart(places[:, None], places) > APART**2
    found: list[int] = []
    for k in np.argsort(-dense):
        if apart[k, found].all():
            found.append(int(k))
    dyes = places[found[:MOST_DYES]]
    nearest = np.stack([squared_apart(told, dye) for dye in dyes]).argmin(0)
    shares = np.bincount(nearest, share, len(dyes))
    return np.asarray(dyes[shares >= min(LEAST_SHARE, shares.max())])


def squared_apart(one: Array, other: Array, hue_only: bool = False) -> Array:
    """Squared distances (...) of log colours (..., 3), in the SDs that light makes; hue_only: whatever their light.

    What a deep colour has little of tells no hue: cameras cut it off in the shade.
    """
    first, second = (np.ascontiguousarray(each, np.float64).reshape(-1, 3) for each in np.broadcast_arrays(one, other))
    out = np.empty(len(first))
    _write_apart(first, second, hue_only, out)
    return out.reshape(np.broadcast_shapes(np.shape(one), np.shape(other))[:-1])


@njit(**KERNEL)
def _write_apart(one, other, hue_only, out):  # type: ignore[no-untyped-def]
    """Write `squared_apart` of rows (N, 3) into (N,)."""
    for n in range(len(out)):
        most, its_most = max(one[n, 0], one[n, 1], one[n, 2]), max(other[n, 0], other[n, 1], other[n, 2])
        red = math.exp(min(one[n, 0] - most, other[n, 0] - its_most))
        green = math.exp(min(one[n, 1] - most, other[n, 1] - its_most))
        blue = math.exp(min(one[n, 2] - most, other[n, 2] - its_most))
        x, y, z = one[n, 0] - other[n, 0], one[n, 1] - other[n, 1], one[n, 2] - other[n, 2]
        bright = (red * x + green * y + blue * z) / (red + green + blue)
        square = red * (x - bright) ** 2 + green * (y - bright) ** 2 + blue * (z - bright) ** 2
        out[n] = square / HUE_SD**2 + (0.0 if hue_only else (bright / BRIGHT_SD) ** 2)
