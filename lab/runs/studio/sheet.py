"""Draw the sheet of docs/synthetic-photos.md: python -m lab.runs.studio.sheet OUT.jpg [PHOTO_SKINS.npz] [DATA_FOLDER].

Rows of crops of seed 2, and a last row with the points: green where they are seen, red where something hides them.
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

from facegpt_lab.synthesis.studio.sample import StudioPhoto, StudioSettings, make_photo
from facegpt_lab.synthesis.studio.shards import STRIDE

COLUMNS, ROWS = 9, 6


def with_points(photo: StudioPhoto) -> np.ndarray:
    """Mark the points on the picture."""
    picture = np.array(Image.fromarray(photo.image).convert("L").convert("RGB"))
    side = len(picture)
    for (x, y), seen in zip(np.round(photo.points_px).astype(int), photo.visible, strict=True):
        if 0 <= x < side and 0 <= y < side:
            picture[y, x] = (40, 255, 60) if seen else (255, 60, 40)
    return picture


def main() -> None:
    """Draw and save."""
    settings = StudioSettings(
        photo_skins=sys.argv[2] if len(sys.argv) > 2 else "", photos=sys.argv[3] if len(sys.argv) > 3 else ""
    )
    photos = [make_photo(2 * STRIDE + k, settings) for k in range(COLUMNS * ROWS)]
    pictures = [photo.image for photo in photos[:-COLUMNS]] + [with_points(photo) for photo in photos[-COLUMNS:]]
    rows = [np.concatenate(pictures[k : k + COLUMNS], 1) for k in range(0, len(pictures), COLUMNS)]
    Image.fromarray(np.concatenate(rows)).save(sys.argv[1], quality=82)


if __name__ == "__main__":
    main()
