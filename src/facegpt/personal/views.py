"""Keyframes as the adjustment takes them, and back as parameters of a head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.dense import known_identity
from facegpt.fitting.embedded import densely_embedded
from facegpt.fitting.landmark_fit import LandmarkSolution
from facegpt.fitting.lids import with_settled_lids, with_settled_lips
from facegpt.fitting.photo_fit import anchored
from facegpt.personal.bundle import View, dense_surface
from facegpt.personal.head import PersonalHead
from facegpt.personal.shape_space import ShapeSpace
from facegpt.render.base import AMBIENT_WHITE
from facegpt.types import Array, Camera, FaceParams, Pose
from facegpt.video.survey import Sighting

#: Everybody's face is at rest in every unit in this share of the frames: what is seen then is the person's own shape.
AT_REST = 0.1


def habits_of(sightings: Sequence[Sighting]) -> NDArray[np.float64]:
    """(52,) weights that the network reads off a person's face at rest: low brows pass for lowered ones."""
    return np.quantile([np.asarray(one.seen.dense.expression, np.float64) for one in sightings], AT_REST, axis=0)


def view_of(solution: LandmarkSolution, clip: int, count: int, habits: NDArray[np.float64]) -> View:
    """The landmark fit of a keyframe with an identity of its own (I = `count`), as a view of a shared one.

    habits: (52,) weights to take off what the network says of the expression.
    """
    prior, state = solution.prior, solution.solution.state
    tail = {name: getattr(prior, name)[count:] for name in ("mean", "sd", "pull", "lower", "upper")}
    free = tail["upper"] > tail["lower"]  # the gaze holds the others
    tail["mean"] = np.clip(tail["mean"] - np.where(free, habits, 0), tail["lower"], tail["upper"])
    expression = np.clip(state.theta[count:] - habits, tail["lower"], tail["upper"])
    pull, precision = _said_of_identity(solution, count)
    return View(clip, anchored(solution), replace(prior, **tail), replace(state, theta=expression), pull, precision)


def _said_of_identity(solution: LandmarkSolution, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the networks say of the identity beyond the population: a pull (I,) and its precision (I, I).

    Their posterior of mean m and precision P is N(0, 1) times a likelihood of precision P - 1 and pull P m.
    """
    if solution.dense is None:
        return np.zeros(count), np.zeros((count, count))
    mean, precision = known_identity(solution.dense)
    return precision @ mean, precision - np.eye(count)


def settled(space: ShapeSpace, shape: NDArray[np.float64], views: Sequence[View]) -> list[View]:
    """The views of a person, with eyelids and lips as far apart as they are seen in their frames.

    The bundle adjustment gives each point little weight, so a half-shut eye may stay open in it: the lids would then be
    painted with what is seen of the eye, and the irises with lids.
    """
    surface = dense_surface(space, shape)
    points = replace(surface, by_shape=surface.by_shape[:, :, :0]).whole()

    def one(view: View) -> View:
        state = with_settled_lips(points, view.state, view.target)
        return replace(view, state=with_settled_lids(points, state, view.target))

    return [one(view) for view in views]


def keyframe_params(
    head: PersonalHead, view: View, pixels: NDArray[np.uint8], albedo: Array | None, lighting: Array | None
) -> FaceParams:
    """The parameters of a keyframe: the personal head where the view has it. Eyes look straight."""
    height, width = pixels.shape[:2]
    principal = view.target.principal_px
    white = np.zeros((9, 3), np.float32)
    white[0] = AMBIENT_WHITE
    centre = densely_embedded(head.base).surface.centre
    return FaceParams(
        model_id=head.model_id,
        identity=np.zeros(head.sizes.identity, np.float32),
        expression=np.clip(view.state.theta, 0, 1).astype(np.float32),
        joints=np.zeros((head.sizes.joints, 3), np.float32),
        pose=Pose(view.state.rotation, view.state.translation(centre)),
        albedo=np.zeros(head.sizes.albedo, np.float32) if albedo is None else albedo,
        lighting=white if lighting is None else np.asarray(lighting, np.float32),
        camera=Camera(view.state.focal_px, (float(principal[0]), float(principal[1])), width, height),
    )
