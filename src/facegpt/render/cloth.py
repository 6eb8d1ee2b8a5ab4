"""Headwear in pictures: dull cloth that has a picture. Frames and units: conventions.py; light: render/base.py."""

from __future__ import annotations

import numpy as np
from numba import njit

from facegpt.conventions import linear_of_bytes
from facegpt.morphable.proxies import Proxy
from facegpt.render.base import Renderer
from facegpt.render.drawn import draw_in_window
from facegpt.render.scalar import HALF, KERNEL, ONE, ZERO
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
    drawn = image.triangle >= 0
    left = np.asarray(proxy.open_to_light, np.float32)
    if left.min() < 1.0:  # a brim and its crown hide the sky from each other
        rows = mesh.triangles[image.triangle[drawn]]
        image.color[drawn] *= (left[rows] * image.barycentric[drawn]).sum(1, keepdims=True)
    _lay(image.triangle, image.depth, image.coverage, image.color, depth[place], color[place], coverage[place])


@njit(**KERNEL)
def _lay(triangle, near, cover, drawn, depth, color, coverage):  # type: ignore[no-untyped-def]
    """Lay what is drawn of cloth over a window of a picture, in place, where nothing of that is nearer."""
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            if triangle[y, x] < 0 or (depth[y, x] > ZERO and near[y, x] >= depth[y, x]):
                continue
            alpha = cover[y, x]
            for k in range(3):
                color[y, x, k] = drawn[y, x, k] + color[y, x, k] * (ONE - alpha)
            coverage[y, x] = alpha + coverage[y, x] * (ONE - alpha)
            if alpha > HALF:
                depth[y, x] = near[y, x]
