"""Refinement per photo: shape from shading around the relief that the network found, in closed form.

It minimises Σ trust (b - A d)² + Σ stiffness |∇(d - d₀)|² + size Σ (d - d₀)², where d₀ is the network's relief, b the
photo's fine difference from the coarse head (log units), and A d what a displacement d would do to it: turn the normals
(linear in its slopes), and let less light into hollows. So it is the most likely relief for noise and a prior that are
Gaussian: the prior is wide where the network saw folds, whose depth it is timid about, and narrow where it saw none, so
that marks of the skin stay in the texture. A linear least-squares problem, solved by conjugate gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.detail.observation import Observation
from facegpt.detail.skin_window import Maps
from facegpt.runtime.blur import box_blur, gaussian_blur

#: Side of the box that a place is deeper or higher than, texels.
HOLLOW_TEXELS = 9


@dataclass(frozen=True)
class Stiffness:
    """How much each term counts, against squared log units.

    Attributes:
        smooth, folded: of slopes (mm a texel) that differ from the network's, where it saw no folds, and where it did.
        folds: RMS slope of the network's relief, mm a texel, from which a place counts as folded; evidence_texels: blur
            over which it is taken.
        size: of displacements that differ, per mm².
        hollow: log units that a texel darkens by for each mm that it lies deeper than its surroundings.
        steps: of conjugate gradients.
    """

    smooth: float = 200.0
    folded: float = 2.0
    folds: float = 0.04
    evidence_texels: float = 3.0
    size: float = 0.2
    hollow: float = 0.7
    steps: int = 20


def explained(seen: Observation, prior: Maps, trust: Maps, stiffness: Stiffness | None = None) -> Maps:
    """The displacement (HEIGHT, WIDTH) mm that explains a photo's light without straying far from `prior`.

    trust: (HEIGHT, WIDTH) 0..1, where the photo's light is believed; where it is not, the prior stays.
    """
    s = stiffness or Stiffness()
    rows, columns = _around(trust)
    out = prior.copy()
    if rows.stop <= rows.start:
        return out
    box = np.s_[rows, columns]
    start, weight = np.ascontiguousarray(prior[box]), np.ascontiguousarray(trust[box], np.float32)
    bright = seen.channels[:3, rows, columns].mean(0) / 10
    across, down = (np.ascontiguousarray(seen.channels[k][box]) for k in (5, 6))
    stiff = _stiff(start, s)

    def forward(d: Maps) -> Maps:
        return across * _right(d) + down * _below(d) + s.hollow * (d - _blurred(d))

    def backward(r: Maps) -> Maps:
        return _right_adjoint(across * r) + _below_adjoint(down * r) + s.hollow * (r - _blurred(r))

    def normal(d: Maps) -> Maps:
        rough = _right_adjoint(stiff * _right(d)) + _below_adjoint(stiff * _below(d))
        return backward(weight * forward(d)) + rough + s.size * d

    residual = backward(weight * (bright - forward(start)))
    diagonal = weight * (2 * (across**2 + down**2) + s.hollow**2) + 4 * stiff + s.size
    out[box] = start + _conjugate_gradients(normal, residual, diagonal, s.steps)
    return out


def _conjugate_gradients(normal, residual: Maps, diagonal: Maps, steps: int) -> Maps:  # type: ignore[no-untyped-def]
    """Solve normal(d) = residual from 0 with the inverse diagonal as preconditioner."""
    found = np.zeros_like(residual)
    scaled = residual / diagonal
    direction, size = scaled.copy(), float((residual * scaled).sum())
    for _ in range(steps):
        turned = normal(direction)
        step = size / max(float((direction * turned).sum()), 1e-12)
        found += step * direction
        residual = residual - step * turned
        scaled = residual / diagonal
        new = float((residual * scaled).sum())
        direction, size = scaled + new / max(size, 1e-12) * direction, new
    return found


def _stiff(prior: Maps, s: Stiffness) -> Maps:
    """How much slopes count that differ from the prior's, by how folded it is: between the two on a log scale."""
    slopes = np.gradient(prior)
    rms = np.sqrt(gaussian_blur(slopes[0] ** 2 + slopes[1] ** 2, s.evidence_texels))
    folded = np.clip(rms / s.folds, 0, 1)
    return np.exp(np.log(s.smooth) * (1 - folded) + np.log(s.folded) * folded).astype(np.float32)


def _around(trust: Maps) -> tuple[slice, slice]:
    """Rows and columns of the window that hold what is trusted."""
    rows, columns = (np.flatnonzero((trust > 0.01).any(axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _blurred(d: Maps) -> Maps:
    return box_blur(d, HOLLOW_TEXELS)


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
