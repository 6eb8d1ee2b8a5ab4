"""The hair of a reconstructed head: found in its photos, of a style that was asked for, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facegpt.appearance.texture import retouched
from facegpt.face import Face
from facegpt.hair.bare_crown import without_roots
from facegpt.hair.from_photo.beards.seen import (
    BeardSeen,
    beard_seen,
    below_chin_mm,
    coloured_beard,
    is_salted,
)
from facegpt.hair.from_photo.beards.short import with_short_beard
from facegpt.hair.from_photo.beards.tone import TonedBeard, with_photo_tone
from facegpt.hair.from_photo.colour import mean_colour
from facegpt.hair.from_photo.drawn_hair import DrawnHead, compared, scaled, small_skin
from facegpt.hair.from_photo.found import FoundHair, hair_from_photo, hair_from_photos
from facegpt.hair.from_photo.locks_seen import EVEN, with_seen_locks
from facegpt.hair.from_photo.looks import HairPhoto, bearded, greyness_of
from facegpt.hair.from_photo.shaven_skin import with_shaven_skin
from facegpt.hair.from_photo.wearers import man_of
from facegpt.hair.painted import paints, with_beard
from facegpt.hair.presets import PRESETS
from facegpt.hair.worn import grows_hair
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.runtime.stages import stage
from facegpt.types import HAIR_UNTOLD, Array, FaceParams, Hair, SeenLocks, Worn

#: From which likelihood on hair that is drawn otherwise is said to be tied: of 195 CC0 pictures two are so likely, and
#: both are; from .5 on seven, of which two are. What is said.
TIED = 0.76
LOOSE = "The hair looks tied behind the head, and is drawn loose or cropped."

#: What is said of a head without hair whose photo does not show that it has none.
NO_HAIR = "No hair is drawn: the photo tells too little of it."


@stage("hair")
def with_hair(face: Face, seen: SeenFace, hair: str, quality: str, shown: Array | None = None) -> Face:
    """The same head with hair; as it was with "none", and for head models that grow none.

    shown: (S, S) how much of each texel of its skin is the photo's: beards go on where it shows nothing.
    """
    if hair == "none" or not grows_hair(face.model) or seen.parts is None:
        return face
    small = _small(face, seen)
    told = greyness_of(seen.dense), man_of(seen.dense)
    face = replace(face, man=told[1])
    found = hair_from_photo(seen.levels, face.model, small, seen.parts, quality, hair, *told)
    return _wearing(face, seen, found.hair, _with_doubts(found, "photo"), quality, shown)


def _with_doubts(found: FoundHair, source: str) -> Worn:
    """What is worn, with sentences where its kind of hair is in doubt and where tied hair is drawn loose.

    source: "photo" or "photos", what the hair was found in.
    """
    if found.hair is None:
        return replace(found.worn, left_out=(NO_HAIR,)) if found.worn.hair in HAIR_UNTOLD else found.worn
    preset, said = PRESETS[found.hair.style], []
    if found.in_doubt:
        tells = f"The {source} hardly tell{'s' * (source == 'photo')} which kind of hair is shown"
        said.append(f"{tells}: what is drawn is a guess ({preset.words[0]}).")
    if found.tied > TIED and preset.family != "gathered":
        said.append(LOOSE)
    return replace(found.worn, left_out=tuple(said))


def with_shared_hair(
    views: Sequence[Face],
    seen: Sequence[SeenFace],
    hair: str,
    quality: str,
    shown: Sequence[Array | None],
    clearest: int,
) -> list[Face]:
    """Views of one person, all with the same hair: that of all photos which show the hair of the clearest one.

    The others are of another day, or something covers the hair in them. Each view keeps its own skin.

    Args:
        views: the head in each photo.
        seen: what was seen of each.
        hair: as in `with_hair`.
        quality: as in `with_hair`.
        shown: as in `with_hair`, of each.
        clearest: number of the view that the head is taken from.
    """
    if hair == "none" or not grows_hair(views[0].model):
        return list(views)
    order = [clearest, *(k for k in range(len(views)) if k != clearest)]
    told = [(views[k], one, one.parts) for k in order if (one := seen[k]).parts is not None]
    photos = [
        HairPhoto(one.levels, _small(v, one), parts, greyness_of(one.dense), man_of(one.dense))
        for v, one, parts in told
        if parts
    ]
    if not photos:
        return list(views)
    found = hair_from_photos(views[0].model, photos, quality, hair)
    worn = _with_doubts(found, "photos")
    dressed = [
        _wearing(view, one, found.hair, worn, quality, share)
        for view, one, share in zip(views, seen, shown, strict=True)
    ]
    colours = [view.params.hair.colour for view in dressed if view.params.hair is not None]
    best = dressed[clearest].params.hair
    return [_coloured(view, colours, None if best is None else best.locks) for view in dressed]


def _small(face: Face, seen: SeenFace) -> FaceParams:
    """The parameters of a face in pixels of its photo as it is kept."""
    return face.params.replace(camera=face.params.camera.scaled(seen.photo.scale))


def _wearing(face: Face, seen: SeenFace, hair: Hair | None, worn: Worn, quality: str, shown: Array | None) -> Face:
    """The head with the hair that was found, as bright as its photo shows it, with the photo's beard."""
    beard = _beard(face, seen, quality)
    toned = _toned(face, seen)
    if toned is not None:
        face = replace(face, photo_texture=toned.texture)
    dark = None if beard is not None and beard.is_painted else toned  # short grey ones have a colour of their own
    if hair is None and beard is not None and beard.amount > 0:
        hair = Hair("bald", beard.albedo)
    if hair is not None:
        hair = bearded(hair, seen.told, beard)
        hair = hair if dark is None else dark.of_hair(hair)
    if hair is not None and face.photo_texture is not None and shown is not None:
        density = None if dark is None else dark.density
        face = replace(face, photo_texture=with_beard(face.model, face.photo_texture, hair, shown, density))
    if dark is not None and dark.colour is not None:
        own = hair or bearded(Hair("bald", dark.colour), seen.told, beard)
        grown = _with_short_beard(own, face, dark, seen)
        hair = hair if grown is own else grown
    face = _with_bare_crown(replace(face, params=face.params.replace(hair=hair, worn=worn)))
    if hair is None or hair.style == "bald" or quality == "fast" or seen.parts is None:
        return face
    with stage("brightness of hair"):
        skin = None if face.photo_texture is None else small_skin(face.photo_texture)
        half = replace(face, params=face.params.replace(hair=replace(hair, colour=scaled(hair, 0.5))))
        meshes = [replace(each, photo_texture=skin).mesh for each in ((face, half) if paints(hair) else (face,))]
        head = DrawnHead(face.model, face.params, meshes[0], face.renderer, meshes[1] if len(meshes) > 1 else None)
        drawn = compared(head, seen.photo.pixels, seen.parts, EVEN, seen.detection.points)
        greyness = greyness_of(seen.dense)
        bright = coloured_beard(with_seen_locks(head, hair, drawn, greyness), beard, greyness)
    return replace(face, params=face.params.replace(hair=bright))


