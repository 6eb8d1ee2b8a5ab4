"""Beards that are painted on a known skin come back as dark as they are."""

from __future__ import annotations

import numpy as np
import pytest
from test_texture import LIGHT, photograph

from facegpt.appearance.gloss import gloss_of
from facegpt.appearance.prior import model_texture
from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import rotation_from_euler_deg, srgb_to_linear
from facegpt.encode.parts import HAIR, SKIN, FaceParts
from facegpt.morphable.makehuman.painted_hair import groom_texture
from facegpt.render.lighting import lighting_from_lamps
from facegpt.types import Camera, DensePoints, FaceParams, Hair, IdentityBelief, Pose

PX = 384


def seen(beard):
    """What the networks say of a face before the camera: all skin but for hair below the nose."""
    belief = IdentityBelief(np.zeros(60), np.eye(60), 30.0, beard)
    none = np.zeros(0)
    dense = DensePoints(none, none, none, none, none, none, np.zeros((1, 1, 7)), np.eye(2, 3), PX, None, belief)
    told = np.zeros((PX, PX, 9), np.float32)
    told[: PX // 2, :, SKIN], told[PX // 2 :, :, HAIR], told[PX // 2 :, :, SKIN] = 1.0, 0.5, 0.5
    return dense, FaceParts(told, np.ones((PX, PX), bool), np.eye(2, 3))


def bearded_photo(head):
    sizes = head.sizes
    params = FaceParams(
        head.model_id,
        *(np.zeros(count, np.float32) for count in (sizes.identity, sizes.expression)),
        np.zeros((sizes.joints, 3), np.float32),
        Pose(rotation_from_euler_deg(0.0), np.array([0.0, 0.0, 600.0])),
        np.zeros(sizes.albedo, np.float32),
        LIGHT.astype(np.float32),
        Camera(900.0, ((PX - 1) / 2,) * 2, PX, PX),
    )
    hair = Hair("bald", (0.012, 0.009, 0.007), beard=1.0, moustache=1.0)
    truth = groom_texture(model_texture(head, params.albedo, 512), hair)
    return photograph(head, np.ascontiguousarray(truth.transpose(2, 0, 1)), params), params, truth


def beards_darkness(head, texture):
    """How much darker than the cheeks, log units, the densest beard is; texture (S, S, 3) linear."""
    density = head.albedo.growth["hair_density"][0] / 255
    step = len(texture) // len(density)
    logs = np.log(np.maximum(texture.mean(-1), 2e-3)).reshape(len(density), step, len(density), step).mean((1, 3))
    cheeks = (np.asarray(head.albedo.regions) & 1) > 0
    return float(np.median(logs[(cheeks) & (density < 0.02)]) - np.median(logs[density > 0.9]))


@pytest.fixture(scope="module")
def photo(head):
    return bearded_photo(head)


def test_a_black_beard_stays_black(head, photo):
    image, params, truth = photo
    dense, parts = seen(0.9)
    found = texture_from_photo(image, head, params, 512, dense, parts).texture
    true = beards_darkness(head, truth)
    assert true > 1.0
    assert beards_darkness(head, srgb_to_linear(found[..., :3] / 255.0)) > 0.65 * true


def darkness_of_halves(head, texture):
    """How much darker than the cheeks, log units, the beard is on either half; texture (S, S, 3) linear."""
    density = head.albedo.growth["hair_density"][0] / 255
    step = len(texture) // len(density)
    logs = np.log(np.maximum(texture.mean(-1), 2e-3)).reshape(len(density), step, len(density), step).mean((1, 3))
    cheeks = ((np.asarray(head.albedo.regions) & 1) > 0) & (density < 0.02)
    left = np.arange(len(density))[None] < len(density) // 2
    return [float(np.median(logs[cheeks]) - np.median(logs[(density > 0.6) & half])) for half in (left, ~left)]


@pytest.mark.parametrize("lamp", [(1.0, -0.3, -0.3), (1.0, 0.0, -0.1)])
def test_a_beard_whose_shaded_half_has_lifted_blacks_is_as_dark_on_both_halves(head, photo, lamp):
    """Many photos show nothing darker than some grey: there a beard in the shade looks as bright as skin does."""
    _, params, truth = photo
    light = lighting_from_lamps(((lamp, (2.4, 2.4, 2.4)),), (0.05, 0.05, 0.05)).astype(np.float32)
    image = photograph(head, np.ascontiguousarray(truth.transpose(2, 0, 1)), params, light)
    dense, parts = seen(0.9)
    found = texture_from_photo(np.maximum(image, 60), head, params, 512, dense, parts).texture
    halves = darkness_of_halves(head, srgb_to_linear(found[..., :3] / 255.0))
    assert min(halves) > 1.1 and abs(halves[0] - halves[1]) < 0.08


def test_hair_over_a_bare_face_is_not_painted_on_it(head, photo):
    """The same picture of somebody who wears no beard: what hangs over the chin is hair, and stays out."""
    image, params, truth = photo
    dense, parts = seen(0.0)
    parts.probabilities[PX // 2 :, :, HAIR], parts.probabilities[PX // 2 :, :, SKIN] = 1.0, 0.0
    found = texture_from_photo(image, head, params, 512, dense, parts).texture
    assert beards_darkness(head, srgb_to_linear(found[..., :3] / 255.0)) < 0.4 * beards_darkness(head, truth)


def test_grey_skin_has_no_gloss_to_take_off():
    """Without hue white light cannot be told from skin: rounding must not become gloss."""
    rng = np.random.default_rng(0)
    grey = np.repeat(rng.normal(0.2, 0.1, (32, 32, 1)), 3, 2)
    expected = np.repeat(rng.normal(-1.2, 0.2, (32, 32, 1)), 3, 2) + 1e-7 * rng.standard_normal((32, 32, 3))
    assert not gloss_of(grey, expected, np.full((32, 32, 2), 0.1), np.ones((32, 32))).any()
