"""Where hair grows on the skin and which way: the fields of makehuman/painted_hair.py."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.render.texel_grids import blur
from facegpt.types import Array
from lab.runs.albedo.canvas import Canvas, smooth_step
from lab.runs.albedo.features import beside, unrolled
from lab.runs.albedo.paint import brow_coordinates, lip_mask

#: Brow coordinates are kept within this height of the brow's middle line, mm.
BROW_REACH_MM = 15.0
#: Where the ear begins on the unrolled head, mm.
EAR_MM = 139.0


def growth_fields(canvas: Canvas, cap: Array) -> dict[str, NDArray]:
    """The arrays of the asset, from the hair cap (H, W) of MakeHuman's skins.

    hair_density (3, H, W) uint8 of beard, moustache and scalp; hair_flow (2, H, W) float16, texture coordinates (u
    right, v down) per mm along the hair; texel_area (H, W) float16, mm² of a texel; brow (2, H, W) float16, place 0..1
    along the nearer brow, and mm above its middle line (99 far from it).
    """
    density = np.stack([beard(canvas), moustache(canvas), scalp(canvas, cap)])
    flow, area = _on_surface(canvas, direction(canvas))
    place, above = brow_coordinates(canvas)
    far = np.abs(above) > BROW_REACH_MM
    brow = np.stack([np.where(far, 0, place), np.where(far, 99.0, above)])
    return {
        "hair_density": np.round(np.clip(density, 0, 1) * 255).astype(np.uint8),
        "hair_flow": flow.astype(np.float16),
        "texel_area": area.astype(np.float16),
        "brow": brow.astype(np.float16),
    }


def beard(canvas: Canvas) -> NDArray:
    """The density (H, W) of a full beard: chin, jaw and lower cheek, whiskers before the ear, upper neck."""
    marks, places, z = canvas.marks, unrolled(canvas.position), canvas.position[..., 2]
    across, up = places[..., 0], places[..., 1]
    corner, ear = unrolled(marks[54]), np.array([EAR_MM, marks[16, 1]])
    # The upper border: from the lip's corner back along the cheek and up to the middle of the ear.
    border = np.array(
        [
            [0, marks[57, 1] - 4.5],
            [10, marks[57, 1] - 5],
            beside(corner, -4, -3),
            beside(corner, 7, 8),
            beside(corner, 20, 0),
        ]
    )
    border = np.concatenate(
        [
            border,
            [
                beside(corner, 38, 0),
                beside(ear, -34, -44),
                beside(ear, -19, -14),
                beside(ear, -13, 12),
                beside(ear, 14, 16),
            ],
        ]
    )
    top = np.interp(across, border[:, 0], border[:, 1])
    jaw = unrolled(marks[8:17])
    lower = np.array([[0, marks[8, 1] - 27], [30, np.interp(30, *jaw.T) - 30], [55, np.interp(55, *jaw.T) - 32]])
    lower = np.concatenate([lower, [[95, -74], [118, -52], [EAR_MM, -30]]])
    bottom = np.interp(across, lower[:, 0], lower[:, 1])
    inside = smooth_step(top + 3.5, top - 5, up) * smooth_step(bottom - 9, bottom + 9, up)
    behind = smooth_step(ear[0] + 6, ear[0] - 6, across) * smooth_step(-40, -15, z)
    bare = np.exp(
        -((((across - 11) / 5.5) ** 2) + (((up - marks[57, 1] + 8) / 5) ** 2))
    )  # beside the tuft below the lip
    patchy = 1 - 0.45 * bare
    cheek = 1 - 0.35 * smooth_step(top - 16, top - 2, up) * smooth_step(corner[0] + 4, corner[0] + 18, across)
    return inside * behind * patchy * cheek * canvas.of("skin") * (1 - _lips(canvas))


def moustache(canvas: Canvas) -> NDArray:
    """The density (H, W) of a moustache: between nose and lip, a little beyond the corners of the mouth."""
    marks, places = canvas.marks, unrolled(canvas.position)
    across, up = places[..., 0], places[..., 1]
    corner, wing = unrolled(marks[54]), unrolled(marks[35])
    upper = np.array(
        [
            [0, marks[33, 1] - 2.5],
            beside(wing, -2, -2),
            beside(wing, 6, -3),
            beside(corner, 4, 5),
            beside(corner, 9, -3),
        ]
    )
    lower = np.array([[0, marks[51, 1] - 1], beside(corner, -8, 1), beside(corner, 2, -7), beside(corner, 9, -11)])
    top, bottom = (np.interp(across, line[:, 0], line[:, 1]) for line in (upper, lower))
    inside = smooth_step(top + 1.5, top - 3.0, up) * smooth_step(bottom - 3, bottom + 0.5, up)
    inside = inside * smooth_step(corner[0] + 8, corner[0] + 2, across) * (canvas.position[..., 2] > 60)
    groove = 1 - 0.45 * np.exp(-((across / 2.6) ** 2)) * smooth_step(marks[51, 1], marks[51, 1] + 4, up)
    return inside * groove * canvas.of("skin") * (1 - _lips(canvas))


def scalp(canvas: Canvas, cap: Array) -> NDArray:
    """The density (H, W) of the hair of the scalp: the hair of MakeHuman's skins with an even border."""
    skin = canvas.of("skin")
    size = len(cap)
    even = blur(cap[..., None], skin.astype(np.float32), size / 64)[..., 0]
    return smooth_step(0.30, 0.62, even) * skin


