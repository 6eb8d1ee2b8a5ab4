"""How well a relief was found: angles of normals, correlation of displacements, and what of a mark became shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.observation import tone_of
from facegpt.detail.skin_window import Maps, SkinGeometry

#: Slopes below this are smooth skin: folds are judged where the truth is steeper, mm per mm.
FOLDED = 0.08


@dataclass(frozen=True)
class ReliefScore:
    """One face: mean angles in degrees of the coarse skin's and of the found skin's normals to the true ones.

    `coarse`, `found`: over all of the skin that is seen; `coarse_folds`, `found_folds`: where it is folded.
    correlation: of the displacements, both without what a blur of 8 mm leaves.
    """

    coarse: float
    found: float
    coarse_folds: float
    found_folds: float
    correlation: float


def relief_score(geometry: SkinGeometry, found: Maps, truth: Maps, where: NDArray[np.bool_]) -> ReliefScore | None:
    """Compare a displacement with the true one (HEIGHT, WIDTH) mm where it is seen; None if that is nowhere."""
    if where.sum() < 1000:
        return None
    true = geometry.displaced_normal(truth)
    coarse = angle_deg(geometry.normal, true)
    ours = angle_deg(geometry.displaced_normal(found), true)
    folds = where & (np.linalg.norm(geometry.gradient(truth), axis=-1) > FOLDED)
    picked = folds if folds.any() else where
    one, two = (fine(d)[where] for d in (found, truth))
    both = float(one.std() * two.std())
    correlation = float(((one - one.mean()) * (two - two.mean())).mean() / both) if both > 1e-9 else 0.0
    means = [float(angles[mask].mean()) for mask in (where, picked) for angles in (coarse, ours)]
    return ReliefScore(means[0], means[1], means[2], means[3], correlation)


def fine(displacement: Maps) -> Maps:
    """A displacement without what a wide blur leaves of it."""
    return displacement - tone_of(displacement[..., None], np.ones_like(displacement))[..., 0]


def angle_deg(one: Maps, other: Maps) -> Maps:
    """Angles (H, W) between unit normals (H, W, 3), degrees."""
    return np.degrees(np.arccos(np.clip((one * other).sum(-1), -1, 1))).astype(np.float32)
