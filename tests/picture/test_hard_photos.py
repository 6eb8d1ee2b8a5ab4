"""Photos that are hard to change: grey, small, cut off, turned away, mouths to be shut and eyes to be opened."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from facing_params import facing_params
from PIL import Image

from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.morphable.base import head_vertices, with_weights
from facegpt.picture.doubts import doubts
from facegpt.picture.kernels import EYE, LOWER, UPPER
from facegpt.picture.prepare import rig_of
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.plots import lay_on
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, Mesh, Pose

MESH = ("triangles", "uv", "uv_triangles", "part", "part_names", "texture")
SMILE = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "jawOpen": 0.4}
SHUT = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}


def rig_with(head, weights, change=lambda photo: photo, params=None):
    """The rig of a drawn photo of a head with an expression."""
    params = with_weights(params or facing_params(head, default_studio_lighting()), weights)
    face = Face(head, params)
    mesh = Mesh(head_vertices(head, params), *(getattr(face.mesh, name) for name in MESH))
    behind = np.full((params.camera.height, params.camera.width, 3), (90, 120, 150), np.uint8)
    photo = lay_on(draw_picture(mesh, params.pose, params.camera, params.lighting, 1), behind)
    return rig_of(face, params, change(photo), None, None)


def seen(rig, params, *kinds):
    """How many samples of some kinds of parts the changed head shows."""
    image = rig.canvas.draw(rig.placed(params), rig.camera(), params.lighting)
    return int(np.isin(rig.canvas.kinds[np.maximum(image.triangle, 0)][image.triangle >= 0], kinds).sum())


def grey(photo):
    return np.repeat(photo.mean(-1, keepdims=True).astype(np.uint8), 3, -1)


def strong_jpeg(photo):
    data = io.BytesIO()
    Image.fromarray(photo).save(data, "JPEG", quality=8)
    return np.asarray(Image.open(data))


def test_a_grey_photo_stays_grey_with_all_that_is_drawn_into_it(head):
    rig = rig_with(head, {}, grey)
    changed = rig.changed(with_weights(rig.params, SMILE))
    assert changed.mask.any()
    assert np.ptp(changed.picture.astype(int), axis=-1).max() == 0


def test_a_photo_in_colour_is_not_taken_for_grey(head):
    assert not rig_with(head, {}).still.grey


def test_a_photo_with_blocks_of_jpeg_changes_in_the_face_alone(head):
    rig = rig_with(head, {}, strong_jpeg)
    changed = rig.changed(with_weights(rig.params, SMILE))
    outside = changed.mask == 0
    assert np.array_equal(changed.picture[outside], rig.photo[outside])
    assert outside[:20].all()
    assert np.array_equal(rig.changed(rig.params).picture, rig.photo)


def test_an_open_mouth_is_shut_and_its_teeth_go(head):
    rig = rig_with(head, {"jawOpen": 0.5})
    shut = with_weights(rig.params, {"jawOpen": 0.0})
    assert seen(rig, rig.params, UPPER, LOWER) > 60
    assert seen(rig, shut, UPPER, LOWER) <= 4


def test_shut_eyes_are_opened_and_it_is_said_that_irises_are_guessed(head):
    rig = rig_with(head, SHUT)
    opened = with_weights(rig.params, dict.fromkeys(SHUT, 0.0))
    assert seen(rig, opened, EYE) > seen(rig, rig.params, EYE) + 20
    (told,) = doubts(rig, opened)
    assert "irises" in told
    assert doubts(rig, rig.params) == []


def test_a_face_that_is_turned_away_small_or_cut_off_is_said(head):
    params = facing_params(head, default_studio_lighting())
    assert doubts(rig_with(head, {}), params) == []
    away = Pose(rotation_from_euler_deg(55, 0, 0), params.pose.translation)
    assert "turned away by 55°" in str(doubts(rig_with(head, {}, params=params.replace(pose=away)), params))
    small = params.replace(camera=params.camera.scaled(0.2))
    rig = rig_with(head, SMILE, params=small)
    assert "pixels wide" in str(doubts(rig, rig.params))
    assert rig.changed(with_weights(rig.params, {"jawOpen": 0.0})).mask.any()  # and is changed all the same
    camera = params.camera
    cut = Camera(camera.focal_px, (camera.principal_px[0] - 110, camera.principal_px[1]), camera.width, camera.height)
    rig = rig_with(head, {}, params=params.replace(camera=cut))
    assert "border" in str(doubts(rig, rig.params))
    assert np.array_equal(rig.changed(rig.params).picture, rig.photo)


def test_a_cut_off_face_moves_without_a_fault(head):
    params = facing_params(head, default_studio_lighting())
    camera = params.camera
    cut = replace(camera, principal_px=(camera.principal_px[0], camera.principal_px[1] + 120))
    rig = rig_with(head, {}, params=params.replace(camera=cut))
    assert rig.changed(with_weights(rig.params, SMILE)).picture.shape == rig.photo.shape


def test_a_hand_before_the_mouth_or_hair_over_a_cheek_stays_as_it_is(head):
    bare = rig_with(head, {}, lambda photo: np.random.default_rng(1).integers(40, 200, photo.shape).astype(np.uint8))
    points = bare.params.camera.project(bare.model.embedding("mediapipe478")(bare.still.vertices))
    low, high = points[[61, 291, 0, 17], :2].min(0).astype(int), points[[61, 291, 0, 17], :2].max(0).astype(int)
    place = slice(low[1] - 6, high[1] + 6), slice(low[0] - 6, high[0] + 6)
    cells = bare.still.front.shape[1] / (bare.window[2] - bare.window[0])
    (x0, y0), (x1, y1) = (
        (np.array(each) - bare.window[:2]) * cells for each in (np.subtract(low, (45, 30)), np.add(high, (45, 60)))
    )
    front = np.zeros_like(bare.still.front)
    front[max(int(y0), 0) : int(y1), max(int(x0), 0) : int(x1), 0] = 1
    covered = replace(bare, still=replace(bare.still, front=front))
    moved = [
        np.abs(rig.changed(with_weights(rig.params, SMILE)).picture[place].astype(int) - rig.photo[place]).mean()
        for rig in (bare, covered)
    ]
    assert moved[0] > 10
    assert moved[1] < 0.25 * moved[0]
