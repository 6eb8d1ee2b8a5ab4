"""The loss on photos without truth: a relief is good that explains the photo's light, and no rougher than need be.

The terms are those of Chen et al. 2019 (sec. 3.3), for colours as logs of linear light and a relief in mm. The light
on a displaced skin is taken to first order in its slopes (`detail/observation.py`): the observation has the gains.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from facegpt.detail.network import DetailNetwork

#: Weights of the terms. photometric: log units × 10 over the photo's contrast, as the network sees them. vertices,
#: normals: squared second differences, of displacements and of slopes. uv: slopes, absolute. size: mm². deviation:
#: squared slopes. The last ones hold what photos cannot tell: how much of the contrast is painted on the skin.
WEIGHTS: dict[str, float] = {
    "photometric": 1.0,
    "vertices": 400.0,
    "normals": 400.0,
    "uv": 0.4,
    "size": 4.0,
    "deviation": 500.0,
}
#: Below this a difference counts squared, above it as it is: marks and edges of shadows must not rule.
KNEE = 1.0


def photo_loss(
    network: DetailNetwork, channels: Tensor, trust: Tensor, mask: Tensor, weights: Mapping[str, float] | None = None
) -> dict[str, Tensor]:
    """What a relief costs that the network finds in photos.

    Args:
        network: finds it.
        channels: (B, CHANNELS, H, W), differences divided by their contrast.
        trust: (B, H, W) 0..1, where the photo's light may be believed.
        mask: (B, H, W) 0..1, where detail may live.
        weights: of the terms, WEIGHTS by default; those that are left out do not count.
    """
    found = network(channels) * mask
    across, down = _central(found, 2), _central(found, 1)
    inner = trust[:, 1:-1, 1:-1]
    total = inner.sum().clamp(min=1)

    def mean(values: Tensor) -> Tensor:
        return (values * inner).sum() / total

    gains = channels[:, 5:7, 1:-1, 1:-1]
    shaded = 10 * (gains[:, 0] * across + gains[:, 1] * down)
    missing = channels[:, :3].mean(1)[:, 1:-1, 1:-1] - shaded
    bends = _bends(found)
    terms = {
        "photometric": mean(KNEE * ((missing.square() + KNEE**2).sqrt() - KNEE)),
        "vertices": mean((bends[0] + bends[1]).square()),
        "normals": mean(bends[0].square() + bends[1].square() + 2 * bends[2].square()),
        "uv": mean(across.abs() + down.abs()),
        "size": mean(found[:, 1:-1, 1:-1].square()),
        "deviation": mean(across.square() + down.square()),
    }
    chosen = WEIGHTS if weights is None else weights
    return {"total": torch.stack([chosen.get(name, 0.0) * value for name, value in terms.items()]).sum(), **terms}


def _central(values: Tensor, axis: int) -> Tensor:
    """Central differences (B, H - 2, W - 2) along an axis of (B, H, W)."""
    if axis == 2:
        return (values[:, 1:-1, 2:] - values[:, 1:-1, :-2]) / 2
    return (values[:, 2:, 1:-1] - values[:, :-2, 1:-1]) / 2


def _bends(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Second differences (B, H - 2, W - 2) of (B, H, W): across, down, and one after the other."""
    middle = values[:, 1:-1, 1:-1]
    across = values[:, 1:-1, 2:] - 2 * middle + values[:, 1:-1, :-2]
    down = values[:, 2:, 1:-1] - 2 * middle + values[:, :-2, 1:-1]
    both = (values[:, 2:, 2:] - values[:, 2:, :-2] - values[:, :-2, 2:] + values[:, :-2, :-2]) / 4
    return across, down, both
