"""Weights in whole numbers of 8 bits: what is read again is what was written, to the error that was asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from facegpt.assets import FOLDER
from facegpt.language.model.part_files import read_parts
from facegpt.runtime.arrays import read_arrays
from facegpt.runtime.steps import STEP, with_values
from facegpt.types import AssetError
from lab.runs.shared.steps import FILES, in_steps, pack


def error_of(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.linalg.norm(found - truth) / np.linalg.norm(truth))


@pytest.mark.parametrize("error", [0.01, 0.05])
def test_rows_come_back_within_the_error_asked_for(error):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 40, 500)) * rng.uniform(0.01, 10, (3, 40, 1))
    back = with_values(in_steps({"w": weights.astype(np.float16)}, error))["w"]
    assert back.dtype == np.float32
    assert max(error_of(found, truth) for found, truth in zip(back[0], weights[0], strict=True)) < 1.15 * error


def test_the_product_of_an_adapter_comes_back_within_the_error_asked_for():
    rng = np.random.default_rng(1)
    down = rng.normal(size=(16, 576)) * np.linspace(4, 0.1, 16)[:, None]
    up = rng.normal(size=(1536, 16))
    kept = in_steps({"x.down": down.astype(np.float16), "x.up": up.astype(np.float16)}, 0.02)
    assert kept["x.down"].dtype == kept["x.up"].dtype == np.int8
    back = with_values(kept)
    assert error_of(back["x.up"] @ back["x.down"], up @ down) < 0.025


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_a_file_that_is_packed_holds_the_same_product(tmp_path, ending):
    rng = np.random.default_rng(2)
    arrays = {
        "x.down": rng.normal(size=(8, 576)).astype(np.float16),
        "x.up": rng.normal(size=(600, 8)).astype(np.float16),
    }
    path = tmp_path / f"adapter{ending}"
    if ending == ".npz":
        np.savez(path, **arrays)
    else:
        from safetensors.numpy import save_file

        save_file(arrays, path, metadata={"format": "some/1"})
    pack(path)
    back = read_arrays(path) if ending == ".npz" else {k: v.numpy() for k, v in read_parts(path, "file").items()}
    truth = arrays["x.up"].astype(np.float32) @ arrays["x.down"].astype(np.float32)
    assert error_of(back["x.up"] @ back["x.down"], truth) < 0.015 and path.stat().st_size < 12_000


def test_what_has_no_steps_stays_as_it_is():
    arrays = {"bias": np.ones(5000, np.float16), "names": np.arange(9, dtype=np.uint8), "small": np.eye(4)}
    back = with_values(in_steps(arrays))
    assert all(back[name] is value for name, value in arrays.items()) and back.keys() == arrays.keys()


def test_steps_that_fit_nothing_are_refused(tmp_path):
    with pytest.raises(ValueError, match="step of nothing"):
        with_values({"a" + STEP: np.ones((2, 1))})
    for whole, step in ((np.ones((2, 3)), np.ones((2, 1, 1))), (torch.ones(2, 3), torch.ones(5, 1))):
        with pytest.raises(ValueError):
            with_values({"a": whole, "a" + STEP: step})
    np.savez(tmp_path / "a.npz", **{"a" + STEP: np.ones((2, 1))})
    with pytest.raises(ValueError, match="step of nothing"):
        read_arrays(tmp_path / "a.npz")
    from safetensors.numpy import save_file

    save_file({"a" + STEP: np.ones((2, 1), np.float32)}, tmp_path / "a.safetensors")
    with pytest.raises(AssetError, match="step of nothing"):
        read_parts(tmp_path / "a.safetensors", "file")


@pytest.mark.parametrize("name", FILES)
def test_shipped_files_are_packed_and_finite(name):
    path = FOLDER / name
    values = read_arrays(path) if path.suffix == ".npz" else read_parts(path, "file")
    larger = [value for value in values.values() if value.ndim > 1 and np.prod(value.shape) >= 4096]
    assert larger and all(str(value.dtype).endswith("float32") for value in larger)
    assert all(bool(np.isfinite(np.asarray(value, np.float32)).all()) for value in values.values())
    assert name in json.loads((FOLDER / "SHA256SUMS.json").read_text("utf-8"))
