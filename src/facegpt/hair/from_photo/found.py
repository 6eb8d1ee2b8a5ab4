"""Hair of a fitted head from one photo or several: what it grows by, its colour, and in words what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.windows import Photo
from facegpt.encode.parts import FaceParts
from facegpt.hair.from_photo.bare import seen_bare
from facegpt.hair.from_photo.choose import (
    FRINGED,
    likely,
    likely_of,
    likely_tied,
    nearest_by_features,
    ranked,
    score,
    seen_length,
)
from facegpt.hair.from_photo.colour import GREYNESS
from facegpt.hair.from_photo.density import with_density
from facegpt.hair.from_photo.drawer import Drawer, Drawers
from facegpt.hair.from_photo.fit import (
    as_curly,
    as_falling,
    as_hidden,
    as_sleek,
    bulged,
    falls_back,
    full_all_around,
    on_its_side,
    refined,
    with_length,
    with_volume,
)
from facegpt.hair.from_photo.hairline import (
    as_curls_part,
    falls_aside,
    seen_hairline,
    seen_part,
    with_hairline,
    with_part,
)
from facegpt.hair.from_photo.looks import HairLook, HairPhoto, alike, is_wreath, look_at, shown_colour
from facegpt.hair.from_photo.seen import HairSeen
from facegpt.hair.from_photo.strands import Strands, strand_directions, strands_of
from facegpt.hair.from_photo.traits import USUAL, HairTraits, hair_traits, mean_traits, without_family
from facegpt.hair.from_photo.wearers import as_plaited, as_skinned, as_tied, as_worn, leaves_cheeks_free
from facegpt.hair.plan import is_bare_in_front
from facegpt.hair.presets import FAMILIES, PRESETS
from facegpt.morphable.base import MorphableModel
from facegpt.runtime.threads import one_thread
from facegpt.types import FaceGPTError, FaceParams, Groom, Hair, Worn

#: Faces below so many pixels show a plain style only: the silhouette is not fitted.
FITTED_PX = 56.0
#: Silhouettes drawn to refine grooms, by quality; styles that are refined; styles that are drawn at all.
DRAWN = {"balanced": 25, "best": 100}
REFINED = {"balanced": 1, "best": 3}
TRIED = {"balanced": 10, "best": 40}
#: Styles whose outline is moved to the photo's, those that agree best without: on 78 pictures the style that was taken
#: of nine was always among the first five.
BULGED = {"balanced": 5, "best": 40}
#: Share of the small picture that hair below headwear takes up at least, or of the scalp's sides: less is seen of
#: cropped hair (its sides .19 at most of three wearers of caps, .61 and more of turbans).
LEAST_BELOW, LEAST_SIDES = 0.02, 0.4
#: Share of the scalp that is only guessed to be under hair from which on nobody is told to be shaven.
MOST_GUESSED = 0.2
#: A fringe swept so far leaves the forehead bare.
SWEPT = 0.6
#: Share of the top of a scalp under hair up to which it is bare: its rim shows hair of the sides.
BARE_TOP = 0.42
#: From this likelihood on hair is drawn tied whatever its outline agrees with: tied hair has that of a crop.
SURELY_TIED = 0.7
#: Tied hair that agrees less with its outline is compared with loose hair, which is taken if it agrees more by so much.
TIED_AGREES, LOOSE_AGREES_MORE = 0.45, 0.2
#: Styles of which the mirror image is drawn as well.
TURNED = 3
#: Which kind of hair it is is in doubt where the silhouette agrees less, and the likeliest family is less likely, or
#: hair that strikes everybody as other (APART) is likelier: of 150 pictures 14 are (4 of them wrong, 18 of the others).
DOUBTED, DOUBTED_RIVAL, DOUBTED_AGREEMENT = 0.45, 0.35, 0.7
#: Families that nobody takes for those of the others, nor for loose hair.
APART = (("bald", "shaved"), ("coily_afro_locs",), ("gathered",))


@dataclass(frozen=True)
class FoundHair:
    """What became of the hair of a photo.

    Attributes:
        hair: what grows, None for nothing. worn: what is said of it.
        agreement: soft IoU of its silhouette with the photo's; nan if it was not drawn.
        in_doubt: whether the photo hardly tells which kind of hair it shows. tied: how likely it is tied, 0..1.
    """

    hair: Hair | None
    worn: Worn
    agreement: float = float("nan")
    in_doubt: bool = False
    tied: float = 0.0


@one_thread()
def hair_from_photo(
    image: NDArray[np.uint8] | Photo,
    model: MorphableModel,
    params: FaceParams,
    parts: FaceParts,
    quality: str = "balanced",
    style: str = "auto",
    greyness: float = GREYNESS,
    man: float | None = None,
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
        man: 0..1, how likely the face is a man's; None where nothing but the head's shape tells.

    Raises:
        FaceGPTError: if there is no such style.
    """
    return hair_from_photos(model, [HairPhoto(image, params, parts, greyness, man)], quality, style)


