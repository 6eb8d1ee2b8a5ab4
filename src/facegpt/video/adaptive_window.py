"""Smooth curves by local quadratic regression whose window adapts: wide where only noise moves, narrow at motion.

Around each frame a parabola, or in the end a line, is fitted to the frames near it, in windows of several widths. The
calmest is taken whose value agrees, within the noise, with those of all before it (Lepski 1990; Goldenshluger and
Nemirovski 1997). So a blink keeps its height and its frame, and a face at rest rests. How noisy each curve is, is read
off the clip itself: networks err alike in neighbouring frames, which no fit states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Half-width in frames and degree of each window, the calmest last; the first is the frame alone.
WINDOWS = ((0.0, 0), (1.6, 2), (2.4, 2), (3.4, 2), (4.8, 2), (6.4, 2), (8.0, 2), (6.4, 1), (8.0, 1))
#: Frames to either side that a window sees, and over which the choice of a window is eased.
REACH, EASED = 8, 2
#: Which window's residue tells the noise. Of |N(0, 1)| this quantile is QUIET_OF_NORMAL; motion hardly raises it.
HEARD, QUIET, QUIET_OF_NORMAL = 3, 0.4, 0.5244
#: A residue of less than this share of the least noise is a curve at rest; so many others tell the noise.
SAYS, FEWEST = 0.05, 8
#: How much larger than in the whole the noise may be for a while; which quantile of a window's residues tells it, and
#: that of |N(0, 1)|.
MOST_LOCAL, LOCAL_QUIET, LOCAL_OF_NORMAL = 5.0, 0.25, 0.3186
#: With fewer frames to one side than this a line is fitted instead of a parabola.
SIDED, STIFF = 2, 1e6


@dataclass(frozen=True)
class WindowSettings:
    """How the window is chosen.

    Attributes:
        agree: values of two windows differ by no more than so many SDs of their noise where only noise moves.
        correlation: of the noise of neighbouring frames, 0..1.
    """

    agree: float = 4.5
    correlation: float = 0.35


def window_weights(offsets: Floats, there: NDArray[np.bool_]) -> Floats:
    """Weights (S, N, W) that give the fitted curve's value in the middle of each of WINDOWS.

    Args:
        offsets: (N, W) time of each frame of a window from its middle, in frames.
        there: (N, W) which of them exist.
    """
    found = []
    for half, degree in WINDOWS:
        if half == 0:
            found.append((there & (np.abs(offsets) < 1e-6)).astype(float))
            continue
        share = np.clip(1 - (offsets / (half + 0.5)) ** 2, 0, None) ** 2 * there
        powers = np.stack([np.ones_like(offsets), offsets / half, (offsets / half) ** 2], -1)
        moments = np.einsum("nw,nwa,nwb->nab", share, powers, powers)
        before, after = ((share > 0) & (offsets < -1e-6)).sum(1), ((share > 0) & (offsets > 1e-6)).sum(1)
        moments[:, 1, 1] += 1e-9 + np.where(before + after < SIDED, STIFF, 0)
        moments[:, 2, 2] += 1e-9 + np.where((degree < 2) | (np.minimum(before, after) < SIDED), STIFF, 0)
        first = np.linalg.solve(moments, np.broadcast_to([[1.0], [0.0], [0.0]], (len(moments), 3, 1)))[..., 0]
        found.append(share * np.einsum("na,nwa->nw", first, powers))
    return np.stack(found)


def noise_after(weights: Floats, offsets: Floats, correlation: float) -> Floats:
    """SD (N,) of what weights (N, W) make of noise of SD 1 that is correlated from frame to frame."""
    like = correlation ** np.abs(offsets[:, :, None] - offsets[:, None, :])
    return np.sqrt(np.maximum(np.einsum("nw,nwv,nv->n", weights, like, weights), 1e-12))


def chosen_width(
    values: Floats, apart: Floats, noise: Floats, groups: Mapping[tuple[int, ...], float], settings: WindowSettings
) -> Floats:
    """Which window each curve takes in each frame, (N, C): a place in WINDOWS, eased over time.

    Args:
        values: (S, N, C) of each window.
        apart: (S, S, N) SD of the difference of two windows' values for noise of SD 1.
        noise: (N, C) SD of each curve's noise.
        groups: curves that take the same window, and their share of `settings.agree`; every curve is in one.
        settings: how.
    """
    count, names = len(WINDOWS), list(groups)
    member = np.zeros((values.shape[-1], len(names)))
    for k, group in enumerate(names):
        member[list(group), k] = 1
    mean = member / member.sum(0)
    curves, most = values / noise, (settings.agree * np.array(list(groups.values()))) ** 2
    agrees = np.ones((values.shape[1], len(names)), bool)
    place = np.zeros(agrees.shape)
    for wide in range(1, count):
        for narrow in range(wide):
            off = (curves[wide] - curves[narrow]) ** 2 @ mean
            agrees &= off <= most * apart[wide, narrow][:, None] ** 2
        place += agrees
    return _eased(place, EASED) @ member.T


def _eased(place: Floats, frames: int) -> Floats:
    """The narrowest of the neighbours, changing over some frames: (N, G)."""
    padded = np.pad(place, ((frames, frames), (0, 0)), mode="edge")
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * frames + 1, axis=0)
    return (near + np.abs(np.arange(-frames, frames + 1))).min(-1)


def blended(values: Floats, place: Floats) -> Floats:
    """Values (N, C) between those of the two windows (S, N, C) that a place (N, C) lies between."""
    low = np.minimum(place.astype(int), len(WINDOWS) - 2)
    rows, columns = np.indices(place.shape)
    share = place - low
    return (1 - share) * values[low, rows, columns] + share * values[low + 1, rows, columns]


def heard_noise(residue: Floats, left: Floats, least: Floats) -> Floats:
    """SD (C,) of noise by what a window leaves (N, C) of the curves; where a curve rests at a bound it says nothing.

    left: (N,) SD of what is left of noise of SD 1. least: (C,) below which none is believed.
    """
    size = np.abs(residue) / left[:, None]
    size = np.where(size > SAYS * least, size, np.nan)
    size[:, np.isfinite(size).sum(0) < FEWEST] = 0.0
    return np.maximum(np.nanquantile(size, QUIET, axis=0) / QUIET_OF_NORMAL, least)


def noise_around(residue: Floats, left: Floats, there: NDArray[np.bool_], steady: Floats) -> Floats:
    """SD (N, C) of noise in each frame: that of the whole, and more where all of a window's residues are larger.

    Networks shake more where a face is turned, covered or pulled. A blink is too short to count.

    Args:
        residue: (N, C) as in `heard_noise`.
        left: (N,) as in `heard_noise`.
        there: (N, W) frames of each window.
        steady: (C,) of the whole.
    """
    size = np.abs(residue) / left[:, None]
    reach = there.shape[1] // 2
    index = np.clip(np.arange(len(size))[:, None] + np.arange(-reach, reach + 1), 0, len(size) - 1)
    near = np.where(there[..., None], size[index], np.nan)
    local = np.nanquantile(near, LOCAL_QUIET, axis=1) / LOCAL_OF_NORMAL
    return np.clip(local, steady, MOST_LOCAL * steady)
