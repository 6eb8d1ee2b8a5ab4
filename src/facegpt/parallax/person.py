"""From several photos of a person, each fitted alone, to one identity that agrees with what they show together.

Matches count as far as they foretell: the identity found without one photo must explain that photo's matches better
than the identity that was believed before. Where it does not (a face that moves, two people, photos all from one side)
the belief stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.occlusion import unhidden
from facegpt.fitting.rest import at_rest
from facegpt.metrics import angle_between_deg
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.adjust import Adjusted, AdjustSettings, Belief, adjusted
from facegpt.parallax.comparison import (
    CONTRADICTS,
    MATCHED,
    MIRRORED,
    NOTHING_NEW,
    SAME_SIDE,
    TOO_FAR,
    TOO_LITTLE_SKIN,
    Compared,
    turn_between_deg,
)
from facegpt.parallax.mirrored import mirrored_rows
from facegpt.parallax.outlines import ends
from facegpt.parallax.skin import face_texels, skin_view
from facegpt.parallax.tracks import Tracks, follow
from facegpt.runtime.side_by_side import in_order
from facegpt.types import DensePoints, FaceParams

Floats = NDArray[np.float64]

#: Photos that are matched at most, and how far apart in degrees two must be turned to tell of depth at all.
MOST_PHOTOS, LEAST_TURN_DEG = 7, 6.0
#: Photos turned further from each other than this are not matched: too little of the skin is seen by both.
WIDEST_DEG = 65.0
#: Places that are adjusted at most, those that the check takes, and the fewest that say anything.
MOST_PLACES, CHECK_PLACES, FEWEST_PLACES, FEWEST_CHECKED = 900, 400, 150, 30
#: A photo is of the same skin that shares this much of the places that the best one shares with the reference: chance
#: likeness of strangers and of mirrored photos gives less.
LEAST_SHARED = 0.2
#: Share of what single fits know of the identity that counts beside the matches: they err alike, matches don't.
BELIEVED = 0.2
#: Residual of matches of a still head over their SD. By the power of how much larger residuals are than that evidence
#: falls, and the doubt of expressions grows, up to so many times.
AT_BEST, DOUBT_POWER, MOST_LOOSENED = 0.75, 4, 5.0
#: How often the photos are matched: at first with the heads of single fits, then with the one that was found.
ROUNDS = 2
#: How often outlines are looked for in each of these rounds.
OUTLINE_ROUNDS = 2
#: How often another reference is tried, and into how many strips a face is cut where there are two photos.
REFERENCES, HALVES = 2, 6
#: Matches are believed that are foretold better by so much, share of the cost, mean over the photos that gain at all.
LEAST_GAIN = 0.05
#: Matches that leave residuals so many times larger than those of a still face contradict the others.
CONTRADICTING = 1.5
#: A place counts in a photo where the network believes so surely that nothing hides the face.
UNHIDDEN = 0.6


@dataclass(frozen=True)
class PhotoOfPerson:
    """One photo: (H, W, 3) uint8, the head as fitted to it with the believed identity, and what the network says."""

    image: NDArray[np.uint8]
    params: FaceParams
    dense: DensePoints | None = None


@dataclass(frozen=True)
class Agreement:
    """What the photos say together.

    Attributes:
        identity: (I,). covariance: (I, I). photos: which were matched.
        places: how many places of the skin two photos or more show. residual_px: median distance of the matches from
            where the head has them. gain: share by which the identity found without a photo foretells its matches
            better than the believed one, mean over photos. doubt: how many times larger than usual residuals are: 1 of
            a still head. refused: photos that were compared and do not agree with these: other people, mirrored ones,
            strong expressions, turned too far. mirrored: those of them whose mirror image fits the others.
        tracks: the places, and where each of `photos`, in that order, shows them; None where nobody kept them.
    """

    identity: Floats
    covariance: Floats
    photos: tuple[int, ...]
    places: int
    residual_px: float
    gain: float
    doubt: float
    refused: tuple[int, ...] = ()
    mirrored: tuple[int, ...] = ()
    tracks: Tracks | None = None


def agreement(
    model: MakeHumanHead,
    photos: Sequence[PhotoOfPerson],
    identity: Floats,
    covariance: Floats,
    settings: AdjustSettings | None = None,
) -> Agreement | None:
    """What `compared` photos agree on; None where they don't."""
    return compared(model, photos, identity, covariance, settings)[0]


