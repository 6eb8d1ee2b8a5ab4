"""The light on strands: what reaches them through the hair around, and two highlights along cones.

A light that was fitted to a face says little of what falls on crowns: `light_beyond_face` bounds it there.

A white highlight is tilted to the root, a coloured one to the tip (Kajiya and Kay 1989; Marschner et al. 2003).
Camera frame, mm; colours linear RGB.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.lighting import FALL, RISE, lamp_share, lighting_from_sky, sh_basis
from facegpt.render.scalar import INLINE, JIT, ONE, ZERO, irradiance
from facegpt.render.shelter import even_directions
from facegpt.types import Array

#: Strength, exponent and tilt (radians, + to the tip) of the white highlight and of the coloured one.
WHITE_LOBE, COLOURED_LOBE = (0.045, 90.0, -0.10), (0.70, 16.0, 0.14)
#: Share of the light that reaches even the innermost hair, from strand to strand: of black hair, and how much more of
#: fair hair by the root of its colour.
SCATTERED, BY_COLOUR = 0.10, 0.55

#: Directions of the head that faces turn to, degrees: to either side, down and up. How much all others count beside
#: them, which get usual light: as much as the face, and more the more they look up (`lighting.RISE`).
ASIDE_DEG, DOWN_UP_DEG, BEYOND = 75.0, (-45.0, 35.0), 1.0
#: Cosine from which the camera sees a direction; directions that are asked.
SEEN, DIRECTIONS = 0.1, 200


def light_beyond_face(lighting: Array, rotation: Array) -> NDArray[np.float32]:
    """The light (9, 3) on hair where a light (9, 3) was fitted to a face: the same ahead, usual light elsewhere.

    Nine harmonics that agree on a face differ on its crown by a factor of 2 (SD), and what is seen of hair by 1.3.
    rotation: (3, 3) head → camera.
    """
    towards, fitted = even_directions(DIRECTIONS), np.asarray(lighting, np.float64)
    columns, (side, up, ahead) = sh_basis(towards), (towards @ np.asarray(rotation)).T
    aside, height = np.degrees(np.arctan2(side, ahead)), np.degrees(np.arcsin(np.clip(up, -1, 1)))
    low, high = DOWN_UP_DEG
    face = (np.abs(aside) < ASIDE_DEG) & (height > low) & (height < high) & (towards[:, 2] < -SEEN)
    if face.sum() < len(fitted):
        return fitted.astype(np.float32)
    usual = columns @ lighting_from_sky(1.0, RISE, FALL)[:, :1]
    usual = usual / usual[face].mean() * (columns[face] @ fitted).mean(0)
    weight = np.where(face, 1 / face.sum(), BEYOND / (~face).sum())[:, None]
    wanted = np.where(face[:, None], columns @ fitted, usual)
    return np.linalg.solve(columns.T @ (weight * columns), columns.T @ (weight * wanted)).astype(np.float32)


def light_on_strands(
    vertices: Array, normals: Array, tangents: Array, open_to_light: Array, colour: Array, lighting: Array
) -> NDArray[np.float32]:
    """Light and highlights (P, 6) at vertices (P, 3): what is seen is texel · light + brightness of it · highlight.

    open_to_light: (P,) 0..1. colour: (3,) mean of the hair. lighting: (9, 3).
    """
    towards = lighting[[3, 1, 2]].mean(1)
    towards = (towards / max(np.linalg.norm(towards), 1e-6)).astype(np.float32)
    lamp = (lamp_share(lighting) * np.clip(sh_basis(towards) @ lighting, 0.0, None)).astype(np.float32)
    mean_colour = np.asarray(colour, np.float32)
    shade = np.empty((len(vertices), 6), np.float32)
    given = [np.ascontiguousarray(a, np.float32) for a in (vertices, normals, tangents, open_to_light)]
    mean = max(float(mean_colour.sum()), 1e-6)  # highlights go with the brightness of the texel
    reach = np.asarray(SCATTERED + BY_COLOUR * np.sqrt(np.clip(mean_colour, 0, 1)), np.float32)
    _shade(*given, reach, lighting, towards, lamp / np.float32(mean), lamp * mean_colour / np.float32(mean), shade)
    return shade


@njit(**JIT)
def _shade(vertices, normals, tangents, left, scattered, light, towards, white, coloured, shade):
    for i in range(len(vertices)):
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        for k in range(3):
            value = irradiance(light, k, nx, ny, nz)
            reach = scattered[k] + (ONE - scattered[k]) * left[i]
            shade[i, k] = reach * value if value > ZERO else ZERO
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        size = ONE / math.sqrt(x * x + y * y + z * z)
        hx, hy, hz = towards[0] - x * size, towards[1] - y * size, towards[2] - z * size
        size = ONE / math.sqrt(hx * hx + hy * hy + hz * hz + np.float32(1e-9))
        hx, hy, hz = hx * size, hy * size, hz * size
        along = tangents[i, 0] * hx + tangents[i, 1] * hy + tangents[i, 2] * hz
        off = nx * hx + ny * hy + nz * hz
        facing = np.float32(0.35) + np.float32(0.65) * (nx * towards[0] + ny * towards[1] + nz * towards[2])
        facing = min(max(facing, ZERO), ONE) * left[i] * left[i]
        first = _lobe(along, off, WHITE_LOBE[0], WHITE_LOBE[1], WHITE_LOBE[2]) * facing
        second = _lobe(along, off, COLOURED_LOBE[0], COLOURED_LOBE[1], COLOURED_LOBE[2]) * facing
        for k in range(3):
            shade[i, 3 + k] = first * white[k] + second * coloured[k]


@njit(**INLINE)
def _lobe(along, off, strength, exponent, tilt):
    """A highlight of a strand whose tangent and normal have these cosines to the half vector."""
    shifted = along + np.float32(tilt) * off
    across = max(ONE - shifted * shifted / np.float32(1 + tilt * tilt), ZERO)
    return np.float32(strength) * across ** np.float32(0.5 * exponent)
