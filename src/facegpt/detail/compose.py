"""The final texture at full size: the delit photo, its mirror image and the model, mixed texel by texel."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb
from facegpt.detail.atlas import Atlas
from facegpt.detail.complete import Layers
from facegpt.detail.light import DARKEST_SHADING
from facegpt.detail.unwrap import LINEAR_OF_BYTE, Posed, sample_linear
from facegpt.render.lighting import SH_CONSTANTS
from facegpt.types import Array

_STEPS = 4096
#: sRGB byte of linear light, indexed by its square root in steps of 1 / 4095.
BYTE_OF_ROOT: NDArray[np.uint8] = np.round(linear_to_srgb((np.arange(_STEPS) / (_STEPS - 1)) ** 2) * 255).astype(
    np.uint8
)


def compose(
    image: NDArray[np.uint8], posed: Posed, atlas: Atlas, lighting: Array, layers: Layers, model: Array
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Mix the layers: sRGB (H, W, 3) uint8 and the share of the photo (H, W) in 0..1.

    model: (H, W, 3) linear RGB of the texture model's mean. layers: on a grid that divides H.
    """
    maps = np.concatenate(
        [
            *(layers.own[..., None], layers.mirrored[..., None]),
            *(np.exp(layers.own_offset), np.exp(layers.mirrored_offset), np.exp(layers.under)),
        ],
        axis=2,
    ).astype(np.float32)
    out = np.zeros((*atlas.texel.shape, 3), np.uint8)
    share = np.zeros(atlas.texel.shape, np.float32)
    light = np.ascontiguousarray(lighting, np.float32)
    floor = (DARKEST_SHADING * SH_CONSTANTS[0] * np.maximum(light[0], 1e-3)).astype(np.float32)
    _compose(
        *(np.ascontiguousarray(image), LINEAR_OF_BYTE, BYTE_OF_ROOT, posed.vertices, posed.normals),
        *(atlas.triangles, atlas.mirrored_triangles, atlas.texel, atlas.corner),
        *(posed.camera.focal_px, *posed.camera.principal_px, light, floor, maps, model, out, share),
    )
    return out, share


@njit(cache=True, fastmath=True)
def _shade(light, floor, x, y, z, c):  # type: ignore[no-untyped-def]
    """Irradiance of one channel at a unit normal; the constants are those of SH_CONSTANTS."""
    value = 0.28209479 * light[0, c] + 0.48860251 * (light[1, c] * y + light[2, c] * z + light[3, c] * x)
    value += 1.09254843 * (light[4, c] * x * y + light[5, c] * y * z + light[7, c] * x * z)
    value += 0.31539157 * light[6, c] * (3 * z * z - 1) + 0.54627422 * light[8, c] * (x * x - y * y)
    return max(value, floor[c])


@njit(cache=True, fastmath=True)
def _delit(image, lut, vertices, normals, a, b, c, wa, wb, wc, focal, cx, cy, light, floor, out):  # type: ignore[no-untyped-def]
    """Write the photo's colour divided by the light at one surface point into out (3,); False outside the photo."""
    x = wa * vertices[a, 0] + wb * vertices[b, 0] + wc * vertices[c, 0]
    y = wa * vertices[a, 1] + wb * vertices[b, 1] + wc * vertices[c, 1]
    z = wa * vertices[a, 2] + wb * vertices[b, 2] + wc * vertices[c, 2]
    if z <= 1.0:
        return False
    px, py = x / z * focal + cx, y / z * focal + cy
    if px < 0 or py < 0 or px > image.shape[1] - 1 or py > image.shape[0] - 1:
        return False
    nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
    ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
    nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
    for channel in range(3):
        shade = _shade(light, floor, nx / length, ny / length, nz / length, channel)
        out[channel] = sample_linear(image, lut, px, py, channel) / shade
    return True


@njit(cache=True, fastmath=True)
def _fetch(maps, row, column, factor, out):  # type: ignore[no-untyped-def]
    """Bilinear sample of coarse maps (h, w, K) at a fine texel."""
    y, x = (row + 0.5) / factor - 0.5, (column + 0.5) / factor - 0.5
    y = min(max(y, 0.0), maps.shape[0] - 1.0)
    x = min(max(x, 0.0), maps.shape[1] - 1.0)
    y0, x0 = int(y), int(x)
    y1, x1 = min(y0 + 1, maps.shape[0] - 1), min(x0 + 1, maps.shape[1] - 1)
    b, a = np.float32(y - y0), np.float32(x - x0)
    for k in range(maps.shape[2]):
        top = maps[y0, x0, k] * (1 - a) + maps[y0, x1, k] * a
        bottom = maps[y1, x0, k] * (1 - a) + maps[y1, x1, k] * a
        out[k] = top * (1 - b) + bottom * b


@njit(cache=True, fastmath=True)
def _compose(  # type: ignore[no-untyped-def]
    image,
    lut,
    bytes_of_root,
    vertices,
    normals,
    triangles,
    mirrored,
    texel,
    corner,
    focal,
    cx,
    cy,
    light,
    floor,
    maps,
    model,
    out,
    share,
):
    height, width = texel.shape
    factor = height / maps.shape[0]
    here = np.zeros(maps.shape[2], np.float32)
    seen = np.zeros(3, np.float32)
    colour = np.zeros(3, np.float32)
    for row in range(height):
        for column in range(width):
            f = texel[row, column]
            _fetch(maps, row, column, factor, here)
            own, other = here[0], here[1]
            for c in range(3):
                colour[c] = 0
            if f < 0:
                own = other = np.float32(0)
            wa, wb, wc = corner[row, column, 0], corner[row, column, 1], corner[row, column, 2]
            if own > 1e-3:
                a, b, d = triangles[f, 0], triangles[f, 1], triangles[f, 2]
                if _delit(image, lut, vertices, normals, a, b, d, wa, wb, wc, focal, cx, cy, light, floor, seen):
                    for c in range(3):
                        colour[c] += own * seen[c] * here[2 + c]
                else:
                    own = np.float32(0)
            if other > 1e-3:
                a, b, d = mirrored[f, 0], mirrored[f, 1], mirrored[f, 2]
                if _delit(image, lut, vertices, normals, a, b, d, wa, wb, wc, focal, cx, cy, light, floor, seen):
                    for c in range(3):
                        colour[c] += other * seen[c] * here[5 + c]
                else:
                    other = np.float32(0)
            rest = 1 - own - other
            share[row, column] = own + 0.5 * other
            for c in range(3):
                value = colour[c] + rest * model[row, column, c] * here[8 + c]
                root = np.sqrt(min(max(value, np.float32(0)), np.float32(1)))
                out[row, column, c] = bytes_of_root[int(root * 4095 + 0.5)]
