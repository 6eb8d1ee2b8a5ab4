"""Reading files of numbers."""

import ast
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np

from facegpt.runtime.arrays import read_array, read_arrays


def test_threads_read_one_after_the_other(tmp_path, monkeypatch):
    np.savez(tmp_path / "many.npz", **{str(k): np.full((k + 1, 2), k) for k in range(8)})
    np.save(tmp_path / "one.npy", np.arange(5.0))
    at_once, most, lock, parse = 0, 0, Lock(), ast.literal_eval

    def counted(*args, **kwargs):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        found = parse(*args, **kwargs)
        time.sleep(0.0005)  # lets another thread come in between
        with lock:
            at_once -= 1
        return found

    monkeypatch.setattr(ast, "literal_eval", counted)

    def both(_):
        arrays = read_arrays(tmp_path / "many.npz")
        assert all((arrays[str(k)] == k).all() and arrays[str(k)].shape == (k + 1, 2) for k in range(8))
        assert (read_array(tmp_path / "one.npy") == np.arange(5.0)).all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(both, range(24)))
    assert most == 1
