"""The compiled loops of the flow against scipy's filters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from facegpt.parallax.flow_kernels import products, sampled
from facegpt.runtime.blur import gaussian_blur


@pytest.mark.parametrize("size", [(60, 43), (9, 31)])
def test_smoothing_is_that_of_a_gaussian_filter_even_where_the_window_is_wider_than_the_picture(size):
    values = np.random.default_rng(0).normal(0, 1, size).astype(np.float32)
    assert np.abs(gaussian_blur(values, 4.0, 3.0) - gaussian_filter(values, 4.0, truncate=3.0)).max() < 1e-6


def test_samples_are_bilinear_and_none_outside():
    rng = np.random.default_rng(1)
    values, shift = rng.normal(0, 1, (40, 50)).astype(np.float32), rng.normal(0, 6, (40, 50, 2)).astype(np.float32)
    rows, columns = np.indices(values.shape, np.float32)
    places = np.stack([rows + shift[..., 1], columns + shift[..., 0]])
    expected = map_coordinates(values, places, np.float32, order=1, mode="constant")
    assert np.abs(sampled(values, shift) - expected).max() < 1e-4


def test_products_are_those_of_mean_slopes_and_difference():
    rng = np.random.default_rng(2)
    one, moved, weight = (rng.uniform(0, 1, (30, 20)).astype(np.float32) for _ in range(3))
    shift = rng.normal(0, 1, (30, 20, 2)).astype(np.float32)
    (y1, x1), (y2, x2) = np.gradient(one), np.gradient(moved)
    x, y, error = (x1 + x2) / 2, (y1 + y2) / 2, moved - one
    w = weight / (1 + (error / 0.7) ** 2)
    expected = [w * x * x, w * x * y, w * y * y, w * x * error, w * y * error, w, w * shift[..., 0], w * shift[..., 1]]
    assert np.abs(products(one, moved, weight, shift, 0.7) - np.stack(expected)).max() < 1e-5
