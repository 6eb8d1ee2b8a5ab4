"""From the raw output of the face finder (BlazeFace, short range) to face boxes: anchors, decoding, suppression.

Source: Bazarevsky et al. 2019, arXiv:1907.05047, sec. 4; anchor layout as in MediaPipe's face_detector graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

#: Edge of the network's input, pixels.
INPUT_SIZE = 128
#: Cells along an edge and anchors in each: strides 8 and 16, 896 anchors in all.
GRIDS = ((16, 2), (8, 6))
#: Order of the six key points, named as the subject's.
RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)


@dataclass(frozen=True)
class Boxes:
    """Faces found in one window, best first.

    Attributes:
        points: (N, 8, 2) two opposite corners of the box, then the six key points; window coordinates 0..1.
        scores: (N,) 0..1.
    """

    points: Array
    scores: Array


def anchor_centres() -> Array:
    """(896, 2) centres of the anchors in window coordinates; all have the size of the whole window."""
    grids = []
    for cells, repeats in GRIDS:
        y, x = np.mgrid[:cells, :cells]
        centres = np.stack([x.ravel(), y.ravel()], 1) + 0.5
        grids.append(np.repeat(centres / cells, repeats, 0))
    return np.concatenate(grids)


ANCHORS = anchor_centres()


def decode(raw: Array, logits: Array, least_score: float, overlap: float = 0.3) -> Boxes:
    """Boxes of one window's raw output.

    Args:
        raw: (896, 16) centre x, y, width, height and six points, in input pixels relative to the anchor.
        logits: (896, 1).
        least_score: boxes with a lower score are dropped.
        overlap: boxes that share more than this (intersection over union) with a better one are averaged into it.
    """
    scores = 1.0 / (1.0 + np.exp(-np.clip(logits[:, 0].astype(np.float64), -80.0, 80.0)))
    kept = np.flatnonzero(scores >= least_score)
    values = raw[kept].astype(np.float64).reshape(-1, 8, 2) / INPUT_SIZE
    half = values[:, 1] / 2
    points = values + ANCHORS[kept, None]
    points[:, 1] = points[:, 0] + half
    points[:, 0] -= half
    return merge_overlapping(points, scores[kept], overlap)


def merge_overlapping(points: Array, scores: Array, overlap: float) -> Boxes:
    """Average each cluster of overlapping boxes, weighted by score (the paper's blending instead of suppression).

    A cluster is a best box and all that overlap it; it keeps the best score.
    """
    order = np.argsort(-scores, kind="stable")
    merged, best = [], []
    while order.size:
        shares = intersection_over_union(points[order[0], :2], points[order, :2])
        same = shares > overlap
        same[0] = True
        cluster = order[same]
        merged.append(np.average(points[cluster], axis=0, weights=scores[cluster]))
        best.append(scores[order[0]])
        order = order[~same]
    return Boxes(np.array(merged).reshape(-1, 8, 2), np.array(best))


def intersection_over_union(box: Array, others: Array) -> Array:
    """(N,) shared area of box (2, 2) with each of others (N, 2, 2); rows are the low and the high corner."""
    low, high = np.maximum(box[0], others[:, 0]), np.minimum(box[1], others[:, 1])
    shared = np.prod(np.clip(high - low, 0.0, None), -1)
    union = np.prod(box[1] - box[0]) + np.prod(others[:, 1] - others[:, 0], -1) - shared
    return shared / np.maximum(union, 1e-12)
