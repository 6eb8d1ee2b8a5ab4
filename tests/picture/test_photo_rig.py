"""A photo's face moves as its head does: checked on drawn photos, whose heads and changes are known."""

from __future__ import annotations

import numpy as np
import pytest
from facing_params import facing_params

from facegpt.face import Face
from facegpt.morphable.base import head_vertices, with_weights
from facegpt.picture import looking, looking_at_camera, turned
from facegpt.picture.kernels import EYE
from facegpt.picture.morph import between
from facegpt.picture.prepare import rig_of
from facegpt.picture.turning import head_turn_deg
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.plots import lay_on
from facegpt.render.portrait import draw_picture
from facegpt.types import Mesh, Pose

SMILE = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "browInnerUp": 0.6}


def drawn(head, params, behind):
    """A photo (256, 256, 3) of a head before a picture, with its texture."""
    face = Face(head, params)
    mesh = Mesh(head_vertices(head, params), *(getattr(face.mesh, name) for name in MESH))
    return lay_on(draw_picture(mesh, params.pose, params.camera, params.lighting, 2), behind), face


MESH = ("triangles", "uv", "uv_triangles", "part", "part_names", "texture")


@pytest.fixture(scope="module")
def behind():
    rows, columns = np.indices((256, 256))
    stripes = np.where((columns // 8) % 2, 150, 90) + rows // 8
    return np.repeat(stripes[..., None], 3, -1).astype(np.uint8)


@pytest.fixture(scope="module")
def rig(head, behind):
    params = facing_params(head, default_studio_lighting())
    photo, face = drawn(head, params, behind)
    return rig_of(face, params, photo, None, None)


@pytest.fixture(scope="module")
def face_box(rig):
    points = rig.params.camera.project(rig.model.embedding("mediapipe478")(rig.still.vertices))[:468]
    return *np.ceil(points.min(0)).astype(int), *np.floor(points.max(0)).astype(int)


def psnr(a, b):
    return 10 * np.log10(255.0**2 / max(float(((a.astype(float) - b) ** 2).mean()), 1e-9))


def test_no_change_gives_the_photo_itself(rig):
    same = rig.changed(rig.params)
    assert np.array_equal(same.picture, rig.photo)
    assert not same.mask.any()


def test_a_moved_head_is_the_photo_moved(rig, face_box):
    move_px = 6
    depth = float(np.median(rig.still.vertices[:, 2]))
    shift = np.array([move_px * depth / rig.params.camera.focal_px, 0, 0])
    pose = Pose(rig.params.pose.rotation, rig.params.pose.translation + shift)
    moved = rig.picture(rig.params.replace(pose=pose))
    x0, y0, x1, y1 = face_box
    inner = slice(y0 + 15, y1 - 15), slice(x0 + 20, x1 - 20)
    before = np.roll(rig.photo, move_px, axis=1)[inner]
    assert psnr(moved[inner], before) > 30
    assert psnr(rig.photo[inner], before) < 27  # it did move


@pytest.mark.parametrize("weights", [SMILE, {"jawOpen": 0.4}, {"eyeBlinkLeft": 1.0}, {"browDownLeft": 0.9}])
def test_a_changed_photo_is_the_photo_of_the_changed_head(rig, head, behind, face_box, weights):
    params = with_weights(rig.params, weights)
    wanted, _ = drawn(head, params, behind)
    x0, y0, x1, y1 = face_box
    face = slice(y0, y1), slice(x0, x1)
    made = rig.changed(params).picture
    assert psnr(made[face], wanted[face]) > 26
    assert psnr(made[face], wanted[face]) > psnr(rig.photo[face], wanted[face]) + 2


def test_a_turned_head_is_the_photo_of_the_turned_head(rig, head, behind, face_box):
    params = turned(rig.params, 10, 5)
    wanted, _ = drawn(head, params, behind)
    x0, y0, x1, y1 = face_box
    face = slice(y0 + 10, y1), slice(x0 + 10, x1 - 10)
    made = rig.changed(params).picture
    assert psnr(made[face], wanted[face]) > psnr(rig.photo[face], wanted[face]) + 3
    assert head_turn_deg(rig.params, params) == pytest.approx([10, 5, 0], abs=0.5)


def test_outside_the_mask_nothing_changes_and_what_is_far_behind_stays(rig):
    changed = rig.changed(with_weights(turned(rig.params, 8), {"jawOpen": 0.5}))
    outside = changed.mask == 0
    assert np.array_equal(changed.picture[outside], rig.photo[outside])
    assert np.array_equal(changed.picture[:, :20], rig.photo[:, :20])
    assert (changed.mask > 0).mean() < 0.75


def test_a_full_blink_leaves_no_strip_of_the_eye(rig):
    params = with_weights(rig.params, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    image = rig.canvas.draw(rig.placed(params), rig.camera(2), params.lighting)
    seen = rig.canvas.kinds[np.maximum(image.triangle, 0)][image.triangle >= 0]
    assert (seen == EYE).sum() <= 2


def test_one_wink_leaves_the_other_eye_as_it_is(rig):
    changed = rig.changed(with_weights(rig.params, {"eyeBlinkLeft": 1.0}))
    points = rig.params.camera.project(rig.model.embedding("mediapipe478")(rig.still.vertices))
    left, right = (np.round(points[k]).astype(int) for k in (473, 468))
    assert (changed.mask[left[1] - 2 : left[1] + 3, left[0] - 2 : left[0] + 3] > 0).all()
    assert not changed.mask[right[1] - 2 : right[1] + 3, right[0] - 2 : right[0] + 3].any()


def test_quick_pictures_are_those_of_stills(rig):
    params = with_weights(rig.params, SMILE)
    assert psnr(rig.picture(params), rig.picture(params, fine=True)) > 32


def test_eyes_look_into_the_camera_from_a_turned_head(rig):
    params = looking_at_camera(rig.model, turned(rig.params, 12))
    straight = looking(rig.model, rig.params, 0, 0)
    moved = np.degrees(params.joints[2:] - straight.joints[2:])
    assert moved[:, 1] == pytest.approx([-12, -12], abs=1.5)  # yaw of both eyes against the head's


def test_a_morph_ends_at_its_photos(rig, head, behind):
    params = with_weights(facing_params(head, default_studio_lighting()), {"jawOpen": 0.3})
    params = params.replace(identity=np.full(head.sizes.identity, 0.2, np.float32))
    photo, face = drawn(head, params, behind)
    other = rig_of(face, params, photo, None, None)
    assert np.array_equal(between(rig, other, 0.0)[0], rig.photo)
    assert np.array_equal(between(rig, other, 1.0)[0], other.photo)
    half = between(rig, other, 0.5)[0]
    assert psnr(half, rig.photo) < 60 and psnr(half, other.photo) < 60
