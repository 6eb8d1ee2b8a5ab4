"""The light of a photo is fitted beside the skin that is drawn: the model's own curve, from dark to light."""

import numpy as np
import pytest
import torch
from dressed_people import person

from facegpt.appearance.even_skin import with_usual_redness
from facegpt.appearance.light import MOST_SD, SHEEN, estimate_light, shading
from facegpt.appearance.light_equations import LightEquations
from facegpt.appearance.prior import model_texture, opacity, prior_of
from facegpt.appearance.skin_tones import SkinTones
from facegpt.appearance.texture import tone_from_photo
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.data.images import BACKDROP
from facegpt.face import Face
from facegpt.fitting.occlusion import OCCLUDER
from facegpt.morphable.makehuman.albedo import NAMED, AlbedoModel
from facegpt.render.lighting import lighting_from_lamps, sh_basis
from facegpt.render.shelter import even_directions
from facegpt.types import DensePoints

SIDE, LAMP = 64, lighting_from_lamps((((0.3, -0.5, -0.8), (0.5, 0.5, 0.5)),), (0.55, 0.55, 0.55))


@pytest.mark.parametrize("lightness", [-2.5, -1.0, 0.0, 1.0, 2.0, 3.0])
def test_a_skin_is_expected_as_it_is_drawn(head, lightness):
    albedo = np.zeros(head.sizes.albedo, np.float32)
    albedo[[0, 2, NAMED["freckles"]]] = lightness, 0.7, -1.5
    prior = prior_of(head, SIDE)
    bare = (prior.mask > 0.9) & (prior.brows < 0.01)  # brows are drawn shorter than they are in the atlas
    drawn = AlbedoModel.load().texture(torch.from_numpy(albedo)[None], SIDE)[0].numpy().transpose(1, 2, 0)
    assert np.exp(prior.expected(albedo)[bare]) == pytest.approx(drawn[bare], rel=0.01)


@pytest.mark.parametrize("lightness", [-1.7, -0.1, 0.4, 2.1])
def test_the_slope_is_that_of_the_curve(head, lightness):
    tones, step = prior_of(head, SIDE).tones, 1e-2
    albedo = np.zeros(head.sizes.albedo, np.float64)
    albedo[0] = lightness
    ahead, behind = (tones.change(albedo + step * sign * np.eye(len(albedo))[0]) for sign in (1, -1))
    assert tones.first_slope(albedo) == pytest.approx((ahead - behind) / (2 * step), abs=2e-3)


def test_a_skin_at_the_end_of_its_range_leaves_the_rest_of_the_brightness_to_the_light():
    """More than the lightest skin can be lit to: nothing is missing, and it is not the light that gives way."""
    normals = even_directions(900)
    normals = normals[normals[:, 2] < -0.3]
    mean = np.log(np.tile((0.24, 0.11, 0.065), (len(normals), 1)))
    tones = SkinTones(np.tile(np.array([0.5, 0.64, 0.73]), (1, len(normals), 1)))
    lightest = np.exp(mean + MOST_SD * tones.basis[0])
    colour = np.minimum(1.3 * (lightest + SHEEN) * shading(normals, LAMP), 0.99)
    found = estimate_light(colour, sh_basis(normals), mean, tones, np.ones(len(normals)))
    again = (np.exp(mean + tones.change(found.albedo)) + SHEEN) * shading(normals, found.lighting)
    assert abs(np.median(np.log(again / colour))) < 0.05


def lightness_of(colour) -> float:
    return 116 * float(np.mean(colour @ [0.2126, 0.7152, 0.0722])) ** (1 / 3) - 16


@pytest.mark.parametrize("brightness", [0.25, 0.6, 1.0, 1.6])
@pytest.mark.parametrize("tone", [-1.2, 0.8])
def test_a_skin_whose_lightness_is_told_is_found_in_any_light(brightness, tone):
    """The same colours are a dark skin in bright light and a light one in dim light: only what is told decides."""
    normals = even_directions(900)
    normals = normals[normals[:, 2] < -0.3]
    mean = np.log(np.tile((0.24, 0.11, 0.065), (len(normals), 1)))
    tones = SkinTones(np.tile(np.array([0.5, 0.64, 0.73]), (1, len(normals), 1)))
    own = np.exp(mean + tone * tones.basis[0])
    colour = np.minimum((own + SHEEN) * shading(normals, brightness * LAMP), 0.99)
    given = colour, sh_basis(normals), mean, tones, np.ones(len(normals))
    alone, told = (estimate_light(*given, lightness=each) for each in (None, lightness_of(own + SHEEN)))
    off = [lightness_of(np.exp(mean + tones.change(fit.albedo))) - lightness_of(own) for fit in (alone, told)]
    assert abs(off[1]) < 2.5 and abs(off[1]) <= abs(off[0]) + 0.5
    again = (np.exp(mean + tones.change(told.albedo)) + SHEEN) * shading(normals, told.lighting)
    assert abs(np.median(np.log(again / colour))) < 0.05


