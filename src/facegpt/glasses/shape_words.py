"""The shape of glasses in words, told by the outline and the rims that are drawn.

Which frame they are made of (`Glasses.style`) only says how they are built: lenses of a photo have a contour of their
own, which may be far from its frame's.
"""

from __future__ import annotations

import numpy as np

from facegpt.glasses.contour import contour_outline
from facegpt.glasses.fit import WIRE_MM
from facegpt.glasses.frames import FRAMES, outline
from facegpt.types import Array, Glasses

#: Widths of rims, mm: from which on they are thick; a rim above that is so many times the one below is a brow.
THICK_MM, BROW_TIMES = 2.7, 2.5
#: How far the upper corner at the temple stands above the one at the nose, of the lens's height, in a cat's eye.
RAISED = 0.12
#: Up to which width low down over that high up a lens is narrower below.
NARROWS = 0.83
#: Share of its box that a lens fills: an ellipse 0.79, a square 1. Up to the first it is round, up to the second its
#: corners are.
ROUND, SOFT = 0.83, 0.87
#: Height over width from which a lens is round and no oval, square and no rectangle.
ROUND_TALL, SQUARE_TALL = 0.86, 0.73
#: Where widths are measured, of the half height from the middle.
_HIGH = 0.55


def shape_words(look: Glasses) -> str:
    """What the glasses are called by their rims and lenses: "thick rectangular", "thin round", "rimless oval"."""
    frame = FRAMES[look.style]
    below, above = (rim * look.thickness for rim in (look.rims_mm or frame.rim_mm)[:2])
    lens = lens_words(look)
    if not above:
        return f"rimless {lens}" if not below else lens
    if look.style == "browline" and above > BROW_TIMES * below:
        return "browline" if below else f"half-rimmed {lens}"
    if not below:
        return f"half-rimmed {lens}"
    how = "thick " if max(below, above) >= THICK_MM else "thin " if max(below, above) < WIRE_MM else ""
    return how + lens


def lens_words(look: Glasses) -> str:
    """What a lens is called by its outline: round, oval, square, rectangular, cat-eye or aviator."""
    tall, edge = look.lens[0] if look.lens else FRAMES[look.style].height, _edge(look)
    if _raised(edge) > RAISED:
        return "cat-eye"
    if FRAMES[look.style].bars > 1 and _narrows(edge):
        return "aviator"
    filled = _filled(edge)
    if filled < ROUND:
        return "round" if tall >= ROUND_TALL else "oval"
    corners = "softly " if filled < SOFT else ""
    return corners + ("square" if tall >= SQUARE_TALL else "rectangular")


def narrows(look: Glasses) -> bool:
    """Whether lenses are clearly narrower below, and what `lens_words` calls them does not say so."""
    return lens_words(look) not in ("aviator", "cat-eye") and _narrows(_edge(look))


def _narrows(edge: Array) -> bool:
    return bool(np.ptp(_across(edge, -_HIGH)) < NARROWS * np.ptp(_across(edge, _HIGH)))


def _edge(look: Glasses) -> Array:
    """The outline (N, 2) of a lens in its box: each of u, to the temple, and v, up, in -1..1."""
    frame = FRAMES[look.style]
    edge = contour_outline(look.lens, 1.0, 256) if look.lens else outline(look.style, 1.0, frame.height, 256)
    low, high = edge.min(0), edge.max(0)
    return np.asarray(2 * (edge - low) / (high - low) - 1)


def _across(edge: Array, v: float) -> Array:
    """Where an outline ends at a height: (2,) the least and the most u."""
    near = edge[np.abs(edge[:, 1] - v) < 0.06, 0]
    return np.array([near.min(), near.max()])


def _raised(edge: Array) -> float:
    """How much higher the upper rim lies near the temple than near the nose, of the lens's height."""
    upper = edge[edge[:, 1] > 0]
    temple, nose = (float(upper[np.abs(upper[:, 0] - u) < 0.06, 1].max()) for u in (0.75, -0.75))
    return (temple - nose) / 2


def _filled(edge: Array) -> float:
    """The share of its box that an outline fills when it is as wide below as above."""
    low, high = (float(np.ptp(_across(edge, v))) for v in (-_HIGH, _HIGH))
    taper = 2 * (high - low) / (high * (1 + _HIGH) - low * (1 - _HIGH))
    v = edge[:, 1]
    u = edge[:, 0] / (1 - taper * (1 - v) / 2)
    area = abs(float(u @ np.roll(v, -1) - v @ np.roll(u, -1))) / 2
    return area / float(np.ptp(u) * np.ptp(v))
