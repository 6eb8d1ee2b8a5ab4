"""Tables of the package are the same whether they are made or read again, and a spoilt cache costs time alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facegpt.appearance import prior
from facegpt.assets import asset_path, load_arrays
from facegpt.hair.atlas import _painted, atlas_of_kind
from facegpt.models.files import load_head
from facegpt.morphable.kept_tables import MOST_KEPT, kept_tables
from facegpt.runtime.arrays import read_arrays


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path))
    return tmp_path


def never() -> list[np.ndarray]:
    raise AssertionError("made again")


def test_tables_are_read_again_to_the_bit_and_made_anew_for_other_sources(own_cache: Path) -> None:
    made = [np.arange(6, dtype=np.float32).reshape(2, 3).T, np.array([True, False]), np.float64(2.5) * np.ones(2)]
    kept_tables("things", ["a"], ["hair"], lambda: made)
    for again, first in zip(kept_tables("things", ["a"], ["hair"], never), made, strict=True):
        assert again.dtype == first.dtype and np.array_equal(again, first)
    with pytest.raises(AssertionError, match="made again"):
        kept_tables("things", ["b"], ["hair"], never)


def test_a_damaged_file_is_made_anew(own_cache: Path) -> None:
    kept_tables("things", ["a"], ["hair"], lambda: [np.ones(1000)])
    (file,) = own_cache.glob("things/*")
    file.write_bytes(file.read_bytes()[:700])
    assert np.array_equal(kept_tables("things", ["a"], ["hair"], lambda: [np.zeros(3)])[0], np.zeros(3))
    assert np.array_equal(kept_tables("things", ["a"], ["hair"], never)[0], np.zeros(3))


def test_old_files_go(own_cache: Path) -> None:
    for k in range(MOST_KEPT + 3):
        kept_tables("things", [str(k)], ["hair"], lambda: [np.ones(1)])
    assert len(list(own_cache.glob("things/*"))) == MOST_KEPT


def test_data_files_are_the_same_packed_and_unpacked(own_cache: Path) -> None:
    packed = read_arrays(asset_path("face_recognition.npz"))
    for _ in range(2):
        unpacked = load_arrays("face_recognition.npz")
        assert list(unpacked) == list(packed)
        assert all(unpacked[name].dtype == values.dtype for name, values in packed.items())
        assert all(np.array_equal(unpacked[name], values) for name, values in packed.items())
    assert len(list(own_cache.glob("unpacked/*"))) == 1


def test_what_is_kept_of_skin_and_hair_is_what_is_evaluated() -> None:
    head = load_head()
    fresh = prior._tables(prior._evaluated(head, 64))
    for statistics in (prior._build(head, 64), prior._build(head, 64)):  # made, then read
        for one, other in zip(prior._tables(statistics), fresh, strict=True):
            assert one.dtype == other.dtype and np.array_equal(one, other)
    for _ in range(2):
        atlas_of_kind.cache_clear()
        kept = atlas_of_kind("wavy")
        told = (kept.alpha, kept.tone, kept.chance, kept.along, kept.lean)
        assert all(np.array_equal(one, other) for one, other in zip(told, _painted("wavy"), strict=True))
