"""One identity from the frames of clips: a face that moves is matched where it moves alike.

Flow between two unwrapped skins errs where expressions differ: lips, folds and cheeks change their look, and the head
model moves them a little otherwise than this person does. So frames are matched in groups of like expression that
differ in pose; one camera, one identity and the overlap of the groups join them. Each clip tells on its own, since
its light and its expressions err together, and counts as far as it foretells matches of frames that it was not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from facegpt.metrics import angle_between_deg, within_radius
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.adjust import Adjusted, AdjustSettings, Belief, adjusted
from facegpt.parallax.comparison import CONTRADICTS, MATCHED, NOTHING_NEW, SAME_SIDE, TOO_LITTLE_SKIN
from facegpt.parallax.person import (
    CONTRADICTING,
    FEWEST_CHECKED,
    FEWEST_PLACES,
    LEAST_GAIN,
    LEAST_TURN_DEG,
    PhotoOfPerson,
    doubted,
    every,
    sure_skin,
)
from facegpt.parallax.skin import SkinView, face_texels, skin_view
from facegpt.parallax.tracks import Tracks, follow, joined
from facegpt.runtime.side_by_side import in_order
from facegpt.types import FaceParams

Floats = NDArray[np.float64]

#: Groups of like expression in a clip, and frames beside the reference of each.
GROUPS, BESIDE = 2, 6
#: A turn beyond this, degrees, tells no more of depth for the choice of frames; expressions that move the face by so
#: much (RMS mm) more than the reference's cost a frame as much as that turn gives.
TURN_DEG, UNLIKE_MM = 15.0, 2.0
#: References are looked for where other frames lie within about so many degrees and mm of expression.
CENTRE_DEG, CENTRE_MM = 20.0, 2.0
#: Reach (mm) from the nose's tip of the skin by which expressions are compared, and every so many vertices of it.
FACE_MM, THINNED = 95.0, 5
#: Places that are adjusted at most, and those of the check.
PLACES, CHECKED = 900, 400
#: Of the frames beside references every so many is held back for the check.
HELD_BACK = 3
#: Shares of the way from the believed identity to the found one that are tried on the matches that were held back.
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class ClipAgreement:
    """What the frames of one clip say together.

    Attributes:
        identity: (I,). precision: (I, I) of it, what was believed before included. frames: which were matched.
        share: of the way from the believed identity that matches of held-back frames bear out, 0..1. residual_px:
            median distance of held-back frames' matches at that identity, in their photo's pixels; told_px: of those
            that were adjusted to. before_px: of held-back ones at the believed identity.
    """

    identity: Floats
    precision: Floats
    frames: tuple[int, ...]
    share: float
    residual_px: float
    before_px: float
    told_px: float


def clip_agreement(
    model: MakeHumanHead,
    frames: Sequence[PhotoOfPerson],
    belief: Belief,
    settings: AdjustSettings | None = None,
) -> ClipAgreement | None:
    """The agreement of `clip_compared`; None where there is none."""
    return clip_compared(model, frames, belief, settings)[0]


def clip_compared(
    model: MakeHumanHead,
    frames: Sequence[PhotoOfPerson],
    belief: Belief,
    settings: AdjustSettings | None = None,
) -> tuple[ClipAgreement | None, str]:
    """The identity that the skin in a clip's frames agrees on, and the reason (`facegpt.parallax.comparison`).

    There is no agreement where the head hardly turns, or the skin says too little, or foretells no better.
    frames: with heads of one identity and one focal length, each in its own pose and expression. belief: of the
    identity beside the matches.
    """
    settings = settings or AdjustSettings()
    if widest_turn_deg([one.params for one in frames]) < LEAST_TURN_DEG:
        return None, SAME_SIDE
    groups = like_groups(model, [one.params for one in frames])
    tracks, used = group_matches(model, frames, groups)
    if len(used) < 3 or len(tracks.corners) < FEWEST_PLACES:
        return None, TOO_LITTLE_SKIN
    params = [frames[k].params for k in used]
    tracks, doubt = doubted(model, tracks.some(every(len(tracks.corners), PLACES)), params, belief, settings)
    references = [used.index(group[0]) for group in groups]
    checked = _checked(model, tracks, params, references, belief, settings)
    if checked is None:
        return None, TOO_LITTLE_SKIN
    if checked[0] == 0:
        return None, CONTRADICTS if np.median(doubt) > CONTRADICTING else NOTHING_NEW
    share, before_px, after_px = checked
    found = adjusted(model, tracks, params, belief, settings)
    start = np.asarray(params[0].identity, np.float64)
    agreed = ClipAgreement(
        start + share * (found.scene.identity - start),
        found.precision,
        tuple(used),
        share,
        after_px,
        before_px,
        float(np.nanmedian(found.residual_px)),
    )
    return agreed, MATCHED


def widest_turn_deg(params: Sequence[FaceParams]) -> float:
    """The largest angle between the poses of two frames, 0 of one."""
    turns = [np.asarray(one.pose.rotation, np.float64) for one in params]
    return max((angle_between_deg(a, b) for a, b in combinations(turns, 2)), default=0.0)


def like_groups(model: MakeHumanHead, params: Sequence[FaceParams]) -> list[list[int]]:
    """Groups of frames to match, each its reference first: of like expression, turned as differently as there are.

    A reference stands in the middle of the frames' poses and expressions; the second group's is as unlike the first
    one's as the clip has it there.
    """
    turns = [np.asarray(one.pose.rotation, np.float64) for one in params]
    apart = np.array([[angle_between_deg(a, b) for b in turns] for a in turns])
    moved = _moved_mm(model, [np.asarray(one.expression, np.float64) for one in params])
    off = apart.mean(1) / CENTRE_DEG + moved.mean(1) / CENTRE_MM
    groups: list[list[int]] = []
    for _ in range(min(GROUPS, len(params))):
        taken = [group[0] for group in groups]
        far = np.zeros(len(params))
        if taken:
            nearest = np.minimum(apart[:, taken].min(1) / CENTRE_DEG, 1), np.minimum(moved[:, taken].min(1), CENTRE_MM)
            far = nearest[0] + nearest[1] / CENTRE_MM
        middle = int(np.argmin(off - far))
        if middle in taken:
            break
        groups.append(_group(middle, apart, moved))
    return groups


def _group(middle: int, apart: Floats, moved: Floats) -> list[int]:
    """The reference and the frames to match it with."""
    chosen, left = [middle], [k for k in range(len(apart)) if k != middle]
    while left and len(chosen) <= BESIDE:
        gain = [min(apart[k, chosen].min() / TURN_DEG, 1) - moved[k, middle] / UNLIKE_MM for k in left]
        chosen.append(left.pop(int(np.argmax(gain))))
    return chosen


def _moved_mm(model: MakeHumanHead, expressions: Sequence[Floats]) -> Floats:
    """RMS distance in mm of the face between the expressions of each two frames: (J, J)."""
    mean = np.asarray(model.mean_vertices, np.float64)
    near = np.flatnonzero(within_radius(mean, model.embedding("ibug68")(mean)[30], FACE_MM))[::THINNED]
    basis = model.expression_basis[:, near].reshape(len(model.expression_basis), -1).astype(np.float64)
    worn = np.stack(expressions) @ basis / np.sqrt(len(near))
    return np.linalg.norm(worn[:, None] - worn[None], axis=2)


def group_matches(
    model: MakeHumanHead, frames: Sequence[PhotoOfPerson], groups: Sequence[Sequence[int]]
) -> tuple[Tracks, list[int]]:
    """The matches of all groups, and which frames their columns are."""
    used = sorted({k for group in groups for k in group})

    def unwrapped(k: int) -> SkinView:
        return skin_view(model, frames[k].params, frames[k].image)

    views = dict(zip(used, [view for _, view in in_order(unwrapped, used)], strict=True))
    found = []
    for group in groups:
        tracks = follow(face_texels(model), [views[k] for k in group], 0)
        found.append(_columns(sure_skin(tracks, [frames[k].dense for k in group]), group, used))
    return joined(found), used


def _columns(tracks: Tracks, group: Sequence[int], used: Sequence[int]) -> Tracks:
    """A group's matches with a column for every frame in use."""
    pixels = np.zeros((len(tracks.corners), len(used), 2))
    sigma = np.full((len(tracks.corners), len(used)), np.inf)
    where = [used.index(k) for k in group]
    pixels[:, where], sigma[:, where] = tracks.pixels, tracks.sigma_px
    return Tracks(tracks.corners, tracks.weights, pixels, sigma)


