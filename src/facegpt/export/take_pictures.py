"""Pictures of a take: the head over the clip, a sheet of frames, and plots of the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import model_texture, opacity
from facegpt.conventions import ARKIT_NAMES, linear_to_srgb, srgb_to_linear
from facegpt.detail.relief import Detail
from facegpt.detail.shading import ReliefLight
from facegpt.export.curves import Curves
from facegpt.hair.worn import worn
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.proxies import Proxy
from facegpt.render.lighting import SHEEN
from facegpt.render.plots import lay_on
from facegpt.render.portrait import draw_picture
from facegpt.types import Array, Camera, FaceParams, Mesh

Pixels = NDArray[np.uint8]

#: Longer side of the frames of the overlay, and side of the textures that it is drawn with.
OVERLAY_PX, TEXTURE_PX = 640, 512
#: Level of detail of the hair in the overlay: frames of that size show no more.
HAIR_LOD = 1
#: Frames on a contact sheet, columns, and the width of one, pixels.
SHEET_FRAMES, SHEET_COLUMNS, SHEET_PX = 20, 5, 320
#: Plots: width, height of one curve, and colours.
PLOT_WIDTH, PLOT_HEIGHT, LINE, PAPER, INK = 1200, 46, (20, 90, 170), (255, 255, 255), (40, 40, 40)
_MARGIN = 150


class OverlayPainter:
    """Draws people over frames, one texture a person.

    Args:
        models: the head model of each track_id.
        textures: (S, S, 4) uint8 by track_id; the others wear the albedo model's skin.
        reliefs: of the skin, by track_id of those whose relief is known.
    """

    def __init__(
        self,
        models: dict[int, MorphableModel],
        textures: dict[int, Pixels],
        reliefs: dict[int, Detail] | None = None,
    ) -> None:
        self._models, self._reliefs = models, reliefs or {}
        self._textures = {number: _with_sheen(_small(one), models[number]) for number, one in textures.items()}

    def draw(self, pixels: Pixels, faces: Sequence[tuple[int, FaceParams]], scale: float) -> Pixels:
        """The frame (H, W, 3) with each (track_id, parameters) drawn over it; `scale` is its pixels a whole pixel.

        Heads wear the hair and glasses of their parameters.
        """
        shrink = min(1.0, OVERLAY_PX / max(pixels.shape[:2]))
        size = max(2, round(pixels.shape[1] * shrink)), max(2, round(pixels.shape[0] * shrink))
        out = np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)) if shrink < 1 else pixels.copy()
        for number, params in sorted(faces, key=lambda face: -float(face[1].pose.translation[2])):
            self._lay(out, number, params, scale * out.shape[1] / pixels.shape[1])
        return out

    def _lay(self, out: Pixels, number: int, params: FaceParams, scale: float) -> None:
        model, camera = self._models[number], params.camera.scaled(scale)
        vertices, accessories = head_vertices(model, params), _shadowless(worn(model, params, HAIR_LOD))
        points = np.concatenate([vertices, *(each.mesh.vertices for each in accessories)])
        seen = camera.project(params.pose.apply(points))
        x0, y0 = np.clip(np.floor(seen.min(0)), 0, (out.shape[1], out.shape[0])).astype(int)
        x1, y1 = np.clip(np.ceil(seen.max(0)) + 1, 0, (out.shape[1], out.shape[0])).astype(int)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        cx, cy = camera.principal_px
        window = Camera(camera.focal_px, (cx - x0, cy - y0), int(x1 - x0), int(y1 - y0))
        mesh = Mesh(
            vertices,
            model.triangles,
            model.uv,
            model.uv_triangles,
            model.part,
            model.part_names,
            self._skin(number, params, vertices),
        )
        drawn = draw_picture(mesh, params.pose, window, params.lighting, 1, accessories, shiny_skin=False)
        out[y0:y1, x0:x1] = lay_on(drawn, out[y0:y1, x0:x1])

    def _skin(self, number: int, params: FaceParams, vertices: Array) -> Pixels:
        """The texture, with its relief in the frame's light."""
        texture, model, relief = self._texture(number, params.albedo), self._models[number], self._reliefs.get(number)
        if relief is None or not isinstance(model, MakeHumanHead):
            return texture
        turned = vertices @ params.pose.rotation.T
        return ReliefLight.of(model, texture, turned, relief, params.expression).lit(params.lighting)

    def _texture(self, number: int, albedo: Array) -> Pixels:
        if number not in self._textures:
            model = self._models[number]
            colour = linear_to_srgb(model_texture(model, albedo, TEXTURE_PX))
            layers = np.round(np.dstack([colour, opacity(model, TEXTURE_PX)]) * 255).astype(np.uint8)
            self._textures[number] = _with_sheen(layers, model)
        return self._textures[number]


def _shadowless(accessories: Sequence[Proxy]) -> list[Proxy]:
    """The same without their shade on the head: the light of a frame, told by its skin, has it already."""
    return [replace(each, head_open_to_light=np.zeros(0)) for each in accessories]