@one_thread()
def hair_from_photos(
    model: MorphableModel, photos: Sequence[HairPhoto], quality: str = "balanced", style: str = "auto"
) -> FoundHair:
    """Find the hair of one person in several photos: a groom whose silhouette fits in all of them.

    Photos in which something covers the hair or too little of it is seen have no say while another shows it. Where
    most of the others say that a head is bald, it is. Photos whose hair is another length or colour than the first
    one's, as before a haircut, are left out.

    Args:
        model: the head.
        photos: the one that the head is taken from first.
        quality: as in `hair_from_photo`.
        style: as in `hair_from_photo`.

    Raises:
        FaceGPTError: if there is no such style.
    """
    check_style(style)
    looks = [look_at(model, photo) for photo in photos]
    telling = [one for one in looks if one.tells] or looks[:1]
    telling = [one for one in telling if not one.worn.headwear] or telling
    worn = replace(looks[0].worn, headwear=all(one.worn.headwear for one in looks))
    if style not in ("auto", "none"):
        hair = Hair(style=style, colour=shown_colour(telling))
        return FoundHair(hair, replace(worn, hair=f"the style '{style}', as asked for"))
    haired = [one for one in telling if not one.why_none]
    votes = sum(one.weight if one in haired else -one.weight for one in telling)
    if style == "none" or votes < 0 or not haired:
        bald = next((one for one in telling if one.why_none), looks[0])
        return FoundHair(None, replace(worn, hair=bald.why_none or "none, as asked for"))
    shown = [one for one in haired if alike(haired[0], one)]
    colour = shown_colour(shown)
    fitted = [one for one in shown if one.seen.face_px >= FITTED_PX]
    if all(one.worn.headwear and _hardly_seen(one.seen) for one in shown):
        said = "cropped: no more of it is seen below the headwear"
        return FoundHair(Hair("cropped", colour), replace(worn, hair=said))
    if not fitted:
        plain = {"short": "short", "chin": "bob", "shoulder": "shoulder", "longer": "long"}[
            _at_least_short(shown[0].seen)
        ]
        return FoundHair(Hair(plain, colour), replace(worn, hair="a plain style: the face is small"))
    return _fitted(model, fitted, colour, worn, quality)


