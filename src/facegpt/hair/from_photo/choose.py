"""The named style whose silhouette agrees best with a photo, and what a groom's silhouette says for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from facegpt.hair.from_photo.drawer import Drawer, Drawers
from facegpt.hair.from_photo.seen import BESIDE_MM, EAR_TOP_MM, HairSeen
from facegpt.hair.from_photo.traits import HairTraits, kind_of
from facegpt.hair.gather import TIES
from facegpt.hair.presets import LENGTHS, PRESETS, length_step
from facegpt.types import Array, Groom

#: What a style of another kind loses, and one of another family; no family is thought less likely than this.
KIND_LOSS, FAMILY_LOSS, LEAST_LIKELY = 0.30, 0.06, 0.02
#: Styles of families that are so likely are drawn even where their length is another.
LIKELY_FAMILY = 0.3
#: Short hair is so long over the ears, mm, where it stands so far off the head there, mm (`HairSeen.over_mm`). What e
#: times longer or shorter sides lose; what is added to lengths, mm, so that stubble differs by little.
OFF_HEAD_MM, SIDES_MM, SIDES_LOSS, STUBBLE_MM = (0.0, 4.0, 10.0, 18.0, 30.0), (2.5, 5.0, 16.0, 34.0, 60.0), 0.06, 6.0
#: How far apart (`distance`) hair of another kind is, and of a family e times less likely.
KIND_AWAY, FAMILY_AWAY = 0.8, 0.25
#: Loss of each step of length off; families whose hair is too short to show its kind.
LENGTH_LOSS, NO_KIND = 0.04, ("bald", "shaved")
#: Styles that few people wear, and what they lose: a silhouette alone does not tell them. (Of 44 labelled heads of long
#: loose hair none is combed back without a part.)
RARE, RARE_LOSS = (
    *("cornrows", "curtains", "faux_hawk", "flat_top", "space_buns", "pigtails", "bowl", "page_boy"),
    *("flipped", "bob_inverted", "mullet", "comb_over", "waist", "waist_wavy", "two_braids", "updo", "long_back"),
    *("braid", "half_up", "ponytail_curly", "man_bun_undercut", "box_braids", "locs", "locs_short", "top_knot"),
    *("afro_large", "afro_puff"),
), 0.06  # fmt: skip
#: Those that strike everybody where they are wrong lose more.
STRIKING, STRIKING_LOSS = (
    *("comb_over", "faux_hawk", "flat_top", "man_bun_undercut", "mullet", "pigtails", "space_buns", "top_knot"),
    *("afro_puff", "two_braids", "locs_short"),
), 0.12  # fmt: skip
#: Coils that hang loose lose half of what is rare; what plaits lose on the other sex's head; the share of the loss of
#: kind that tied hair keeps, for it is drawn tight.
COILS_THAT_HANG, OTHER_SEX_LOSS, TIED_KIND = "coily_medium", 0.04, 0.3
#: Locs and braids: the share of men among those who wear them; what they gain where coily hair is plaited, for they are
#: rare.
PLAITS, PLAITS_GAIN = {"locs": 1.0, "locs_short": 1.0, "box_braids": 0.0, "cornrows": 0.5}, 0.12
#: Heights beside the neck, mm (some of `seen.BESIDE_MM`), how wide hair that hangs there is at least, mm, and heights
#: beside the ears.
NECK_MM, HANGS_MM, EARS_MM = (-60.0, -80.0, -100.0), 7.0, (0.0, -20.0)
#: How far a nape that is seen from the side lies below the ears' tops, mm, as far as it counts as length of hair.
NAPE_MM = 40.0
#: Short hair that is combed back or aside by so much and is so long on top, mm, has strands that run one way: what it
#: loses where their coherence (`HairTraits.one_way`) is as low as the first, and from which on it loses nothing.
COMBED, COMBED_MM, COMBED_LOSS, COMBED_ONE_WAY = 0.85, 80.0, 0.08, (0.37, 0.45)
#: Heights of tips, mm along the head's y axis, that end short, chin and shoulder length.
TIPS_MM = (-38.0, -125.0, -235.0)
#: Where the photo's end hides the tips of hair, they are so much lower on average, mm, however long it is seen to be:
#: 46 portraits and photos of the training half (20 show tips, 26 are cut) ask for 160, the 24,300
#: people of Robbins & Robbins 2003 (J. Cosmet. Sci. 54) for 105. Half of it ends within ln 2 of that.
FURTHER_MM = 130.0
#: Ways of gathering that leave hair hanging: cornrows lie on the head.
LOOSE = ("none", "locs", "box_braids")
#: A step is in doubt if tips end so near its bound, mm; the share of the scalp under hair that may be tied; that of
#: either half of the forehead that a fringe covers; how far from what is seen tied hair counts, mm.
NEAR_MM, TIED_ROOTED, FRINGED, TIED_MM = 22.0, 0.7, 0.6, 60.0


def ranked(drawer: Drawer | Drawers, traits: HairTraits, starts: Mapping[str, Groom]) -> list[str]:
    """Styles by how well the grooms that they start from agree with what is seen, the best first."""
    scores = {style: score(drawer, traits, style, groom) for style, groom in starts.items()}
    return sorted(starts, key=lambda style: -scores[style])


def score(drawer: Drawer | Drawers, traits: HairTraits, style: str, groom: Groom) -> float:
    """How well a groom of a style agrees with what is seen, less what is unlikely of it."""
    unlike_seen = sum(share * mismatch(style, one.seen, traits) for share, one in drawer.shares)
    return drawer.fit(groom) - unlike_seen - lost_by_length(drawer, groom)


def mismatch(style: str, seen: HairSeen, traits: HairTraits) -> float:
    """What a style loses because its hair is of another kind, family or length than the photo's."""
    loss = (STRIKING_LOSS if style in STRIKING else RARE_LOSS) if style in RARE else 0.0
    if style == COILS_THAT_HANG:
        loss += 0.5 * RARE_LOSS
    if style in PLAITS:
        loss += OTHER_SEX_LOSS * abs(PLAITS[style] - traits.man)
        loss -= PLAITS_GAIN * traits.plaits
    if _combed_one_way(PRESETS[style].groom) and np.isfinite(traits.one_way):
        loss += COMBED_LOSS * float(np.interp(traits.one_way, COMBED_ONE_WAY, (1.0, 0.0)))
    loss += KIND_LOSS * unlike(style, traits) + FAMILY_LOSS * unlikely(style, traits)
    if _is_bound(PRESETS[style].groom) or seen.cut:
        return loss
    steps = [max(LENGTHS.index(step), 1) for step in (length_step(PRESETS[style].groom), seen_length(seen))]
    return loss + LENGTH_LOSS * abs(steps[0] - steps[1])


