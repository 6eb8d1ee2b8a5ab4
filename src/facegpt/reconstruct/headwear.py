"""The headwear of a reconstructed head: the cloth that its photo shows, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facegpt.face import Face
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.runtime.stages import stage
from facegpt.types import FaceGPTError, Headwear
from facegpt.wear.from_photo import headwear_from_photo

#: What may be asked for.
CHOICES = ("auto", "none")


def check_headwear(headwear: str) -> None:
    """Raise FaceGPTError if `headwear` is neither "auto" nor "none"."""
    if headwear not in CHOICES:
        raise FaceGPTError(f"headwear is 'auto' or 'none', not '{headwear}'")


@stage("headwear")
def with_headwear(face: Face, seen: SeenFace, headwear: str) -> Face:
    """The same head with the headwear of its photo; as it was with "none", and where the photo shows none."""
    return face if headwear == "none" else _wearing(face, _found(face, seen))


def with_shared_headwear(views: list[Face], seen: Sequence[SeenFace], headwear: str, clearest: int) -> list[Face]:
    """Views of one person with one headwear: that of the clearest view, if each photo that tells shows some."""
    told = [view.params.worn for view in views if view.params.worn is not None]
    if headwear == "none" or not told or not all(worn.headwear for worn in told):
        return views
    look = _found(views[clearest], seen[clearest])
    return [_wearing(view, look) for view in views]


def _found(face: Face, seen: SeenFace) -> Headwear | None:
    """The headwear of a head's photo, where the look at its hair says that it wears some."""
    worn = face.params.worn
    if worn is None or not worn.headwear or seen.parts is None:
        return None
    small = face.params.replace(camera=face.params.camera.scaled(seen.photo.scale))
    return headwear_from_photo(seen.levels, face.model, small, seen.parts)


def _wearing(face: Face, look: Headwear | None) -> Face:
    """The head with headwear; what is said of hair that none is seen of says what hides it."""
    if look is None:
        return face
    params = face.params.replace(headwear=look)
    if (params.hair is None or params.hair.style == "bald") and params.worn is not None:
        covering = "a hood or scarf" if look.kind == "hood" else "a cap or hat"
        params = params.replace(worn=replace(params.worn, hair=f"none: below {covering}"))
    return replace(face, params=params)