def _checked(
    model: MakeHumanHead,
    tracks: Tracks,
    params: Sequence[FaceParams],
    references: Sequence[int],
    belief: Belief,
    settings: AdjustSettings,
) -> tuple[float, float, float] | None:
    """Which share of the way to the identity found without some frames foretells their matches best; None unknown.

    It is 0 where no share takes LEAST_GAIN of the matches' cost off: a face whose skin moves by more than its
    expressions explain leaves so much of it to every identity that chance would choose.
    Beside the share stand the median distances in pixels of those matches at the believed identity and at that share.
    """
    beside = [j for j in range(len(params)) if j not in references]
    held = beside[HELD_BACK - 1 :: HELD_BACK]
    some = tracks.some(every(len(tracks.corners), CHECKED))
    rest = [j for j in range(len(params)) if j not in held]
    both = sorted([*references, *held])
    told, asked = some.within(rest), some.within(both)
    if not held or min(len(told.corners), len(asked.corners)) < FEWEST_CHECKED:
        return None
    start = np.asarray(params[0].identity, np.float64)
    way = adjusted(model, told, [params[j] for j in rest], belief, settings).scene.identity - start

    def foretold(share: float) -> Adjusted:
        at = Belief(start + share * way, belief.precision)
        return adjusted(model, asked, [params[j] for j in both], at, settings, hold_identity=True)

    tried = [foretold(share) for share in SHARES]
    best = int(np.argmin([one.cost for one in tried]))
    if tried[best].cost > (1 - LEAST_GAIN) * tried[0].cost:
        best = 0
    px = [float(np.nanmedian(one.residual_px)) for one in (tried[0], tried[best])]
    return SHARES[best], px[0], px[1]


def fused_clips(agreements: Sequence[ClipAgreement], belief: Belief) -> tuple[Floats, Floats]:
    """The identity (I,) that clips of a person agree on, and its precision (I, I), the belief counted once.

    Each clip's matches count by what they know beyond the belief.
    """
    beyond = [one.precision - belief.precision for one in agreements]
    precision = belief.precision + np.sum(beyond, axis=0)
    weights = [extra + belief.precision / len(agreements) for extra in beyond]
    pull = np.sum([weight @ one.identity for weight, one in zip(weights, agreements, strict=True)], axis=0)
    return np.asarray(np.linalg.solve(precision, pull), np.float64), np.asarray(precision, np.float64)
