"""Pose, expression and gaze of one frame, of a person whose head and focal length are known by now.

The bounded Gauss-Newton solver of photos, with the identity folded into the points: 52 units and the pose are left, so
a few steps from where the last frame ended suffice. The person's own units serve (a blink is as long as the eye is
high), which a fit of identity and expression together cannot have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.fitting import gaze
from facegpt.fitting.dense import BESIDE_BELIEF, DenseSettings, dense_prior, dense_target, without_identity
from facegpt.fitting.embedded import EmbeddedModel, densely_embedded
from facegpt.fitting.gauss_newton import POSE, Prior, Settings, State, Target, solve
from facegpt.fitting.landmark_fit import eye_trust, eye_visibility
from facegpt.fitting.lids import (
    with_parted_lips,
    with_settled_lids,
    with_settled_lips,
)
from facegpt.fitting.linear_points import AnchoredPoints, LinearPoints
from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS, SURFACE
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, DensePoints, Detection
from facegpt.video.habits import Habits, identity_with_habits, taken_off

Floats = NDArray[np.float64]

#: Pose unknowns that are followed: rotation vector 3, place in the image 2, log scale 1 (the focal length is known).
FOLLOWED_POSE = 6
FIRST = Settings(pose_steps=2, max_steps=3, tolerance=1e-3)
SECOND = Settings(max_steps=2, tolerance=1e-3)
#: One step before the gaze is measured and one after it: from where the last frame ended more of them change nothing.
STEP = Settings(max_steps=1, tolerance=1e-3)
UNKNOWN_FOCAL = Settings(pose_steps=4, max_steps=12, tolerance=1e-4)
#: How far a clip's known focal length is believed to hold, log units.
FOCAL_LOG_SD = 0.01
#: SD of a measured gaze angle from frame to frame with the eye wide open, degrees; less trust makes it larger.
GAZE_SD_DEG, LEAST_TRUST = 1.2, 0.05
#: Lids from one frame to the next: SDs of blink, squint and wide about what they are expected at, and how squint and
#: wide fade. A blink comes and goes within frames, a squint stays, so that what closes an eye at once is a blink.
LIDS_SD, LIDS_FADE = np.array([0.7, 0.06, 0.06]), 0.97
#: How much the dense network counts in clips. Its points err alike in all frames of a person, and large units at rest
#: must not make up for that: of drawn people whose mouth is shut the points alone open the jaw by a fifth.
BELIEF = DenseSettings(expression_sd=0.15, large_sd=0.02, expression_gain=0.6)
#: The same of a head whose points lie where the networks put them: brows have the points alone, as the network says the
#: same of both sides. On drawn and real clips that counts for more than three times the weight of all points does, and
#: is calmer.
PLACED_BELIEF = replace(
    BELIEF, expression_sd=np.array([0.3 if name.startswith("brow") else 0.15 for name in ARKIT_NAMES])
)
_INDEX = {name: k for k, name in enumerate(ARKIT_NAMES)}
_BLINKS = [_INDEX["eyeBlinkLeft"], _INDEX["eyeBlinkRight"]]
#: The networks' lids keep a slit where eyes are shut: of drawn blinks four fifths are measured.
BLINK_GAIN = 1.25
_LIDS = (np.array(LEFT_LIDS), np.array(RIGHT_LIDS))
_INNER_LIPS = [*UPPER_INNER_LIP, *LOWER_INNER_LIP]
_IRIS_ROW = (5, 0)  # of each eye's centre among the ten iris points, left eye first
_STRAIGHT_DEG = np.array(
    [[gaze.STRAIGHT_SIDE_DEG, gaze.STRAIGHT_UP_DEG], [-gaze.STRAIGHT_SIDE_DEG, gaze.STRAIGHT_UP_DEG]]
)


@dataclass(frozen=True)
class HeldHead:
    """One person's head as the fit of a frame sees it.

    Attributes:
        face: the head model with the identity folded in, so that θ is the expression alone.
        identity: (I,). focal_px: in pixels of the frames as read, or None while it is unknown.
        irises: (2, 3) mm, the middle of the left and the right iris at rest. eyes: (2, 3) mm the eyeballs' centres.
        belief: how much the network tuned to them counts, or None without one: BELIEF.
        habits: of their face at rest, which `face` has at θ = 0; `identity` is the nearest with them. None without any.
        placed: whether `face` has its points where the networks put them on this person (place_errors.py).
    """

    face: EmbeddedModel
    identity: Floats
    focal_px: float | None
    irises: Floats
    eyes: Floats
    belief: DenseSettings | None = None
    habits: Habits | None = None
    placed: bool = False


@dataclass(frozen=True)
class FrameFit:
    """One frame's pose, expression and gaze.

    Attributes:
        state: of the solver; θ is the expression (52,). gaze_deg: (2, 2) left and right eye, (side, up).
        variance: (62,) of rotation vector 3 (rad²), place 2 (px²), log scale, expression 52, gaze 4 (degrees²).
        residual: mean distance of the points from the head, as a share of the face's size.
    """

    state: State
    gaze_deg: Floats
    variance: Floats
    residual: float


def known_head(model: MorphableModel, focal_px: float | None, expression_sd: Array | None = None) -> HeldHead:
    """A person's own head; expression_sd: (52,) of the weights by the network tuned to them, or None without one."""
    belief = None if expression_sd is None else _tuned_belief(expression_sd)
    return replace(held_head(model, np.zeros(model.sizes.identity), focal_px), belief=belief)


