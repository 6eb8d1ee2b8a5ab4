"""What a camera does to the light that reaches it: exposure, blur, tone curve, noise, resolution, compression."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from PIL import Image

from facegpt.render.scalar import KERNEL
from facegpt.types import Array
from facegpt_lab.synthesis.studio.records import Lens

F = np.float32
#: Steps of the tone curve's table over linear 0..4.
STEPS = 4096
#: Mean brightness of skin in usual light: cameras aim at a mean of all, so dark skin stays darker than light skin.
USUAL_LEVEL = 0.28


@njit(**KERNEL, fastmath=True)
def _blur_rows(source, target, taps):
    """Blur (H, W, 3) along x and write it transposed (W, H, 3): twice gives both directions."""
    height, width = source.shape[0], source.shape[1]
    half = len(taps) // 2
    for y in range(height):
        for x in range(width):
            r, g, b = F(0), F(0), F(0)
            if x >= half and x + half < width:
                for k in range(len(taps)):
                    r += taps[k] * source[y, x + k - half, 0]
                    g += taps[k] * source[y, x + k - half, 1]
                    b += taps[k] * source[y, x + k - half, 2]
            else:
                for k in range(len(taps)):
                    at = min(max(x + k - half, 0), width - 1)
                    r += taps[k] * source[y, at, 0]
                    g += taps[k] * source[y, at, 1]
                    b += taps[k] * source[y, at, 2]
            target[x, y, 0] = r
            target[x, y, 1] = g
            target[x, y, 2] = b


@njit(**KERNEL, fastmath=True)
def _smear(source, target, dx, dy, count):
    """Average a picture along a line: `count` steps of (dx, dy) pixels, centred."""
    height, width = source.shape[0], source.shape[1]
    target[:] = F(0)
    for k in range(count):
        sx, sy = round((k - (count - 1) * 0.5) * dx), round((k - (count - 1) * 0.5) * dy)
        for y in range(height):
            ys = min(max(y + int(sy), 0), height - 1)
            for x in range(width):
                xs = min(max(x + int(sx), 0), width - 1)
                for c in range(3):
                    target[y, x, c] += source[ys, xs, c] / F(count)


@njit(**KERNEL, fastmath=True)
def _develop(linear, gains, saturation, vignette, table, out):
    """Apply white balance, saturation, vignette and the tone curve: (H, W, 3) linear → sRGB 0..255 float."""
    height, width = linear.shape[0], linear.shape[1]
    last = F(len(table) - 1)
    for y in range(height):
        fy = (F(y) / F(height) - F(0.5)) * F(2)
        for x in range(width):
            fx = (F(x) / F(width) - F(0.5)) * F(2)
            dim = F(1) - vignette * F(0.5) * (fx * fx + fy * fy)
            r, g, b = (
                linear[y, x, 0] * gains[0] * dim,
                linear[y, x, 1] * gains[1] * dim,
                linear[y, x, 2] * gains[2] * dim,
            )
            grey = F(0.21) * r + F(0.72) * g + F(0.07) * b
            r, g, b = grey + saturation * (r - grey), grey + saturation * (g - grey), grey + saturation * (b - grey)
            scale = last * F(0.25)
            out[y, x, 0] = table[int(min(max(r * scale, F(0)), last))]
            out[y, x, 1] = table[int(min(max(g * scale, F(0)), last))]
            out[y, x, 2] = table[int(min(max(b * scale, F(0)), last))]


def blurred(picture: Array, sigma: float) -> NDArray[np.float32]:
    """Blur (H, W, 3) by a Gaussian of `sigma` pixels."""
    if sigma < 0.2:
        return picture
    half = max(1, int(np.ceil(2.5 * sigma)))
    taps = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2).astype(np.float32)
    taps /= taps.sum()
    height, width = picture.shape[:2]
    turned, out = np.empty((width, height, 3), np.float32), np.empty((height, width, 3), np.float32)
    _blur_rows(np.ascontiguousarray(picture, np.float32), turned, taps)
    _blur_rows(turned, out, taps)
    return out


def develop(linear: Array, lens: Lens, level: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Picture (H, W, 3) uint8 sRGB of linear light. level: mean brightness of the face in `linear`."""
    picture = blurred(linear, lens.blur_px)
    if lens.motion_px > 0:
        count = max(2, round(lens.motion_px))
        smeared, angle = np.empty_like(picture), np.radians(lens.motion_deg)
        step = lens.motion_px / count
        _smear(picture, smeared, np.cos(angle) * step, np.sin(angle) * step, count)
        picture = smeared
    gains = np.asarray(lens.balance, np.float32) * np.float32(
        lens.exposure / max(level, 1e-3) ** 0.6 / USUAL_LEVEL**0.4
    )
    out = np.empty(picture.shape, np.float32)
    saturation = 0.0 if lens.grey else lens.saturation
    _develop(picture, gains, np.float32(saturation), np.float32(lens.vignette), tone_curve(lens), out)
    if lens.noise > 0:
        noise = rng.standard_normal(out.shape, np.float32)
        if lens.noise_grain:
            noise = blurred(noise, 0.7) * np.float32(2.2)
        out += noise * np.float32(255 * lens.noise)
    image = Image.fromarray(np.clip(out + 0.5, 0, 255).astype(np.uint8))
    if lens.scale < 1:
        size = image.size
        small = (max(8, round(size[0] * lens.scale)), max(8, round(size[1] * lens.scale)))
        image = image.resize(small, Image.Resampling.BOX if lens.scale < 0.5 else Image.Resampling.BILINEAR)
        image = image.resize(size, Image.Resampling.BILINEAR if rng.random() < 0.5 else Image.Resampling.BICUBIC)
    if lens.jpeg:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=lens.jpeg)
        image = Image.open(buffer).convert("RGB")
    return np.array(image)


def tone_curve(lens: Lens) -> NDArray[np.float32]:
    """The tone curve (STEPS,) 0..255 over linear 0..4: a soft shoulder, sRGB, gamma and contrast."""
    curve = _soft_curve() ** lens.gamma
    curve = np.clip((curve - 0.45) * lens.contrast + 0.45, 0, 1)
    return (255 * curve).astype(np.float32)


@lru_cache(maxsize=1)
def _soft_curve() -> NDArray[np.floating]:
    """What all tone curves start from (STEPS,) 0..1: a soft shoulder, then sRGB."""
    value = np.linspace(0, 4, STEPS, dtype=np.float32)
    soft = np.where(value < 0.8, value, 0.8 + 0.2 * (1 - np.exp(-(value - 0.8) / 0.35)))
    curve = np.where(soft <= 0.0031308, soft * 12.92, 1.055 * np.power(np.maximum(soft, 1e-9), 1 / 2.4) - 0.055)
    return np.clip(curve, 0, 1)
