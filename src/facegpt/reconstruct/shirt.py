"""The shirt of a reconstructed head: plain, in the main colour of its photo's clothes or in the one asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facegpt.bust.colours import shirt_like
from facegpt.face import Face
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.runtime.stages import stage
from facegpt.wear.clothes import shirt_from_photo


def check_shirt(shirt: str) -> None:
    """Raise FaceGPTError if `shirt` is neither "auto" nor "none" nor a colour."""
    if shirt not in ("auto", "none"):
        shirt_like(shirt)


@stage("shirt")
def with_shirt(face: Face, seen: SeenFace, shirt: str = "auto") -> Face:
    """The same head in the shirt asked for, or in one like its photo's clothes (if none are seen: the usual one)."""
    if shirt != "auto":
        return face.with_shirt(None if shirt == "none" else shirt)
    if seen.parts is None:
        return face
    small = face.params.replace(camera=face.params.camera.scaled(seen.photo.scale))
    dyed = shirt_from_photo(seen.levels, face.model, small, seen.parts)
    return face if dyed is None else replace(face, params=face.params.replace(shirt=dyed))


def with_shared_shirt(views: list[Face], seen: Sequence[SeenFace], clearest: int) -> list[Face]:
    """Views of one person with one shirt: that of the clearest view."""
    shirt = with_shirt(views[clearest], seen[clearest]).params.shirt
    return [replace(view, params=view.params.replace(shirt=shirt)) for view in views]
