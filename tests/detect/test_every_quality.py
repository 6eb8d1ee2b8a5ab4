"""What the quick detector finds in a photo the whole one finds too, at every size: no better quality loses a face."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facegpt.detect.mediapipe import MediaPipeDetector

#: The longer side of the photo, px: as taken, small, and with faces of a few dozen pixels.
SIDES = (640, 200, 110)


@pytest.fixture(scope="module")
def detector() -> MediaPipeDetector:
    return MediaPipeDetector()


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    inner = float(np.prod(np.maximum(high - low, 0)))
    return inner / float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - inner)


@pytest.mark.slow
def test_every_face_of_the_quick_detector_is_found_by_the_whole_one(detector, shared_data):
    quick, seen = detector.quick, 0
    for file in sorted((shared_data / "photos").glob("*.jpg"))[::8]:
        photo = Image.open(file).convert("RGB")
        for side in SIDES:
            share = min(1.0, side / max(photo.size))
            size = round(photo.width * share), round(photo.height * share)
            pixels = np.asarray(photo.resize(size, Image.Resampling.BOX))
            whole = [found.box for found in detector.detect(pixels)]
            for found in quick.detect(pixels):
                assert max((overlap(found.box, box) for box in whole), default=0.0) > 0.3, (file.name, side)
                seen += 1
    assert seen > 30
