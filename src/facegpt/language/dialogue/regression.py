"""Softmax regressions on features of a text, by the whole-numbered weights of lab/runs/language/softmax.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from facegpt.types import Array

#: Weights are kept as whole numbers of this size.
STEP = 1 / 24


def scores_of(names: Iterable[str], rows: Mapping[str, int], weights: Array) -> Array:
    """The scores (choices,) of a text's features by a regression's whole-numbered weights (features, choices)."""
    known = [rows[name] for name in names if name in rows]
    return np.asarray(weights[known].astype(float).sum(0) * STEP)


def shares_of(scores: Array) -> Array:
    """Probabilities (choices,) of scored choices."""
    odds = np.exp(scores - scores.max())
    return np.asarray(odds / odds.sum())
