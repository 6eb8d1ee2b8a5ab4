"""Tiles of the pictures that evaluations draw: a square of a photo around a face, its camera, and points as lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.types import Array, Camera

#: Height of a line of text, px, and the surroundings that a tile shows, as a share of the face's box on each side.
LINE_PX, AROUND = 17, 0.35
#: The 68 points as lines: outline, brows, nose, eyes, lips; the last two are closed.
LINES = (range(17), range(17, 22), range(22, 27), range(27, 31), range(31, 36))
LOOPS = (range(36, 42), range(42, 48), range(48, 60), range(60, 68))


def square_around(boxes: Array) -> tuple[Array, float]:
    """Corner (2,) and side in pixels of a square around boxes (N, 4), with room."""
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    side = float((high - low).max()) * (1 + 2 * AROUND)
    return np.floor((low + high) / 2 - side / 2), float(np.ceil(side))


def cut_tile(image: NDArray[np.uint8], low: Array, side: float, tile_px: int) -> NDArray[np.uint8]:
    """Cut a square out of a photo, black where it ends, and scale it to a tile."""
    x, y = (int(value) for value in low)
    part = Image.fromarray(image).crop((x, y, x + int(side), y + int(side)))
    return np.asarray(part.resize((tile_px, tile_px), Image.Resampling.LANCZOS))


def camera_of_tile(camera: Camera, low: Array, side: float, tile_px: int) -> Camera:
    """The camera of the tile that `cut_tile` makes of the photo of `camera`."""
    scale = tile_px / side
    x, y = (np.asarray(camera.principal_px) - low + 0.5) * scale - 0.5
    return Camera(camera.focal_px * scale, (float(x), float(y)), tile_px, tile_px)


def side_by_side(blocks: Sequence[Image.Image], columns: int) -> Image.Image:
    """Put pictures of one size into rows of so many."""
    width, height = blocks[0].size
    out = Image.new("RGB", (width * min(columns, len(blocks)), height * -(-len(blocks) // columns)))
    for number, block in enumerate(blocks):
        out.paste(block, (number % columns * width, number // columns * height))
    return out


def trace(picture: Image.Image, points: Array, colour: tuple[int, int, int]) -> None:
    """Draw the 68 points (68, 2) px as lines."""
    pen = ImageDraw.Draw(picture)
    for line in LINES:
        pen.line([tuple(points[k]) for k in line], fill=colour, width=1)
    for loop in LOOPS:
        pen.line([tuple(points[k]) for k in (*loop, loop[0])], fill=colour, width=1)
