"""What a photo shows of the skin's relief: its difference from the coarse head, and how light would show a relief.

Chen et al. 2019 (Self-supervised learning of detailed 3D face reconstruction, sec. 3.2) give their network the
unwrapped photo and its difference from the coarse render. Here the difference is one of logarithms, so
that it does not depend on exposure or on how light the skin is, and the network is told the light: to first order, a
displacement d changes the log of the light by gain_across · ∂d/∂column + gain_down · ∂d/∂row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.appearance.light import darkest, shading
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import LUMINANCE, model_texture
from facegpt.appearance.resolution import matched_resolution
from facegpt.appearance.unwrap import Posed, Unwrapped, unwrap
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps, SkinGeometry, skin_geometry, skin_window
from facegpt.encode.parts import BEARD, EAR, HAIR, HAT, SKIN, FaceParts
from facegpt.fitting.occlusion import unhidden
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render import channels
from facegpt.render.lighting import SH_CONSTANTS
from facegpt.render.scalar import KERNEL, irradiance
from facegpt.render.texel_grids import shrunk
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, Camera, DensePoints, FaceParams

#: Blur that parts tone from relief, texels; what lies below it is not asked for.
TONE_TEXELS = 12.0
#: Blur of the coarse head's own texture, texels: its fine marks are not this person's.
TEXTURE_TEXELS = 1.5
#: Least contrast, in the channels' units (a tenth of a log unit): below it a photo shows noise.
LEAST_CONTRAST = 0.5
#: Glasses lie where the finest difference (less what a blur of so many texels leaves of it) spreads on the bridge of
#: the nose by so many log units, and by so many times as on forehead and cheeks: deep folds are everywhere. Ends of
#: ramps. Of 60 training photos, 48 bare faces have up to 0.45 and 1.4 times, 12 with glasses at least 0.23 and 1.7.
BRIDGE_BLUR, BRIDGE_SD, BRIDGE_RATIO = 3.0, (0.18, 0.23), (1.4, 1.7)
#: The bridge: half its width, and its ends; forehead above a height, cheeks below one and this far from the middle, mm.
BRIDGE_MM, FOREHEAD_MM, CHEEKS_MM = (11.0, -1.0, 24.0), 40.0, (-18.0, 28.0)
#: Heights between which glasses lie, and over which their place fades, mm.
WORN_MM, WORN_FADE_MM = (-18.0, 36.0), 8.0
#: Texels of which fewer tell nothing.
FEWEST = 200
#: Channels of `Observation.channels`.
CHANNELS = 10
#: Side of the texture as which photos are shrunk before they are unwrapped: about one pixel a texel.
_PHOTO_SIDE = 1024
_DARKEST = 4e-3


@dataclass(frozen=True, eq=False)
class Observation:
    """One photo in the window of the skin; what is not asked for is not made.

    Attributes:
        model: the head. params: its fit, in pixels of the photo as it was unwrapped. view: the photo on the texels.
        posed: the head in front of the camera.
        pixels_per_mm: of the photo at the face, before any shrinking.
        hair: (HEIGHT, WIDTH) 0..1, how likely hair or headwear lies before each texel; None where nobody looked.
    """

    model: MakeHumanHead
    params: FaceParams
    posed: Posed
    view: Unwrapped
    pixels_per_mm: float
    hair: Maps | None = None

    @property
    def colour(self) -> Maps:
        """(HEIGHT, WIDTH, 3) of the photo."""
        return self.view.colour

    @cached_property
    def geometry(self) -> SkinGeometry:
        """Of the coarse skin, camera frame."""
        return skin_geometry(skin_window(self.model), self.posed.vertices, self.posed.normals)

    @cached_property
    def expected(self) -> Maps:
        """(HEIGHT, WIDTH, 3) linear albedo of the coarse head."""
        plain = np.array(self.params.albedo, np.float32)
        plain[NAMED["wrinkles"]] = -3.0  # the texture model's painted wrinkles are what is looked for here
        whole = model_texture(self.model, plain, SIDE)[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]
        return gaussian_blur(whole, TEXTURE_TEXELS)

    @cached_property
    def channels(self) -> Maps:
        """(CHANNELS, HEIGHT, WIDTH) float32, the network's input.

        Fine difference in red, green and blue (log units × 10), coarse difference, weight, gain across and down (per
        mm), sharpness (log2 of pixels a texel), and the place across and down (-1..1).
        """
        view, fine, coarse = self._without_glasses
        size = channels.length(self.geometry.across) * channels.length(self.geometry.down)  # texels² per mm²
        own = self.params.camera.focal_px / max(float(self.params.pose.translation[2]), 1.0)
        sharp = np.log2(np.clip(own / np.maximum(np.sqrt(size), 1e-3), 0.05, 8)) * (view.weight > 0)
        rows, columns = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
        parts = [
            *np.moveaxis(10 * fine, -1, 0),
            3 * np.clip(channels.mean(coarse), -1, 1),
            view.weight,
            *light_gains(self.geometry, self.params.lighting),
            sharp,
            columns,
            rows,
        ]
        return np.stack(parts).astype(np.float32)

    @cached_property
    def weight(self) -> Maps:
        """(HEIGHT, WIDTH) 0..1, how well each texel is seen."""
        return self._without_glasses[0].weight

    @cached_property
    def _without_glasses(self) -> tuple[Unwrapped, Maps, Maps]:
        """The photo without what glasses hide, and its fine and coarse difference (HEIGHT, WIDTH, 3)."""
        view = self.view
        fine, coarse = self._differences(view)
        place = skin_window(self.model).interpolate(self.model.mean_vertices)
        worn = worn_glasses(channels.mean(fine), view.weight, place)
        if not worn.any():
            return view, fine, coarse
        view = replace(view, weight=view.weight * (1 - worn))
        return view, *self._differences(view)

    def _differences(self, view: Unwrapped) -> tuple[Maps, Maps]:
        """The fine and the coarse difference (HEIGHT, WIDTH, 3) between a photo and what is expected, log units."""
        lighting = np.asarray(self.params.lighting, np.float32)
        residual, fine = (np.zeros((HEIGHT, WIDTH, 3), np.float32) for _ in range(2))
        light = lighting, darkest(lighting).astype(np.float32)
        _compare(view.colour, view.weight, self.expected, self.geometry.normal, *light, residual)
        coarse = tone_of(residual, view.weight)
        _take_coarse(residual, coarse, view.weight, fine)
        return fine, coarse


@njit(**KERNEL)
def _compare(colour, weight, expected, normal, lighting, least, out):  # type: ignore[no-untyped-def]
    """Write the log of what is seen (H, W, 3) over what is expected in a light (9, 3), where there is weight (H, W)."""
    dark = np.float32(_DARKEST)
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            if weight[y, x] > 0:
                for c in range(3):
                    light = irradiance(lighting, c, normal[y, x, 0], normal[y, x, 1], normal[y, x, 2])
                    skin = max(expected[y, x, c] * max(light, least[c]), dark)
                    out[y, x, c] = np.log(max(colour[y, x, c], dark) / skin)


@njit(**KERNEL)
def _take_coarse(residual, coarse, weight, out):  # type: ignore[no-untyped-def]
    """Write a residual (H, W, 3) without its coarse part, within bounds, where there is weight (H, W)."""
    most = np.float32(1.5)
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            if weight[y, x] > 0:
                for c in range(3):
                    out[y, x, c] = min(max(residual[y, x, c] - coarse[y, x, c], -most), most)


def observe(
    model: MakeHumanHead,
    image: NDArray[np.uint8],
    params: FaceParams,
    dense: DensePoints | None = None,
    parts: FaceParts | None = None,
) -> Observation:
    """Unwrap a photo (H, W, 3) uint8 sRGB on the head that was fitted to it, albedo and light included.

    dense: what the dense landmark network says of the face: what it sees in front of it counts as not seen.
    parts: what each pixel shows; where it isn't bare skin, nothing is seen.
    """
    window, whole = skin_window(model), params.camera
    pixels_per_mm = whole.focal_px / max(float(params.pose.translation[2]), 1.0)
    image, params = matched_resolution(image, params, _PHOTO_SIDE)
    posed = pose_head(model, params)
    view = unwrap(image, posed, window.triangles, window.triangle, window.corner)
    places = window.interpolate(posed.vertices)
    if dense is not None:
        view = _unhidden(view, places, whole, dense)
    hair = None
    if parts is not None:
        view, hair = _bare(view, places, whole, parts)
    return Observation(model, params, posed, view, pixels_per_mm, hair)


def _unhidden(view: Unwrapped, places: Maps, camera: Camera, dense: DensePoints) -> Unwrapped:
    """Take weight from texels in front of which the network sees something; places: camera frame, mm."""
    seen, weight = view.weight > 0, view.weight.copy()
    weight[seen] *= unhidden(dense, camera.project(places[seen])).astype(np.float32)
    return replace(view, weight=weight)


def _bare(view: Unwrapped, places: Maps, camera: Camera, parts: FaceParts) -> tuple[Unwrapped, Maps]:
    """Take weight from texels that show a beard or anything but skin, and say where hair or headwear is seen.

    places: camera frame, mm.
    """
    seen, weight = view.weight > 0, view.weight.copy()
    hair = np.zeros_like(weight)
    told = parts.at(camera.project(places[seen]))
    weight[seen] *= told[:, [SKIN, EAR, BEARD]].sum(-1) * (1 - np.clip(2 * told[:, BEARD], 0, 1))
    hair[seen] = told[:, [HAIR, HAT]].sum(-1)
    return replace(view, weight=weight), hair


def worn_glasses(fine: Maps, weight: Maps, place: Maps) -> Maps:
    """How sure it is, 0..1 (HEIGHT, WIDTH), that glasses lie here: their bridge is an edge that noses lack.

    The network of parts misses thin rims, which would become folds below the eyes.

    Args:
        fine: (HEIGHT, WIDTH) fine difference, log units.
        weight: (HEIGHT, WIDTH), how well it is seen.
        place: (HEIGHT, WIDTH, 3) mm of the mean head.
    """
    x, y = place[..., 0], place[..., 1]
    half, bottom, top = BRIDGE_MM
    bridge = (np.abs(x) < half) & (y > bottom) & (y < top) & (weight > 0.3)
    beside = ((y > FOREHEAD_MM) | ((y < CHEEKS_MM[0]) & (np.abs(x) > CHEEKS_MM[1]))) & (weight > 0.3)
    if min(bridge.sum(), beside.sum()) < FEWEST:
        return np.zeros_like(weight)
    edges = fine - gaussian_blur(fine, BRIDGE_BLUR)
    spread, usual = edges[bridge].std(), edges[beside].std()
    ramps = ((spread, BRIDGE_SD), (spread / max(usual, 1e-3), BRIDGE_RATIO))
    sure = np.prod([np.clip((value - low) / (high - low), 0, 1) for value, (low, high) in ramps])
    inside = np.minimum(y - WORN_MM[0], WORN_MM[1] - y) / WORN_FADE_MM
    return (sure * np.clip(inside + 1, 0, 1)).astype(np.float32)


def contrast(channels: Maps) -> float:
    """The strength of a photo's fine difference, as the network is told it: by it input and relief are divided.

    channels: (N, HEIGHT, WIDTH), fine differences and, last, the weight. Four fifths of the seen texels differ less;
    so a relief is found alike in hard light and in soft light, and is as deep as its contrast says.
    """
    seen = channels[-1] > 0.5
    if not seen.any():
        return 1.0
    return max(float(np.quantile(np.abs(channels[:-1].mean(0)[seen]), 0.8)), LEAST_CONTRAST)


def tone_of(values: Maps, weight: Maps) -> Maps:
    """What is left of (HEIGHT, WIDTH, C) after a wide blur over texels with weight."""
    stacked = np.empty((*weight.shape, values.shape[2] + 1), np.float32)
    np.multiply(values, weight[..., None], out=stacked[..., :-1], casting="same_kind")
    stacked[..., -1] = weight
    sums = gaussian_blur(shrunk(stacked, 4) / np.float32(16), TONE_TEXELS / 4, truncate=3)
    mean = sums[..., :-1] / np.maximum(sums[..., -1:], 1e-4)
    return np.repeat(np.repeat(mean, 4, 0), 4, 1)


def light_gains(geometry: SkinGeometry, lighting: Array) -> tuple[Maps, Maps]:
    """How the log of the light changes with ∂d/∂column and with ∂d/∂row: each (HEIGHT, WIDTH), per mm."""
    light = np.asarray(lighting, np.float32) @ np.array(LUMINANCE, np.float32)
    slope = -light_slope(geometry.normal, light) / np.maximum(
        shading(geometry.normal, light[:, None])[..., :1], 0.05 * max(float(light[0]), 1e-3)
    )
    gains = [
        np.clip(channels.total(axis * slope), -3, 3).astype(np.float32) for axis in (geometry.across, geometry.down)
    ]
    return gains[0], gains[1]


def light_slope(normal: Maps, light: Array) -> Maps:
    """Gradient (..., 3) of the irradiance of one channel (9,) with respect to a normal (..., 3)."""
    x, y, z = np.moveaxis(normal, -1, 0)
    k = (np.asarray(light) * SH_CONSTANTS).astype(np.float32)
    return np.stack(
        [
            k[3] + k[4] * y + k[7] * z + 2 * k[8] * x,
            k[1] + k[4] * x + k[5] * z - 2 * k[8] * y,
            k[2] + k[5] * y + k[7] * x + 6 * k[6] * z,
        ],
        -1,
    )
