"""The final texture at full size: the delit photo, its mirror image and the model, mixed texel by texel."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.appearance.atlas import Atlas
from facegpt.appearance.complete import Layers
from facegpt.appearance.light import darkest
from facegpt.appearance.unwrap import Posed, sample_linear
from facegpt.conventions import LINEAR_OF_BYTE, linear_to_srgb
from facegpt.render.scalar import INLINE, KERNEL, ONE, SH_0, SH_1, SH_2, SH_20, SH_22
from facegpt.types import Array

#: How many times as bright as the coarse grid says, per channel, the photo's finest detail may be. Where it is nearly
#: black (brows), the grid asks for gains of ten and more; on the bright pixels beside they would burn red and white.
BRIGHTEST = np.float32(2.5)
_THREE = np.float32(3)
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
            *(np.exp(layers.under), np.exp(layers.own_offset), np.exp(layers.mirrored_offset)),
            layers.grain[..., None],
        ],
        axis=2,
    ).astype(np.float32)
    out = np.zeros((*atlas.texel.shape, 3), np.uint8)
    share = np.zeros(atlas.texel.shape, np.float32)
    light = np.ascontiguousarray(lighting, np.float32)
    floor = darkest(light).astype(np.float32)
    pinhole = (np.float32(each) for each in (posed.camera.focal_px, *posed.camera.principal_px))
    photo = (np.ascontiguousarray(image), LINEAR_OF_BYTE, *pinhole)
    head = (posed.vertices, posed.normals, light, floor)
    triangles = (atlas.triangles, atlas.mirrored_triangles)
    places = (*_between(atlas.texel.shape[0], maps.shape[0]), *_between(atlas.texel.shape[1], maps.shape[1]))
    room = np.zeros(maps.shape[1:], np.float32), np.zeros(maps.shape[2], np.float32), np.zeros(3, np.float32)
    _compose(photo, head, BYTE_OF_ROOT, *triangles, atlas.texel, atlas.corner, places, room, maps, model, out, share)
    return out, share


@njit(**INLINE, fastmath=True)
def irradiance(light, floor, x, y, z, c):  # type: ignore[no-untyped-def]
    """Irradiance of one channel at a unit normal; the constants are those of SH_CONSTANTS."""
    value = SH_0 * light[0, c] + SH_1 * (light[1, c] * y + light[2, c] * z + light[3, c] * x)
    value += SH_2 * (light[4, c] * x * y + light[5, c] * y * z + light[7, c] * x * z)
    value += SH_20 * light[6, c] * (_THREE * z * z - ONE) + SH_22 * light[8, c] * (x * x - y * y)
    return max(value, floor[c])


@njit(cache=True, fastmath=True)
def _between(count, small):  # type: ignore[no-untyped-def]
    """For bilinear enlargement: the lower coarse index (count,) and the share (count,) of the one after it."""
    low = np.zeros(count, np.int64)
    share = np.zeros(count, np.float32)
    for k in range(count):
        at = min(max((k + 0.5) * small / count - 0.5, 0.0), small - 1.0)
        low[k] = min(int(at), max(small - 2, 0))
        share[k] = at - low[k]
    return low, share


@njit(**INLINE, fastmath=True)
def _blend_rows(maps, row, share, line):  # type: ignore[no-untyped-def]
    """Write maps (h, w, K) between two rows into line (w, K)."""
    below = min(row + 1, maps.shape[0] - 1)
    for x in range(maps.shape[1]):
        for k in range(maps.shape[2]):
            line[x, k] = maps[row, x, k] + share * (maps[below, x, k] - maps[row, x, k])


@njit(**INLINE, fastmath=True)
def _add(photo, head, triangles, f, weights, share, gain, first, colour):  # type: ignore[no-untyped-def]
    """Add one layer at a texel to colour (3,): the photo over the light, times share and gain[first : first + 3].

    Gives the share, 0 outside the photo.
    """
    if share <= 1e-3:
        return np.float32(0)
    image, lut, focal, cx, cy = photo
    vertices, normals, light, floor = head
    a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
    wa, wb, wc = weights
    z = wa * vertices[a, 2] + wb * vertices[b, 2] + wc * vertices[c, 2]
    if z <= ONE:
        return np.float32(0)
    px = (wa * vertices[a, 0] + wb * vertices[b, 0] + wc * vertices[c, 0]) / z * focal + cx
    py = (wa * vertices[a, 1] + wb * vertices[b, 1] + wc * vertices[c, 1]) / z * focal + cy
    if px < 0 or py < 0 or px > image.shape[1] - 1 or py > image.shape[0] - 1:
        return np.float32(0)
    nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
    ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
    nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
    unit = ONE / (np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-12))
    nx, ny, nz = nx * unit, ny * unit, nz * unit
    red, green, blue = sample_linear(image, lut, px, py)
    colour[0] += share * gain[first] * red / irradiance(light, floor, nx, ny, nz, 0)
    colour[1] += share * gain[first + 1] * green / irradiance(light, floor, nx, ny, nz, 1)
    colour[2] += share * gain[first + 2] * blue / irradiance(light, floor, nx, ny, nz, 2)
    return share


@njit(**KERNEL, fastmath=True)
def _compose(
    photo, head, bytes_of_root, triangles, mirrored, texel, corner, places, room, maps, model, out, share
):  # type: ignore[no-untyped-def]  # fmt: skip
    height, width = texel.shape
    row_low, row_share, low, low_share = places  # of `_between`
    line, here, colour = room  # working memory
    for row in range(height):
        _blend_rows(maps, row_low[row], row_share[row], line)
        for column in range(width):
            x, along = low[column], low_share[column]
            after = min(x + 1, line.shape[0] - 1)
            for k in range(5):
                here[k] = line[x, k] + along * (line[after, k] - line[x, k])
            f = texel[row, column]
            colour[0] = colour[1] = colour[2] = 0
            own = other = grain = np.float32(0)
            if f >= 0 and max(here[0], here[1]) > 1e-3:
                for k in range(5, here.shape[0]):
                    here[k] = line[x, k] + along * (line[after, k] - line[x, k])
                weights = (corner[row, column, 0], corner[row, column, 1], corner[row, column, 2])
                own = _add(photo, head, triangles, f, weights, here[0], here, 5, colour)
                other = _add(photo, head, mirrored, f, weights, here[1], here, 8, colour)
                grain = here[11]
            share[row, column] = own + np.float32(0.5) * other
            left = np.float32(1) - own - other
            for c in range(3):
                coarse = model[row, column, c] * here[2 + c]
                plain = (own + other) * coarse
                value = plain + grain * (min(colour[c], BRIGHTEST * plain) - plain) + left * coarse
                root = np.sqrt(min(max(value, np.float32(0)), np.float32(1)))
                out[row, column, c] = bytes_of_root[int(root * np.float32(4095) + np.float32(0.5))]
