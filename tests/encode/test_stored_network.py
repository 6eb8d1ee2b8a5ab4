"""The dense network read back from its file, and arrays that take the place of the file's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facegpt.assets import asset_path
from facegpt.encode.dense_landmarks import ASSET, DenseLandmarker
from facegpt.encode.stored_network import as_stored, stored_network
from facegpt.encode.stored_weights import stored_weights
from facegpt.types import AssetError


def inputs(count: int = 2):
    random = np.random.default_rng(1)
    crops = random.random((count, 3, 128, 128)).astype(np.float32)
    detected = random.normal(0, 0.3, (count, 478, 2)).astype(np.float32)
    return crops, detected


def test_the_network_read_back_says_what_the_file_says():
    crops, detected = inputs()
    told = DenseLandmarker().run(crops, detected)
    network = stored_network(asset_path(ASSET))
    with torch.no_grad():
        own = network((torch.from_numpy(crops) - 0.45) / 0.25, torch.from_numpy(detected))
    for name in ("points", "log_sigma", "identity", "expression"):
        assert np.abs(getattr(own, name).numpy() - told[name]).max() < 1e-4, name


def test_changed_arrays_change_what_they_should_and_nothing_else():
    weights = stored_weights(asset_path(ASSET))
    network = stored_network(asset_path(ASSET), weights)
    values = dict(network.named_parameters())
    changes = dict(
        [
            as_stored(weights, "expression.bias", values["expression.bias"] + 0.25),
            as_stored(weights, "expression.weight", 0 * values["expression.weight"]),
        ]
    )
    crops, detected = inputs()
    before, after = DenseLandmarker().run(crops, detected), DenseLandmarker(changes=changes).run(crops, detected)
    alone = (values["expression.bias"] + 0.25).detach().numpy()
    assert after["expression"] == pytest.approx(np.stack([alone, alone]), abs=1e-5)
    for name in ("points", "identity", "parts"):
        assert np.array_equal(before[name], after[name]), name


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "network.onnx"
    path.write_bytes(asset_path(ASSET).read_bytes()[:5000])
    with pytest.raises(AssetError, match=r"network\.onnx"):
        stored_network(path)


def test_changes_that_do_not_fit_are_refused():
    for changes in ({"network.expression.bias": np.zeros(7, np.float32)}, {"nothing": np.zeros(7, np.float32)}):
        with pytest.raises(AssetError, match=r"dense_landmarks\.onnx"):
            DenseLandmarker(changes=changes)
