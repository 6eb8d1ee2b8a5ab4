"""Hollows about the eyes are no brighter than open skin, and no oranger."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.complete import DETAIL_BANDS
from facegpt.appearance.gloss import in_light, shades_of, shadow_of, sheens_of, surface_sd, without_flicker
from facegpt.appearance.light import LightFit, darkest, shading, without_sheen
from facegpt.appearance.prior import prior_of
from facegpt.appearance.uneven_light import (
    BRIGHTER,
    COLOURFUL,
    EVENED,
    HUE_SD,
    SHADOW,
    best_lit,
    dim_light,
    even_hue,
    evened,
    hollow_glow,
    lit_beards,
    make_up,
    one_sided_shadows,
    open_brightness,
)
from facegpt.appearance.unwrap import Unwrapped
from facegpt.render.lighting import sh_basis

SKIN = np.log(np.array([0.30, 0.18, 0.12], np.float32))


def face_with_burns(burn: float):
    """A skin (32, 32, 3), log albedo, one patch of it by `burn` brighter and a dark one; and both patches."""
    total = np.broadcast_to(SKIN, (32, 32, 3)).copy()
    bright, dark = np.zeros((32, 32), bool), np.zeros((32, 32), bool)
    bright[4:12, 4:12], dark[20:28, 20:28] = True, True
    total[bright] += burn
    total[dark] -= 0.6
    return total, bright, dark


HUE = SKIN - SKIN.mean()
NONE = np.zeros((32, 32), np.float32)


def test_what_is_brighter_than_open_skin_about_the_eyes_is_brought_down_to_it():
    total, bright, dark = face_with_burns(0.8)
    level = open_brightness(total, (~bright & ~dark).astype(np.float32))
    assert abs(level - SKIN.mean()) < 1e-5
    mended = total + hollow_glow(total, level, HUE, (bright | dark).astype(np.float32), NONE)
    assert abs(mended[7, 7].mean() - level - BRIGHTER) < 0.04  # log units
    np.testing.assert_allclose(mended[dark], total[dark], atol=1e-5)  # shadow of the eye, make-up
    np.testing.assert_array_equal(mended[24:, :8], total[24:, :8])


@pytest.mark.parametrize("glow", [0.4, 0.8])
def test_a_brow_loses_light_that_is_left_on_its_hollow_and_stays_darker_than_its_skin(glow):
    """Too much light of an orange hue lies on all of a hollow, on the hairs of its brow too."""
    total = np.broadcast_to(SKIN, (32, 32, 3)).copy()
    brow, hollow = np.zeros((32, 32), bool), np.zeros((32, 32), np.float32)
    hollow[8:24, 4:28], brow[14:17, 8:24] = 1, True
    total[brow] -= 0.9
    lit = total + hollow[..., None] * (glow + glow * HUE / np.abs(HUE).max() * 0.5)
    mended = lit + hollow_glow(lit, float(SKIN.mean()), HUE, hollow, NONE)
    skin, hair = (11, slice(10, 22)), (15, slice(10, 22))
    allowed = BRIGHTER + (COLOURFUL - 1) * np.abs(HUE).max()
    assert np.abs(mended[skin] - total[skin]).max() < allowed + 0.05
    assert np.abs(mended[hair] - total[hair]).max() < np.abs(lit[hair] - total[hair]).max()
    assert mended[hair].mean() - mended[skin].mean() < -0.6 * 0.9  # log units
    plain = total + hollow_glow(total, float(SKIN.mean()), HUE, hollow, NONE)
    np.testing.assert_allclose(plain, total, atol=1e-5)


def test_bright_skin_elsewhere_and_faces_that_are_not_seen_stay():
    total, _, _ = face_with_burns(0.8)
    assert not hollow_glow(total, 0.0, HUE, NONE, NONE).any()
    assert open_brightness(total, np.zeros((32, 32))) is None
    assert not hollow_glow(total, None, HUE, NONE + 1, NONE).any() and not make_up(total, None).any()


def test_no_albedo_is_found_over_a_shading_of_nearly_nothing():
    """A patch that a fitted light leaves dark and the photo does not: what is divided by is bounded from below."""
    light = np.zeros((9, 3))
    light[0], light[1] = 1.0, -0.9
    normal = np.zeros((32, 32, 3), np.float32)
    normal[:16], normal[16:] = (0, -1, 0), (0, 1, 0)
    view = Unwrapped(np.ones((32, 32, 3), np.float32), np.ones((32, 32), np.float32), normal)
    best = best_lit(view, np.ones((32, 32)), light)
    shade = shading(normal.reshape(-1, 3), light).mean(1).reshape(32, 32)
    assert shade.max() == pytest.approx(best) and shade.min() < SHADOW[1] * best
    bounded = np.log(shade) - dim_light(view, light, best)[..., 0]
    np.testing.assert_allclose(bounded, np.log(np.maximum(shade, SHADOW[1] * best)), atol=1e-5)


def test_sheen_and_shadow_of_a_view_are_those_of_its_texels():
    """Of a view with columns, beside the same sums taken texel by texel; nothing where nothing is seen."""
    draw = np.random.default_rng(3)
    normal = draw.normal(size=(16, 16, 3)).astype(np.float32)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    weight = (draw.random((16, 16)) * (draw.random((16, 16)) < 0.7)).astype(np.float32)
    colour, seen = draw.random((16, 16, 3)).astype(np.float32), weight > 0
    lighting = np.concatenate([np.full((1, 3), 2.0), draw.normal(size=(8, 3)) * 0.3]).astype(np.float32)
    view = Unwrapped(colour, weight, normal, columns=(0.8 * sh_basis(normal)).astype(np.float32))
    light = LightFit(lighting, np.zeros(3, np.float32), np.ones(4, np.float32))
    shade = np.maximum(0.8 * sh_basis(normal[seen]) @ lighting, darkest(lighting))
    assert shades_of(view, lighting)[seen] == pytest.approx(shade, rel=1e-4)
    assert sheens_of(view, light)[0][seen] == pytest.approx(without_sheen(colour[seen], shade), abs=1e-4)
    assert shadow_of(view, light)[seen] == pytest.approx(np.log(shading(normal[seen], lighting) / shade), abs=1e-4)
    assert not any(found[~seen].any() for found in (*sheens_of(view, light)[:1], shadow_of(view, light)))
    assert np.array_equal(shadow_of(in_light(lighting, view)[0], light), shadow_of(view, light))


def test_only_what_is_darker_than_the_skin_may_be_made_up():
    total, bright, dark = face_with_burns(0.3)
    may = make_up(total, float(SKIN.mean()))
    assert may[dark].min() == 1 and may[bright].max() == 0


def halves(change: float, radius: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Even skin (64, 64, 3), a spot changed on its left, and its mirror image."""
    y, x = np.mgrid[:64, :64]
    spot = (x - 20) ** 2 + (y - 32) ** 2 < radius**2
    own = np.repeat((change * spot)[..., None], 3, 2).astype(np.float32)
    return own, own[:, ::-1].copy(), spot


