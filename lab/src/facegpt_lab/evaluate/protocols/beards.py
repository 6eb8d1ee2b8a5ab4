"""`facegpt eval beards`: how far a painted beard moves the head that is fitted to a photo.

Photos of women of the validation half, each fitted as it is and with a beard painted on it. The skull is the same, so
whatever the neutral head moves is an error; beside it stands how far two of these people differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting import fit_landmarks, fit_photo
from facegpt.metrics import vertex_error_mm
from facegpt.morphable.base import face_region
from facegpt.types import Array, FaceParams
from facegpt_lab.evaluate.judges.painted_beards import bearded
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.validation_photos import read_photo, validation_photos

QUICK_COUNT, QUALITIES = 6, ("fast", "balanced")


@dataclass(frozen=True)
class Pair:
    """One photo: identities (2, I) without and with the beard, by quality; and by how much the expression changed."""

    identity: dict[str, Array]
    expression: dict[str, float]


def fitted(picture: NDArray[np.uint8]) -> dict[str, FaceParams] | None:
    """Both qualities' heads of the largest face of a picture (H, W, 3); None where there is none."""
    faces = detector().detect(picture)
    if not faces:
        return None
    model, (height, width) = head(), picture.shape[:2]
    dense = whole_look(picture, faces[0])
    fast = fit_landmarks(model, faces[0], width, height, dense=dense)
    return {"fast": fast.params, "balanced": fit_photo(model, faces[0], picture, dense=dense).params}


def compare(name: str) -> Pair | None:
    """Fit one photo without and with a beard."""
    photo = read_photo(name)
    clean = fitted(photo)
    if clean is None:
        return None
    seed = int(name.split("_")[-1].split(".")[0])
    covered = fitted(bearded(photo, head(), clean["balanced"], seed))
    if covered is None:
        return None
    both = {quality: (clean[quality], covered[quality]) for quality in QUALITIES}
    return Pair(
        {quality: np.stack([one.identity for one in pair]) for quality, pair in both.items()},
        {quality: float(np.abs(pair[0].expression - pair[1].expression).sum()) for quality, pair in both.items()},
    )


def read_pair(told: dict[str, Any] | None) -> Pair | None:
    """Make a pair of its JSON."""
    if told is None:
        return None
    return Pair({key: np.asarray(value) for key, value in told["identity"].items()}, told["expression"])


def rows(pairs: list[Pair], quality: str) -> list[Row]:
    """How far beards move the neutral head, beside how far people differ (all after alignment by a similarity)."""
    model, region = head(), face_region(head())

    def shape(identity: Array) -> Array:
        return np.asarray(model.mean_vertices[region] + np.tensordot(identity, model.identity_basis[:, region], 1))

    def apart(one: Array, other: Array) -> float:
        return float(np.sqrt((vertex_error_mm(shape(one), shape(other), scale=True) ** 2).mean()))

    moved = np.array([apart(*pair.identity[quality]) for pair in pairs])
    people = float(
        np.median([apart(a.identity[quality][0], b.identity[quality][0]) for a, b in combinations(pairs, 2)])
    )
    name = f"{quality}: RMS that the beard moves the neutral head"
    return [
        figure(name, float(moved.mean()), "mm"),
        *interval(name, lambda k: float(moved[k].mean()), len(moved), "mm"),
        figure(f"{quality}: RMS between two of these people (median)", people, "mm"),
        figure(f"{quality}: moved by the beard over between people", float(moved.mean()) / people, "ratio"),
        figure(
            f"{quality}: change of all expression weights",
            float(np.mean([pair.expression[quality] for pair in pairs])),
            "sum",
        ),
    ]


def evaluate(quick: bool = False, workers: int | None = None) -> Report:
    """Run the protocol."""
    women = [name for name, _ in validation_photos() if "female_" in name]
    chosen = women[:QUICK_COUNT] if quick else women
    kept: Kept[str, Pair | None] = Kept("beards", read_pair)
    pairs = [pair for pair in in_processes(compare, chosen, "photos", workers, kept) if pair is not None]
    table = [row for quality in QUALITIES for row in rows(pairs, quality)] if len(pairs) > 1 else []
    return Report(f"{len(pairs)} portraits of women of the validation half, beards painted on them", tuple(table))
