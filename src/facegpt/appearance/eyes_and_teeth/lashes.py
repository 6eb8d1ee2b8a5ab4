"""Lashes and the dark line of their roots: as long and as dense as a person's.

The head model's lashes are strips whose lowest fifth goes into the lid; before it stand single hairs. Seen from before,
a person's lashes are a line along the lid's edge first, close hairs and what make-up adds to them, and hairs only then.
Both are texels of the strips, which move with the lids and go into files: nothing is painted on skin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import fine_mean
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.types import Array, FaceParams

#: Strips of lashes in the default head's atlas: heights v of their roots in the lid, of the lid's edge, and of their
#: tips (lab/runs/head/atlas.py); u of both at the nose's and at the temple's end; v of a millimetre from the edge on.
STRIPS, ACROSS, MM = ((0.05552, 0.0693, 0.096), (0.008, 0.0201, 0.04848)), (0.84, 0.992), 0.0041
#: Length beside the model's by masculinity 0 and 1, and the lower lashes' share of it; chosen on photos of the training
#: half, looked at.
LENGTH, LOWER_LENGTH = (1.1, 0.65), 0.77
#: How far the line of the upper lashes reaches from the lid's edge by masculinity 0 and 1, mm; the lower lashes' share.
LINE_MM, LOWER = (2.0, 1.3), 0.27
#: Share of that at the nose's end, from which share of the way on it ends at the temple's, and over how many mm.
INNER, ENDING, SOFT_MM = 0.4, 0.86, 0.8


def opacity_of(model: MorphableModel, params: FaceParams, size: int, line_mm: float | None = None) -> NDArray[np.uint8]:
    """The opacity (size, size) of a person's texture: between lashes as long as theirs one sees through.

    line_mm: how far the line of the upper lashes reaches; that of the person's sex when None.
    """
    alpha = fine_mean(model, size)[1]
    if "lashes" not in model.part_names or not isinstance(getattr(model, "albedo", None), AlbedoModel):
        return alpha
    if not hasattr(model, "attributes"):
        return alpha
    lashes = atlas_of(model, size).part == model.part_names.index("lashes")
    masculinity = model.attributes(params.identity)["masculinity"]
    return with_lashes(alpha, lashes, lash_length(masculinity), usual_line(masculinity) if line_mm is None else line_mm)


def lash_length(masculinity: float) -> float:
    """How long lashes are, the model's being 1; masculinity: 0..1."""
    return float(np.interp(masculinity, (0.0, 1.0), LENGTH))


def usual_line(masculinity: float) -> float:
    """How far the line of the upper lashes reaches, mm; masculinity: 0..1."""
    return float(np.interp(masculinity, (0.0, 1.0), LINE_MM))


def with_lashes(
    alpha: NDArray[np.uint8], lashes: NDArray[np.bool_], length: float, line_mm: float
) -> NDArray[np.uint8]:
    """An opacity (S, S) whose lashes, of the texels `lashes` (S, S), are `length` as long and stand in a line."""
    side = len(alpha)
    out = alpha.copy()
    v = 1 - (np.arange(side) + 0.5) / side
    outward = np.clip(((np.arange(side) + 0.5) / side - ACROSS[0]) / (ACROSS[1] - ACROSS[0]), 0, 1)
    for (root, edge, tip), share, long in zip(STRIPS, (1.0, LOWER), (1.0, LOWER_LENGTH), strict=True):
        strip = np.flatnonzero((v >= root) & (v <= tip))
        if len(strip) < 2:
            continue
        beyond = v[strip] - edge
        wanted = edge + np.where(beyond > 0, beyond / (long * length), beyond)
        hairs = _between(alpha, np.maximum((1 - wanted) * side - 0.5, strip[0])) * (wanted <= tip)[:, None]
        reach = share * line_mm * (INNER + (1 - INNER) * outward) * np.minimum(1, (1 - outward) / (1 - ENDING))
        line = np.clip(0.5 + (reach - beyond[:, None] / MM) / SOFT_MM, 0, 1) * np.clip(reach / SOFT_MM, 0, 1)
        told = np.maximum(hairs, line * alpha[strip[-1]])
        out[strip] = np.where(lashes[strip], np.round(told), alpha[strip]).astype(np.uint8)
    return out


def _between(alpha: NDArray[np.uint8], rows: Array) -> NDArray[np.float64]:
    """Rows (N,) of an opacity, between its own ones: (N, S)."""
    low = np.floor(rows).astype(int)
    share = (rows - low)[:, None]
    return np.asarray(alpha[low] * (1 - share) + alpha[np.minimum(low + 1, len(alpha) - 1)] * share)