def compared(
    model: MakeHumanHead,
    photos: Sequence[PhotoOfPerson],
    identity: Floats,
    covariance: Floats,
    settings: AdjustSettings | None = None,
) -> tuple[Agreement | None, tuple[Compared, ...]]:
    """The identity that the photos' skin agrees on, and what became of each photo, in their order.

    There is no agreement where they say too little together, or contradict it.
    identity, covariance: (I,), (I, I) what the photos' own fits say of the person, which is theirs in `photos` too.
    What all photos share of their expressions is taken for shape (`facegpt.fitting.rest`).
    """
    identity, shown = at_rest(model, identity, [one.params for one in photos])
    photos = [replace(one, params=params) for one, params in zip(photos, shown, strict=True)]
    odd = mirrored_rows(model, [(one.image, one.params) for one in photos], spread_of(shown))
    left, asked, told = [k for k in range(len(photos)) if k not in odd], set(odd), dict[int, Compared]()
    for _ in range(REFERENCES):
        if not left:
            break
        chosen = [left[k] for k in spread_of([shown[k] for k in left])]
        found, each = _agreed(model, [photos[k] for k in chosen], identity, covariance, settings or AdjustSettings())
        became, asked = dict(zip(chosen, each, strict=True)), asked | set(chosen)
        if found is None and (worst := _most_doubted(each)):
            # one grimace keeps all others from agreeing
            rest = [k for k in chosen if k != chosen[worst]]
            found, each = _agreed(model, [photos[k] for k in rest], identity, covariance, settings or AdjustSettings())
            became |= {} if found is None else dict(zip(rest, each, strict=True))
            chosen = chosen if found is None else rest
        if found is not None or not told:
            told = {k: _beside(shown, k, chosen[0], k in odd) for k in range(len(photos))} | became
        if found is not None:
            kept = tuple(chosen[k] for k in found.photos)
            agreed = replace(found, photos=kept, refused=tuple(sorted(asked - set(kept))), mirrored=odd)
            return agreed, tuple(told[k] for k in range(len(photos)))
        left.remove(chosen[0])
    return None, tuple(told[k] for k in range(len(photos)))


def _most_doubted(told: Sequence[Compared]) -> int:
    """Which photo beside the first has the largest residuals; 0 where fewer than two would be left without it."""
    doubts = [one.doubt or 0.0 for one in told]
    return 0 if len(doubts) < 3 or max(doubts[1:]) == 0 else 1 + int(np.argmax(doubts[1:]))


def _beside(params: Sequence[FaceParams], row: int, reference: int, mirrored: bool) -> Compared:
    """What became of a photo whose skin was not followed from the reference."""
    turn = turn_between_deg(params[row], params[reference])
    return Compared(MIRRORED if mirrored else TOO_FAR if turn > WIDEST_DEG else SAME_SIDE, turn)


