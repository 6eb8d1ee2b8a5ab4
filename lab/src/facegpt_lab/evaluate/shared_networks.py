"""The head and the networks that evaluations share, each loaded once in a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.api import FaceGPT, load
from facegpt.detect.base import Detector
from facegpt.encode import identity
from facegpt.encode.base import Landmarker
from facegpt.fitting import fit_photo
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime import registry
from facegpt.types import DensePoints, Detection, FaceParams


@cache
def model() -> FaceGPT:
    """The whole program, as a user loads it."""
    return load()


@cache
def head() -> MakeHumanHead:
    """The default head."""
    return makehuman.load()


@cache
def detector() -> Detector:
    """The default detector."""
    found: Detector = registry.load("detect")
    return found


@cache
def landmarker() -> Landmarker:
    """The default encoder."""
    found: Landmarker = registry.load("encode")
    return found


def whole_look(image: NDArray[np.uint8], detection: Detection) -> DensePoints:
    """What `reconstruct` is told of a face: the dense network's points, and whose face it is."""
    return identity.whole_look(landmarker(), image, detection)


def fit_file(path: Path) -> FaceParams | None:
    """Fit the largest face of a photo as `balanced` does; None where no face is found."""
    with Image.open(path) as opened:
        image = np.asarray(opened.convert("RGB"))
    faces = detector().detect(image)
    if not faces:
        return None
    return fit_photo(head(), faces[0], image, dense=whole_look(image, faces[0])).params
