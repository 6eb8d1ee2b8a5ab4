"""Light on detailed skin: textures lit as the relief turns them, and photos' textures freed of the relief's shading.

A renderer lights the coarse normals. Diffuse light of spherical harmonics on displaced normals is that times a factor
which depends only on the texel (and the pose), so that a texture times this factor shows the detail in any renderer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from PIL import Image

from facegpt.appearance.compose import irradiance
from facegpt.appearance.light import darkest
from facegpt.detail.from_photo import visible
from facegpt.detail.relief import Detail
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps, SkinGeometry, kept_geometry, skin_window
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.lighting import turned_light
from facegpt.render.srgb_bytes import lit_by
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: A relief brightens or darkens skin by at most this factor and its inverse.
MOST_FACTOR = 2.2
#: Blurs beside which a place counts as a hollow, texels, and how much darker one is by its depth, per mm.
HOLLOW_TEXELS, HOLLOW_PER_MM = (2.5, 6.0), 1.2
#: Bounds of what that makes of a photo's texture: much lightening would show what was no fold (a rim of glasses).
HOLLOW_FACTORS = (0.6, 1.15)
#: Of vertices in the frame of the light.
UNTURNED: Array = np.eye(3)


def light_factor(geometry: SkinGeometry, displacement: Maps, lighting: Array) -> Maps:
    """By what the relief changes the light (HEIGHT, WIDTH, 3); geometry in the frame of the light."""
    return _ratio(geometry.normal, geometry.displaced_normal(displacement), lighting)


def _ratio(coarse: Maps, fine: Maps, lighting: Array) -> Maps:
    """The light (HEIGHT, WIDTH, 3) on fine normals over that on coarse ones, within bounds."""
    light = np.ascontiguousarray(lighting, np.float32)
    out, floor = np.empty(coarse.shape, np.float32), darkest(light).astype(np.float32)
    _light_ratio(coarse.reshape(-1, 3), fine.reshape(-1, 3), light, floor, out.reshape(-1, 3))
    return out


@njit(cache=True, nogil=True)
def _light_ratio(coarse, fine, light, floor, out):  # type: ignore[no-untyped-def]
    """Write the light on fine normals (N, 3) over that on coarse ones, within bounds, into out (N, 3)."""
    most = np.float32(MOST_FACTOR)
    least, dim = np.float32(1) / most, np.float32(1e-4)
    for n in range(len(out)):
        for c in range(3):
            below = irradiance(light, floor, coarse[n, 0], coarse[n, 1], coarse[n, 2], c)
            above = irradiance(light, floor, fine[n, 0], fine[n, 1], fine[n, 2], c)
            out[n, c] = min(max(above / max(below, dim), least), most)


def hollow_factor(now: Maps, then: Maps) -> Maps:
    """By what the light that reaches hollows changes (HEIGHT, WIDTH) when a relief `then` becomes `now`, both mm.

    A photo's texture keeps the dark of its own hollows: it lightens where a fold leaves and darkens where one comes.
    """
    depths = [sum(np.maximum(gaussian_blur(d, s) - d, 0) for s in HOLLOW_TEXELS) for d in (then, now)]
    factor = (1 + HOLLOW_PER_MM * depths[0]) / (1 + HOLLOW_PER_MM * depths[1])
    return np.clip(factor, *HOLLOW_FACTORS).astype(np.float32)


@dataclass(frozen=True, eq=False)
class ReliefLight:
    """What a relief makes of a head's texture in any light.

    Attributes:
        texture: (S, S, 4) uint8 sRGB of the photo, freed of the shading of its own relief.
        coarse, fine: (HEIGHT, WIDTH, 3) normals without and with the relief, head frame.
        hollow: (HEIGHT, WIDTH), by what less light reaches hollows than in the photo.
        rotation: (3, 3) head frame → frame of the light.
        smooth: whether there is no relief now, so that no light changes the texture.
    """

    texture: NDArray[np.uint8]
    coarse: Maps
    fine: Maps
    hollow: Maps
    rotation: Array
    smooth: bool = False

    @staticmethod
    def of(
        model: MakeHumanHead,
        texture: NDArray[np.uint8],
        vertices: Array,
        detail: Detail,
        expression: Array,
        rotation: Array = UNTURNED,
    ) -> ReliefLight:
        """Evaluate a head with vertices (V, 3) mm and an expression (52,), which `rotation` turns to face the light."""
        displacement, before = detail.displacement(expression), detail.photographed()
        if not displacement.any():
            if before.any():  # flat in every light, but the photo's hollows leave
                texture = times(texture, np.repeat(hollow_factor(displacement, before)[..., None], 3, 2))
            return ReliefLight(texture, displacement, displacement, displacement, rotation, smooth=True)
        geometry = kept_geometry(skin_window(model), vertices)
        hollow = hollow_factor(displacement, before)
        return ReliefLight(texture, geometry.normal, geometry.displaced_normal(displacement), hollow, rotation)

    def lit(self, lighting: Array) -> NDArray[np.uint8]:
        """The texture as the relief lights it in a light (9, 3)."""
        if self.smooth:
            return self.texture
        own = lighting if self.rotation is UNTURNED else turned_light(lighting, self.rotation)
        return times(self.texture, _ratio(self.coarse, self.fine, own) * self.hollow[..., None])


def delit_texture(
    texture: NDArray[np.uint8],
    geometry: SkinGeometry,
    weight: Maps,
    displacement: Maps,
    lighting: Array,
    also: Maps | None = None,
) -> NDArray[np.uint8]:
    """Take the shading of the relief out of a texture that a photo gave: it is in the shape now.

    geometry: of the coarse skin, camera frame. weight: (HEIGHT, WIDTH), how well the photo shows each texel; where it
    does not, the texture is the mirrored one. also: (HEIGHT, WIDTH), a factor to multiply by in the same step.
    """
    factor = light_factor(geometry, displacement, lighting)
    own = visible(weight)[..., None]
    mixed = own * factor + (1 - own) * factor[:, ::-1]
    change = 1 / mixed if also is None else also[..., None] / mixed
    return times(texture, change.astype(np.float32))


def times(texture: NDArray[np.uint8], factor: Maps) -> NDArray[np.uint8]:
    """Multiply the window's part of a texture (S, S, 4) uint8 sRGB by a factor (HEIGHT, WIDTH, 3), in linear light."""
    side = len(texture)
    if side % SIDE == 0:
        times_finer = side // SIDE
        return lit_by(texture, factor, (TOP * times_finer, LEFT * times_finer), times_finer)
    x0, y0, x1, y1 = (round(v * side / SIDE) for v in (LEFT, TOP, LEFT + WIDTH, TOP + HEIGHT))
    planes = [Image.fromarray(np.ascontiguousarray(factor[..., k])) for k in range(3)]
    shrunk = [np.asarray(plane.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR)) for plane in planes]
    return lit_by(texture, np.stack(shrunk, -1), (y0, x0))