def _fitted(
    model: MorphableModel,
    looks: Sequence[HairLook],
    colour: tuple[float, float, float],
    worn: Worn,
    quality: str,
) -> FoundHair:
    """The nearest styles, moved to the silhouettes of the photos; the best of them."""
    seen, weights = [one.seen for one in looks], [one.weight for one in looks]
    edge = "hidden behind the shoulders" if all(one.behind for one in seen) else "cut off by the photo's edge"
    cut = f", {edge}" if all(one.cut for one in seen) else ""
    if quality == "fast":
        style = nearest_by_features(seen[0], USUAL)
        groom = with_density(with_length(PRESETS[style].groom, seen[0]), _density(looks[:1]))
        hair = Hair(style, colour, groom=groom)
        return FoundHair(hair, replace(worn, hair=f"nearest style, '{style}'{cut}"))
    strands = [strands_of(one.photo.image, one.parts, one.seen.hair) for one in looks]
    wreath = all(is_wreath(one) for one in seen)
    traits = _traits(model, looks, strands, wreath)
    drawers = [
        Drawer.of(model, one.photo.params, one.seen, strand_directions(each))
        for one, each in zip(looks, strands, strict=True)
    ]
    drawer = drawers[0] if len(drawers) == 1 else Drawers.of(drawers, weights)
    family = FAMILIES[int(traits.families.argmax())]
    sure = traits.family("gathered") > SURELY_TIED
    tied = sure or (family == "gathered" and all(leaves_cheeks_free(one) for one in seen))
    known = likely_tied if tied else likely  # what hangs at one side only is no outline of loose hair
    tried = dict.fromkeys(style for one in seen for style in known(one, traits, TRIED[quality]))
    if wreath:
        tried = dict.fromkeys(_wreaths(seen, traits, TRIED[quality]))
    cropped = not wreath and all(one.white for one in looks)
    if cropped:
        tried = dict.fromkeys(likely_of("shaved", seen[0], traits, TRIED[quality]))
    style, groom = _nearest(model, looks, drawer, traits, tried, quality)
    agreement = drawer.agreement(groom)
    if tied and agreement < TIED_AGREES and not all(leaves_cheeks_free(one) for one in seen):  # too much volume
        loose = without_family(traits, "gathered")
        usual = dict.fromkeys(style for one in seen for style in likely(one, loose, TRIED[quality]))
        other = _nearest(model, looks, drawer, loose, usual, quality)
        if drawer.agreement(other[1]) > agreement + LOOSE_AGREES_MORE:
            style, groom = other
            agreement = drawer.agreement(groom)
    unsure = float(traits.families.max()) < DOUBTED or rival(traits, style) > DOUBTED_RIVAL
    in_doubt = not wreath and not cropped and unsure and agreement < DOUBTED_AGREEMENT
    if in_doubt:  # what is likely by its look comes before what few numbers of the outline say
        usual = dict.fromkeys(style for one in seen for style in likely_of(family, one, traits, TRIED[quality]))
        other = _nearest(model, looks, drawer, traits, usual, quality) if usual else (style, groom)
        if drawer.agreement(other[1]) > agreement:
            style, groom = other
    doubt = "; the photo hardly tells which kind of hair it is" if in_doubt else ""
    bare = seen_bare(model, looks[0].photo.params, looks[0].parts, looks[0].seen, drawers[0].draw(groom).cover)
    worn_so = replace(with_density(groom, _density(looks)), bare=bare)  # outlines say where hair is, not how dense
    hair, said = Hair(style, colour, groom=worn_so), f"fitted from '{style}'{cut}{doubt}"
    told = replace(worn, hair=said)
    return FoundHair(hair, told, drawer.agreement(groom), in_doubt, traits.family("gathered"))


def _traits(
    model: MorphableModel, looks: Sequence[HairLook], strands: Sequence[Strands | None], wreath: bool
) -> HairTraits:
    """What kind of hair it is: by strands and outlines of all photos, who wears it, and what is seen of the scalp."""
    seen, first = [one.seen for one in looks], looks[0]
    told = [hair_traits(*pair) for pair in zip(strands, seen, strict=True)]
    traits = mean_traits(told, [one.weight for one in looks])
    traits = as_worn(traits, masculinity(model, first.photo.params), first.photo.man)
    skin = skin_lightness(model, first.photo.params)
    traits = as_skinned(as_plaited(traits, skin, strands, seen), skin, first.seen)
    traits = as_tied(traits, first.seen, first.photo.greyness)
    if not wreath and max(one.rooted_top for one in seen) > BARE_TOP:
        traits = without_family(traits, "bald")
    if min(one.guessed for one in seen) > MOST_GUESSED:
        traits = without_family(traits, "shaved")
    return traits


def rival(traits: HairTraits, style: str) -> float:
    """How likely the likeliest look is that strikes everybody as other than a style's: bare, coily, tied or loose."""
    apart = [name for names in APART for name in names]
    looks = (*APART, tuple(name for name in FAMILIES if name not in apart))
    others = [names for names in looks if PRESETS[style].family not in names]
    return max(sum(traits.family(name) for name in names) for names in others)


def _wreaths(seen: Sequence[HairSeen], traits: HairTraits, count: int) -> tuple[str, ...]:
    """Styles of bald crowns, the likeliest first; where no photo shows hair on top, those that have none there."""
    styles = likely_of("bald", seen[0], traits, count)
    if max(one.rooted_top for one in seen) > BARE_TOP:
        return styles
    return tuple(style for style in styles if PRESETS[style].groom.crown_thinning == 1)


