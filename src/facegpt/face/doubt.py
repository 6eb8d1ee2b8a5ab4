"""How unsure each place of a head is, in millimetres, and a picture of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from facegpt.appearance.atlas import atlas_of
from facegpt.conventions import rotation_from_euler_deg
from facegpt.errors import FaceGPTError
from facegpt.fitting.linear_points import LinearPoints
from facegpt.fitting.point_spread import identity_spread_mm
from facegpt.morphable.base import face_region
from facegpt.render import plots
from facegpt.render.lighting import lighting_from_lamps

if TYPE_CHECKING:
    from facegpt.face import Face

#: From sure to unsure, sRGB: blue, green, yellow, red. They differ in brightness, too.
COLOURS = ((36, 72, 160), (52, 150, 140), (246, 214, 92), (206, 62, 44))
#: Yaws of the picture's heads, degrees, and the height of its scale as a share of a head's side.
YAWS_DEG, SCALE_SHARE = (0.0, 45.0, 90.0), 0.14
#: The scale ends at this quantile of the face's doubt, rounded up to STEP_MM.
HIGHEST, STEP_MM = 0.98, 0.5
#: Doubt at which the texture's colours end, mm: one scale for all heads, so that more photos are seen to help.
TEXTURE_MM = 2.0


def doubt_mm(face: Face) -> NDArray[np.float64]:
    """How far each vertex may lie elsewhere by what is not known of the person: (V,) mm, one SD of its place.

    Where and how large the whole face is counts as no doubt: a similarity is left out.

    Raises:
        FaceGPTError: if nothing is known of the doubt, as of heads made from words.
    """
    if face.doubt.covariance is None:
        raise FaceGPTError("how sure this head is is not known: it was made from no photo, or saved without it")
    model = face.model
    shown = face_region(face.model)
    basis = np.moveaxis(np.asarray(model.identity_basis, np.float64), 0, -1)
    points = LinearPoints(np.asarray(model.mean_vertices, np.float64), basis, basis.shape[-1])
    return identity_spread_mm(points, np.asarray(face.doubt.covariance, np.float64), shown)


def doubt_picture(face: Face, size: int = 480) -> NDArray[np.uint8]:
    """The head from the front and two sides, coloured by `doubt_mm`, with a scale: (H, W, 3) uint8 sRGB.

    Raises FaceGPTError as `doubt_mm`.
    """
    doubt, shown = doubt_mm(face), face_region(face.model)
    most = float(np.ceil(np.quantile(doubt[shown], HIGHEST) / STEP_MM) * STEP_MM)
    mesh, even = face.mesh, lighting_from_lamps((), (0.9, 0.9, 0.9))
    level = np.clip(doubt / most, 0.0, 1.0)
    places = np.column_stack([0.5 / 256 + level * 255 / 256, np.full(len(level), 0.5)]).astype(np.float32)
    strip = np.dstack([_colours(np.linspace(0, 1, 256))[None].repeat(4, 0), np.full((4, 256), 255, np.uint8)])
    coloured = replace(mesh, uv=places, uv_triangles=mesh.triangles, texture=strip.astype(np.uint8))
    heads = [
        plots.on_background(
            plots.draw_alone(coloured, rotation_from_euler_deg(yaw, 0.0), size, (), face.renderer, even)
        )
        for yaw in YAWS_DEG
    ]
    return np.vstack([np.hstack(heads), _scale(most, size * len(heads), round(SCALE_SHARE * size))])


def doubt_texture(face: Face, size: int = 512) -> NDArray[np.uint8]:
    """The atlas coloured by `doubt_mm` from 0 to TEXTURE_MM and more: (size, size, 3) uint8 sRGB.

    Raises FaceGPTError as `doubt_mm`.
    """
    level = np.clip(doubt_mm(face) / TEXTURE_MM, 0.0, 1.0)
    spread = atlas_of(face.model, size).interpolate(level[:, None])[..., 0]
    return _colours(spread.ravel().astype(np.float64)).reshape(size, size, 3)


def _colours(level: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colours (N, 3) of levels (N,) from 0, sure, to 1."""
    stops = np.linspace(0, 1, len(COLOURS))
    return np.stack([np.interp(level, stops, channel) for channel in np.transpose(COLOURS)], 1).astype(np.uint8)


def _scale(most: float, width: int, height: int) -> NDArray[np.uint8]:
    """A bar of all colours with their millimetres below, (height, width, 3)."""
    picture = Image.new("RGB", (width, height), (250, 250, 250))
    left, right, middle = round(0.2 * width), round(0.8 * width), round(0.4 * height)
    bar = _colours(np.linspace(0, 1, right - left))[None].repeat(middle - round(0.15 * height), 0)
    picture.paste(Image.fromarray(bar), (left, round(0.15 * height)))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(round(0.26 * height))
    for share in (0.0, 0.5, 1.0):
        at = left + share * (right - left), middle + 0.06 * height
        text = f"± {share * most:g} mm" if share else "sure"
        text += " or more" if share == 1.0 else ""
        draw.text(at, text, (40, 40, 40), font, anchor="ma")
    return np.asarray(picture)
