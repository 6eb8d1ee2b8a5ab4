"""From several photos of a person, each fitted alone, to one identity that agrees with what they show together.

Matches count as far as they foretell: the identity found without one photo must explain that photo's matches better
than the identity that was believed before. Where it does not (a face that moves, two people, photos all from one side)
the belief stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.metrics import angle_between_deg
from facegpt.fitting.occlusion import unhidden
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.adjust import AdjustSettings, Belief, adjusted
from facegpt.parallax.skin import face_texels, skin_view
from facegpt.parallax.tracks import Tracks, follow
from facegpt.types import DensePoints, FaceParams

Floats = NDArray[np.float64]

#: Photos that are matched at most, and how far apart in degrees two must be turned to tell of depth at all.
MOST_PHOTOS, LEAST_TURN_DEG = 7, 6.0
#: Photos turned further from each other than this are not matched: too little of the skin is seen by both.
WIDEST_DEG = 65.0
#: Places that are adjusted at most, those that the check takes, and the fewest that say anything.
MOST_PLACES, CHECK_PLACES, FEWEST_PLACES = 1200, 400, 150
#: Share of what single fits know of the identity that counts beside the matches: they err alike, matches don't.
BELIEVED = 0.2
#: Matches are believed that are foretold better by so much, share of the cost.
LEAST_GAIN = 0.05
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
            better than the believed one, mean over photos.
    """

    identity: Floats
    covariance: Floats
    photos: tuple[int, ...]
    places: int
    residual_px: float
    gain: float


def agreement(
    model: MakeHumanHead,
    photos: Sequence[PhotoOfPerson],
    identity: Floats,
    covariance: Floats,
    settings: AdjustSettings | None = None,
) -> Agreement | None:
    """The identity that the photos' skin agrees on; None where they say too little together, or contradict it.

    identity, covariance: (I,), (I, I) what the photos' own fits say of the person, which is theirs in `photos` too.
    """
    chosen = spread_of([one.params for one in photos])
    if len(chosen) < 2:
        return None
    some = [photos[k] for k in chosen]
    tracks = matches(model, some)
    if len(tracks.corners) < FEWEST_PLACES:
        return None
    params, belief = [one.params for one in some], believed(identity, covariance)
    gain = foretold(model, tracks.some(every(len(tracks.corners), CHECK_PLACES)), params, identity, belief, settings)
    if gain <= LEAST_GAIN:
        return None
    found = adjusted(model, tracks.some(every(len(tracks.corners), MOST_PLACES)), params, belief, settings)
    return Agreement(
        found.scene.identity,
        np.linalg.inv(found.precision),
        tuple(chosen),
        len(tracks.corners),
        float(np.nanmedian(found.residual_px)),
        gain,
    )


def believed(identity: Floats, covariance: Floats) -> Belief:
    """The belief beside matches: the population, and a share of what single fits say beyond it."""
    precision = np.linalg.inv(covariance)
    beside = np.eye(len(identity)) + BELIEVED * (precision - np.eye(len(identity)))
    return Belief(np.linalg.solve(beside, BELIEVED * precision @ identity), beside)


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
    views = [skin_view(model, one.params, one.image) for one in photos]
    tracks = follow(face_texels(model), views, 0)
    sigma = tracks.sigma_px.copy()
    for j, one in enumerate(photos):
        if one.dense is not None:
            sigma[unhidden(one.dense, tracks.pixels[:, j]) < UNHIDDEN, j] = np.inf
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
    settings: AdjustSettings | None = None,
) -> float:
    """How much better matches are foretold by the identity found without them than by `identity`: share of its cost.

    With three photos or more each but the reference is left out in turn; with two, one half of the face and the other.
    """
    gains = []
    for told, asked in folds(tracks):
        if min(len(told.corners), len(asked.corners)) < 30:
            continue
        found = adjusted(model, told, params, belief, settings).scene.identity
        costs = [
            adjusted(model, asked, params, Belief(z, belief.precision), settings, hold_identity=True).cost
            for z in (identity, found)
        ]
        gains.append(1 - costs[1] / max(costs[0], 1e-9))
    return float(np.mean(gains)) if gains else 0.0


def folds(tracks: Tracks) -> list[tuple[Tracks, Tracks]]:
    """Pairs of matches: those that an identity is found from, and those that it must foretell."""
    photos = tracks.sigma_px.shape[1]
    if photos > 2:
        return [(tracks.without(j), tracks.of_pair(0, j)) for j in range(1, photos)]
    halves = np.argsort(np.argsort(tracks.pixels[:, 0, 1])) * 6 // len(tracks.corners) % 2 == 0
    return [(tracks.some(halves), tracks.some(~halves)), (tracks.some(~halves), tracks.some(halves))]