@lru_cache(maxsize=2)
def short_sides_mm(seen: HairSeen) -> float | None:
    """How long short hair is over the ears, mm; None for longer hair and where the photo does not tell.

    How far it hangs tells nothing: cropped hair reaches down to the nape as well.
    """
    off = np.asarray(seen.over_mm)[[3, 2]]
    off = off[np.isfinite(off)]
    if LENGTHS.index(seen_length(seen)) > 1 or not len(off):
        return None
    return float(np.interp(off[0], OFF_HEAD_MM, SIDES_MM))


def other_sides(groom: Groom, seen: HairSeen) -> float:
    """How much longer or shorter a groom's sides are than short hair's that is seen: |log| of their ratio, else 0."""
    mm = short_sides_mm(seen)
    return 0.0 if mm is None else abs(float(np.log((groom.sides_mm + STUBBLE_MM) / (mm + STUBBLE_MM))))


def _combed_one_way(groom: Groom) -> bool:
    swept = max(abs(groom.sweep_back), abs(groom.sweep_side)) >= COMBED and groom.top_mm >= COMBED_MM
    return swept and groom.gather == "none" and length_step(groom) == "short" and kind_of(groom) == "straight"


def length_loss(groom: Groom, seen: HairSeen) -> float:
    """What a groom loses by lengths that the photo cannot tell, in the units of families that are e times less likely.

    Where tips are seen the silhouette tells it; where a photo cuts loose hair off, half of it ends above `hanging_mm`.
    Sides of short hair are a few pixels thick, of which the silhouette tells little as well.
    """
    if _is_bound(groom):
        return 0.0
    if not seen.cut:
        return SIDES_LOSS * other_sides(groom, seen)
    return FAMILY_LOSS * abs(max(groom.sides_mm, groom.back_mm) - hanging_mm(seen)) / FURTHER_MM


