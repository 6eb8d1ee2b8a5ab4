"""A picture of photos with the heads that they give: over the photo, and in new light from both sides, and bald."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.render.plots import draw_alone, draw_over, on_background
from facegpt_lab.evaluate.hair.photo_heads import Heads, Likeness, heads_of_photo
from facegpt_lab.evaluate.judges.likeness import VIEWS_DEG
from facegpt_lab.evaluate.sheets.tiles import LINE_PX, camera_of_tile, cut_tile, side_by_side, square_around

TILE_PX, COLUMNS, TILES = 208, 2, 5
#: The tile shows so many times the face's box to each side: hair stands far above the landmarks.
ROOM = 0.15


def draw_sheet(found: Sequence[Likeness]) -> Image.Image:
    """Draw each photo as a block of tiles: the photo, the head over it, it from ±30° in studio light, and bald."""
    blocks = [_block(one) for one in found]
    if not blocks:
        return Image.new("RGB", (TILES * TILE_PX, TILE_PX))
    return side_by_side(blocks, COLUMNS)


def _block(one: Likeness) -> Image.Image:
    out = Image.new("RGB", (TILES * TILE_PX + 8, TILE_PX + 2 * LINE_PX + 8), (25, 25, 28))
    heads = heads_of_photo(one.name)
    if heads is not None:
        for column, tile in enumerate(_tiles(heads)):
            out.paste(Image.fromarray(tile), (column * TILE_PX, 0))
    steps = f"border {one.border:.1f}, without lips, brows, lids {one.skin_border:.1f} dE"
    lines = (f"{one.name}: hair: {one.hair}", f"likeness distance {one.distance:.3f}, IoU {one.iou:.3f}, {steps}")
    for row, text in enumerate(lines):
        ImageDraw.Draw(out).text((6, TILE_PX + 4 + LINE_PX * row), text, fill=(230, 230, 230))
    return out


def _tiles(heads: Heads) -> list[NDArray[np.uint8]]:
    face, pixels = heads.dressed, heads.seen.photo.pixels
    scale = heads.seen.photo.scale
    box = face.box * scale
    room = ROOM * (box[2:] - box[:2])
    low, side = square_around(np.concatenate([box[:2] - room, box[2:] + room])[None])
    photo = cut_tile(pixels, low, side, TILE_PX)
    camera = camera_of_tile(face.params.camera.scaled(scale), low, side, TILE_PX)
    over = draw_over(face.mesh, face.params.pose, camera, face.params.lighting, photo, worn=face.proxies)
    return [photo, over, *(_alone(face, yaw_deg) for yaw_deg in VIEWS_DEG), _alone(heads.bald, VIEWS_DEG[-1])]


def _alone(face: Face, yaw_deg: float) -> NDArray[np.uint8]:
    """Draw a head at rest in studio light: (TILE_PX, TILE_PX, 3)."""
    rest = face.neutral()
    return on_background(draw_alone(rest.mesh, rotation_from_euler_deg(yaw_deg), TILE_PX, rest.proxies))
