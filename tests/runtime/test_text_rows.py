"""Rows of numbers as text, beside Python's own formatting."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.runtime.text_rows import text_of_rows


@pytest.mark.parametrize("template", ["v %.5f %.5f %.5f\n", "vn %.4f %.4f %.4f\n", "%.7f,%d,%.1f", "f %d/%d/%d\n"])
def test_rows_are_written_as_python_writes_them(template):
    random = np.random.default_rng(0)
    values = np.concatenate([random.normal(size=(300, 3)) * 100, random.normal(size=(50, 3)) * 1e-6, np.zeros((2, 3))])
    values = np.concatenate([values, -np.zeros((1, 3)), np.round(random.normal(size=(100, 3)), 5)])
    if "%d" in template:
        values = np.round(values)
    assert text_of_rows(template, values) == "".join(template % tuple(row) for row in values.tolist()).encode()


def test_whole_numbers_huge_ones_and_none_are_written_too():
    assert text_of_rows("f %d %d\n", np.array([[1, 20], [300, 0]])) == b"f 1 20\nf 300 0\n"
    assert text_of_rows("v %.2f\n", np.array([[1e12], [np.nan]])) == b"v 1000000000000.00\nv nan\n"
    assert text_of_rows("v %.2f\n", np.zeros((0, 1))) == b""
