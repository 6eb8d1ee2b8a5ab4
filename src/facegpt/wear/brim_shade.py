"""What a brim and its crown take of the light around from each other and from the face below: open sky, 0..1.

A wall beside a flat strip loses half of (1 - h / sqrt(h^2 + w^2)) of its sky at a height h beside a strip w wide; a
strip beside a wall loses the same of the wall's height. Cloth gives a share of it back. Frame: head, mm.
"""

from __future__ import annotations

import numpy as np

from facegpt.types import Array, Headwear
from facegpt.wear.brim import ROWS, brim_width_mm
from facegpt.wear.shell import MIDDLE, Underneath, angles_of, cloth_mm, edge_of

#: Heights of walls beside brims, mm: a crown above, a head below. What cloth and skin give back of the light they hide.
CROWN_MM, HEAD_MM, GIVEN_BACK = 90.0, 160.0, 0.35
#: What of the light from below shoulders take from the lower side of a brim.
SHOULDERS = 0.75
#: How far behind the cloth's edge skin still counts as outside, mm: rounding of the mesh.
AT_EDGE_MM = 2.0


def open_cloth(look: Headwear, below: Underneath, rows: int, columns: int) -> Array:
    """Of the vertices of crown (rows, columns) and brim, as `with_brim` lists them: (P,)."""
    if not look.brim_mm:
        return np.ones(rows * columns)
    turn = np.arange(columns) / columns
    width, edge = brim_width_mm(look, turn), edge_of(look, turn)
    share = np.append(np.linspace(0, 1, rows - 1) ** 0.85, 1.0)[:, None]
    reach = cloth_mm(look, below, edge, turn)
    above = np.radians(edge * (1 - share)) * reach  # mm from the edge up the crown
    crown = _left(above, width)
    away = np.linspace(0, 1, ROWS)[:, None] * width
    upper = _left(away, CROWN_MM)
    lower = SHOULDERS * _left(away, HEAD_MM)[::-1]
    return np.concatenate([each.ravel() for each in (crown, upper, lower)])


def open_skin(look: Headwear, below: Underneath, vertices: Array) -> Array:
    """Of the head's vertices (V, 3) below a brim: (V,)."""
    places = np.asarray(vertices, np.float64) - MIDDLE
    polar, turn = angles_of(look.kind, places)
    under = np.radians(polar - edge_of(look, turn)) * np.linalg.norm(places, axis=1)
    return np.where(under > -AT_EDGE_MM, _left(np.maximum(under, 0.0), brim_width_mm(look, turn)), 1.0)


def _left(away: Array, width: Array | float) -> Array:
    """What is left of the sky at a distance (...) from the foot of something `width` (...) mm wide."""
    hidden = 0.5 * (1 - away / np.maximum(np.hypot(away, width), 1e-6))
    return np.asarray(1 - hidden * (1 - GIVEN_BACK))
