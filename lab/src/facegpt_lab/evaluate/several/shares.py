"""Heads from one to sixteen photos of people in photographed skin: share of the deviation given back, and mm.

Beside each number of photos stands what the single fits alone give, fused, without matching skin between photos. Two
kinds: people who keep still in one light, and people whose expression and light change from photo to photo. People of
`TUNING` chose settings of `facegpt.parallax`; those of `UNSEEN`, with other heads and other portraits' skin, did not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facegpt.data.images import Photo
from facegpt.fitting.landmark_fit import LandmarkSolution, landmark_solution, with_identity
from facegpt.fitting.photo_fit import refined_solution
from facegpt.fitting.several_photos import Said, fuse, joint_doubt, sight
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.several_photos import together
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, DensePoints
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.judges.scan import Surface, scan_to_mesh_mm
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Row, figure
from facegpt_lab.evaluate.several.photographed import YAWS_DEG, Photographed, photograph_person
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look

#: Seeds of people whose photos chose settings, of those that did not, and how many with --quick.
TUNING, UNSEEN, QUICK_PEOPLE = range(12), range(20, 28), 2
#: Sets of photos.
SETS = (3, 5, 16)
#: Share that so many photos should give back.
TARGETS = {1: 0.40, 3: 0.55, 5: 0.60, 16: 0.65}
#: Eye corners, nose base and mouth corners among the 68 points.
_MARKS = [36, 39, 42, 45, 33, 48, 54]


@dataclass(frozen=True)
class Given:
    """What one person's photos give: median mm of the face from the true surface, after a similarity.

    Attributes:
        mean: of the mean head. single: of each photo's own head. fused, matched: by number of photos, of the single
            fits fused and with the skin matched between photos; the key is a string, as JSON has it.
    """

    mean: float
    single: list[float]
    fused: dict[str, float]
    matched: dict[str, float]


def median_mm(person: Photographed, identity: Array) -> float:
    """Median distance in mm of the true face at rest from a head with this identity."""
    model = head()
    vertices = model.mean_vertices + np.tensordot(np.asarray(identity, np.float64), model.identity_basis, 1)
    outer = model.triangles[model.part == model.part_names.index("skin")]
    marks = model.embedding("ibug68")(vertices)[_MARKS]
    away = scan_to_mesh_mm(person.skin[::4], Surface(vertices, outer), person.marks68[_MARKS], marks, scale=True)
    return float(np.median(away))


@dataclass(frozen=True, eq=False)
class FittedAlone:
    """A person's photos, each fitted alone."""

    person: Photographed
    seen: list[SeenFace]
    starts: list[LandmarkSolution]
    said: list[Said]


@one_thread()
def given(job: tuple[int, bool, int]) -> Given | None:
    """Make the heads of person `job[0]`, who moves or not, from so many photos; None where a face is not found."""
    seed, moving, photos = job
    fitted = fitted_alone(photograph_person(seed, moving, YAWS_DEG[:photos]))
    return None if fitted is None else heads_of(fitted)


def fitted_alone(
    person: Photographed, told: Callable[[DensePoints], DensePoints] = lambda dense: dense
) -> FittedAlone | None:
    """Fit each photo alone, by what is told of the dense network's words; None where a face is not found."""
    model = head()
    seen: list[SeenFace] = []
    starts: list[LandmarkSolution] = []
    said: list[Said] = []
    for image in person.images:
        faces = detector().detect(image)
        if not faces:
            return None
        dense = told(whole_look(image, faces[0]))
        starts.append(landmark_solution(model, faces[0], (image.shape[1], image.shape[0]), None, dense))
        said.append(sight(starts[-1], refined_solution(model, starts[-1], image), model.sizes.identity))
        seen.append(SeenFace(Photo(image), faces[0], dense))
    return FittedAlone(person, seen, starts, said)


def heads_of(fitted: FittedAlone) -> Given:
    """The heads of each set of photos that there are, against the truth."""
    person, seen, starts, said, model = fitted.person, fitted.seen, fitted.starts, fitted.said, head()
    fused, matched = {}, {}
    for count in (one for one in SETS if one <= len(seen)):
        information = [one.information for one in said[:count]]
        identity, doubt = fuse(information, [one.identity for one in said[:count]]), joint_doubt(information)
        held = [with_identity(start, identity) for start in starts[:count]]
        agreed = together(model, seen[:count], [], [], held, identity, doubt)
        fused[str(count)] = median_mm(person, identity)
        matched[str(count)] = median_mm(person, agreed[0] if agreed else identity)
    single = [median_mm(person, one.identity) for one in said]
    return Given(median_mm(person, np.zeros(model.sizes.identity)), single, fused, matched)


def read_given(told: dict[str, Any] | None) -> Given | None:
    """What was found of one person, from its JSON."""
    return None if told is None else Given(**told)


def rows(kind: str, people: Sequence[Given]) -> list[Row]:
    """Sum up one kind of people."""
    mean, given_back = np.array([one.mean for one in people]), "share of the deviation given back"

    def share(name: str, mm: Array, target: float | None) -> list[Row]:
        return [
            figure(f"{kind}, {name}: {given_back}", 1 - mm.mean() / mean.mean(), "share", at_least=target),
            *interval(f"{kind}, {name}", lambda k: 1 - mm[k].mean() / mean[k].mean(), len(mm), "share"),
            figure(f"{kind}, {name}: median distance of the face", mm.mean(), "mm"),
        ]

    table = [figure(f"{kind}: median distance of the mean head", mean.mean(), "mm")]
    table += share("1 photo", np.array([np.mean(one.single) for one in people]), TARGETS[1])
    for count in (one for one in SETS if str(one) in people[0].matched):
        mm = np.array([one.matched[str(count)] for one in people])
        table += share(f"{count} photos", mm, TARGETS[count])
        table += share(f"{count} photos, skin not matched", np.array([one.fused[str(count)] for one in people]), None)
        worse = np.mean(mm > np.minimum(mean, [min(one.single[:count]) for one in people]))
        name = f"{kind}, {count} photos: people worse than the best single photo or the mean head"
        table.append(figure(name, float(worse), "share"))
    return table


def evaluate_kinds(quick: bool, workers: int | None) -> list[Row]:
    """Rows of both kinds."""
    table: list[Row] = []
    kinds = (("unseen, still", UNSEEN, False, 16), ("unseen, moving", UNSEEN, True, 5), ("tuning", TUNING, False, 5))
    for kind, people, moving, photos in kinds:
        jobs = [(seed, moving, photos) for seed in (people[:QUICK_PEOPLE] if quick else people)]
        kept: Kept[tuple[int, bool, int], Given | None] = Kept("person_photographed", read_given)
        found = [one for one in in_processes(given, jobs, f"people, {kind}", workers, kept) if one is not None]
        table += rows(f"photographed skin, {kind}", found) if found else []
    return table
