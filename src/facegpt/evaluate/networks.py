"""The head and the networks that evaluations share, each loaded once in a process."""

from __future__ import annotations

from functools import cache

from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.base import Landmarker
from facegpt.morphable import makehuman
from facegpt.morphable.makehuman import MakeHumanHead


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
