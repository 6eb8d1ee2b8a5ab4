"""A picture of photos with the head fitted with the dense network and without, and what `facegpt eval photos` says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.evaluate.likeness import distances
from facegpt.evaluate.networks import head
from facegpt.evaluate.out_of_model import ALONE
from facegpt.evaluate.photos import Compared, read_photo
from facegpt.export.params_json import params_from_json
from facegpt.face import Face
from facegpt.pictures import draw_over
from facegpt.types import Array, Camera

TILE_PX, LINE_PX, COLUMNS = 320, 17, 2
#: Surroundings that a tile shows, as a share of the face's box on each side.
AROUND = 0.35
#: Of the fit with the network, and without it.
COLOURS = {"": (60, 255, 90), ALONE: (255, 140, 40)}
#: The 68 points as lines: outline, brows, nose, eyes, lips; the last two are closed.
LINES = (range(17), range(17, 22), range(22, 27), range(27, 31), range(31, 36))
LOOPS = (range(36, 42), range(42, 48), range(48, 60), range(60, 68))


def draw_sheet(compared: Sequence[Compared]) -> Image.Image:
    """Draw each photo as three tiles: both fits' landmarks on it, the head with the network, the one without."""
    blocks = [_block(one) for one in compared]
    if not blocks:
        return Image.new("RGB", (3 * TILE_PX, TILE_PX))
    width, height = blocks[0].size
    out = Image.new("RGB", (width * min(COLUMNS, len(blocks)), height * -(-len(blocks) // COLUMNS)))
    for number, block in enumerate(blocks):
        out.paste(block, (number % COLUMNS * width, number // COLUMNS * height))
    return out


def _block(one: Compared) -> Image.Image:
    lines = _figures(one)
    out = Image.new("RGB", (3 * TILE_PX + 8, TILE_PX + LINE_PX * len(lines) + 8), (25, 25, 28))
    image = read_photo(one.name)
    faces = {
        key: Face(head(), params_from_json(fit.params), image, confidence=fit.confidence)
        for key, fit in one.fits.items()
    }
    low, side = _square(np.stack([face.box for face in faces.values()]))
    photo = _cut(image, low, side)
    tiles = [photo]
    for face in faces.values():
        camera = _camera_of_tile(face.params.camera, low, side)
        tiles.append(draw_over(face.mesh, face.params.pose, camera, face.params.lighting, photo, worn=face.proxies))
    for column, tile in enumerate(tiles):
        picture = Image.fromarray(tile)
        for number, (key, face) in enumerate(faces.items()):
            if column in (0, number + 1):
                _trace(picture, (face.landmarks("ibug68_contour") - low + 0.5) * (TILE_PX / side) - 0.5, COLOURS[key])
        out.paste(picture, (column * TILE_PX, 0))
    pen = ImageDraw.Draw(out)
    for row, (text, colour) in enumerate(lines):
        pen.text((6, TILE_PX + 4 + LINE_PX * row), text, fill=colour)
    return out


def _figures(one: Compared) -> list[tuple[str, tuple[int, int, int]]]:
    """Say what was measured, the photo first and then each fit in its colour."""
    lines = [(f"{one.name}: {one.apart_percent:.1f} % of the eyes' distance apart", (230, 230, 230))]
    for key, name in (("", "with the network"), (ALONE, "MediaPipe's points")):
        fit = one.fits[key]
        near = distances(one.descriptor[None], fit.plain[None])[0, 0]
        text = (
            f"{name}: colours {fit.photometric:.3f}, skin by colour {fit.colour_iou:.3f}, "
            f"to the detector's points {fit.landmark_percent:.2f} %, likeness distance {near:.3f}"
        )
        lines.append((text, COLOURS[key]))
    return lines


def _square(boxes: Array) -> tuple[Array, float]:
    """Give corner (2,) and side in pixels of a square around boxes (N, 4), with room."""
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    side = float((high - low).max()) * (1 + 2 * AROUND)
    return np.floor((low + high) / 2 - side / 2), float(np.ceil(side))


def _cut(image: NDArray[np.uint8], low: Array, side: float) -> NDArray[np.uint8]:
    """Cut a square out of a photo, black where it ends, and scale it to a tile."""
    x, y = (int(value) for value in low)
    part = Image.fromarray(image).crop((x, y, x + int(side), y + int(side)))
    return np.asarray(part.resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS))


def _camera_of_tile(camera: Camera, low: Array, side: float) -> Camera:
    """Give the camera of the tile that `_cut` makes of the photo of `camera`."""
    scale = TILE_PX / side
    x, y = (np.asarray(camera.principal_px) - low + 0.5) * scale - 0.5
    return Camera(camera.focal_px * scale, (float(x), float(y)), TILE_PX, TILE_PX)


def _trace(picture: Image.Image, points: Array, colour: tuple[int, int, int]) -> None:
    """Draw the 68 points (68, 2) px as lines."""
    pen = ImageDraw.Draw(picture)
    for line in LINES:
        pen.line([tuple(points[k]) for k in line], fill=colour, width=1)
    for loop in LOOPS:
        pen.line([tuple(points[k]) for k in (*loop, loop[0])], fill=colour, width=1)