def equations_of(head):
    """Noise on a tenth of the skin's texels, seen by noise."""
    draw = np.random.default_rng(2)
    prior = prior_of(head, SIDE)
    seen = np.random.default_rng(1).random(prior.mean_log.shape[:2]) < 0.1
    count = int(seen.sum())
    columns = sh_basis(draw.normal(size=(count, 3)) / 2 + [0, 0, -1])
    shares, bare = (draw.random((count, 3)), draw.random((count, 3))), draw.random(count)
    observed = np.log(draw.uniform(0.05, 1, (count, 3)))
    skin = prior.mean_log[seen], prior.tones.at(seen)
    return LightEquations(observed, columns, *skin, draw.random(count), *shares, bare)


def somewhere(head, number):
    unknown = np.random.default_rng(number).normal(0, 0.5, head.sizes.albedo + 12)
    unknown[-9:] = [2.5, *(unknown[-8:] / 3)]
    return unknown


def test_the_slope_of_the_lightness_is_that_of_finite_differences(head):
    equations, step, unknown = equations_of(head), 1e-2, somewhere(head, 0)
    found = equations.at(unknown).slope
    for k in range(3):
        change = step * np.eye(len(unknown))[k]
        ahead, behind = (equations.at(unknown + sign * change).lightness for sign in (1, -1))
        assert found[k] == pytest.approx((ahead - behind) / (2 * step), abs=0.02)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_equations_of_kernels_are_those_of_the_slow_way(head, number):
    equations, unknown = equations_of(head), somewhere(head, number)
    quick, plain = equations.at(unknown), equations.plainly_at(unknown)
    for name in ("hessian", "gradient", "inlier", "shade", "lightness", "slope"):
        value = np.asarray(getattr(plain, name))
        assert np.abs(getattr(quick, name) - value).max() < 1e-4 * np.abs(value).max(), name


def shining(head, params):
    """A head whose surface mirrors its share of the light, which the model's albedo leaves out."""
    skin = model_texture(head, params.albedo, 256) + SHEEN
    pixels = np.dstack([linear_to_srgb(skin), opacity(head, 256)])
    return Face(head, params, photo_texture=np.round(pixels * 255).astype(np.uint8))


@pytest.mark.parametrize("lightness", [-1.0, 0.5, 1.8])
def test_a_head_without_the_photos_skin_is_as_bright_as_the_photo(head, lightness):
    albedo = np.zeros(head.sizes.albedo, np.float32)
    albedo[0] = lightness
    face = shining(head, person(head, None, albedo=albedo, lighting=LAMP))
    found, light = tone_from_photo(face.image, head, face.params)
    again = shining(head, face.params.replace(albedo=found, lighting=light))
    shown = np.abs(face.image.astype(int) - BACKDROP).max(-1) > 8
    seen, drawn = (np.median(srgb_to_linear(one.image[shown] / 255.0)) for one in (face, again))
    assert abs(np.log(drawn / seen)) < 0.1


def test_what_is_seen_before_the_face_is_not_its_skin(head):
    """A grey cloth over the mouth and the chin, which the dense network's map of parts shows."""
    albedo = np.zeros(head.sizes.albedo, np.float32)
    albedo[0] = 1.0
    face = shining(head, person(head, None, albedo=albedo, lighting=LAMP))
    covered, parts, side = face.image.copy(), np.zeros((64, 64, 7)), face.params.camera.width
    covered[side // 2 :] = (90, 100, 120)
    parts[:32, :, 1], parts[32:, :, OCCLUDER] = 1.0, 1.0
    none, crop = np.zeros(0), np.eye(2, 3) * 128 / side
    dense = DensePoints(none, none, none, none, none, none, parts, crop)
    bare, blind, told = (
        tone_from_photo(image, head, face.params, known)[0]
        for image, known in ((face.image, None), (covered, None), (covered, dense))
    )
    prior = prior_of(head, SIDE)
    skin = (prior.mask > 0.5) & (prior.brows < 0.5) & (prior.lips < 0.5)
    off = [np.abs((prior.expected(found) - prior.expected(bare))[skin]).mean() for found in (blind, told)]
    assert off[1] < 0.5 * off[0]


def test_a_photo_without_colours_gets_the_blood_that_people_usually_have(head):
    """Redness does not show in grey: that of people takes its place, and the lightness stays the photo's."""
    prior = prior_of(head, SIDE)
    albedo = np.zeros(head.sizes.albedo, np.float32)
    albedo[0] = -1.0
    found = with_usual_redness(albedo, prior)
    bare = (prior.mask > 0.9) & (prior.growth < 0.01) & (prior.brows < 0.01)
    before, after = (np.exp(prior.expected(each)[bare]).mean(0) for each in (albedo, found))
    assert after[0] / after[1] > 1.02 * before[0] / before[1]
    assert lightness_of(after[None]) == pytest.approx(lightness_of(before[None]), abs=1.5)
    assert found[0] == albedo[0]
