"""What a head may be given as: a Face, a folder or params.json saved before, or a photo in any form."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.data.saved_heads import check_not_written_only, holds_heads, saved_in
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel
from facegpt.types import FaceGPTError, ImageError

log = logging.getLogger("facegpt")

#: What stands for a head wherever one is asked for.
HeadSource = Face | ImageSource | Photo
#: The same of several at once.
HeadSources = HeadSource | list[Face] | tuple[Face, ...]
#: Photos of one person.
Photos = Sequence[ImageSource | Photo]


class SourceModel(Protocol):
    """What finding a head needs of a model: `facegpt.api.FaceGPT`."""

    @property
    def head(self) -> MorphableModel:
        """The head model."""

    def faces_in(self, image: ImageSource | Photo) -> list[Face]:
        """Make the heads of a photo, or find them again."""
        ...


def faces_of(model: SourceModel, source: HeadSource) -> list[Face]:
    """Heads of a source, the largest first: one or more.

    Raises:
        FaceGPTError: if there is nothing of that name, it is damaged, or a photo shows no face (ImageError).
    """
    if isinstance(source, Face):
        return [source]
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        if holds_heads(path):
            saved = saved_in(path) if path.is_dir() else [path]
            return [Face.load(one, model.head) for one in saved]
        check_not_written_only(path)
    faces = model.faces_in(source)
    if not faces:
        raise ImageError(f"no face was found in {called(source)}")
    return faces


def face_of(model: SourceModel, source: HeadSource, index: int | None = None) -> Face:
    """One head of a source: see `faces_of` and `chosen`."""
    return chosen(faces_of(model, source), source, index)


def faces_meant(model: SourceModel, source: HeadSources, index: int | None, of_all: bool) -> list[Face]:
    """The heads that something is asked about.

    Args:
        model: makes heads of photos.
        source: one head, a photo, or several Faces.
        index: of the one that is meant, 0 the largest.
        of_all: whether all of a photo are meant where no index is given; else the largest is.

    Raises:
        FaceGPTError: as `faces_of`, or if there is no face of that index.
    """
    if isinstance(source, (list, tuple)):
        return checked_faces(source)
    found = faces_of(model, source)
    return found if of_all and index is None else [chosen(found, source, index)]


def chosen(faces: Sequence[Face], source: HeadSource, index: int | None, option: str = "face_index=") -> Face:
    """The head of `index` (0 is the largest); without it the largest, and a warning if there are others.

    Args:
        faces: of the source, the largest first.
        source: what they were found in.
        index: which one, or None.
        option: how the user chooses another one, for the warning.

    Raises:
        FaceGPTError: if there is no face of that index.
    """
    count = len(faces)
    if index is None:
        if count > 1:
            others = "the other one" if count == 2 else f"the next (up to {count - 1})"
            log.warning(f"{called(source)} shows {count} faces and the largest was taken; {option}1 takes {others}")
        return faces[0]
    if not 0 <= index < count:
        has = "there is one face" if count == 1 else f"there are {count} faces"
        raise FaceGPTError(f"{has} in {called(source)}, counted from 0, the largest: there is no face {index}")
    return faces[index]


def checked_faces(faces: Sequence[object]) -> list[Face]:
    """Faces that were given as such, one or more. Raises FaceGPTError."""
    if not faces:
        raise FaceGPTError("there is no face to describe")
    for face in faces:
        if not isinstance(face, Face):
            raise FaceGPTError(f"a face is what reconstruct() and imagine() give, not a {type(face).__name__}")
    return [face for face in faces if isinstance(face, Face)]


def check_several(images: object) -> None:
    """Raises FaceGPTError if one path or the bytes of one file stand where several photos should."""
    if isinstance(images, (str, bytes, os.PathLike)):
        raise FaceGPTError("several photos are a list or a generator of them; a single one is for reconstruct()")


def photos_of(images: Photos) -> Iterator[Photo]:
    """Each of several photos, read when asked for. Raises FaceGPTError at once as `check_several`."""
    check_several(images)
    return map(photo_of, images)


def called(source: object) -> str:
    """What to call a source in a sentence."""
    if isinstance(source, Photo):
        source = source.path
    return f"'{os.fspath(source)}'" if isinstance(source, (str, os.PathLike)) else "the picture"
