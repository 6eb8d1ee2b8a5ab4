"""What a photo says of a skin beside what skins can be: lips, hues of rims and shadows, dark skin, light from below."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from facegpt.appearance.complete import BEARD_COLOURFUL, COLOURFUL, skin_hue
from facegpt.appearance.light import SHEEN, estimate_light, shading, without_sheen
from facegpt.appearance.over_skin.things_on_lips import lips_tone
from facegpt.appearance.skin_tones import SkinTones
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.painted_hair import tapered_brows
from facegpt.render.lighting import lighting_from_lamps, sh_basis
from facegpt.render.shelter import even_directions

SKIN = np.log(np.array([0.24, 0.11, 0.065]))


def photographed(albedo, lighting, normals):
    """Linear RGB (N, 3) of a skin with a sheen; fits see it without cast shadows."""
    return (albedo + SHEEN) * shading(normals, lighting)


def half_face():
    """Normals of what a camera sees: those that face it and do not face down."""
    normals = even_directions(900)
    return normals[(normals[:, 2] < -0.3) & (normals[:, 1] < 0.35)]


def fitted(colour, normals):
    """The light, and the skin's log colour, found with one coefficient from dark to light, and paler."""
    basis = np.tile(np.array([0.5, 0.64, 0.73]), (1, len(normals), 1))
    mean = np.tile(SKIN, (len(normals), 1))
    found = estimate_light(colour, sh_basis(normals), mean, SkinTones(basis), np.ones(len(normals)))
    return found.lighting, SKIN + found.albedo[0] * basis[0, 0]


def test_dark_skin_in_dim_light_is_not_taken_for_light_skin_because_it_looks_pale():
    normals, dark = half_face(), np.exp(SKIN - 1.2 * np.array([0.5, 0.64, 0.73]))
    light = lighting_from_lamps((((0.2, -0.5, -0.8), (0.35, 0.36, 0.38)),), (0.25, 0.26, 0.28))
    found = fitted(photographed(dark, light, normals), normals)[1]
    assert found.mean() < SKIN.mean()  # darker than the mean skin, as it is


def test_skin_that_faces_down_unseen_is_not_black_under_a_lamp_from_above():
    normals, skin = half_face(), np.exp(SKIN)
    light = lighting_from_lamps((((0.0, -0.9, -0.45), (1.1, 1.1, 1.1)),), (0.15, 0.15, 0.15))
    found = fitted(photographed(skin, light, normals), normals)[0]
    below = sh_basis(np.array([0.0, 0.9, -0.436])) @ found
    assert below.min() > 0.1 * (sh_basis(np.array([0.0, 0.0, -1.0])) @ found).max()


def test_taking_the_sheen_off_gives_the_albedo_back():
    albedo, shade = np.array([[0.3, 0.16, 0.1], [0.06, 0.03, 0.02]]), np.array([[0.9, 0.9, 0.9], [1.3, 1.3, 1.3]])
    colour = (albedo + SHEEN) * shade
    assert np.exp(np.log(colour / shade) + without_sheen(colour, shade)) == pytest.approx(albedo, rel=1e-4)


@pytest.mark.parametrize(
    "seen", [(0.12, 0.13, 0.13), (0.10, 0.14, 0.15), (0.16, 0.15, 0.16)], ids=("grey", "teal", "lilac")
)
def test_a_grey_or_blue_rim_becomes_skin_and_keeps_its_brightness(seen):
    residual = (np.log(np.array(seen)) - SKIN)[None, None]
    nothing = np.zeros((1, 1))
    after = residual + skin_hue(residual, SKIN[None, None], nothing, nothing)
    assert after.mean() == pytest.approx(residual.mean(), abs=1e-5)
    colour = np.exp(SKIN + after[0, 0])
    assert colour[0] > 1.4 * colour[1] > 1.4 * colour[2]  # red above green above blue, as in all skin
    free = residual + skin_hue(residual, SKIN[None, None], nothing, nothing + 1)
    assert free == pytest.approx(residual)


