"""The head in front of the photo's camera: vertices, normals, and the depth of the first surface."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.unwrap import Posed
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.render.uv import depth_map
from facegpt.types import Array, Camera, FaceParams

#: Longer side of the depth map, pixels.
DEPTH_SIZE = 320
#: Parts that hide nothing: one sees through them.
SEE_THROUGH = ("lashes",)


def pose_head(model: MorphableModel, params: FaceParams) -> Posed:
    """Put the head where `params` says and render its depth."""
    vertices = params.pose.apply(head_vertices(model, params)).astype(np.float32)
    normals = vertex_normals(vertices, np.asarray(model.triangles))
    depth, scale, origin = depth_around(vertices, _solid_triangles(model), params.camera)  # type: ignore[arg-type]
    return Posed(np.ascontiguousarray(vertices), normals, params.camera, depth, scale, origin)


@lru_cache(maxsize=2)
def _solid_triangles(model: MorphableModel) -> NDArray[np.uint32]:
    """The triangles (F, 3) of parts that hide what is behind them."""
    hides = [i for i, name in enumerate(model.part_names) if name not in SEE_THROUGH]
    return np.ascontiguousarray(np.asarray(model.triangles)[np.isin(np.asarray(model.part), hides)], np.uint32)


def depth_around(
    vertices: Array, triangles: NDArray[np.integer], camera: Camera
) -> tuple[NDArray[np.float32], float, tuple[float, float]]:
    """Render the depth (h, w) mm around the head (inf for none); also its pixels per photo pixel and its corner."""
    in_front = vertices[:, 2] > 1.0
    if not in_front.any():
        return np.full((1, 1), np.inf, np.float32), 1.0, (0.0, 0.0)
    pixels = np.ascontiguousarray(camera.project(vertices[in_front]).T)  # reductions along pairs take ten times
    low = np.maximum(np.floor(pixels.min(1)), 0)
    high = np.minimum(np.ceil(pixels.max(1)), [camera.width - 1, camera.height - 1])
    width, height = np.maximum(high - low + 1, 1)
    scale = float(DEPTH_SIZE / max(width, height))
    centre = (np.asarray(camera.principal_px) - low + 0.5) * scale - 0.5
    sides = [max(round(float(side) * scale), 1) for side in (width, height)]
    near = Camera(camera.focal_px * scale, (float(centre[0]), float(centre[1])), sides[0], sides[1])
    return depth_map(vertices, triangles, near), scale, (float(low[0]), float(low[1]))