def _small(texture: Pixels) -> Pixels:
    if texture.shape[0] <= TEXTURE_PX:
        return texture
    return np.asarray(Image.fromarray(texture).resize((TEXTURE_PX, TEXTURE_PX), Image.Resampling.BOX))


def _with_sheen(texture: Pixels, model: MorphableModel) -> Pixels:
    """A texture (S, S, 4) as the frames' light shows it: with what the surface of the skin sends back of that light.

    The light was estimated with it and textures are without (appearance/light.py): skin drawn so is darker and redder
    than in the frame. It takes the place of the highlight of pictures, which is of one lamp.
    """
    skin = [k for k, name in enumerate(model.part_names) if name == "skin"]
    where = np.isin(atlas_of(model, len(texture)).part, skin)
    out = texture.copy()
    pale = srgb_to_linear(texture[where][:, :3] / 255.0) + SHEEN
    out[where, :3] = np.round(linear_to_srgb(np.clip(pale, 0, 1)) * 255)
    return out


def sheet_frames(frames: int) -> list[int]:
    """Which of so many frames are on the contact sheet."""
    return np.unique(np.linspace(0, max(frames - 1, 0), min(frames, SHEET_FRAMES)).round().astype(int)).tolist()


def contact_sheet(tiles: Sequence[tuple[float, Pixels, Pixels]]) -> Pixels:
    """Frames and overlays, (time_s, frame, overlay) each, in rows: the frame above, the overlay below it."""
    if not tiles:
        return np.full((40, SHEET_PX, 3), 255, np.uint8)
    height = round(tiles[0][1].shape[0] * SHEET_PX / tiles[0][1].shape[1])
    rows = -(-len(tiles) // SHEET_COLUMNS)
    columns = min(len(tiles), SHEET_COLUMNS)
    sheet = Image.new("RGB", (columns * SHEET_PX, rows * (2 * height + 4)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for k, (time_s, frame, overlay) in enumerate(tiles):
        x, y = k % columns * SHEET_PX, k // columns * (2 * height + 4)
        for at, picture in ((y, frame), (y + height, overlay)):
            sheet.paste(Image.fromarray(picture).resize((SHEET_PX, height), Image.Resampling.BILINEAR), (x, at))
        draw.text((x + 5, y + 3), f"{time_s:.2f} s", fill=(255, 255, 255), stroke_width=2, stroke_fill=(0, 0, 0))
    return np.asarray(sheet)


def curve_plots(curves: Curves) -> Pixels:
    """All curves that move, one below the other: head, gaze, then units by how much they move."""
    turn = curves.turn_deg
    plots: list[tuple[str, Array, tuple[float, float] | None]]
    plots = [(f"head {name}, °", turn[:, k], None) for k, name in enumerate(("yaw", "pitch", "roll"))]
    plots += [(f"gaze {name}, °", curves.gaze_deg[:, :, k].mean(1), None) for k, name in enumerate(("side", "up"))]
    moving = np.argsort(-np.ptp(curves.expression, axis=0), kind="stable")
    plots += [
        (ARKIT_NAMES[k], curves.expression[:, k], (0.0, 1.0)) for k in moving if np.ptp(curves.expression[:, k]) > 0.03
    ]
    picture = Image.new("RGB", (PLOT_WIDTH, PLOT_HEIGHT * len(plots) + 24), PAPER)
    draw = ImageDraw.Draw(picture)
    for row, (name, values, limits) in enumerate(plots):
        _plot(draw, row * PLOT_HEIGHT, name, np.asarray(curves.time_s), np.asarray(values, np.float64), limits)
    begin, end = (float(curves.time_s[k]) for k in (0, -1))
    draw.text((_MARGIN, picture.height - 16), f"{begin:.2f} s", fill=INK)
    draw.text((PLOT_WIDTH - 50, picture.height - 16), f"{end:.2f} s", fill=INK)
    return np.asarray(picture)


def _plot(draw: ImageDraw.ImageDraw, top: int, name: str, time_s: Array, values: Array, limits: tuple | None) -> None:
    low, high = limits or (float(values.min()) - 1, float(values.max()) + 1)
    bottom = top + PLOT_HEIGHT - 4
    draw.rectangle((_MARGIN, top, PLOT_WIDTH - 6, bottom), outline=(215, 215, 215))
    draw.text((6, top + 8), name, fill=INK)
    draw.text((6, top + 22), f"{values.min():.2f} … {values.max():.2f}", fill=(130, 130, 130))
    span = max(float(time_s[-1] - time_s[0]), 1e-6)
    x = _MARGIN + (time_s - time_s[0]) / span * (PLOT_WIDTH - 6 - _MARGIN)
    y = bottom - 2 - (values - low) / max(high - low, 1e-6) * (PLOT_HEIGHT - 8)
    gaps: Any = np.flatnonzero(np.diff(time_s) > 4 * np.median(np.diff(time_s))) + 1 if len(time_s) > 2 else []
    for piece in np.split(np.stack([x, y], 1), gaps):
        if len(piece) > 1:
            draw.line([tuple(point) for point in piece.tolist()], fill=LINE, width=1)
        elif len(piece):
            draw.point([tuple(piece[0].tolist())], fill=LINE)
