"""Loss of points with a standard deviation of their own: training and personal heads share it."""

from __future__ import annotations

import torch
from torch import Tensor

#: Points further than this from the middle, in crop units, are not learnt.
FARTHEST = 1.9


def point_loss(points: Tensor, log_sigma: Tensor, truth: Tensor) -> Tensor:
    """Negative log likelihood of points (B, P, 2) under a round Gaussian of their sigma, less constants; mean."""
    learnt = (truth.abs().amax(2) < FARTHEST).float()
    squared = (points - truth).square().sum(2)
    each = 2 * log_sigma + 0.5 * squared * torch.exp(-2 * log_sigma)
    return (each * learnt).sum() / learnt.sum().clamp(min=1)
