"""What the dense landmark network says of a face, less what it guessed behind hands and things that the parts show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.encode.parts import HAND, FaceParts
from facegpt.fitting.occlusion import OCCLUDER
from facegpt.types import DensePoints

#: Least share of its information that a point keeps which is surely hidden: its place is a guess from all others.
KEPT = 0.05


def beside_hands(dense: DensePoints, parts: FaceParts) -> DensePoints:
    """The same prediction with points behind hands surer by less, and hands among what hides the face."""
    if parts.probabilities[..., HAND].max() < 0.5:
        return dense
    hidden = parts.belief_at(dense.points_px, HAND)
    cells = np.stack(np.meshgrid(*(np.arange(side) + 0.5 for side in dense.parts.shape[1::-1])), -1)
    at = cells * dense.crop_px / np.array(dense.parts.shape[1::-1]) - 0.5
    places = np.linalg.solve(dense.crop[:, :2], (at.reshape(-1, 2) - dense.crop[:, 2]).T).T
    hands = parts.belief_at(places, HAND).reshape(dense.parts.shape[:2])
    told = dense.parts * (1 - hands)[..., None]
    told[..., OCCLUDER] += hands
    sigma_px = dense.sigma_px / np.sqrt(np.maximum(1 - hidden, KEPT))
    return replace(dense, parts=told, sigma_px=sigma_px.astype(dense.sigma_px.dtype))
