"""Things that lie on a face in a photo, drawn on it: wires, strands of hair, straps. None of them is a fold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

#: Thickness of a wire, a strand and a strap as shares of the face's width, and how many lie side by side.
KINDS = {"wire": (0.012, 1), "strand": (0.006, 6), "strap": (0.05, 1)}
#: Colours that they have, sRGB.
COLOURS = ((18, 17, 20), (235, 233, 228), (70, 45, 30), (150, 30, 40))
#: How dark a thing's shadow is, how far beside it, and how soft, the last two as shares of the face's width.
SHADOW, ASIDE, SOFT = 90, 0.015, 0.008
#: Drawn so many times as large, then shrunk.
FINER = 2


def with_thing(
    image: NDArray[np.uint8], box: tuple[float, float, float, float], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The photo (H, W, 3) with one thing, of a kind drawn by rng, across the face in `box` (x0, y0, x1, y1 pixels)."""
    x0, y0, x1, y1 = (FINER * side for side in box)
    width = x1 - x0
    share, count = KINDS[str(rng.choice(list(KINDS)))]
    colour = COLOURS[int(rng.integers(len(COLOURS)))]
    size = (image.shape[1] * FINER, image.shape[0] * FINER)
    cover, shade = Image.new("L", size), Image.new("L", size)
    ends = [(rng.uniform(x0, x1), y0 + rng.uniform(-0.1, 0.2) * (y1 - y0)),
            (rng.uniform(x0, x1), y0 + rng.uniform(0.4, 0.9) * (y1 - y0)),
            (rng.uniform(x0, x1), y1 + rng.uniform(-0.1, 0.2) * (y1 - y0))]  # fmt: skip
    for _ in range(count):
        knots = np.array(ends) + (rng.normal(0, 0.03 * width, (3, 2)) if count > 1 else 0)
        t = np.linspace(0, 1, 60)[:, None]
        curve = (1 - t) ** 2 * knots[0] + 2 * t * (1 - t) * knots[1] + t**2 * knots[2]
        thick = max(round(share * width), 1)
        ImageDraw.Draw(cover).line([(x, y) for x, y in curve], 255, thick, "curve")
        ImageDraw.Draw(shade).line([(x + ASIDE * width, y + ASIDE * width) for x, y in curve], SHADOW, thick, "curve")
    shade = shade.filter(ImageFilter.GaussianBlur(SOFT * width))
    small = (image.shape[1], image.shape[0])
    alpha, dark = (
        np.asarray(m.resize(small, Image.Resampling.BOX), np.float32)[..., None] / 255 for m in (cover, shade)
    )
    lit = image * (1 - dark)
    return np.round(lit + alpha * (np.array(colour, np.float32) - lit)).astype(np.uint8)
