"""Teeth as single teeth: crowns with rounded biting edges, shade between them, and dark towards the back.

The default head's teeth are two smooth strips whose texture has a thin line between neighbours: from a metre away a
white bar from cheek to cheek. Crowns differ in length, their corners are round, each turns away from the light towards
its neighbours, and the cheeks take the light from the back ones. All of that is painted: beyond a crown's edge the
strip has the dark of a mouth.

A strip's teeth are equally wide in the texture, and its biting edge is where it folds (lab/runs/head/parts.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import Atlas
from facegpt.types import Array

#: Teeth of one side of a jaw.
PER_SIDE = 7
#: By tooth, from the middle to the back: how far its crown ends before the biting edge of the strip, how much its near
#: and its far corner are rounded off, mm, and how pointed it is. Upper and lower jaw.
CROWNS = {
    "upper_teeth": (
        *((0.0, 0.6, 1.2, 0.0), (0.7, 0.9, 1.3, 0.0), (0.1, 1.3, 1.7, 1.0), (0.7, 1.0, 1.2, 0.8)),
        *((0.9, 1.0, 1.1, 0.6), (0.9, 0.8, 0.8, 0.3), (1.1, 0.8, 0.8, 0.3)),
    ),
    "lower_teeth": (
        *((0.3, 0.4, 0.5, 0.0), (0.3, 0.5, 0.7, 0.0), (0.1, 1.1, 1.5, 1.0), (0.6, 0.9, 1.1, 0.8)),
        *((0.8, 0.9, 1.0, 0.5), (0.9, 0.7, 0.7, 0.3), (1.0, 0.7, 0.7, 0.3)),
    ),
}
#: Over how many mm a crown's edge fades, and what lies beyond it, linear RGB.
EDGE_MM, BEYOND = 0.35, np.array([0.045, 0.018, 0.015], np.float32)
#: Log units that a crown loses right beside its neighbour and the power of the distance from its middle by which it
#: does; and at the gum, over the share of the crown's height that this takes.
BETWEEN, BETWEEN_POWER, AT_GUM, GUM_SHARE = 0.28, 4.0, 0.12, 0.35
#: How much darker and yellower canines are than incisors, log units by channel.
CANINE = np.array([-0.04, -0.07, -0.16], np.float32)
#: How far from the middle of the face teeth get darker, mm, and by how much, log units: 16 smiles of photos (training
#: half) lose .44 at 16 to 19 mm, .77 to 22, 1.7 to 25 and 2.4 beyond; heads drawn over them lost .35, .54, .80 and 1.8.
ASIDE_MM, ASIDE = (13.0, 17.5, 20.5, 23.5, 27.0), (0.0, 0.1, 0.25, 0.8, 0.9)
#: Green albedo from which a texel is enamel, and surely is.
ENAMEL = (0.1, 0.2)


def shaped_teeth(texture: Array, atlas: Atlas, place: Array, names: Sequence[str]) -> NDArray[np.float32]:
    """A texture (S, S, 3), linear RGB, of the default head with crowns painted on its strips of teeth.

    Args:
        texture: of the head, with smooth teeth.
        atlas: of the texture's size.
        place: (S, S, 3) where each texel of the strips (`teeth_of`) lies on the mean head, mm.
        names: of the parts.
    """
    out = np.array(texture, np.float32)
    for name, crowns in CROWNS.items():
        strip = atlas.part == (names.index(name) if name in names else -2)
        if strip.any():
            rows, columns = np.nonzero(strip)
            out[strip] = _crowned(out[strip], rows, columns, place[strip], np.array(crowns), name == "upper_teeth")
    return out


def teeth_of(part: NDArray[np.integer], names: Sequence[str]) -> NDArray[np.bool_]:
    """Which texels lie on the strips of teeth, by the part (S, S) of each."""
    return np.isin(part, [names.index(name) for name in CROWNS if name in names])


def _crowned(
    colour: Array, rows: NDArray[np.intp], columns: NDArray[np.intp], place: Array, crowns: Array, upper: bool
) -> NDArray[np.float32]:
    """The colours (N, 3) of a strip's texels at rows and columns (N,), whose places are (N, 3) mm, as single teeth."""
    low, high = columns.min(), columns.max() + 1
    aside = (columns + 0.5 - (low + high) / 2) / ((high - low) / (2 * PER_SIDE))  # in teeth, from the middle
    tooth = np.minimum(np.abs(aside).astype(int), PER_SIDE - 1)
    across = np.clip(np.abs(aside) - tooth, 0, 1)
    height, outer = _above_edge(rows, columns - low, place[:, 1] * (1 if upper else -1), high - low, upper)
    short, near, far, pointed = crowns[tooth].T
    corner = np.where(across < 0.5, near, far)
    off = np.abs(2 * across - 1)
    rounded = corner * (pointed * off + (1 - pointed) * off**4)
    crown = np.clip((height - short - rounded) / EDGE_MM + 0.5, 0, 1)
    shade = -BETWEEN * off**BETWEEN_POWER
    tall = max(float(height.max()), 1e-3)
    shade = shade - AT_GUM * np.clip((height / tall - (1 - GUM_SHARE)) / GUM_SHARE, 0, 1)
    shade = np.where(outer, shade, 0.5 * shade) - np.interp(np.abs(place[:, 0]), ASIDE_MM, ASIDE)
    tone = shade[:, None] + CANINE * (tooth == 2)[:, None]
    enamel = np.clip((colour[:, 1:2] - ENAMEL[0]) / (ENAMEL[1] - ENAMEL[0]), 0, 1)
    toned = colour * np.exp(enamel * tone - (1 - enamel) * np.interp(np.abs(place[:, :1]), ASIDE_MM, ASIDE))
    return np.asarray(BEYOND + crown[:, None] * (toned - BEYOND), np.float32)


def _above_edge(
    rows: NDArray[np.intp], columns: NDArray[np.intp], rise: Array, width: int, upper: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How far texels lie from the biting edge of their column, mm, and which lie on the strip's outside.

    rise: (N,) height of each texel, growing away from the biting edge.
    """
    least = np.full(width, np.inf)
    np.minimum.at(least, columns, rise)
    height = rise - least[columns]
    fold = np.full(width, rows.max() if upper else rows.min())
    nearest = height < 1e-6
    fold[columns[nearest]] = rows[nearest]
    return np.asarray(height, np.float64), np.asarray(rows <= fold[columns] if upper else rows >= fold[columns])
