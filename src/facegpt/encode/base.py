"""The contract of a dense landmarker: a photo and a detected face in, points of the head model with their SDs out."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from facegpt.types import DensePoints, Detection


@runtime_checkable
class Landmarker(Protocol):
    """Finds the points of the embedding "dense" of the default head. Shipped: encode/dense_landmarks.py."""

    def predict(self, image: NDArray[np.uint8], detection: Detection) -> DensePoints:
        """Look at one face of an sRGB image (H, W, 3) uint8."""
        ...
