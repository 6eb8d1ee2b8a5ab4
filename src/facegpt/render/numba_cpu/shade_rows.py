"""Rows of a chunk: the working memory that the shading kernels share (see render/numba_cpu/shade.py)."""

from __future__ import annotations

import numpy as np
from numba import njit

from facegpt.render.scalar import INLINE

CHUNK = 256
#: Rows of a chunk, as offsets of their first value: unit normal and what made it unit, texture coordinates, mipmap
#: level, irradiance; for the backward pass barycentrics, s of plane_of_triangle, gradient of the colour (later of the
#: irradiance), albedo, gradient of the texture coordinates and of the normal before it was unit.
NX, NY, NZ, SCALE, U, V, LEVEL, RED, GREEN, BLUE, B1, B2, S = (np.uint64(row * CHUNK) for row in range(13))
GRAD_R, GRAD_G, GRAD_B, ALBEDO_R, ALBEDO_G, ALBEDO_B = (np.uint64(row * CHUNK) for row in range(13, 19))
SLOPE_U, SLOPE_V, HX, HY, HZ = (np.uint64(row * CHUNK) for row in range(19, 24))
FIELDS = 24

#: A pixel's place is one uint32: its row, shifted by this, and its column.
PLACE_BITS = np.uint64(16)
_COLUMN = np.uint64((1 << 16) - 1)


@njit(**INLINE)
def place_of(place):
    """Column and row of a place."""
    place = np.uint64(place)
    return place & _COLUMN, place >> PLACE_BITS
