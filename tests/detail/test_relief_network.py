"""The network of the relief by onnxruntime draws what the one of torch draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from facegpt.assets import asset_path
from facegpt.detail.network import detail_network
from facegpt.detail.observation import CHANNELS
from facegpt.detail.relief_network import ReliefNetwork, relief_network
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.types import AssetError


def test_both_networks_draw_the_same_relief():
    noise = np.random.default_rng(0).normal(size=(CHANNELS, HEIGHT, WIDTH))
    seen = (15 * gaussian_filter(noise, (0, 4, 4))).astype(np.float32)
    wanted, found = (network.displacement(seen) for network in (detail_network(), relief_network()))
    assert wanted.std() > 1e-3  # mm: it does draw something
    assert np.abs(found - wanted).max() < 1e-5


def test_both_networks_bring_the_same_fields():
    torchs, ours = detail_network(), relief_network()
    for name in ("mask", "regions", "folds", "left"):
        assert np.array_equal(getattr(torchs, name).numpy(), getattr(ours, name))


def test_a_file_of_something_else_is_named():
    with pytest.raises(AssetError, match="holds no detail network"):
        ReliefNetwork(asset_path("makehuman_albedo.npz"))
