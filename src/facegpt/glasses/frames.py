"""The eight frames: outlines of their lenses and sizes, in the terms of opticians (boxing system, ISO 8624).

Convention: u runs from the nose to the temple, v up, both -1..1 over the lens's box; sizes in mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facegpt.types import Array, FaceGPTError

#: Sizes that frames are sold in: width of a lens, gap between both, length of a temple, mm.
LENS_MM, BRIDGE_MM, TEMPLE_MM = (46.0, 58.0), (14.0, 22.0), (135.0, 150.0)
#: How far the back of a lens lies before the cornea, and by how much its lower rim is nearer to the face, as worn
#: (the position that lenses are made for: 12 to 14 mm and 5 to 12 degrees).
VERTEX_MM, TILT_DEG = (12.0, 14.0), 8.0

METAL, ACETATE = "metal", "acetate"

#: Outlines that are no ellipses: points in order, from the temple up and around.
_POINTS = {
    "aviator": (
        *((1.0, 0.42), (0.86, 0.82), (0.45, 0.99), (-0.1, 1.0), (-0.62, 0.93), (-0.95, 0.68), (-1.0, 0.25)),
        *((-0.8, -0.3), (-0.42, -0.78), (0.08, -1.0), (0.55, -0.88), (0.88, -0.36)),
    ),
    "cat_eye": (
        *((1.0, 0.7), (0.85, 1.0), (0.45, 0.94), (0.0, 0.84), (-0.45, 0.8), (-0.82, 0.66), (-1.0, 0.22)),
        *((-0.92, -0.35), (-0.6, -0.85), (-0.08, -1.0), (0.45, -0.86), (0.8, -0.35), (0.95, 0.25)),
    ),
    "browline": (
        *((1.0, 0.5), (0.93, 0.88), (0.6, 1.0), (0.0, 1.0), (-0.6, 0.98), (-0.93, 0.82), (-1.0, 0.4)),
        *((-0.9, -0.25), (-0.6, -0.8), (0.0, -1.0), (0.55, -0.84), (0.9, -0.25)),
    ),
}


@dataclass(frozen=True)
class Frame:
    """One kind of frame.

    Attributes:
        lens_mm: usual width of a lens; height: of it, as a share of the width.
        power: of the outline |u|^p + |v|^p = 1, where `_POINTS` has none.
        rim_mm: seen from the front, below and above the lens; 0 for none. depth_mm: from front to back.
        material: METAL (pads on wires) or ACETATE (pads of one piece with the rims).
        bridge: where it joins the lenses, v; rise_mm: of its middle; bars: one, or two with a straight one on top.
        hinge: where the temples join, v. drop_mm: the middle of a lens below the pupil.
        colour: usual one of the frame, linear RGB.
    """

    lens_mm: float
    height: float
    power: float
    rim_mm: tuple[float, float]
    depth_mm: float
    material: str
    bridge: float
    rise_mm: float
    hinge: float
    drop_mm: float
    colour: tuple[float, float, float]
    bars: int = 1

    @property
    def metal(self) -> bool:
        """Whether pads hang on wires and temples are thin."""
        return self.material == METAL


_GOLD, _STEEL, _BLACK, _BROWN = (0.42, 0.27, 0.09), (0.20, 0.20, 0.21), (0.012, 0.012, 0.013), (0.07, 0.028, 0.012)
FRAMES: dict[str, Frame] = {
    "round": Frame(48.0, 0.97, 2.0, (1.3, 1.3), 1.6, METAL, 0.30, 2.5, 0.22, 1.5, _GOLD),
    "oval": Frame(50.0, 0.70, 2.15, (1.3, 1.3), 1.6, METAL, 0.35, 2.0, 0.30, 2.0, _STEEL),
    "rectangular": Frame(52.0, 0.60, 4.2, (2.2, 2.6), 2.8, ACETATE, 0.42, 1.2, 0.55, 2.0, _BLACK),
    "square": Frame(51.0, 0.80, 3.6, (3.2, 3.8), 3.6, ACETATE, 0.42, 1.0, 0.58, 2.5, _BLACK),
    "aviator": Frame(56.0, 0.84, 2.0, (1.3, 1.5), 1.6, METAL, 0.45, 1.0, 0.62, 5.0, _GOLD, bars=2),
    "cat_eye": Frame(53.0, 0.74, 2.0, (2.4, 4.2), 3.4, ACETATE, 0.40, 1.0, 0.74, 1.5, _BROWN),
    "browline": Frame(50.0, 0.78, 2.0, (1.2, 4.6), 3.0, METAL, 0.62, 1.2, 0.72, 2.0, _BLACK),
    "rimless": Frame(52.0, 0.66, 3.2, (0.0, 0.0), 1.6, METAL, 0.40, 2.0, 0.42, 2.0, _STEEL),
}
#: Styles by name.
STYLES = tuple(FRAMES)


def check_style(style: str) -> None:
    """Raise FaceGPTError if there is no such frame."""
    if style not in FRAMES:
        raise FaceGPTError(f"there are no glasses '{style}'; there are: {', '.join(STYLES)}")


def outline(style: str, width_mm: float, height_mm: float, count: int = 64) -> Array:
    """The edge of a lens about its middle: (count, 2) mm, evenly spaced, from the temple up and around."""
    return np.asarray(width_mm * _even_outline(style, round(height_mm / width_mm, 12), count))


@lru_cache(maxsize=64)
def _even_outline(style: str, ratio: float, count: int) -> Array:
    """The same of a lens of width 1 and height `ratio`."""
    shape = _outline(style) * [0.5, ratio / 2]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(shape, axis=0), axis=1))])
    even = np.linspace(0, along[-1], count, endpoint=False)
    return np.stack([np.interp(even, along, shape[:, k]) for k in range(2)], 1)


@lru_cache(maxsize=len(FRAMES))
def _outline(style: str) -> Array:
    """The closed edge of a lens in its box: (361, 2), each -1..1."""
    frame = FRAMES[style]
    turn = np.linspace(0, 2 * np.pi, 361)
    if style in _POINTS:
        points = np.array([*_POINTS[style], _POINTS[style][0]])
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        shape = _closed_spline(along, points, turn / (2 * np.pi) * along[-1])
        low, high = shape.min(0), shape.max(0)
        shape = 2 * (shape - low) / (high - low) - 1
    else:
        cosine, sine = np.cos(turn), np.sin(turn)
        exponent = 2 / frame.power
        shape = np.stack([np.sign(cosine) * np.abs(cosine) ** exponent, np.sign(sine) * np.abs(sine) ** exponent], 1)
        if frame.power > 3:  # frames taper towards the cheek
            shape[:, 0] *= 1 - 0.05 * (1 - shape[:, 1])
            shape[:, 0] /= np.abs(shape[:, 0]).max()
    return np.asarray(shape)


def _closed_spline(along: Array, points: Array, at: Array) -> Array:
    """The periodic cubic spline through points (N + 1, 2), the last of which is the first again, at places (P,).

    Here and not from scipy, whose package of splines takes longer to import than glasses are looked for.
    """
    gaps, steps = np.diff(along), np.diff(points, axis=0)
    before = np.roll(gaps, 1)
    rises = steps / gaps[:, None]
    bends = np.diag(2 * (gaps + before)) + np.roll(np.diag(gaps), 1, axis=1) + np.roll(np.diag(before), -1, axis=1)
    bend = np.linalg.solve(bends, 6 * (rises - np.roll(rises, 1, axis=0)))
    bend = np.concatenate([bend, bend[:1]])
    k = np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(gaps) - 1)
    gap, ahead, behind = gaps[k, None], (along[k + 1] - at)[:, None], (at - along[k])[:, None]
    curved = (bend[k] * ahead**3 + bend[k + 1] * behind**3) / (6 * gap)
    start, end = points[k] / gap - bend[k] * gap / 6, points[k + 1] / gap - bend[k + 1] * gap / 6
    return np.asarray(curved + start * ahead + end * behind)
