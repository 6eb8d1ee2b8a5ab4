"""Maps between the texture atlas and the surface, and which points a camera sees.

Convention: row 0 of an atlas is v = 1; the centre of texel (row, column) is at u = (column + 0.5) / width,
v = 1 - (row + 0.5) / height (conventions.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.morphable.normals import vertex_normals
from facegpt.render import channels
from facegpt.render.numba_cpu import forward as numba_forward
from facegpt.render.scalar import JIT, NEAR_MM
from facegpt.types import Array, Camera


@dataclass(frozen=True)
class Atlas:
    """Which point of the surface each texel shows.

    Attributes:
        triangle: (H, W) int32, -1 outside the islands.
        barycentric: (H, W, 3) float32 of the texel's centre; 0 outside. In the margin around an island they belong
            to the nearest point of its border.
        inside: (H, W) bool, True where the texel's centre lies in a triangle, False in the margin and outside.
    """

    triangle: NDArray[np.int32]
    barycentric: NDArray[np.float32]
    inside: NDArray[np.bool_]

    def interpolate(self, values: Array, triangles: NDArray[np.integer]) -> Array:
        """Carry values of corners (N, C), indexed by triangles (F, 3), to the texels: (H, W, C), 0 outside."""
        corners = np.asarray(triangles)[np.maximum(self.triangle, 0)]
        return np.einsum("hwk,hwkc->hwc", self.barycentric, np.asarray(values)[corners])


def rasterize_atlas(uv: Array, uv_triangles: NDArray[np.integer], height: int, width: int, margin: int = 0) -> Atlas:
    """Find the triangle and the barycentric coordinates of every texel's centre.

    uv: (U, 2) in [0, 1]. Where islands overlap, the first triangle wins. margin: texels around the islands that take
    the nearest border point, so that bilinear sampling at a seam meets no empty texel.
    """
    placed = np.stack([uv[:, 0] * width - 0.5, (1.0 - uv[:, 1]) * height - 0.5], 1).astype(np.float64)
    triangle = np.full((height, width), -1, np.int32)
    barycentric = np.zeros((height, width, 3), np.float32)
    corners = np.ascontiguousarray(uv_triangles, np.int32)
    _fill_atlas(placed, corners, triangle, barycentric)
    inside = triangle >= 0
    if margin > 0:
        _fill_margin(placed, corners, margin, triangle, barycentric, inside)
    return Atlas(triangle, barycentric, inside)


@njit(**JIT)
def _fill_atlas(placed, triangles, triangle, barycentric):
    height, width = triangle.shape
    for f in range(len(triangles)):
        ax, ay = placed[triangles[f, 0]]
        bx, by = placed[triangles[f, 1]]
        cx, cy = placed[triangles[f, 2]]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if area == 0.0:
            continue
        for y in range(max(math.ceil(min(ay, by, cy)), 0), min(math.floor(max(ay, by, cy)), height - 1) + 1):
            for x in range(max(math.ceil(min(ax, bx, cx)), 0), min(math.floor(max(ax, bx, cx)), width - 1) + 1):
                b1 = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
                b2 = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
                b0 = 1.0 - b1 - b2
                # The slack closes the rounding gap between neighbours; it is far below a texel.
                if b0 >= -1e-9 and b1 >= -1e-9 and b2 >= -1e-9 and triangle[y, x] < 0:
                    triangle[y, x] = f
                    barycentric[y, x, 0], barycentric[y, x, 1], barycentric[y, x, 2] = b0, b1, b2


@njit(**JIT)
def _fill_margin(placed, triangles, margin, triangle, barycentric, inside):
    """Texels within `margin` of a triangle its nearest point; the nearest triangle wins."""
    height, width = triangle.shape
    distance = np.full((height, width), 1e30)
    for f in range(len(triangles)):
        corners = placed[triangles[f]]
        x_lo, x_hi = math.ceil(corners[:, 0].min() - margin), math.floor(corners[:, 0].max() + margin)
        y_lo, y_hi = math.ceil(corners[:, 1].min() - margin), math.floor(corners[:, 1].max() + margin)
        for y in range(max(y_lo, 0), min(y_hi, height - 1) + 1):
            for x in range(max(x_lo, 0), min(x_hi, width - 1) + 1):
                if inside[y, x]:
                    continue
                for k in range(3):
                    t, square = _nearest_on_segment(corners, k, (k + 1) % 3, x, y)
                    if square <= margin * margin and square < distance[y, x]:
                        distance[y, x], triangle[y, x] = square, f
                        barycentric[y, x, k], barycentric[y, x, (k + 1) % 3] = 1.0 - t, t
                        barycentric[y, x, (k + 2) % 3] = 0.0


@njit(**JIT)
def _nearest_on_segment(corners, i, j, x, y):
    """The place t in 0..1 of the point of the segment nearest to (x, y), and its squared distance."""
    ux, uy = corners[j, 0] - corners[i, 0], corners[j, 1] - corners[i, 1]
    wx, wy = x - corners[i, 0], y - corners[i, 1]
    length = ux * ux + uy * uy
    t = min(max((wx * ux + wy * uy) / length, 0.0), 1.0) if length > 0.0 else 0.0
    return t, (wx - t * ux) ** 2 + (wy - t * uy) ** 2


def depth_map(vertices_camera: Array, triangles: NDArray[np.integer], camera: Camera) -> NDArray[np.float32]:
    """The depth in mm of the nearest surface at each pixel: (H, W), infinity where nothing is."""
    with np.errstate(divide="ignore"):
        return 1.0 / _nearest(vertices_camera, triangles, camera)[0]


def first_surface(
    vertices_camera: Array, triangles: NDArray[np.integer], camera: Camera
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The nearest triangle at each pixel's centre, (H, W), -1 for none, and its barycentric weights (H, W, 3)."""
    index = _nearest(vertices_camera, triangles, camera)[1]
    weights = np.zeros((*index.shape, 3))
    row, column = np.nonzero(index >= 0)
    corners = np.asarray(vertices_camera, np.float64)[np.asarray(triangles)[index[row, column]]]
    ray = (np.stack([column, row], 1) - camera.principal_px) / camera.focal_px
    ray = np.concatenate([ray, np.ones((len(ray), 1))], 1)
    solid = np.stack([np.einsum("nc,nc->n", ray, np.cross(corners[:, k - 2], corners[:, k - 1])) for k in range(3)], 1)
    weights[row, column] = solid / solid.sum(1, keepdims=True)
    return index, weights


