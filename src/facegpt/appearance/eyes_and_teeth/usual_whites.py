"""The tone that people's whites of the eyes have in common.

Painted whites are evenly grey, which beside real skin looks like a doll's. Real ones are a little brighter and warmer,
shaded towards the temple and pink towards the nose: the mean of 70 faces of the training half (CC0 photos and
portraits, lab/runs/iris/whites.py).

Frame: texture of the default head; an eyeball is a disc there, the polar angle from its axis 90 degrees at 0.9 of the
radius.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

#: Middle of each eyeball's disc in the atlas (u, v), its radius, and the share of it at 90 degrees.
EYES, RADIUS, AT_90 = {"left_eye": (0.256, 0.088), "right_eye": (0.088, 0.088)}, 0.08, 0.9
#: Polar angles between which the iris ends and the white begins, degrees.
BESIDE_IRIS_DEG = (30.0, 33.0)
#: Log units that whites are brighter, and more red, green and blue, than the model's.
USUAL = np.array([0.30, 0.20, 0.09], np.float32)
#: The same beside that by the polar angle, degrees, on the side of the nose (by channel) and on that of the temple.
POLAR_DEG = (34.0, 43.0, 49.0, 56.0, 65.0, 75.0)
NASAL = (
    (-0.04, -0.03, 0.03, 0.10, 0.36, 0.50),
    (-0.02, -0.02, 0.03, 0.07, 0.29, 0.38),
    (-0.02, -0.02, 0.03, 0.06, 0.29, 0.38),
)
TEMPORAL = (-0.25, -0.23, -0.17, -0.15, -0.05, 0.0)
#: Log units by the polar angle that the limbus takes, by channel: a soft dark ring between iris and white. The colours
#: of irises are coarse and run into the white there, as a bright blue ring about light ones.
LIMBUS_DEG = (26.0, 27.4, 28.5, 29.5, 31.0, 33.0)
LIMBUS = (
    (0.0, -0.30, -0.50, -0.45, -0.15, 0.0),
    (0.0, -0.40, -0.65, -0.55, -0.18, 0.0),
    (0.0, -0.48, -0.75, -0.6, -0.2, 0.0),
)


def usual_whites(part: NDArray[np.integer], names: Sequence[str]) -> NDArray[np.float32]:
    """What whites and limbus add to the log of the default head's texture (S, S, 3); 0 on irises and beside the eyes.

    part: (S, S) of each texel. names: of the parts.
    """
    pale, polar, inward = eyeballs(part, names)
    white, out = pale > 0, np.zeros((*part.shape, 3), np.float32)
    out[white] = pale[white][:, None] * usual_at(polar[white], inward[white])
    ring = (polar > LIMBUS_DEG[0]) & (polar < LIMBUS_DEG[-1])
    out[ring] += np.stack([np.interp(polar[ring], LIMBUS_DEG, channel) for channel in LIMBUS], -1)
    return out


def usual_at(polar_deg: Array, inward: Array) -> NDArray[np.float64]:
    """The same (..., 3) at polar angles (...) and shares of the way from the temple's side to the nose's (...)."""
    nasal = np.stack([np.interp(polar_deg, POLAR_DEG, channel) for channel in NASAL], -1)
    temporal = np.interp(polar_deg, POLAR_DEG, TEMPORAL)[..., None]
    return np.asarray(USUAL + temporal + inward[..., None] * (nasal - temporal))


def eyeballs(
    part: NDArray[np.integer], names: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """How far each texel (S, S) is white, 0..1; its polar angle, degrees; how far it lies towards the nose, 0..1."""
    pale, polar, inward = (np.zeros(part.shape, np.float32) for _ in range(3))
    for name, (u0, v0) in EYES.items():
        eye = part == (names.index(name) if name in names else -2)
        rows, columns = np.nonzero(eye)
        u, v = (columns + 0.5) / len(part), 1 - (rows + 0.5) / len(part)
        x, y = (u - u0) / RADIUS * (1 if name == "left_eye" else -1), (v - v0) / RADIUS  # x to the temple
        radius = np.hypot(x, y)
        polar[eye] = radius / AT_90 * 90
        inward[eye] = (1 - x / np.maximum(radius, 1e-6)) / 2
        pale[eye] = np.clip((polar[eye] - BESIDE_IRIS_DEG[0]) / (BESIDE_IRIS_DEG[1] - BESIDE_IRIS_DEG[0]), 0, 1)
    return pale, polar, inward
