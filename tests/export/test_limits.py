"""The least and largest values that accessors of a glTF tell are those of all their rows, zeros left out among them."""

import numpy as np
import pytest

from facegpt.export.gltf.buffer import FLOAT, VERTEX_DATA, Buffer


@pytest.mark.parametrize("columns, kind", [(1, "SCALAR"), (3, "VEC3")])
def test_limits_of_all_rows(columns, kind):
    values = np.random.default_rng(1).normal(5, 1, (40, columns)).astype("<f4")
    buffer = Buffer()
    told = buffer.accessors[buffer.dense(values, FLOAT, kind, VERTEX_DATA, limits=True)]
    assert told["min"] == values.min(0).tolist() and told["max"] == values.max(0).tolist()


def test_rows_that_are_not_stored_are_zeros():
    values = np.zeros((50, 3), "<f4")
    values[7], values[9] = (1, -2, 3), (2, -1, 4)
    buffer = Buffer()
    told = buffer.accessors[buffer.moves(values, limits=True)]
    assert told["sparse"]["count"] == 2
    assert told["min"] == [0, -2, 0] and told["max"] == [2, 0, 4]


def test_a_target_that_moves_nothing_has_limits_of_zero():
    buffer = Buffer()
    told = buffer.accessors[buffer.moves(np.zeros((5, 3), "<f4"), limits=True)]
    assert told["min"] == [0, 0, 0] and told["max"] == [0, 0, 0]
