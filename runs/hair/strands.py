"""Painted hair, freed of its colour: relative brightness of the strands, and alpha without dark fringes."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from facegpt.conventions import srgb_to_linear

Array = NDArray[np.floating]

#: Brightness is stored from 0 to this, relative to the style's own average.
STRAND_RANGE = 2.5
#: Spread of log brightness that every style gets, and how much of its slow changes remains: they are painted light,
#: whose bands would shine like metal in any other light.
CONTRAST, SLOW, SLOW_PX = 0.30, 0.12, 7
#: Painted alpha below the first is clear, above the second solid: strands end crisply, and not in fog.
CLEAR_ALPHA, SOLID_ALPHA = 0.12, 0.75


def strands(texture: NDArray[np.uint8], drawn: NDArray[np.bool_], size: int) -> tuple[Array, Array]:
    """Turn a painted texture (H, W, 4) sRGB into brightness and alpha (size, size); `drawn`: where a mesh shows it."""
    image = Image.fromarray(texture)
    alpha = np.asarray(image.getchannel("A").resize((size, size), Image.Resampling.BOX), float) / 255
    linear = srgb_to_linear(texture[..., :3] / 255.0) @ np.array([0.2126, 0.7152, 0.0722])
    log = np.log(np.maximum(linear, 2e-3))
    weight = texture[..., 3] / 255.0
    log = _shrunk(log * weight, size) / np.maximum(_shrunk(weight, size), 1e-3)
    weight = np.where(drawn, alpha, 0) + 1e-6
    mean = (log * weight).sum() / weight.sum()
    slow = gaussian_filter((log - mean) * weight, SLOW_PX) / gaussian_filter(weight, SLOW_PX)
    detail = log - mean - slow
    detail *= CONTRAST / max(np.sqrt((detail**2 * weight).sum() / weight.sum()), 0.05)
    bright = np.exp(np.clip(detail, -1.0, 0.7) + SLOW * np.clip(slow, -1, 1))
    bright /= (bright * weight).sum() / weight.sum()
    alpha = np.where(drawn, np.clip((alpha - CLEAR_ALPHA) / (SOLID_ALPHA - CLEAR_ALPHA), 0, 1), 0.0)
    return np.clip(_filled(bright, alpha), 0, STRAND_RANGE), alpha


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