def _tuned_belief(expression_sd: Array) -> DenseSettings:
    """How much the network counts that was tuned to somebody: by what it was found to be off, (52,)."""
    return replace(BELIEF, expression_sd=np.asarray(expression_sd, np.float64), large_sd=None, expression_gain=0.0)


def held_head(model: MorphableModel, identity: Array, focal_px: float | None, habits: Habits | None = None) -> HeldHead:
    """Fold one identity (I,), and what its face has at rest, into the points of a head model."""
    whole, z = densely_embedded(model), np.asarray(identity, np.float64)  # type: ignore[arg-type]
    count = len(z)
    embedding = model.embedding("dense")
    kept = np.r_[:SURFACE, SURFACE + len(whole.iris.mean) : len(embedding.corners)]
    if hasattr(model, "units_of"):
        units = np.asarray(model.units_of(identity))
        corners, weights = embedding.corners[kept], np.asarray(embedding.weights)[kept]
        own = np.einsum("elcx,lc->lxe", units[:, corners], weights)
        basis: Array = np.ascontiguousarray(own, np.float32)
    else:
        basis = np.ascontiguousarray(whole.surface.basis[:, :, count:])
    rest = whole.surface(np.concatenate([z, np.zeros(len(ARKIT_NAMES))]))
    if habits is not None:
        rest = rest + np.asarray(basis, np.float64) @ habits.fitted
    surface = AnchoredPoints(rest, np.asarray(basis), 0, whole.surface.centre)  # type: ignore[arg-type]
    iris = LinearPoints(whole.iris.mean + whole.iris.basis[:, :, :count] @ z, whole.iris.basis[:, :, count:], 0)
    eyes = whole.eye_centre + whole.eye_basis @ z
    face = replace(
        whole,
        surface=surface,
        iris=iris,
        eye_centre=eyes,
        eye_basis=np.zeros((2, 3, 0)),
        prior=_tail(whole.prior, count),
    )
    shown = z if habits is None else identity_with_habits(model, z, habits)
    return HeldHead(face, shown, focal_px, iris.mean[list(_IRIS_ROW)], eyes, habits=habits)


def _tail(prior: Prior, count: int) -> Prior:
    """The prior of the expression alone."""
    kept = {name: getattr(prior, name)[count:] for name in ("mean", "sd", "pull", "lower", "upper")}
    return replace(prior, focal_log_sd=FOCAL_LOG_SD, **kept)


def keyframe_belief(dense: DensePoints) -> DenseSettings:
    """How much the network counts where the head is looked for too: points add little to a belief about it."""
    if dense.belief is None:
        return BELIEF
    return replace(BELIEF, shared_evidence=BESIDE_BELIEF.shared_evidence, evidence=BESIDE_BELIEF.evidence)


def fit_frame(
    head: HeldHead,
    detection: Detection,
    dense: DensePoints,
    size: tuple[int, int],
    last: FrameFit | None = None,
    belief: DenseSettings | None = None,
) -> FrameFit:
    """Fit one frame of (width, height) pixels, from where the `last` frame ended if there is one.

    Raises:
        FitError: if the points are not numbers, or lie on one point or line.
    """
    belief = belief or head.belief or (PLACED_BELIEF if head.placed else BELIEF)
    principal = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    points = np.asarray(detection.points, np.float64)
    target = dense_target(dense, detection, head.face, principal, belief)
    target = replace(target, focal_px=head.focal_px)
    said = replace(without_identity(dense), expression=taken_off(dense.expression, head.habits))
    prior = dense_prior(head.face.prior, said, belief)
    if last is None:
        look, jaw = _STRAIGHT_DEG, 0.0
        first = solve(head.face.surface, target, _bounded(prior, look, jaw), FIRST)
    else:
        look, jaw = last.gaze_deg, float(last.state.theta[_INDEX["jawOpen"]])
        moved = target.points_px.mean(0) - _seen_middle(head, last.state, target)
        start = replace(last.state, offset_px=last.state.offset_px + moved)
        first = solve(head.face.surface, target, _bounded(prior, look, jaw), STEP, start)
    trust = eye_trust(target.points_px[:SURFACE]) * eye_visibility(first.state.rotation)
    angles = _gaze(head, first.state, first.residual_px, points[SURFACE:, :2], principal, trust)
    total = min(1.0, float(trust.sum()))
    look = total * angles + (1 - total) * look  # a closed eye looks where it last looked
    prior = _bounded(prior, look, float(first.state.theta[_INDEX["jawOpen"]]))
    found = solve(head.face.surface, target, prior, STEP if last else SECOND, first.state)
    if head.belief is None:
        state = with_parted_lips(head.face.surface, found.state, prior, points[_INNER_LIPS, :2], found.hessian)
    else:  # a network tuned to the person was taught how far these lips are apart
        state = with_settled_lips(head.face.surface, found.state, target)
    if last is None:
        state = with_settled_lids(head.face.surface, state, target)
    else:
        state = with_settled_lids(head.face.surface, state, target, _lids_before(last), LIDS_SD)
    state.theta[_BLINKS] = np.minimum(BLINK_GAIN * state.theta[_BLINKS], 1.0)
    extent = float(np.ptp(target.points_px[:SURFACE], axis=0).max())
    residual = float(np.linalg.norm(found.residual_px[:SURFACE], axis=1).mean() / max(extent, 1e-6))
    return FrameFit(state, look, _variance(found.hessian, prior, trust), residual)


