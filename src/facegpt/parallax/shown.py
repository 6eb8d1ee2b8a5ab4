"""A picture of what several photos share: each place of the skin as a dot of one colour in all that show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.parallax.tracks import Tracks

#: Height of the photos in the picture, px; places that are drawn at most; how far around the places a photo is shown.
HEIGHT_PX, MOST_PLACES, AROUND = 420, 500, 0.25
#: How much of a photo's own colours shows below the dots.
FADED = 0.55


def match_picture(images: Sequence[NDArray[np.uint8]], tracks: Tracks) -> NDArray[np.uint8]:
    """The photos (H, W, 3) uint8 beside each other, grey and pale, with the places on top: (h, w, 3) uint8 sRGB.

    images: those of the tracks, in their order. A place's colour tells where it lies in the first one.
    """
    rows = np.unique(np.linspace(0, len(tracks.corners) - 1, min(len(tracks.corners), MOST_PLACES)).astype(int))
    some = tracks.some(rows)
    colours = _colours(some.pixels[:, 0])
    shown = [_dotted(image, some.pixels[:, j], some.seen[:, j], colours) for j, image in enumerate(images)]
    return np.hstack(shown)


def _colours(places: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Bright colours (N, 3) that change with the place (N, 2): hue from left to right, lightness downwards."""
    low, high = places.min(0), places.max(0)
    across, down = ((places - low) / np.maximum(high - low, 1e-9)).T
    hsv = np.stack([across * 0.85, np.full(len(across), 0.9), 1 - 0.35 * down], 1)
    row = Image.fromarray(np.rint(hsv * 255).astype(np.uint8)[None], "HSV").convert("RGB")
    return np.asarray(row, np.uint8).reshape(-1, 3)


def _dotted(
    image: NDArray[np.uint8], places: NDArray[np.float64], seen: NDArray[np.bool_], colours: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The part of a photo around its places, with a dot for each."""
    height, width = image.shape[:2]
    low, high = (places[seen].min(0), places[seen].max(0)) if seen.any() else (np.zeros(2), np.array([width, height]))
    margin = AROUND * (high - low).max()
    x0, y0 = np.floor(np.clip(low - margin, 0, None)).astype(int)
    x1, y1 = np.ceil(np.minimum(high + margin, (width, height))).astype(int)
    factor = HEIGHT_PX / max(y1 - y0, 1)
    grey = Image.fromarray(image[y0:y1, x0:x1]).convert("L").convert("RGB")
    grey = grey.resize((max(round((x1 - x0) * factor), 1), HEIGHT_PX), Image.Resampling.LANCZOS)
    picture = Image.blend(Image.new("RGB", grey.size, "white"), grey, FADED)
    draw, radius = ImageDraw.Draw(picture), 2.2
    for (x, y), colour in zip((places[seen] - (x0, y0)) * factor, colours[seen], strict=True):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tuple(int(part) for part in colour))
    return np.asarray(picture)
