"""A head that is fitted some millimetres off: its lids show no eye of the photo, and its mouth has no second lips."""

from dataclasses import replace

import numpy as np
import pytest
from test_texture import LIGHT, photograph

from facegpt.appearance.features import INNER_LIPS, OUTER_LIPS, lid_stretch
from facegpt.appearance.prior import model_texture
from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import rotation_from_euler_deg
from facegpt.detect.outlines import in_polygon
from facegpt.encode.parts import SKIN, FaceParts
from facegpt.morphable.base import head_vertices, with_weights
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import Camera, FaceParams, Pose
from facegpt_lab.evaluate.skin_faults.detection import faults_of, places_of

OFF_MM = 3.0


@pytest.fixture(scope="module")
def head():
    return makehuman.load()


@pytest.fixture(scope="module")
def truth(head):
    zeros = {name: np.zeros(getattr(head.sizes, name), np.float32) for name in ("identity", "expression", "albedo")}
    camera, joints = Camera(1500.0, (255.5, 255.5), 512, 512), np.zeros((head.sizes.joints, 3), np.float32)
    pose = Pose(rotation_from_euler_deg(0.0), np.array([0.0, 0.0, 600.0]))
    return FaceParams(head.model_id, joints=joints, pose=pose, lighting=LIGHT, camera=camera, **zeros)


@pytest.mark.slow
def test_lids_and_lips_beside_the_photos_take_none_of_its_eyes_and_lips(head, truth):
    image = photograph(head, np.ascontiguousarray(model_texture(head, truth.albedo, 1024).transpose(2, 0, 1)), truth)
    points = truth.camera.project(truth.pose.apply(head.embedding("mediapipe478")(head_vertices(head, truth))))
    sure = np.zeros((192, 192, 9), np.float32)
    sure[..., SKIN] = 1
    blind = FaceParts(sure, np.ones((192, 192), bool), np.array([[0.375, 0, 0], [0, 0.375, 0]]))
    off = truth.replace(pose=Pose(truth.pose.rotation, truth.pose.translation + np.array([0.0, OFF_MM, 0.0])))
    found = {
        name: faults_of(head, texture_from_photo(image, head, off, 1024, parts=parts).texture)
        for name, parts in (("blind", blind), ("told", replace(blind, points=points)))
    }
    assert found["blind"].lid_marks + found["blind"].lid_burns > 30  # mm²: the fault is there to be avoided
    for kind in ("lid_marks", "lid_burns", "lip_red"):
        assert getattr(found["told"], kind) <= max(0.4 * getattr(found["blind"], kind), 5.0), kind


def test_the_lips_outlines_go_around_them_once(head, truth):
    points = truth.camera.project(truth.pose.apply(head.embedding("mediapipe478")(head_vertices(head, truth))))
    outer, inner = points[list(OUTER_LIPS)], points[list(INNER_LIPS)]
    assert in_polygon(inner, outer).mean() > 0.8  # corners may touch
    assert len({*OUTER_LIPS, *INNER_LIPS}) == 40


def test_lids_are_folded_in_open_eyes_and_not_in_shut_ones(head, truth):
    shut = with_weights(truth, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    assert lid_stretch(head, shut).max() == pytest.approx(1.0, abs=1e-3)
    stretch = lid_stretch(head, truth)
    away = np.linalg.norm(head.mean_vertices[:, None] - places_middles(head), axis=-1).min(1)
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    assert stretch[skin][away[skin] < 25].max() > 3
    assert stretch[skin][away[skin] > 60].max() == pytest.approx(1.0, abs=0.01)


def places_middles(head):
    """The middles of both eyeballs (2, 3), mm."""
    eyes = [np.unique(head.triangles[head.part == head.part_names.index(f"{side}_eye")]) for side in ("left", "right")]
    assert len(places_of(head).lids) == len(eyes)
    return np.stack([head.mean_vertices[eye].mean(0) for eye in eyes])