def _nearest(
    vertices_camera: Array, triangles: NDArray[np.integer], camera: Camera
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """One over the depth of the nearest surface at each pixel (H, W), 0 where nothing is, and its triangle or -1."""
    vertices = np.ascontiguousarray(vertices_camera, np.float32)
    intrinsics = np.array([camera.focal_px, *camera.principal_px], np.float32)
    screen = np.empty_like(vertices)
    nearest = np.empty((camera.height, camera.width), np.float32)
    index = np.empty((camera.height, camera.width), np.int32)
    numba_forward.project(vertices, intrinsics, screen)
    corners = np.ascontiguousarray(triangles, np.uint32)
    facing, touched = np.empty(len(corners), np.uint8), np.empty(len(corners), np.uint8)
    numba_forward.facings(screen, corners, facing)
    numba_forward.rasterize(vertices, screen, corners, facing, intrinsics, nearest, index, touched, 0, camera.height)
    return nearest, index


def visible_points(
    points_camera: Array, depth: NDArray[np.float32], camera: Camera, tolerance_mm: float = 1.5
) -> NDArray[np.bool_]:
    """Say which points (N, 3) in the camera frame no surface hides: (N,) bool.

    depth: of `depth_map` for the same camera. A point is visible when it is at most tolerance_mm, plus half a pixel of
    the surface's own slope, behind the surface at its pixel; one whose pixel shows no surface is not.
    """
    points = np.asarray(points_camera, np.float64).reshape(-1, 3)
    z = np.where(points[:, 2] > NEAR_MM, points[:, 2], np.inf)
    x = np.round(points[:, 0] / z * camera.focal_px + camera.principal_px[0])
    y = np.round(points[:, 1] / z * camera.focal_px + camera.principal_px[1])
    in_image = (z < np.inf) & (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)
    column, row = (np.where(in_image, place, 0).astype(int) for place in (x, y))
    framed = np.pad(np.where(np.isfinite(depth), depth, 1e9), 1, constant_values=1e9)
    here = framed[row + 1, column + 1]
    slope_x = np.minimum(abs(framed[row + 1, column + 2] - here), abs(framed[row + 1, column] - here))
    slope_y = np.minimum(abs(framed[row + 2, column + 1] - here), abs(framed[row, column + 1] - here))
    allowed = here + tolerance_mm + 0.5 * np.minimum(slope_x + slope_y, 10 * tolerance_mm)
    return in_image & (here < 1e9) & (z <= allowed)


def visible_vertices(
    vertices_camera: Array, triangles: NDArray[np.integer], camera: Camera, tolerance_mm: float = 1.5
) -> NDArray[np.bool_]:
    """Say which vertices (V, 3) the camera sees: (V,) bool. Those that face away from it are not seen."""
    vertices = np.asarray(vertices_camera, np.float64)
    faces_camera = channels.total(vertex_normals(vertices, triangles) * vertices) < 0
    window = _window(vertices, camera)
    depth = depth_map(vertices_camera, triangles, window)
    return faces_camera & visible_points(vertices, depth, window, tolerance_mm)


def _window(vertices_camera: Array, camera: Camera) -> Camera:
    """The camera of the part of the picture that holds these vertices (V, 3), two pixels around them."""
    if (vertices_camera[:, 2] <= NEAR_MM).any():
        return camera
    pixels, size = camera.project(vertices_camera), np.array([camera.width, camera.height])
    low = np.clip(np.floor(pixels.min(0)).astype(int) - 2, 0, size - 1)
    wide, tall = (int(v) for v in np.clip(np.ceil(pixels.max(0)).astype(int) + 3, low + 1, size) - low)
    x, y = camera.principal_px
    return Camera(camera.focal_px, (float(x - low[0]), float(y - low[1])), wide, tall)
