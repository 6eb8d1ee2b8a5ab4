"""From the points of a detector to the most probable head: the landmark fit used by every quality level.

Two passes of the bounded Gauss-Newton solver. After the first the eyes are read off the irises: where they look sets
the lids' eyeLook* units (they would otherwise pass for blinks) and how large they look gives the metric scale. The
second, warm-started, settles the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.fitting import gaze
from facegpt.fitting.confidence import Signs, signs
from facegpt.fitting.dense import (
    DenseSettings,
    dense_prior,
    dense_target,
    detector_share,
    usual_settings,
    without_irises,
)
from facegpt.fitting.embedded import EmbeddedModel, densely_embedded, embedded
from facegpt.fitting.eye_opening import EYES, LIDS, iris_heights, narrowing, true_opening
from facegpt.fitting.gauss_newton import (
    LOG_DEPTH,
    POSE,
    FitError,
    Prior,
    Settings,
    Solution,
    State,
    Target,
    project,
    solve,
)
from facegpt.fitting.lids import Irises, with_opened_eyes, with_parted_lips
from facegpt.fitting.looking import (
    IRIS_ROW,
    ROUNDS,
    agreed_gaze,
    eye_rotvecs,
    eyeballs,
    iris_points,
    measured_gaze,
    with_look,
)
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm
from facegpt.fitting.occlusion import unhidden
from facegpt.fitting.scale import identity_covariance, iris_scale, scale_sd, told_covariance
from facegpt.morphable.base import MorphableModel
from facegpt.render.base import AMBIENT_WHITE
from facegpt.runtime.threads import one_thread
from facegpt.types import Camera, DensePoints, Detection, FaceParams, Fit, Pose

Floats = NDArray[np.float64]

#: The detector's errors are shared between points: all of them say as much as 7 % would if they were independent.
EVIDENCE = 0.07
#: Units whose scores are a weak prior of their weights, with this SD: they keep a smile from passing for a wide face.
#: Scores that are always near 0 (cheekPuff, noseSneer, cheekSquint) or that the gaze gives (eyeLook) are none of them.
SCORED_UNITS = (
    *("jawOpen", "mouthPucker", "mouthFunnel", "mouthRollLower", "mouthRollUpper", "browInnerUp"),
    *(f"{unit}{side}" for unit in ("mouthSmile", "mouthFrown", "mouthStretch") for side in ("Left", "Right")),
    *(
        f"{unit}{side}"
        for unit in ("mouthUpperUp", "mouthLowerDown", "eyeBlink", "eyeWide")
        for side in ("Left", "Right")
    ),
    *(f"{unit}{side}" for unit in ("browDown", "browOuterUp") for side in ("Left", "Right")),
)
SCORE_SD = 0.8
FIRST_PASS = Settings(pose_steps=3, max_steps=3, tolerance=1e-3)
SECOND_PASS = Settings(max_steps=8, tolerance=1e-3)
HELD_PASS = Settings(max_steps=6, tolerance=1e-3)
#: An eye is hidden where so little of its lids lies before whatever may hide it, and shown from the second share on.
HIDDEN_EYE, SHOWN_EYE = 0.35, 0.5
_INDEX = {name: k for k, name in enumerate(ARKIT_NAMES)}


@one_thread()
def fit_landmarks(
    model: MorphableModel,
    detection: Detection,
    width: int,
    height: int,
    focal_px: float | None = None,
    dense: DensePoints | None = None,
) -> Fit:
    """Fit a head to one detection: pose, focal length, identity, expression and gaze.

    Args:
        model: the head model; what the fit needs of it is prepared at the first call and kept.
        detection: MediaPipe's 478 points in pixels of the photo; z is not used (it makes the heads worse).
        width: of the photo in pixels.
        height: of the photo in pixels; the optical axis is taken to meet the photo's middle.
        focal_px: the focal length when the photo says it (EXIF), else it is found, with a distance near 1 m as prior.
        dense: what the dense landmark network says of the same face; the detector's points then give the irises only.

    Returns:
        A Fit. residual_px has one entry per point of the embedding "mediapipe478", or "dense" with `dense`. Albedo is
        the mean and light is white from everywhere: the texture step estimates them.

    Raises:
        FitError: if the points are not numbers, or lie on one point or line.
    """
    return landmark_solution(model, detection, (width, height), focal_px, dense).as_fit()


@dataclass(frozen=True)
class LandmarkSolution:
    """A landmark fit with all that a refinement needs to go on from it.

    Attributes:
        face: the prepared head model. size: (width, height) of the photo. target, prior: of the second pass.
        solution: where it ended. iris_px, lips_px: (10, 2) the detector's.
        trust: (2,) of the left and right eye, see `eye_trust`. opening: (2,) how far they are open. heights: (2,) how
            high their irises lie between the lids.
        shown: (2,) 0..1, how well they are seen: not behind dark glasses, a hand or hair, nor turned away.
        dense: what the network said, or None.
    """

    face: EmbeddedModel
    size: tuple[int, int]
    target: Target
    prior: Prior
    solution: Solution
    iris_px: Floats
    lips_px: Floats
    trust: Floats
    opening: Floats
    heights: Floats
    shown: Floats
    dense: DensePoints | None = None

    def with_state(self, state: State) -> LandmarkSolution:
        """The same with another pose and shape; the residual is computed again."""
        residual = project(self.face.surface, state, self.target.principal_px) - self.target.points_px
        return replace(self, solution=replace(self.solution, state=state, residual_px=residual))

    def _looking(self, state: State) -> tuple[LandmarkSolution, Floats]:
        """Open the eyes of a state and find where they look: lids and irises tell of each other (looking.py)."""
        face, principal, lids_px = self.face, self.target.principal_px, self.target.points_px[LIDS]
        told = lids_px, self.opening, self.shown
        settled = self.with_state(with_opened_eyes(face.lids, state, *told))
        measured = angles = measured_gaze(face, settled.solution, self.iris_px, principal, self.trust)
        for _ in range(ROUNDS):
            angles = agreed_gaze(face, settled.solution, measured, angles, self.heights, self.trust)
            irises = iris_points(face, settled.solution, angles, np.zeros(2))[list(IRIS_ROW)]
            looking = with_look(settled.solution.state, angles)
            settled = self.with_state(
                with_opened_eyes(face.lids, looking, *told, Irises(irises, self.heights, self.trust))
            )
        return settled, angles

    def as_fit(self, hessian: Floats | None = None) -> Fit:
        """Settle lips and lids, measure the gaze and pack everything.

        hessian: (Q, Q) of a refined state, pose and θ first; that of the landmark fit when None.
        """
        found, points = self.solution, self.face.surface
        stiff = found.hessian if hessian is None else hessian
        shape = POSE + len(found.state.theta)
        parted = with_parted_lips(points, found.state, self.prior, self.lips_px, stiff[:shape, :shape])
        settled, angles = self._looking(parted)
        face, solution, principal = self.face, settled.solution, self.target.principal_px
        camera = Camera(solution.state.focal_px, (float(principal[0]), float(principal[1])), *self.size)
        params = _params(face, solution, angles, camera)
        iris_residual = iris_points(face, solution, angles, principal) - self.iris_px
        residual = np.concatenate([solution.residual_px[:SURFACE], iris_residual, solution.residual_px[SURFACE:]])
        posterior = np.asarray(np.linalg.inv(stiff), np.float64)
        info = {
            "cost": solution.cost,
            "eye_trust": float(self.trust.max()),
            "depth_mm": float(np.exp(solution.state.log_depth)),
            "distance_sd": float(np.sqrt(max(posterior[LOG_DEPTH, LOG_DEPTH], 0.0))),
        }
        if self.target.scale_px_per_mm is not None:
            info |= {
                "iris_px_per_mm": self.target.scale_px_per_mm,
                "iris_log_sd": self.target.scale_log_sd,
                "iris_log_ratio": float(np.log(self.target.scale_px_per_mm) - solution.state.log_scale),
            }
        sd = scale_sd(face.surface, solution)
        covariance = identity_covariance(posterior, face.surface.identity)
        sure = {name: one.confidence for name, one in settled.signs(covariance).items()}
        told = told_covariance(np.linalg.inv(covariance) - np.eye(len(covariance)))
        return Fit(params, np.linalg.norm(residual, axis=1), sd, solution.steps, info, sure, told)

    def signs(self, covariance: Floats) -> dict[str, Signs]:
        """What tells the errors of the fit, by region. covariance: (I, I) of the identity."""
        state = self.solution.state
        px_per_mm = float(np.exp(state.log_scale))
        sigma_px, visible = self.target.sigma_px(px_per_mm), np.ones(len(self.target.points_px))
        if self.dense is not None:
            sigma_px, visible = without_irises(self.dense.sigma_px), without_irises(self.dense.visible)
        residual_px = self.solution.residual_px
        return signs(self.face.surface, state.theta, covariance, sigma_px, residual_px, visible, px_per_mm)


def landmark_solution(
    model: MorphableModel,
    detection: Detection,
    size: tuple[int, int],
    focal_px: float | None = None,
    dense: DensePoints | None = None,
    belief: DenseSettings | None = None,
) -> LandmarkSolution:
    """Do what `fit_landmarks` does and keep the solver's state; `size` is (width, height) of the photo.

    belief: how much the dense prediction counts.
    """
    belief = belief or usual_settings(dense)
    points = np.asarray(detection.points, np.float64)
    if points.ndim != 2 or points.shape[0] < SURFACE + 10 or points.shape[1] < 2:
        raise FitError(f"the detection has points of shape {points.shape}; the fit needs the 478 points of MediaPipe")
    if focal_px is not None and not (np.isfinite(focal_px) and focal_px > 0):
        raise FitError(f"the focal length must be a positive number of pixels, not {focal_px}")
    principal = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    iris_px = points[SURFACE:, :2]
    if dense is None:
        face = embedded(model)  # type: ignore[arg-type]
        target = Target(points[:SURFACE, :2], part_sigma_mm(), principal, evidence=EVIDENCE)
        prior = _with_scores(face.prior, np.asarray(detection.scores, np.float64))
    else:
        face = densely_embedded(model)  # type: ignore[arg-type]
        target = dense_target(dense, detection, face, principal, belief)
        prior = dense_prior(face.prior, dense, belief)
    target = replace(target, focal_px=focal_px)
    seen = target.points_px[:SURFACE]
    first = solve(face.surface, target, _no_look(prior), FIRST_PASS)
    shown = eyes_shown(points[LIDS, :2], dense)
    trust = eye_trust(seen) * eye_visibility(first.state.rotation) * detector_share(first.state.rotation) * shown
    angles = measured_gaze(face, first, iris_px, principal, trust)
    measured = _iris_scale(face, first, iris_px, angles, trust)
    if measured is not None:
        target = replace(target, scale_px_per_mm=measured[0], scale_log_sd=measured[1])
    prior = _with_look(prior, first, angles)
    second = solve(face.surface, target, prior, SECOND_PASS, first.state)
    second = replace(second, steps=first.steps + second.steps)
    lips_px = points[[*UPPER_INNER_LIP, *LOWER_INNER_LIP], :2]
    turn = second.state.rotation
    narrow = narrowing(face.lids(second.state.theta), turn)
    lids_px = None if dense is None else dense.points_px[LIDS].astype(np.float64)
    opening = true_opening(points[LIDS, :2], lids_px, turn, narrow, detector_share(detection.rotation))
    shown = shown * np.minimum(2 * eye_visibility(turn), 1.0)
    heights = iris_heights(points[LIDS, :2], iris_px[list(IRIS_ROW)], turn)
    eyes = trust, opening, heights, shown
    return LandmarkSolution(face, size, target, prior, second, iris_px, lips_px, *eyes, dense)


def with_identity(start: LandmarkSolution, identity: Floats) -> LandmarkSolution:
    """Solve a landmark fit again with the identity held."""
    lower, upper = start.prior.lower.copy(), start.prior.upper.copy()
    lower[: len(identity)] = upper[: len(identity)] = identity
    prior = replace(start.prior, lower=lower, upper=upper)
    solution = solve(start.face.surface, start.target, prior, HELD_PASS, start.solution.state)
    return replace(start, prior=prior, solution=solution)


def eye_trust(points_px: Floats) -> Floats:
    """How open each eye (left, right) is: (2,), 0 below a lid gap of 0.10 of the eye's width, 1 above 0.20."""

    def openness(corners: tuple[int, int], uppers: tuple[int, ...], lowers: tuple[int, ...]) -> float:
        width = np.linalg.norm(points_px[corners[0]] - points_px[corners[1]])
        gap = np.linalg.norm(points_px[list(uppers)] - points_px[list(lowers)], axis=1).mean()
        return float(gap / max(width, 1e-6))

    left = openness((263, 362), (385, 386, 387), (380, 374, 373))
    right = openness((33, 133), (158, 159, 160), (153, 145, 144))
    return np.clip((np.array([left, right]) - 0.10) / 0.10, 0.0, 1.0)


