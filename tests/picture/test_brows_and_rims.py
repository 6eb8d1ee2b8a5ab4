"""Brows keep their breadth, eyes in shadow can be shut, and rims stay where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from facing_params import facing_params

from facegpt.encode.parts import HAIR, HAT, FaceParts
from facegpt.face import Face
from facegpt.morphable.base import with_weights
from facegpt.picture.brows import EDGES
from facegpt.picture.front import front_map
from facegpt.picture.prepare import rig_of
from facegpt.picture.turning import turned
from facegpt.render.lighting import default_studio_lighting


@pytest.fixture(scope="module")
def rig(head):
    params = facing_params(head, default_studio_lighting())
    return rig_of(Face(head, params), params, np.full((256, 256, 3), 120, np.uint8), None, None)


def breadths(rig, params):
    points = rig.params.camera.project(rig.model.embedding("mediapipe478")(rig.placed(params)))
    edges = np.array([pair for edges in EDGES for pair in edges])
    return np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)


@pytest.mark.parametrize(
    "weights",
    [{"browInnerUp": 0.8, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8}, {"browDownLeft": 0.9}],
)
def test_moved_brows_are_as_broad_as_before(rig, weights):
    before, after = breadths(rig, rig.params), breadths(rig, with_weights(rig.params, weights))
    assert after == pytest.approx(before, rel=0.1, abs=0.4)  # pixels of 1.7 mm


def test_raised_brows_are_raised(rig):
    raised = with_weights(rig.params, {"browInnerUp": 0.8, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8})
    points = (rig.model.embedding("mediapipe478")(rig.placed(params)) for params in (rig.params, raised))
    before, after = (each[[pair[0] for edges in EDGES for pair in edges], 1] for each in points)
    assert (before - after).min() > 3  # mm upwards; y points down in the camera's frame


def covered(rig, part):
    """The map of what is in front where everything is of one part, and where the right eye and a cheek are on it."""
    points = rig.params.camera.project(rig.model.embedding("mediapipe478")(rig.still.vertices))
    probabilities = np.zeros((64, 64, 9), np.float32)
    probabilities[..., part] = 1
    to_map = np.array([[0.25, 0, 0], [0, 0.25, 0]])
    shown = FaceParts(probabilities, np.ones((64, 64), bool), to_map, None, points)
    front = front_map([], rig.params.pose, rig.params.camera, shown, lambda places: places)[..., 0]
    (x, y), (u, v) = (np.round(points[k]).astype(int) for k in (159, 205))
    return front[y, x], front[v, u]


def test_hair_is_not_believed_on_an_eye_but_a_hat_is(rig):
    assert covered(rig, HAIR) == pytest.approx((0, 1))
    assert covered(rig, HAT) == pytest.approx((1, 1))


def test_skin_beside_hair_goes_with_it_little_by_little(rig):
    points = rig.params.camera.project(rig.model.embedding("mediapipe478")(rig.still.vertices))
    probabilities = np.zeros((64, 64, 9), np.float32)
    probabilities[:, :20, HAIR] = 1  # a strand that hangs down on one side
    to_map = np.array([[0.25, 0, 0], [0, 0.25, 0]])
    shown = FaceParts(probabilities, np.ones((64, 64), bool), to_map, None, points)
    row = front_map([], rig.params.pose, rig.params.camera, shown, lambda places: places)[230, :, 0]
    assert row[60] == pytest.approx(1) and row[140] < 0.01
    assert np.diff(row[60:140]).max() <= 1e-6  # it falls all the way
    assert np.abs(np.diff(row[60:140])).max() < 0.2  # and nowhere at once


def test_rims_turn_with_the_head_and_leave_nothing_where_they_were(head):
    params = facing_params(head, default_studio_lighting())
    photo = np.random.default_rng(0).integers(60, 190, (256, 256, 3)).astype(np.uint8)
    bare = rig_of(Face(head, params), params, photo, None, None)
    front = np.zeros_like(bare.still.front)
    front[90:130, :, :] = np.sin(np.linspace(0, np.pi, 40))[:, None, None]  # a rim across the eyes, with soft edges
    rimmed = replace(bare, still=replace(bare.still, front=front))
    away = turned(bare.params, 12, 6)
    assert np.abs(rimmed.picture(away).astype(int) - bare.picture(away)).mean() < 0.3
    raised = with_weights(bare.params, {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0})
    assert np.abs(rimmed.picture(raised).astype(int) - bare.picture(raised)).mean() > 0.2  # expressions pass below it
