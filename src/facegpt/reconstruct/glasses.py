"""The glasses of a reconstructed head: found in its photo, of a frame that was asked for, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facegpt.face import Face
from facegpt.glasses.from_photo import FoundGlasses, common_glasses, glasses_from_photo
from facegpt.glasses.worn import SUNGLASSES, wears_glasses
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.runtime.stages import stage
from facegpt.types import Glasses


@stage("glasses")
def with_glasses(face: Face, seen: SeenFace, glasses: str) -> Face:
    """The same head with glasses; as it was with "none", for head models that wear none, and where none are sure.

    What `params.worn` says of glasses is set right by what was found.
    """
    found = _found(face, seen, glasses)
    return face if found is None else _wearing(face, found.look)


def with_shared_glasses(views: list[Face], seen: Sequence[SeenFace], glasses: str) -> list[Face]:
    """Views of one person, all with the same glasses: those of the photo that shows them best, if most photos do."""
    found = [_found(view, photo, glasses) for view, photo in zip(views, seen, strict=True)]
    looked = [one for one in found if one is not None]
    look = common_glasses(looked)
    return [_wearing(view, look) for view in views] if looked else views


def _found(face: Face, seen: SeenFace, glasses: str) -> FoundGlasses | None:
    """The glasses of a head's photo; None where nobody looks for any."""
    if glasses == "none" or not wears_glasses(face.model) or seen.parts is None:
        return None
    photo = seen.photo
    small = face.params.replace(camera=face.params.camera.scaled(photo.scale))
    return glasses_from_photo(seen.levels, face.model, small, seen.parts, glasses)


def _wearing(face: Face, look: Glasses | None) -> Face:
    worn = face.params.worn
    if worn is not None:
        kind = "none" if look is None else "dark" if look.darkness > SUNGLASSES else "clear"
        worn = replace(worn, glasses=kind)
    return replace(face, params=face.params.replace(glasses=look, worn=worn))