def _with_short_beard(hair: Hair, face: Face, toned: TonedBeard, seen: SeenFace) -> Hair:
    """The hair whose dark beard stands off the skin; one with grey hairs has no one colour, and stays the photo's."""
    if seen.parts is None or is_salted(seen.levels, seen.parts, greyness_of(seen.dense)):
        return hair
    return with_short_beard(hair, face.model, toned, below_chin_mm(seen.levels, seen.parts))


def _with_bare_crown(face: Face) -> Face:
    """The head with no roots in the skin of a crown that went bald."""
    before = face.params.albedo
    after = without_roots(face.model, before, face.params.hair)
    if after is before:
        return face
    if face.photo_texture is None:
        return replace(face, params=face.params.replace(albedo=after))
    # The coefficients stay: the depth of the head's lines goes by them.
    return replace(face, photo_texture=retouched(face.photo_texture, face.model, before, after))


def _toned(face: Face, seen: SeenFace) -> TonedBeard | None:
    """The skin that shows the beard of its photo as dark as the photo does, and none where it is shaven."""
    belief = None if seen.told is None else seen.told.belief
    if face.photo_texture is None or seen.parts is None or belief is None or belief.beard is None:
        return None
    told = seen.photo.pixels, face.model, _small(face, seen), seen.parts, belief.beard
    skin = with_shaven_skin(face.photo_texture, face.model, belief.beard)
    return with_photo_tone(skin, *told, greyness_of(seen.dense))


def _beard(face: Face, seen: SeenFace, quality: str) -> BeardSeen | None:
    """The full beard that a photo shows; None for "fast", and where the reader of looks was not asked."""
    belief = None if seen.told is None else seen.told.belief
    if quality == "fast" or belief is None or belief.beard is None or seen.parts is None:
        return None
    return beard_seen(seen.levels, seen.parts, face.params.lighting, belief.beard, greyness_of(seen.dense))


def _coloured(view: Face, colours: Sequence[tuple[float, float, float]], locks: SeenLocks | None) -> Face:
    """The view with the mean of colours and these locks for its hair, if it has any."""
    hair = view.params.hair
    if hair is None:
        return view
    return replace(view, params=view.params.replace(hair=replace(hair, colour=mean_colour(colours), locks=locks)))
