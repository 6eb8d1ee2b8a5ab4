"""Finding faces: pixels in, points and expression scores out. The contract is in base.py."""

from facegpt.detect.base import Detector

__all__ = ["Detector"]
