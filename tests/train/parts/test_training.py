"""The loss of what may be there, and the studio's finer labels."""

from __future__ import annotations

import numpy as np
import torch

from facegpt.encode.parts import PARTS
from facegpt.synthesis.studio.materials import THING_NAMES
from facegpt.train.parts.network import PartsNetwork
from facegpt.train.parts.training import allowed_loss, varied


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
