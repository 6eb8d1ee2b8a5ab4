"""Networks that are kept as they were optimised compute the same, and nothing that is kept can stop a program."""

from __future__ import annotations

import os

import numpy as np
import pytest

from facegpt.assets import asset_path
from facegpt.runtime.onnx_session import open_session
from facegpt.runtime.start.kept_networks import open_kept, open_made

NETWORK = "networks/eyewear.onnx"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path))
    return tmp_path / "networks"


def looked(session):
    told = session.get_inputs()[0]
    sizes = [size if isinstance(size, int) else 1 for size in told.shape]
    return session.run(None, {told.name: np.random.default_rng(0).random(sizes, np.float32)})


def test_a_kept_network_says_what_the_file_says(cache):
    file = asset_path(NETWORK)
    first = looked(open_kept(file))
    assert len(list(cache.glob("*.onnx"))) == 1
    for plain, made, kept in zip(looked(open_session(file)), first, looked(open_kept(file)), strict=True):
        assert np.array_equal(plain, made)
        assert np.array_equal(plain, kept)


def test_a_network_that_is_kept_is_not_made_again(cache):
    file, made = asset_path(NETWORK), []

    def make():
        made.append(1)
        return file.read_bytes()

    for _ in range(2):
        open_made("twice", make, (file,))
    assert len(made) == 1


def test_two_networks_of_one_file_are_kept_apart(cache):
    file = asset_path(NETWORK)
    for name in ("one", "other"):
        open_made(name, lambda: file, (file,))
    assert len(list(cache.glob("*.onnx"))) == 2


def test_a_damaged_file_in_the_cache_is_written_anew(cache):
    file = asset_path(NETWORK)
    open_kept(file)
    kept = next(cache.glob("*.onnx"))
    kept.write_bytes(b"no network")
    assert looked(open_kept(file))
    assert kept.stat().st_size > 1000


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    taken = tmp_path / "taken"
    taken.write_text("a file")
    monkeypatch.setenv("FACEGPT_HOME", os.fspath(taken))
    assert looked(open_kept(asset_path(NETWORK)))


def test_what_is_no_network_is_told_as_without_a_cache(cache, tmp_path):
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(b"no network")
    with pytest.raises(Exception, match=r"[Pp]rotobuf|INVALID"):
        open_kept(wrong)
    assert not list(cache.glob("*"))
