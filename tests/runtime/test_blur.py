"""Our Gaussian blur beside scipy's."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, uniform_filter

from facegpt.runtime.blur import box_blur, gaussian_blur


@pytest.mark.parametrize("shape", [(31, 17), (8, 40, 3), (5, 6, 2, 2), (1, 1)])
@pytest.mark.parametrize("sigma", [0.0, 0.1, 0.7, 2.5, 9.0])
@pytest.mark.parametrize("truncate", [3.0, 4.0])
def test_a_blur_is_that_of_scipy(shape: tuple[int, ...], sigma: float, truncate: float) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    wanted = gaussian_filter(values, (sigma, sigma, *(0.0,) * (len(shape) - 2)), truncate=truncate)
    assert np.allclose(gaussian_blur(values, sigma, truncate), wanted, atol=1e-12)
    single = gaussian_blur(values.astype(np.float32), sigma, truncate)
    assert single.dtype == np.float32
    assert np.allclose(single, wanted, atol=2e-6)


def test_a_blur_leaves_what_it_is_given() -> None:
    values = np.random.default_rng(1).normal(size=(9, 9))
    before = values.copy()
    gaussian_blur(values[:, ::2], 1.0)
    assert gaussian_blur(values, 0.0) is not values
    assert np.array_equal(values, before)


@pytest.mark.parametrize("shape", [(40, 31), (5, 4), (1, 12)])
def test_a_mean_over_squares_is_that_of_scipy(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    assert np.abs(box_blur(values, 9) - uniform_filter(values, 9, mode="constant")).max() < 1e-6