def _lips(canvas: Canvas) -> NDArray:
    return smooth_step(0.35, 0.8, gaussian_filter(lip_mask(canvas), len(canvas.position) / 400))


def direction(canvas: Canvas) -> NDArray:
    """The way hair grows (H, W, 3) on the head, mm of the head frame, not yet tangent to the skin."""
    marks, (x, y, z) = canvas.marks, np.moveaxis(canvas.position, -1, 0)
    down = np.stack([0.10 * np.tanh(x / 20), np.full_like(x, -1.0), np.full_like(x, -0.15)], -1)
    under = smooth_step(marks[8, 1] + 6, marks[8, 1] - 8, y)[..., None]  # under the chin: forwards and down
    down = (
        down * (1 - under) + np.stack([0.15 * np.tanh(x / 20), np.full_like(x, -0.5), np.full_like(x, 0.6)], -1) * under
    )
    lip = (smooth_step(marks[54, 1] - 6, marks[54, 1] + 4, y) * smooth_step(marks[33, 1] + 3, marks[33, 1] - 2, y))[
        ..., None
    ]
    lip = lip * smooth_step(34, 26, np.abs(x))[..., None]
    side = np.stack([0.75 * np.tanh(x / 5), np.full_like(x, -0.8), np.zeros_like(x)], -1)
    face = down * (1 - lip) + side * lip
    crown = np.array([4.0, y.max() - 8, -55.0])
    away = canvas.position - crown
    away = away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-6)
    swirl = np.cross(away, np.broadcast_to([0.0, 1.0, 0.0], away.shape)) * 0.35
    scalp = away + swirl * np.exp(-np.linalg.norm(canvas.position - crown, axis=-1, keepdims=True) / 45)
    brow = canvas.brow[2, 1] + 4
    high = np.maximum(smooth_step(brow, brow + 12, y), smooth_step(0, -15, z))[..., None]
    return face * (1 - high) + scalp * high


def _on_surface(canvas: Canvas, way: Array) -> tuple[NDArray, NDArray]:
    """Texture coordinates per mm (2, H, W) of directions on the head (H, W, 3); also mm² per texel (H, W)."""
    size = len(way)
    along_u, along_v = (np.gradient(canvas.position.astype(np.float64), axis=axis) for axis in (1, 0))  # mm per texel
    skin = canvas.of("skin")
    a, b, c = (along_u**2).sum(-1), (along_u * along_v).sum(-1), (along_v**2).sum(-1)
    right = np.stack([(along_u * way).sum(-1), (along_v * way).sum(-1)])
    least = 1e-3
    determinant = np.maximum(a * c - b * b, least)
    step = np.stack([c * right[0] - b * right[1], a * right[1] - b * right[0]]) / determinant  # texels
    moved = step[0][..., None] * along_u + step[1][..., None] * along_v
    length = np.maximum(np.linalg.norm(moved, axis=-1), 0.2)
    flow = np.where(skin, step / length / size, 0)
    limit = 40.0 / size
    flow = np.stack([gaussian_filter(np.clip(plane, -limit, limit), 1.0) for plane in flow])
    return flow, np.where(skin, np.minimum(np.sqrt(determinant), 25.0), 0)
