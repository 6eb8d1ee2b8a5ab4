"""The reader of ages and beards: `python -m runs.looks.fit`, with FACEGPT_DATA.

looks.csv holds how old each face of the optional data looks, and for the training half how much of a beard it has (0.3
stubble, 1 full), judged by eye on one contact sheet before any reading was seen. The training half of `photo_split.csv`
is fitted, people left out in FOLDS say how well; the ages of the validation half are read once, at the end, and choose
nothing.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from facegpt.assets import FOLDER, register
from facegpt.data.images import photo_of
from facegpt.encode.identity import IdentityReader
from facegpt.encode.looks import ASSET, LooksReader
from facegpt.encode.recognition import FaceRecognition
from facegpt.evaluate.registry import optional_data
from facegpt.evaluate.shared_networks import detector, head
from facegpt.types import Array

#: Ridge of age and of beard per hundredth of a photo and mean variance of the descriptor; the folds of people.
RIDGE, FOLDS = (5.0, 10.0), 8
#: Ridge draws beards towards none; so much further from their mean they are (slope of truth over reading, left out).
STEEPER = 1.6


def described() -> dict[str, list[tuple[float, float, str, Array]]]:
    """Age, beard, person and descriptor (128,) of each face, by half."""
    with (FOLDER / "photo_split.csv").open() as file:
        half = {row["name"]: (row["split"], row["person"]) for row in csv.DictReader(file)}
    none, found = np.zeros((1, 1)), {"training": [], "validation": []}
    reader = IdentityReader(none, none, none, FaceRecognition())
    with (Path(__file__).parent / "looks.csv").open() as file:
        for row in csv.DictReader(file):
            image = photo_of(optional_data() / row["name"]).pixels
            faces = detector().detect(image)
            if faces:
                split, person = half[row["name"]]
                largest = max(faces, key=lambda face: float(np.prod(face.box[2:] - face.box[:2])))
                told = float(row["years"]), float(row["beard"] or 0)
                found[split].append((*told, person, reader.describe(image, largest)))
    return found


def regression(descriptors: Array, years: Array, beard: Array) -> LooksReader:
    """Fit descriptors (N, 128) to ages (N,) and beards (N,)."""
    mean, scale, rows = descriptors.mean(0), descriptors.std(), []
    standard = (descriptors - mean) / scale
    for wanted, pull, steeper in zip((np.log(years), beard), RIDGE, (1.0, STEEPER), strict=True):
        gram = standard.T @ standard + pull * len(years) / 100 * np.eye(standard.shape[1])
        weights = steeper * np.linalg.solve(gram, standard.T @ (wanted - wanted.mean())) / scale
        rows.append(np.append(weights, wanted.mean() - mean @ weights))
    found = np.array(rows)
    return LooksReader(found[:, :-1], found[:, -1], np.asarray(head().axes.age))


def told(name: str, found: Array, years: Array) -> None:
    """Print how far readings are off."""
    off = found - years
    young = off[years < 30].mean()
    print(f"{name}: off by {np.abs(off).mean():.1f} years, r {np.corrcoef(found, years)[0, 1]:.2f}, young {young:+.1f}")


def main() -> None:
    """Fit, say how well, and write the package's file."""
    halves = described()
    years, beard, person, descriptors = (np.array(column) for column in zip(*halves["training"], strict=True))
    fold, found = person.astype(int) % FOLDS, np.zeros((len(years), 2))
    for k in range(FOLDS):
        reader = regression(descriptors[fold != k], years[fold != k], beard[fold != k])
        found[fold == k] = [reader.read(row) for row in descriptors[fold == k]]
    told("training half, people left out", found[:, 0], years)
    bare, grown = found[beard < 0.06, 1], found[beard > 0.29, 1]
    rank = (grown[:, None] > bare).mean()
    print(
        f"beards: {rank:.2f} of pairs told apart, bare {np.quantile(bare, 0.95):.2f} at most, grown {grown.mean():.2f}"
    )
    reader = regression(descriptors, years, beard)
    rest = halves["validation"]
    told("validation half", np.array([reader.read(row[3])[0] for row in rest]), np.array([row[0] for row in rest]))
    np.savez(FOLDER / ASSET, **{name: np.float32(value) for name, value in vars(reader).items()})
    print(register(ASSET))


if __name__ == "__main__":
    main()
