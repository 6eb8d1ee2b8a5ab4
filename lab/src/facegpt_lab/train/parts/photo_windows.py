"""Windows of real photos for training, without anybody's labels: what two other networks say of them.

MediaPipe's segmenter says where hair is; the dense landmark network tells a few coarse parts of the face. Each is
believed where it is sure, and each says only which parts a pixel may show (facegpt.encode.parts.PARTS).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial import Delaunay

from facegpt.data.images import read_image
from facegpt.detect.base import Detector
from facegpt.detect.windows import Photo, Window
from facegpt.encode.base import Landmarker
from facegpt.encode.parts import (
    BACKGROUND,
    BEARD,
    CLOTHES,
    EAR,
    GLASSES,
    HAIR,
    HAND,
    HAT,
    INPUT_PX,
    PARTS,
    SKIN,
    PartsReader,
    parts_window,
)
from facegpt.runtime.progress import Progress
from facegpt.types import Array, DensePoints, FaceGPTError, ImageError
from facegpt_lab.train.parts.held import hands_in, with_hands
from facegpt_lab.train.parts.worn_cloth import cloth_in, with_cloth

#: What a class of the dense network's map may be here.
COARSE: tuple[tuple[int, ...], ...] = (
    (BACKGROUND,),
    (SKIN, EAR),
    (SKIN, CLOTHES),
    (HAIR,),
    (SKIN, GLASSES),
    (SKIN,),
    (GLASSES, HAT, HAND, CLOTHES),
)
#: How sure a network must be to be believed; windows of each face, the SD of their log size, shift (sides), turn.
SURE, VIEWS, VIEW_SD = 0.85, 4, (0.12, 0.05, 0.1)
#: Points of the detector on the tip of the nose, between the lips and on the chin; how dark a beard is.
NOSE, MOUTH, CHIN, DARKER = 4, 13, 152, 0.55
#: Share of a pixel from which it shows the cloth of headwear, or a hand.
WORN = 0.5
_ANY = (1 << len(PARTS)) - 1


@dataclass(frozen=True, eq=False)
class PhotoWindows:
    """N windows around faces.

    Attributes:
        image: (N, S, S, 3) uint8 sRGB. allowed: (N, S, S) uint16, a bit for each part that may be there.
        points: (N, 478, 2) float32, the detector's, px of the window. bare: (N,) bool, heads without headwear.
        cloth: (N, S, S) bool, the cloth of headwear where its outline is known (`worn_cloth`), else nowhere.
        hands: (N, S, S) bool, hands and what they hold (`held`); all photos with some have an outline.
    """

    image: NDArray[np.uint8]
    allowed: NDArray[np.uint16]
    points: NDArray[np.float32]
    bare: NDArray[np.bool_]
    cloth: NDArray[np.bool_]
    hands: NDArray[np.bool_]

    @classmethod
    def load(cls, path: Path) -> PhotoWindows:
        """Read the file of `write_windows`."""
        if not path.is_file():
            raise FaceGPTError(f"there are no windows of photos '{path}'; make them with lab/runs/parts/train.py")
        with np.load(path, allow_pickle=False) as arrays:
            return cls(*(arrays[name] for name in ("image", "allowed", "points", "bare", "cloth", "hands")))


def write_windows(
    photos: Mapping[Path, bool],
    path: Path,
    detector: Detector,
    landmarker: Landmarker,
    reader: PartsReader,
    views: int = VIEWS,
) -> PhotoWindows:
    """Cut some windows around the largest face of each photo into one file; photos without a face are left out.

    photos: whether each shows a head without headwear. What looks like hair on the others may be headwear.
    """
    rng, made = np.random.default_rng(5), []
    with Progress("photos", len(photos)) as show:
        for done, (name, bare) in enumerate(photos.items(), 1):
            show(done)
            try:
                pixels = read_image(name).pixels
            except ImageError as error:
                show.note(f"left out: {error}")
                continue
            for detection in detector.detect(pixels)[:1]:
                dense = landmarker.predict(pixels, detection)
                window = parts_window(detection.points)
                for view in range(views):
                    moved = _moved(window, rng) if view else window
                    image, allowed = _window(Photo(pixels), moved, dense, reader)
                    points = _within(moved, detection.points)
                    outlines = f"{name.parent.name}/{name.name}", pixels.shape[1], pixels.shape[0]
                    cloth, hands = _outline(cloth_in(*outlines), moved), _outline(hands_in(*outlines), moved)
                    if bare:
                        allowed &= ~np.uint16(1 << HAT)
                    else:
                        allowed[allowed == 1 << HAIR] = 1 << HAIR | 1 << HAT
                    if cloth is not None:
                        below = np.indices(allowed.shape)[0] > points[CHIN, 1]
                        allowed = np.where(image.max(-1) > 0, with_cloth(allowed, cloth, below), allowed)
                    nowhere = np.zeros(allowed.shape)
                    known = with_hands(allowed, nowhere if hands is None else hands)
                    allowed = np.where(image.max(-1) > 0, known, allowed)
                    worn, held = (nowhere > WORN if each is None else each > WORN for each in (cloth, hands))
                    made.append((image, allowed, points, bare, worn, held))
    if not made:
        raise FaceGPTError(f"there is no face in {len(photos)} photos")
    windows = PhotoWindows(*(np.stack(column) for column in zip(*made, strict=True)))
    part = path.with_suffix(".part.npz")
    np.savez(part, **vars(windows))
    os.replace(part, path)
    return windows


def _outline(whole: NDArray[np.float32] | None, window: Window) -> NDArray[np.float32] | None:
    """What an outline (H, W) 0..1 of a photo covers of a window (S, S); None without an outline."""
    if whole is None:
        return None
    middles = (np.arange(INPUT_PX) + 0.5) / INPUT_PX
    at = window.to_photo(np.stack(np.meshgrid(middles, middles), -1))
    return np.asarray(map_coordinates(whole, (at[..., 1], at[..., 0]), order=1, mode="constant"))


def _moved(window: Window, rng: np.random.Generator) -> Window:
    size, shift, turn = VIEW_SD
    dx, dy = rng.normal(0, shift, 2) * window.side
    side = window.side * float(np.exp(rng.normal(0, size)))
    return replace(window, x=window.x + dx, y=window.y + dy, side=side, roll_rad=window.roll_rad + rng.normal(0, turn))


def _within(window: Window, points: Array) -> NDArray[np.float32]:
    """Points (N, 2+) of the photo in pixels of a window's picture (N, 2)."""
    away = np.linalg.solve(window.axes() / INPUT_PX, (points[:, :2] - (window.x, window.y)).T).T
    return np.asarray(away + (INPUT_PX - 1) / 2, np.float32)


