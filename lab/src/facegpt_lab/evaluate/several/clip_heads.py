"""Heads from one, two and four clips of people in photographed skin, beside the head of one photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facegpt.face import Face
from facegpt.personal.build import build_avatar
from facegpt.personal.settings import PersonalizeSettings
from facegpt.runtime.atomic_files import make_folder
from facegpt.runtime.cache import cache_folder
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.judges.scan import Surface, scan_to_mesh_mm
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Row, figure
from facegpt_lab.evaluate.several.filmed import FilmedSkin, filmed_clip, filmed_skin
from facegpt_lab.evaluate.shared_networks import model

#: Seeds of people who chose no setting (0 to 3 did), frames of a clip, numbers of clips.
PEOPLE, FRAMES, COUNTS = range(20, 26), 40, (1, 2, 4)
#: By how much a head from so many clips should be nearer than one photo's, and how much further away more clips may
#: make somebody's: the noise of the measure, mm.
TARGETS, SAME_MM = {1: 0.40, 4: 0.50}, 0.01
#: Eye corners, nose base and mouth corners among the 68 points.
_MARKS = [36, 39, 42, 45, 33, 48, 54]


@dataclass(frozen=True)
class ClipHeads:
    """Mean distance in mm of a person's face at rest: of the mean head, of one photo's, and by number of clips."""

    mean: float
    photo: float
    clips: dict[str, float]


def heads_from_clips(seed: int) -> ClipHeads:
    """Make the heads of person `seed`. Raises FaceGPTError if no face is found in the first frame."""
    person, folder = filmed_skin(seed), make_folder(cache_folder() / "personalize" / "films")
    clips = [filmed_clip(person, number, FRAMES, folder) for number in range(max(COUNTS))]
    faces = model().reconstruct(sorted(clips[0].glob("*.png"))[0], detail="off")
    if not faces:
        raise FaceGPTError(f"no face was found in the first frame of '{clips[0]}'")
    found = {}
    for count in COUNTS:
        avatar = build_avatar(model(), clips[:count], PersonalizeSettings(name=f"skin {seed}"))
        found[str(count)] = _error_mm(person, avatar.face())
    return ClipHeads(_error_mm(person, model().mean_face()), _error_mm(person, faces[0]), found)


def _error_mm(person: FilmedSkin, face: Face) -> float:
    """Mean distance of the true face at rest from a head, after a similarity."""
    skin, marks = person.shape({})
    vertices = face.neutral().vertices("head")
    outer = face.model.triangles[face.model.part == face.model.part_names.index("skin")]
    own = face.model.embedding("ibug68")(vertices)[_MARKS]
    return float(scan_to_mesh_mm(skin[::4], Surface(vertices, outer), marks[_MARKS], own, scale=True).mean())


def read_clip_heads(told: dict[str, Any]) -> ClipHeads:
    """What was found of one person, from its JSON."""
    return ClipHeads(**told)


def rows(people: Sequence[ClipHeads]) -> list[Row]:
    """Sum up: mm, how much nearer than one photo's head, and whom more clips harm."""
    said, photo = "photographed skin", np.array([one.photo for one in people])
    table = [
        figure(f"{said}: neutral shape, mean head", float(np.mean([one.mean for one in people])), "mm"),
        figure(f"{said}: neutral shape, photo", photo.mean(), "mm"),
    ]
    before = None
    for count in COUNTS:
        mm = np.array([one.clips[str(count)] for one in people])
        table.append(figure(f"{said}: neutral shape, {count} clips", mm.mean(), "mm"))
        nearer = 1 - mm.mean() / photo.mean()
        table.append(
            figure(f"{said}: lower than from a photo, {count} clips", nearer, "share", at_least=TARGETS.get(count))
        )
        if before is not None:
            worse = float(np.mean(mm > before + SAME_MM))
            table.append(
                figure(f"{said}: people worse with {count} clips than with fewer", worse, "share", at_most=0.0)
            )
        before = mm if before is None else np.minimum(before, mm)
    return table


def evaluate_clip_heads(workers: int | None) -> list[Row]:
    """The rows of `PEOPLE`; minutes a person."""
    kept: Kept[int, ClipHeads] = Kept("personalize_filmed", read_clip_heads)
    return rows(in_processes(heads_from_clips, PEOPLE, "people in photographed skin", workers or 1, kept))
