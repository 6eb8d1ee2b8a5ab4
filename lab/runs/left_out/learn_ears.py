"""Learn what tells of something at an ear: the weights of facegpt.reconstruct.left_out.at_ears.

    python -m lab.runs.left_out.learn_ears --photos FOLDER

FOLDER holds photos/ and portraits/. The training half teaches, with what that network of jewellery says of a picture
that was not taught by it (learn_jewellery.py comes first); the validation half tells how good it is.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import facegpt
from facegpt.data.images import read_image
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.left_out import at_ears
from facegpt.reconstruct.left_out.jewellery import EAR_FRAME, opinions_at_ear
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt_lab.evaluate.validation_photos import photos_of
from lab.runs.left_out.learn_jewellery import third_of

LABELS = Path(__file__).with_name("labels.csv")
SIDES = ("right", "left")
#: Weight of the prior on weights, and steps of Newton's method.
RIDGE, STEPS = 2.0, 40


def main() -> None:
    """Learn, and print the weights and how often they are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    folder = parser.parse_args().photos
    with open(LABELS, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file)]
    teachers = {name for name, _ in photos_of("training")}
    model, features, told, teaches, pictures = facegpt.load(), [], [], [], []
    for number, row in enumerate(rows):
        third = third_of(row["name"]) if row["name"] in teachers else None
        for side, numbers in looked_at(model, folder / row["name"], third).items():
            if not row[f"{side}_ear"]:
                continue
            features.append(numbers)
            told.append(row[f"{side}_ear"] == "1")
            teaches.append(row["name"] in teachers)
            pictures.append(number)
    x, y, taught = np.array(features), np.array(told), np.array(teaches)
    mean, sd = x[taught].mean(0), x[taught].std(0) + 1e-6
    weights = learnt((x[taught] - mean) / sd, y[taught].astype(float))
    for name, values in (("MEAN", mean), ("SD", sd), ("WEIGHTS", weights[:-1]), ("BIAS", weights[-1:])):
        print(name, np.round(values, 4).tolist())
    odds = (x - mean) / sd @ weights[:-1] + weights[-1]
    for name, rows_of in (("taught", taught), ("held back", ~taught)):
        print(name, *figures(odds[rows_of] > at_ears.TOLD, y[rows_of], np.array(pictures)[rows_of]))


def looked_at(model: facegpt.FaceGPT, path: Path, third: int | None) -> dict[str, NDArray[np.float64]]:
    """The features of the ears that a photo shows of its largest face; third: the network that tells, None for all."""
    seen = max(faces_seen(model, read_image(path)), key=lambda one: np.ptp(one.detection.points[:, 0]), default=None)
    if seen is None or seen.parts is None:
        return {}
    params = bald_head(model, seen, "fast")[0].params
    params = params.replace(camera=params.camera.scaled(seen.photo.scale))
    photo, head, found = seen.levels, model.head, {}
    assert isinstance(head, MakeHumanHead)
    palette = at_ears._palette(photo, seen.parts)
    for side in SIDES:
        numbers = at_ears.ear_features(photo, head, params, seen.parts, palette, side)
        at = at_ears.lobe_window(photo, head, params, side, EAR_FRAME.side_mm, EAR_FRAME.at_mm)
        if numbers is None or at is None:
            continue
        if third is not None:
            numbers[-1] = opinions_at_ear(photo, seen.parts, at[0])[third]
        found[side] = numbers
    return found


def learnt(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a logistic regression with a ridge, the last one what is added."""
    rows, ridge = np.column_stack([x, np.ones(len(x))]), RIDGE * np.append(np.ones(x.shape[1]), 1e-6)
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (share - y) + ridge * weights * np.append(np.ones(x.shape[1]), 0)
        bend = (rows * (share * (1 - share))[:, None]).T @ rows + np.diag(ridge)
        weights -= np.linalg.solve(bend, slope)
    return weights


def figures(said: NDArray[np.bool_], there: NDArray[np.bool_], pictures: NDArray[np.intp]) -> tuple[str, ...]:
    """Precision and recall, picture by picture."""
    each = [(said[pictures == one].any(), there[pictures == one].any()) for one in np.unique(pictures)]
    right, told, all_there = (sum(map(bool, k)) for k in ([a and b for a, b in each], *zip(*each, strict=True)))
    return f"{len(each)} pictures", f"precision {right / max(told, 1):.2f}", f"recall {right / max(all_there, 1):.2f}"


if __name__ == "__main__":
    main()
