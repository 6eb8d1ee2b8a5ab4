"""What the networks say of eyes whose opening is known: `python -m lab.runs.fit.lids`.

Heads fitted to the training half of the photos and portraits are drawn over them with lids at random, each eye by
itself or both alike. The opening that a network reads there is a line of pieces over the true one (never falling,
smooth, Student-t errors). Of drawn half-shut eyes the networks see less than of real ones, whose folds and shadows the
head lacks: only TRUST of the correction is made, and none from the openings WIDE on, where heads with the photo's skin
came out staring; the rest of what is read counts as it is. Chosen on drawings of the photos, looked at. Prints
DETECTED and DENSELY of fitting/eye_opening.py. Needs FACEGPT_DATA; about 20 minutes of a core.
"""

from __future__ import annotations

import csv
import zlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from facegpt.api import load
from facegpt.conventions import ARKIT_NAMES
from facegpt.data.images import read_image
from facegpt.face import Face
from facegpt.fitting.eye_opening import LIDS, OPENING, narrowing, opening
from facegpt.fitting.landmark_fit import eye_visibility
from facegpt.morphable.base import head_vertices
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.types import Array, FaceParams
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.protocols.lids import square_of
from facegpt_lab.evaluate.shared_networks import detector, head, landmarker
from facegpt_lab.evaluate.validation_photos import read_photo

#: Drawings of each photo; eyes seen by less than this don't count; error from which an eye counts less; smoothness.
DRAWINGS, LEAST_SEEN, TAIL, SMOOTH = 3, 0.5, 0.03, 0.3
#: Share of the correction that narrow eyes need, the openings over which it goes, and what the dense network says of a
#: real opening, as a share of it.
TRUST, WIDE, DENSE_SHARE = 0.7, (0.25, 0.31), 0.86


def training_photos() -> list[str]:
    """Files of the training half, relative to the optional data."""
    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file) if row["split"] == "training"]


def with_lids(params: FaceParams, rng: np.random.Generator) -> FaceParams:
    """The same head with blink, squint and wide at random."""
    expression, alike = params.expression.copy(), rng.random() < 0.6
    for side in ("Left", "Right"):
        if side == "Left" or not alike:
            kind, blink, squint, wide = rng.random(), 0.0, 0.0, 0.0
            if kind < 0.2:
                blink = 1.0
            elif kind < 0.65:
                blink, squint = rng.uniform(0, 1), rng.uniform(0, 0.5) * (rng.random() < 0.5)
            elif kind < 0.85:
                squint = rng.uniform(0, 1)
            else:
                wide = rng.uniform(0, 0.7)
        for unit, weight in (("eyeBlink", blink), ("eyeSquint", squint), ("eyeWide", wide)):
            expression[ARKIT_NAMES.index(unit + side)] = weight
    return params.replace(expression=expression)


def openings(name: str) -> list[tuple[float, float, float]]:
    """Of each eye drawn over one photo: the true opening, the detector's and the dense network's, from the front."""
    model, rng, told = load(), np.random.default_rng(zlib.crc32(name.encode())), []
    seen = next(iter(faces_seen(model, read_image(read_photo(name)), quick=True)), None)
    if seen is None:
        return []
    face = bald_head(model, seen, "fast")[0]
    face = replace(face, photo_texture=face.texture)  # made once for all drawings
    rotation = np.asarray(face.params.pose.rotation, np.float64)
    narrow = narrowing(head().embedding("mediapipe478")(head().mean_vertices)[LIDS], rotation)
    for _ in range(DRAWINGS):
        other = replace(face, params=with_lids(face.params, rng))
        drawn, lids_px = _drawn(other, seen.photo.pixels, seen.detection.points)
        found = detector().detect(drawn)
        if found:
            points = (lids_px, found[0].points[LIDS, :2], landmarker().predict(drawn, found[0]).points_px[LIDS])
            read = np.stack([opening(np.asarray(one, np.float64), rotation) * narrow for one in points], 1)
            told += [tuple(row) for row in read[eye_visibility(rotation) > LEAST_SEEN]]
    return told


def _drawn(face: Face, photo: NDArray[np.uint8], points: Array) -> tuple[NDArray[np.uint8], Array]:
    """The head over its photo, and its lid points (32, 2) px there."""
    square, params = square_of(photo, points), face.params
    placed = params.pose.apply(head().embedding("mediapipe478")(head_vertices(head(), params))[LIDS])
    return square.drawn(face), square.camera(params.camera).project(placed)


def curve(true: Array, said: Array) -> Array:
    """What is said, on average, at each of OPENING."""
    knots = np.array(OPENING)
    place = np.clip(np.searchsorted(knots, true) - 1, 0, len(knots) - 2)
    share = np.clip((true - knots[place]) / (knots[place + 1] - knots[place]), 0.0, 1.0)
    rows = np.eye(len(knots))[place] * (1 - share)[:, None] + np.eye(len(knots))[place + 1] * share[:, None]
    rising, bends = np.tril(np.ones((len(knots), len(knots)))), np.diff(np.eye(len(knots)), 2, axis=0)
    weight, level = np.ones(len(true)), 0.1  # above the least that is said: no step is negative
    for _ in range(10):
        left = np.vstack([(rows @ rising) * weight[:, None], SMOOTH * bends @ rising])
        steps, _ = nnls(left, np.r_[(said + level) * weight, np.zeros(len(bends))])
        found = rising @ steps - level
        weight = 1 / np.sqrt(1 + ((said - rows @ found) / TAIL) ** 2)
    return np.asarray(found)


def for_real_eyes(said: Array, share: float) -> Array:
    """The curve of real eyes, of which a network says `share` of the opening but for its habits."""
    values = np.linspace(said[0], 1.15 * said[-1], 4000)
    read = np.interp(values, said, OPENING) * np.maximum(values / said[-1], 1.0)
    trust = np.interp(read, WIDE, (TRUST, 0.0))
    return np.interp(OPENING, np.maximum.accumulate(trust * read + (1 - trust) * values / share), values)


def main() -> None:
    """Draw, read and print."""
    true, detected, dense = np.array([row for name in training_photos() for row in openings(name)]).T
    print(f"{len(true)} eyes")
    for name, said, share in (("DETECTED", detected, 1.0), ("DENSELY", dense, DENSE_SHARE)):
        drawn = curve(true, said)
        print(f"{name}: drawn {np.round(drawn, 3).tolist()}, real {np.round(for_real_eyes(drawn, share), 3).tolist()}")


if __name__ == "__main__":
    main()
