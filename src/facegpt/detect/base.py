"""The contract of a face detector: pixels in, faces with landmarks and expression scores out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Detection


@runtime_checkable
class Detector(Protocol):
    """Finds faces. Implementations: one file each in this folder, registered as an entry point."""

    name: str

    @property
    def quick(self) -> Detector:
        """A detector that does less work at some cost in precision; it may be this one."""
        ...

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Find the faces in an sRGB image (H, W, 3) uint8; the largest comes first; [] when there is none."""
        ...

    def detect_batch(self, images: Sequence[NDArray[np.uint8]]) -> list[list[Detection]]:
        """Find the faces of several images; the same result as one call each."""
        ...