def lost_by_length(drawer: Drawer | Drawers, groom: Groom) -> float:
    """`length_loss` of a groom, of all photos together."""
    return sum(share * length_loss(groom, one.seen) for share, one in drawer.shares)


def unlike(style: str, traits: HairTraits) -> float:
    """How far the kind of a style's hair is from the likeliest one: 0 that kind … 1 surely not."""
    preset = PRESETS[style]
    if preset.family in NO_KIND:
        return 0.0
    alike, tied = traits.kind(preset.groom), 1.0
    if preset.family == "gathered":  # loose coils are not drawn tight, plaits are
        tied = TIED_KIND + (1 - TIED_KIND) * (float(traits.kinds[-1]) - traits.plaits)
        alike = max(alike, traits.plaits)
    return tied * (1 - alike / float(traits.kinds.max()))


def unlikely(style: str, traits: HairTraits) -> float:
    """How much likelier the likeliest family is than a style's: log of their ratio."""
    return float(
        np.log(
            max(float(traits.families.max()), LEAST_LIKELY) / max(traits.family(PRESETS[style].family), LEAST_LIKELY)
        )
    )


@lru_cache(maxsize=2)
def seen_length(seen: HairSeen) -> str:
    """Which of LENGTHS the hair of a photo is of, by how far it hangs, or likely does where the photo cuts it off."""
    if not np.isfinite(seen.lowest_mm).any() or seen.rooted < 0.1:
        return LENGTHS[0]
    return _step_at(EAR_TOP_MM - hanging_mm(seen))


@lru_cache(maxsize=2)
def hanging_mm(seen: HairSeen) -> float:
    """How far hair hangs below the ears' tops, mm; half of such hair less far where the photo cuts it off.

    Where hair ends above the ears at one side and none lies beside the neck, or an ear is bare, the other side is a
    nape, which is no hair that hangs.
    """
    lows = [low for low in seen.lowest_mm if np.isfinite(low)]
    hang = EAR_TOP_MM - min(lows, default=EAR_TOP_MM)
    bare = seen.shows_nape or float(np.max(_beside_neck(seen))) < HANGS_MM
    if max(lows, default=EAR_TOP_MM) >= EAR_TOP_MM and bare:
        hang = min(hang, NAPE_MM)
    return hang + float(np.log(2)) * FURTHER_MM if seen.cut else hang


def _step_at(lowest_mm: float) -> str:
    return LENGTHS[1 + sum(lowest_mm < end for end in TIPS_MM)]


def styles_for(seen: HairSeen, traits: HairTraits) -> tuple[str, ...]:
    """Styles worth drawing: as long as the hair seen, or a step off where it ends near one, or of a likely family.

    Hair that the photo cuts off may be of any greater length.
    """
    step, low = LENGTHS.index(seen_length(seen)), EAR_TOP_MM - hanging_mm(seen)
    steps = {step, LENGTHS.index(_step_at(low - NEAR_MM)), LENGTHS.index(_step_at(low + NEAR_MM))}
    if step == 1:
        steps.add(0)
    if seen.cut:
        steps |= set(range(step, len(LENGTHS)))
    tied = step <= 2 and seen.rooted > TIED_ROOTED
    return tuple(
        name
        for name, preset in PRESETS.items()
        if name != "bald"
        and traits.family(preset.family) > 0
        and _may_hang(preset.groom, seen)
        and (
            traits.family(preset.family) > LIKELY_FAMILY
            or (tied if _is_bound(preset.groom) else LENGTHS.index(length_step(preset.groom)) in steps)
        )
    )


