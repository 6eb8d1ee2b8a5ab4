"""Beards are painted where beards grow, and nowhere else."""

import numpy as np

from facegpt.conventions import rotation_from_euler_deg
from facegpt.types import Camera, FaceParams, Pose
from facegpt_lab.evaluate.judges.painted_beards import bearded


def test_a_beard_darkens_the_chin_and_leaves_forehead_and_backdrop(head):
    sizes, camera = head.sizes, Camera(520.0, (99.5, 99.5), 200, 200)
    pose = Pose(rotation_from_euler_deg(0), np.array([0.0, 0.0, 900.0]))
    blank = [np.zeros(n, np.float32) for n in (sizes.identity, sizes.expression, sizes.albedo)]
    light = np.zeros((9, 3), np.float32)
    params = FaceParams(head.model_id, blank[0], blank[1], np.zeros((sizes.joints, 3)), pose, blank[2], light, camera)
    photo = np.full((200, 200, 3), 170, np.uint8)
    found = bearded(photo, head, params, seed=1)
    points = camera.project(pose.apply(head.embedding("ibug68")(head.mean_vertices))).round().astype(int)
    (chin_x, chin_y), (brow_x, brow_y) = (points[57] + points[8]) // 2, points[27] - [0, 12]
    assert found[chin_y, chin_x].max() < 110
    assert np.array_equal(found[brow_y, brow_x], photo[brow_y, brow_x])
    assert np.array_equal(found[:10], photo[:10])
