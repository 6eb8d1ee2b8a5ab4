"""Lashes as long as a person's: the head model's are those of a made-up woman, and a man wears them as false ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import fine_mean
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.types import Array, FaceParams

#: Strips of lashes in the default head's atlas: heights v of their roots and of their tips (lab/runs/head/atlas.py).
STRIPS = ((0.05552, 0.096), (0.008, 0.04848))
#: Length beside the model's by masculinity 0 and 1; chosen on photos of the training half, looked at.
LENGTH = (0.85, 0.5)


def opacity_of(model: MorphableModel, params: FaceParams, size: int) -> NDArray[np.uint8]:
    """The opacity (size, size) of a person's texture: between lashes as long as theirs one sees through."""
    alpha = fine_mean(model, size)[1]
    if "lashes" not in model.part_names or not isinstance(getattr(model, "albedo", None), AlbedoModel):
        return alpha
    if not hasattr(model, "attributes"):
        return alpha
    lashes = atlas_of(model, size).part == model.part_names.index("lashes")
    return with_lash_length(alpha, lashes, lash_length(model.attributes(params.identity)["masculinity"]))


def lash_length(masculinity: float) -> float:
    """How long lashes are, the model's being 1; masculinity: 0..1."""
    return float(np.interp(masculinity, (0.0, 1.0), LENGTH))


def with_lash_length(alpha: NDArray[np.uint8], lashes: NDArray[np.bool_], length: float) -> NDArray[np.uint8]:
    """An opacity (S, S) whose lashes, of the texels `lashes` (S, S), end at `length` of what they had."""
    side = len(alpha)
    out = alpha.copy()
    v = 1 - (np.arange(side) + 0.5) / side
    for root, tip in STRIPS:
        strip = np.flatnonzero((v >= root) & (v <= tip))
        if len(strip) < 2:
            continue
        wanted = root + (v[strip] - root) / length
        source = (1 - wanted) * side - 0.5
        told = _between(alpha, np.maximum(source, strip[0])) * (wanted <= tip)[:, None]
        out[strip] = np.where(lashes[strip], np.round(told), alpha[strip]).astype(np.uint8)
    return out


def _between(alpha: NDArray[np.uint8], rows: Array) -> NDArray[np.float64]:
    """Rows (N,) of an opacity, between its own ones: (N, S)."""
    low = np.floor(rows).astype(int)
    share = (rows - low)[:, None]
    return np.asarray(alpha[low] * (1 - share) + alpha[np.minimum(low + 1, len(alpha) - 1)] * share)