def eye_visibility(rotation: Floats) -> Floats:
    """How well each eye (left, right) is seen: (2,), the far eye of a head turned by 25° to 50° fades out."""
    yaw = euler_deg_from_rotation(rotation)[0]  # positive: towards the subject's left, so the left eye is the far one
    return np.clip((50.0 - np.array([yaw, -yaw])) / 25.0, 0.0, 1.0)


def eyes_shown(lids_px: Floats, dense: DensePoints | None) -> Floats:
    """How far nothing hides each eye (left, right), whose lid points (32, 2) are in pixels: (2,) in 0..1."""
    if dense is None:
        return np.ones(len(EYES))
    share = np.array([unhidden(dense, lids_px[eye]).mean() for eye in EYES])
    return np.clip((share - HIDDEN_EYE) / (SHOWN_EYE - HIDDEN_EYE), 0.0, 1.0)


def _with_scores(prior: Prior, scores: Floats) -> Prior:
    """Centre the prior of the scored units on the detector's scores (52,); all zeros means that there are none."""
    if scores.shape != (len(ARKIT_NAMES),) or not np.isfinite(scores).all() or not scores.any():
        return prior
    mean, sd, pull = prior.mean.copy(), prior.sd.copy(), prior.pull.copy()
    chosen = np.array([_INDEX[name] for name in SCORED_UNITS])
    rows = len(mean) - len(ARKIT_NAMES) + chosen
    mean[rows], sd[rows], pull[rows] = np.clip(scores[chosen], 0.0, 1.0), SCORE_SD, 0.0
    return replace(prior, mean=mean, sd=sd, pull=pull)


