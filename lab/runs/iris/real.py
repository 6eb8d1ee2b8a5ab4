"""How real photos weigh the evidence of irises: `python -m lab.runs.iris.real`.

labels.csv says by eye which irises the CC0 photos show. A logistic regression on the training half tells light irises
from brown ones by `IrisReader.evidence`; hazel ones are both and left out. It goes into networks/iris.npz. The other
half says how well. How sharp a photo is (px per mm) has no weight: it says nothing of irises. More of the labelled
people than of all have light irises, which the constant makes up for.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import logit

import facegpt
from facegpt.appearance import texture
from facegpt.appearance.iris import ASSET, IrisReader, has_irises, iris_features, iris_reader
from facegpt.assets import FOLDER, register
from facegpt.types import Array
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.registry import optional_data
from lab.runs.iris.fit import STUDIO, log_odds

LABELS = Path(__file__).parent / "labels.csv"
#: Where `IrisReader.evidence` has the sharpness; what follows is its constant.
SHARPNESS = 3
#: Share of people whose irises are light (blue, grey, green).
LIGHT_SHARE = 0.2


def features_of(model: facegpt.FaceGPT, path: Path) -> Array | None:
    """The features (F,) of the irises of a photo's largest face, as a fast fit sees them."""
    found: list[Array | None] = []

    def seen(image, posed, head, prior, light, hidden=None):  # type: ignore[no-untyped-def]
        found.append(iris_features(image, posed, head, light, hidden) if has_irises(prior, light.albedo) else None)
        return light.albedo, np.zeros(1)

    kept, texture.with_iris_colour = texture.with_iris_colour, seen
    try:
        model.reconstruct(path, quality="fast", hair="none", glasses="none")
    finally:
        texture.with_iris_colour = kept
    return found[0] if found else None


def main() -> None:
    """Look at the photos, fit, say how well, and write the package's file."""
    model, folder = facegpt.load(), optional_data()
    listed = csv.DictReader(PHOTO_SPLIT.read_text("utf-8").splitlines())
    split = {row["name"]: row["split"] for row in listed}
    reader = replace(iris_reader(), real=STUDIO)
    rows = list(csv.DictReader(LABELS.read_text("utf-8").splitlines()))
    seen = [(row["name"], row["iris"], features_of(model, folder / row["name"])) for row in rows]
    seen = [one for one in seen if one[2] is not None and one[1] != "hazel"]
    evidence = np.stack([reader.evidence(features) for *_, features in seen])
    light = np.array([kind != "brown" for _, kind, _ in seen])
    training = np.array([split[name] == "training" for name, *_ in seen])
    told = evidence[:, :SHARPNESS]
    mean, scale = told[training].mean(0), told[training].std(0)
    weights = log_odds((told[training] - mean) / scale, light[training])
    drawn_often = logit(LIGHT_SHARE) - logit(light[training].mean())
    real = np.array([*(weights[:-1] / scale), 0.0, weights[-1] - (weights[:-1] * mean / scale).sum() + drawn_often])
    for name, half in (("training half", training), ("other half", ~training)):
        for how, by in (("studio alone", STUDIO), ("weighed", real)):
            wrong = (evidence[half] @ by > 0) != light[half]
            print(f"{name}, {how}: wrong {wrong[light[half]].sum()} of {light[half].sum()} light irises, "
                  f"{wrong[~light[half]].sum()} of {(~light[half]).sum()} brown ones")  # fmt: skip
    write(replace(reader, real=real))


def write(reader: IrisReader) -> None:
    """Write the package's file and its checksum."""
    np.savez(FOLDER / ASSET, **{name: np.float32(value) for name, value in vars(reader).items()})
    print(register(ASSET))


if __name__ == "__main__":
    main()
