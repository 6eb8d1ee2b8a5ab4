"""How a photo's locks differ from the mean colour of its hair, packed for parameters and read at places of a head.

The photo's view is kept as a small picture of logs of colour ratios with its projection. Hair that the photo cannot see
takes what lies in the same line of sight, smoothed, and locks there differ at random by as much as those that are seen.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from facegpt.detect.windows import read_bilinear
from facegpt.hair.photo_view import are_numbers, bytes_of, check_seen, is_size, text_of
from facegpt.types import Array, FaceGPTError, SeenLocks

#: Longest side of the picture, pixels; how much coarser its hues are.
SIDE, HUE_STEP = 112, 4
#: Ratios lie within these octaves of the mean: what is farther off is no pigment.
OCTAVES = 2.0
#: What is seen from the front of the head: smoothed over this share of the picture's side where it is not seen itself.
SMOOTHED = 0.1
#: Cosine of the head's outside to the photo's line of sight, from which strands are taken to be hidden, and to be seen:
#: hair stands off the crown, whose outside is up.
HIDDEN_TO_SEEN = (0.0, 0.25)
#: Locks brighter than this share of all are as bright as that: files multiply colours by no more than 1. And the
#: brightest mean albedo of a lock in any channel.
BRIGHTEST_LOCKS, BRIGHTEST = 0.98, 0.75


def packed(logs: Array) -> str:
    """Logs (h, w, 3) of ratios to the mean colour as text: tone finely, red and blue beside green coarsely."""
    tone = logs.mean(-1)
    hue = (logs - logs[..., 1:2])[..., [0, 2]]
    height, width = (-(-side // HUE_STEP) for side in tone.shape)
    padded = np.pad(hue, ((0, height * HUE_STEP - len(hue)), (0, width * HUE_STEP - hue.shape[1]), (0, 0)), "edge")
    coarse = padded.reshape(height, HUE_STEP, width, HUE_STEP, 2).mean((1, 3))
    limit = OCTAVES * np.log(2)
    planes = [np.round(127.5 * (1 + np.clip(plane / limit, -1, 1))).astype(np.uint8) for plane in (tone, coarse)]
    return text_of(b"".join(plane.tobytes() for plane in planes))


@lru_cache(maxsize=8)
def unpacked(locks: SeenLocks, source: str = "this hair") -> NDArray[np.float32]:
    """Logs (h, w, 3) of ratios to the mean colour; FaceGPTError, which names `source`, if they cannot be read."""
    height, width = locks.size
    rows, columns = -(-height // HUE_STEP), -(-width // HUE_STEP)
    size = height * width + 2 * rows * columns
    if (data := bytes_of(locks.picture, size)) is None:
        raise FaceGPTError(f"'{source}' is damaged: the picture of the hair's locks cannot be read")
    logs = (np.frombuffer(data, np.uint8).astype(np.float32) / 127.5 - 1) * np.float32(OCTAVES * np.log(2))
    tone, hue = logs[: height * width].reshape(height, width), logs[height * width :].reshape(rows, columns, 2)
    at = (np.indices((height, width)) + 0.5) / HUE_STEP - 0.5
    red, blue = (map_coordinates(hue[..., k], at, order=1, mode="nearest") for k in range(2))
    green = tone - (red + blue) / 3
    return np.stack([green + red, green, green + blue], -1)


def fainter(locks: SeenLocks, share: float) -> SeenLocks:
    """Locks that differ from the mean colour by a share (0..1) of what they did, in logs."""
    logs = share * unpacked(locks)
    return replace(locks, picture=packed(logs), spread=share * locks.spread)


def locks_from_json(content: object, source: str = "this hair") -> SeenLocks:
    """Read what `view_to_json` wrote. Raises FaceGPTError if it is something else; `source` names the file."""
    if not isinstance(content, dict) or content.keys() != {"picture", "size", "projection", "spread"}:
        raise FaceGPTError(f"'{source}' is damaged: the hair's locks do not hold what is known of them")
    picture, size, projection, spread = (content[name] for name in ("picture", "size", "projection", "spread"))
    right = is_size(size) and are_numbers(projection, 12) and are_numbers([spread], 1)
    if not isinstance(picture, str) or not right or not 0 <= spread <= 1:
        raise FaceGPTError(f"'{source}' is damaged: the hair's locks hold values that they cannot have")
    check_seen(projection, "the hair's locks are", source)
    locks = SeenLocks(picture, (size[0], size[1]), tuple(map(float, projection)), float(spread))
    unpacked(locks, source)
    return locks


def tint_of(locks: SeenLocks, places: Array, outward: Array, lock: NDArray[np.integer], seed: int = 0) -> Array:
    """Ratios (P, 3) to the mean colour at places (P, 3) mm of the head at rest.

    outward: (P, 3) unit, away from the head. lock: (P,) number of the lock that each belongs to. seed: of the groom.
    """
    logs = unpacked(locks)
    matrix = np.reshape(locks.projection, (3, 4))
    flat = np.asarray(places, np.float64) @ matrix[:, :3].T + matrix[:, 3]
    at = flat[:, :2] / np.maximum(flat[:, 2:], 1e-6)
    eye = -np.linalg.solve(matrix[:, :3], matrix[:, 3])
    sight = eye - places
    facing = (outward * sight).sum(1) / np.maximum(np.linalg.norm(sight, axis=1), 1e-6)
    low, high = HIDDEN_TO_SEEN
    share = np.clip((facing - low) / (high - low), 0, 1)
    share = (share * ((at >= -0.5) & (at <= np.array(locks.size[::-1]) - 0.5)).all(1))[:, None]
    smooth = gaussian_filter(logs, (SMOOTHED * len(logs), SMOOTHED * len(logs), 0), mode="nearest")
    own, hidden = np.split(read_bilinear(np.concatenate([logs, smooth], -1), at), 2, axis=1)
    chance = np.random.default_rng(seed + 5).standard_normal(int(lock.max(initial=0)) + 1)[lock]
    hidden = hidden + locks.spread * chance[:, None]
    return np.exp(share * own + (1 - share) * hidden).astype(np.float32)


def limited(ratios: Array, colour: float) -> tuple[NDArray[np.float32], float]:
    """Ratios (P, 3) of `tint_of` as factors of no more than 1, and what the hair's colour is to be multiplied by first.

    colour: the largest of the hair's mean colour.
    """
    brightest = min(float(np.quantile(ratios, BRIGHTEST_LOCKS)), max(BRIGHTEST / colour, 1.0))
    return (ratios / np.maximum(ratios.max(1, keepdims=True), brightest)).astype(np.float32), brightest
