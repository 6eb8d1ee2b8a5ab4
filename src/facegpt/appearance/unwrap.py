"""Photo → texture space: the colour that each texel of the atlas has in a photo, and how well it is seen there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.types import Array, Camera

#: A texel is seen when it lies no deeper than this behind the first surface of its pixel, mm.
DEPTH_TOLERANCE_MM = 3.0
#: Cosine of the viewing angle at which a texel starts to count, and from which it counts fully.
GRAZING, FACING = 0.15, 0.55


@dataclass(frozen=True)
class Unwrapped:
    """A photo in texture space.

    Attributes:
        colour: (H, W, 3) float32 linear RGB; 0 where weight is 0.
        weight: (H, W) float32 in 0..1: 0 hidden, outside the photo or grazing, 1 seen face on.
        normal: (H, W, 3) float32 unit, camera frame; 0 outside the atlas.
        sure: (H, W) float32 in 0..1, how sure a network is that the face itself is seen; None where it was not asked.
        beard: (H, W) float32 in 0..1, how likely hair of the face is seen; None where it was not asked.
        bearded: how sure it is, 0..1, that the face has a beard.
        other: (H, W) bool, texels that show an eye, lips or skin and are none; None where nobody looked.
        brow: (H, W) float32 in 0..1, how sure it is that hair of the brows is seen; None where nobody looked.
        columns: (H, W, 9) float32, how the light reaches each texel past the head's shape; None for an open surface.
        shade: (H, W, 3) float32, irradiance of the light that was fitted; None before (`gloss.in_light`).
    """

    colour: NDArray[np.float32]
    weight: NDArray[np.float32]
    normal: NDArray[np.float32]
    sure: NDArray[np.float32] | None = None
    beard: NDArray[np.float32] | None = None
    columns: NDArray[np.float32] | None = None
    bearded: float = 0.0
    other: NDArray[np.bool_] | None = None
    brow: NDArray[np.float32] | None = None
    shade: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Posed:
    """The head as the photo's camera sees it.

    Attributes:
        vertices: (V, 3) float32 mm, camera frame. normals: (V, 3) float32 unit, camera frame.
        camera: of the photo. depth: (h, w) float32 mm of the first surface, inf for none.
        depth_scale: depth-map pixels per photo pixel. depth_origin: photo pixel at the depth map's upper left corner.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    camera: Camera
    depth: NDArray[np.float32]
    depth_scale: float
    depth_origin: tuple[float, float]


def unwrap(
    image: NDArray[np.uint8], posed: Posed, triangles: NDArray[np.int32], texel: NDArray[np.int32], corner: Array
) -> Unwrapped:
    """Sample a photo (h, w, 3) sRGB at every texel.

    Args:
        image: the photo.
        posed: the head in front of its camera.
        triangles: (F, 3) vertices of each triangle; mirrored ones give the photo of the other half of the face.
        texel: (H, W) int32 triangle of each texel, -1 for none.
        corner: (H, W, 3) its barycentric weights.
    """
    height, width = texel.shape
    colour = np.zeros((height, width, 3), np.float32)
    weight = np.zeros((height, width), np.float32)
    normal = np.zeros((height, width, 3), np.float32)
    _unwrap(
        *(np.ascontiguousarray(image), LINEAR_OF_BYTE, posed.vertices, posed.normals, triangles, texel, corner),
        *(posed.camera.focal_px, *posed.camera.principal_px, posed.depth, posed.depth_scale, *posed.depth_origin),
        *(colour, weight, normal),
    )
    return Unwrapped(colour, weight, normal)


@njit(cache=True, fastmath=True, inline="always")
def sample_linear(image, lut, x, y):  # type: ignore[no-untyped-def]
    """Bilinear sample in linear light at pixel (x, y), which must lie inside the image: red, green, blue."""
    x0, y0 = int(x), int(y)
    x1, y1 = min(x0 + 1, image.shape[1] - 1), min(y0 + 1, image.shape[0] - 1)
    a, b = np.float32(x - x0), np.float32(y - y0)
    first, second = (1 - a) * (1 - b), a * (1 - b)
    third, fourth = (1 - a) * b, a * b
    red = first * lut[image[y0, x0, 0]] + second * lut[image[y0, x1, 0]]
    red += third * lut[image[y1, x0, 0]] + fourth * lut[image[y1, x1, 0]]
    green = first * lut[image[y0, x0, 1]] + second * lut[image[y0, x1, 1]]
    green += third * lut[image[y1, x0, 1]] + fourth * lut[image[y1, x1, 1]]
    blue = first * lut[image[y0, x0, 2]] + second * lut[image[y0, x1, 2]]
    blue += third * lut[image[y1, x0, 2]] + fourth * lut[image[y1, x1, 2]]
    return red, green, blue


@njit(cache=True, fastmath=True)
def nearest_depth(depth, x, y, reach):  # type: ignore[no-untyped-def]
    """Least depth within `reach` pixels of (x, y), and whether any pixel there is empty."""
    least, empty = np.float32(1e9), False
    column, row = int(np.round(x)), int(np.round(y))
    for j in range(row - reach, row + reach + 1):
        for i in range(column - reach, column + reach + 1):
            if i < 0 or j < 0 or i >= depth.shape[1] or j >= depth.shape[0]:
                continue
            d = depth[j, i]
            if d > 1e8:
                empty = True
            elif d < least:
                least = d
    return least, empty


@njit(cache=True, fastmath=True)
def _unwrap(
    image,
    lut,
    vertices,
    normals,
    triangles,
    texel,
    corner,
    focal,
    cx,
    cy,
    depth,
    scale,
    depth_x,
    depth_y,
    colour,
    weight,
    normal,
):  # type: ignore[no-untyped-def]
    limit_x, limit_y = image.shape[1] - 1, image.shape[0] - 1
    p, n = np.zeros(3, np.float32), np.zeros(3, np.float32)
    for row in range(texel.shape[0]):
        for column in range(texel.shape[1]):
            f = texel[row, column]
            if f < 0:
                continue
            p[:] = 0
            n[:] = 0
            for k in range(3):
                v, b = triangles[f, k], corner[row, column, k]
                for axis in range(3):
                    p[axis] += b * vertices[v, axis]
                    n[axis] += b * normals[v, axis]
            length = np.sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) + np.float32(1e-12)
            for axis in range(3):
                n[axis] /= length
                normal[row, column, axis] = n[axis]
            if p[2] <= 1.0:
                continue
            distance = np.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])
            cosine = -(n[0] * p[0] + n[1] * p[1] + n[2] * p[2]) / distance
            share = (cosine - GRAZING) / (FACING - GRAZING)
            if share <= 0:
                continue
            x, y = p[0] / p[2] * focal + cx, p[1] / p[2] * focal + cy
            if x < 0 or y < 0 or x > limit_x or y > limit_y:
                continue
            at_x, at_y = (x - depth_x + 0.5) * scale - 0.5, (y - depth_y + 0.5) * scale - 0.5
            near, _ = nearest_depth(depth, at_x, at_y, 0)
            around, empty = nearest_depth(depth, at_x, at_y, 2)
            if p[2] > near + DEPTH_TOLERANCE_MM or p[2] > around + 4 * DEPTH_TOLERANCE_MM:
                continue
            share = min(share, np.float32(1.0))
            weight[row, column] = share * share * (3 - 2 * share) * (0.2 if empty else 1.0)
            red, green, blue = sample_linear(image, lut, x, y)
            colour[row, column, 0], colour[row, column, 1], colour[row, column, 2] = red, green, blue
