"""Cut training faces out of real photos, without labels: `python -m lab.runs.landmarks.photo_crops FILE [PHOTO …]`.

Without photos of one's own: the training half of portraits/ and photos/ (assets/photo_split.csv) in the folder that
FACEGPT_DATA names. Half a second a photo. The faces are pictures of people and no part of the package.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.train.landmarks.photo_consistency import write_photo_faces


def training_photos() -> list[Path]:
    """The files of the training half."""
    data = optional_data()
    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        return [data / row["name"] for row in csv.DictReader(file) if row["split"] == "training"]


def main() -> None:
    """Find the faces and write them."""
    photos = [Path(name) for name in sys.argv[2:]] or training_photos()
    faces = write_photo_faces(photos, Path(sys.argv[1]), MediaPipeDetector())
    print(f"{len(faces)} faces of {len(photos)} photos in {sys.argv[1]}")


if __name__ == "__main__":
    main()
