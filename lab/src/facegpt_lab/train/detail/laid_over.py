"""Things laid over the skin of a stored example: strands, wires, rims and straps, which must not become folds.

A fold is dark on one flank and bright on the other as the light falls, and fades along its way; a thing that lies on
the skin has a colour of its own, two sharp edges, keeps its width, shines along its axis and throws a shadow beside it.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter

from facegpt.detail.observation import TONE_TEXELS
from facegpt.detail.skin_window import Maps

#: Half the width of thin things and of straps, texels; share of straps; most strands that run side by side.
THIN, STRAP, STRAPS, STRANDS = (0.35, 2.5), (3.0, 12.0), 0.15, 7
#: Log units by which things are darker or lighter than the skin; share of dark ones; how far colours differ, SD.
DARK, LIGHT, DARKER, TINT = (-2.6, -0.25), (0.15, 1.2), 0.75, 0.12
#: Shadows: depth in log units, distance from the thing and blur, texels; share of things that throw one.
SHADOW, AWAY, SOFT, SHADED = (-0.7, -0.08), (1.0, 7.0), (0.6, 3.0), 0.6
#: How often what sees hidden skin finds the thing, at least in part.
FOUND = 0.3


def lay_over(values: Maps, rng: np.random.Generator) -> None:
    """Lay something over a piece (5 or more, H, W) of an example, in place: fine differences, and what is seen."""
    shape = values.shape[1:]
    strap = rng.random() < STRAPS
    width = _log_uniform(rng, STRAP if strap else THIN)
    count = 1 if strap or rng.random() < 0.5 else int(rng.integers(2, STRANDS + 1))
    dark = rng.random() < DARKER
    colour = rng.uniform(*(DARK if dark else LIGHT)) + rng.normal(0, TINT, 3)
    pixels = 2.0 ** float(np.median(values[7]))  # a texel
    blur = float(np.hypot(rng.uniform(0.2, 0.8), 0.5 / max(pixels, 0.3)))
    line = _path(shape, rng)
    cover = np.zeros(shape, np.float32)
    for _ in range(count):
        aside = rng.normal(0, 1 if count == 1 else 5, 2).astype(np.float32)
        cover = np.maximum(cover, _stroke(shape, line + aside + _wiggle(len(line), rng), width * rng.uniform(0.6, 1.2)))
    core = np.maximum(gaussian_filter(cover, blur + 0.3 * width, truncate=2) - 0.5, 0) * 2  # shines along its axis
    cover = gaussian_filter(cover, blur, truncate=2)
    gloss = core * (rng.uniform(0, 1.2) if rng.random() < 0.5 else 0.0)
    skin = values[:3] / 10
    change = cover * (colour[:, None, None] + gloss - skin)
    if rng.random() < SHADED:
        away = np.rint(rng.normal(0, 1, 2) * (rng.uniform(*AWAY) + width)).astype(int)
        shadow = gaussian_filter(np.roll(cover, away, (0, 1)), rng.uniform(*SOFT), truncate=2)
        change += rng.uniform(*SHADOW) * shadow * (1 - cover)
    values[:3] = np.clip(10 * (skin + change - _tone(change)), -15, 15) * (values[4] > 0)
    if rng.random() < FOUND:
        values[4] *= 1 - rng.uniform(0, 1) * np.clip(gaussian_filter(cover, rng.uniform(1, 5)) * 2, 0, 1)


def _tone(change: Maps) -> Maps:
    """What a wide blur leaves of a change (3, H, W), H and W multiples of 4."""
    small = change.reshape(3, change.shape[1] // 4, 4, change.shape[2] // 4, 4).mean((2, 4))
    wide = gaussian_filter(small, (0, TONE_TEXELS / 4, TONE_TEXELS / 4), truncate=2)
    return np.asarray(np.repeat(np.repeat(wide, 4, 1), 4, 2), np.float32)


def _path(shape: tuple[int, ...], rng: np.random.Generator) -> Maps:
    """A line (N, 2) of rows and columns that runs through a piece, straight to well bent, some with ends."""
    angle, bend = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.012)
    steps = int(rng.integers(25, 2 * max(shape)))
    angles = angle + bend * np.arange(steps) + np.cumsum(rng.normal(0, 0.01, steps))
    moved = np.cumsum(np.stack([np.sin(angles), np.cos(angles)], 1), axis=0)
    through = np.array([rng.uniform(0, side) for side in shape])
    return np.asarray(moved - moved[int(rng.integers(steps))] + through, np.float32)


def _wiggle(count: int, rng: np.random.Generator) -> Maps:
    walk = np.cumsum(rng.normal(0, rng.uniform(0, 0.12), (count, 2)), axis=0)
    return np.asarray(walk - walk.mean(0), np.float32)


def _stroke(shape: tuple[int, ...], path: Maps, half_width: float) -> Maps:
    """Cover (H, W) 0..1 of a stroke with sharp edges; thinner than a texel it covers less."""
    marked = np.ones(shape, bool)
    rows, columns = np.rint(path).astype(int).T
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    if not inside.any():
        return np.zeros(shape, np.float32)
    marked[rows[inside], columns[inside]] = False
    distance = distance_transform_edt(marked)
    return np.asarray(np.clip(half_width - distance + 0.5, 0, 1), np.float32)


def _log_uniform(rng: np.random.Generator, ends: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(ends))))
