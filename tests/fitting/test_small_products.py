"""Many small products at once beside numpy's."""

import numpy as np
import pytest

from facegpt.fitting.small_products import add_products, set_both, set_colour_columns


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_products_are_added_behind_a_column(count: int, kind: type) -> None:
    chance = np.random.default_rng(0)
    left, right = chance.normal(size=(7, 3, count)).astype(kind), chance.normal(size=(5, count, 11)).astype(kind)
    rows = np.array([4, 0, 0, 2, 3, 1, 4])
    out = chance.normal(size=(7, 3, 15)).astype(kind)
    wanted = out.copy()
    wanted[:, :, 2:13] += left @ right[rows]
    add_products(out, 2, left, right, rows)
    assert np.allclose(out, wanted, atol=1e-5 if kind is np.float32 else 1e-12)


def test_two_products_are_written_as_one() -> None:
    chance = np.random.default_rng(1)
    one, two = chance.normal(size=(2, 6, 3, 3))
    first, second = chance.normal(size=(2, 4, 3, 9))
    rows, out = np.array([3, 0, 0, 2, 1, 3]), np.full((6, 3, 12), np.nan)
    set_both(out, 2, one, first, two, second, rows)
    assert np.allclose(out[:, :, 2:11], one @ first[rows] + two @ second[rows], atol=1e-12)
    assert np.isnan(out[:, :, :2]).all() and np.isnan(out[:, :, 11:]).all()


def test_columns_of_colours_are_those_of_their_sample_with_its_channels_mixed() -> None:
    chance = np.random.default_rng(2)
    mix, colours, values = chance.normal(size=(3, 3, 3)), chance.normal(size=(5, 3, 4)), chance.normal(size=(5, 9))
    light, used, out = chance.uniform(0.5, 2, (5, 3)), np.array([4, 1, 2]), np.full((3, 3, 33), np.nan)
    set_colour_columns(out, mix, colours, values, light, used)
    plain = np.zeros((5, 3, 9, 3))  # a channel has its own light alone
    for channel in range(3):
        plain[:, channel, :, channel] = -values / light[:, channel : channel + 1]
    wanted = np.concatenate([-colours, plain.reshape(5, 3, 27)], 2)
    assert np.allclose(out[:, :, 2:], mix @ wanted[used], atol=1e-12) and np.isnan(out[:, :, :2]).all()
