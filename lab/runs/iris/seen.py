"""How photos weigh what they say of irises without a head: `python -m lab.runs.iris.seen`.

A logistic regression on the labelled photos of the training half tells light irises from brown ones by
`seen_iris.irises_seen`, another by the tone of skin and hair; hazel ones are both and left out. They go into
networks/iris.npz; the other half says how well. More of the labelled people than of all have light irises, which the
constants make up for. About a minute of a core.
"""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

import facegpt
from facegpt.appearance.eyes_and_teeth.seen_iris import SeenIrises, irises_seen
from facegpt.appearance.iris import iris_reader
from facegpt.data.images import read_image
from facegpt.reconstruct.photo import faces_seen
from facegpt.types import Array
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.registry import optional_data
from lab.runs.iris.real import LABELS, LIGHT_SHARE, write

#: Ridge per example; Newton steps.
RIDGE, STEPS = 0.005, 60


def seen_in(model: facegpt.FaceGPT, name: str) -> SeenIrises | None:
    """What a photo shows of the irises of its largest face."""
    face = next(iter(faces_seen(model, read_image(optional_data() / name))), None)
    belief = None if face is None or face.dense is None else face.dense.belief
    if face is None or belief is None or belief.skin_lightness is None:
        return None
    return irises_seen(face.photo.pixels, face.detection.points, belief.skin_lightness, face.parts)


def fitted(rows: Array, light: NDArray[np.bool_]) -> Array:
    """Weights (F + 1,) of the log odds that irises are light, rows (N, F), for people as they are."""
    mean, scale = rows.mean(0), rows.std(0)
    columns = np.column_stack([(rows - mean) / scale, np.ones(len(rows))])
    pull = np.append(np.full(rows.shape[1], RIDGE * len(rows)), 1e-6)
    found = np.zeros(len(pull))
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-columns @ found))
        hessian = columns.T @ (columns * (share * (1 - share))[:, None]) + np.diag(pull)
        found += np.linalg.solve(hessian, columns.T @ (light - share) - pull * found)
    weights = found[:-1] / scale
    often = logit(LIGHT_SHARE) - logit(light.mean())
    return np.append(weights, found[-1] - weights @ mean + often)


def main() -> None:
    """Look at the photos, fit, say how well, and write the package's file."""
    model = facegpt.load()
    split = {row["name"]: row["split"] for row in csv.DictReader(PHOTO_SPLIT.read_text("utf-8").splitlines())}
    labels = [row for row in csv.DictReader(LABELS.read_text("utf-8").splitlines()) if row["iris"] != "hazel"]
    told = [(row, seen_in(model, row["name"])) for row in labels]
    both = [(row, seen) for row, seen in told if seen is not None and seen.evidence is not None]
    light = np.array([row["iris"] != "brown" for row, _ in both])
    training = np.array([split[row["name"]] == "training" for row, _ in both])
    own = np.stack([seen.evidence for _, seen in both if seen.evidence is not None])
    beside = np.stack([seen.goes_with for _, seen in both])
    weights, goes_with = (fitted(rows[training], light[training]) for rows in (own, beside))
    reader = replace(iris_reader(), seen=weights, goes_with=goes_with)
    together = np.array([reader.light_odds(seen) for _, seen in both])
    usual = beside @ goes_with[:-1] + goes_with[-1]
    for how, odds in (("irises", own @ weights[:-1] + weights[-1]), ("skin and hair", usual), ("together", together)):
        for name, half in (("training half", training), ("other half", ~training)):
            wrong = (odds[half] > 0) != light[half]
            print(f"{name}, {how}: wrong {wrong[light[half]].sum()} of {light[half].sum()} light irises, "
                  f"{wrong[~light[half]].sum()} of {(~light[half]).sum()} brown ones")  # fmt: skip
    write(reader)


if __name__ == "__main__":
    main()
