"""The hair of a reconstructed head: found in its photo, of a style that was asked for, or none."""

from __future__ import annotations

from dataclasses import replace

from facegpt.face import Face
from facegpt.hair.from_photo.colour import GREYNESS
from facegpt.hair.from_photo.found import hair_from_photo
from facegpt.hair.painted import with_beard
from facegpt.hair.worn import grows_hair
from facegpt.morphable.makehuman.skin import usual_greyness
from facegpt.reconstruct.hair_brightness import as_bright_as_seen
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import Array, DensePoints, Hair

#: A beard is worn from this amount on: less is a shadow, or a doubt.
LEAST_BEARD = 0.25
#: How full beards of photos are, and how long, mm: that one is sure to be seen says nothing of its length.
FULL_BEARD, FULL_BEARD_MM = 0.85, 12.0


def with_hair(face: Face, seen: SeenFace, hair: str, quality: str, shown: Array | None = None) -> Face:
    """The same head with hair; as it was with "none", and for head models that grow none.

    shown: (S, S) how much of each texel of its skin is the photo's: beards go on where it shows nothing.
    """
    if hair == "none" or not grows_hair(face.model) or seen.parts is None:
        return face
    photo = seen.photo
    small = face.params.replace(camera=face.params.camera.scaled(photo.scale))
    found = hair_from_photo(seen.levels, face.model, small, seen.parts, quality, hair, _greyness(seen.dense))
    if found.hair is not None:
        found = replace(found, hair=bearded(found.hair, seen.dense))
    if found.hair is not None and face.photo_texture is not None and shown is not None:
        face = replace(face, photo_texture=with_beard(face.photo_texture, found.hair, shown))
    face = replace(face, params=face.params.replace(hair=found.hair, worn=found.worn))
    return face if found.hair is None or quality == "fast" else as_bright_as_seen(face, photo.pixels, seen.parts)


def _greyness(dense: DensePoints | None) -> float:
    """How likely a face has grey or white hair by the age that it looks; as people of any age where that is unknown."""
    belief = None if dense is None else dense.belief
    return GREYNESS if belief is None or belief.age_years is None else usual_greyness(belief.age_years)


def bearded(hair: Hair, dense: DensePoints | None) -> Hair:
    """The hair with as much of a beard as the face was seen to wear: painted skins have it, photos show their own."""
    belief = None if dense is None else dense.belief
    if belief is None or belief.beard is None or belief.beard < LEAST_BEARD:
        return hair
    mm = FULL_BEARD_MM if belief.beard >= FULL_BEARD else 0.0
    return replace(hair, beard=belief.beard, moustache=min(belief.beard, FULL_BEARD), beard_mm=mm)
