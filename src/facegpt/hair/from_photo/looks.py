"""What each of several photos shows of a person's hair: whether it tells anything, and which show the same hair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.cielab import lab_from_linear
from facegpt.detect.windows import Photo
from facegpt.encode.parts import FaceParts, map_crop
from facegpt.hair.from_photo.beards.seen import FULL_BEARD, BeardSeen
from facegpt.hair.from_photo.colour import GREYNESS, HairColour, hair_colour, mean_colour
from facegpt.hair.from_photo.density import Dense, seen_density
from facegpt.hair.from_photo.kinds.white_hair import with_white_hair
from facegpt.hair.from_photo.seen import EAR_TOP_MM, HairSeen, hair_seen
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.skin import usual_greyness
from facegpt.types import HAIR_UNTOLD, SEEN_BALD, DensePoints, FaceParams, Hair, Worn
from facegpt.wear.cloth_mask import cloth_mask, hair_not_hat
from facegpt.wear.from_photo import cloth_over_hair, kind_of

#: Shares of the seen scalp: with less hair a head is bald; with so much of neither skin nor hair it wears something,
#: unless more of it is hair, or less of it than the last share is a hat: of profiles the wall behind is seen there.
BALD, COVERED, LEAST_HAT = 0.10, 0.3, 0.1
#: A wreath of hair: shares of the whole seen scalp at most, of its sides at least, and by how much more; how low it
#: hangs at most, mm along the head's height.
BARE_CROWN, HAIRY_SIDES, SIDES_OVER_CROWN, WREATH_LOWEST_MM = 0.4, 0.4, 0.25, -20.0
#: How far hair stands over the outline of a crown, up to 50 degrees off straight up, from which on it is not bare, mm.
#: Short coils on a crown that is foreshortened to a rim show by little else: 7 and 12 mm, four bare crowns 0.
STANDS_ON_CROWN_MM = 4.0
#: Share of the seen scalp that is bare skin at least on a bald head: what is neither skin nor hair tells nothing.
LEAST_BARE = 0.4
#: Mean belief in the hair of such heads, below which it is shade on a shaven scalp: wreaths have .79 and more.
SHADE = 0.75
#: Faces below this many pixels show no style; from the second on a photo has its whole say.
SMALLEST_PX, CLEAR_PX = 24.0, 160.0
#: Share of the eyes' surroundings that says glasses, and dark ones.
GLASSES, DARK_GLASSES = 0.06, 0.45
#: Hair of two photos is not the same if it hangs farther in one by so much (log of mm), or is of another colour (ΔE).
OTHER_LENGTH, OTHER_COLOUR = 0.7, 30.0
#: What is added to how far hair hangs, mm, so that short hair differs by little.
SHORT_MM = 40.0

#: A beard is worn from this amount on: less is a shadow, or a doubt.
LEAST_BEARD = 0.25
#: How long full beards of photos are, mm.
FULL_BEARD_MM = 12.0


@dataclass(frozen=True, eq=False)
class HairPhoto:
    """One photo that hair is looked for in.

    Attributes:
        image: (H, W, 3) uint8 sRGB of params.camera. params: of the head that was fitted to it. parts: of the face.
        greyness: 0..1, how likely grey or white hair is at the age that the face looks. man: 0..1, how likely the face
            is a man's, or None.
    """

    image: NDArray[np.uint8] | Photo
    params: FaceParams
    parts: FaceParts
    greyness: float = GREYNESS
    man: float | None = None


@dataclass(frozen=True, eq=False)
class HairLook:
    """What one photo shows of the hair.

    Attributes:
        photo: as given. parts: of it, without a hat where that is none. seen: the hair. colour: None if too little of
            it is seen. worn: headwear and glasses. why_none: why a head gets no hair by it, in words; "" if it gets
            some. weight: how much say it has among several. dense: how dense it is; None where that is not told.
        white: whether it is cropped white hair that networks take for skin: its outline tells nothing.
    """

    photo: HairPhoto
    parts: FaceParts
    seen: HairSeen
    colour: HairColour | None
    worn: Worn
    why_none: str
    weight: float
    dense: Dense | None = None
    white: bool = False

    @property
    def tells(self) -> bool:
        """Whether it says what the hair is like, or that there is none."""
        if self.why_none in HAIR_UNTOLD:
            return False
        return not self.why_none or is_bald(self.seen)


def look_at(model: MorphableModel, photo: HairPhoto) -> HairLook:
    """Look at the hair of one photo."""
    parts = hair_not_hat(photo.image, photo.parts)
    whitened = with_white_hair(photo.image, model, photo.params, parts) if parts.false_hair else parts
    white, parts = whitened is not parts, whitened
    seen = hair_seen(model, photo.params, parts)
    over = "" if has_headwear(seen) else cloth_over_hair(photo.image, parts)
    if parts.doubted is not None and not has_headwear(seen) and not over:  # a hat here and there in the hair is none
        parts = parts.bareheaded()
        seen = hair_seen(model, photo.params, parts)
    dense = None
    if seen.face_px >= SMALLEST_PX and not is_bald(seen):
        dense = seen_density(photo.image, model, photo.params, parts, seen)
    thin = None if dense is None else (dense.alone, 1 - dense.density)
    colour = hair_colour(photo.image, parts, photo.params.lighting, seen.hair, photo.greyness, thin)
    worn = Worn(headwear=bool(over) or has_headwear(seen), glasses=_glasses(seen))
    hood = over == "around" or (worn.headwear and _is_hood(photo, parts))
    weight = float(np.clip(seen.face_px / CLEAR_PX, 0.05, 1.0))
    why = why_none(seen, colour, hood)
    if why == SEEN_BALD and parts.false_hair:  # its white hair may have gone with what was taken for hair
        why = HAIR_UNTOLD[0]
    return HairLook(photo, parts, seen, colour, worn, why, weight, dense, white)


def _is_hood(photo: HairPhoto, parts: FaceParts) -> bool:
    """Whether cloth hangs beside the lower face, as a turban's does not: hair is seen before it."""
    return kind_of(parts, cloth_mask(map_crop(photo.image, parts), parts)) == "hood"


