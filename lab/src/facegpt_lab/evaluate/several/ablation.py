"""What each kind of evidence adds to a head from three photos: each is left out in turn.

People of the ICT head in photographed skin who chose no setting. "points": the single fits say nothing of the identity,
which their poses need all the same. "belief": what the networks believe of the identity from the look of the face.
"matches": the skin of the photos isn't compared, nor are their outlines. "outlines": contours of turned faces.
"folds": those against the face itself alone.
"places off the surface": places of the skin may lie off the head, so that no head needs to fit them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.landmark_fit import LandmarkSolution, with_identity
from facegpt.fitting.several_photos import Said, fuse, joint_doubt
from facegpt.parallax.adjust import AdjustSettings
from facegpt.parallax.person import PhotoOfPerson, agreement
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, DensePoints
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Row, figure
from facegpt_lab.evaluate.several.photographed import YAWS_DEG, photograph_person
from facegpt_lab.evaluate.several.shares import UNSEEN, FittedAlone, fitted_alone, median_mm
from facegpt_lab.evaluate.shared_networks import head

#: Photos of a person, and people with --quick.
PHOTOS, QUICK_PEOPLE = 3, 2
#: What is left out, by how the adjustment is told so; the others are left out of what it begins with.
SETTINGS = {
    "outlines": AdjustSettings(outline_points=0.0, fold_points=0.0),
    "folds": AdjustSettings(fold_points=0.0),
    "places off the surface": AdjustSettings(surface_mm=0.01),
}
PARTS = ("points", "belief", "matches", *SETTINGS)
WHOLE = "nothing"


@dataclass(frozen=True)
class LeftOut:
    """Median mm of a person's face from the true surface: of the mean head, and with each part left out, by name."""

    mean: float
    without: dict[str, float]


def unbelieved(dense: DensePoints) -> DensePoints:
    """What the dense network says without its words on the identity: as likely as anybody."""
    count = len(np.asarray(dense.identity))
    plain = np.zeros(count, np.float32), np.ones(count, np.float32)
    return replace(dense, identity=plain[0], identity_sd=plain[1], belief=None)


@one_thread()
def left_out(seed: int) -> LeftOut | None:
    """Make the heads of person `seed` with each part left out; None where a face is not found."""
    person = photograph_person(seed, False, YAWS_DEG[:PHOTOS])
    fitted, plain = fitted_alone(person), fitted_alone(person, unbelieved)
    if fitted is None or plain is None:
        return None
    count = head().sizes.identity
    without = {
        name: median_mm(person, identity_of(fitted, chosen)) for name, chosen in {WHOLE: None, **SETTINGS}.items()
    }
    without["belief"] = median_mm(person, identity_of(plain))
    without["matches"] = median_mm(person, _fused(fitted.said)[0])
    nothing = [Said(np.zeros(count), np.zeros((count, count)))] * len(fitted.said)
    without["points"] = median_mm(person, identity_of(replace(fitted, said=nothing)))
    return LeftOut(median_mm(person, np.zeros(count)), without)


def identity_of(fitted: FittedAlone, settings: AdjustSettings | None = None) -> NDArray[np.float64]:
    """The identity (I,) of all photos, where the skin that they share does not agree that of the single fits."""
    identity, doubt = _fused(fitted.said)
    photos = [
        _photo(one.photo.pixels, start, identity, one.dense)
        for one, start in zip(fitted.seen, fitted.starts, strict=True)
    ]
    found = agreement(head(), photos, identity, doubt, settings)
    return identity if found is None else found.identity


def _fused(said: Sequence[Said]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    information = [one.information for one in said]
    return fuse(information, [one.identity for one in said]), joint_doubt(information)


def _photo(
    image: NDArray[np.uint8], start: LandmarkSolution, identity: NDArray[np.float64], dense: DensePoints | None
) -> PhotoOfPerson:
    return PhotoOfPerson(image, with_identity(start, identity).as_fit().params, dense)


def read_left_out(told: dict[str, Any] | None) -> LeftOut | None:
    """What was found of one person, from its JSON."""
    return None if told is None else LeftOut(**told)


def rows(people: Sequence[LeftOut]) -> list[Row]:
    """The table: share of the deviation from the mean head given back without each part, and mm beside it."""
    table, mean = [], np.array([one.mean for one in people])
    whole = np.array([one.without[WHOLE] for one in people])
    for name in (WHOLE, *PARTS):
        mm = np.array([one.without[name] for one in people])
        said = f"{PHOTOS} photos, {name} left out"
        table.append(figure(f"{said}: share of the deviation given back", 1 - mm.mean() / mean.mean(), "share"))
        table.append(figure(f"{said}: median distance of the face", mm.mean(), "mm"))
        if name == WHOLE:
            continue
        more = mm - whole
        table.append(figure(f"{said}: further away than with all", more.mean(), "mm"))
        table += interval(f"{said}: further away", partial(_mean_of, more), len(more), "mm")
    return table


def _mean_of(values: Array, rows: NDArray[np.integer]) -> float:
    return float(values[rows].mean())


def evaluate_parts(quick: bool, workers: int | None) -> tuple[int, list[Row]]:
    """How many people there were, and the table."""
    kept: Kept[int, LeftOut | None] = Kept("person_ablation", read_left_out)
    found = in_processes(left_out, UNSEEN[:QUICK_PEOPLE] if quick else UNSEEN, "people", workers, kept)
    people = [one for one in found if one is not None]
    return len(people), rows(people) if people else []
