"""A second sculptor, who knows no faces: folds run along level lines of smooth noise, anywhere and in any direction.

A network that has seen only folds of `folds.py` can lean on where these run. These are as deep and wide, some with the
cross section of a valley and some with that of a step (skin that hangs over), and have no place of their own.
"""

from __future__ import annotations

import numpy as np

from facegpt.detail.skin_window import HEIGHT, Maps
from facegpt_lab.synthesis.relief.canvas import smooth_noise
from facegpt_lab.synthesis.relief.folds import warped

#: Of a layer of lines: how many layers, depth and width in mm, distance of its lines as a blur of noise in texels.
LAYERS, DEPTH_MM, WIDTH_MM, APART = (1, 5), (0.05, 0.9), (0.8, 3.0), (3.0, 16.0)
#: Most that rows are shifted against each other, texels a row: turns lines that run across.
SHEAR = 1.2
#: Mean length of a texel, mm.
TEXEL_MM = 0.7


def level_lines(rng: np.random.Generator) -> Maps:
    """Draw layers of folds (HEIGHT, WIDTH) mm, each on some part of the skin."""
    return np.sum([_layer(rng) for _ in range(int(rng.integers(*LAYERS)))], axis=0).astype(np.float32)


def _layer(rng: np.random.Generator) -> Maps:
    noise = smooth_noise(rng, (_log_uniform(rng, APART), _log_uniform(rng, APART)))
    noise = warped(_sheared(noise, rng.uniform(-SHEAR, SHEAR)), rng, rng.uniform(0, 5))
    down, across = np.gradient(noise)
    slope = np.hypot(down, across)
    usual = float(np.median(slope))
    signed = TEXEL_MM * noise / np.maximum(slope, 0.2 * usual)  # mm from the level line, to first order
    width = _log_uniform(rng, WIDTH_MM)
    valley = -np.exp(-(np.abs(signed / width) ** rng.uniform(1.2, 2.2)))
    hanging = rng.uniform(0, 1) if rng.random() < 0.4 else 0.0
    step = np.tanh(signed / width) * np.exp(-np.abs(signed) / (4 * width))
    part = np.clip(1.5 * (smooth_noise(rng, rng.uniform(14, 30)) + rng.uniform(-1.2, 0.6)), 0, 1)
    if rng.random() < 0.5:
        part = np.maximum(part, part[:, ::-1])
    broken = np.clip(0.6 + 0.5 * smooth_noise(rng, rng.uniform(6, 20)), 0, 1.2)
    clear = np.minimum(slope / usual, 1.0)  # flat noise has no lines
    return np.asarray(_log_uniform(rng, DEPTH_MM) * part * broken * clear * (valley + hanging * step))


def _sheared(noise: Maps, texels: float) -> Maps:
    """Shift each row against the one above; the map is periodic."""
    columns = np.arange(noise.shape[1])[None] + np.rint(texels * np.arange(HEIGHT)).astype(int)[:, None]
    return np.take_along_axis(noise, columns % noise.shape[1], axis=1)


def _log_uniform(rng: np.random.Generator, ends: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(ends))))
