"""`facegpt eval person`: one head from one, two and four photos of a person whose true head is known.

Twice: from made-up points (random people of our model, the detector's points with errors like the real one's, no
pixels), which says what fusing several views can give; and from pictures of the studio, through detector, dense
network and the fit of `reconstruct_person`, in which a person keeps shape, skin, eyes and hair, and all else (pose,
expression, light, camera, what is worn and held before the face) differs from photo to photo. Both are people of our
own model, so the prior is that of the people: no strangers, as in out_of_model.py. With the optional data there are
strangers, too: people of the ICT head in photographed skin (several/), from one, three and five photos.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.landmark_fit import LandmarkSolution, landmark_solution
from facegpt.fitting.several_photos import Sighting, fit_person, fuse, identity_information, joint_doubt
from facegpt.morphable.base import MorphableModel, face_region
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array, FaceGPTError, FaceParams
from facegpt_lab.evaluate.judges.known_shape import shapes_of
from facegpt_lab.evaluate.judges.made_up_points import SIZE_PX, noisy_detection, random_params
from facegpt_lab.evaluate.judges.paired import interval, mean_of_picks
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.several.ablation import PHOTOS as PARTS_PHOTOS
from facegpt_lab.evaluate.several.ablation import evaluate_parts
from facegpt_lab.evaluate.several.shares import evaluate_kinds
from facegpt_lab.evaluate.shared_networks import head, whole_look
from facegpt_lab.evaluate.studio_pictures import SETTINGS, STUDIO_PX, look_at
from facegpt_lab.synthesis.studio.sample import photograph
from facegpt_lab.synthesis.studio.scene import PhotoScene, draw_scene

#: People, and with --quick: of the made-up points, and of the studio.
POINT_PEOPLE, STUDIO_PEOPLE, QUICK_POINT_PEOPLE, QUICK_STUDIO_PEOPLE = 40, 40, 8, 4
#: Photos of a person that a head is made from, and how they are grouped: each photo is in one group of each size.
PHOTOS = 4
GROUPS: dict[int, tuple[tuple[int, ...], ...]] = {1: ((0,), (1,), (2,), (3,)), 2: ((0, 1), (2, 3)), 4: ((0, 1, 2, 3),)}
#: First picture of the first person, and how many pictures are tried until the face is found in enough of them.
STUDIO_SEED, TRIED = 940_000_000, 12
#: What four photos should reach, and gain over one: shares of the deviation from the mean head.
TARGETS = {"points": 0.55, "studio": 0.40}
TARGET_GAIN = 0.10


@dataclass(frozen=True)
class Recovered:
    """What so many photos gave of one person, means over the groups of so many photos.

    Attributes:
        share, metric_share: of the deviation from the mean head that is recovered; metric: a wrong size counts.
        error_mm: mean distance of the face's vertices after a similarity. deviation_mm: that of the mean head.
        surprise: mean square of the identity's errors over the SDs that are told: 1 if these are right.
    """

    share: float
    metric_share: float
    error_mm: float
    deviation_mm: float
    surprise: float


Person = dict[int, Recovered]


def compared(truth: FaceParams, identity_of: Callable[[Sequence[int]], tuple[Array, Array]]) -> Person:
    """A person's heads from 1, 2 and 4 photos against the truth; `identity_of` gives identity and SDs (I,) of some."""
    model = head()
    region, found = face_region(model), {}
    for count, groups in GROUPS.items():
        told = [identity_of(group) for group in groups]
        shapes = [shapes_of(model, truth, identity, region) for identity, _ in told]
        found[count] = Recovered(
            float(np.mean([one.share() for one in shapes])),
            float(np.mean([one.share(scale=False) for one in shapes])),
            float(np.mean([one.error_mm() for one in shapes])),
            shapes[0].deviation_mm(),
            float(np.mean([((identity - truth.identity) / sd) ** 2 for identity, sd in told])),
        )
    return found


# Without pixels


def views_of(model: MorphableModel, person: int) -> list[FaceParams]:
    """The views of one made-up person: expression, pose and camera differ."""
    views = [random_params(model, 40 * person + k) for k in range(PHOTOS)]
    return [view.replace(identity=views[0].identity) for view in views]


def from_points(person: int) -> Person:
    """Fit made-up detections of one person, alone and together."""
    model, views = head(), views_of(head(), person)
    fits = [
        landmark_solution(model, noisy_detection(model, view, 900 + 7 * k + person), (SIZE_PX, SIZE_PX))
        for k, view in enumerate(views)
    ]
    return compared(views[0], lambda group: fused([fits[k] for k in group], model.sizes.identity))


def fused(fits: Sequence[LandmarkSolution], count: int) -> tuple[Array, Array]:
    """The identity (I,) that fits of one person's photos agree on, as `fit_person` fuses them, and its SDs (I,)."""
    alone = [one.solution.state.theta[:count] for one in fits]
    information = [identity_information(f.solution.hessian, f.solution.state.theta, f.prior, count) for f in fits]
    identity = fuse(information, alone) if len(alone) > 1 else alone[0]
    return identity, np.sqrt(np.diag(joint_doubt(information)))


# In the studio


