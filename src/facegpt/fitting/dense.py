"""What the dense landmark network says of a face, as target and prior of the landmark fit.

The network sees the picture around the detector's points. Its points come with an SD each, so every one counts by as
much as it deserves; its own idea of identity and expression says what points alone cannot. Both are read off the same
pixels, and neighbouring points err alike: each counts by a share only, found on path-traced heads of another model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.fitting.embedded import UNSEEN_UNITS, EmbeddedModel
from facegpt.fitting.gauss_newton import FitError, Prior, Target, rough_scale
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm
from facegpt.types import Array, DensePoints, Detection

Floats = NDArray[np.float64]

#: Iris points among MediaPipe's; the network gives them too, but the fit reads the eyes off the detector's.
IRISES = 10
#: The detector's errors over those that the landmark fit on its points alone gives them: what they have in common
#: with the network's, which has seen them, should not count twice.
HABIT = 1.5
#: Degrees of yaw: up to the first the detector's points count in full, beyond the second, in profile, they say nothing
#: beside the network's: it places the hidden half of a face as if the head leaned towards the camera.
SEEN_WELL_DEG, IN_PROFILE_DEG = 40.0, 60.0
#: SD in pixels that the detector's pixel grid adds.
DETECTOR_FLOOR_PX = 0.3
#: Units that move much of the face, and so can make up for a head whose shape is a little wrong.
LARGE_UNITS = (
    *("jawOpen", "jawForward", "jawLeft", "jawRight", "cheekPuff"),
    *("mouthPucker", "mouthFunnel", "mouthLeft", "mouthRight", "mouthClose"),
)
#: Nothing seen in one photo says an identity to less than this, SDs.
LEAST_SD = 0.05
_SEEN = np.array([k for k, name in enumerate(ARKIT_NAMES) if name not in UNSEEN_UNITS])
_IS_LARGE = np.isin(np.array(ARKIT_NAMES)[_SEEN], LARGE_UNITS)


@dataclass(frozen=True)
class DenseSettings:
    """How much the network is believed.

    Attributes:
        shared_evidence: share of the weight that counts of the 468 points that the detector gives too.
        evidence: share of the weight of the network's other points that counts, by its own SDs.
        identity_evidence: share of what it knows of the identity beyond the population that counts.
        expression_sd: SD of a unit's weight about the network's, one for all or (E,). large_sd: that of LARGE_UNITS, or
            None for no other.
        expression_gain: share of the network's weight that adds to the SD: what it sees at rest is at rest, and how far
            a jaw is open it says within so much.
        surface_sd_mm: SD of where a point lies on a real face, beside what the network says of it.
        hidden: share of its weight that a point keeps when it is believed hidden.
    """

    shared_evidence: float = 0.14
    evidence: float = 0.1
    identity_evidence: float = 1.0
    expression_sd: float | Floats = 0.2
    large_sd: float | None = None
    expression_gain: float = 0.0
    surface_sd_mm: float = 0.5
    hidden: float = 0.5


#: How much points count beside a belief of the whole picture, which has made use of them already.
BESIDE_BELIEF = DenseSettings(shared_evidence=0.035, evidence=0.025)


def usual_settings(dense: DensePoints | None) -> DenseSettings:
    """How much points are believed where nothing else is told."""
    return DenseSettings() if dense is None or dense.belief is None else BESIDE_BELIEF


def without_irises(values: Array) -> Floats:
    """Take the rows of the skin points out of those of the embedding "dense", in the order of `densely_embedded`."""
    values = np.asarray(values, np.float64)
    return np.concatenate([values[:SURFACE], values[SURFACE + IRISES :]])


def without_identity(dense: DensePoints) -> DensePoints:
    """The same look without whose face it is, for heads that are known."""
    return replace(dense, identity=np.zeros(0), identity_sd=np.ones(0), belief=None)


def dense_target(
    dense: DensePoints, detection: Detection, face: EmbeddedModel, principal_px: Floats, settings: DenseSettings
) -> Target:
    """Target for `densely_embedded` heads: the points of network and detector, irises left out.

    The two err apart: on path-traced heads of another model their mean, by their variances, is better than either.
    Not in profile, where the network's alone are nearer.

    Args:
        dense: what the network says.
        detection: the detector's own points, and how far the face is turned.
        face: the head.
        principal_px: (2,) where the optical axis meets the photo.
        settings: how much the network is believed.

    Raises:
        FitError: if there are not as many points as the head has, or they are not numbers.
    """
    points, sigma, visible = map(without_irises, (dense.points_px, dense.sigma_px, dense.visible))
    if len(points) != len(face.surface.mean):
        raise FitError(f"the network found {len(points)} points on the skin, the head has {len(face.surface.mean)}")
    if not (np.isfinite(points).all() and np.isfinite(sigma).all() and (sigma > 0).all()):
        raise FitError("the network's points contain values that are not numbers; detect the face again")
    detected = np.asarray(detection.points, np.float64)[:SURFACE, :2]
    points[:SURFACE] = agreed_points(dense, detection, rough_scale(detected, face.surface.mean[:SURFACE]))
    sigma_mm = np.full(len(points), settings.surface_sd_mm)
    sigma_mm[:SURFACE] = part_sigma_mm()
    evidence = np.full(len(points), settings.evidence)
    evidence[:SURFACE] = settings.shared_evidence
    evidence *= settings.hidden + (1 - settings.hidden) * visible
    sigma[:SURFACE] = DETECTOR_FLOOR_PX
    return Target(points, sigma_mm, principal_px, floor_px=sigma, evidence=evidence)


def agreed_points(dense: DensePoints, detection: Detection, px_per_mm: float) -> Floats:
    """Where network and detector together place MediaPipe's points of the skin: (468, 2) px, the mean by variances."""
    points = np.asarray(dense.points_px[:SURFACE], np.float64)
    detected = np.asarray(detection.points, np.float64)[:SURFACE, :2]
    doubt = np.asarray(dense.sigma_px[:SURFACE], np.float64) ** 2
    habit = (px_per_mm * part_sigma_mm()) ** 2
    share = doubt / (doubt + HABIT**2 * habit) * detector_share(detection.rotation)
    return points + share[:, None] * (detected - points)


