"""Planes are resized as torch resizes them, which is another program."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from facegpt.morphable.makehuman.planes import enlarged, grown, shrunk

PLANES = np.random.default_rng(0).normal(size=(3, 24, 24)).astype(np.float32)


@pytest.mark.parametrize("size", [24, 32, 48, 96])
@pytest.mark.parametrize("cubic", [False, True])
def test_planes_grow_as_torch_grows_them(size, cubic):
    mode = "bicubic" if cubic else "bilinear"
    wanted = functional.interpolate(torch.from_numpy(PLANES)[None], (size, size), mode=mode, align_corners=False)[0]
    assert np.abs(grown(PLANES, size, cubic) - wanted.numpy()).max() < 1e-5


@pytest.mark.parametrize("size", [24, 12, 8, 1])
def test_planes_shrink_to_means(size):
    wanted = functional.avg_pool2d(torch.from_numpy(PLANES), 24 // size)
    assert np.abs(shrunk(PLANES, size) - wanted.numpy()).max() < 1e-6


def test_planes_of_tensors_keep_their_gradient():
    tensor = torch.from_numpy(PLANES)[None].requires_grad_()
    enlarged(tensor, 48).sum().backward()
    assert float(tensor.grad.sum()) == pytest.approx(3 * 48 * 48, rel=1e-5)  # every texel of the larger is a mean
