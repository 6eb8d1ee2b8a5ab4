"""What lies behind heads, drawn at random: leaves, pebbles, petals, with gaps that are bright or dark ("dead leaves").

Few photos have the same clutter behind an ear, so that it would be learnt by heart.
"""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.types import Array

#: Leaves of a picture, their least and greatest half length in px, the share of pictures that are green.
LEAVES, LENGTHS, GREEN = (100, 700), (1.5, 16.0), 0.5
#: Belief in background of a cell from which its pixels are changed.
BEHIND = 0.5


def clutter(size: int, random: Generator) -> NDArray[np.float32]:
    """A picture (size, size, 3) 0..1 of ellipses over each other, out of focus by some pixels or none."""
    hue, spread = (0.28 if random.random() < GREEN else random.random()), random.uniform(0.02, 0.15)
    grey, gap = random.uniform(0.1, 0.9), random.choice([random.uniform(0, 0.15), random.uniform(0.8, 1)])
    slim, turn = random.uniform(0.25, 1), np.pi * random.random()
    picture = np.full((size, size, 3), gap, np.float32)
    for _ in range(int(random.integers(*LEAVES))):
        half = float(LENGTHS[0] / (1 - random.random() * (1 - LENGTHS[0] / LENGTHS[1])))
        x, y = random.integers(0, size, 2)
        rows, columns = slice(max(y - int(half), 0), y + int(half) + 1), slice(max(x - int(half), 0), x + int(half) + 1)
        across, down = np.meshgrid(np.arange(size)[columns] - x, np.arange(size)[rows] - y)
        angle = turn + 0.6 * random.normal()
        along, aside = across * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - across * np.sin(angle)
        inside = (along**2 + (aside / slim) ** 2 < half**2)[..., None]
        shade = np.clip(random.normal(grey, 0.25), 0.03, 1)
        colour = colorsys.hsv_to_rgb((hue + spread * random.normal()) % 1, random.uniform(0.1, 0.8), float(shade))
        lit = np.array(colour) * (1 + 0.3 * random.normal() * aside / half)[..., None]
        picture[rows, columns] = np.where(inside, np.clip(lit, 0, 1), picture[rows, columns])
    soft = random.choice([0.5, 1.0, 2.5])
    return np.asarray(gaussian_filter(picture, (soft, soft, 0)), np.float32)


def with_behind(
    colours: NDArray[np.uint8], behind: Array, covers: Array, picture: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """A window (H, W, 3) with another picture where the photo shows what is behind the head.

    Args:
        colours: the window.
        behind: (h, w) belief of its cells in background.
        covers: (h, w) what is drawn on cells, which stays.
        picture: (H, W, 3) 0..1.
    """
    height, width = colours.shape[:2]
    free = ((behind > BEHIND) & (covers < 0.05)).astype(np.float32)
    share = np.asarray(Image.fromarray(free).resize((width, height), Image.Resampling.BILINEAR))
    share = gaussian_filter(np.clip(2 * share - 0.5, 0, 1), 0.7)[..., None]
    return np.asarray(colours * (1 - share) + 255 * share * picture, np.uint8)
