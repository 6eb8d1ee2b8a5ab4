"""Hair of a fitted head from its photo: what it grows by, its colour, and in words what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.windows import Photo
from facegpt.encode.parts import FaceParts
from facegpt.hair.from_photo.choose import Drawer, likely, nearest_by_features, ranked, score, seen_length
from facegpt.hair.from_photo.colour import GREYNESS, HairColour, hair_colour
from facegpt.hair.from_photo.fit import as_curly, as_sleek, bulged, on_its_side, refined, with_length
from facegpt.hair.from_photo.seen import HairSeen, hair_seen
from facegpt.hair.from_photo.strands import strand_directions, strands_of
from facegpt.hair.from_photo.traits import USUAL, hair_traits
from facegpt.hair.presets import PRESETS
from facegpt.morphable.base import MorphableModel
from facegpt.runtime.threads import one_thread
from facegpt.types import FaceGPTError, FaceParams, Hair, Worn

#: Shares of the seen scalp: with less hair a head is bald; with so much of neither skin nor hair it wears something,
#: unless more than the last share of it is hair.
BALD, COVERED, UNCOVERED = 0.10, 0.3, 0.4
#: Faces below this many pixels show no style; below the second the silhouette is not fitted.
SMALLEST_PX, FITTED_PX = 24.0, 56.0
#: Share of the eyes' surroundings that says glasses, and dark ones.
GLASSES, DARK_GLASSES = 0.06, 0.45
#: Silhouettes drawn to refine grooms, by quality; styles that are refined; styles that are drawn at all.
DRAWN = {"balanced": 10, "best": 80}
REFINED = {"balanced": 1, "best": 3}
TRIED = {"balanced": 7, "best": 40}
#: Styles of which the mirror image is drawn as well.
TURNED = 3


@dataclass(frozen=True)
class FoundHair:
    """What became of the hair of a photo.

    Attributes:
        hair: what grows, None for nothing. worn: what is said of it.
        agreement: soft IoU of its silhouette with the photo's; nan if it was not drawn.
    """

    hair: Hair | None
    worn: Worn
    agreement: float = float("nan")


@one_thread()
def hair_from_photo(
    image: NDArray[np.uint8] | Photo,
    model: MorphableModel,
    params: FaceParams,
    parts: FaceParts,
    quality: str = "balanced",
    style: str = "auto",
    greyness: float = GREYNESS,
) -> FoundHair:
    """Find the hair of a head that was fitted to a photo. The head itself never changes.

    Args:
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: the head.
        params: its fit; the lighting is what frees the colour of the photo's light.
        parts: of the face.
        quality: "fast" moves lengths of the nearest style only.
        style: "auto", or the name of a style, which then has the photo's colour.
        greyness: 0..1, how likely grey or white hair is at the age that the face looks.

    Raises:
        FaceGPTError: if there is no such style.
    """
    check_style(style)
    seen = hair_seen(model, params, parts)
    if parts.doubted is not None and not _headwear(seen):  # a hat here and there in the hair is none
        parts = parts.bareheaded()
        seen = hair_seen(model, params, parts)
    worn = Worn(headwear=_headwear(seen), glasses=_glasses(seen))
    colour = hair_colour(image, parts, params.lighting, seen.hair, greyness)
    if style not in ("auto", "none"):
        return FoundHair(_coloured(style, colour), replace(worn, hair=f"the style '{style}', as asked for"))
    reason = why_none(seen, colour)
    if reason or style == "none":
        return FoundHair(None, replace(worn, hair=reason or "none, as asked for"))
    if seen.face_px < FITTED_PX:
        plain = {"short": "short", "chin": "bob", "shoulder": "shoulder", "longer": "long"}[_at_least_short(seen)]
        return FoundHair(_coloured(plain, colour), replace(worn, hair="a plain style: the face is small"))
    return _fitted(image, model, params, parts, seen, colour, worn, quality)


def _fitted(
    image: NDArray[np.uint8] | Photo, model: MorphableModel, params: FaceParams, parts: FaceParts, seen: HairSeen,
    colour: HairColour | None, worn: Worn, quality: str,
) -> FoundHair:  # fmt: skip
    """The nearest styles, moved to the photo's silhouette; the best of them."""
    cut = ", cut off by the photo's edge" if seen.cut else ""
    if quality == "fast":
        style = nearest_by_features(seen, USUAL)
        hair = replace(_coloured(style, colour), groom=with_length(PRESETS[style].groom, seen))
        return FoundHair(hair, replace(worn, hair=f"nearest style, '{style}'{cut}"))
    strands = strands_of(image, parts, seen.hair)
    traits = hair_traits(strands, seen)
    drawer = Drawer.of(model, params, seen, strand_directions(strands))
    styles = {style: PRESETS[style].groom for style in likely(seen, traits, TRIED[quality])}
    if seen.cut:  # where tips are seen, the silhouette tells their length
        styles = {style: with_length(groom, seen) for style, groom in styles.items()}
    starts = {  # whether a style agrees better as its mirror image is seen of those that may be taken
        style: on_its_side(drawer, as_curly(as_sleek(styles[style], traits), traits))
        for style in ranked(drawer, traits, styles)[: max(REFINED[quality], TURNED)]
    }
    best = None
    for style in ranked(drawer, traits, starts)[: REFINED[quality]]:
        groom = bulged(drawer, refined(drawer, starts[style], DRAWN[quality] // REFINED[quality]))
        agreed = score(drawer, traits, style, groom)
        if best is None or agreed > best[0]:
            best = agreed, style, groom
    assert best is not None
    _, style, groom = best
    hair = replace(_coloured(style, colour), groom=groom)
    return FoundHair(hair, replace(worn, hair=f"fitted from '{style}'{cut}"), drawer.agreement(groom))


def why_none(seen: HairSeen, colour: HairColour | None) -> str:
    """Why a head gets no hair, in words; empty if it gets some."""
    if seen.face_px < SMALLEST_PX:
        return "none: the face is too small to tell"
    if _headwear(seen):
        return "none: headwear covers it"
    if seen.rooted < BALD:
        return "none: bald"
    return "none: too little of it is seen" if colour is None else ""


def _headwear(seen: HairSeen) -> bool:
    return seen.covered > COVERED and seen.rooted < UNCOVERED


def check_style(style: str) -> None:
    """Raise FaceGPTError if `style` is neither "auto", "none" nor the name of a style."""
    if style not in ("auto", "none", *PRESETS):
        raise FaceGPTError(f"hair is 'auto', 'none' or a style, not '{style}'; styles: {', '.join(PRESETS)}")


def _coloured(style: str, colour: HairColour | None) -> Hair:
    """Hair of a style in the colour of the photo."""
    if colour is None:
        return Hair(style=style)
    return Hair(style=style, colour=colour.albedo)


def _at_least_short(seen: HairSeen) -> str:
    step = seen_length(seen)
    return "short" if step == "shaved" else step


def _glasses(seen: HairSeen) -> str:
    return "dark" if seen.glasses > DARK_GLASSES else "clear" if seen.glasses > GLASSES else "none"
