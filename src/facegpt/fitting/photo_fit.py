"""The fit of `balanced` and `best`: landmarks first, then the photo's colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.detect.teeth import teeth_meet
from facegpt.fitting.dense import BESIDE_BELIEF, DenseSettings
from facegpt.fitting.gauss_newton import POSE, Prior, Settings, State, Target, solve
from facegpt.fitting.landmark_fit import LandmarkSolution, landmark_solution, with_identity
from facegpt.fitting.occlusion import unhidden
from facegpt.fitting.photo_samples import photo_samples
from facegpt.fitting.photometric import Photometric, PhotometricSettings, refine
from facegpt.fitting.scale import with_held_size
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.uv import visible_vertices
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, Camera, DensePoints, Detection, Fit

Floats = NDArray[np.float64]

#: How far behind the nearest surface a point may lie and still count as seen: the first mesh is not yet the face's.
_SEEN_MM = 2.5
#: How many times more the points count of pose and expression than of a person believed: as much as without a belief.
OF_THE_POSE = DenseSettings().shared_evidence / BESIDE_BELIEF.shared_evidence
#: How many times the belief's precision counts beside colours, whose errors neighbours share: chosen on people of the
#: studio and of another head model that no evaluation has (model card of the identity).
BELIEF_BESIDE_COLOURS = 1.5
#: How far colours may move the log of the head's size, SD: they are evidence of shape and of none of its size.
SIZE_LOG_SD = 0.005
#: Weight of the jaw at which the drawn rows of teeth just overlap.
SHUT = 0.05
_JAW = ARKIT_NAMES.index("jawOpen")
_AGAIN = Settings(max_steps=4, tolerance=1e-3)


@one_thread()
def fit_photo(
    model: MakeHumanHead,
    detection: Detection,
    image: NDArray[np.uint8],
    focal_px: float | None = None,
    dense: DensePoints | None = None,
    settings: PhotometricSettings | None = None,
) -> Fit:
    """Fit a head to one detection and the photo (H, W, 3) uint8 sRGB that it was found in.

    As `fit_landmarks`, and then shape, pose, albedo and light are refined together on the colours of the face. With
    `dense`, what the network takes for a hand, glasses, hair or another thing in front counts little.

    Returns:
        A Fit; params has the fitted albedo and light, info["agreement"] the share of the face that agrees with the
        model (glasses, hands and hair do not).

    Raises:
        FitError: as `fit_landmarks`.
    """
    height, width = image.shape[:2]
    start = landmark_solution(model, detection, (width, height), focal_px, dense)
    start = with_bite(start, image, detection.points)
    return as_fit(start, refined_solution(model, start, image, settings))


def with_bite(start: LandmarkSolution, image: NDArray[np.uint8], points_px: Array) -> LandmarkSolution:
    """The solution with its jaw held as far shut as the teeth of the photo (H, W, 3) uint8 sRGB say.

    Points of lips open the jaw of a smile whose teeth meet, and a black gap is drawn. With the jaw held, units of the
    lips and the person's shape do the rest.

    points_px: (478, 2) or more columns, the detector's.
    """
    row = start.face.surface.identity + _JAW
    jaw, meet = max(start.solution.state.theta[row], SHUT), teeth_meet(image, points_px)
    if meet <= 0:
        return start
    upper, mean, theta = start.prior.upper.copy(), start.prior.mean.copy(), start.solution.state.theta.copy()
    upper[row] = jaw + meet * (SHUT - jaw)
    theta[row] = min(theta[row], upper[row])
    mean[row] = min(mean[row], upper[row])
    prior = replace(start.prior, mean=mean, upper=upper)
    state = replace(start.solution.state, theta=theta)
    return replace(start, prior=prior, solution=solve(start.face.surface, start.target, prior, _AGAIN, state))


def refined_solution(
    model: MakeHumanHead,
    start: LandmarkSolution,
    image: NDArray[np.uint8],
    settings: PhotometricSettings | None = None,
) -> Photometric:
    """Refine a landmark solution on the photo's colours, within the bounds of its prior; its size is kept.

    Beside a belief of the whole picture the points, which it has made use of, say little of the person: they are where
    its error is again. So the identity is found by belief and colours, and then held while the points, which count in
    full, say the pose and what they can of an expression that the colours have found. The Hessian is that of the
    colours, without what holds the size and without what the belief counts more: the person's doubt is no smaller for
    it. `found` has the prior in which both are, with which the identity is the most probable one.
    """
    believing = start.dense is not None and start.dense.belief is not None
    refined = _coloured(model, replace(start, prior=surer(start.prior)) if believing else start, image, settings)
    hessian, rows = refined.hessian.copy(), slice(POSE, POSE + len(start.prior.mean))
    hessian[rows, rows] += start.prior.precision
    refined = replace(refined, hessian=hessian)
    return replace(refined, state=on_points(start, refined)) if believing else refined


def _coloured(
    model: MakeHumanHead, start: LandmarkSolution, image: NDArray[np.uint8], settings: PhotometricSettings | None
) -> Photometric:
    """What colours make of a landmark solution, its size held; the Hessian is without the prior."""
    height, width = image.shape[:2]
    samples = photo_samples(model)
    surface, state = start.face.surface, start.solution.state

    def visible(state: State) -> Floats:
        theta = state.theta.astype(np.float32)
        person, expression = theta[: surface.identity], theta[surface.identity :]
        head = model.mean_vertices + np.tensordot(person, model.identity_basis, 1)
        head = head + np.tensordot(expression, model.expression_basis, 1)
        camera = Camera(state.focal_px, tuple(start.target.principal_px), width, height)
        seen = head @ state.rotation.T + state.translation(start.face.surface.centre)
        in_front = visible_vertices(seen, model.triangles, camera, _SEEN_MM)[samples.vertex].astype(np.float64)
        if start.dense is None:
            return in_front
        return in_front * unhidden(start.dense, camera.project(seen[samples.vertex]))

    prior = with_held_size(start.prior, surface, state.theta[: surface.identity], SIZE_LOG_SD)
    refined = refine(samples, surface, state, image, start.target, prior, visible, settings)
    hessian, rows = refined.hessian.copy(), slice(POSE, POSE + len(state.theta))
    hessian[rows, rows] -= prior.precision
    return replace(refined, hessian=hessian, found=(refined.state.theta, prior))


def surer(prior: Prior) -> Prior:
    """The prior of a believed identity as it counts beside colours."""
    if prior.identity_precision is None:
        return prior
    return replace(prior, identity_precision=BELIEF_BESIDE_COLOURS * prior.identity_precision)


def on_points(start: LandmarkSolution, refined: Photometric) -> State:
    """Pose and expression that the points say, in full, of the person whom colours have found.

    What colours say of the expression is the prior, as surely as they say it; of the pose they say nothing here.
    """
    state, count = refined.state, start.face.surface.identity
    mean, pull = start.prior.mean.copy(), start.prior.pull.copy()
    mean[count:], pull[count:] = state.theta[count:], 0.0
    known = known_expression(refined.hessian, count, len(state.theta))
    prior = replace(start.prior, mean=mean, pull=pull, expression_precision=known)
    held = replace(start, target=anchored(start), prior=prior, solution=replace(start.solution, state=state))
    return with_identity(held, state.theta[:count]).solution.state


def known_expression(hessian: Floats, identity: int, shape: int) -> Floats:
    """Inverse covariance (E, E) of the expression of a person who is known; pose, albedo and light are not.

    hessian: (Q, Q) of the colour fit, priors too: pose, θ (shape,), of which the first are `identity`, then the rest.
    """
    end = POSE + shape
    asked, free = np.arange(POSE + identity, end), np.r_[:POSE, end : len(hessian)]
    across = hessian[np.ix_(free, asked)]
    known = hessian[np.ix_(asked, asked)] - across.T @ np.linalg.solve(hessian[np.ix_(free, free)], across)
    return np.asarray((known + known.T) / 2)


def anchored(start: LandmarkSolution) -> Target:
    """The points that hold the pose and the expression: they count in full, whatever is known of the person."""
    if start.dense is None or start.dense.belief is None:
        return start.target
    return replace(start.target, evidence=start.target.evidence * OF_THE_POSE)


def as_fit(start: LandmarkSolution, refined: Photometric) -> Fit:
    """Pack a refined landmark solution."""
    look, fit = refined.look, start.with_state(refined.state).as_fit(refined.hessian)
    params = fit.params.replace(
        albedo=look.albedo[: len(look.albedo) - look.stains].astype(np.float32),
        lighting=look.lighting.astype(np.float32),
    )
    return replace(fit, params=params, info={**fit.info, "agreement": float(refined.agreement.mean())})
