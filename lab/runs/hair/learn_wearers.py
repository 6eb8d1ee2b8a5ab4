"""Learn to tell men from women by the recognition network's descriptor: who wears which hair depends on it.

    python -m lab.runs.hair.learn_wearers --photos FOLDER --out wearers.npz

FOLDER has the subfolder portraits of photo_split.csv, whose names say the sex. The training half teaches, the
validation half is measured.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import facegpt
from facegpt.data.images import read_image
from facegpt.reconstruct.photo import faces_seen
from facegpt.types import Array
from facegpt_lab.evaluate.validation_photos import photos_of

#: Weight of the squares of the weights, and steps of Newton's method.
RIDGE, STEPS = 0.1, 60


def regression(descriptors: Array, man: Array) -> NDArray[np.float64]:
    """Weights (D + 1,) of a logistic regression of man (N,), 0 or 1, on descriptors (N, D), by Newton's method."""
    told = np.column_stack([descriptors, np.ones(len(descriptors))])
    held = RIDGE * np.append(np.ones(descriptors.shape[1]), 1e-6)
    weights = np.zeros(told.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-told @ weights))
        slope = told.T @ (chance - man) + held * weights
        curve = (told.T * (chance * (1 - chance))) @ told + np.diag(held)
        weights -= np.linalg.solve(curve, slope)
    return weights


def examples(folder: Path, split: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Descriptors (N, D) of the portraits of a half, and whether each is a man's (N,)."""
    model, descriptors, man = facegpt.load(), [], []
    for name, _ in photos_of(split):
        if not name.startswith("portraits/"):
            continue
        seen = next(iter(faces_seen(model, read_image(folder / name))), None)
        belief = None if seen is None or seen.dense is None else seen.dense.belief
        if belief is not None and belief.descriptor is not None:
            descriptors.append(belief.descriptor)
            man.append(float(Path(name).name.startswith("male")))
    return np.array(descriptors, np.float64), np.array(man)


def main() -> None:
    """Learn, say how often the validation half is told right, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    weights = regression(*examples(given.photos, "training"))
    descriptors, man = examples(given.photos, "validation")
    right = ((descriptors @ weights[:-1] + weights[-1] > 0) == (man > 0.5)).mean()
    print(f"right of {len(man)} portraits of the validation half: {100 * right:.0f} %")
    np.savez(given.out, weights=weights.astype(np.float32))


if __name__ == "__main__":
    main()
