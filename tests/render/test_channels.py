"""Reductions by channel planes are numpy's own."""

import numpy as np
import pytest

from facegpt.render import channels


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("keepdims", [False, True])
def test_planes_reduce_as_numpy_does(kind, keepdims):
    values = np.random.default_rng(0).normal(size=(40, 50, 3)).astype(kind)
    plain = {
        channels.total: values.sum(-1, keepdims=keepdims),
        channels.mean: values.mean(-1, keepdims=keepdims),
        channels.largest: values.max(-1, keepdims=keepdims),
        channels.smallest: values.min(-1, keepdims=keepdims),
        channels.length: np.linalg.norm(values, axis=-1, keepdims=keepdims),
    }
    for by_planes, expected in plain.items():
        found = by_planes(values, keepdims)
        assert found.dtype == kind
        assert np.allclose(found, expected, rtol=1e-6, atol=0)
        if by_planes is not channels.length:
            assert (found == expected).all()
