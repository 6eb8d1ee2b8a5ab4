"""Damaged files of numbers are refused with a sentence and little memory."""

from __future__ import annotations

import io
import pickle
import tracemalloc

import numpy as np
import pytest

from facegpt.export.curves import read_curves_npz
from facegpt.morphable.restricted_pickle import read_pickle
from facegpt.runtime.arrays import read_array, read_arrays
from facegpt.types import AssetError, FaceGPTError


def npz_bytes() -> bytes:
    data = io.BytesIO()
    np.savez(data, weights=np.arange(500.0), names=np.array(["a", "b"]))
    return data.getvalue()


@pytest.mark.parametrize("where", ["cut", "header", "checksum", "not a zip", "directory"])
def test_a_damaged_npz_is_a_value_error_and_a_sentence(tmp_path, where):
    data = bytearray(npz_bytes())
    if where == "cut":
        data = data[: len(data) // 2]
    elif where == "header":
        data[0:4] = b"\0\0\0\0"
    elif where == "checksum":
        data[300] ^= 0xFF
    elif where == "not a zip":
        data = bytearray(b"hello" * 100)
    else:
        data[-60:-20] = bytes(40)
    path = tmp_path / "curves.npz"
    path.write_bytes(data)
    with pytest.raises((ValueError, OSError)):
        read_arrays(path)
    with pytest.raises(FaceGPTError, match=r"curves\.npz"):
        read_curves_npz(path)


def test_an_npy_whose_header_is_none_is_a_value_error(tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f8',")
    with pytest.raises(ValueError):
        read_array(path)


def test_a_pickle_that_remembers_far_places_takes_no_gigabytes(tmp_path):
    path = tmp_path / "head.pkl"
    path.write_bytes(b"\x80\x02" + pickle.EMPTY_DICT + pickle.LONG_BINPUT + (200_000_000).to_bytes(4, "little") + b".")
    tracemalloc.start()
    with pytest.raises(AssetError, match=r"head\.pkl"):
        read_pickle(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6


def test_a_pickle_with_an_unknown_encoding_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "head.pkl"
    path.write_bytes(pickle.dumps({"a": np.zeros(3)}, 2).replace(b"latin1", b"latint"))
    with pytest.raises(AssetError, match=r"head\.pkl"):
        read_pickle(path)
