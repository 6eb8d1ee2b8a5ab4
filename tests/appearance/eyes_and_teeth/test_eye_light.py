"""Whites of eyes whose brightness is known, in pictures drawn with them."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.eye_light import TEETH, settled_whites, whites_seen, with_whites
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.conventions import ARKIT_NAMES, linear_to_srgb, srgb_to_linear
from facegpt.morphable.base import head_vertices
from facegpt.render.base import AMBIENT_WHITE
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, FaceParams, Mesh, Pose

SIZE = 480
CAMERA = Camera(1100.0, ((SIZE - 1) / 2, (SIZE - 1) / 2), SIZE, SIZE)


@pytest.fixture(scope="module")
def params(head):
    """A calm face from the front in white light from everywhere."""
    lighting, sizes = np.zeros((9, 3), np.float32), head.sizes
    lighting[0] = AMBIENT_WHITE
    pose = Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 600.0]))
    zeros = [np.zeros(count, np.float32) for count in (sizes.identity, sizes.expression)]
    joints, albedo = np.zeros((sizes.joints, 3), np.float32), np.zeros(sizes.albedo, np.float32)
    return FaceParams(head.model_id, *zeros, joints, pose, albedo, lighting, CAMERA)


@pytest.fixture(scope="module")
def plain(head):
    """The mean skin, (512, 512, 4) uint8 sRGB."""
    colour = linear_to_srgb(model_texture(head, np.zeros(head.sizes.albedo, np.float32), 512))
    return np.dstack([np.round(colour * 255).astype(np.uint8), np.full((512, 512), 255, np.uint8)])


def drawn(head, params, texture):
    m = head
    mesh = Mesh(head_vertices(m, params), m.triangles, m.uv, m.uv_triangles, m.part, m.part_names, texture)
    return np.ascontiguousarray(draw_picture(mesh, params.pose, CAMERA, params.lighting)[..., :3])


def test_whites_half_as_bright_are_seen_to_be(head, params, plain):
    told = []
    for change in (0.0, np.log(0.5)):
        texture = with_whites(plain, head, np.full(3, change))
        told.append(whites_seen(drawn(head, params, texture), head, params))
    assert np.abs(told[1] - told[0] - np.log(0.5)).max() < 0.2  # log units; the wet eye mirrors a little of the lamp


def test_teeth_and_whites_get_darker_and_irises_and_skin_stay(head, plain):
    change = np.array([-0.5, -0.6, -0.7])
    changed = with_whites(plain, head, change)
    before, after = (srgb_to_linear(each[..., :3] / 255.0) for each in (plain, changed))
    prior = prior_of(head, 512)
    skin, irises = ~prior.hard, prior.irises[1]
    assert np.array_equal(plain[skin], changed[skin])
    assert np.abs(plain[irises].astype(int) - changed[irises]).max() <= 4  # sRGB levels
    teeth = prior.hard & ~prior.eyes & (before.min(-1) > 0.1)
    assert np.median(np.log(after[teeth] / before[teeth]), axis=0) == pytest.approx(TEETH * change, abs=0.05)


def test_closed_eyes_say_nothing_and_no_white_is_brighter_than_the_models(head, params):
    shut = params.replace(expression=_worn(head, eyeBlinkLeft=1.0, eyeBlinkRight=1.0))
    seen = whites_seen(np.full((SIZE, SIZE, 3), 128, np.uint8), head, shut)
    assert seen is None or np.isfinite(seen).all()
    assert not settled_whites([None]).any()
    assert settled_whites([np.full(3, 0.7)]).max() < 1e-6
    assert np.ptp(settled_whites([np.array([0.0, -3.0, -3.0]), None])) < 0.5  # log units: no orange eyes


def _worn(head, **weights):
    out = np.zeros(head.sizes.expression, np.float32)
    for name, value in weights.items():
        out[ARKIT_NAMES.index(name)] = value
    return out