def settle_focal(
    head: HeldHead, detection: Detection, dense: DensePoints, size: tuple[int, int]
) -> tuple[State, Floats]:
    """Pose, expression and focal length of one frame of a known head, and the Hessian of (pose 7, expression 52).

    Raises:
        FitError: as `fit_frame`.
    """
    principal = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    target = dense_target(dense, detection, head.face, principal, BELIEF)
    prior = dense_prior(head.face.prior, without_identity(dense), BELIEF)
    found = solve(head.face.surface, target, _bounded(prior, _STRAIGHT_DEG, 1.0), UNKNOWN_FOCAL)
    return found.state, found.hessian


def _lids_before(last: FrameFit) -> Floats:
    """The weights that lids are expected at: no blink, and squint and wide a little nearer to none than they were."""
    before = LIDS_FADE * last.state.theta
    before[[_INDEX["eyeBlinkLeft"], _INDEX["eyeBlinkRight"]]] = 0.0
    return before


def _seen_middle(head: HeldHead, state: State, target: Target) -> Floats:
    """Where the middle of the points was seen a frame ago, (2,) px, without perspective: enough to start from."""
    turned = (head.face.surface(state.theta) - head.face.surface.centre) @ state.rotation.T
    shrink = 1 / (1 + turned[:, 2:] / np.exp(state.log_depth))
    seen = (np.exp(state.log_scale) * turned[:, :2] + state.offset_px) * shrink
    return seen.mean(0) + target.principal_px


def _bounded(prior: Prior, look_deg: Floats, jaw_open: float) -> Prior:
    """Hold the eyeLook* units at a gaze, and let mouthClose correct as much of jawOpen as there is."""
    lower, upper = prior.lower.copy(), prior.upper.copy()
    for name, value in gaze.look_weights(look_deg).items():
        lower[_INDEX[name]] = upper[_INDEX[name]] = value
    upper[_INDEX["mouthClose"]] = jaw_open
    return replace(prior, lower=lower, upper=upper)


def _gaze(head: HeldHead, state: State, residual: Floats, iris_px: Floats, principal: Floats, trust: Floats) -> Floats:
    """Both eyes' angles (2, 2) degrees, from the irises seen (10, 2)."""
    move = state.translation(head.face.surface.centre)
    placed = [
        gaze.Eyeball(centre @ state.rotation.T + move, iris @ state.rotation.T + move)
        for centre, iris in zip(head.eyes, head.irises, strict=True)
    ]
    left_over = np.stack([residual[lids[[0, 8]]].mean(0) for lids in _LIDS])
    seen = iris_px[list(_IRIS_ROW)] + left_over
    return gaze.gaze_angles_deg((placed[0], placed[1]), seen, state.rotation, state.focal_px, principal, trust)


def _variance(hessian: Floats, prior: Prior, trust: Floats) -> Floats:
    """Posterior variances of what is followed, (62,); units at their bounds vary as if they were free."""
    covariance = np.linalg.inv(hessian)
    diagonal = np.maximum(np.diag(covariance), 1e-12)
    looks = GAZE_SD_DEG**2 / np.maximum(min(1.0, float(trust.sum())), LEAST_TRUST) ** 2
    return np.concatenate([diagonal[:FOLLOWED_POSE], diagonal[POSE:], np.full(4, looks)])


def eye_turns(head: HeldHead, gaze_deg: Floats) -> Floats:
    """Rotation vectors (2, 3) in radians of the eye joints, left then right, for gaze angles (2, 2)."""
    pairs = zip(head.irises - head.eyes, gaze_deg, strict=True)
    return np.stack([gaze.eye_rotvec(rest, angle) for rest, angle in pairs])
