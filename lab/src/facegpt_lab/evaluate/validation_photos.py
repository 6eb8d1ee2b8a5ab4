"""The validation half of the optional data's photos and portraits, and what comparing two fits says of one of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.data.download import sha256_of
from facegpt.types import Array
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.registry import optional_data


@dataclass(frozen=True)
class Judged:
    """One fit to one photo.

    Attributes:
        landmark_percent: mean distance of the 468 points to the detector's, % of √(box area).
        photometric: mean |log ratio| of the drawn head's sRGB levels to the photo's, where both heads and skin are.
        colour_iou: of the drawn head and the photo's skin by its colour, between eyes and chin; nan if that is unclear.
        mask_iou: of the drawn head and the network's map of the face, hair, neck and things in front left out.
        plain, textured: (2, 128) descriptors of the head with the model's skin, and with the photo's.
        confidence: of the face.
        params: what was fitted, as JSON.
    """

    landmark_percent: float
    photometric: float
    colour_iou: float
    mask_iou: float
    plain: Array
    textured: Array
    confidence: float
    params: str


@dataclass(frozen=True)
class Compared:
    """One photo: its name and person, its own descriptor (128,), that of the mean shape, and both fits judged.

    apart_percent: mean distance of the two fits' 468 points in the photo, % of the eyes' outer corners' distance.
    """

    name: str
    person: int
    apart_percent: float
    descriptor: Array
    mean_shape: Array
    fits: dict[str, Judged]


def validation_photos() -> list[tuple[str, int]]:
    """The validation half: (file relative to the optional data, number of the person)."""
    return photos_of("validation")


def photos_of(split: str) -> list[tuple[str, int]]:
    """The "training" or the "validation" half, as `validation_photos`."""
    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        return [(row["name"], int(row["person"])) for row in csv.DictReader(file) if row["split"] == split]


def some_validation_photos(count: int) -> list[tuple[str, int]]:
    """So many of them, evenly spread."""
    whole = validation_photos()
    return [whole[k] for k in np.linspace(0, len(whole) - 1, count).astype(int)]


def identify(job: tuple[str, int]) -> str:
    """Name a photo by its content."""
    return f"{job} {sha256_of(optional_data() / job[0])}"


def read_photo(name: str) -> NDArray[np.uint8]:
    """Read a photo of the optional data (H, W, 3)."""
    with Image.open(optional_data() / name) as opened:
        return np.asarray(opened.convert("RGB"))


def read_compared(told: dict[str, Any] | None) -> Compared | None:
    """Make what was compared of its JSON."""
    if told is None:
        return None
    fits = {}
    for key, fit in told["fits"].items():
        views = {name: np.asarray(fit[name], np.float32) for name in ("plain", "textured")}
        fits[key] = Judged(**{**fit, **views})
    own = {name: np.asarray(told[name], np.float32) for name in ("descriptor", "mean_shape")}
    return Compared(**{**told, **own, "fits": fits})
