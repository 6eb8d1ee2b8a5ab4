"""Train the network of eyewear and write it: see README.md beside this script.

    python -m lab.runs.eyewear.train --photos FOLDER --out FOLDER

FOLDER of photos has the subfolders portraits and photos of photo_split.csv; only its training half is read.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from facegpt.assets import FOLDER, register
from facegpt.data.images import photo_of
from facegpt.detect.windows import Photo
from facegpt.encode.eyewear import ASSET
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.train.eyewear.training import EyewearSettings, SeenPhoto, export, train

#: Pictures of photo_split.csv whose people wear glasses, by eye; all others do not.
WEARERS = Path(__file__).with_name("wearers.csv")


def photos_of(folder: Path, half: str) -> dict[str, SeenPhoto]:
    """The photos of one half of the split, with the detector's points that lie beside them."""
    with WEARERS.open(encoding="utf-8", newline="") as file:
        wearers = {row["name"] for row in csv.DictReader(file)}
    with PHOTO_SPLIT.open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file) if row["split"] == half]
    points = {}
    for part in {name.split("/")[0] for name in names}:
        with np.load(folder / part / "landmarks.npz") as arrays:
            stems = [f"{part}/{Path(str(name)).stem}.jpg" for name in arrays["names"]]
            points.update(zip(stems, arrays["mediapipe_xyz"].astype(np.float64), strict=True))
    return {
        name: SeenPhoto(Photo(photo_of(folder / name).pixels), points[name], name in wearers)
        for name in names
        if name in points
    }


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=EyewearSettings.minutes)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    photos = list(photos_of(options.photos, "training").values())
    network = train(photos, options.out, EyewearSettings(minutes=options.minutes))
    export(network, FOLDER / ASSET)
    print(ASSET, register(ASSET))


if __name__ == "__main__":
    main()
