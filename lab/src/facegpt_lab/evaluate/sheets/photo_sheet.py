"""A picture of photos with the head fitted with the dense network and without, and what `facegpt eval photos` says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from facegpt.export.params_json import params_from_json
from facegpt.face import Face
from facegpt.render.plots import draw_over
from facegpt_lab.evaluate.judges.likeness import distances
from facegpt_lab.evaluate.protocols.out_of_model import ALONE
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.evaluate.sheets.tiles import LINE_PX, camera_of_tile, cut_tile, side_by_side, square_around, trace
from facegpt_lab.evaluate.validation_photos import Compared, read_photo

TILE_PX, COLUMNS = 320, 2
#: Of the fit with the network, and without it.
COLOURS = {"": (60, 255, 90), ALONE: (255, 140, 40)}


def draw_sheet(compared: Sequence[Compared]) -> Image.Image:
    """Draw each photo as three tiles: both fits' landmarks on it, the head with the network, the one without."""
    blocks = [_block(one) for one in compared]
    if not blocks:
        return Image.new("RGB", (3 * TILE_PX, TILE_PX))
    return side_by_side(blocks, COLUMNS)


def _block(one: Compared) -> Image.Image:
    lines = _figures(one)
    out = Image.new("RGB", (3 * TILE_PX + 8, TILE_PX + LINE_PX * len(lines) + 8), (25, 25, 28))
    image = read_photo(one.name)
    faces = {
        key: Face(head(), params_from_json(fit.params), image, confidence=fit.confidence)
        for key, fit in one.fits.items()
    }
    low, side = square_around(np.stack([face.box for face in faces.values()]))
    photo = cut_tile(image, low, side, TILE_PX)
    tiles = [photo]
    for face in faces.values():
        camera = camera_of_tile(face.params.camera, low, side, TILE_PX)
        tiles.append(draw_over(face.mesh, face.params.pose, camera, face.params.lighting, photo, worn=face.proxies))
    for column, tile in enumerate(tiles):
        picture = Image.fromarray(tile)
        for number, (key, face) in enumerate(faces.items()):
            if column in (0, number + 1):
                trace(picture, (face.landmarks("ibug68_contour") - low + 0.5) * (TILE_PX / side) - 0.5, COLOURS[key])
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
