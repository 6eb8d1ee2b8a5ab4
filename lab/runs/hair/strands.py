"""Painted hair, freed of its colour: relative brightness of the strands, and alpha without dark fringes."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, map_coordinates

from facegpt.cielab import RGB_TO_Y
from facegpt.conventions import srgb_to_linear

Array = NDArray[np.floating]

#: Brightness is stored from 0 to this, relative to the style's own average.
STRAND_RANGE = 2.5
#: Spread of log brightness that every style gets, and how much of its slow changes remains: they are painted light,
#: whose bands would shine like metal in any other light.
CONTRAST, SLOW, SLOW_PX = 0.30, 0.12, 7
#: Strands are drawn along their own direction: painted streaks this far both ways, px, so that bands of painted light
#: across them go; and fine strands of noise, with this spread of log brightness.
ALONG_PX, FINE, FINE_PX = 28, 0.20, 18
#: The direction at a place is that of the streaks within this distance, px.
DIRECTION_PX = 24.0
#: Painted alpha below the first is clear, above the second solid: strands end crisply, and not in fog.
CLEAR_ALPHA, SOLID_ALPHA = 0.12, 0.75


def strands(texture: NDArray[np.uint8], drawn: NDArray[np.bool_], size: int) -> tuple[Array, Array]:
    """Brightness and alpha (size, size) of a painted texture (H, W, 4) sRGB; `drawn`: where a mesh shows it."""
    image = Image.fromarray(texture)
    alpha = np.asarray(image.getchannel("A").resize((size, size), Image.Resampling.BOX), float) / 255
    linear = srgb_to_linear(texture[..., :3] / 255.0) @ RGB_TO_Y
    log = np.log(np.maximum(linear, 2e-3))
    weight = texture[..., 3] / 255.0
    log = _shrunk(log * weight, size) / np.maximum(_shrunk(weight, size), 1e-3)
    weight = np.where(drawn, alpha, 0) + 1e-6
    mean = (log * weight).sum() / weight.sum()
    slow = gaussian_filter((log - mean) * weight, SLOW_PX) / gaussian_filter(weight, SLOW_PX)
    along = direction(log - mean - slow, weight)
    solid = np.clip(weight, 0, 1)
    detail = streaked((log - mean - slow) * solid, along, ALONG_PX)
    detail /= np.maximum(streaked(solid, along, ALONG_PX), 0.05)
    detail *= CONTRAST / max(np.sqrt((detail**2 * weight).sum() / weight.sum()), 0.05)
    fine = streaked(np.random.default_rng(5).standard_normal(detail.shape), along, FINE_PX)
    detail = detail + FINE * fine / fine.std()
    bright = np.exp(np.clip(detail, -1.0, 0.7) + SLOW * np.clip(slow, -1, 1))
    bright /= (bright * weight).sum() / weight.sum()
    alpha = np.where(drawn, np.clip((alpha - CLEAR_ALPHA) / (SOLID_ALPHA - CLEAR_ALPHA), 0, 1), 0.0)
    return np.clip(_filled(bright, alpha), 0, STRAND_RANGE), alpha


def direction(detail: Array, weight: Array) -> Array:
    """The direction (2, H, W) along which streaks run, as steps of one pixel in rows and columns."""
    fine = detail - gaussian_filter(detail, 2.5)  # strands, not the bands across them
    rows, columns = np.gradient(gaussian_filter(fine, 0.7))
    size = np.hypot(rows, columns)
    rows, columns = rows / (size + 0.05), columns / (size + 0.05)
    pairs = ((rows, rows), (columns, columns), (rows, columns))
    rr, cc, rc = (gaussian_filter(a * b * (weight > 0.5), DIRECTION_PX) for a, b in pairs)
    across = 0.5 * np.arctan2(2 * rc, rr - cc)  # of the strongest change, from the rows' axis
    return np.stack([-np.sin(across), np.cos(across)])


def streaked(values: Array, along: Array, reach: int) -> Array:
    """Average values (H, W) along a direction field, `reach` pixels both ways (line integral convolution)."""
    total, weight = values.copy(), 1.0
    for sign in (1.0, -1.0):
        place = np.stack(np.meshgrid(*map(np.arange, values.shape), indexing="ij")).astype(float)
        before = sign * along
        for k in range(reach):
            step = np.stack([map_coordinates(a, place, order=0, mode="nearest") for a in along])
            step = np.where((step * before).sum(0) < 0, -step, step)
            place, before = place + step, step
            share = 0.5 + 0.5 * np.cos(np.pi * (k + 1) / (reach + 1))
            total = total + share * map_coordinates(values, place, order=1, mode="nearest")
            weight += share
    return total / weight


def _shrunk(image: Array, size: int) -> Array:
    return np.asarray(Image.fromarray(image.astype(np.float32)).resize((size, size), Image.Resampling.BOX), float)


def _filled(bright: Array, alpha: Array) -> Array:
    """Continue the brightness over the clear texels, so that edges blend with hair and not with black."""
    result, known = bright * alpha, alpha
    for sigma in (2, 6, 18):
        near = gaussian_filter(bright * alpha, sigma) / np.maximum(gaussian_filter(alpha, sigma), 1e-6)
        missing = np.clip(1 - known, 0, 1) * (gaussian_filter(alpha, sigma) > 1e-4)
        result, known = result + near * missing, known + missing
    return result + (1 - np.clip(known, 0, 1))


def as_png(bright: Array, alpha: Array) -> bytes:
    """Store brightness and alpha as a grey PNG with alpha; brightness in 64 steps, which nobody sees in hair."""
    grey = np.round(bright / STRAND_RANGE * 63) * 4
    buffer = io.BytesIO()
    picture = np.round(np.stack([np.clip(grey, 0, 255), np.round(alpha * 31) / 31 * 255], -1)).astype(np.uint8)
    Image.fromarray(picture, "LA").save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def texels_of(uv: Array, uv_triangles: NDArray[np.integer], size: int) -> NDArray[np.bool_]:
    """Mark the texels (size, size) that triangles cover, and two around them."""
    image = Image.new("1", (size, size))
    draw = ImageDraw.Draw(image)
    corners = (uv * (1, -1) + (0, 1)) * size - 0.5
    for triangle in corners[uv_triangles].reshape(-1, 6).tolist():
        draw.polygon(triangle, fill=1, outline=1)
    return gaussian_filter(np.asarray(image, float), 1.2) > 0.03
