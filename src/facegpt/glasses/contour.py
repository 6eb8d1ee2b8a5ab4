"""The contour of a lens as a few numbers: what eight frames are points of, and what is fitted to a photo.

Convention: u runs from the nose to the temple, v up, both -1..1 over the lens's box, as in frames.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from facegpt.glasses.frames import FRAMES, STYLES, outline
from facegpt.types import Array


@dataclass(frozen=True)
class Contour:
    """A lens between round, square, aviator and cat-eye.

    Attributes:
        height: of the box, as a share of its width.
        above, below: powers of the superellipses of the upper and the lower half: 2 round, 4 square.
        taper: how much narrower the lower rim is. drift: how far its middle lies towards the temple.
        slant: how much the temple's side is raised.
        outer_above, outer_below: the powers at the temple's side; None where both sides are alike.
    """

    height: float
    above: float
    below: float
    taper: float = 0.0
    drift: float = 0.0
    slant: float = 0.0
    outer_above: float | None = None
    outer_below: float | None = None

    @property
    def powers(self) -> tuple[float, float]:
        """Those of the temple's side, above and below."""
        return self.outer_above or self.above, self.outer_below or self.below


#: Bounds of the numbers of a contour, in their order.
BOUNDS = ((0.4, 1.15), (1.5, 7.0), (1.5, 7.0), (-0.1, 0.5), (-0.15, 0.3), (-0.1, 0.35), (1.5, 9.0), (1.5, 9.0))
#: A contour of so many numbers has both sides alike. Which one is its slant, and from which on it may be a cat's eye.
ALIKE, SLANT, RAISED = 6, 5, 0.15
#: The eight frames as contours: least squares of their outlines, within .8 mm (RMS) of them.
STYLE_CONTOURS = {
    "round": (0.97, 2.0, 2.0, 0.0, 0.0, 0.0),
    "oval": (0.7, 2.15, 2.15, 0.0, 0.0, 0.0),
    "rectangular": (0.6, 4.2, 4.2, 0.1, 0.0, 0.0),
    "square": (0.8, 3.6, 3.6, 0.1, 0.0, 0.0),
    "aviator": (0.84, 2.84, 2.48, 0.42, 0.08, -0.02),
    "cat_eye": (0.73, 3.8, 2.12, 0.14, -0.15, 0.23),
    "browline": (0.78, 4.72, 2.35, 0.22, 0.01, 0.03),
    "rimless": (0.66, 3.2, 3.2, 0.1, 0.0, 0.0),
}
NUMBERS = tuple(field.name for field in fields(Contour))


def contour_outline(numbers: tuple[float, ...], width_mm: float, count: int = 64) -> Array:
    """The edge of a lens about its middle: (count, 2) mm, evenly spaced, from the temple up and around."""
    shape = _closed(numbers) * [width_mm / 2, numbers[0] * width_mm / 2]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(shape, axis=0), axis=1))])
    even = np.linspace(0, along[-1], count, endpoint=False)
    return np.stack([np.interp(even, along, shape[:, k]) for k in range(2)], 1)


def within(numbers: Sequence[object]) -> bool:
    """Whether numbers are a contour's: six of them, or eight where its sides differ."""
    if len(numbers) not in (ALIKE, len(BOUNDS)) or not all(type(number) in (int, float) for number in numbers):
        return False
    return all(low <= number <= high for number, (low, high) in zip(numbers, BOUNDS, strict=False))  # type: ignore[operator]


def style_like(numbers: tuple[float, ...], thick: bool, bar: bool) -> str:
    """The frame whose lens is nearest to a contour, rather one of acetate (`thick`). bar: two bridges are seen."""
    own = contour_outline(numbers, 50.0)

    def apart(style: str) -> float:
        frame = FRAMES[style]
        other = outline(style, 50.0, 25.0 * (frame.height + numbers[0]))  # corners tell as much as heights do
        across = np.linalg.norm(own[:, None] - other, axis=-1)
        off = float(across.min(0).mean() + across.min(1).mean())
        return off + (0.0 if frame.metal == (not thick) else 0.8)

    out = {"browline", "rimless"} | ({"cat_eye"} if numbers[SLANT] < RAISED else set())
    return min(
        (style for style in STYLES if style not in out and (bar or FRAMES[style].bars == 1)),
        key=apart,
    )


@lru_cache(maxsize=512)
def _closed(numbers: tuple[float, ...]) -> Array:
    """The closed edge in its box: (129, 2), each -1..1."""
    lens = Contour(*numbers)
    turn = np.linspace(0, 2 * np.pi, 129)
    cosine, sine = np.cos(turn), np.sin(turn)
    outer = lens.powers
    temple = cosine >= 0
    power = 2 / np.where(sine >= 0, np.where(temple, outer[0], lens.above), np.where(temple, outer[1], lens.below))
    u, v = np.sign(cosine) * np.abs(cosine) ** power, np.sign(sine) * np.abs(sine) ** power
    low = (1 - v) / 2
    shape = np.stack([u * (1 - lens.taper * low) + lens.drift * low, v + lens.slant * u * (1 + v) / 2], 1)
    least, most = shape.min(0), shape.max(0)
    return np.asarray(2 * (shape - least) / (most - least) - 1)