def _window(
    photo: Photo, window: Window, dense: DensePoints, reader: PartsReader
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    crop = photo.crop(window, INPUT_PX)
    hair = reader.hair_in(photo, window, INPUT_PX)
    middles = (np.arange(INPUT_PX) + 0.5) / INPUT_PX
    at = window.to_photo(np.stack(np.meshgrid(middles, middles), -1))
    allowed = np.full(hair.shape, _ANY, np.uint16)
    allowed[hair > SURE] = 1 << HAIR
    allowed[hair < 1 - SURE] = _ANY & ~(1 << HAIR)
    allowed &= _coarse(dense, at, allowed)
    allowed[_bearded(crop, dense, at, hair)] = 1 << BEARD
    inside = (at > -0.5).all(-1) & (at[..., 0] < photo.width - 0.5) & (at[..., 1] < photo.height - 0.5)
    allowed[~inside] = 1 << BACKGROUND
    return np.round(crop.transpose(1, 2, 0) * 255).astype(np.uint8), allowed


def _bearded(crop: Array, dense: DensePoints, at: Array, hair: Array) -> NDArray[np.bool_]:
    """Where the lower face is much darker than the cheeks (S, S): a beard, or deep shadow."""
    face = dense.points_px[:468]
    inside = Delaunay(face).find_simplex(at.reshape(-1, 2)).reshape(hair.shape) >= 0
    axis = face[CHIN] - face[NOSE]
    length = float(np.linalg.norm(axis))
    down = (at - face[NOSE]) @ axis / max(length, 1e-6) ** 2
    level = crop.mean(0)
    upper = inside & (down > -0.6) & (down < 0.15) & (hair < 0.2)
    mouth = np.abs((at - face[MOUTH]) @ axis) / max(length, 1e-6) ** 2 < 0.09
    if not upper.any():
        return np.zeros(hair.shape, bool)
    return inside & (down > 0.3) & ~mouth & (hair < SURE) & (level < DARKER * np.median(level[upper]))


def _coarse(dense: DensePoints, at: NDArray[np.floating], allowed: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """What the dense network allows at pixels of the photo (S, S, 2); everything where it contradicts `allowed`."""
    cells = len(dense.parts)
    place = (at @ dense.crop[:, :2].T + dense.crop[:, 2] + 0.5) * cells / dense.crop_px
    inside = (place >= 0).all(-1) & (place < cells).all(-1)
    column, row = np.clip(place.astype(int), 0, cells - 1)[..., 0], np.clip(place.astype(int), 0, cells - 1)[..., 1]
    found = dense.parts[row, column]
    bits = np.array([sum(1 << part for part in parts) for parts in COARSE], np.uint16)[found.argmax(-1)]
    bits = np.where(inside & (found.max(-1) > SURE), bits, _ANY).astype(np.uint16)
    return np.where(bits & allowed, bits, _ANY).astype(np.uint16)
