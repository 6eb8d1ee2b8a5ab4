"""`facegpt eval mirrors`: does a photo seen in a mirror give the head seen in a mirror?

Photos are the validation half of the optional data's photos and portraits. Heads are compared at rest, by the distance
of the skin's vertices in the head's own frame, and by the weights of their expressions with left and right exchanged.
About 8 s of one core a photo; photos that are done are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.data.images import read_image
from facegpt.face import Face
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.types import Array, FaceGPTError
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import model
from facegpt_lab.evaluate.validation_photos import identify, read_photo, some_validation_photos, validation_photos

QUALITIES = ("fast", "balanced")
QUICK_COUNT = 4
#: Heads agree within this much: the mean distance of the skin, mm, and the largest difference of a weight.
NEAR_MM, NEAR_WEIGHT = 0.2, 0.1
_SWAPPED = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]


@dataclass(frozen=True)
class Apart:
    """How far the heads of a photo and of its mirror image are apart, by quality: mm, and the largest weight."""

    name: str
    mm: dict[str, float]
    weight: dict[str, float]


def compare(job: tuple[str, int]) -> Apart | None:
    """Fit a photo and its mirror image; None where a face is found in neither."""
    photo = read_photo(job[0])
    pairs = {q: [_head(image, q) for image in (photo, np.ascontiguousarray(photo[:, ::-1]))] for q in QUALITIES}
    apart = {q: how_far(face, other) for q, (face, other) in pairs.items() if face is not None and other is not None}
    if not apart:
        return None
    return Apart(job[0], {q: mm for q, (mm, _) in apart.items()}, {q: weight for q, (_, weight) in apart.items()})


def _head(photo: NDArray[np.uint8], quality: str) -> Face | None:
    """The head of the largest face."""
    seen = next(iter(faces_seen(model(), read_image(photo))), None)
    try:
        return None if seen is None else bald_head(model(), seen, quality)[0]
    except FaceGPTError:
        return None


def how_far(face: Face, other: Face) -> tuple[float, float]:
    """How far a head and another's mirror image are apart: mean distance of the skin at rest, mm; largest weight."""
    head = face.model
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    mirrored = _at_rest(other)[head.mirror] * (-1, 1, 1)
    weights = np.abs(face.params.expression - other.params.expression[_SWAPPED])
    return float(np.linalg.norm(_at_rest(face) - mirrored, axis=1)[skin].mean()), float(weights.max())


def _at_rest(face: Face) -> Array:
    return face.neutral().vertices("head")


def rows(found: Sequence[Apart]) -> list[Row]:
    """The share of photos whose heads agree, by quality."""
    out = []
    for quality in QUALITIES:
        kept = [one for one in found if quality in one.mm]
        mm, weight = np.array([(one.mm[quality], one.weight[quality]) for one in kept]).reshape(-1, 2).T
        near, alike = float((mm <= NEAR_MM).mean()), float((weight <= NEAR_WEIGHT).mean())
        out += [
            figure(f"{quality}: neutral heads within {NEAR_MM} mm on average", near, "share", at_least=1.0),
            figure(f"{quality}: all weights within {NEAR_WEIGHT}", alike, "share", at_least=1.0),
            figure(f"{quality}: distance of neutral heads, median", float(np.median(mm)), "mm"),
        ]
    return out


def read_apart(told: dict[str, Any] | None) -> Apart | None:
    """Make what was compared of its JSON."""
    return None if told is None else Apart(**told)


def evaluate(quick: bool, workers: int | None = None) -> Report:
    """Fit photos and their mirror images."""
    jobs = some_validation_photos(QUICK_COUNT) if quick else validation_photos()
    compared = in_processes(compare, jobs, "photos", workers, Kept("mirrors", read_apart, identify))
    found = [one for one in compared if one is not None]
    return Report(f"{len(found)} photos and portraits of the validation half (CC0)", tuple(rows(found)))
