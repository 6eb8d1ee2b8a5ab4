"""The regression of irises: `python -m lab.runs.iris.fit FILE…`, of examples.py.

A logistic regression tells light irises from brown ones, a ridge regression in each the colour. FOLDS of examples left
out say how well, beside the median of their own pixels.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.iris import ASSET, MOST_SCALES, OWN, SKIN_COLUMNS, IrisReader
from facegpt.assets import FOLDER, register
from facegpt.cielab import lab_from_linear
from facegpt.types import Array

#: Ridge per example of the odds and of the colours; Newton steps; folds.
RIDGE_ODDS, RIDGE_COLOUR, STEPS, FOLDS = 0.0005, 0.01, 30, 5
#: Weights of the evidence until real photos weigh it (real.py): the log odds by the pixels.
STUDIO = np.array([1.0, 0.0, 0.0, 0.0, 0.0])


def ridge(rows: Array, colour: Array) -> Array:
    """Fit log colours (N, 3) to rows (N, F): (3, F + 1)."""
    middle, offset = rows.mean(0), colour.mean(0)
    gram = (rows - middle).T @ (rows - middle) + RIDGE_COLOUR * len(colour) * np.eye(rows.shape[1])
    weights = np.linalg.solve(gram, (rows - middle).T @ (colour - offset))
    return np.column_stack([weights.T, offset - middle @ weights])


def log_odds(rows: Array, light: NDArray[np.bool_]) -> Array:
    """Logistic regression of `light` (N,) on rows (N, F) by Newton's method: (F + 1,)."""
    rows = np.column_stack([rows, np.ones(len(rows))])
    pull = np.append(np.full(rows.shape[1] - 1, RIDGE_ODDS * len(rows)), 1e-6)
    found = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        hessian = rows.T @ (rows * (share * (1 - share))[:, None]) + np.diag(pull)
        found -= np.linalg.solve(hessian, rows.T @ (share - light) + pull * found)
    return found


def regression(features: Array, colour: Array, light: NDArray[np.bool_]) -> IrisReader:
    """Fit features (N, F) to log colours (N, 3) and to whether they are light (N,)."""
    mean, scale = features.mean(0), features.std(0) + 1e-6
    rows = np.clip((features - mean) / scale, -MOST_SCALES, MOST_SCALES)
    kinds = []
    for known in (rows, rows[:, SKIN_COLUMNS]):
        kinds += [log_odds(known, light), *(ridge(known[light == k], colour[light == k]) for k in (0, 1))]
    return IrisReader(mean, scale, *kinds[:3], np.vstack(kinds[3:]), STUDIO)


def apart(found: Array, true: Array) -> Array:
    """ΔE (N,) of log colours (N, 3)."""
    return np.linalg.norm(lab_from_linear(np.exp(found)) - lab_from_linear(np.exp(true)), axis=1)


def main() -> None:
    """Fit, say how well, and write the package's file."""
    parts = []
    for name in sys.argv[1:]:
        with np.load(name, allow_pickle=False) as arrays:
            parts.append([arrays[key] for key in ("features", "colour", "light")])
    features, colour, light = (np.concatenate(column) for column in zip(*parts, strict=True))
    fold, found, blind = np.arange(len(colour)) % FOLDS, np.zeros_like(colour), np.zeros_like(colour)
    for k in range(FOLDS):
        rest = fold != k
        reader = regression(features[rest], colour[rest], light[rest])
        found[~rest] = [reader.read(row) for row in features[~rest]]
        blind[~rest] = [reader.read_skin(row[SKIN_COLUMNS]) for row in features[~rest]]
    for name, values in (("left out", found), ("by the skin alone", blind), ("median of the pixels", features[:, OWN])):
        off = apart(values, colour)
        kinds = ", ".join(f"{np.median(off[light == k]):.1f} of {('brown', 'light')[k]} ones" for k in (0, 1))
        print(f"{name}: median {np.median(off):.1f} ΔE, {kinds}; within 10: {(off <= 10).mean():.2f}")
    reader = regression(features, colour, light)
    np.savez(FOLDER / ASSET, **{name: np.float32(value) for name, value in vars(reader).items()})
    print(register(ASSET))


if __name__ == "__main__":
    main()
