"""Put the lid points on the lid margins, the edge that detectors mean; offsets on the skin end up 2 mm from it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS
from facegpt.morphable.makehuman import MakeHumanHead
from facegpt.types import LandmarkEmbedding

#: The front edge of the lid margin lies this far from the centre of the eyeball (radius 12.6 mm), mm.
MARGIN_MM = (13.05, 13.48)
#: Among the 16 points of an eye: the corners keep their place, 1-7 are lower, 9-15 upper.
_LOWER, _UPPER = range(1, 8), range(9, 16)


def on_lid_margins(model: MakeHumanHead, embedding: LandmarkEmbedding) -> LandmarkEmbedding:
    """Move the lid points, but the corners, up or down to the margin; left first, right as its mirror image."""
    corners, weights = embedding.corners.copy(), embedding.weights.copy()
    vertices = np.asarray(model.mean_vertices, np.float64)
    for rows, upper in ((_LOWER, False), (_UPPER, True)):
        ring = _margin(model, vertices, upper)
        for row in rows:
            x = float(embedding(vertices)[LEFT_LIDS[row], 0])
            after = int(np.clip(np.searchsorted(vertices[ring, 0], x), 1, len(ring) - 1))
            pair = ring[after - 1 : after + 1]
            share = float(np.clip((x - vertices[pair[0], 0]) / np.ptp(vertices[pair, 0]), 0, 1))
            for points, ids in ((LEFT_LIDS, pair), (RIGHT_LIDS, model.mirror[pair])):
                corners[points[row]] = (ids[0], ids[1], ids[1])
                weights[points[row]] = (1 - share, share, 0)
    return LandmarkEmbedding(embedding.name, corners, weights)


def _margin(model: MakeHumanHead, vertices: NDArray[np.float64], upper: bool) -> NDArray[np.int64]:
    """Give the vertices of the left eye's upper or lower margin from the inner to the outer corner, x increasing."""
    centre = model.joint_centres(torch.zeros(1, model.sizes.identity))[0, model.joint_names.index("left_eye")].numpy()
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    offset = vertices[skin] - centre
    distance = np.linalg.norm(offset, axis=1)
    near = skin[(distance > MARGIN_MM[0]) & (distance < MARGIN_MM[1]) & (offset[:, 2] > 3)]
    inner, outer = vertices[near, 0].argmin(), vertices[near, 0].argmax()
    ends = vertices[near][[inner, outer]]
    line = np.interp(vertices[near, 0], ends[:, 0], ends[:, 1])
    half = near[(vertices[near, 1] > line) == upper]
    half = half[np.argsort(vertices[half, 0])]
    return half[np.concatenate([[True], np.diff(vertices[half, 0]) > 0.05])]