def detector_share(rotation: Array) -> float:
    """How much of its weight the detector keeps, 0..1, of a face turned so, (3, 3) head → camera."""
    yaw_deg = abs(euler_deg_from_rotation(rotation)[0])
    return float(np.clip((IN_PROFILE_DEG - yaw_deg) / (IN_PROFILE_DEG - SEEN_WELL_DEG), 0.0, 1.0))


def dense_prior(prior: Prior, dense: DensePoints, settings: DenseSettings) -> Prior:
    """Centre the population's prior, N(0, 1) of the identity, on what the network says.

    Its identity is a posterior N(m, s²), so the population is in it once: a share λ of what it knows beyond that is the
    product of N(0, 1) and the λ-th power of N(m, s²) / N(0, 1). At λ = 1 that is N(m, s²) itself, at 0 the population.
    """
    identity, known = known_identity(dense)
    count = len(identity)
    precision = np.eye(count) + settings.identity_evidence * (known - np.eye(count))
    mean, sd, pull = prior.mean.copy(), prior.sd.copy(), prior.pull.copy()
    mean[:count] = np.linalg.solve(precision, settings.identity_evidence * known @ identity)
    sd[:count] = 1 / np.sqrt(np.diag(precision))
    weights = np.clip(np.asarray(dense.expression, np.float64)[_SEEN], 0.0, 1.0)
    mean[count + _SEEN], pull[count + _SEEN] = weights, 0.0
    floor = np.broadcast_to(settings.expression_sd, len(ARKIT_NAMES))[_SEEN]
    if settings.large_sd is not None:
        floor = np.where(_IS_LARGE, settings.large_sd, floor)
    sd[count + _SEEN] = np.hypot(floor, settings.expression_gain * weights)
    mean = np.clip(mean, prior.lower, prior.upper)
    return replace(prior, mean=mean, sd=sd, pull=pull, identity_precision=precision)


def known_identity(dense: DensePoints) -> tuple[Floats, Floats]:
    """Mean (I,) and inverse covariance (I, I) of the identity as seen: nowhere more doubt than the population's."""
    if dense.belief is None:
        sd = np.clip(np.asarray(dense.identity_sd, np.float64), LEAST_SD, 1.0)
        return np.asarray(dense.identity, np.float64), np.diag(1 / sd**2)
    values, vectors = np.linalg.eigh(np.asarray(dense.belief.covariance, np.float64))
    precision = (vectors / np.clip(values, LEAST_SD**2, 1.0)) @ vectors.T
    return np.asarray(dense.belief.mean, np.float64), precision
