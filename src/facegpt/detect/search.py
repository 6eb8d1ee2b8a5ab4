"""Where to look for faces: the whole photo, tiles of it, padded and turned views; boxes found become candidates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.detect import blazeface
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.windows import Photo, Window

Array = NDArray[np.floating]

#: The finder sees faces that cover at least this share of its window's edge (recall 0.98 at 0.15, 0.90 at 0.13).
LEAST_SHARE = 0.15
#: Neighbouring tiles start this share of an edge apart: a face of a quarter of the tile lies whole in one of them.
TILE_STEP = 0.7
#: Windows that hold more than the photo: for a face that fills it or is cut by its edge.
PADDED = (1.4, 2.0)
TURNS_DEG = (90.0, -90.0, 180.0, 45.0, -45.0, 135.0, -135.0)
#: Landmark windows are this much larger than the finder's box (MediaPipe's face_detector graph).
BOX_MARGIN = 1.5


@dataclass(frozen=True)
class Candidate:
    """A box that may hold a face.

    Attributes:
        window: where to look for its landmarks: upright in the face's frame, BOX_MARGIN larger than the box.
        score: 0..1 of the finder.
        source: which view it was found in.
    """

    window: Window
    score: float
    source: str

    @property
    def size(self) -> float:
        """Edge of the finder's box in pixels of the photo."""
        return self.window.side / BOX_MARGIN

    def covers(self, points: Array) -> bool:
        """Whether this is likely the face with these points (478, 3): a box of like size around the same place."""
        centre, size = points[:, :2].mean(0), float(np.ptp(points[:, :2], axis=0).max())
        near = np.hypot(*(centre - (self.window.x, self.window.y))) < 0.35 * size
        return bool(near and 0.5 < self.size / size < 2.0)

    def overlaps(self, other: Candidate) -> bool:
        """Whether two boxes lie at one place and are of like size."""
        near = np.hypot(self.window.x - other.window.x, self.window.y - other.window.y) < 0.3 * self.size
        return bool(near and 0.67 < self.size / other.size < 1.5)


def views(
    photo: Photo, windows: Iterable[tuple[str, Window]], networks: FaceNetworks, least_score: float
) -> list[Candidate]:
    """Run the finder on several windows and gather what it sees, best first."""
    found = []
    for source, window in windows:
        (boxes,) = networks.find([photo.crop(window, blazeface.INPUT_SIZE) * 2.0 - 1.0], least_score)
        for points, score in zip(window.to_photo(boxes.points), boxes.scores, strict=True):
            found.append(Candidate(landmark_window(points), float(score), source))
    return sorted(found, key=lambda candidate: -candidate.score)


def landmark_window(points: Array) -> Window:
    """The window for the landmarks of a finder's box: two corners and six key points (8, 2), pixels."""
    x, y = points[:2].mean(0)
    diagonal = float(np.linalg.norm(points[1] - points[0]))  # the box is square in its view (to 0.02 %)
    across = points[2 + blazeface.LEFT_EYE] - points[2 + blazeface.RIGHT_EYE]
    return Window(float(x), float(y), diagonal / np.sqrt(2.0) * BOX_MARGIN, float(np.arctan2(across[1], across[0])))


def tiles(width: int, height: int, side: float) -> Iterator[tuple[str, Window]]:
    """Cover a photo with overlapping square tiles."""
    starts = [np.linspace(0.0, max(length - side, 0.0), tile_count(length, side)) for length in (width, height)]
    shifts = [min(length - side, 0.0) / 2 for length in (width, height)]
    for row, top in enumerate(starts[1]):
        for column, left in enumerate(starts[0]):
            x, y = left + shifts[0] + side / 2 - 0.5, top + shifts[1] + side / 2 - 0.5
            yield f"tile {side:.0f} px, row {row + 1}, column {column + 1}", Window(float(x), float(y), side)


def tile_count(length: int, side: float) -> int:
    """How many tiles of an edge `side` cover `length`."""
    return 1 if length <= side else int(np.ceil((length - side) / (TILE_STEP * side) - 1e-9)) + 1


def tile_sides(width: int, height: int, least_face_px: float) -> list[float]:
    """Edges of the tiles needed to see faces down to `least_face_px`, from large to small; the whole photo left out."""
    sides, side = [], max(width, height) / 2.0
    smallest = least_face_px / LEAST_SHARE
    while side * 2.0 > smallest * 1.01:
        sides.append(max(side, smallest))
        side /= 2.0
    return sides


def padded(width: int, height: int) -> Iterator[tuple[str, Window]]:
    """Views with black around the photo."""
    for scale in PADDED:
        yield f"padded × {scale}", Window.around(width, height, scale)


def turned(width: int, height: int) -> Iterator[tuple[str, Window]]:
    """Turned views that hold the whole photo."""
    for turn_deg in TURNS_DEG:
        scale = 1.0 if turn_deg % 90 == 0 else float(np.hypot(width, height) / max(width, height))
        yield f"turned {turn_deg:.0f}°", Window.around(width, height, scale, float(np.radians(turn_deg)))
