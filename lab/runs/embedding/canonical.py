"""First embedding of MediaPipe's points: its canonical face, bent onto our mean head; the irises on the eyeballs.

The canonical face (Apache-2.0) is brought onto the head by a similarity and then a thin-plate spline through the points
that it shares with iBUG's 68, and dropped on the closest skin. Depth and place along the skin are only roughly right:
`from_photos.py` improves them with what the detector sees on real faces.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.spatial import Delaunay

from facegpt.conventions import IRIS_DIAMETER_MM
from facegpt.detect.geometry import canonical_face
from facegpt.metrics import similarity_transform
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import LandmarkEmbedding
from lab.runs.embedding.surface import closest_on_surface
from lab.runs.shared.surface import vertex_normals

Floats = NDArray[np.float64]

#: MediaPipe's counterparts of ibug68 points 0-16 (some lie between two), then 17-67.
JAW = ((127,), (234,), (93,), (132,), (58, 172), (136,), (150,), (149, 176), (152,))
JAW = (*JAW, (378, 400), (379,), (365,), (288, 397), (361,), (323,), (454,), (356,))
INNER = (
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 168, 197, 5, 4, 98, 97, 2, 326, 327),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 81, 13, 311, 308, 402, 14, 178),
)
#: Iris points of one eye from its centre, in radii of the iris: centre, image right, top, image left, bottom.
IRIS_OFFSETS = np.array([(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)], float)


def skin_triangles(model: MorphableModel) -> NDArray[np.int64]:
    """The outer skin's triangles (N, 3)."""
    return model.triangles[model.part == model.part_names.index("skin")].astype(np.int64)


def canonical_triangles(points: Floats) -> NDArray[np.int64]:
    """Triangulate the canonical face (468, 3) on a cylinder about the head; good enough for normals."""
    azimuth = np.arctan2(points[:, 0], points[:, 2] - points[:, 2].min() + 30.0)
    triangles = Delaunay(np.stack([80.0 * azimuth, points[:, 1]], 1)).simplices
    corners = points[triangles]
    outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] > 0
    return np.where(outward[:, None], triangles, triangles[:, ::-1])


def bend_to_head(canonical: Floats, ibug68_points: Floats) -> Floats:
    """Bend the canonical points (468, 3) so that those with an ibug68 counterpart (68, 3) meet it: (468, 3) mm."""
    named = np.stack([canonical[list(group)].mean(0) for group in (*JAW, *((k,) for k in INNER))])
    factor, rotation, translation = similarity_transform(named, ibug68_points)
    moved, anchors = (factor * points @ rotation.T + translation for points in (canonical, named))
    spline = RBFInterpolator(anchors, ibug68_points - anchors, kernel="thin_plate_spline", smoothing=2.0)
    return moved + spline(moved)


def iris_vertices(model: MorphableModel) -> NDArray[np.int64]:
    """Find the eyeball vertices under the iris points: (10,), right eye then left, in the order of IRIS_OFFSETS."""
    with torch.no_grad():
        centres = model.joint_centres(torch.zeros(1, model.sizes.identity))[0].numpy()
    found = []
    for name in ("right_eye", "left_eye"):
        vertices = np.unique(model.triangles[model.part == model.part_names.index(name)])
        places = model.mean_vertices[vertices] - centres[model.joint_names.index(name)]
        front = np.where(places[:, 2:] > 0, places[:, :2], np.inf)
        wanted = IRIS_OFFSETS * IRIS_DIAMETER_MM / 2
        found.append(vertices[np.linalg.norm(front[None] - wanted[:, None], axis=2).argmin(1)])
    return np.concatenate(found)


def own_ibug68(model: MakeHumanHead) -> LandmarkEmbedding:
    """The 68 points that the head's file holds."""
    corners, weights = model.arrays["ibug68_corners"], model.arrays["ibug68_weights"]
    return LandmarkEmbedding("ibug68", corners.astype(np.int64), weights.astype(np.float32))


def with_brows(ibug68: LandmarkEmbedding, points: LandmarkEmbedding) -> LandmarkEmbedding:
    """Put points 17 to 26 of ibug68 where MediaPipe's upper rows of the brows lie."""
    corners, weights, rows = ibug68.corners.copy(), ibug68.weights.copy(), list(INNER[:10])
    corners[17:27], weights[17:27] = points.corners[rows], points.weights[rows]
    return LandmarkEmbedding("ibug68", corners, weights)


def first_embedding(model: MakeHumanHead) -> LandmarkEmbedding:
    """Build the embedding of all 478 points from the canonical face alone."""
    mean = np.asarray(model.mean_vertices, np.float64)
    points = bend_to_head(canonical_face().points, own_ibug68(model)(mean))
    normals = vertex_normals(points, canonical_triangles(points))
    corners, weights, _ = closest_on_surface(points, mean, skin_triangles(model), normals)
    irises = iris_vertices(model)
    return LandmarkEmbedding(
        "mediapipe478",
        np.concatenate([corners, np.repeat(irises[:, None], 3, 1)]).astype(np.int32),
        np.concatenate([weights, np.tile([1.0, 0.0, 0.0], (len(irises), 1))]).astype(np.float32),
    )
