"""The named style whose silhouette agrees best with a photo, and what a groom's silhouette says for it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.body import body_of
from facegpt.hair.from_photo.flow import HairFlow
from facegpt.hair.from_photo.seen import HairSeen
from facegpt.hair.from_photo.silhouette import coverage, head_motion, rooted
from facegpt.hair.grow import locks_of
from facegpt.hair.plan import planned
from facegpt.hair.presets import LENGTHS, PRESETS, length_step
from facegpt.hair.scalp import Scalp, scalp_of
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, FaceParams, Groom

#: Level of detail that silhouettes are grown at.
LOD = 2
#: Hair shorter than this does not colour the scalp, mm.
ROOTED_MM = 1.5
#: Places of the scalp that are asked for roots.
ROOTS = 2400
#: `HairFlow.straight` of straight, wavy and coily hair, and how much a style of another kind loses.
STRAIGHT, COILY, KIND_LOSS = 0.90, 0.62, 0.15
#: The kind of most hair; coherence of strands (`HairFlow.strand`) from which their kind begins to be seen, and is sure.
USUAL_KIND, STRANDS_SEEN = 0.2, (0.45, 0.62)
#: Loss of a gathered style, which a photo from the front can rarely tell, and of each step of length off.
GATHERED_LOSS, LENGTH_LOSS = 0.10, 0.04
#: Styles that few people wear, and what they lose: a silhouette alone does not tell them.
RARE, RARE_LOSS = (
    *("cornrows", "curtains", "faux_hawk", "flat_top", "space_buns", "pigtails", "bowl", "page_boy"),
    *("flipped", "bob_inverted", "mullet", "comb_over", "waist", "waist_wavy", "box_braids", "locs", "locs_short"),
), 0.06  # fmt: skip
#: Heights of tips, mm along the head's y axis, that end short, chin and shoulder length.
TIPS_MM = (-38.0, -125.0, -235.0)
#: A step is in doubt if tips end so near its bound, mm; the share of the scalp under hair that may be tied; where hair
#: over the ears is rooted, mm along the head's y axis; the share of the forehead that a fringe covers;
#: how far from what is seen tied hair counts, mm.
NEAR_MM, TIED_ROOTED, EAR_TOP_MM, FRINGED, TIED_MM = 22.0, 0.7, 40.0, 0.35, 60.0


@dataclass(frozen=True, eq=False)
class Drawer:
    """Draws silhouettes of grooms on one fitted head: model, identity (I,), what is seen, how joints move the head."""

    model: MorphableModel
    identity: Array
    seen: HairSeen
    motion: tuple[Array, Array]

    @classmethod
    def of(cls, model: MorphableModel, params: FaceParams, seen: HairSeen) -> Drawer:
        """For the head of some parameters."""
        return cls(model, np.asarray(params.identity, np.float32), seen, head_motion(model, params))

    def draw(self, groom: Groom) -> NDArray[np.float32]:
        """How much hair covers each pixel (S, S), 0..1."""
        made = locks_of(groom, self.model, self.identity, LOD)
        cover = coverage(self.seen.view, () if made is None else made.sets, self.motion)
        scalp = _some_scalp(self.model)  # type: ignore[arg-type]
        plan = planned(scalp, groom)
        grows = (plan.grows > 0.4) & (plan.length > ROOTED_MM)
        roots = rooted(self.seen.view, scalp.on(body_of(self.model, self.identity).vertices), grows, self.motion)
        return np.maximum(cover, 0.9 * roots)

    def agreement(self, groom: Groom) -> float:
        """Soft IoU of a groom's silhouette with the hair seen, 0..1, where hair would be seen."""
        return soft_iou(self.draw(groom), self.seen)


@lru_cache(maxsize=2)
def _some_scalp(model: MorphableModel) -> Scalp:
    """An even part of the scalp's places, for roots."""
    scalp = scalp_of(model)  # type: ignore[arg-type]
    return Scalp(*(getattr(scalp, each.name)[:ROOTS] for each in fields(scalp)))


def soft_iou(cover: Array, seen: HairSeen) -> float:
    """Σ min / Σ max of what is drawn and what is seen."""
    drawn, hair = cover[seen.known], seen.hair[seen.known]
    return float(np.minimum(drawn, hair).sum() / max(float(np.maximum(drawn, hair).sum()), 1.0))


@dataclass(frozen=True)
class Choice:
    """A style and how well it agrees: IoU of the silhouette alone, and the score that kind and length have a say in."""

    style: str
    agreement: float
    score: float


def ranked(drawer: Drawer, flow: HairFlow, styles: tuple[str, ...]) -> list[Choice]:
    """Styles by how well they agree with what is seen, the best first."""
    made = []
    for style in styles:
        agreement = drawer.agreement(PRESETS[style].groom)
        made.append(Choice(style, agreement, agreement - mismatch(style, drawer.seen, flow)))
    return sorted(made, key=lambda choice: -choice.score)


