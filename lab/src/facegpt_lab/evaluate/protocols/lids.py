"""`facegpt eval lids`: are the eyes of a head as far open, and their irises as far covered, as in the photo?

A detector reads the photo and the bald head drawn over it through the same window (eyes_read.py). Photos are the
validation half of the optional data's photos and portraits; of each, eyes that are turned away or that a hand, hair or
dark glasses hide do not count. `best` has the eyes of `balanced`: both are one fit. About 3 s of one core a photo;
photos that are done are kept.

`sheet` draws the eyes of the 24 photos whose heads are farthest off: photo, `fast`, `balanced`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.data.images import read_image
from facegpt.detect.locate import window_of
from facegpt.detect.windows import Window
from facegpt.face import Face
from facegpt.fitting.eye_opening import EYES, LIDS
from facegpt.fitting.landmark_fit import eye_visibility
from facegpt.fitting.occlusion import unhidden
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.render.plots import draw_over
from facegpt.types import Array, Camera, FaceGPTError
from facegpt_lab.evaluate.eyes_read import EyesRead, eyes_of, read_points
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import model
from facegpt_lab.evaluate.sheets.tiles import camera_of_tile, cut_tile, side_by_side
from facegpt_lab.evaluate.validation_photos import identify, read_photo, some_validation_photos, validation_photos

QUALITIES = ("fast", "balanced")
QUICK_COUNT, SHEET_COUNT = 6, 24
#: Side of the square around the face in which photo and head are read, pixels, and its side over that of the window.
TILE_PX, WIDER = 384, 1.15
#: An eye counts if this much of it is turned to the camera, and this share of its lids is not hidden.
LEAST_SEEN, LEAST_OPEN_TO_VIEW = 0.99, 0.5
#: Openings agree within this share of the photo's; aims for the slope of opening and for the share that agree.
AGREE, LEAST_SLOPE, LEAST_AGREEING = 0.15, 0.85, 0.9


@dataclass(frozen=True)
class Compared:
    """One photo: its eyes and those of each quality's head, as read, and which eyes count, (2,)."""

    name: str
    photo: EyesRead
    heads: dict[str, EyesRead]
    counts: list[bool]


@dataclass(frozen=True)
class Square:
    """A square around a face: its tile (TILE_PX, TILE_PX, 3), and its corner (2,) and side in pixels of the photo."""

    tile: NDArray[np.uint8]
    low: Array
    side: float

    def camera(self, camera: Camera) -> Camera:
        """The tile's camera, of the photo's."""
        return camera_of_tile(camera, self.low, self.side, TILE_PX)

    def window(self, window: Window) -> Window:
        """A window of the photo in the tile."""
        scale = TILE_PX / self.side
        x, y = (np.array([window.x, window.y]) - self.low + 0.5) * scale - 0.5
        return replace(window, x=float(x), y=float(y), side=window.side * scale)

    def drawn(self, face: Face) -> NDArray[np.uint8]:
        """The tile with a head drawn over it."""
        params, mesh = face.params, face.mesh
        camera = self.camera(params.camera)
        light, worn = params.lighting, face.proxies
        return draw_over(mesh, params.pose, camera, light, self.tile, worn=worn, renderer=face.renderer)


def square_of(photo: NDArray[np.uint8], points: Array) -> Square:
    """The square in which the face with points (478, 2 or more) px is read."""
    window = window_of(points)
    side = float(np.ceil(window.side * WIDER))
    low = np.floor(np.array([window.x, window.y]) - side / 2)
    return Square(cut_tile(photo, low, side, TILE_PX), low, side)


def tiles(name: str) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.uint8]], Window, Array] | None:
    """A square of a photo, the heads drawn over it, the window to read them in and how well each eye is seen, (2,).

    None where no face is found or no head fitted.
    """
    seen = next(iter(faces_seen(model(), read_image(read_photo(name)))), None)
    if seen is None:
        return None
    square = square_of(seen.photo.pixels, seen.detection.points)
    try:
        drawn = {quality: square.drawn(bald_head(model(), seen, quality)[0]) for quality in QUALITIES}
    except FaceGPTError:
        return None
    clear = np.ones(2)
    if seen.dense is not None:
        clear = np.array([unhidden(seen.dense, seen.detection.points[LIDS[eye], :2]).mean() for eye in EYES])
    shown = np.minimum(
        eye_visibility(np.asarray(seen.detection.rotation, np.float64)) / LEAST_SEEN, clear / LEAST_OPEN_TO_VIEW
    )
    return square.tile, drawn, square.window(window_of(seen.detection.points)), shown


