"""What is behind the people of the studio: noise, plain walls, blurred shapes, and places of photos."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.types import Array, FaceGPTError
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.synthesis.studio.records import Backdrop

#: Side of stored places of photos, px.
PLACE_PX = 128


def paint_backdrop(look: Backdrop, side: int, photos: str, blur: float = 0.0) -> NDArray[np.float32]:
    """Paint a backdrop (full, full, 3) linear RGB, out of focus by `blur` pixels.

    photos: data folder with the training photos, "" for none.
    """
    full, shrink = side, 1.0 if blur < 2 else 0.5 if blur < 4 else 0.25
    side = int(full * shrink)
    rng = np.random.default_rng([look.seed, 2])
    kind = look.kind
    places = photo_places(photos) if photos else None
    if kind == "photo" and places is not None:
        picture = Image.fromarray(places[rng.integers(len(places))])
        if rng.random() < 0.5:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        picture = picture.resize((side, side), Image.Resampling.BILINEAR)
    elif kind == "noise":
        coarse = int(rng.integers(2, 10))
        grain = rng.random(3) * 255 + rng.standard_normal((coarse, coarse, 3)) * rng.uniform(8, 90)
        picture = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)).resize(
            (side, side), Image.Resampling.BICUBIC
        )
    elif kind == "plain":
        picture = _plain(rng, side)
    else:
        picture = _shapes(rng, side)
    if blur * shrink > 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(blur * shrink))
    if side != full:
        picture = picture.resize((full, full), Image.Resampling.BILINEAR)
    return np.take(LINEAR_OF_BYTE * np.float32(look.brightness), np.asarray(picture))


def _plain(rng: np.random.Generator, side: int) -> Image.Image:
    """A wall with a soft gradient."""
    middle = rng.random(3) * 255 if rng.random() < 0.4 else np.full(3, rng.random() * 255) + rng.normal(0, 8, 3)
    corners = middle + rng.normal(0, 25, (2, 2, 1)) + rng.normal(0, 4, (2, 2, 3))
    return Image.fromarray(np.clip(corners, 0, 255).astype(np.uint8)).resize((side, side), Image.Resampling.BILINEAR)


def _shapes(rng: np.random.Generator, side: int) -> Image.Image:
    """Boxes, discs and lines over a gradient: a room or a street out of focus."""
    small = 48
    picture = _plain(rng, small)
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.integers(2, 11)):
        x, y = rng.uniform(-10, small, 2)
        w, h = rng.uniform(3, 30, 2)
        colour = tuple(int(c) for c in np.clip(rng.random() * 230 + rng.normal(0, 35, 3), 0, 255))
        kind = rng.random()
        if kind < 0.5:
            pen.rectangle((x, y, x + w, y + h), fill=colour)
        elif kind < 0.8:
            pen.ellipse((x, y, x + w, y + w), fill=colour)
        else:
            pen.line((x, y, x + rng.normal(0, 30), y + rng.normal(0, 30)), fill=colour, width=int(rng.integers(1, 5)))
    return picture.resize((side, side), Image.Resampling.BICUBIC if rng.random() < 0.7 else Image.Resampling.NEAREST)


@lru_cache(maxsize=1)
def photo_places(folder: str) -> NDArray[np.uint8]:
    """Cut places (N, PLACE_PX, PLACE_PX, 3) out of the training half of the photos and portraits, beside the faces."""
    rows = PHOTO_SPLIT.read_text(encoding="utf-8").splitlines()[1:]
    names = sorted(row.split(",")[0] for row in rows if row.split(",")[1] == "training")
    places = []
    for name in names:
        path = Path(folder) / name
        if path.is_file():
            places += _cut(np.asarray(Image.open(path).convert("RGB")))
    if not places:
        raise FaceGPTError(f"'{folder}' holds none of the training photos (portraits/…); leave the setting out")
    return np.stack(places)


def _cut(picture: Array) -> list[NDArray[np.uint8]]:
    """The corners of a picture that faces leave free: the face is about its middle."""
    height, width = picture.shape[:2]
    size = int(0.34 * min(height, width))
    found = []
    for left, top in ((0, 0), (width - size, 0), (0, (height - size) // 2), (width - size, (height - size) // 2)):
        part = Image.fromarray(picture[top : top + size, left : left + size])
        found.append(np.asarray(part.resize((PLACE_PX, PLACE_PX), Image.Resampling.BILINEAR)))
    return found