def _agreed(
    model: MakeHumanHead,
    photos: Sequence[PhotoOfPerson],
    identity: Floats,
    covariance: Floats,
    settings: AdjustSettings,
) -> tuple[Agreement | None, list[Compared]]:
    """As `compared`, by the photos that share skin with the first one and agree with it."""
    params = [one.params for one in photos]
    told = [Compared(TOO_LITTLE_SKIN, turn_between_deg(one, params[0])) for one in params]
    if len(photos) < 2:
        return None, [replace(one, reason=SAME_SIDE) for one in told]
    tracks = matches(model, photos)
    shared = tracks.seen.sum(0)
    told = [replace(one, places=int(count)) for one, count in zip(told, shared, strict=True)]
    enough = max(FEWEST_PLACES, LEAST_SHARED * max(shared[1:], default=0))
    same = [0, *(j for j in range(1, len(photos)) if shared[j] >= enough)]
    if len(same) < 2:
        return None, told
    tracks, params = tracks.within(same), [params[k] for k in same]
    tracks, each = doubted(model, tracks, params, believed(identity, covariance), settings)
    doubt = float(np.median(each))
    settings = replace(
        settings,
        independent=settings.independent / doubt**DOUBT_POWER,
        expression_sd=settings.expression_sd * min(doubt**DOUBT_POWER, MOST_LOOSENED),
    )
    belief = believed(identity, covariance, BELIEVED ** (1 / doubt**2))
    some = tracks.some(every(len(tracks.corners), CHECK_PLACES))
    gains = foretold(model, some, params, identity, belief, settings)
    kept = [0, *(j + 1 for j, gain in enumerate(gains) if gain > 0)]
    agree = len(kept) > 1 and np.mean([gains[k - 1] for k in kept[1:]]) >= LEAST_GAIN
    for k, row in enumerate(same):
        gain, off = (max(gains), max(each)) if k == 0 else (gains[k - 1], each[k])
        reason = MATCHED if agree and k in kept else CONTRADICTS if off > CONTRADICTING else NOTHING_NEW
        told[row] = replace(told[row], reason=reason, doubt=float(each[k]), gain=float(gain))
    if not agree:
        return None, told
    found = _in_rounds(model, [photos[same[k]] for k in kept], tracks.within(kept), belief, settings, doubt)
    return Agreement(
        found.scene.identity,
        np.asarray(np.linalg.inv(found.precision), np.float64),
        tuple(same[k] for k in kept),
        len(tracks.corners),
        float(np.nanmedian(found.residual_px)),
        float(np.mean([gains[k - 1] for k in kept[1:]])),
        doubt,
        tracks=tracks.within(kept),
    ), told


def _in_rounds(
    model: MakeHumanHead,
    photos: Sequence[PhotoOfPerson],
    tracks: Tracks,
    belief: Belief,
    settings: AdjustSettings,
    doubt: float,
) -> Adjusted:
    """Adjust, match again on the head that was found, where less is left to match, and adjust again.

    In each round the outlines are looked for anew beside the head as it is, twice: the contour slides with the shape.
    """
    found = _with_outlines(model, photos, _most(tracks), belief, settings)
    for _ in range(ROUNDS - 1):
        moved = [replace(one, params=params) for one, params in zip(photos, found.params, strict=True)]
        tracks = matches(model, moved)
        if len(tracks.corners) < FEWEST_PLACES:
            break
        tracks = replace(tracks, sigma_px=tracks.sigma_px * doubt)
        found = _with_outlines(model, moved, _most(tracks), belief, settings)
    return found


def _with_outlines(
    model: MakeHumanHead, photos: Sequence[PhotoOfPerson], tracks: Tracks, belief: Belief, settings: AdjustSettings
) -> Adjusted:
    """Adjust to matches and to outlines, which are looked for again beside the head that was found."""
    params = [one.params for one in photos]
    for _ in range(OUTLINE_ROUNDS):
        seen = [ends(model, at, one.image, one.dense) for at, one in zip(params, photos, strict=True)]
        found = adjusted(model, tracks, params, belief, settings, outlines=seen)
        params = found.params
    return found


def _most(tracks: Tracks) -> Tracks:
    return tracks.some(every(len(tracks.corners), MOST_PLACES))


def doubted(
    model: MakeHumanHead, tracks: Tracks, params: Sequence[FaceParams], belief: Belief, settings: AdjustSettings
) -> tuple[Tracks, Floats]:
    """The matches with SDs as large as their residuals, and by how much each photo's (J,) usual SDs were too small.

    A still head that is matched well leaves residuals of AT_BEST of the SDs. Larger ones are of faces that move by more
    than their expressions explain, of blur or of wrong matches: those err together over whole regions.
    """
    some = tracks.some(every(len(tracks.corners), CHECK_PLACES))
    left = adjusted(model, some, params, belief, settings).residual_px / np.where(some.seen, some.sigma_px, np.nan)
    each = np.array([np.nanmedian(left[:, j]) if some.seen[:, j].any() else AT_BEST for j in range(left.shape[1])])
    factor = np.maximum(each / AT_BEST, 1.0)
    return replace(tracks, sigma_px=tracks.sigma_px * factor), np.asarray(factor, np.float64)


