"""The crown of a hat with a brim: a frustum that stands on the plane of its brim. Frame: head, mm.

A hat does not hug the head: between head and top is room, which a photo shows as the crown's height over the brim.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.types import Array, Headwear
from facegpt.wear.brim import root_of
from facegpt.wear.shell import MIDDLE, Underneath, directions_of

#: Rows and columns of the thickness of such a crown; directions in which its foot is known.
ROWS, COLUMNS, FOOT = 61, 24, 96
#: How round the corner between wall and top is, as a power: more is sharper. Room between the head and its hat, mm.
CORNER, ROOM_MM = 6.0, 3.0
#: How far from the middle of the skull a crown ends at most, mm, and halvings of this by which its end is found.
MOST_MM, HALVINGS = 290.0, 12


def standing(look: Headwear, below: Underneath, height_mm: float, taper: float) -> Headwear:
    """A hat with a brim whose crown stands so high over the plane of the brim.

    taper: by what share the crown is narrower at its top than at the brim.
    """
    root, centre, up = root_of(look, below, np.arange(FOOT) / FOOT)
    side = np.cross(up, (0.0, 0.0, 1.0))
    axes = np.stack([side / np.linalg.norm(side), np.cross(side / np.linalg.norm(side), up)])
    foot = (root - centre) @ axes.T
    angle = np.arctan2(foot[:, 1], foot[:, 0])
    order = np.argsort(angle)
    angle, radius = angle[order], np.linalg.norm(foot, axis=1)[order]
    polar, turn = np.meshgrid(np.linspace(0, 180, ROWS), np.arange(COLUMNS) / COLUMNS, indexing="ij")
    ways = directions_of(look.kind, polar, turn)
    start, rise = (MIDDLE - centre) @ up, ways @ up
    away, across = axes @ (MIDDLE - centre), ways @ axes.T

    def inside(reach: Array) -> Array:
        high = np.clip((start + reach * rise) / height_mm, 0, 1.5)
        flat = away + reach[..., None] * across
        wide = np.interp(np.arctan2(flat[..., 1], flat[..., 0]), angle, radius, period=2 * np.pi)
        out = np.linalg.norm(flat, axis=-1) / (wide * np.maximum(1 - taper * high, 0.05))
        return np.asarray(out**CORNER + high**CORNER < 1)

    low, high = np.zeros(polar.shape), np.full(polar.shape, MOST_MM)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        within = inside(middle)
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    off = np.maximum(low - below.hull_mm(ways), ROOM_MM)
    return replace(look, off_mm=tuple(off.ravel().round(2).tolist()), columns=COLUMNS)
