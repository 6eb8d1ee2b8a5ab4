"""The kernels of sRGB beside the formulas of conventions.py."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import linear_of_bytes, linear_to_srgb, srgb_to_linear
from facegpt.render.srgb_bytes import bytes_of_linear, encode_samples, laid_over, lit_by, planes_of_bytes, repainted


def encoded(linear):
    return np.round(linear_to_srgb(np.clip(linear, 0, 1)) * 255).astype(np.uint8)


def test_every_light_is_encoded_as_the_formula_says():
    light = np.random.default_rng(1).uniform(-0.1, 1.2, (400, 500)).astype(np.float32) ** 3
    assert np.array_equal(bytes_of_linear(light), encoded(light))
    assert np.array_equal(bytes_of_linear(linear_of_bytes(np.arange(256, dtype=np.uint8))), np.arange(256))


def test_samples_are_averaged_in_linear_light_and_encoded_with_straight_alpha():
    random = np.random.default_rng(2)
    coverage = random.uniform(0, 1, (8, 12)).astype(np.float32)
    colour = random.uniform(0, 1, (8, 12, 3)).astype(np.float32) * coverage[..., None]
    blocks = [array.reshape(4, 2, 6, 2, -1).mean((1, 3)) for array in (colour, coverage)]
    expected = np.concatenate([encoded(blocks[0] / blocks[1]), np.round(blocks[1] * 255).astype(np.uint8)], -1)
    assert np.abs(encode_samples(colour, coverage, 2).astype(int) - expected).max() <= 1


def test_a_picture_is_laid_over_another_in_linear_light():
    random = np.random.default_rng(3)
    front, back = random.integers(0, 256, (9, 7, 4), np.uint8), random.integers(0, 256, (9, 7, 3), np.uint8)
    share = front[..., 3:] / 255
    expected = encoded(srgb_to_linear(front[..., :3] / 255) * share + srgb_to_linear(back / 255) * (1 - share))
    assert np.abs(laid_over(front, back).astype(int) - expected).max() <= 1
    front[..., 3] = 0
    assert np.array_equal(laid_over(front, back), back)


def test_planes_hold_linear_light_and_alpha():
    picture = np.random.default_rng(4).integers(0, 256, (5, 6, 4), np.uint8)
    planes = planes_of_bytes(picture)
    assert np.array_equal(planes[:3].transpose(1, 2, 0), srgb_to_linear(picture[..., :3] / 255))
    assert np.allclose(planes[3], picture[..., 3] / 255) and planes_of_bytes(picture[..., :3])[3].min() == 1


def test_what_was_not_painted_over_keeps_its_bytes():
    picture = np.random.default_rng(5).integers(0, 256, (5, 6, 3), np.uint8)
    before = linear_of_bytes(picture)
    after = before.copy()
    after[2, 3] = 0.5
    painted = repainted(picture, before, after)
    assert (painted[2, 3] == encoded(np.float32(0.5))).all()
    painted[2, 3] = picture[2, 3]
    assert np.array_equal(painted, picture)


def test_a_part_of_a_texture_is_lit_as_the_formula_says_and_the_rest_stays():
    random = np.random.default_rng(6)
    texture = random.integers(0, 256, (40, 50, 4), np.uint8)
    factor = random.uniform(-0.1, 2.2, (20, 30, 3)).astype(np.float32)
    expected = texture.copy()
    part = (slice(7, 27), slice(11, 41))
    expected[part][..., :3] = encoded(linear_of_bytes(texture[part][..., :3]) * factor)
    found = lit_by(texture, factor, (7, 11))
    # Lookups of 65,536 steps round a light at the border of two bytes either way.
    assert np.abs(found.astype(int) - expected).max() <= 1 and (found != expected).mean() < 0.02
    outside = np.ones(texture.shape, bool)
    outside[(*part, slice(3))] = False
    assert np.array_equal(found[outside], texture[outside])


def test_a_coarser_factor_lights_a_texture_bilinearly():
    """Factors that are linear over the texture are known between their texels; beyond the last ones they stay."""
    rows, columns = np.mgrid[:8, :10]
    factor = (0.2 + 0.05 * rows + 0.03 * columns)[..., None].repeat(3, -1).astype(np.float32)
    texture = np.full((40, 50, 4), 200, np.uint8)
    y, x = (np.clip((np.arange(4 * n) + 0.5) / 4 - 0.5, 0, n - 1) for n in (8, 10))
    known = 0.2 + 0.05 * y[:, None] + 0.03 * x
    expected = encoded(linear_of_bytes(texture[:1, :1, :3]) * known[..., None])
    found = lit_by(texture, factor, (3, 5), 4)
    assert np.abs(found[3:35, 5:45, :3].astype(int) - expected).max() <= 1
    assert (found[:3] == 200).all() and (found[35:] == 200).all() and (found[:, :5] == 200).all()


def test_an_opaque_picture_hides_what_it_lies_on_to_the_byte():
    random = np.random.default_rng(8)
    drawn = np.dstack([random.integers(0, 256, (30, 30, 3), np.uint8), np.full((30, 30), 255, np.uint8)])
    assert np.array_equal(laid_over(drawn, random.integers(0, 256, (30, 30, 3), np.uint8)), drawn[..., :3])