def mismatch(style: str, seen: HairSeen, flow: HairFlow) -> float:
    """What a style loses because its hair is of another kind or length than the photo's."""
    preset = PRESETS[style]
    loss = GATHERED_LOSS if preset.family == "gathered" else 0.0
    loss += RARE_LOSS if style in RARE else 0.0
    loss += KIND_LOSS * abs(kind_of(preset.groom) - seen_kind(flow)) / 2
    longer = LENGTHS.index(length_step(preset.groom)) - LENGTHS.index(seen_length(seen))
    if preset.family == "gathered" or (seen.cut and longer > 0):
        return loss
    return loss + LENGTH_LOSS * abs(longer)


def kind_of(groom: Groom) -> float:
    """0 straight, 1 wavy or curly, 2 coily."""
    if groom.curl_radius_mm <= 0 and groom.gather not in ("locs",):
        return 0.0
    return 2.0 if groom.curl_pitch_mm < 24 else 1.0


def seen_kind(flow: HairFlow) -> float:
    """The same of hair in a photo, in between as well; what is usual as far as no strands are seen."""
    if not np.isfinite(flow.straight):
        return USUAL_KIND
    seen = float(np.interp(flow.straight, (COILY, (COILY + STRAIGHT) / 2, STRAIGHT), (2.0, 1.0, 0.0)))
    return USUAL_KIND + float(np.interp(flow.strand, STRANDS_SEEN, (0.0, 1.0))) * (seen - USUAL_KIND)


def seen_length(seen: HairSeen) -> str:
    """Which of LENGTHS the hair of a photo is of, by how far it hangs; hair cut off by the photo is long."""
    lows = [low for low in seen.lowest_mm if np.isfinite(low)]
    if not lows or seen.rooted < 0.1:
        return LENGTHS[0]
    return _step_at(min(lows))


def _step_at(lowest_mm: float) -> str:
    return LENGTHS[1 + sum(lowest_mm < end for end in TIPS_MM)]


def styles_for(seen: HairSeen) -> tuple[str, ...]:
    """Styles worth drawing: as long as the hair seen, or a step off where it ends near one, or tied if it seems short.

    Hair that the photo cuts off may be of any greater length.
    """
    step = LENGTHS.index(seen_length(seen))
    lows = [low for low in seen.lowest_mm if np.isfinite(low)]
    steps = {step, LENGTHS.index(_step_at(min(lows) - NEAR_MM)), LENGTHS.index(_step_at(min(lows) + NEAR_MM))}
    if step == 1:
        steps.add(0)
    if seen.cut:
        steps |= set(range(step, len(LENGTHS)))
    tied = step <= 2 and seen.rooted > TIED_ROOTED
    return tuple(
        name
        for name, preset in PRESETS.items()
        if name != "bald"
        and (tied if preset.family == "gathered" else LENGTHS.index(length_step(preset.groom)) in steps)
    )


def nearest_by_features(seen: HairSeen, flow: HairFlow) -> str:
    """The style nearest to what is seen by numbers alone, without a silhouette: for a quick look."""
    loose = [name for name, preset in PRESETS.items() if name != "bald" and preset.family != "gathered"]
    return min(loose, key=lambda name: distance(name, seen, flow))


def likely(seen: HairSeen, flow: HairFlow, count: int) -> tuple[str, ...]:
    """Styles worth drawing, the likeliest by numbers alone."""
    return tuple(sorted(styles_for(seen), key=lambda name: distance(name, seen, flow))[:count])


def distance(name: str, seen: HairSeen, flow: HairFlow) -> float:
    """How far a style is from what is seen, by length, kind, fringe, height and bareness."""
    groom, family = PRESETS[name].groom, PRESETS[name].family
    lows = [low for low in seen.lowest_mm if np.isfinite(low)]
    hang = EAR_TOP_MM - min(lows, default=EAR_TOP_MM)
    hanging = max(groom.sides_mm, groom.back_mm) * (0.6 if groom.stand > 0.5 else 1.0)
    if family == "gathered":
        hanging = hang + TIED_MM
    if seen.cut and hanging > hang:
        hanging = hang + 0.2 * (hanging - hang)
    stands = groom.lift_mm + 0.5 * groom.stand * groom.top_mm
    bare = 0.5 * (groom.recession + groom.crown_thinning)
    return float(
        abs(np.log((max(hanging, 4) + 15) / (max(hang, 4) + 15)))
        + 0.4 * abs(seen_kind(flow) - kind_of(groom))
        + 0.6 * abs(float(groom.fringe_mm > 0) - float(seen.forehead > FRINGED))
        + 0.015 * abs(stands - max(seen.highest_mm, 0))
        + 0.8 * abs(bare - (1 - seen.rooted_top))
        + (0.5 if name in RARE else 0.0)
    )
