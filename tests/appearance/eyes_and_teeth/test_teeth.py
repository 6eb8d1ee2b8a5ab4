"""Teeth of known colour between parted lips, and lips that are closed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.appearance.eyes_and_teeth.teeth import HUE, enamel_of, teeth_change
from facegpt.appearance.prior import fine_mean, model_texture, prior_of, soft_teeth
from facegpt.appearance.texture import texture_from_photo
from facegpt.appearance.unwrap import Unwrapped
from facegpt.conventions import ARKIT_NAMES, linear_to_srgb, srgb_to_linear
from facegpt.morphable.base import head_vertices
from facegpt.render.base import AMBIENT_WHITE
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, FaceParams, Mesh, Pose

SIDE, TEXELS = 480, 512
CAMERA = Camera(1300.0, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE)
SMILE = dict.fromkeys(("mouthSmileLeft", "mouthSmileRight"), 0.6)
SMILE |= dict.fromkeys(("mouthUpperUpLeft", "mouthUpperUpRight"), 0.5) | {"jawOpen": 0.2}
#: What makes white teeth yellow, log units.
YELLOW = np.array([0.0, -0.1, -0.6])


def params_of(head, **weights) -> FaceParams:
    """A face from the front in white light from everywhere."""
    lighting, sizes = np.zeros((9, 3), np.float32), head.sizes
    lighting[0] = AMBIENT_WHITE
    expression = np.zeros(sizes.expression, np.float32)
    for name, value in weights.items():
        expression[ARKIT_NAMES.index(name)] = value
    pose = Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 600.0]))
    joints, zeros = np.zeros((sizes.joints, 3), np.float32), np.zeros(sizes.identity, np.float32)
    albedo = np.zeros(sizes.albedo, np.float32)
    return FaceParams(head.model_id, zeros, expression, joints, pose, albedo, lighting, CAMERA)


def painted_teeth(head, params: FaceParams, change: np.ndarray) -> np.ndarray:
    """The enamel (N, 3), linear RGB, of the texture from a picture whose teeth are changed by log units (3,)."""
    skin = model_texture(head, params.albedo, TEXELS)
    skin = np.where((enamel_of(prior_of(head, TEXELS)) > 0)[..., None], skin * np.exp(change), skin)
    colour = np.round(linear_to_srgb(np.clip(skin, 0, 1)) * 255).astype(np.uint8)
    texture = np.dstack([colour, np.full((TEXELS, TEXELS), 255, np.uint8)])
    m = head
    mesh = Mesh(head_vertices(m, params), m.triangles, m.uv, m.uv_triangles, m.part, m.part_names, texture)
    image = np.ascontiguousarray(draw_picture(mesh, params.pose, CAMERA, params.lighting)[..., :3])
    found = texture_from_photo(image, head, params, TEXELS).texture
    return srgb_to_linear(found[enamel_of(prior_of(head, TEXELS)) > 0.9][:, :3] / 255.0)


def test_yellow_teeth_come_out_yellower_than_white_ones(head):
    params = params_of(head, **SMILE)
    white, yellow = (np.median(painted_teeth(head, params, change), 0) for change in (np.zeros(3), YELLOW))
    told = np.log(yellow / white)
    assert told[2] - told[0] < -0.2  # log units; the truth is -0.6, and none is yellower than teeth are
    assert abs(told[0]) < 0.25


def test_no_teeth_are_bluer_or_redder_than_teeth(head):
    params = params_of(head, **SMILE)
    white, red = (np.median(painted_teeth(head, params, np.array(c)), 0) for c in ((0, 0, 0), (0.0, -2.0, -2.0)))
    hue = np.log(red / white) - np.log(red / white).mean()
    assert hue.max() < HUE[1][0] + 0.25


def test_closed_lips_leave_the_models_teeth(head):
    params = params_of(head)
    plain, yellow = (painted_teeth(head, params, change) for change in (np.zeros(3), YELLOW))
    assert np.array_equal(plain, yellow)
    prior = prior_of(head, TEXELS)
    own = fine_mean(head, TEXELS)[0][enamel_of(prior) > 0.9]
    assert np.abs(linear_to_srgb(plain) - linear_to_srgb(own)).max() * 255 < 4


def test_a_grey_photo_tells_how_bright_teeth_are_and_no_hue(head):
    prior = prior_of(head, 128)
    light = np.zeros((9, 3), np.float32)
    light[0] = AMBIENT_WHITE
    normal = np.zeros((128, 128, 3), np.float32)
    normal[..., 2] = -1.0
    seen = Unwrapped(np.exp(prior.mean_log) * [0.8, 0.8, 0.5], np.ones((128, 128), np.float32), normal)
    coloured, grey = (teeth_change(seen, light, prior, flag)[enamel_of(prior) > 0.9] for flag in (False, True))
    assert np.ptp(coloured, axis=1).min() > 0.1 and np.ptp(grey, axis=1).max() < 1e-6
    assert not teeth_change(replace(seen, weight=0 * seen.weight), light, prior).any()


def test_pale_teeth_under_the_lips_edge_leave_no_pale_rim(head):
    """A photo whose mouth is drawn a little wider open than the head's: its teeth lie where the lips' edges are."""
    wider = {"jawOpen": 0.3, "mouthUpperUpLeft": 0.8, "mouthUpperUpRight": 0.8}
    wide, fitted = params_of(head, **SMILE | wider), params_of(head, **SMILE)
    skin = model_texture(head, wide.albedo, TEXELS)
    texture = np.dstack([np.round(linear_to_srgb(skin) * 255), np.full((TEXELS, TEXELS), 255)]).astype(np.uint8)
    m = head
    mesh = Mesh(head_vertices(m, wide), m.triangles, m.uv, m.uv_triangles, m.part, m.part_names, texture)
    image = np.ascontiguousarray(draw_picture(mesh, wide.pose, CAMERA, wide.lighting)[..., :3])
    found = srgb_to_linear(texture_from_photo(image, head, fitted, TEXELS).texture[..., :3] / 255.0)
    prior = prior_of(head, TEXELS)
    rim, lips = prior.rim > 0.9, (prior.lips > 0.7) & (prior.rim < 0.1)
    change = np.log(found.mean(-1) + 0.003) - np.log(skin.mean(-1) + 0.003)
    assert np.quantile(change[rim], 0.95) - np.median(change[lips]) < 0.25


def test_gaps_between_teeth_are_fainter_than_painted_and_gums_stay():
    part = np.array([[0, 0, 0, 1]])
    mean = np.array([[[0.7, 0.66, 0.56], [0.3, 0.25, 0.2], [0.3, 0.08, 0.07], [0.5, 0.3, 0.2]]], np.float32)
    after = soft_teeth(mean, part, ["upper_teeth", "skin"])
    assert (after[0, 1] > 1.2 * mean[0, 1]).all()
    assert (after[0, 1] < after[0, 0]).all()
    assert np.array_equal(after[0, 2:], mean[0, 2:])  # gum and skin
