"""Form from several photos: a crease of one half that another light shows too comes back, a lamp's shade does not."""

from dataclasses import replace

import numpy as np
import pytest

from facegpt.appearance.prior import model_texture
from facegpt.conventions import linear_to_srgb
from facegpt.detail.lost_form import form_in, lost_form
from facegpt.detail.shading import times
from facegpt.detail.shared_form import shared_forms
from facegpt.detail.skin_window import HEIGHT, SIDE, WIDTH
from facegpt.render.lighting import lighting_from_lamps
from tests.detail.test_lost_form import TEXELS, creases, params_of, seen


@pytest.fixture(scope="module")
def two_lights(head):
    """The mean head in a lamp from its left and in one from its right."""
    other = lighting_from_lamps((((0.5, -0.4, -0.7), (0.7, 0.7, 0.7)),), (0.35, 0.35, 0.35))
    return params_of(head), replace(params_of(head), lighting=other)


@pytest.fixture(scope="module")
def plain(head, two_lights):
    """The texture (2 SIDE, 2 SIDE, 4) uint8 sRGB of the mean skin."""
    skin = model_texture(head, two_lights[0].albedo, 2 * SIDE).clip(0, 1)
    colour = np.round(255 * linear_to_srgb(skin)).astype(np.uint8)
    return np.dstack([colour, np.full(colour.shape[:2], 255, np.uint8)])


def shown(head, plain, params, log_factor):
    """What a photo shows of the head with skin that is darker by a factor."""
    return seen(head, times(plain, np.repeat(np.exp(log_factor)[..., None], 3, 2)), params)


def test_a_crease_of_one_half_comes_back_where_another_light_shows_it(head, two_lights, plain):
    truth = creases(head, left=False)
    views = [shown(head, plain, params, truth) for params in two_lights]
    without = [shown(head, plain, params, np.zeros_like(truth)) for params in two_lights]
    dark = truth < -0.2
    alone = np.log(lost_form(views[0], plain)) - np.log(lost_form(without[0], plain))
    shared = np.log(shared_forms(views, [plain] * 2)[0]) - np.log(shared_forms(without, [plain] * 2)[0])
    assert alone[dark].mean() / truth[dark].mean() < 0.15
    assert shared[dark].mean() / truth[dark].mean() > 0.3


def test_what_one_photo_alone_shows_comes_back_no_more_than_from_that_photo(head, two_lights, plain):
    shade = creases(head, left=False)
    views = [shown(head, plain, params, part) for params, part in zip(two_lights, (shade, 0 * shade), strict=True)]
    alone, shared = np.log(lost_form(views[0], plain)), np.log(shared_forms(views, [plain] * 2)[0])
    dark = shade < -0.2
    assert shared[dark].mean() > alone[dark].mean() - 0.02


def test_photos_in_one_light_tell_what_one_of_them_does(head, two_lights, plain):
    view = shown(head, plain, two_lights[0], creases(head, left=False))
    np.testing.assert_array_equal(shared_forms([view, view], [plain] * 2)[0], lost_form(view, plain))


def test_a_photo_without_a_texture_has_no_form(head, two_lights, plain):
    view = shown(head, plain, two_lights[0], creases(head))
    assert shared_forms([view, view], [None, plain])[0] is None


def test_bands_that_others_second_are_kept_whole():
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    line = -0.3 * np.exp(-((columns - 0.25 * WIDTH) ** 2) / 2 / 2.0**2) * np.exp(-((rows - 150) ** 2) / 2 / 9.0**2)
    ones = np.ones_like(line)
    alone, shared = form_in(line, ones, TEXELS), form_in(line, ones, TEXELS, [(line, ones, 1.0)])
    assert shared.min() < 4 * alone.min()
    assert np.allclose(form_in(line, ones, TEXELS, [(0 * line, ones, 1.0)]), alone)
