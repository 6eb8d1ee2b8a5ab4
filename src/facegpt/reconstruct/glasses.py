"""The glasses of a reconstructed head: found in its photo, of a frame that was asked for, or none."""

from __future__ import annotations

from dataclasses import replace

from facegpt.face import Face
from facegpt.glasses.from_photo import glasses_from_photo
from facegpt.glasses.worn import SUNGLASSES, wears_glasses
from facegpt.reconstruct.hair import SeenInPhoto


def with_glasses(face: Face, seen: SeenInPhoto, glasses: str) -> Face:
    """The same head with glasses; as it was with "none", for head models that wear none, and where none are sure.

    What `params.worn` says of glasses is set right by what was found.
    """
    if glasses == "none" or not wears_glasses(face.model) or seen.parts is None:
        return face
    photo = seen.photo
    small = face.params.replace(camera=face.params.camera.scaled(photo.scale))
    look = glasses_from_photo(photo.pixels, face.model, small, seen.parts, glasses).look
    worn = face.params.worn
    if worn is not None:
        kind = "none" if look is None else "dark" if look.darkness > SUNGLASSES else "clear"
        worn = replace(worn, glasses=kind)
    return replace(face, params=face.params.replace(glasses=look, worn=worn))