def same_person(scene: PhotoScene, person: PhotoScene) -> PhotoScene:
    """A scene with the person of another one in it: shape, skin, eyes and hair."""
    return replace(scene, identity=person.identity, skin=person.skin, eyes=person.eyes, hair=person.hair)


def from_pictures(person: int) -> Person | None:
    """Reconstruct one person of the studio from her photos; None where the face is found in too few of them."""
    model, first, sightings = head(), STUDIO_SEED + 100 * person, []
    truth, known = None, draw_scene(first, SETTINGS.framing, STUDIO_PX)
    for seed in range(first, first + TRIED):
        scene = same_person(draw_scene(seed, SETTINGS.framing, STUDIO_PX), known)
        seen = look_at(photograph(scene, SETTINGS))
        if seen.detection is None:
            continue
        image = seen.photo.image
        truth = truth or seen.photo.params
        sightings.append(Sighting(image, seen.detection, dense=whole_look(image, seen.detection)))
        if len(sightings) == PHOTOS:
            return compared(truth, lambda group: together(model, [sightings[k] for k in group]))
    return None


def together(model: MakeHumanHead, sightings: Sequence[Sighting]) -> tuple[Array, Array]:
    """The identity (I,) that `fit_person` finds, and its SDs (I,)."""
    fit = fit_person(model, sightings)[0]
    return fit.params.identity, np.asarray(fit.doubt.sd)


# Rows


def rows(name: str, people: Sequence[Person]) -> list[Row]:
    """Sum up one kind of photos: each number of photos, and what four give over one, with intervals over people."""
    out: list[Row] = []
    for count in GROUPS:
        said = f"{name}, {count} photo{'s' * (count > 1)}"
        target = TARGETS[name] if count == PHOTOS else None
        share, metric, error = (values(people, count, key) for key in ("share", "metric_share", "error_mm"))
        out += with_interval(f"{said}: recovered share of the deviation from the mean head", share, "share", target)
        out.append(figure(f"{said}: recovered share, no alignment of scale", metric.mean(), "share"))
        out += with_interval(f"{said}: vertex error within 95 mm of the nose tip", error, "mm", None)
        if count > 1:
            slower = error.mean() / values(people, 1, "error_mm").mean() * np.sqrt(count)
            out.append(figure(f"{said}: that over one photo's by the root of their number", slower, "ratio"))
        wrong = np.sqrt(values(people, count, "surprise").mean())
        out.append(figure(f"{said}: RMS of the identity's error over the SD that is told", wrong, "1"))
    out.append(figure(f"{name}: vertex error of the mean head", values(people, 1, "deviation_mm").mean(), "mm"))
    gain = values(people, PHOTOS, "share") - values(people, 1, "share")
    return out + with_interval(f"{name}: share gained by four photos over one", gain, "share", TARGET_GAIN)


def values(people: Sequence[Person], count: int, key: str) -> NDArray[np.float64]:
    """One figure of each person (N,), from so many photos."""
    return np.array([getattr(person[count], key) for person in people])


def with_interval(name: str, each: NDArray[np.float64], unit: str, at_least: float | None) -> list[Row]:
    """The mean over people with its 95 % interval."""
    return [
        figure(name, each.mean(), unit, at_least=at_least),
        *interval(name, mean_of_picks(each), len(each), unit),
    ]


def read_person(told: dict[str, Any] | None) -> Person | None:
    """What was found of one person, from its JSON."""
    return None if told is None else {int(count): Recovered(**one) for count, one in told.items()}


def evaluate(quick: bool = False, workers: int | None = None, ablate: bool | None = None) -> Report:
    """Recover people from one, two and four photos: shares of the deviation, errors in mm, and what more photos add.

    ablate: only what each kind of evidence adds to three photos, by leaving it out.

    Raises:
        FaceGPTError: with `ablate` if the optional data are not there.
    """
    if ablate:
        people, table = evaluate_parts(quick, workers)
        return Report(f"{people} people of ICT's in the skin of portraits, 512 px, {PARTS_PHOTOS} photos", tuple(table))
    return _evaluated(quick, workers)


def _evaluated(quick: bool, workers: int | None) -> Report:
    """The rows of all kinds of people."""
    counts = (QUICK_POINT_PEOPLE, QUICK_STUDIO_PEOPLE) if quick else (POINT_PEOPLE, STUDIO_PEOPLE)
    table: list[Row] = []
    for name, work, count in zip(TARGETS, (from_points, from_pictures), counts, strict=True):
        kept: Kept[int, Person | None] = Kept(f"person_{name}", read_person)
        found = [one for one in in_processes(work, range(count), f"people, {name}", workers, kept) if one is not None]
        table.append(figure(f"{name}: people whose face is found in {PHOTOS} photos", len(found) / count, "share"))
        table += rows(name, found) if found else []
    data = (
        f"points: {counts[0]} random people of our own model, {PHOTOS} views each, detector's points with made-up "
        f"errors; studio: {counts[1]} people of our own model, {PHOTOS} rendered photos each in which the face is found"
    )
    try:
        optional_data()
    except FaceGPTError:
        return Report(data, tuple(table))
    table += evaluate_kinds(quick, workers)
    return Report(f"{data}; photographed skin: ICT's people in the skin of portraits, 512 px, yaw to 30°", tuple(table))
