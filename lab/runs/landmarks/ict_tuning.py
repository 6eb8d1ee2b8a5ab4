"""Make out-of-model faces for tuning: `python -m lab.runs.landmarks.ict_tuning FILE [COUNT] [FOLDER]`.

Path-traced ICT heads as of `facegpt eval out_of_model`, of other seeds (from FIRST_SEED on; the evaluation's own stay
unseen), as the network gets them: crop and the detector's points in it, with the truth. FOLDER holds or gets the photos
as SEED.npz with an array `image`; about 5 s a photo. Needs FACEGPT_DATA and mitsuba.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.detect.windows import Photo
from facegpt.encode.dense_landmarks import CROP_PX, DenseLandmarker, crop_window
from facegpt.types import Array
from facegpt_lab.evaluate.judges.ict_points import points_on_ict, without_offset
from facegpt_lab.evaluate.protocols.landmarks import seen_by
from facegpt_lab.evaluate.protocols.out_of_model import make_sample, make_scene
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.synthesis.studio.ict_person import IctHead

FIRST_SEED, COUNT, SURFACE = 5000, 40, 468
#: Share of the network's points in the mean of both.
MIXED = 0.6


@dataclass(frozen=True, eq=False)
class Faces:
    """N faces as the network gets them, and the truth.

    Attributes:
        crop: (N, 3, 128, 128) uint8. detected: (N, 478, 2) and truth: (N, P, 2) in crop units.
        unit_mm: (N,) mm of a crop unit. axes: (N, 2, 2) steps of the crop's axes in the photo, of length 1.
        rotation: (N, 3, 3) head → camera.
    """

    crop: NDArray[np.uint8]
    detected: Array
    truth: Array
    unit_mm: Array
    axes: Array
    rotation: Array

    @classmethod
    def load(cls, path: Path) -> Faces:
        """Read the file."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})

    def errors_mm(self, points: Array) -> Array:
        """Errors (N, 468) of points (N, 468+, 2) in crop units, constant offsets of each point taken off."""
        off = (points[:, :SURFACE] - self.truth[:, :SURFACE]) * self.unit_mm[:, None, None]
        return np.linalg.norm(without_offset(np.einsum("nij,npj->npi", self.axes, off), self.rotation), axis=2)


def seen(landmarker: DenseLandmarker, crop: Array, detected: Array) -> dict[str, Array]:
    """Look at crops (N, 3, 128, 128) uint8 and at their mirror images: means of points and of log sigma."""
    mirror = landmarker.mirror.points
    known = detected[:, mirror[: detected.shape[1]]] * np.array((-1, 1), np.float32)
    plain, other = (landmarker.run(*one) for one in ((crop / 255, detected), (crop[..., ::-1] / 255, known)))
    points = (plain["points"] + other["points"][:, mirror] * np.array((-1, 1), np.float32)) / 2
    return {"points": points, "log_sigma": (plain["log_sigma"] + other["log_sigma"][:, mirror]) / 2}


def write_faces(path: Path, count: int, photos: Path) -> None:
    """Make what photos are missing, find the faces, and write them."""
    data = optional_data()
    ict, detector = IctHead(data / "ict_facekit.npz"), MediaPipeDetector()
    embedding = points_on_ict(head(), ict)
    photos.mkdir(parents=True, exist_ok=True)
    columns: dict[str, list[Array]] = {name: [] for name in Faces.__dataclass_fields__}
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        file = photos / f"{seed}.npz"
        if not file.is_file():
            np.savez(file.with_suffix(".part.npz"), image=make_sample(seed, data).image)
            file.with_suffix(".part.npz").replace(file)
        with np.load(file, allow_pickle=False) as arrays:
            image = arrays["image"]
        found = detector.detect(image)
        if not found:
            continue
        scene = make_scene(seed, ict, data)
        pixels, scale = seen_by(embedding(scene.person.vertices), scene.pose, scene.camera)
        window = crop_window(found[0].points)
        middle = np.array([window.x, window.y])
        crop = Photo(image).crop(window, CROP_PX, repeat_border=True)
        row = {"crop": np.round(crop * 255).astype(np.uint8), "unit_mm": window.side / 2 / scale[:SURFACE].mean()}
        row |= {"axes": window.axes() / window.side, "rotation": scene.pose.rotation}
        for name, points in (("detected", found[0].points[:, :2]), ("truth", pixels)):
            row[name] = (np.linalg.solve(window.axes(), (points - middle).T).T * 2).astype(np.float32)
        for name, value in row.items():
            columns[name].append(value)
    np.savez(path, **{name: np.stack(values) for name, values in columns.items()})


def main() -> None:
    """Make the file, and say how well the package's network does on it."""
    path, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    if not path.is_file():
        write_faces(path, count, Path(sys.argv[3]) if len(sys.argv) > 3 else path.parent / "ict")
    faces = Faces.load(path)
    own = seen(DenseLandmarker(), faces.crop, faces.detected)["points"][:, :SURFACE]
    mixed = MIXED * own + (1 - MIXED) * faces.detected[:, :SURFACE]
    for name, points in (("the detector", faces.detected), ("the network", own), ("both", mixed)):
        print(f"{name}: {faces.errors_mm(points).mean():.3f} mm on {len(faces.crop)} faces")


if __name__ == "__main__":
    main()