def test_a_beard_may_be_black_but_not_teal():
    residual = (np.log(np.array([0.012, 0.018, 0.022])) - SKIN)[None, None]
    after = residual + skin_hue(residual, SKIN[None, None], np.ones((1, 1)), np.zeros((1, 1)))
    colour = np.exp(SKIN + after[0, 0])
    assert colour.max() < 0.03 and colour[0] > 0.95 * colour[2]
    assert COLOURFUL[0] > BEARD_COLOURFUL


def test_usual_hues_of_skin_hardly_change():
    rosy = np.array([0.03, -0.02, -0.01])[None, None]
    assert np.abs(skin_hue(rosy, SKIN[None, None], np.zeros((1, 1)), np.zeros((1, 1)))).max() < 0.02


def test_lipstick_is_seen_and_a_mouth_that_is_hidden_says_nothing():
    lips, weight = np.zeros((64, 64)), np.ones((64, 64))
    lips[30:40, 20:44] = 1
    residual = np.where(lips[..., None] > 0, [0.1, -0.8, -0.5], 0.0)
    residual[35, :] = -2.0  # the line between the lips
    tone = lips_tone(residual, weight, lips)
    hue = np.array([0.1, -0.8, -0.5]) + 0.4
    assert tone == pytest.approx(hue - 0.4, abs=0.02)
    assert lips_tone(residual, weight * 0.1, lips) is None


def test_brows_end_softly_and_the_rest_of_the_picture_stays():
    albedo = AlbedoModel.load()
    mean = np.moveaxis(np.exp(albedo.mean_at(256)), 0, -1)
    place, above = (np.asarray(plane, np.float32) for plane in albedo.growth["brow"])
    after = tapered_brows(mean)
    elsewhere = distance_transform_edt(np.abs(above) > 14) > 3
    assert np.array_equal(after[elsewhere], mean[elsewhere])
    middle = np.abs(above) < 2
    start, end = middle & (place < 0.5), middle & (place > 0.97)
    assert np.abs(after - mean)[start].max() < 0.01
    skin = np.median(mean[(np.abs(above) > 9) & (np.abs(above) < 13)], axis=0)
    assert np.median(after[end], axis=0) == pytest.approx(skin, rel=0.2)


def test_no_dot_is_left_where_a_brow_ends():
    albedo = AlbedoModel.load()
    mean = np.moveaxis(np.exp(albedo.mean_at(1024)), 0, -1)
    place, above = (np.kron(np.asarray(plane, np.float32), np.ones((4, 4))) for plane in albedo.growth["brow"])
    tail = (np.abs(above) < 4) & (place > 0.9)
    around = distance_transform_edt(~tail) < 10
    after = tapered_brows(mean).mean(-1)
    assert mean.mean(-1)[around].min() < 0.5 * np.median(after[around])  # the brow's own tail is that dark
    assert after[around].min() > 0.75 * np.median(after[around])


def test_a_component_that_looks_like_light_is_taken_for_light():
    """A face lit from above, and a skin component that is darker below: both explain it; the light does."""
    rng = np.random.default_rng(5)
    normals = rng.normal(size=(900, 3)) * [0.6, 0.6, 0.3] - [0, 0, 1]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    basis = np.repeat((-0.3 * normals[:, 1])[None, :, None], 3, axis=2)
    mean = np.full((900, 3), np.log(0.3))
    lighting = np.zeros((9, 3))
    lighting[0], lighting[1] = 3.5, -1.0
    colour = np.exp(mean) * (sh_basis(normals) @ lighting)
    given = colour, sh_basis(normals), mean, SkinTones(basis), np.ones(900)
    alone, told = (abs(float(estimate_light(*given, like_light=like).albedo[0])) for like in (None, np.ones(1)))
    assert told < 0.5 * alone