def compare(job: tuple[str, int]) -> Compared | None:
    """Fit, draw and read one photo; None where there is nothing to read."""
    made = tiles(job[0])
    if made is None:
        return None
    tile, drawn, window, shown = made
    heads = {quality: eyes_of(read_points(picture, window)) for quality, picture in drawn.items()}
    return Compared(job[0], eyes_of(read_points(tile, window)), heads, [bool(value >= 1) for value in shown])


def rows(found: Sequence[Compared]) -> list[Row]:
    """Slope, correlation and error of what is read, for each quality."""
    counts = np.array([one.counts for one in found]).ravel()
    out = [figure("eyes that count", float(counts.sum()), "eyes")]
    for quality in QUALITIES:

        def both(value: str, quality: str = quality) -> tuple[Array, Array]:
            pairs = [(getattr(one.photo, value), getattr(one.heads[quality], value)) for one in found]
            photo, head = np.array(pairs).transpose(1, 0, 2).reshape(2, -1)[:, counts]
            return photo, head

        photo, head = both("opening")
        agreeing = float((np.abs(head / np.maximum(photo, 1e-6) - 1) <= AGREE).mean())
        out += [
            figure(f"{quality}: slope of opening", _slope(photo, head), "ratio", at_least=LEAST_SLOPE),
            figure(f"{quality}: correlation of opening", float(np.corrcoef(photo, head)[0, 1]), "r"),
            figure(f"{quality}: error of opening, RMS", _rms(photo, head), "of the eye's width"),
            figure(f"{quality}: openings within 15 %", agreeing, "share", at_least=LEAST_AGREEING),
            figure(f"{quality}: slope of the covered iris", _slope(*both("covered")), "ratio"),
            figure(f"{quality}: error of the covered iris, RMS", _rms(*both("covered")), "of the iris"),
            figure(f"{quality}: error of the iris's width, RMS", _rms(*both("iris")), "of the eye's width"),
        ]
    return out


def _slope(photo: Array, head: Array) -> float:
    return float(np.cov(photo, head)[0, 1] / photo.var(ddof=1))


def _rms(photo: Array, head: Array) -> float:
    return float(np.sqrt(((head - photo) ** 2).mean()))


def read_compared(told: dict[str, Any] | None) -> Compared | None:
    """Make what was compared of its JSON."""
    if told is None:
        return None

    def eyes(values: dict[str, list[float]]) -> EyesRead:
        return EyesRead(**{name: np.array(value) for name, value in values.items()})

    heads = {quality: eyes(values) for quality, values in told["heads"].items()}
    return Compared(told["name"], eyes(told["photo"]), heads, told["counts"])


def draw_sheet(names: Sequence[str], path: Path) -> None:
    """Write the eyes of photos, and of their heads beside them, as one picture."""
    blocks = []
    for name in names:
        made = tiles(name)
        if made is not None:
            tile, drawn, window, _ = made
            box = (window.x - 0.27 * window.side, window.y - 0.2 * window.side)
            part = (*box, box[0] + 0.54 * window.side, box[1] + 0.2 * window.side)
            parts = [Image.fromarray(each[..., :3]).crop(part).resize((324, 120)) for each in (tile, *drawn.values())]
            blocks.append(side_by_side(parts, len(parts)))
    side_by_side(blocks, 2).save(path)


def evaluate(quick: bool, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Read photos and heads."""
    jobs = some_validation_photos(QUICK_COUNT) if quick else validation_photos()
    compared = in_processes(compare, jobs, "photos", workers, Kept("lids", read_compared, identify))
    found = [one for one in compared if one is not None]
    if sheet is not None:
        off = [max(np.abs(head.opening - one.photo.opening).max() for head in one.heads.values()) for one in found]
        draw_sheet([found[k].name for k in np.argsort(off)[::-1][:SHEET_COUNT]], sheet)
    data = f"{len(found)} photos and portraits of the validation half (CC0), read by MediaPipe's landmark network"
    return Report(data, tuple(rows(found)))