def believed(identity: Floats, covariance: Floats, share: float = BELIEVED) -> Belief:
    """The belief beside matches: the population, and a share of what single fits say beyond it."""
    precision = np.asarray(np.linalg.inv(covariance), np.float64)
    beside = np.eye(len(identity)) + share * (precision - np.eye(len(identity)))
    return Belief(np.asarray(np.linalg.solve(beside, share * precision @ identity), np.float64), beside)


def spread_of(params: Sequence[FaceParams]) -> list[int]:
    """Which photos to match, the reference first: the most central one, then those whose turns differ the most."""
    turns = [np.asarray(one.pose.rotation, np.float64) for one in params]
    apart = np.array([[angle_between_deg(a, b) for b in turns] for a in turns])
    near = apart <= WIDEST_DEG
    central = int(np.argmin(np.where(near, apart, WIDEST_DEG).sum(1) - 1e3 * near.sum(1)))
    chosen, left = [central], [k for k in np.flatnonzero(near[central]) if k != central]
    while left and len(chosen) < MOST_PHOTOS:
        gaps = [apart[k, chosen].min() for k in left]
        if max(gaps) < LEAST_TURN_DEG:
            break
        chosen.append(int(left.pop(int(np.argmax(gaps)))))
    return chosen


def matches(model: MakeHumanHead, photos: Sequence[PhotoOfPerson]) -> Tracks:
    """Places of the skin that the first photo shares with others, what the network takes for hidden left out."""
    return sure_skin(followed(model, photos), [one.dense for one in photos])


def followed(model: MakeHumanHead, photos: Sequence[PhotoOfPerson]) -> Tracks:
    """Places of the skin that the first photo shares with others."""
    views = [view for _, view in in_order(lambda one: skin_view(model, one.params, one.image), photos)]
    return follow(face_texels(model), views, 0)


def sure_skin(tracks: Tracks, dense: Sequence[DensePoints | None]) -> Tracks:
    """The matches without what the network takes for hidden in each photo."""
    sigma = tracks.sigma_px.copy()
    for j, one in enumerate(dense):
        if one is not None:
            sigma[unhidden(one, tracks.pixels[:, j]) < UNHIDDEN, j] = np.inf
    rows = np.isfinite(sigma).sum(1) >= 2
    return Tracks(tracks.corners[rows], tracks.weights[rows], tracks.pixels[rows], sigma[rows])


def every(count: int, most: int) -> NDArray[np.intp]:
    """At most so many rows, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))


def foretold(
    model: MakeHumanHead,
    tracks: Tracks,
    params: Sequence[FaceParams],
    identity: Floats,
    belief: Belief,
    settings: AdjustSettings,
) -> list[float]:
    """How much better matches are foretold by the identity found without them than by `identity`: share of its cost.

    One number for each photo beside the reference, -1 where there are too few matches. With three photos or more each
    is left out in turn; of two one half of the face tells of the other.
    """
    photos = len(params)
    if photos == 2:
        upper = np.argsort(np.argsort(tracks.pixels[:, 0, 1])) * HALVES // len(tracks.corners) % 2 == 0
        both = [(tracks.some(upper), tracks.some(~upper)), (tracks.some(~upper), tracks.some(upper))]
        return [float(np.mean([_foretold(model, *pair, params, params, identity, belief, settings) for pair in both]))]
    gains = []
    for j in range(1, photos):
        others = [k for k in range(photos) if k != j]
        told, asked = tracks.within(others), tracks.within([0, j])
        of = [params[k] for k in others], [params[0], params[j]]
        gains.append(_foretold(model, told, asked, *of, identity, belief, settings))
    return gains


def _foretold(
    model: MakeHumanHead,
    told: Tracks,
    asked: Tracks,
    told_params: Sequence[FaceParams],
    asked_params: Sequence[FaceParams],
    identity: Floats,
    belief: Belief,
    settings: AdjustSettings,
) -> float:
    """Share of the cost of the matches `asked` that the identity found from `told` takes off that of `identity`."""
    if min(len(told.corners), len(asked.corners)) < FEWEST_CHECKED:
        return -1.0
    found = adjusted(model, told, told_params, belief, settings).scene.identity
    before, after = (
        adjusted(model, asked, asked_params, Belief(z, belief.precision), settings, hold_identity=True).cost
        for z in (identity, found)
    )
    return 1 - after / max(before, 1e-9)
