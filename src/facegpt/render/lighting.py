"""Spherical-harmonic light: the nine basis functions, lights turned into coefficients, and the studio light.

Convention: directions and normals are unit vectors in the camera frame (x right, y down, z forward); colours are
linear RGB. Order and constants of the basis: render/base.py.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from facegpt.render.base import Lobe
from facegpt.types import Array

if TYPE_CHECKING:
    from torch import Tensor

#: Share of the light that the skin's surface sends to the camera, white (a dielectric's F0 is 0.028; more at its rims).
SHEEN = 0.03
#: Constants of the real spherical harmonics up to degree 2, in the order of render/base.py.
SH_CONSTANTS = (
    0.28209479,
    0.48860251,
    0.48860251,
    0.48860251,
    1.09254843,
    1.09254843,
    0.31539157,
    1.09254843,
    0.54627422,
)

#: How strongly a diffuse surface keeps each degree (Ramamoorthi and Hanrahan 2001, eq. 8), divided by π.
LAMBERT_PER_BASIS = np.array([1.0, *[2 / 3] * 3, *[1 / 4] * 5])

#: The studio's lamps: (direction from the face to the lamp in the camera frame, linear RGB strength). Faces below hair
#: are about as bright as photos show them: brighter than their albedo at the key's side, little darker at the other.
STUDIO_LAMPS = (
    ((-0.55, -0.60, -0.62), (1.58, 1.52, 1.43)),
    ((0.80, -0.10, -0.55), (0.43, 0.47, 0.52)),
    ((0.20, -0.75, 0.60), (0.34, 0.35, 0.37)),
)
STUDIO_AMBIENT = (0.305, 0.33, 0.36)
#: Lamps that show relief: from the image's left, from above, from its right; direction and strength as above.
SIDE_LAMPS = tuple(((x, y, -0.45), (1.15, 1.12, 1.08)) for x, y in ((-0.9, -0.1), (0.0, -0.95), (0.9, -0.1)))

#: A light's linear band over its constant, up to which it has no lamp and from which it has: "even" light .18, the
#: studio's .5, a lone lamp 1.15.
LAMP = (0.2, 0.3)


def sh_basis(normal: Array) -> Array:
    """Evaluate the nine basis functions at unit vectors (..., 3): (..., 9)."""
    x, y, z = np.moveaxis(np.asarray(normal), -1, 0)
    terms = (np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y)
    return np.stack(terms, -1) * np.asarray(SH_CONSTANTS)


def lighting_from_lamps(
    lamps: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...], ambient: tuple[float, ...] = (0.0, 0.0, 0.0)
) -> Array:
    """Project distant lamps onto the basis: (9, 3) float32.

    A surface that faces a lamp of strength 1 shows about its albedo. lamps: pairs of direction (towards the lamp) and
    linear RGB strength; ambient: linear RGB that reaches every normal alike.
    """
    lighting = np.zeros((9, 3))
    lighting[0] = np.asarray(ambient) / SH_CONSTANTS[0]
    for direction, strength in lamps:
        towards = np.asarray(direction) / np.linalg.norm(direction)
        lighting += np.pi * (LAMBERT_PER_BASIS * sh_basis(towards))[:, None] * np.asarray(strength)
    return lighting.astype(np.float32)


#: How surfaces that look up and down differ in a room or outside. Floors send less than walls and skies do: in a light
#: without this no chin stands out from its neck. Nothing comes from straight below, and crowns get hardly more than
#: faces, so that grey hair is not white.
RISE, FALL = 0.3, 0.18


def lighting_from_sky(strength: float, rise: float, fall: float) -> Array:
    """White light from all around, least from below, that gives upright surfaces `strength`: (9, 3) float32.

    A surface that looks up by u (1 straight up, -1 straight down) gets strength · (1 + rise · u - fall · u²). No
    direction sends less than nothing while 1.5 · rise + 3 · fall is 1 at most, where straight below sends none.
    """
    lighting = lighting_from_lamps((), (strength * (1 - fall / 3),) * 3)
    lighting[1] = -strength * rise / SH_CONSTANTS[1]  # y is down
    # y² = 1/3 - (3 z² - 1) / 6 - (x² - y²) / 2
    lighting[6] = strength * fall / 6 / SH_CONSTANTS[6]
    lighting[8] = strength * fall / 2 / SH_CONSTANTS[8]
    return lighting


def lamp_share(lighting: Array) -> float:
    """How far a light (9, 3) has a lamp that surfaces could mirror, 0..1: the sky's lean and a room's are none."""
    linear, even = np.linalg.norm(lighting[1:4].mean(1)), abs(float(lighting[0].mean()))
    none, one = LAMP
    return float(np.clip((linear / max(even, 1e-6) - none) / (one - none), 0, 1))


def turned_light(lighting: Array, rotation: Array) -> Array:
    """The light (9, 3) in another frame, from which `rotation` (3, 3) leads to its own: what it sends to R n, at n."""
    around = np.array([step for step in product((-1.0, 0.0, 1.0), repeat=3) if any(step)])
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    sent = sh_basis(around @ np.asarray(rotation).T) @ np.asarray(lighting, np.float64)
    return np.asarray(np.linalg.lstsq(sh_basis(around), sent, rcond=None)[0], np.float32)


def default_studio_lighting() -> Array:
    """The light of pictures without a photo: a key from the upper left of the image, a fill, a rim: (9, 3)."""
    return lighting_from_lamps(STUDIO_LAMPS, STUDIO_AMBIENT)


def dominant_lobe(lighting: Tensor, gloss: Tensor, roughness: Tensor) -> Lobe:
    """The highlight of the strongest lamp that a diffuse light (1 or B, 9, 3) tells of, differentiable.

    The linear band points at that lamp (Sloan 2008, "Stupid spherical harmonics tricks", optimal linear direction) and
    its length is the lamp's strength. gloss: (1 or B,) brightness of the highlight per strength of the lamp.
    roughness: (1 or B,) above 0, as glTF means it.
    """
    linear = lighting[:, [3, 1, 2]]
    direction = linear.mean(2)
    towards = direction / direction.norm(dim=1, keepdim=True).clamp(min=1e-6)
    per_strength = float(np.pi * LAMBERT_PER_BASIS[1] * SH_CONSTANTS[1])
    strength = (linear * towards[:, :, None]).sum(1).clamp(min=0) / per_strength
    return Lobe(direction, gloss.reshape(-1, 1) * strength, 2 / roughness**4)
