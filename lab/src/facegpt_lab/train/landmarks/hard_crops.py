"""Training crops made hard: dark ones, ones with too much light, and ones of which up to half the face is covered.

They are made once, into a store of their own, so that the detector can look at them too: it errs more there, and a
network that was told otherwise would follow it where it is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.types import Array
from facegpt_lab.synthesis.studio.camera import blurred
from facegpt_lab.synthesis.studio.materials import OCCLUDER
from facegpt_lab.train.landmarks.crops import CELL, DETECTED_PX, STORED, CropStore, Labels, write_crops
from facegpt_lab.train.landmarks.detected_points import add_detected

#: Light that is left in dark crops, a share of the linear light; noise of a dark camera, grey levels of sRGB.
LEFT, NOISE_LEVELS = (0.003, 0.5), (0.0, 3.0)
#: Light of crops with too much of it, times the linear light; share of what is beyond white that spills over, and how
#: far (SD, px): a face before a bright wall loses its outline.
GAINED, SPILT, SPILT_PX = (1.3, 5.0), (0.0, 0.6), (1.0, 8.0)
#: A straight cover leaves this share of the face's box; a round one has this radius in the box's longer side.
LEFT_FREE, RADIUS = (0.35, 0.8), (0.22, 0.45)
#: Shares of hard crops that are dark, and that have too much light; the others are covered.
DARK, BRIGHT = 0.4, 0.2


def write_hard(store: CropStore, folder: Path, count: int, seed: int) -> CropStore:
    """Make `count` hard crops from a store's, once, and let the detector look at them.

    Args:
        store: crops of the studio. Each is used at most once.
        folder: of the new store; one that is complete is only opened.
        count: at most as many as the store has.
        seed: which crops, and what is done to them.
    """
    count = min(count, len(store))
    hard = write_crops(hard_samples(store, count, seed), folder, count)
    add_detected(hard, folder)
    return hard


def hard_samples(store: CropStore, count: int, seed: int) -> Iterator[Labels]:
    """Yield labels of crops, darkened or covered, without the detector's points."""
    rng = np.random.default_rng([seed, 6])
    chosen = rng.permutation(len(store))[:count]
    names = store.arrays.keys() - {DETECTED_PX}
    before = np.asarray(store.arrays["image"][chosen[-1]])
    for row in chosen:
        sample = {name: np.array(store.arrays[name][row]) for name in names}
        plain = sample["image"]
        kind = rng.random()
        if kind < DARK + BRIGHT:
            sample["image"] = (darkened if kind < DARK else overexposed)(plain, rng)
        else:
            covered(sample, before, rng)
        before = plain
        yield sample


def darkened(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Take light from a picture (H, W, 3) sRGB, as too short an exposure does: noise, then whole grey levels."""
    left = np.exp(rng.uniform(*np.log(LEFT)))
    srgb = linear_to_srgb(left * srgb_to_linear(image / 255.0)) * 255
    noise = rng.normal(0, rng.uniform(*NOISE_LEVELS), image.shape)
    return np.asarray(np.clip(np.round(srgb + noise), 0, 255), np.uint8)


def overexposed(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Give a picture (H, W, 3) sRGB more light than a camera holds; what is too much spills over to its neighbours."""
    linear = srgb_to_linear(image / 255.0) * np.exp(rng.uniform(*np.log(GAINED)))
    beyond = np.maximum(linear - 1.0, 0.0).astype(np.float32)
    linear = linear + rng.uniform(*SPILT) * blurred(beyond, rng.uniform(*SPILT_PX))
    return np.asarray(np.round(linear_to_srgb(np.clip(linear, 0.0, 1.0)) * 255), np.uint8)


def covered(sample: Labels, other: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Put something before a third or a half of the face: image, visible and parts change in place.

    Args:
        sample: one crop with its labels.
        other: another crop (S, S, 3), whose picture is one of the things that cover.
        rng: source of randomness.
    """
    mask = cover(sample["points_px"][:468], rng)
    sample["image"][mask] = cover_colours(other, rng)[mask]
    column, row = np.clip(np.round(sample["points_px"]), 0, STORED - 1).astype(int).T
    sample["visible"][mask[row, column]] = 0
    cells = STORED // CELL
    share = mask.reshape(cells, CELL, cells, CELL).mean((1, 3))
    sample["parts"][share > 0.5] = OCCLUDER


def cover(points: Array, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw the mask (S, S) of what covers a face of points (N, 2): one side of a line, a disc or a band."""
    place = np.stack(np.meshgrid(np.arange(STORED), np.arange(STORED)), -1).astype(np.float64)
    low, high = points.min(0), points.max(0)
    kind = rng.random()
    if kind < 0.3:
        middle = low + (high - low) * rng.uniform(0.2, 0.8, 2)
        return np.asarray(np.linalg.norm(place - middle, axis=2) < rng.uniform(*RADIUS) * (high - low).max())
    angle = rng.uniform(0, 2 * np.pi)
    # upright and level edges, as hands, books and half a face in the shade have them, are common
    angle = np.round(angle / (np.pi / 2)) * (np.pi / 2) + rng.normal(0, 0.15) if rng.random() < 0.5 else angle
    along = np.array([np.cos(angle), np.sin(angle)])
    first, last = np.quantile(points @ along, (0.01, 0.99))
    from_edge = place @ along - (first + (last - first) * rng.uniform(*LEFT_FREE))
    wide = np.inf if kind < 0.8 else rng.uniform(0.25, 0.45) * (last - first)
    return np.asarray((from_edge > 0) & (from_edge < wide))


def cover_colours(other: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw what a cover looks like, (S, S, 3): one colour, noise, stripes, or another crop's picture turned over."""
    kind, colour = rng.integers(5), rng.uniform(0, 255, 3) * rng.uniform(0.1, 1.0)
    if kind == 0:
        return other[::-1, :: rng.choice((-1, 1))]
    picture = np.broadcast_to(colour, other.shape)
    if kind == 1:
        picture = picture + rng.normal(0, rng.uniform(5, 50), other.shape)
    elif kind == 2:
        turn = rng.uniform(0, np.pi)
        y, x = np.mgrid[:STORED, :STORED]
        wave = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / rng.uniform(4, 40))
        picture = picture + wave[..., None] * rng.uniform(-90, 90, 3)
    return np.asarray(np.clip(np.round(picture), 0, 255), np.uint8)