def why_none(seen: HairSeen, colour: HairColour | None, hood: bool = False) -> str:
    """Why a head gets no hair, in words; empty if it gets some. hood: whether cloth lies beside its face as well."""
    if seen.face_px < SMALLEST_PX:
        return HAIR_UNTOLD[1]
    if hood or (has_headwear(seen) and colour is None):
        return "none: headwear covers it"
    if is_bald(seen):
        return SEEN_BALD
    return HAIR_UNTOLD[0] if colour is None else ""


def has_headwear(seen: HairSeen) -> bool:
    """Whether something that is neither skin nor hair covers the head."""
    return seen.covered > max(COVERED, seen.rooted) and seen.hatted > LEAST_HAT


def is_bald(seen: HairSeen) -> bool:
    """Whether the scalp is seen, and bare: most of what tells of it is skin."""
    if 1 - seen.covered < LEAST_BARE + seen.rooted and seen.rooted > BALD:
        return False
    scarce = seen.rooted < (BARE_CROWN if is_shade(seen) else BALD)
    return scarce and not has_headwear(seen) and not _only_at_sides(seen)


def is_shade(seen: HairSeen) -> bool:
    """Whether what is seen of hair is hardly believed anywhere, as the shaded side of a shaven head."""
    mask = seen.mask
    return bool(mask.any()) and float(seen.hair[mask].mean()) < SHADE


def is_wreath(seen: HairSeen) -> bool:
    """Whether the crown is seen bare with short hair at the sides and behind; a crown that is cut off tells nothing."""
    return bool(np.isfinite(seen.over_mm[:2]).any()) and _only_at_sides(seen)


def _only_at_sides(seen: HairSeen) -> bool:
    """Whether short hair is seen at the sides and behind, and hardly any above."""
    lowest = min((low for low in seen.lowest_mm if np.isfinite(low)), default=0.0)
    short = lowest > WREATH_LOWEST_MM and not seen.cut
    bare = seen.rooted < BARE_CROWN and not has_headwear(seen) and not is_shade(seen) and not _stands_on_crown(seen)
    return short and bare and seen.rooted_side > max(HAIRY_SIDES, seen.rooted + SIDES_OVER_CROWN)


def _stands_on_crown(seen: HairSeen) -> bool:
    """Whether hair stands over the outline of the crown; what the photo cuts off tells nothing."""
    return float(np.nan_to_num(seen.over_mm[:2]).max()) > STANDS_ON_CROWN_MM


def alike(one: HairLook, other: HairLook) -> bool:
    """Whether two photos may show the same hair: of one colour and length; hair that is cut off may be longer."""
    if one is other:
        return True
    if one.colour is not None and other.colour is not None:
        apart = lab_from_linear(np.array(one.colour.albedo)) - lab_from_linear(np.array(other.colour.albedo))
        if np.linalg.norm(apart) > OTHER_COLOUR:
            return False
    longer = float(np.log(_least_mm(one.seen) / _least_mm(other.seen)))
    return (longer < OTHER_LENGTH or other.seen.cut) and (longer > -OTHER_LENGTH or one.seen.cut)


def _least_mm(seen: HairSeen) -> float:
    """How far hair hangs at least, mm, a little more so that short hair differs by little."""
    return (
        max(EAR_TOP_MM - min((low for low in seen.lowest_mm if np.isfinite(low)), default=EAR_TOP_MM), 0.0) + SHORT_MM
    )


def shown_colour(looks: Sequence[HairLook]) -> tuple[float, float, float]:
    """The mean hair colour (3,), linear RGB, weighted over one person's photos; the usual one if none shows it."""
    told = [(one.colour.albedo, one.weight) for one in looks if one.colour is not None]
    return mean_colour(*zip(*told, strict=True)) if told else Hair().colour


def greyness_of(dense: DensePoints | None) -> float:
    """How likely a face has grey or white hair by the age that it looks; as people of any age where that is unknown."""
    belief = None if dense is None else dense.belief
    return GREYNESS if belief is None or belief.age_years is None else usual_greyness(belief.age_years)


def bearded(hair: Hair, dense: DensePoints | None, shown: BeardSeen | None = None) -> Hair:
    """The hair with as much of a beard as the face was seen to wear: painted skins have it, photos show their own.

    shown: the beard of its photo, which grows as hair where it is long enough, and is painted where it is short.
    """
    if shown is not None and shown.mm > 0:
        hair = replace(hair, beard=shown.amount, beard_mm=shown.mm, beard_shape=shown.shape)
        return replace(hair, moustache=FULL_BEARD)
    belief = None if dense is None else dense.belief
    looked = 0.0 if belief is None or belief.beard is None else belief.beard
    if shown is not None:
        looked = max(looked, shown.least)
    if shown is not None and shown.amount > looked:
        short = replace(hair, beard_shape=shown.shape, beard_colour=shown.albedo)
        return replace(short, beard=shown.amount, moustache=shown.amount)
    if looked < LEAST_BEARD:
        return hair
    mm = FULL_BEARD_MM if looked >= FULL_BEARD else 0.0
    shape = "full" if shown is None else shown.shape
    return replace(hair, beard=looked, moustache=min(looked, FULL_BEARD), beard_mm=mm, beard_shape=shape)


def _glasses(seen: HairSeen) -> str:
    return "dark" if seen.glasses > DARK_GLASSES else "clear" if seen.glasses > GLASSES else "none"
