"""A picture of the worst faces of an evaluation that knows the truth: photo, overlay, head, and the true head.

Each face is a row of tiles: the photo with the true 68 points (green) and the fitted ones (orange); the fitted head on
the photo; then the fitted and the true shape in grey, as the photo sees them and turned away from the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.conventions import rotation_from_rotvec
from facegpt.face import Face
from facegpt.render.plots import draw_over, on_background
from facegpt.render.portrait import draw_picture
from facegpt.types import Array, Camera, Mesh, Pose
from facegpt_lab.evaluate.sheets.tiles import LINE_PX, camera_of_tile, cut_tile, square_around, trace

#: How many faces a sheet shows, the side of a tile in pixels, and how far the grey heads are turned for a second look.
WORST, TILE_PX, TURN_DEG = 10, 256, 50.0
#: Of the truth, and of what was found.
TRUE, FOUND = (60, 255, 90), (255, 140, 40)


@dataclass(frozen=True, eq=False)
class Known:
    """One face whose truth is known.

    Attributes:
        title: what is said of it. image: (H, W, 3) uint8. found: the reconstruction.
        mesh, pose, camera: the true head, where it is, and what took the photo. marks_px: (68, 2) the true landmarks.
    """

    title: str
    image: NDArray[np.uint8]
    found: Face
    mesh: Mesh
    pose: Pose
    camera: Camera
    marks_px: Array


def draw_truth_sheet(faces: Sequence[Known]) -> Image.Image:
    """Draw a row for each face; a black tile when there is none."""
    rows = [_row(face) for face in faces]
    if not rows:
        return Image.new("RGB", (TILE_PX, TILE_PX))
    width, height = rows[0].size
    out = Image.new("RGB", (width, height * len(rows)))
    for number, row in enumerate(rows):
        out.paste(row, (0, number * height))
    return out


def _row(one: Known) -> Image.Image:
    params = one.found.params
    low, side = square_around(np.stack([one.found.box, np.concatenate([one.marks_px.min(0), one.marks_px.max(0)])]))
    photo = cut_tile(one.image, low, side, TILE_PX)
    camera = camera_of_tile(params.camera, low, side, TILE_PX)
    marked = Image.fromarray(photo)
    for points, colour in ((one.marks_px, TRUE), (one.found.landmarks("ibug68"), FOUND)):
        trace(marked, (points - low + 0.5) * (TILE_PX / side) - 0.5, colour)
    head = one.found.mesh
    tiles = [np.asarray(marked), draw_over(head, params.pose, camera, params.lighting, photo, worn=one.found.proxies)]
    true_camera = camera_of_tile(one.camera, low, side, TILE_PX)
    for mesh, pose, seen_by in ((head, params.pose, camera), (one.mesh, one.pose, true_camera)):
        tiles += [_grey(mesh, turned, seen_by) for turned in (pose, _turned(mesh, pose))]
    out = Image.new("RGB", (len(tiles) * TILE_PX, TILE_PX + LINE_PX + 4), (25, 25, 28))
    for column, tile in enumerate(tiles):
        out.paste(Image.fromarray(tile), (column * TILE_PX, 0))
    text = f"{one.title}   |   on the photo   |   found   |   found, turned   |   true   |   true, turned"
    ImageDraw.Draw(out).text((6, TILE_PX + 2), text, fill=(230, 230, 230))
    return out


def _turned(mesh: Mesh, pose: Pose) -> Pose:
    """The head turned where it stands, about the photo's vertical, past the camera to the other side."""
    middle = pose.apply(mesh.vertices).mean(0)
    faces_left = (pose.rotation @ np.array([0.0, 0.0, 1.0]))[0] < 0
    turn = rotation_from_rotvec(np.radians([0.0, -TURN_DEG if faces_left else TURN_DEG, 0.0]))
    return Pose(turn @ pose.rotation, middle + turn @ (pose.translation - middle))


def _grey(mesh: Mesh, pose: Pose, camera: Camera) -> NDArray[np.uint8]:
    """Draw a shape alone: (TILE_PX, TILE_PX, 3)."""
    return on_background(draw_picture(replace(mesh, texture=None), pose, camera))
