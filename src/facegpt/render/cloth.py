"""Headwear in pictures: dull cloth that has a picture. Frames and units: conventions.py; light: render/base.py."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import linear_of_bytes
from facegpt.morphable.proxies import Proxy
from facegpt.render.base import Renderer
from facegpt.render.drawn import draw_in_window
from facegpt.types import Array, Camera, Pose


def lay_cloth(
    proxy: Proxy,
    pose: Pose,
    lighting: Array,
    camera: Camera,
    renderer: Renderer,
    depth: Array,
    color: Array,
    coverage: Array,
) -> None:
    """Draw cloth over color (H, W, 3), coverage and depth (H, W), in place.

    Args:
        proxy: a mesh with a picture.
        pose: head → camera.
        lighting: (9, 3).
        camera: of the picture.
        renderer: what draws.
        depth: mm, 0 where nothing is yet.
        color: linear RGB times coverage.
        coverage: 0..1.
    """
    mesh = proxy.mesh
    vertices = np.ascontiguousarray(pose.apply(mesh.vertices), np.float32)
    texture = np.ascontiguousarray(np.moveaxis(linear_of_bytes(np.asarray(mesh.texture)), -1, 0), np.float32)
    kept = np.ones(len(mesh.triangles), bool)
    found = draw_in_window(renderer, mesh, kept, vertices, texture, lighting, camera)
    if found is None:
        return
    image, _, place = found
    behind = depth[place]
    seen = (image.triangle >= 0) & ((behind <= 0) | (image.depth < behind))
    alpha = np.where(seen, image.coverage, 0.0)
    color[place] = np.where(seen[..., None], image.color, 0.0) + color[place] * (1 - alpha[..., None])
    coverage[place] = alpha + coverage[place] * (1 - alpha)
    depth[place] = np.where(alpha > 0.5, image.depth, behind)
