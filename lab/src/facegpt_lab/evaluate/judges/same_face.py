"""Which of the faces found in a photo is the one whose points are known."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array, Detection

#: A detection counts as the annotated face when their boxes share at least this much (intersection over union).
SAME_FACE = 0.3


def annotated_face(detections: list[Detection], points: Array) -> Detection | None:
    """Pick the detection whose box overlaps that of the annotated points most, None if none does."""
    truth = np.concatenate([points.min(0), points.max(0)])
    shares = [_overlap(detection.box, truth) for detection in detections]
    return detections[int(np.argmax(shares))] if shares and max(shares) >= SAME_FACE else None


def _overlap(a: Array, b: Array) -> float:
    inner = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
    return float(inner / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inner))
