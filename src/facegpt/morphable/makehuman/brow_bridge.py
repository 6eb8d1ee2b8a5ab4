"""Hair between the brows, of people whose brows meet: where it lies on the texture, and its picture.

The fields of a brow (AlbedoModel.growth["brow"]) end a little inside of its inner end; between them a place is told by
the texture's columns, which lie symmetrically about its middle, and heights are those of the inner ends of that row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, map_coordinates

from facegpt.types import Array

#: Length of a brow, mm: its places 0..1 are shares of it.
BROW_LENGTH_MM = 50.0
#: Of the picture: pixels per mm, half its width and half its height, mm.
_PX, _HALF_ACROSS_MM, _HALF_HIGH_MM = 24, 15.0, 9.0
#: Places by which the heights between the brows are told, and those by which millimetres across are.
_INNER_END, _BESIDE_END = (-0.1, 0.04), 0.15
#: How many hairs there are, how far their roots lie from the middle line (SD, most) and how long they are, mm.
_HAIRS, _ROOT_MM, _LENGTH_MM = 360, (1.5, 3.2), (3.2, 5.6)
#: How far the hairs of either side lean towards the middle, and how much one differs from the next, degrees.
_LEAN_DEG, _LEAN_SD_DEG = 28.0, 17.0
#: How much of the skin between the hairs lies in their shadow.
_SHADOW = 0.55


@dataclass(frozen=True)
class Bridge:
    """Cover and tone (h, w) in 0..1 of the hairs between the brows, and cover with the shade below them."""

    hairs: NDArray[np.float32]
    shaded: NDArray[np.float32]
    tone: NDArray[np.float32]


def bridge_at(place: Array, above: Array, amount: float, thickness: float) -> Bridge:
    """The hair between brows on a part of a texture that holds both of them, symmetrical about its middle column.

    Args:
        place: (h, w) place along the nearer brow, 0 its inner end, below 0 between them.
        above: (h, w) mm above its middle line.
        amount: 0 none … 1 as dense as the brows.
        thickness: of the brows, SDs.
    """
    across, height = millimetres_between(place, above)
    texel_mm = float(np.median(np.abs(np.diff(across, axis=1))))
    hairs, tone = _picture(round(float(thickness), 2), max(1, round(_PX * texel_mm * 0.6)))
    scale = hairs.shape[0] / (2 * _HALF_HIGH_MM)
    at = np.stack([(_HALF_HIGH_MM - height) * scale - 0.5, (across + _HALF_ACROSS_MM) * scale - 0.5])
    cover, shade = (
        float(amount) * map_coordinates(plane, at, order=1, mode="constant")
        for plane in (hairs, gaussian_filter(hairs, 0.9 * scale))
    )
    shaded = 1 - (1 - cover) * (1 - _SHADOW * shade)
    return Bridge(cover, shaded.astype(np.float32), map_coordinates(tone, at, order=1, mode="constant"))


def millimetres_between(place: Array, above: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Millimetres from the middle (towards the right of the texture) and above the brows' line, (h, w) both."""
    known = np.abs(above) < _HALF_HIGH_MM
    near = known & (np.abs(place) < _BESIDE_END)
    texel_mm = BROW_LENGTH_MM * float(np.median(np.abs(np.gradient(place, axis=1))[near]))
    columns = np.arange(place.shape[1], dtype=np.float32) - (place.shape[1] - 1) / 2
    across = np.broadcast_to(columns * texel_mm, place.shape).astype(np.float32)
    end = known & (place > _INNER_END[0]) & (place < _INNER_END[1])
    rows = np.flatnonzero(end.any(1))
    of_row = [float(above[row][end[row]].mean()) for row in rows]
    every = np.arange(len(place))
    slope = (of_row[-1] - of_row[0]) / max(int(rows[-1] - rows[0]), 1)
    heights = np.interp(every, rows, of_row)
    heights += slope * (np.minimum(every - rows[0], 0) + np.maximum(every - rows[-1], 0))
    return across, np.broadcast_to(heights[:, None], place.shape).astype(np.float32)


@lru_cache(maxsize=8)
def _picture(thickness: float, reduce: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw the hairs: cover and tone (h, w) in 0..1, reduced by a whole factor. Fewest in the middle."""
    rng = np.random.default_rng(13)
    size = int(2 * _HALF_ACROSS_MM * _PX), int(2 * _HALF_HIGH_MM * _PX)
    cover, tone = Image.new("L", size, 0), Image.new("L", size, 128)
    pens = ImageDraw.Draw(cover), ImageDraw.Draw(tone)
    wide = float(np.exp(0.2 * np.clip(thickness, -3, 3)))
    for _ in range(int(_HAIRS * wide**0.7)):
        side = rng.choice((-1.0, 1.0))
        away = _HALF_ACROSS_MM * float(rng.beta(1.3, 1.15)) * 0.92
        root = float(np.clip(rng.normal(-0.4, _ROOT_MM[0] * wide), -_ROOT_MM[1] * wide, _ROOT_MM[1] * wide))
        lean = np.radians(_LEAN_DEG * (1 - away / _HALF_ACROSS_MM) + rng.normal(0, _LEAN_SD_DEG))
        length = float(rng.uniform(*_LENGTH_MM)) * (0.75 + 0.25 * away / _HALF_ACROSS_MM)
        along = length * np.linspace(0, 1, 5)
        x, y = side * (away - np.sin(lean) * along), root - 0.35 * length + np.cos(lean) * along
        line = [((a + _HALF_ACROSS_MM) * _PX, (_HALF_HIGH_MM - b) * _PX) for a, b in zip(x, y, strict=True)]
        strength, shade = int(rng.uniform(140, 235)), int(rng.uniform(70, 190))
        for k in range(4):
            pens[0].line(line[k : k + 2], fill=int(strength * (1 - 0.5 * (k / 3) ** 2)), width=4 if k < 2 else 3)
            pens[1].line(line[k : k + 2], fill=shade, width=4)
    reduced = (np.asarray(each.reduce(reduce), np.float32) / np.float32(255) for each in (cover, tone))
    first, second = reduced
    return first, second
