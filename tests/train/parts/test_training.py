"""The loss of what may be there, the studio's finer labels, cloth drawn over hair, and networks read back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facegpt.assets import asset_path
from facegpt.encode.parts import ASSET, CLOTHES, HAIR, HAT, PARTS, PartsReader
from facegpt_lab.synthesis.studio.materials import THING_NAMES
from facegpt_lab.train.parts.cloth import BROWS, covered
from facegpt_lab.train.parts.network import PartsNetwork, stored_network
from facegpt_lab.train.parts.training import allowed_loss, varied


def test_labels_of_the_studio_are_those_of_the_network():
    assert THING_NAMES == PARTS


def test_loss_is_cross_entropy_for_one_part_and_zero_where_all_may_be():
    logits = torch.randn(2, len(PARTS), 4, 4, generator=torch.Generator().manual_seed(0))
    label = torch.full((2, 4, 4), 1)
    expected = torch.nn.functional.cross_entropy(logits, label, reduction="none").mean((1, 2))
    assert torch.allclose(allowed_loss(logits, torch.full((2, 4, 4), 1 << 1)), expected, atol=1e-5)
    everything = torch.full((2, 4, 4), (1 << len(PARTS)) - 1)
    assert torch.allclose(allowed_loss(logits, everything), torch.zeros(2), atol=1e-5)


def test_variation_moves_labels_with_the_picture():
    image = np.zeros((12, 16, 16, 3), np.uint8)
    image[:, :, :8] = 255
    bits = np.full((12, 16, 16), 1, np.uint16)
    bits[:, :, :8] = 2
    images, kept = varied(image, bits, np.random.default_rng(0))
    bright = images.mean(1) > 0.5
    assert ((kept == 2) == bright).mean() > 0.97


def test_the_network_gives_logits_at_half_the_size():
    with torch.no_grad():
        assert PartsNetwork().eval()(torch.zeros(1, 3, 64, 64)).shape == (1, len(PARTS), 32, 32)


def test_cloth_is_labelled_where_it_was_drawn_and_nowhere_else():
    image, points = _head()
    any_part = np.full(image.shape[:2], (1 << len(PARTS)) - 1, np.uint16)
    any_part[20:60, 60:132] = 1 << HAIR
    seen = 0
    for seed in range(12):
        drawn, allowed = covered(image, any_part, points, image[::-1], np.random.default_rng(seed))
        hat = np.isin(allowed, (1 << HAT, 1 << HAT | 1 << CLOTHES))
        untouched = np.abs(drawn.astype(int) - image).max(-1) <= 1
        assert not (hat & untouched & (image.max(-1) > 0)).sum() > 0.3 * hat.sum()
        assert (allowed[hat.sum(1) == 0] == any_part[hat.sum(1) == 0]).mean() > 0.5
        assert not hat[92:112, 85:107].any(), "the middle of the face stays bare"
        seen += hat.sum() > 500
    assert seen >= 6, "most pictures show headwear"


def test_cloth_is_not_drawn_where_the_photo_ends():
    image, points = _head()
    image[:, :70] = 0
    free = np.full(image.shape[:2], (1 << len(PARTS)) - 1, np.uint16)
    for seed in range(6):
        drawn, allowed = covered(image, free, points, image, np.random.default_rng(seed))
        assert drawn[:, :70].max() == 0
        assert (allowed[:, :70] == free[:, :70]).all()


def test_a_stored_network_says_what_its_file_says():
    pytest.importorskip("onnx")
    pictures = torch.randn(2, 3, 192, 192, generator=torch.Generator().manual_seed(3))
    network = stored_network(asset_path(ASSET), pictures)
    with torch.no_grad():
        found = network.eval()(pictures).numpy()
    colours = pictures.numpy() * 0.25 + 0.45
    np.testing.assert_allclose(found, PartsReader().logits(colours), atol=1e-3)


def _head() -> tuple[np.ndarray, np.ndarray]:
    """A grey window (192, 192, 3) with a face's points (478, 2) spread over an ellipse in its middle."""
    rng = np.random.default_rng(1)
    image = rng.integers(90, 130, (192, 192, 3)).astype(np.uint8)
    turn, out = rng.uniform(0, 2 * np.pi, 478), np.sqrt(rng.uniform(0, 1, 478))
    points = np.column_stack([96 + 30 * out * np.cos(turn), 95 + 40 * out * np.sin(turn)])
    points[list(BROWS), 1] = 80
    return image, points
