"""The rival of the relief network: shape from shading, solved for one photo.

It minimises Σ w (b - A d)² + slope Σ |∇d|² + size Σ d², where b is the photo's fine difference from the coarse head
(log units), and A d what a displacement d would do to it: turn the normals (linear in its slopes), and let less light
into hollows. A linear least-squares problem, solved by conjugate gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from facegpt.detail.observation import Observation
from facegpt.detail.skin_window import Maps


@dataclass(frozen=True)
class Weights:
    """How much each term counts, against squared log units: hollow is log units per mm of depth, 0 leaves it out."""

    slope: float = 0.05
    size: float = 0.02
    hollow: float = 0.5
    hollow_texels: float = 3.0
    steps: int = 40


def shape_from_shading(seen: Observation, mask: Maps, weights: Weights | None = None) -> Maps:
    """The displacement (HEIGHT, WIDTH) mm that explains a photo's shading, all of it."""
    w = weights or Weights()
    trust = (np.clip(seen.weight, 0, 1) * mask).astype(np.float32)
    bright = seen.channels[:3].mean(0) / 10
    across, down = seen.channels[5], seen.channels[6]

    def blurred(d: Maps) -> Maps:
        return gaussian_filter(d, w.hollow_texels, mode="constant", truncate=2.5)

    def forward(d: Maps) -> Maps:
        return across * _right(d) + down * _below(d) + w.hollow * (d - blurred(d))

    def backward(r: Maps) -> Maps:
        return _right_adjoint(across * r) + _below_adjoint(down * r) + w.hollow * (r - blurred(r))

    def normal(d: Maps) -> Maps:
        rough = _right_adjoint(_right(d)) + _below_adjoint(_below(d))
        return backward(trust * forward(d)) + w.slope * rough + w.size * d

    d = np.zeros_like(bright)
    residual = backward(trust * bright)
    direction, size = residual.copy(), float((residual**2).sum())
    for _ in range(w.steps):
        turned = normal(direction)
        step = size / max(float((direction * turned).sum()), 1e-12)
        d += step * direction
        residual -= step * turned
        new = float((residual**2).sum())
        direction, size = residual + new / max(size, 1e-12) * direction, new
    return (d * mask).astype(np.float32)


def _right(d: Maps) -> Maps:
    out = np.zeros_like(d)
    out[:, :-1] = d[:, 1:] - d[:, :-1]
    return out


def _below(d: Maps) -> Maps:
    out = np.zeros_like(d)
    out[:-1] = d[1:] - d[:-1]
    return out


def _right_adjoint(r: Maps) -> Maps:
    out = np.zeros_like(r)
    out[:, :-1] -= r[:, :-1]
    out[:, 1:] += r[:, :-1]
    return out


def _below_adjoint(r: Maps) -> Maps:
    out = np.zeros_like(r)
    out[:-1] -= r[:-1]
    out[1:] += r[:-1]
    return out
