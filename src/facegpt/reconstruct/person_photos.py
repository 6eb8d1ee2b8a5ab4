"""Which photos of many show the person, and which of them a head is made from; few are in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from facegpt.data.images import Photo, read_image
from facegpt.describe.scene import face_sharpness
from facegpt.encode.face_chips import face_chip
from facegpt.encode.face_describer import face_describer
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.reconstruct import photo_choice as sentences
from facegpt.reconstruct.photo import PhotoModel, looked_at
from facegpt.reconstruct.photo_choice import spread_out
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.strangers import Stranger, other_people, strangers_among
from facegpt.types import Array, Detection, FaceGPTError

#: How often photos are chosen anew where some turn out to show somebody else.
ROUNDS = 3


@dataclass(frozen=True)
class OtherPhotos:
    """Photos that no view was made of, by their rows.

    Attributes:
        strangers: of somebody else. faceless: without a face. spare: more than are taken.
        crowds: row → how many faces it shows, of photos that show several; one of them was taken.
    """

    strangers: tuple[Stranger, ...] = ()
    faceless: tuple[int, ...] = ()
    spare: tuple[int, ...] = ()
    crowds: Mapping[int, int] = field(default_factory=dict)

    @property
    def rows(self) -> list[int]:
        """Of all of them."""
        return [*(one.row for one in self.strangers), *self.faceless, *self.spare, *self.crowds]

    def told(self, names: Sequence[str], used: int) -> list[str]:
        """Sentences on them. names: of all photos. used: how many have views."""
        return [
            *sentences.faceless([names[row] for row in self.faceless]),
            *other_people(names, self.strangers),
            *sentences.spare([names[row] for row in self.spare], used),
            *sentences.crowds([(names[row], count) for row, count in self.crowds.items()]),
        ]


@dataclass(frozen=True, eq=False)
class _Found:
    """One photo of the person: its row, how it is had, and her face in it with its `face_sharpness`."""

    row: int
    photo: Callable[[], Photo]
    face: Detection
    sharpness: float


@dataclass(frozen=True, eq=False)
class _Searched:
    """A photo in which faces were looked for: how it is had, the faces, and their `face_sharpness`."""

    photo: Callable[[], Photo]
    faces: list[Detection]
    sharpness: list[float]


def seen_person(
    model: PhotoModel, photos: Iterable[Photo], most: int | None
) -> tuple[list[int], list[SeenFace], OtherPhotos]:
    """The person in each photo that shows a face, or in at most so many of them.

    Of more photos than `most` those that come from files are let go and read again where they are chosen. In the place
    of photos that turn out to show somebody else, others are taken.

    Returns the rows of the photos, what was seen there, and what became of the other photos.

    Raises:
        FaceGPTError: if no photo shows a face.
    """
    searched = [_searched(model, photo, most, row) for row, photo in enumerate(photos)]
    if not any(one.faces for one in searched):
        raise FaceGPTError("none of the photos shows a face" if searched else "there is no photo of the person")
    people = _same_person(searched, model.device)
    looked: dict[int, SeenFace] = {}
    odd: dict[int, Stranger] = {}
    for _ in range(ROUNDS):
        left = [k for k in range(len(people)) if k not in odd]
        faces, sharp = [people[k].face for k in left], [people[k].sharpness for k in left]
        chosen = [left[k] for k in spread_out(faces, most or len(left), sharp)]
        looked |= {k: looked_at(model, people[k].photo(), people[k].face) for k in chosen if k not in looked}
        rows = sorted(looked)
        odd = {rows[one.row]: one for one in strangers_among([looked[k] for k in rows])}
        if not any(k in odd for k in chosen):
            break
    used = [k for k in chosen if k not in odd]
    told = OtherPhotos(
        tuple(Stranger(people[k].row, one.distance) for k, one in sorted(odd.items())),
        tuple(row for row, one in enumerate(searched) if not one.faces),
        tuple(one.row for k, one in enumerate(people) if k not in used and k not in odd),
        {people[k].row: count for k in used if (count := len(searched[people[k].row].faces)) > 1},
    )
    return [people[k].row for k in used], [looked[k] for k in used], told


def _searched(model: PhotoModel, photo: Photo, most: int | None, row: int) -> _Searched:
    """The faces of a photo; of the first `most` photos, and of those without a file, the pixels are kept."""
    faces = model.detector.detect(photo.pixels)
    sharpness = [face_sharpness(photo.pixels, face.box) for face in faces]
    again = most is not None and row >= most and photo.path is not None
    return _Searched(partial(read_image, photo.path) if again else lambda: photo, faces, sharpness)  # type: ignore[arg-type]


def _same_person(searched: Sequence[_Searched], device: str) -> list[_Found]:
    """One face of each photo with faces: the only one, or of several the most like those that are alone."""
    shown = [(row, one) for row, one in enumerate(searched) if one.faces]
    chosen = dict.fromkeys((row for row, _ in shown), 0)
    if any(len(one.faces) > 1 for _, one in shown):
        alone = [one for _, one in shown if len(one.faces) == 1] or [shown[0][1]]
        known = np.stack([_descriptor(one.photo(), one.faces[0], device) for one in alone])
        for row, one in shown:
            if len(one.faces) > 1:
                photo = one.photo()
                faces = np.stack([_descriptor(photo, face, device) for face in one.faces])
                chosen[row] = int(np.argmin(np.linalg.norm(faces[:, None] - known, axis=2).mean(1)))
    return [
        _Found(row, one.photo, one.faces[k], one.sharpness[k])
        for (row, one), k in zip(shown, chosen.values(), strict=True)
    ]


def _descriptor(photo: Photo, detection: Detection, device: str) -> Array:
    """The descriptor (128,) of a face."""
    points = detection.points[list(MEDIAPIPE_68), :2]
    return np.asarray(face_describer(device)(face_chip(photo.pixels, points)[None])[0])
