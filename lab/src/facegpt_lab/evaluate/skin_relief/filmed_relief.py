"""How much of the light that changes between frames of a clip a relief of the skin could explain at all.

A person's frames lie upon each other in the window of the skin. What stays the same in all of them (marks) goes with
their mean. Of what is left, a relief explains what turned normals do in each frame's own light, to first order: a
part that stays and parts that move with the expression, fitted to half of the frames in closed form and judged on the
other half. So it is the best that any network could be taught by these frames.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.detail.observation import Observation
from facegpt.detail.skin_window import Maps

#: Blurs between which a fold is looked for, texels of 0.7 mm: widths of 1.5 to 6 mm.
BAND_TEXELS = (0.9, 4.3)
#: A texel counts that is seen in this share of the frames.
MOSTLY = 0.8
#: Frames lie in so many blocks of time, every other one of which teaches.
BLOCKS = 10
#: Weights of squared slopes that are tried; the best one on the frames that judge is told, in the relief's favour.
STIFFNESS = (0.1, 1.0, 10.0, 100.0)
STEPS = 40


@dataclass(frozen=True, eq=False)
class Frames:
    """One person's frames in the window of the skin.

    Attributes:
        light: (N, HEIGHT, WIDTH) log units of fine difference from the smooth head, 1.5 to 6 mm wide.
        across, down: (N, HEIGHT, WIDTH), by how much slopes change it (log units per mm a texel).
        motion: (N, J) what moves: 1 first, then the expression's main directions, of mean 0 and SD 1.
        where: (HEIGHT, WIDTH) skin that most frames show.
    """

    light: Maps
    across: Maps
    down: Maps
    motion: Maps
    where: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> Frames:
        """Some of the frames (N,)."""
        parts = (self.light, self.across, self.down, self.motion)
        return Frames(*(part[chosen] for part in parts), self.where)


@dataclass(frozen=True)
class Shares:
    """Shares of the variance between held-out frames (1: all).

    Attributes:
        relief: explained by the best relief. lasting: by one that does not move.
        repeated: by any picture that comes and goes with the expression and the turn of the head.
        noise: that two neighbouring frames differ in.
        spread: SD of what changes, log units. relit: SD over frames of the gains, over their RMS.
    """

    relief: float
    lasting: float
    repeated: float
    noise: float
    spread: float
    relit: float


def frames_of(seen: Iterable[Observation], mask: Maps, directions: int = 3) -> Frames:
    """Lay observations of one person upon each other. mask: (HEIGHT, WIDTH), where detail may live."""
    light, across, down, weight, weights = [], [], [], [], []
    for one in seen:
        channels, shown = one.channels, (one.weight > 0.5) & (mask > 0.5)
        light.append(banded(channels[:3].mean(0) / 10, shown.astype(np.float32)))
        across.append(channels[5])
        down.append(channels[6])
        weight.append(shown)
        weights.append(one.params.expression)
    motion = main_motion(np.array(weights, np.float32), directions)
    return Frames(*(np.array(p, np.float32) for p in (light, across, down, motion)), np.mean(weight, 0) > MOSTLY)


def banded(values: Maps, weight: Maps) -> Maps:
    """What of values (H, W) is as wide as folds, where there is weight (H, W)."""
    fine, wide = (
        gaussian_filter(values * weight, s) / np.maximum(gaussian_filter(weight, s), 1e-3) for s in BAND_TEXELS
    )
    return np.asarray((fine - wide) * (weight > 0), np.float32)


def main_motion(weights: Maps, directions: int) -> Maps:
    """1 and the main directions of expressions (N, 52), of SD 1: (N, 1 + directions)."""
    apart = weights - weights.mean(0)
    left, size, _ = np.linalg.svd(apart, full_matrices=False)
    moves = left[:, :directions] * np.sqrt(len(weights)) * (size[:directions] > 1e-3)
    return np.concatenate([np.ones((len(weights), 1)), moves], 1).astype(np.float32)


def shares(frames: Frames) -> Shares:
    """Fit to every other block of frames and judge on the others."""
    count = len(frames.light)
    taught = (np.arange(count) * BLOCKS // count) % 2 == 0
    first, second = frames.only(taught), frames.only(~taught)
    still = np.zeros_like(frames.motion)
    still[:, 0] = 1
    lasting = Frames(frames.light, frames.across, frames.down, still[:, :1], frames.where)
    inside = frames.where
    changes = (second.light - second.light.mean(0))[:, inside]
    steps = np.diff(frames.light[:, inside], axis=0)
    gains = np.stack([frames.across, frames.down])[:, :, inside]
    return Shares(
        max(explained_share(second, fitted(first, s)) for s in STIFFNESS),
        max(explained_share(lasting.only(~taught), fitted(lasting.only(taught), s)) for s in STIFFNESS),
        _repeated(first, second),
        float((steps**2).mean() / 2 / (changes**2).mean()),
        float(changes.std()),
        float(np.sqrt(gains.var(1).mean() / (gains**2).mean())),
    )


def explained_share(frames: Frames, relief: Maps) -> float:
    """The share of the variance between frames that a relief (J, HEIGHT, WIDTH) explains."""
    apart = frames.light - frames.light.mean(0)
    shaded = shading_of(frames, relief)
    left = apart - (shaded - shaded.mean(0))
    return float(1 - (left[:, frames.where] ** 2).mean() / (apart[:, frames.where] ** 2).mean())


def shading_of(frames: Frames, relief: Maps) -> Maps:
    """By how much a relief (J, HEIGHT, WIDTH) mm changes each frame's light (N, HEIGHT, WIDTH), log units."""
    moved = np.tensordot(frames.motion, relief, 1)
    return np.asarray(frames.across * _slope(moved, 2) + frames.down * _slope(moved, 1), np.float32)


