"""Pictures of heads: what is drawn where."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_head import made_up_head

from facegpt.conventions import HEAD_TO_CAMERA_AXES, rotation_from_euler_deg
from facegpt.render import plots as pictures
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Camera, Mesh, Pose

CAMERA = Camera(400.0, (159.5, 119.5), 320, 240)
PHOTO = np.full((240, 320, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    head = made_up_head()
    texture = np.full((8, 8, 4), 255, np.uint8)
    m = head.mean_vertices, head.triangles, head.uv, head.uv_triangles, head.part, head.part_names
    return Mesh(*m, texture)


def place(x_mm: float, z_mm: float) -> Pose:
    return Pose(HEAD_TO_CAMERA_AXES, np.array([x_mm, 0.0, z_mm]))


def test_only_the_head_changes_the_photo(mesh):
    pose = place(0, 800)
    drawn = pictures.draw_over(mesh, pose, CAMERA, default_studio_lighting(), PHOTO)
    points = CAMERA.project(pose.apply(mesh.vertices))
    rows, columns = np.nonzero((drawn != PHOTO).any(2))
    for found, wanted in ((columns, points[:, 0]), (rows, points[:, 1])):
        assert abs(found.min() - wanted.min()) < 2 and abs(found.max() - wanted.max()) < 2  # px
    assert (PHOTO == 90).all()


def test_no_opacity_leaves_the_photo_as_it_is(mesh):
    drawn = pictures.draw_over(mesh, place(0, 800), CAMERA, default_studio_lighting(), PHOTO, opacity=0.0)
    assert np.abs(drawn.astype(int) - PHOTO).max() <= 1


@pytest.mark.parametrize("pose", [place(5000, 800), place(0, -800)])
def test_a_head_outside_the_photo_changes_nothing(mesh, pose):
    np.testing.assert_array_equal(pictures.draw_over(mesh, pose, CAMERA, default_studio_lighting(), PHOTO), PHOTO)
    around, camera = pictures.crop_for_overlay(mesh, pose, CAMERA, PHOTO)
    assert around.shape == PHOTO.shape and camera == CAMERA


@pytest.mark.parametrize("pose", [place(0, 3000), place(300, 900), place(0, 60)])
def test_the_cut_out_shows_the_head_where_the_photo_has_it(mesh, pose):
    """A point of the head keeps its place relative to the pixels when the photo is cut and shrunk."""
    columns = (np.arange(320) // 2).astype(np.uint8)
    photo = np.broadcast_to(columns[None, :, None], (240, 320, 3)).copy()
    around, camera = pictures.crop_for_overlay(mesh, pose, CAMERA, photo)
    assert around.shape[:2] == (camera.height, camera.width) and max(around.shape) <= pictures.LARGEST_OVERLAY
    point = np.array([[0.0, 0.0, 0.0]])
    [[whole, _]], [[cut, _]] = (c.project(pose.apply(point)) for c in (CAMERA, camera))
    if 0 <= cut < camera.width - 1:
        assert around[0, round(cut), 0] == pytest.approx(whole / 2, abs=1.5)


@pytest.mark.parametrize("yaw_deg", [0, 45, 90, 180])
def test_a_head_alone_fills_the_picture_at_any_turn(mesh, yaw_deg):
    drawn = pictures.draw_alone(mesh, rotation_from_euler_deg(yaw_deg, 10, 20), 64)
    rows, columns = np.nonzero(drawn[..., 3] > 127)
    assert 50 <= max(np.ptp(rows), np.ptp(columns)) <= 62  # of 64 px
    assert not drawn[[0, 0, -1, -1], [0, -1, 0, -1], 3].any()


def test_pictures_of_different_heights_stand_side_by_side():
    row = pictures.side_by_side([np.zeros((20, 10, 3), np.uint8), np.full((40, 80, 3), 255, np.uint8)], 40)
    assert row.shape == (40, 100, 3) and row[20, 5, 0] == 0 and row[20, 95, 0] == 255
