"""The dark line of lashes where lids meet: photos of open eyes do not show it, and shut eyes without it look made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS
from facegpt.types import Array

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: The detector's points along the edge of an upper lid, from the inner corner to the outer one: right eye, left eye.
EDGES = tuple((lids[8], *lids[:8:-1], lids[0]) for lids in (RIGHT_LIDS, LEFT_LIDS))
#: An eye's width, mm, which tells the picture's scale. How far the line reaches above the edge and below it, mm.
EYE_MM, ABOVE_MM, BELOW_MM = 29.0, 0.45, 1.3
#: Where the line begins and is whole, shares of the way from the inner corner; how shut an eye is then.
BEGINS, SHUT = (0.02, 0.3), (0.45, 0.9)
#: How much of the line's tone there is at its darkest; which quantile of the light around the open eye that tone is.
DARKEST, TONE = 0.8, 0.02
#: Samples along the line.
SAMPLES = 96


def with_lashes(out: Pixels, touched: Pixels, source: Floats, before: Array, after: Array, shut: Array) -> None:
    """Darken the line of the lids of eyes that were shut, in place.

    Args:
        out: (H, W, 3) sRGB, the changed picture.
        touched: (H, W), 255 where it differs.
        source: (H, W, 3) the photo, levels 0..255.
        before: (N, 2) the detector's points on the photo's head, pixels of `out`.
        after: (N, 2) on the changed one.
        shut: (2,) how far the right and the left eye are more shut than they were, 0..1.
    """
    for edge, share in zip(EDGES, shut, strict=True):
        strength = DARKEST * float(_smooth((share - SHUT[0]) / (SHUT[1] - SHUT[0])))
        points = np.asarray(after)[list(edge), :2]
        width = float(np.linalg.norm(points[-1] - points[0]))
        if strength < 0.01 or width < 3:
            continue
        tone = _tone(source, np.asarray(before)[list(edge), :2])
        x0, y0 = np.maximum(np.floor(points.min(0) - 0.2 * width), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(points.max(0) + 0.2 * width), out.shape[1::-1]).astype(int)
        if tone is None or x1 <= x0 or y1 <= y0:
            continue
        rows, columns = np.mgrid[y0:y1, x0:x1]
        amount = strength * _line(points, np.stack([columns, rows], -1), width / EYE_MM)[..., None]
        cut = out[y0:y1, x0:x1]
        dark = np.minimum(cut, cut * (1 - amount) + tone * amount)  # what is as dark already stays
        touched[y0:y1, x0:x1][(amount[..., 0] > 0.01) & (np.abs(dark - cut).max(-1) >= 0.5)] = 255
        out[y0:y1, x0:x1] = np.round(dark)


def with_skin_s_hue(out: Pixels, drawn: Floats, after: Array, shut: Array) -> None:
    """Give lids that were drawn over open eyes the hue of the photo's skin below them, and no more light, in place.

    Args:
        out: (H, W, 3) sRGB, the changed picture.
        drawn: (H, W) 0..1, where it shows what is drawn and not the photo.
        after: (N, 2) the detector's points on the changed head, pixels of `out`.
        shut: (2,) how far the right and the left eye are more shut than they were, 0..1.
    """
    for edge, share in zip(EDGES, shut, strict=True):
        points = np.asarray(after)[list(edge), :2]
        width = float(np.linalg.norm(points[-1] - points[0]))
        strength = float(_smooth((share - SHUT[0]) / (SHUT[1] - SHUT[0])))
        x0, y0 = np.maximum(np.floor(points.min(0) - np.array([0.25, 0.6]) * width), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(points.max(0) + np.array([0.25, 0.5]) * width), out.shape[1::-1]).astype(int)
        if strength < 0.01 or x1 <= x0 or y1 <= y0:
            continue
        cut, lid = out[y0:y1, x0:x1].astype(np.float32), drawn[y0:y1, x0:x1]
        below = (lid < 0.05) & (np.mgrid[y0:y1, x0:x1][0] > points[:, 1].max() + 0.12 * width)
        if below.sum() < 12 or (lid > 0.5).sum() < 12:
            continue
        light = cut.mean(-1)
        below &= light <= np.median(light[below])  # highlights have the hue of the lamp
        skin, now = (np.maximum(np.median(cut[where], axis=0), 1.0) for where in (below, lid > 0.5))
        factor = (skin / skin.mean()) / (now / now.mean()) * min(1.0, skin.mean() / now.mean())
        out[y0:y1, x0:x1] = np.round(np.clip(cut * factor ** (strength * lid[..., None]), 0, 255))


def _line(points: Array, places: Array, pixels_a_mm: float) -> Array:
    """How much (h, w) 0..1 of the lashes is at places (h, w, 2), of an edge (9, 2)."""
    at = np.linspace(0, len(points) - 1, SAMPLES)
    edge = np.stack([np.interp(at, np.arange(len(points)), points[:, k]) for k in range(2)], 1)
    along = (points[-1] - points[0]) / np.linalg.norm(points[-1] - points[0])
    down = np.array([-along[1], along[0]])
    down = down if down[1] > 0 else -down
    offset = places[:, :, None] - edge
    nearest = (offset**2).sum(-1).argmin(-1)
    away = np.take_along_axis(offset, nearest[..., None, None], 2)[:, :, 0]
    below, distance = away @ down, np.linalg.norm(away, axis=-1) / pixels_a_mm
    reach = np.maximum(np.where(below > 0, BELOW_MM, ABOVE_MM), 0.6 / pixels_a_mm)
    thick = _smooth((nearest / (SAMPLES - 1) - BEGINS[0]) / (BEGINS[1] - BEGINS[0]))
    return np.asarray(np.exp(-((distance / reach) ** 2)) * thick)


def _tone(source: Floats, edge: Array) -> Array | None:
    """The dark of the photo's own lashes and pupil, (3,) levels; None where the eye is not in the picture."""
    width = float(np.linalg.norm(edge[-1] - edge[0]))
    x0, y0 = np.maximum(np.floor(edge.min(0) - 0.1 * width), 0).astype(int)
    x1, y1 = np.ceil(edge.max(0) + np.array([0.1, 0.3]) * width).astype(int)
    around = source[y0:y1, x0:x1].reshape(-1, 3)
    if not len(around):
        return None
    light = around.mean(1)
    return np.asarray(around[light <= np.quantile(light, TONE)].mean(0))


def _smooth(share: Array) -> Array:
    share = np.clip(share, 0, 1)
    return np.asarray(share * share * (3 - 2 * share))
