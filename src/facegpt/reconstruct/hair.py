"""The hair of a reconstructed head: found in its photo, of a style that was asked for, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from facegpt.data.images import Photo
from facegpt.encode.parts import FaceParts
from facegpt.face import Face
from facegpt.hair.from_photo.found import hair_from_photo
from facegpt.hair.worn import grows_hair


class SeenInPhoto(Protocol):
    """A face of a photo (reconstruct/photo.py)."""

    @property
    def photo(self) -> Photo:
        """The photo."""

    @property
    def parts(self) -> FaceParts | None:
        """What each pixel around the face shows."""


def with_hair(face: Face, seen: SeenInPhoto, hair: str, quality: str) -> Face:
    """The same head with hair; as it was with "none", and for head models that grow none."""
    if hair == "none" or not grows_hair(face.model) or seen.parts is None:
        return face
    photo = seen.photo
    small = face.params.replace(camera=face.params.camera.scaled(photo.scale))
    found = hair_from_photo(photo.pixels, face.model, small, seen.parts, quality, hair)
    return replace(face, params=face.params.replace(hair=found.hair, worn=found.worn))
