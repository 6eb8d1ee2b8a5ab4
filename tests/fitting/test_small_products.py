"""Many small products at once beside numpy's."""

import numpy as np
import pytest

from facegpt.fitting.small_products import add_products


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
