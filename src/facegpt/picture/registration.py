"""Register the fitted head to the photo's landmarks to the pixel: an offset of each vertex, parallel to the image.

A fit explains lids and lips to a few pixels. A warp that moves the photo's own lips needs the mesh's lips on them, so
what is left of each landmark's error is spread over the surface as a membrane (harmonic interpolation, Joshi et al.
2007, sec. 3). Eyes and teeth, surfaces of their own, move as a whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.linalg import spsolve

from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, Detection, FaceParams

#: Points of the detector on the skin; the ten after them are those of the irises, right then left.
SKIN_POINTS, IRIS_RIGHT, IRIS_LEFT = 468, slice(468, 473), slice(473, 478)
#: Corners of the mouth among them: teeth move with their mean.
MOUTH_CORNERS = (61, 291)
#: Stiffness of the membrane beside a landmark's weight of 1, and how strongly far vertices stay.
STIFFNESS, ANCHOR = 0.15, 2e-3
#: An error above this share of the face's size is the detector's, not the fit's: it is cut to this.
MOST_SHARE = 0.045


def registered_offsets(model: MorphableModel, params: FaceParams, detection: Detection | None) -> Array:
    """Offsets (V, 3) mm, camera frame, that put the head's landmarks on the detected ones; zeros without a detection.

    params.camera is that of the pixels that the detection is in.
    """
    vertices = params.pose.apply(head_vertices(model, params)).astype(np.float64)
    offsets_px: Array = np.zeros((len(vertices), 2))
    if detection is not None:
        offsets_px = _offsets_px(model, params, vertices, detection)
    depth = vertices[:, 2:3]
    return np.concatenate([offsets_px * depth / params.camera.focal_px, np.zeros_like(depth)], 1)


def _offsets_px(model: MorphableModel, params: FaceParams, vertices: Array, detection: Detection) -> Array:
    embedding = model.embedding("mediapipe478")
    points = params.camera.project(embedding(vertices))
    error = np.asarray(detection.points[:, :2], np.float64) - points
    size = float(np.ptp(points[:SKIN_POINTS], axis=0).max())
    length = np.linalg.norm(error, axis=1, keepdims=True)
    error = error * np.minimum(1.0, MOST_SHARE * size / np.maximum(length, 1e-9))
    rows = np.repeat(np.arange(SKIN_POINTS), 3)
    shape = (SKIN_POINTS, len(vertices))
    corners, weights = embedding.corners[:SKIN_POINTS], embedding.weights[:SKIN_POINTS]
    told = csr_matrix((weights.ravel(), (rows, corners.ravel())), shape=shape)
    stiff = _membrane(model)  # type: ignore[arg-type]
    system = told.T @ told + STIFFNESS * stiff + ANCHOR * diags(np.ones(len(vertices)))
    offsets = np.stack([spsolve(system.tocsc(), told.T @ error[:SKIN_POINTS, k]) for k in range(2)], 1)
    mouth = error[list(MOUTH_CORNERS)].mean(0)
    for name, move in (
        ("right_eye", error[IRIS_RIGHT].mean(0)),
        ("left_eye", error[IRIS_LEFT].mean(0)),
        *((name, mouth) for name in ("upper_teeth", "lower_teeth", "tongue")),
    ):
        offsets[vertices_of(model, name)] = move
    return np.asarray(offsets)


def vertices_of(model: MorphableModel, *names: str) -> NDArray[np.integer]:
    """Numbers of the vertices of some parts, [] for parts that a model lacks."""
    wanted = [k for k, name in enumerate(model.part_names) if name in names]
    return np.unique(model.triangles[np.isin(model.part, wanted)])


@lru_cache(maxsize=2)
def _membrane(model: Any) -> csr_matrix:
    """The graph Laplacian (V, V) of the triangles' edges."""
    triangles, count = np.asarray(model.triangles), len(model.mean_vertices)
    ends = np.concatenate([triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    both = np.concatenate([ends, ends[:, ::-1]])
    links = coo_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(count, count)).tocsr()
    links.data[:] = 1.0
    return (diags(np.asarray(links.sum(1)).ravel()) - links).tocsr()
