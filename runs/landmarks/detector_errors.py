"""Measure how the detector errs on the studio's crops: `python runs/landmarks/detector_errors.py FILE [COUNT]`.

Writes errors_mm (N, 478, 2) float16, the detector's points less the true ones, upright, and yaw_deg (N,). The
detector's landmark network looks through a window near the true one and then through the one that its points ask for,
as it does in use. About 2 minutes for 2,000 crops on one core; their seeds are of no crop that is trained or validated
on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from facegpt.detect.geometry import derolled, upright_roll_rad
from facegpt.detect.locate import Locator, window_of
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.windows import Photo
from facegpt.progress import Progress
from facegpt.synthesis.photo_sample import StudioPhoto, StudioSettings, make_photo
from facegpt.train.landmarks_detected import PRESENCE, moved
from facegpt.train.landmarks_errors import POINTS
from facegpt.types import Array

FIRST_SEED, SIZE_PX = 800_000_000, 192
#: Faces whose points lie further off than this (median) are lost, mm.
WORST_MM = 15.0


def detected(photo: StudioPhoto, networks: FaceNetworks, rng: np.random.Generator) -> Array | None:
    """Give the detector's points (478, 2) in pixels of a crop, or None where it sees no face."""
    locator = Locator(Photo(photo.image), networks, PRESENCE, 1.0, refine=False, flip=False)
    window = window_of(photo.points_px[:POINTS].astype(np.float64))
    points, _ = locator.landmarks(moved(window, rng, (0.04, 0.04, 0.08, 0.08)))
    points, presence = locator.landmarks(window_of(points))
    return points[:, :2] if presence >= PRESENCE else None


def main() -> None:
    """Render, detect, compare and save."""
    path, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    networks, settings = FaceNetworks(), StudioSettings(framing="crop", size_px=SIZE_PX)
    rng = np.random.default_rng(0)
    errors, yaws = [], []
    with Progress("crops", count) as show:
        for k in range(count):
            photo = make_photo(FIRST_SEED + k, settings)
            found = detected(photo, networks, rng)
            if found is not None:
                truth = photo.points_px[:POINTS].astype(np.float64)
                error = derolled(found - truth, upright_roll_rad(truth)) / photo.px_per_mm
                if np.median(np.linalg.norm(error, axis=1)) < WORST_MM:
                    errors.append(error)
                    yaws.append(photo.yaw_deg)
            show(k + 1)
    measured = np.array(errors)
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, errors_mm=measured.astype(np.float16), yaw_deg=np.array(yaws, np.float32))
    part.replace(path)
    sizes = np.linalg.norm(measured[:, :468], axis=2)
    print(f"{len(measured)} of {count} faces seen; median error {np.median(sizes.mean(1)):.2f} mm")


if __name__ == "__main__":
    main()
