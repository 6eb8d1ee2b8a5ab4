"""Photos of a conversation as they would look with what was changed: offered beside the heads."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from PIL import Image

from facegpt.data.provenance import marked_image
from facegpt.face import Face
from facegpt.language.dialogue.cast import Person
from facegpt.language.dialogue.messages import Reply
from facegpt.picture.editing import photo_in, redrawn
from facegpt.picture.prepare import prepare
from facegpt.reconstruct.photo import PhotoModel
from facegpt.types import FaceGPTError

log = logging.getLogger("facegpt")


def changed_photos(model: PhotoModel, answer: Reply) -> list[Image.Image]:
    """Each photo whose faces an answer shows changed, with all its people as they are now; [] where nothing differs.

    What a photo does not take (hair, glasses; docs/how-to/photo-edits.md) stays as photographed. A photo whose people
    were put back as it shows them is given as it is.

    Args:
        model: what `facegpt.load()` gives.
        answer: of a conversation.
    """
    if answer.cast is None:
        return []
    shown = {id(face) for face in answer.faces}
    people = [person for person in answer.cast.people if person.first.photo is not None]
    moved = [person for person in people if person.face is not person.first]
    if answer.cast.said.act == "back" and not moved:
        first = [person.first for person in people if id(person.face) in shown]
        return [Image.fromarray(face.photo) for face in _of_each_photo(first) if face.photo is not None]
    photos = dict.fromkeys(id(person.first.photo) for person in moved if id(person.face) in shown)
    pictures = [_together(model, [each for each in moved if id(each.first.photo) == photo]) for photo in photos]
    return [picture for picture in pictures if picture is not None]


def _of_each_photo(faces: Sequence[Face]) -> list[Face]:
    """The first face of each photo."""
    return list({id(face.photo): face for face in reversed(faces)}.values())


def changed_photo(model: PhotoModel, first: Face, face: Face) -> Image.Image | None:
    """The photo of a head as another state of that head looks in it; None where nothing differs."""
    changed = _changed(model, first, face)
    return None if changed is None else marked_image(changed[0])


def _together(model: PhotoModel, people: Sequence[Person]) -> Image.Image | None:
    """One photo with all of some people changed; None where that changes nothing in it."""
    out: np.ndarray | None = None
    for person in people:
        changed = _changed(model, person.first, person.face)
        if changed is not None:
            picture, mask = changed
            out = picture if out is None else np.where(mask[..., None] > 0, picture, out)
    return None if out is None else marked_image(out)


def _changed(model: PhotoModel, first: Face, face: Face) -> tuple[np.ndarray, np.ndarray] | None:
    """The photo of a head and the mask of what differs; None if nothing does, or it cannot be drawn."""
    try:
        changed = redrawn(prepare(model, photo_in(first), first), face, by_words=True)
    except FaceGPTError as error:
        log.warning("the photo is not changed: %s", error)
        return None
    return (changed.picture, changed.mask) if changed.mask.any() else None
