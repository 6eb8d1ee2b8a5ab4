"""Fit the copula of expression scores that the studio draws from: python -m lab.runs.studio.expressions DATA_FOLDER.

DATA_FOLDER holds portraits/ and photos/ with landmarks.npz (scores of MediaPipe). Only people of the training half
(assets/photo_split.csv) are read. Output: the package asset studio_expressions.npz, registered.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from facegpt.conventions import ARKIT_NAMES
from facegpt_lab import assets
from facegpt_lab.assets import PHOTO_SPLIT

KNOTS = 41


def training_scores(data: Path) -> np.ndarray:
    """The scores (N, 52) of the training half, in the order of ARKIT_NAMES."""
    with PHOTO_SPLIT.open() as file:
        training = {row["name"] for row in csv.DictReader(file) if row["split"] == "training"}
    rows = []
    for folder in ("photos", "portraits"):
        with np.load(data / folder / "landmarks.npz", allow_pickle=False) as arrays:
            names = [str(n) for n in arrays["blendshape_names"]]
            for file_name, scores in zip(arrays["names"], arrays["blendshapes"], strict=True):
                if f"{folder}/{file_name}" in training:
                    rows.append([scores[names.index(n)] if n in names else 0.0 for n in ARKIT_NAMES])
    return np.array(rows, np.float64)


def main() -> None:
    """Fit and register."""
    scores = training_scores(Path(sys.argv[1]))
    quantiles = np.quantile(scores, np.linspace(0, 1, KNOTS), axis=0).T
    rank = scores.argsort(0).argsort(0)
    normal = ndtri((rank + 0.5) / len(scores))
    normal[:, scores.max(0) <= 0] = np.random.default_rng(0).standard_normal((len(scores), 1))
    correlation = 0.9 * np.corrcoef(normal.T) + 0.1 * np.eye(len(ARKIT_NAMES))  # shrunk: few faces
    path = assets.FOLDER / "studio_expressions.npz"
    np.savez_compressed(
        path, quantiles=quantiles.astype(np.float32), factor=np.linalg.cholesky(correlation).astype(np.float32)
    )
    print(len(scores), "faces", path.stat().st_size, "bytes", assets.register(path.name))


if __name__ == "__main__":
    main()
