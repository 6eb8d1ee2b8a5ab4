"""Grids of texels by kernels, beside the slow ways."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.render.texel_grids import between_corners, blur, plain_blur, plainly_upsampled, upsample


@pytest.mark.parametrize("sigma", [1.3, 5.0, 9.0])
def test_known_texels_are_blurred_as_the_slow_way_does(sigma):
    draw = np.random.default_rng(1)
    values, weight = draw.normal(size=(64, 64, 3)), draw.random((64, 64)) * (draw.random((64, 64)) < 0.5)
    assert np.abs(blur(values, weight, sigma) - plain_blur(values, weight, sigma)).max() < 1e-4


@pytest.mark.parametrize(("size", "factor"), [((1, 1), 2), ((5, 7), 2), ((16, 8), 4)])
def test_grids_are_enlarged_as_the_slow_way_does(size, factor):
    values = np.random.default_rng(2).normal(size=(*size, 3)).astype(np.float32)
    assert np.abs(upsample(values, factor) - plainly_upsampled(values, factor)).max() < 1e-6


def test_between_corners_a_linear_field_is_itself_and_empty_ground_is_nothing():
    vertices = np.array([[0, 0], [4, 0], [0, 4], [4, 4]], np.float32)
    triangles = np.array([[0, 1, 2], [3, 2, 1]], np.int32)
    texel, corner = np.array([[0, 1, -1]], np.int32), np.array([[[0.5, 0.25, 0.25], [0, 0, 1], [1, 0, 0]]], np.float32)
    field = np.column_stack([vertices @ (2, 3), np.ones(4)])
    assert between_corners(field, triangles, texel, corner) == pytest.approx(np.array([[[5, 1], [8, 1], [0, 0]]]))
