"""Put the lid points on the lid margins, the edge that detectors mean; offsets on the skin end up 2 mm from it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import LandmarkEmbedding
from lab.runs.embedding.surface import closest_on_surface

#: The front edge of the lid margin lies this far from the centre of the eyeball (radius 12.6 mm), mm.
MARGIN_MM = (13.05, 13.48)
#: Among the 16 points of an eye: the corners keep their place, 1-7 are lower, 9-15 upper.
_LOWER, _UPPER = list(range(1, 8)), list(range(9, 16))


def on_lid_margins(model: MakeHumanHead, embedding: LandmarkEmbedding) -> LandmarkEmbedding:
    """Move the lid points, but the corners, up or down to the margin; left first, right as its mirror image."""
    corners, weights = embedding.corners.copy(), embedding.weights.copy()
    vertices = np.asarray(model.mean_vertices, np.float64)
    for rows, upper in ((_LOWER, False), (_UPPER, True)):
        ring = _margin(model, vertices, upper)
        triangles = model.triangles[np.isin(model.triangles, ring).any(1)]
        x = embedding(vertices)[np.array(LEFT_LIDS)[rows], 0]
        points = np.stack([np.interp(x, vertices[ring, 0], vertices[ring, axis]) for axis in range(3)], 1)
        found, shares, _ = closest_on_surface(points, vertices, triangles, np.tile((0.0, 0.0, 1.0), (len(x), 1)))
        for row, ids, share in zip(rows, found, shares, strict=True):
            corners[LEFT_LIDS[row]], weights[LEFT_LIDS[row]] = ids, share
            corners[RIGHT_LIDS[row]], weights[RIGHT_LIDS[row]] = model.mirror[ids], share
    return LandmarkEmbedding(embedding.name, corners, weights)


def _margin(model: MakeHumanHead, vertices: NDArray[np.float64], upper: bool) -> NDArray[np.int64]:
    """The vertices of the left eye's upper or lower margin from the inner to the outer corner, x increasing."""
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
