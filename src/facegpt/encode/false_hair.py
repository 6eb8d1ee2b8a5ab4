"""Skin that both networks take for hair: the bald forehead of somebody in hard light. Colour tells it.

A fringe is darker than the cheeks, or of another hue; hair over a forehead that looks as the cheeks do is skin. Grey
photos have no hues: there it must be nearly as light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from facegpt.types import Array

#: Points of the detector on the forehead, and on cheeks and between the brows.
FOREHEAD = (10, 151, 109, 67, 103, 338, 297, 332, 108, 69, 104, 337, 299, 333)
CHEEKS = (50, 205, 101, 118, 36, 280, 425, 330, 347, 266, 9)
#: Belief in hair from which a forehead is under it, and a pixel is; fewest cheeks that are seen.
COVERED, SURE, FEWEST = 0.6, 0.5, 5
#: How far from the cheeks skin is at most, in logs of red over green and green over blue, and how much darker; what
#: is lit otherwise than a forehead that is skin may differ by twice as much; pixels that go with most around them.
AS_HUED, AS_LIGHT, DARK, LOOSELY, AROUND_PX = 0.3, 1.0, 0.004, 2.0, 11
#: Hue of cheeks up to which a photo is grey, and how much darker skin is at most there: of three heads made grey the
#: bald one's forehead is .2 darker, two blond fringes .4 and .6.
GREY, AS_LIGHT_GREY = 0.05, 0.3


def looks_covered(belief: NDArray[np.float32], points: Array) -> bool:
    """Whether hair is believed (S, S) over most of the forehead; points (478, 2) of the face, px of the map."""
    told = _at(belief, points, FOREHEAD)
    return len(told) > FEWEST and float(np.mean(told > SURE)) > COVERED


def false_hair(
    belief: NDArray[np.float32], skin: NDArray[np.float32], points: Array, colours: Array
) -> NDArray[np.bool_]:
    """Where what is believed to be hair (S, S) is skin; nowhere if the forehead's hair looks different from the cheeks.

    Args:
        belief: (S, S) in hair.
        skin: (S, S) in skin.
        points: (478, 2) of the face, px of the map.
        colours: (S, S, 3) linear RGB.
    """
    nothing = np.zeros(belief.shape, bool)
    bare = _at(skin, points, CHEEKS) > SURE
    if bare.sum() < FEWEST:
        return nothing
    logs = np.log(np.asarray(colours) + DARK)
    cheeks = np.median(_at(logs, points, CHEEKS)[bare], axis=0)
    hairy = _at(belief, points, FOREHEAD) > SURE
    front = np.median(_at(logs, points, FOREHEAD)[hairy], axis=0)
    if not _alike(front, cheeks):
        return nothing
    hair, like = belief > SURE, _alike(logs, cheeks, LOOSELY) | (logs.mean(-1) > cheeks.mean())  # a crown glares
    most = uniform_filter((hair & like).astype(float), AROUND_PX) > 0.5 * uniform_filter(hair.astype(float), AROUND_PX)
    return np.asarray(hair & most)


def _alike(logs: Array, skin: Array, loosely: float = 1.0) -> NDArray[np.bool_]:
    """Whether log colours (..., 3) are about as those of skin (3,)."""
    off = np.diff(logs, axis=-1) - np.diff(skin)
    hue = np.hypot(off[..., 0], off[..., 1])
    darker = AS_LIGHT_GREY if np.abs(np.diff(skin)).max() < GREY else AS_LIGHT
    return np.asarray((hue < loosely * AS_HUED) & (np.mean(logs, -1) - np.mean(skin) > -loosely * darker))


def _at(values: Array, points: Array, which: tuple[int, ...]) -> Array:
    """Values (S, S, ...) at some points, those outside left out."""
    at = np.rint(np.asarray(points)[list(which), :2]).astype(int)
    inside = (at >= 0).all(1) & (at < len(values)).all(1)
    return np.asarray(values)[at[inside, 1], at[inside, 0]]
