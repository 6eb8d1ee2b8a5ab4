"""The shirt of a reconstructed head: plain, in the main colour of its photo's clothes or in the one asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facegpt.bust.colours import UNSEEN, shirt_like
from facegpt.face import Face
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.runtime.stages import stage
from facegpt.types import Worn
from facegpt.wear.clothes import shirt_from_photo


def check_shirt(shirt: str) -> None:
    """Raise FaceGPTError if `shirt` is neither "auto" nor "none" nor a colour."""
    if shirt not in ("auto", "none"):
        shirt_like(shirt)


@stage("shirt")
def with_shirt(face: Face, seen: SeenFace, shirt: str = "auto") -> Face:
    """The same head in the shirt asked for, or in one like its photo's clothes (none seen: the usual, told so)."""
    if shirt != "auto":
        return face.with_shirt(None if shirt == "none" else shirt)
    if seen.parts is None:
        return face
    small = face.params.replace(camera=face.params.camera.scaled(seen.photo.scale))
    dyed = shirt_from_photo(seen.levels, face.model, small, seen.parts)
    if dyed is not None:
        return replace(face, params=face.params.replace(shirt=dyed))
    worn = face.params.worn or Worn()
    said = worn if face.params.shirt is None else replace(worn, left_out=(*worn.left_out, UNSEEN))
    return replace(face, params=face.params.replace(worn=said))


def with_shared_shirt(views: list[Face], seen: Sequence[SeenFace], clearest: int) -> list[Face]:
    """Views of one person with one shirt: that of the clearest view."""
    dressed = with_shirt(views[clearest], seen[clearest])
    others = [replace(view, params=view.params.replace(shirt=dressed.params.shirt)) for view in views]
    return [*others[:clearest], dressed, *others[clearest + 1 :]]


def in_shirt(face: Face, color: str | None) -> Face:
    """A finished head of photos in a shirt of a color, or in none: what was said of the one before goes."""
    face, worn = face.with_shirt(color), face.params.worn or Worn()
    left_out, ignored = ([each for each in said if each != UNSEEN] for said in (worn.left_out, face.ignored))
    params = face.params.replace(worn=replace(worn, left_out=tuple(left_out)))
    return replace(face, ignored=ignored, params=params)