def _nearest(
    model: MorphableModel,
    looks: Sequence[HairLook],
    drawer: Drawer | Drawers,
    traits: HairTraits,
    tried: Iterable[str],
    quality: str,
) -> tuple[str, Groom]:
    """Of some styles the one that agrees best with the photos, and its groom moved to their silhouettes."""
    seen = [one.seen for one in looks]
    styles = {style: PRESETS[style].groom for style in tried}
    hairline = seen_hairline(model, looks[0].photo.params, looks[0].seen)
    if is_bare_in_front(hairline):
        styles = {style: g for style, g in styles.items() if g.fringe_mm == 0 or g.fringe_sweep > SWEPT} or styles
    elif min(one.fringe for one in seen) > FRINGED:
        styles = {style: g for style, g in styles.items() if not falls_aside(g)} or styles
    part = seen_part(model, looks[0].photo.params, seen[0], drawer.shares[0][1].along, hairline)
    styles = {s: with_part(with_hairline(as_hidden(groom, seen[0]), hairline), part) for s, groom in styles.items()}
    styles = {s: as_curls_part(groom, part) for s, groom in styles.items()}
    if all(one.cut for one in seen):  # where tips are seen, the silhouette tells their length
        longest = min(seen, key=lambda one: np.nanmin([*one.lowest_mm, np.inf]))
        styles = {style: with_length(groom, longest) for style, groom in styles.items()}
    back = falls_back(seen)
    # Volume is fitted before styles are compared: else the one wins that happens to have the photo's.
    for s, groom in styles.items():
        styles[s] = with_volume(drawer, as_falling(as_curly(as_sleek(groom, traits), traits), back))
    for s in ranked(drawer, traits, styles)[: BULGED[quality]]:
        styles[s] = bulged(drawer, styles[s], 1)
    starts = {  # whether a style agrees better as its mirror image is seen of those that may be taken
        style: bulged(drawer, on_its_side(drawer, styles[style], part), 1)
        for style in ranked(drawer, traits, styles)[: max(REFINED[quality], TURNED)]
    }
    best = None
    for style in ranked(drawer, traits, starts)[: REFINED[quality]]:
        groom = refined(drawer, starts[style], DRAWN[quality] // REFINED[quality], part)
        groom = bulged(drawer, full_all_around(drawer, groom), around=True)
        agreed = score(drawer, traits, style, groom)
        if best is None or agreed > best[0]:
            best = agreed, style, groom
    assert best is not None
    return best[1], best[2]


def _density(looks: Sequence[HairLook]) -> float | None:
    """How dense hair is by the photos that tell it: their mean."""
    known = [(one.weight, one.dense.density) for one in looks if one.dense is not None]
    return sum(weight * value for weight, value in known) / sum(weight for weight, _ in known) if known else None


def masculinity(model: MorphableModel, params: FaceParams) -> float:
    """How masculine a head is, 0..1; 0.5 of head models that do not tell."""
    told = model.attributes(params.identity) if hasattr(model, "attributes") else {}
    return float(told.get("masculinity", 0.5))


def skin_lightness(model: MorphableModel, params: FaceParams) -> float | None:
    """CIE L* of a fitted head's skin; None of head models that do not tell."""
    told = model.attributes(params.identity, params.albedo) if hasattr(model, "attributes") else {}
    return told.get("skin_lightness")


def check_style(style: str) -> None:
    """Raise FaceGPTError if `style` is neither "auto", "none" nor the name of a style."""
    if style not in ("auto", "none", *PRESETS):
        raise FaceGPTError(f"hair is 'auto', 'none' or a style, not '{style}'; styles: {', '.join(PRESETS)}")


def _hardly_seen(seen: HairSeen) -> bool:
    """Whether headwear leaves so little of the hair that it may be cropped."""
    return float(seen.mask.mean()) < LEAST_BELOW and seen.rooted_side < LEAST_SIDES


def _at_least_short(seen: HairSeen) -> str:
    step = seen_length(seen)
    return "short" if step == "shaved" else step