def test_a_broad_shadow_on_one_half_is_filled_and_the_other_half_stays():
    own, mirrored, _ = halves(-0.5, 8)
    everywhere = np.ones((64, 64), np.float32)
    fill, other = (each[..., 0] for each in one_sided_shadows(own, mirrored, everywhere, everywhere, everywhere))
    middle = (32, 20)
    assert own[middle][0] + fill[middle] == pytest.approx(-0.1, abs=0.05)
    assert fill[:, 40:].max() < 0.01
    assert np.allclose(other, fill[:, ::-1], atol=1e-5)


@pytest.mark.parametrize(("change", "radius"), [(-0.5, 1.1), (0.5, 8), (-0.08, 8)], ids=["mole", "gloss", "faint"])
def test_moles_gloss_and_faint_differences_stay(change, radius):
    own, mirrored, spot = halves(change, radius)
    everywhere = np.ones((64, 64), np.float32)
    fill, _ = one_sided_shadows(own, mirrored, everywhere, everywhere, everywhere)
    assert fill[spot].max() <= 0.08  # log units


def test_what_only_one_half_shows_stays():
    own, mirrored, _ = halves(-0.5, 8)
    left, right = np.zeros((64, 64), np.float32), np.ones((64, 64), np.float32)
    assert max(each.max() for each in one_sided_shadows(own, mirrored, left, right, right)) == 0


def test_where_beards_grow_a_shaven_face_has_the_spread_of_skin_and_a_bearded_one_keeps_its_own(head):
    prior = prior_of(head, 128)
    shaven, unsure = prior.shaven(1.0), prior.shaven(0.0)
    grows = prior.growth > 0.5
    assert prior.residual_sd[grows, 0].mean() > 0.25  # beards are of any brightness
    assert shaven.residual_sd[grows, 0].max() <= 0.2 + 1e-6
    assert shaven.growth.max() == 0
    elsewhere = prior.growth == 0
    np.testing.assert_array_equal(shaven.residual_sd[elsewhere], prior.residual_sd[elsewhere])
    np.testing.assert_array_equal(unsure.residual_sd, prior.residual_sd)


GRID = 128
DARK, LIGHT = np.array([0.10, 0.05, 0.03]), np.array([0.60, 0.40, 0.30])
SURFACE = 0.028  # share of light that skin mirrors at a right angle: ((1.4 - 1) / (1.4 + 1))²