def _no_look(prior: Prior) -> Prior:
    """Hold the eyeLook* units at 0: the lids cannot tell them from blinks and wide eyes."""
    upper = prior.upper.copy()
    start = len(upper) - len(ARKIT_NAMES)
    for name, k in _INDEX.items():
        if name.startswith("eyeLook") or name == "mouthClose":
            upper[start + k] = 0.0
    return replace(prior, upper=upper)


def _with_look(prior: Prior, first: Solution, angles_deg: Floats) -> Prior:
    """Set the eyeLook* units from the gaze, and let mouthClose correct as much of jawOpen as there is."""
    lower, upper = prior.lower.copy(), prior.upper.copy()
    start = len(upper) - len(ARKIT_NAMES)
    for name, value in gaze.look_weights(angles_deg).items():
        lower[start + _INDEX[name]] = upper[start + _INDEX[name]] = value
    upper[start + _INDEX["mouthClose"]] = first.state.theta[start + _INDEX["jawOpen"]]
    return replace(prior, lower=lower, upper=upper)


def _iris_scale(
    face: EmbeddedModel, solution: Solution, iris_px: Floats, angles_deg: Floats, trust: Floats
) -> tuple[float, float] | None:
    """Measure px per mm at the head from the irises, see scale.iris_scale."""
    eyes = eyeballs(face, solution)
    normals = np.stack([solution.state.rotation @ gaze.direction(a) for a in angles_deg])
    depth = np.exp(solution.state.log_depth)
    shrink = np.array([depth / eye.iris[2] for eye in eyes])
    rim = np.stack([iris_px[[row + 1, row + 3]] for row in IRIS_ROW])
    return iris_scale(rim, normals, shrink, trust)


def _params(face: EmbeddedModel, solution: Solution, angles_deg: Floats, camera: Camera) -> FaceParams:
    """Pack a solution and a gaze into the parameters of a face."""
    state, count = solution.state, face.surface.identity
    joints = np.zeros((face.joints, 3), np.float32)
    joints[list(face.eye_joints)] = eye_rotvecs(face, solution, angles_deg)
    expression = state.theta[count:].copy()
    for name, value in gaze.look_weights(angles_deg).items():
        expression[_INDEX[name]] = value
    lighting = np.zeros((9, 3), np.float32)
    lighting[0] = AMBIENT_WHITE
    return FaceParams(
        model_id=face.model_id,
        identity=state.theta[:count].astype(np.float32),
        expression=expression.astype(np.float32),
        joints=joints,
        pose=Pose(state.rotation, state.translation(face.surface.centre)),
        albedo=np.zeros(face.albedo, np.float32),
        lighting=lighting,
        camera=camera,
    )
