"""Arrays that lie one after the other in a file are read as they were written, and a changed one changes no file."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from facegpt.runtime.arrays import read_stream

WRITTEN = [
    np.arange(7, dtype=np.uint8),  # what follows begins at an odd place
    np.random.default_rng(1).normal(size=(5, 3)),
    np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    np.zeros((0, 3), np.float32),
    np.array(5, np.int64),
    np.array(["left", "right"]),
]


def written(place: Path) -> Path:
    data = io.BytesIO()
    for array in WRITTEN:
        np.save(data, array)
    file = place / "some.npys"
    file.write_bytes(data.getvalue())
    return file


def test_arrays_are_read_as_they_were_written(tmp_path: Path) -> None:
    found = read_stream(written(tmp_path))
    assert len(found) == len(WRITTEN)
    for array, truth in zip(found, WRITTEN, strict=True):
        np.testing.assert_array_equal(array, truth)
        assert array.dtype == truth.dtype and array.flags.aligned and array.flags.writeable
        assert array.flags.c_contiguous == truth.flags.c_contiguous


def test_what_is_written_to_an_array_stays_out_of_its_file(tmp_path: Path) -> None:
    file = written(tmp_path)
    read_stream(file)[1][:] = 0
    np.testing.assert_array_equal(read_stream(file)[1], WRITTEN[1])


@pytest.mark.parametrize("left", [0, 40, 500])
def test_a_file_that_was_cut_off_is_told(tmp_path: Path, left: int) -> None:
    file = written(tmp_path)
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(ValueError, match=r"\w"):
        read_stream(file)


def test_objects_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "objects.npys"
    np.save(file.open("wb"), np.array([{}], object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"\w"):
        read_stream(file)