def speckled(albedo, log_marks, flicker, light=0.8):
    """A picture (H, W, 3) of skin with marks whose surface flickers; and the log of it over that of even skin."""
    colour = light * (albedo * np.exp(log_marks)[..., None] + SURFACE * (1 + flicker)[..., None])
    return colour, np.log(colour / (light * (albedo + SURFACE)))


def kept(albedo, log_marks, flicker):
    colour, detail = speckled(albedo, log_marks, flicker)
    weight = np.ones((GRID, GRID), np.float32)
    expected = np.broadcast_to(np.log(albedo), colour.shape)
    found, _ = without_flicker(detail, weight, surface_sd(colour, expected, 0 * colour, weight), DETAIL_BANDS)
    return detail, found


@pytest.mark.parametrize(("albedo", "most"), [(DARK, 0.7), (LIGHT, 1.0)])
def test_speckle_of_dark_skin_goes(albedo, most):
    speckle = np.clip(0.6 * np.random.default_rng(1).standard_normal((GRID, GRID)), -0.9, None)
    detail, found = kept(albedo, np.zeros((GRID, GRID)), speckle)
    assert found.std() <= most * detail.std()


@pytest.mark.parametrize("albedo", [DARK, LIGHT])
def test_a_furrow_stays(albedo):
    furrow = np.zeros((GRID, GRID))
    furrow[61:66] = -0.9
    detail, found = kept(albedo, furrow, np.zeros((GRID, GRID)))
    assert found[63].mean() < 0.4 * detail[63].mean() < 0


def test_freckles_of_light_skin_stay():
    marks = np.zeros((GRID, GRID))
    marks[::8, ::8] = -0.3
    detail, found = kept(LIGHT, marks, np.zeros((GRID, GRID)))
    assert found[::8, ::8].mean() < 0.75 * detail[::8, ::8].mean()


def test_hard_light_is_evened_more_than_skin():
    x = np.linspace(-1, 1, GRID)[None].repeat(GRID, 0)
    bare = np.ones((GRID, GRID))
    assert evened(0.05 * x, bare) == EVENED
    assert evened(0.6 * x, bare) > 0.7


def two_lamps(colour: float) -> np.ndarray:
    """A low band (64, 64, 3) of a face between two lamps, whose sides lean to red and to green by so many log units."""
    side = np.linspace(-1, 1, 64)[None, :, None] * np.ones((64, 1, 1))
    return (colour * side * np.array([1, -1, 0])).astype(np.float32)


def spread_of(field: np.ndarray) -> float:
    hue = field - field.mean(-1, keepdims=True)
    return float(np.sqrt(((hue - hue.mean((0, 1))) ** 2).sum(-1).mean()))


def test_the_hues_of_two_lamps_are_evened_as_far_as_skin_is_even():
    field, everywhere = two_lamps(0.2), np.ones((64, 64), np.float32)
    even = field + even_hue(field, everywhere, everywhere)
    assert spread_of(field) > 4 * HUE_SD
    assert spread_of(even) == pytest.approx(HUE_SD, rel=0.01)
    np.testing.assert_allclose(even.mean((0, 1)), field.mean((0, 1)), atol=1e-5)
    np.testing.assert_allclose(even.mean(-1), field.mean(-1), atol=1e-6)


def test_skin_that_varies_as_skins_do_and_dark_beards_keep_their_hue():
    field, everywhere = two_lamps(0.02), np.ones((64, 64), np.float32)
    assert not even_hue(field, everywhere, everywhere).any()
    field, beard = two_lamps(0.2), np.zeros((64, 64), np.float32)
    beard[40:] = 1
    field[40:] -= 0.8
    assert not even_hue(field, 1 - beard, everywhere, beard)[40:].any()


def test_a_beard_that_is_pale_in_the_shade_is_told_by_the_lit_half_and_a_dark_one_by_itself():
    everywhere, lit = np.ones((64, 64), np.float32), np.ones((64, 64), np.float32)
    black, pale = (np.full((64, 64, 3), value, np.float32) for value in (-1.5, -0.5))
    shade, beards, weights = np.zeros_like(lit), (0.9 * everywhere,) * 2, (everywhere,) * 2

    def sure(*told):
        return [float(each.mean()) for each in lit_beards(told[:2], beards, weights, told[2:])]

    assert sure(pale, black, shade, lit) == pytest.approx([0.09, 0.9], abs=0.01)
    assert sure(black, pale, shade, lit) == pytest.approx([0.9, 0.9])  # nothing darkens in the shade alone
    assert sure(pale, black, lit, lit) == pytest.approx([0.9, 0.9])  # grey on one half
    assert sure(pale, black, shade, shade) == pytest.approx([0.9, 0.9])  # nothing better is known