def fitted(frames: Frames, stiffness: float) -> Maps:
    """The relief (J, HEIGHT, WIDTH) mm whose shading explains best how frames differ: conjugate gradients."""
    wanted = (frames.light - frames.light.mean(0)) * frames.where
    found = np.zeros((frames.motion.shape[1], *frames.where.shape), np.float32)
    residual = _back(frames, wanted)
    direction, size = residual.copy(), float((residual**2).sum())
    for _ in range(STEPS):
        shaded = shading_of(frames, direction)
        turned = _back(frames, (shaded - shaded.mean(0)) * frames.where)
        turned += stiffness * sum(_slope_adjoint(_slope(direction, axis), axis) for axis in (1, 2))
        step = size / max(float((direction * turned).sum()), 1e-12)
        found += step * direction
        residual = residual - step * turned
        new = float((residual**2).sum())
        direction, size = residual + new / max(size, 1e-12) * direction, new
    return found


def _back(frames: Frames, light: Maps) -> Maps:
    """Adjoint of the shading of frames around their mean."""
    light = light - light.mean(0)
    slopes = _slope_adjoint(frames.across * light, 2) + _slope_adjoint(frames.down * light, 1)
    return np.asarray(np.tensordot(frames.motion.T, slopes, 1), np.float32)


def _repeated(first: Frames, second: Frames) -> float:
    """The share that any picture explains which moves with the expression, texel by texel."""
    inside = first.where
    taught, judged = ((f.light - f.light.mean(0))[:, inside] for f in (first, second))
    moves, others = ((f.motion - f.motion.mean(0))[:, 1:] for f in (first, second))
    ridge = np.eye(moves.shape[1]) * 0.1 * len(moves)
    picture = np.linalg.solve(moves.T @ moves + ridge, moves.T @ taught)
    return float(1 - ((judged - others @ picture) ** 2).mean() / (judged**2).mean())


def _slope(values: Maps, axis: int) -> Maps:
    """Differences to the next texel along an axis of (N, H, W), 0 at the end."""
    out = np.zeros_like(values)
    inner = tuple(slice(0, -1) if k == axis else slice(None) for k in range(3))
    out[inner] = np.diff(values, axis=axis)
    return out


def _slope_adjoint(values: Maps, axis: int) -> Maps:
    kept, before = np.moveaxis(values, axis, 0), np.zeros_like(np.moveaxis(values, axis, 0))
    before[:-1] -= kept[:-1]
    before[1:] += kept[:-1]
    return np.asarray(np.moveaxis(before, 0, axis))
