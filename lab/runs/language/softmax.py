"""A softmax regression with a ridge on texts that are bags of features, and how its weights are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from facegpt.assets import FOLDER, register
from facegpt.language.dialogue.regression import STEP


def matrix(docs: Sequence[Sequence[str]], rows: dict[str, int]) -> sp.csr_matrix:
    """(D, features) of ones."""
    known = [[rows[name] for name in names if name in rows] for names in docs]
    first = np.cumsum([0, *map(len, known)])
    columns = np.concatenate([np.array(each, int) for each in known])
    return sp.csr_matrix((np.ones(len(columns), np.float32), columns, first), (len(docs), len(rows)))


def fit(
    docs: Sequence[Sequence[str]],
    said: Sequence[int],
    weight: Sequence[float],
    classes: int,
    ridge: float,
    fewest: int = 1,
    iterations: int = 80,
) -> tuple[dict[str, int], np.ndarray]:
    """Fit the rows and (features, classes) weights.

    Args:
        docs: features of each text.
        said: its class.
        weight: how much it counts.
        classes: how many there are.
        ridge: of the weights.
        fewest: features in fewer texts are left out.
        iterations: of L-BFGS, at most.
    """
    counts = Counter(name for names in docs for name in names)
    rows = {name: k for k, name in enumerate(sorted(n for n, c in counts.items() if c >= fewest))}
    seen, right = matrix(docs, rows), np.zeros((len(docs), classes), np.float32)
    right[np.arange(len(docs)), list(said)] = 1
    each, back = np.asarray(weight, np.float32)[:, None], seen.T.tocsr()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(len(rows), classes).astype(np.float32)
        odds = seen @ weights
        odds -= odds.max(1, keepdims=True)
        total = np.log(np.exp(odds).sum(1, keepdims=True))
        surprise = float((each * (total - (right * odds).sum(1, keepdims=True))).sum())
        slope = back @ (each * (np.exp(odds - total) - right)) + ridge * weights
        return surprise + 0.5 * ridge * float((weights**2).sum()), slope.astype(np.float64).ravel()

    found = minimize(loss, np.zeros(len(rows) * classes), jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return rows, found.x.reshape(len(rows), classes)


def kept(rows: dict[str, int], weights: np.ndarray, least: float, asset: str | Path, **more: np.ndarray) -> str:
    """Write the weights, rounded to whole steps, without features that hardly count; say how many and how large.

    asset: a name in assets/, or the path of a file of the lab.
    """
    places = np.flatnonzero(np.abs(weights).max(1) >= least)
    names = np.array(sorted(rows, key=rows.__getitem__), object)[places]
    whole = np.clip(np.rint(weights[places] / STEP), -127, 127).astype(np.int8)
    np.savez_compressed(FOLDER / asset, features=as_bytes(names), weights=whole, **more)
    return f"{len(places)} features, {(FOLDER / asset).stat().st_size / 1e3:.0f} kB" + (
        f", sha256 {register(asset)}" if isinstance(asset, str) else ""
    )


def as_bytes(names: Sequence[str]) -> np.ndarray:
    """Names as an array that needs no pickle."""
    return np.frombuffer("\n".join(names).encode("utf-8"), np.uint8)
