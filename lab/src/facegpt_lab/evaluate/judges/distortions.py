"""Photos made hard in known ways: each distortion changes a picture and takes its points along.

Convention: a picture is (H, W, 3) uint8 sRGB, points are (478, 3) in its pixels with the centre of the first pixel at
(0, 0); depth is scaled with them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.types import Array

Picture = NDArray[np.uint8]
#: What is left of the photo is surrounded by this colour where the picture grows.
MARGIN_COLOUR = (104, 110, 117)
FULL_HD = (1920, 1080)
#: Outlines of parts to be covered, as MediaPipe points.
EYES, MOUTH = (46, 276, 285, 55, 340, 111), (57, 287, 164, 18, 273, 43)
SUBJECT_LEFT_HALF = (10, 1, 152, 361, 323, 284)


@dataclass(frozen=True)
class Distortion:
    """A group and a name for the table, and what is done to a picture and its points."""

    group: str
    name: str
    apply: Callable[[Picture, Array], tuple[Picture, Array]]


def box_height(points: Array) -> float:
    """Longer edge of the box around the face's points, pixels."""
    return float(np.ptp(points[:468, :2], axis=0).max())


def rotated(turn_deg: float) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """The picture turned clockwise; it grows so that nothing is lost."""

    def apply(picture: Picture, points: Array) -> tuple[Picture, Array]:
        height, width = picture.shape[:2]
        turned = Image.fromarray(picture).rotate(
            -turn_deg, Image.Resampling.BICUBIC, expand=True, fillcolor=MARGIN_COLOUR
        )
        cosine, sine = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
        middle, new_middle = np.array([width - 1, height - 1]) / 2, np.array([turned.width - 1, turned.height - 1]) / 2
        xy = (points[:, :2] - middle) @ np.array([[cosine, sine], [-sine, cosine]]) + new_middle
        return np.asarray(turned), np.concatenate([xy, points[:, 2:]], 1)

    return apply


def resized(picture: Picture, points: Array, factor: float) -> tuple[Picture, Array]:
    """Scale a picture; pixel centres move (see conventions)."""
    height, width = picture.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    scale = np.array([size[0] / width, size[1] / height])
    small = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
    return np.asarray(small), np.concatenate([(points[:, :2] + 0.5) * scale - 0.5, points[:, 2:] * factor], 1)


def shrunk(face_px: float, in_full_hd: bool) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """Scale the picture so that the face is `face_px` tall; perhaps put it somewhere in a full-HD frame."""

    def apply(picture: Picture, points: Array) -> tuple[Picture, Array]:
        small, moved = resized(picture, points, face_px / box_height(points))
        if not in_full_hd:
            return small, moved
        place = np.random.default_rng(int(points[:, 0].sum() * 1000) % 2**32)
        width, height = FULL_HD
        frame = np.empty((height, width, 3), np.uint8)
        frame[:] = np.linspace(70, 150, width)[None, :, None] + place.integers(-8, 9, (height, width, 1))
        left = int(place.integers(0, width - small.shape[1] + 1))
        top = int(place.integers(0, height - small.shape[0] + 1))
        frame[top : top + small.shape[0], left : left + small.shape[1]] = small
        return frame, moved + np.array([left, top, 0.0])

    return apply


def values(change: Callable[[Array], Array]) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """Change the pixels, given as floats 0..255, and leave the points."""

    def apply(picture: Picture, points: Array) -> tuple[Picture, Array]:
        return np.clip(np.round(change(picture.astype(np.float64))), 0, 255).astype(np.uint8), points

    return apply


def brighter(gain: float) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """Multiply the sRGB values; what passes white is lost."""
    return values(lambda v: v * gain)


def noisy(sd: float) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """Add grain of a standard deviation in grey levels."""
    return values(lambda v: v + np.random.default_rng(int(v.sum()) % 2**32).normal(0.0, sd, v.shape))


def compressed(quality: int) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """Save as JPEG and read again."""

    def apply(picture: Picture, points: Array) -> tuple[Picture, Array]:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
        return np.asarray(Image.open(buffer)), points

    return apply


def covered(outline: tuple[int, ...]) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """Paint a part of the face over with a dark colour."""

    def apply(picture: Picture, points: Array) -> tuple[Picture, Array]:
        image = Image.fromarray(picture)
        corners = points[list(outline), :2]
        middle = corners.mean(0)
        around = sorted(corners - middle, key=lambda corner: np.arctan2(corner[1], corner[0]))
        ImageDraw.Draw(image).polygon([tuple(middle + 1.15 * corner) for corner in around], fill=(35, 32, 40))
        return np.asarray(image), points

    return apply


def cut(low: tuple[float, float], high: tuple[float, float]) -> Callable[[Picture, Array], tuple[Picture, Array]]:
    """Keep only a part of the box around the face: corners in units of the box, (0, 0) to (1, 1) is all of it."""

    def apply(picture: Picture, points: Array) -> tuple[Picture, Array]:
        start, size = points[:468, :2].min(0), np.ptp(points[:468, :2], axis=0)
        limit = np.array(picture.shape[1::-1])
        first = np.clip(np.round(start + size * low), 0, limit - 32).astype(int)
        last = np.clip(np.round(start + size * high), first + 32, limit).astype(int)
        part = np.ascontiguousarray(picture[first[1] : last[1], first[0] : last[0]])
        return part, points - [first[0], first[1], 0]

    return apply


def grey(pixels: Array) -> Array:
    """Luma of BT.601 in all three channels."""
    return np.repeat((pixels @ [0.299, 0.587, 0.114])[..., None], 3, axis=-1)


def table() -> list[Distortion]:
    """List all distortions of the recall table."""
    rows = [Distortion("plain", "unchanged", lambda picture, points: (picture, points))]
    rows += [Distortion("rotated", f"{turn}°", rotated(turn)) for turn in range(30, 360, 30)]
    for size in (160, 80, 60, 40):
        rows.append(Distortion("shrunk", f"face {size} px, small crop", shrunk(size, False)))
        rows.append(Distortion("shrunk", f"face {size} px in full HD", shrunk(size, True)))
    rows += [Distortion("dark", f"× {gain}", brighter(gain)) for gain in (0.3, 0.15, 0.07)]
    rows += [Distortion("over-exposed", f"× {gain}", brighter(gain)) for gain in (2.0, 3.0)]
    rows.append(Distortion("over-exposed", "150 + 0.5 ×", values(lambda v: 150.0 + v / 2)))
    rows.append(Distortion("grey", "luma", values(grey)))
    rows += [Distortion("noisy", f"SD {sd}", noisy(sd)) for sd in (20, 40)]
    rows += [Distortion("JPEG", f"quality {quality}", compressed(quality)) for quality in (10, 4)]
    parts = {"eyes": EYES, "mouth": MOUTH, "one half": SUBJECT_LEFT_HALF}
    rows += [Distortion("covered", name, covered(outline)) for name, outline in parts.items()]
    rows.append(Distortion("cut", "face fills the frame", cut((0.05, 0.05), (0.95, 0.95))))
    rows.append(Distortion("cut", "left third outside", cut((-0.3, -0.4), (0.67, 1.3))))
    rows.append(Distortion("cut", "chin outside", cut((-0.3, -0.4), (1.3, 0.75))))
    return rows
