"""Whether a face may be no living one: of one tone as stone is, or without grain as drawings are.

Blood, melanin and light from around give living skin many hues of one lightness; stone, plaster and bronze have one,
and so has what is seen through tinted glass. Photos have grain everywhere, drawings have not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.geometry import FACE_POINTS
from facegpt.detect.outlines import in_hull
from facegpt.detect.windows import Photo
from facegpt.encode.parts import SKIN, FaceParts, map_crop
from facegpt.reconstruct.one_tone import SHOWN, off_usual_hues

#: How far hues of a face lie from the usual of their lightness at most in stone, levels of 128, mean (of 60 faces given
#: the tones of marble, bronze and clay at most 3.3; of 292 CC0 pictures with colours at least 5.2, and at a fifth of
#: their brightness 4.1); fewest px that tell, and about the most that are read.
STONE, FEWEST, MOST = 3.6, 200, 2000
#: Share of a face's blocks of BLOCK × BLOCK pixels without grain, within EVEN levels of 8 bits, from which it is drawn.
#: Blocks are larger than JPEG's, which are flat in strongly compressed photos (of which one in a hundred has as much).
FLAT, EVEN, BLOCK, FEWEST_BLOCKS = 0.04, 2, 10, 50
#: Faces are looked at with at most so many pixels, a side; levels that are white or too dark to show grain.
MOST_PX, DIM, WHITE = 600, 60, 250


def hues_of_face(image: Photo, parts: FaceParts) -> float:
    """How far hues of a face lie from the usual of their lightness, sRGB levels, mean; inf where too little is seen."""
    skin = parts.seen & (parts.share(SKIN) > 0.9)
    if np.count_nonzero(skin) < FEWEST:
        return float("inf")
    colours = 255.0 * map_crop(image, parts)[skin][:: max(1, int(skin.sum()) // MOST)]
    shown = (colours.max(1) > SHOWN[0]) & (colours.min(1) < SHOWN[1])
    return off_usual_hues(colours[shown]) if shown.sum() >= FEWEST else float("inf")


def is_stone(image: Photo, parts: FaceParts) -> bool:
    """Whether a face of a photo with colours has one tone only."""
    return hues_of_face(image, parts) < STONE


def is_flat(image: Photo, parts: FaceParts) -> bool:
    """Whether much of a face has no grain, as of drawings, of dolls and behind visors."""
    return flat_share(image, parts) > FLAT


def flat_share(image: Photo, parts: FaceParts) -> float:
    """The share of a face in which pixels beside each other have one colour; those that are white or black aside."""
    if parts.points is None:
        return 0.0
    points, number = np.asarray(parts.points)[:FACE_POINTS, :2] + 0.5, 0
    while np.ptp(points, axis=0).max() > MOST_PX:
        points, number = points / 2, number + 1
    level = image.level(number)
    low = np.clip(np.floor(points.min(0)), 0, None).astype(int)
    high = np.minimum(np.ceil(points.max(0)), level.shape[1::-1]).astype(int)
    columns, rows = np.maximum(high - low, 0) // BLOCK
    if min(rows, columns) < BLOCK:
        return 0.0
    window = level[low[1] : low[1] + BLOCK * rows, low[0] : low[0] + BLOCK * columns]
    least, most = (_of_blocks(window, reduce) for reduce in (np.minimum.reduce, np.maximum.reduce))
    across, down = np.meshgrid(np.arange(columns), np.arange(rows))
    middle = BLOCK * (np.stack([across, down], -1) + 0.5) + low
    middle = middle.reshape(-1, 2)
    skin = parts.belief_at((middle - 0.5) * 2.0**number, SKIN) > 0.5
    face = (in_hull(middle, points) & skin).reshape(rows, columns) & (most.max(-1) > DIM)
    if face.sum() < FEWEST_BLOCKS:
        return 0.0
    even = (most - least <= EVEN).all(-1) & (least.min(-1) < WHITE)
    return float(even[face].mean())


def _of_blocks(window: NDArray[np.uint8], reduce: Callable[..., NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """The least or the most of each block of a picture: (rows, columns, 3)."""
    rows, columns = (length // BLOCK for length in window.shape[:2])
    across = reduce(window.reshape(rows, BLOCK, -1), axis=1)
    return reduce(across.reshape(rows, columns, BLOCK, 3), axis=2)
