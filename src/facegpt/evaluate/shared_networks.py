"""The head and the networks that evaluations share, each loaded once in a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.base import Landmarker
from facegpt.fitting import fit_photo
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import FaceParams


@cache
def head() -> MakeHumanHead:
    """Give the default head."""
    return makehuman.load()


@cache
def detector() -> MediaPipeDetector:
    """Give the detector as it comes."""
    return MediaPipeDetector()


@cache
def landmarker() -> Landmarker:
    """Give the network of dense landmarks."""
    from facegpt.encode.dense_landmarks import DenseLandmarker

    return DenseLandmarker()


def fit_file(path: Path) -> FaceParams | None:
    """Fit the largest face of a photo as `balanced` does; None where no face is found."""
    with Image.open(path) as opened:
        image = np.asarray(opened.convert("RGB"))
    faces = detector().detect(image)
    if not faces:
        return None
    return fit_photo(head(), faces[0], image, dense=landmarker().predict(image, faces[0])).params
