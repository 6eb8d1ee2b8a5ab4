"""`facegpt eval identity`: is a person's neutral head nearer to itself in another photo than to other people's?

People of the studio whom no network was trained on, several photos of each: pose, expression, light, camera, what is
worn and held before the face differ. Each photo is fitted alone. Verification is the chance that two photos of one
person are nearer than two of different people (the area under the ROC curve), by the neutral head in mm after a
similarity and by the angle of the parameters; the true heads have 1. One photo more has a person smile where the first
one, alike in all else, is at rest: the neutral head should not move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.landmark_fit import landmark_solution
from facegpt.fitting.photo_fit import as_fit, refined_solution
from facegpt.metrics import vertex_error_mm
from facegpt.morphable.base import face_region
from facegpt.types import Array
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.protocols.person import same_person
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import head, whole_look
from facegpt_lab.evaluate.studio_pictures import SETTINGS, STUDIO_PX, look_at
from facegpt_lab.synthesis.studio.sample import photograph
from facegpt_lab.synthesis.studio.scene import PhotoScene, draw_scene

#: People, with --quick too; photos of each; how many pictures are tried until the face is found in so many.
PEOPLE, QUICK_PEOPLE, PHOTOS, TRIED = 40, 10, 3, 8
#: First picture of the first person, of seeds that nothing else uses.
SEED = 950_000_000
QUALITIES = ("fast", "balanced")
TARGETS = {"mm": 0.85, "parameters": 0.95, "smile": 0.6}
SMILE = {"mouthSmile": 0.8, "cheekSquint": 0.5, "mouthUpperUp": 0.25, "mouthDimple": 0.2}


@dataclass(frozen=True)
class Seen:
    """One person: by quality the identities (PHOTOS, I) of her photos, and (2, I) at rest and smiling."""

    photos: dict[str, Array]
    smile: dict[str, Array] | None


def fitted(scene: PhotoScene) -> dict[str, Array] | None:
    """The identity (I,) that each quality finds in the picture of a scene; None where the face is not found."""
    seen = look_at(photograph(scene, SETTINGS))
    if seen.detection is None:
        return None
    image, model = seen.photo.image, head()
    dense = whole_look(image, seen.detection)
    start = landmark_solution(model, seen.detection, (image.shape[1], image.shape[0]), None, dense)
    fits = {"fast": start.as_fit(), "balanced": as_fit(start, refined_solution(model, start, image))}
    return {name: np.asarray(fit.params.identity) for name, fit in fits.items()}


def with_expression(scene: PhotoScene, weights: dict[str, float]) -> PhotoScene:
    """The same scene from the front, nothing held before the face, with an expression of both sides."""
    expression = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, value in weights.items():
        for side in ("Left", "Right"):
            expression[ARKIT_NAMES.index(name + side)] = value
    return replace(scene, expression=expression, yaw_deg=0.3 * scene.yaw_deg, occluders=(), hat=None)


def see(person: int) -> Seen | None:
    """Photograph and fit one person; None where the face is found in too few pictures."""
    first = SEED + 100 * person
    known = draw_scene(first, SETTINGS.framing, STUDIO_PX)
    found = []
    for seed in range(first, first + TRIED):
        one = fitted(same_person(draw_scene(seed, SETTINGS.framing, STUDIO_PX), known))
        if one is not None:
            found.append(one)
        if len(found) == PHOTOS:
            break
    else:
        return None
    pair = [fitted(with_expression(known, weights)) for weights in ({}, SMILE)]
    smile = None
    if pair[0] is not None and pair[1] is not None:
        smile = {name: np.stack([one[name] for one in pair if one is not None]) for name in QUALITIES}
    return Seen({name: np.stack([one[name] for one in found]) for name in QUALITIES}, smile)


def apart_mm(shapes: Array, one: int, other: int) -> float:
    """RMS distance of two of the neutral faces (N, V, 3) after a similarity."""
    return float(np.sqrt((vertex_error_mm(shapes[one], shapes[other], scale=True) ** 2).mean()))


def auc(same: Array, different: Array) -> float:
    """The chance that a distance of `same` is smaller than one of `different`; equal ones count half."""
    gaps = np.asarray(different)[None] - np.asarray(same)[:, None]
    return float(((gaps > 0) + 0.5 * (gaps == 0)).mean())


def shapes_of(identities: Array) -> NDArray[np.float64]:
    """The neutral faces (N, V, 3) mm of identities (N, I), within 95 mm of the nose tip."""
    model, region = head(), face_region(head())
    basis = model.identity_basis[:, region].astype(np.float64)
    return np.asarray(model.mean_vertices[region] + np.tensordot(identities.astype(np.float64), basis, 1))


def rows(people: list[Seen], quality: str) -> list[Row]:
    """Verification by mm and by parameters, distances behind it, and what a smile moves."""
    stacked = np.concatenate([one.photos[quality] for one in people])
    who = np.repeat(np.arange(len(people)), PHOTOS)
    shapes, unit = shapes_of(stacked), stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-9)
    pairs = np.array(list(combinations(range(len(who)), 2)))
    alike = who[pairs[:, 0]] == who[pairs[:, 1]]
    mm = np.array([apart_mm(shapes, *pair) for pair in pairs])
    angle = -(unit[pairs[:, 0]] * unit[pairs[:, 1]]).sum(1)
    out = [
        figure(
            f"{quality}: verification AUC, neutral head in mm", auc(mm[alike], mm[~alike]), "1", at_least=TARGETS["mm"]
        ),
        figure(
            f"{quality}: verification AUC, parameters",
            auc(angle[alike], angle[~alike]),
            "1",
            at_least=TARGETS["parameters"],
        ),
        figure(f"{quality}: RMS between photos of one person (median)", float(np.median(mm[alike])), "mm"),
        figure(f"{quality}: RMS between two people (median)", float(np.median(mm[~alike])), "mm"),
    ]
    smiles = [one.smile[quality] for one in people if one.smile is not None]
    if smiles:
        moved = np.array([apart_mm(shapes_of(pair), 0, 1) for pair in smiles])
        name = f"{quality}: RMS that a smile moves the neutral head"
        out.append(figure(name, float(moved.mean()), "mm", at_most=TARGETS["smile"]))
        out += interval(name, lambda k: float(moved[k].mean()), len(moved), "mm")
    return out


def read_seen(told: dict[str, Any] | None) -> Seen | None:
    """Make a person of its JSON."""
    if told is None:
        return None
    photos, smile = (
        None if part is None else {name: np.asarray(value) for name, value in part.items()}
        for part in (told["photos"], told["smile"])
    )
    return Seen(photos or {}, smile)


def evaluate(quick: bool = False, workers: int | None = None) -> Report:
    """Run the protocol."""
    count = QUICK_PEOPLE if quick else PEOPLE
    found = in_processes(see, range(count), "people", workers, Kept("identity", read_seen))
    people = [one for one in found if one is not None]
    table = [row for quality in QUALITIES for row in rows(people, quality)] if len(people) > 1 else []
    data = f"{len(people)} people of our own model, {PHOTOS} rendered photos each in which the face is found"
    return Report(data, tuple(table))
