"""What photos show of irises beside skin and whites: `python -m lab.runs.iris.tones`.

Prints SKIN, BROWN, LIGHT and PRECISION of appearance/eyes_and_teeth/iris_tones.py, from the labelled photos of the
training half. How bright irises are is the light of all of them together, less what their pupils mirror, which are
black: as skin and whites say on average; hazel to grey ones are one kind there. SKIN counts in the others: run it again
after SKIN has changed. Needs FACEGPT_DATA; 2 minutes of a core.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np

import facegpt
from facegpt.appearance.eyes_and_teeth.iris_tones import SKIN, WHITE_HUE, shown_by
from facegpt.appearance.eyes_and_teeth.seen_iris import EyeRead, eyes_read
from facegpt.appearance.prior import prior_of
from facegpt.cielab import RGB_TO_Y
from facegpt.data.images import read_image
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.types import Array
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.registry import optional_data
from lab.runs.iris.real import LABELS

#: One photo in so many gets a head, whose skin is compared with the lightness that the face tells.
HEADS = 3
#: SD of what brown irises are, brightness and hues. A belief: of their hues photos show mostly the sky.
BROWN_SD = np.array([0.5, 0.12, 0.12])
#: Kinds of light irises, as `LIGHT` has them.
LIGHT_NAMES = ("hazel", "green", "blue", "grey")
#: Log luminance of whites of eyes. A belief: the head's own are darker, since its eyes lie open to all light.
WHITE = float(np.log(0.55))


@dataclass(frozen=True)
class Person:
    """What one photo tells: the label, the lightness of the skin (CIE L*), what each eye shows, and the head's skin.

    skin: (3,) log albedo of the head, or None where none was made.
    """

    iris: str
    lightness: float
    eyes: list[EyeRead]
    skin: Array | None

    def shown(self) -> Array:
        """The colours of the eyes (E, 3), as `Kind.read` takes them."""
        return np.array([shown_by(*eye.beside, self.lightness) for eye in self.eyes])

    def left(self) -> Array:
        """Linear RGB of the eyes without what they mirror, by the skin and by the whites: (E, 2, 3)."""
        by_skin = SKIN[0] * self.lightness + SKIN[1]
        by_white = np.array([WHITE_HUE[0], 0.0, WHITE_HUE[1]])
        by_white += WHITE - np.log(RGB_TO_Y @ np.exp(by_white))
        albedos = np.stack([by_skin, by_white])
        return np.array([eye.left * np.exp(eye.beside + albedos) for eye in self.eyes])


def person_of(model: facegpt.FaceGPT, name: str, iris: str, with_head: bool) -> Person | None:
    """What the largest face of a photo tells; None where nobody can say how light its skin is, or no eye is seen."""
    seen = next(iter(faces_seen(model, read_image(optional_data() / name))), None)
    belief = None if seen is None or seen.dense is None else seen.dense.belief
    if seen is None or belief is None or belief.skin_lightness is None:
        return None
    eyes, skin = eyes_read(seen.photo.pixels, seen.detection.points), None
    if with_head:
        face, prior = bald_head(model, seen, "fast")[0], prior_of(model.head, 256)
        bare = (prior.mask > 0.9) & (np.maximum(prior.brows, np.maximum(prior.growth, prior.lips)) < 0.05)
        skin = np.median(prior.expected(face.params.albedo)[bare], axis=0)
    return Person(iris, belief.skin_lightness, eyes, skin) if eyes else None


def colour_of(light: Array) -> Array:
    """(brightness, red, blue) of linear RGB (3,)."""
    return np.log([RGB_TO_Y @ light, light[0] / light[1], light[2] / light[1]])


def main() -> None:
    """Look at the photos, and print."""
    model = facegpt.load()
    split = {row["name"]: row["split"] for row in csv.DictReader(PHOTO_SPLIT.read_text("utf-8").splitlines())}
    rows = [row for row in csv.DictReader(LABELS.read_text("utf-8").splitlines()) if split[row["name"]] == "training"]
    told = [person_of(model, row["name"], row["iris"], k % HEADS == 0) for k, row in enumerate(rows)]
    people = [one for one in told if one is not None]
    heads = [one for one in people if one.skin is not None]
    lines = np.polyfit([one.lightness for one in heads], np.array([one.skin for one in heads]), 1)
    print(f"SKIN, of {len(heads)} heads:", lines.round(4).tolist())
    brown, light = ([one for one in people if (one.iris == "brown") == is_brown] for is_brown in (True, False))
    means = [np.array([one.shown().mean(0) for one in kind]) for kind in (brown, light)]
    wrong = means[0].var(0) - BROWN_SD**2  # lids and lamps do to light irises what they do to brown ones
    kept = [BROWN_SD**2 / means[0].var(0), 1 - wrong[0] / means[1][:, 0].var()]
    for name, kind, shown, share in zip(("BROWN", "LIGHT"), (brown, light), means, kept, strict=True):
        skin, whites = (colour_of(one) for one in np.concatenate([one.left() for one in kind]).mean(0))
        print(f"{name}, of {len(kind)}: shown {shown.mean(0).round(2)}, bright {(skin[0] + whites[0]) / 2:.2f}, "
              f"kept {share.round(2)}")  # fmt: skip
    off = []
    for name in LIGHT_NAMES:
        shown = np.array([one.shown().mean(0) for one in light if one.iris == name])
        off.append(shown - shown.mean(0))
        print(f"{name}, of {len(shown)}: shown {shown.mean(0).round(2)}")
    spread = np.concatenate(off)
    print("PRECISION:", np.linalg.inv(spread.T @ spread / (len(spread) - len(LIGHT_NAMES))).round(2).tolist())


if __name__ == "__main__":
    main()
