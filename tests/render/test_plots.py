"""Pictures of heads: what is drawn where."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_head import made_up_head

from facegpt.conventions import HEAD_TO_CAMERA_AXES, rotation_from_euler_deg
from facegpt.morphable.proxies import Proxy
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
def test_a_head_alone_lies_in_the_picture_at_any_turn(mesh, yaw_deg):
    drawn = pictures.draw_alone(mesh, rotation_from_euler_deg(yaw_deg, 10, 20), 64)
    rows, columns = np.nonzero(drawn[..., 3] > 127)
    assert 44 <= max(np.ptp(rows), np.ptp(columns)) <= 62  # of 64 px
    assert not np.concatenate([drawn[[0, -1]].ravel(), drawn[:, [0, -1]].ravel()])[3::4].any()


@pytest.mark.parametrize("yaw_deg", [0, 60])
def test_hair_that_hangs_makes_no_face_smaller(mesh, yaw_deg):
    """Above a curtain that hangs half a metre below a bald head, its picture is the same as without."""
    rotation = rotation_from_euler_deg(yaw_deg)
    bald, curtained = (pictures.draw_alone(mesh, rotation, 96, worn) for worn in ((), (sheet_worn(-600, -130, 60),)))
    np.testing.assert_array_equal(bald[:60], curtained[:60])
    assert (bald != curtained).any() and curtained[-1, ..., 3].any()  # it goes on below


@pytest.mark.parametrize(("top_mm", "wide_mm"), [(180, 40), (320, 250)])
def test_hair_that_stands_up_lies_in_the_picture(mesh, top_mm, wide_mm):
    drawn = pictures.draw_alone(mesh, rotation_from_euler_deg(0), 96, (sheet_worn(0, top_mm, wide_mm),))
    assert drawn[..., 3].any() and not drawn[0, :, 3].any() and not drawn[:, [0, -1], 3].any()


def sheet_worn(low_mm: float, high_mm: float, wide_mm: float) -> Proxy:
    """A flat black sheet across the head's middle plane, between two heights."""
    places = np.array([[x, y, 0.0] for y in (low_mm, high_mm) for x in (-wide_mm, wide_mm)])
    triangles, texture = np.array([[0, 1, 2], [1, 3, 2]]), np.full((4, 4, 4), (0, 0, 0, 255), np.uint8)
    uv, normals = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]]), np.tile([0.0, 0, 1], (4, 1))
    flat = Mesh(places, triangles, uv, triangles, np.zeros(2, np.uint8), ("hair",), texture)
    return Proxy("hair", flat, normals, places, normals, np.ones((4, 1)), 0.5, False, np.ones(4), np.ones(0))


def test_pictures_of_different_heights_stand_side_by_side():
    row = pictures.side_by_side([np.zeros((20, 10, 3), np.uint8), np.full((40, 80, 3), 255, np.uint8)], 40)
    assert row.shape == (40, 100, 3) and row[20, 5, 0] == 0 and row[20, 95, 0] == 255
