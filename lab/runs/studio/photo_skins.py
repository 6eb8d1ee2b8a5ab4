"""Real skins for the studio: the faces of the training photos, delit and made whole, as textures of the default head.

    python -m lab.runs.studio.photo_skins --out photo_skins.npz [--data PATH] [--sheet PATH]

--data: the folder with portraits/ and photos/ (or FACEGPT_DATA). Each picture of the training half
(assets/photo_split.csv) is fitted as by quality "balanced"; where it shows the face, its own pores, brows, beard and
make-up stay, the rest is the albedo model's typical skin in the same tone. The textures are pictures of people and no
part of the package. File: skins (N, 256, 256, 3) uint8 sRGB, row 0 is v = 1; names (N,), "portraits/female_001.jpg".
About 1.5 s a picture on one core.
"""

from __future__ import annotations

import argparse
import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.appearance.prior import prior_of
from facegpt.appearance.texture import texture_from_photo
from facegpt.appearance.unwrap import LINEAR_OF_BYTE
from facegpt.conventions import linear_to_srgb
from facegpt.data.images import read_image
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.fitting import FitError, fit_photo
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.registry import optional_data

#: Sides of the texture that is made, and of the one that is kept.
FULL, KEPT = 1024, 256
#: A picture gives a skin when so much of the face was seen (mirrored counts half) and agrees with the fitted model …
LEAST_SEEN, LEAST_AGREEMENT = 0.15, 0.2
#: … and its points were met to so much of the face's size (√ of the box's area), percent.
MOST_ERROR = 2.0
#: Left out after looking at every skin: what no figure above tells.
REFUSED = {
    "photos/photo_013.jpg": "overexposed: the skin is white",
    "photos/photo_040.jpg": "green light on cheeks and beard",
    "photos/photo_062.jpg": "strands of hair painted on the forehead",
    "photos/photo_078.jpg": "blue light on the whole face",
    "portraits/male_081.jpg": "green and violet light",
}


@dataclass(frozen=True)
class Skin:
    """One picture's skin: texture (KEPT, KEPT, 3) uint8 sRGB, and the figures that decide about it."""

    name: str
    texture: NDArray[np.uint8]
    seen: float
    agreement: float
    error_percent: float
    grey: bool

    @property
    def refused(self) -> str:
        """Why it is left out, "" when it is kept."""
        if self.grey:
            return "grey"
        if self.seen < LEAST_SEEN:
            return "little seen"
        if self.agreement < LEAST_AGREEMENT:
            return "covered or badly lit"
        if self.error_percent > MOST_ERROR:
            return "badly fitted"
        return REFUSED.get(self.name, "")


def training_pictures() -> list[str]:
    """The names of the training half, "folder/file"."""
    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file) if row["split"] == "training"]


def skin_of(model: MakeHumanHead, detector: MediaPipeDetector, data: Path, name: str) -> Skin | None:
    """Make the skin of the largest face of a picture; None where there is no face."""
    photo = read_image(data / name)
    faces = detector.detect(photo.pixels)
    if not faces:
        return None
    largest = max(faces, key=lambda face: np.prod(np.ptp(face.points[:468, :2], axis=0)))
    try:
        fit = fit_photo(model, largest, photo.pixels, photo.focal_px)
    except FitError:
        return None
    found = texture_from_photo(photo.pixels, model, fit.params, FULL)
    side = np.sqrt(np.prod(np.ptp(largest.points[:468, :2], axis=0)))
    mask = prior_of(model, FULL // 4).mask > 0.5
    confidence = found.confidence.reshape(FULL // 4, 4, FULL // 4, 4).mean((1, 3))
    error = 100 * float(fit.residual_px[:468].mean() / side)
    return Skin(name, _shrunk(found.texture), float(confidence[mask].mean()), fit.info["agreement"], error, found.grey)


def _shrunk(texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Average (FULL, FULL, ≥ 3) sRGB in linear light: (KEPT, KEPT, 3) uint8."""
    step = FULL // KEPT
    linear = LINEAR_OF_BYTE[texture[..., :3]].reshape(KEPT, step, KEPT, step, 3).mean((1, 3))
    return np.round(np.asarray(linear_to_srgb(linear)) * 255).astype(np.uint8)


def draw_sheet(skins: list[Skin], path: Path, side: int = 160, columns: int = 12) -> None:
    """Draw the faces' part of all textures with their figures; refused ones have a red frame."""
    rows = -(-len(skins) // columns)
    sheet = Image.new("RGB", (columns * side, rows * (side + 12)), "white")
    draw = ImageDraw.Draw(sheet)
    for k, skin in enumerate(skins):
        x, y = k % columns * side, k // columns * (side + 12)
        sheet.paste(Image.fromarray(skin.texture).resize((side, side)), (x, y))
        if skin.refused:
            draw.rectangle((x, y, x + side - 1, y + side - 1), outline="red", width=3)
        label = f"{Path(skin.name).stem[-10:]} {skin.seen:.2f} {skin.agreement:.2f} {skin.error_percent:.1f}"
        draw.text((x + 2, y + side), label, fill="black")
    sheet.save(path)


def main() -> None:
    """Make the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sheet", type=Path, help="also draw all textures into this picture")
    settings = parser.parse_args()
    data = settings.data or optional_data()
    model, detector = makehuman.load(), MediaPipeDetector()
    skins = []
    for name in training_pictures():
        skin = skin_of(model, detector, data, name)
        if skin is None:
            print(f"{name}: no face")
            continue
        if skin.refused:
            print(f"{name}: left out, {skin.refused}")
        skins.append(skin)
    if settings.sheet:
        draw_sheet(skins, settings.sheet)
    kept = [skin for skin in skins if not skin.refused]
    part = settings.out.with_suffix(".part.npz")
    np.savez_compressed(
        part, skins=np.stack([skin.texture for skin in kept]), names=np.array([skin.name for skin in kept])
    )
    os.replace(part, settings.out)
    print(f"{len(kept)} skins of {len(training_pictures())} pictures in {settings.out}")


if __name__ == "__main__":
    main()
