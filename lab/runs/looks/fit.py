"""The reader of ages, beards and skins: `python -m lab.runs.looks.fit`, with FACEGPT_DATA.

looks.csv holds how old each face of the optional data looks, and for the training half how much of a beard it has (0.3
stubble, 1 full) and how dark its skin is (1 the lightest of all, 9 the darkest), judged by eye on contact sheets before
any reading was seen. The training half of `photo_split.csv` is fitted, people left out in FOLDS say how well; the ages
of the validation half are read once, at the end, and choose nothing.
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
from facegpt.types import Array
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.shared_networks import detector, head

#: Ridge of age and of beard per hundredth of a photo and mean variance of the descriptor; the folds of people.
RIDGE, FOLDS = (5.0, 10.0, 10.0), 8
#: CIE L* of step 1 of skins, and how much darker each step is: about what is measured by white light on skins of the
#: north of Europe (66), of South Asia (55) and of Africa south of the Sahara (40).
LIGHTEST, STEP = 70.0, -4.0
#: Ridge draws beards towards none; so much further from their mean they are (slope of truth over reading, left out).
STEEPER = 1.6


def described() -> dict[str, list[tuple[float, float, float, str, Array]]]:
    """Age, beard, L* of the skin (NaN where nobody looked), person and descriptor (128,) of each face, by half."""
    with PHOTO_SPLIT.open() as file:
        half = {row["name"]: (row["split"], row["person"]) for row in csv.DictReader(file)}
    none, found = np.zeros((1, 1)), {"training": [], "validation": []}
    reader = IdentityReader(none, none, none, none, none, FaceRecognition())
    with (Path(__file__).parent / "looks.csv").open() as file:
        for row in csv.DictReader(file):
            image = photo_of(optional_data() / row["name"]).pixels
            faces = detector().detect(image)
            if faces:
                split, person = half[row["name"]]
                largest = max(faces, key=lambda face: float(np.prod(face.box[2:] - face.box[:2])))
                lightness = LIGHTEST + STEP * (float(row["skin"]) - 1) if row["skin"] else np.nan
                told = float(row["years"]), float(row["beard"] or 0), lightness
                found[split].append((*told, person, reader.describe(image, largest)))
    return found


def regression(descriptors: Array, years: Array, beard: Array, lightness: Array) -> LooksReader:
    """Fit descriptors (N, 128) to ages (N,), beards (N,) and L* of skins (N,)."""
    mean, scale, rows = descriptors.mean(0), descriptors.std(), []
    standard = (descriptors - mean) / scale
    for wanted, pull, steeper in zip((np.log(years), beard, lightness), RIDGE, (1.0, STEEPER, 1.0), strict=True):
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
    years, beard, skin, person, descriptors = (np.array(column) for column in zip(*halves["training"], strict=True))
    fold, found = person.astype(int) % FOLDS, np.zeros((len(years), 3))
    for k in range(FOLDS):
        reader = regression(*(column[fold != k] for column in (descriptors, years, beard, skin)))
        found[fold == k] = [tuple(vars(reader.read(row)).values()) for row in descriptors[fold == k]]
    told("training half, people left out", found[:, 0], years)
    bare, grown = found[beard < 0.06, 1], found[beard > 0.29, 1]
    rank = (grown[:, None] > bare).mean()
    print(
        f"beards: {rank:.2f} of pairs told apart, bare {np.quantile(bare, 0.95):.2f} at most, grown {grown.mean():.2f}"
    )
    off, slope = found[:, 2] - skin, np.polyfit(found[:, 2], skin, 1)[0]
    print(f"skins: L* off by {np.sqrt((off**2).mean()):.1f}, r {np.corrcoef(found[:, 2], skin)[0, 1]:.2f}", end=", ")
    print(f"slope of the eye's over it {slope:.2f}")
    reader = regression(descriptors, years, beard, skin)
    rest = halves["validation"]
    told(
        "validation half",
        np.array([reader.read(row[-1]).age_years for row in rest]),
        np.array([row[0] for row in rest]),
    )
    np.savez(FOLDER / ASSET, **{name: np.float32(value) for name, value in vars(reader).items()})
    print(register(ASSET))


if __name__ == "__main__":
    main()
