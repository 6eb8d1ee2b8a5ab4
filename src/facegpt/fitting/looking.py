"""Where the eyes of a photo look: by the irises beside the fitted eyeballs, and beside the lids.

How far eyes look up or down an iris beside an eyeball tells badly: a laugh moves the corners that the eyeball is placed
by, turns eyes up by 15 degrees, under their lids, and a face looks drowsy. How high irises lie between their lids is
seen better, and is what a drawn eye has to show: so it counts more, and lids are opened about the irises (lids.py).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, rotation_from_rotvec
from facegpt.fitting import gaze
from facegpt.fitting.embedded import EmbeddedModel
from facegpt.fitting.eye_opening import middle_lids, upwards
from facegpt.fitting.gauss_newton import Solution, State, project
from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS

Floats = NDArray[np.float64]

#: Row of each eye's centre among the ten iris points, left eye first.
IRIS_ROW = (5, 0)
#: SD of how far up eyes look, degrees, by irises beside eyeballs and beside lids.
BESIDE_EYEBALLS_DEG, BESIDE_LIDS_DEG = 8.0, 5.0
#: How often lids and irises are told of each other.
ROUNDS = 2
_LIDS = (np.array(LEFT_LIDS), np.array(RIGHT_LIDS))


def eyeballs(face: EmbeddedModel, solution: Solution) -> tuple[gaze.Eyeball, gaze.Eyeball]:
    """Place both eyeballs (left, right), at rest, in the camera frame."""
    state, identity = solution.state, solution.state.theta[: face.surface.identity]
    move = state.translation(face.surface.centre)
    centres = (face.eye_centre + face.eye_basis @ identity) @ state.rotation.T + move
    rest = np.zeros_like(state.theta)
    rest[: len(identity)] = identity
    irises = face.iris(rest)[list(IRIS_ROW)] @ state.rotation.T + move
    return gaze.Eyeball(centres[0], irises[0]), gaze.Eyeball(centres[1], irises[1])


def measured_gaze(face: EmbeddedModel, solution: Solution, iris_px: Floats, principal: Floats, trust: Floats) -> Floats:
    """Measure where both eyes look: (2, 2) degrees, see gaze.gaze_angles_deg."""
    # How far the fitted eye as a whole lies from the seen one: by its corners, since the lids follow the look
    left_over = np.stack([solution.residual_px[lids[[0, 8]]].mean(0) for lids in _LIDS])
    return gaze.gaze_angles_deg(
        eyeballs(face, solution),
        iris_px[list(IRIS_ROW)] + left_over,
        solution.state.rotation,
        solution.state.focal_px,
        principal,
        trust,
        still=True,
    )


def eye_rotvecs(face: EmbeddedModel, solution: Solution, angles_deg: Floats) -> Floats:
    """Rotation vectors (2, 3) in radians of the eye joints, left then right, of gaze angles."""
    unturned = solution.state.rotation.T
    rests = [unturned @ (eye.iris - eye.centre) for eye in eyeballs(face, solution)]
    return np.stack([gaze.eye_rotvec(rest, angle) for rest, angle in zip(rests, angles_deg, strict=True)])


def iris_points(face: EmbeddedModel, solution: Solution, angles_deg: Floats, principal: Floats) -> Floats:
    """Project the ten iris points with the eyes turned: (10, 2) pixels."""
    state, identity = solution.state, solution.state.theta[: face.surface.identity]
    centres = face.eye_centre + face.eye_basis @ identity
    head = face.iris(state.theta)
    for row, centre, turn in zip(IRIS_ROW, centres, eye_rotvecs(face, solution, angles_deg), strict=True):
        part = slice(row, row + 5)
        head[part] = (head[part] - centre) @ rotation_from_rotvec(turn).T + centre
    camera = head @ state.rotation.T + state.translation(face.surface.centre)
    return camera[:, :2] / camera[:, 2:] * state.focal_px + principal


def agreed_gaze(
    face: EmbeddedModel, solution: Solution, measured_deg: Floats, angles_deg: Floats, heights: Floats, trust: Floats
) -> Floats:
    """Where both eyes look, (2, 2) degrees, when irises beside lids are believed too.

    measured_deg: of `measured_gaze`. angles_deg: where the eyes of `solution` look now, about which its lids lie.
    heights: (2,) of `iris_heights` in the photo. trust: (2,) of both eyes.
    """
    total = float(trust.sum())
    if total < 1e-3:
        return measured_deg
    state, origin = solution.state, np.zeros(2)
    lower, upper = middle_lids(project(face.lids, state, origin))
    irises = iris_points(face, solution, angles_deg, origin)[list(IRIS_ROW)]
    missing = upwards(lower + heights[:, None] * (upper - lower) - irises, state.rotation)
    radius_px = np.array([eye.radius for eye in eyeballs(face, solution)]) * np.exp(state.log_scale)
    beside_lids = angles_deg[:, 1] + np.degrees(missing / radius_px)
    share = min(1.0, total) * BESIDE_EYEBALLS_DEG**2 / (BESIDE_EYEBALLS_DEG**2 + BESIDE_LIDS_DEG**2)
    out = measured_deg.copy()
    out[:, 1] += share * (float(trust @ beside_lids) / total - out[:, 1])
    out[:, 1] = np.clip(out[:, 1], -gaze.LIMIT_DOWN_DEG, gaze.LIMIT_UP_DEG)
    return out


def with_look(state: State, angles_deg: Floats) -> State:
    """A state whose eyeLook* units go with where its eyes look."""
    theta = state.theta.copy()
    for name, value in gaze.look_weights(angles_deg).items():
        theta[len(theta) - len(ARKIT_NAMES) + ARKIT_NAMES.index(name)] = value
    return replace(state, theta=theta)