def nearest_by_features(seen: HairSeen, traits: HairTraits) -> str:
    """The style nearest to what is seen by numbers alone, without a silhouette: for a quick look."""
    loose = [name for name, preset in PRESETS.items() if name != "bald" and preset.family != "gathered"]
    return min(loose, key=lambda name: distance(name, seen, traits))


def likely(seen: HairSeen, traits: HairTraits, count: int) -> tuple[str, ...]:
    """Styles worth drawing, the likeliest by numbers alone."""
    return tuple(sorted(styles_for(seen, traits), key=lambda name: distance(name, seen, traits))[:count])


def likely_tied(seen: HairSeen, traits: HairTraits, count: int) -> tuple[str, ...]:
    """Styles that are tied in one place and leave nothing loose, the likeliest by numbers alone."""
    tied = likely_of("gathered", seen, traits, len(PRESETS))
    return tuple(name for name in tied if _tied_once(PRESETS[name].groom))[:count]


def hangs_at_both_sides(seen: HairSeen) -> bool:
    """Whether hair is seen beside both sides of the neck: without that nobody wears tails or plaits there."""
    return bool(np.max(_beside_neck(seen), axis=0).min() >= HANGS_MM)


def _beside_neck(seen: HairSeen) -> list[Array]:
    """How wide hair is at the picture's left and right of the neck (2,), mm, at each of NECK_MM."""
    return [column for at, column in zip(BESIDE_MM, np.asarray(seen.beside_mm).T, strict=True) if at in NECK_MM]


def _may_hang(groom: Groom, seen: HairSeen) -> bool:
    """Whether a photo shows what hangs from a groom: tails or plaits at both sides, nothing below buns and rolls.

    Nothing hangs beside the ears of what is plaited on the head.
    """
    kind, ties = TIES.get(groom.gather, ("", ()))
    if groom.gather == "cornrows":
        return bool(np.max(np.asarray(seen.beside_mm)[:, list(map(BESIDE_MM.index, EARS_MM))]) < HANGS_MM)
    if kind in ("bun", "roll"):
        return bool(np.max(_beside_neck(seen)[-1]) < HANGS_MM)
    return hangs_at_both_sides(seen) or kind not in ("tail", "plait") or len(ties) < 2


def _is_bound(groom: Groom) -> bool:
    """Whether hair lies on the head as it is tied or plaited: how long it is tells nothing of its outline."""
    return groom.gather not in LOOSE


def _tied_once(groom: Groom) -> bool:
    return groom.gather in TIES and groom.gather != "half_up" and len(TIES[groom.gather][1]) == 1


def likely_of(family: str, seen: HairSeen, traits: HairTraits, count: int) -> tuple[str, ...]:
    """Styles of one family, the likeliest by numbers alone."""
    own = [
        name
        for name, preset in PRESETS.items()
        if preset.family == family and name != "bald" and _may_hang(preset.groom, seen)
    ]
    return tuple(sorted(own, key=lambda name: distance(name, seen, traits))[:count])


def distance(name: str, seen: HairSeen, traits: HairTraits) -> float:
    """How far a style is from what is seen, by length, kind, fringe, height and bareness."""
    groom = PRESETS[name].groom
    hang = hanging_mm(seen)
    hanging = max(groom.sides_mm, groom.back_mm) * (0.6 if groom.stand > 0.5 else 1.0)
    if _is_bound(groom):
        hanging = hang + TIED_MM
    stands = groom.lift_mm + 0.5 * groom.stand * groom.top_mm
    bare = 0.5 * (groom.recession + groom.crown_thinning)
    longer = abs(np.log((max(hanging, 4) + 15) / (max(hang, 4) + 15)))
    if short_sides_mm(seen) is not None and not _is_bound(groom):
        longer = other_sides(groom, seen)
    return float(
        longer
        + KIND_AWAY * unlike(name, traits)
        + FAMILY_AWAY * unlikely(name, traits)
        + 0.6 * abs(float(groom.fringe_mm > 0) - float(seen.fringe > FRINGED))
        + 0.015 * abs(stands - max(seen.highest_mm, 0))
        + 0.8 * abs(bare - (1 - seen.rooted_top))
        + (0.5 if name in RARE else 0.0)
    )
