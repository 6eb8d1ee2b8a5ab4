"""Split the portraits and photos into training and validation, by person: writes photo_split.csv of facegpt_lab/assets.

The generator of the portraits repeats people, so pictures are clustered by face descriptor (average linkage) and a
cluster never crosses the split. Within each kind of picture the clusters go, largest first, to the smaller half.

    FACEGPT_DATA=… python -m lab.runs.albedo.split
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy.cluster.hierarchy import fcluster, linkage

from facegpt.encode.face_chips import face_chip
from facegpt.encode.recognition import FaceRecognition, chips_to_tensor
from facegpt_lab.assets import PHOTO_SPLIT

SPLIT_FILE = PHOTO_SPLIT
#: Mean distance between clusters below which pictures count as one person; other people are usually > 0.6 apart.
SAME_PERSON = 0.38
# MediaPipe points that stand for the ibug68 groups which the chip's alignment averages.
_RIGHT_EYE, _LEFT_EYE, _MOUTH = [33, 160, 158, 133, 153, 144], [362, 385, 387, 263, 373, 380], [61, 291, 0, 17]


def data_folder() -> Path:
    """Find the folder with portraits/ and photos/: FACEGPT_DATA, or shared/data beside the checkout."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    return Path(os.environ.get("FACEGPT_DATA", beside))


def read_split() -> dict[str, str]:
    """Read the committed split: "portraits/female_000.jpg" → "training" or "validation"."""
    with SPLIT_FILE.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["split"] for row in csv.DictReader(lines)}


def describe(folder: Path) -> tuple[list[str], np.ndarray]:
    """Describe the pictures of one folder: names and (N, 128) descriptors, means over a face and its mirror image."""
    marks = np.load(folder / "landmarks.npz")
    names, chips = [], []
    for name, xyz in zip(marks["names"], marks["mediapipe_xyz"], strict=True):
        points = np.zeros((68, 2))
        points[36:42], points[42:48] = xyz[_RIGHT_EYE, :2], xyz[_LEFT_EYE, :2]
        points[48:68] = xyz[_MOUTH, :2].mean(0)
        chip = face_chip(np.asarray(Image.open(folder / str(name)).convert("RGB")), points)
        chips += [chip, chip[:, ::-1]]
        names.append(f"{folder.name}/{name}")
    with torch.no_grad():
        network = FaceRecognition()
        found = [network(chips_to_tensor(np.stack(chips[i : i + 32]))).numpy() for i in range(0, len(chips), 32)]
    return names, np.concatenate(found).reshape(len(names), 2, -1).mean(1)


def split_by_person(names: list[str], person: np.ndarray) -> list[str]:
    """Which half, "training" or "validation", each picture is in; a person is in one half only."""
    kind = [name.split("_")[0] for name in names]
    count = {(k, half): 0 for k in sorted(set(kind)) for half in ("training", "validation")}
    half_of: dict[int, str] = {}
    members = {int(p): [i for i in range(len(names)) if person[i] == p] for p in np.unique(person)}
    for p in sorted(members, key=lambda p: (-len(members[p]), names[members[p][0]])):
        k = kind[members[p][0]]
        half = "training" if count[k, "training"] <= count[k, "validation"] else "validation"
        half_of[p] = half
        for i in members[p]:
            count[kind[i], half] += 1
    return [half_of[int(p)] for p in person]


def main() -> None:
    """Write the split file."""
    parts = [describe(data_folder() / name) for name in ("portraits", "photos")]
    names = [name for part in parts for name in part[0]]
    person = fcluster(linkage(np.concatenate([part[1] for part in parts]), "average"), SAME_PERSON, "distance")
    first = {p: i for i, p in reversed(list(enumerate(person)))}  # number people by their first picture
    order = {p: n for n, p in enumerate(sorted(first, key=first.__getitem__))}
    halves = split_by_person(names, person)
    with SPLIT_FILE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["name", "split", "person"])
        writer.writerows((n, h, order[p]) for n, h, p in zip(names, halves, person, strict=True))
    print(f"{len(names)} pictures, {len(order)} people, {halves.count('training')} pictures in training")


if __name__ == "__main__":
    main()
