"""What strands of hair in a photo look like: how far they run one way, how they bend, how they shine.

Directions are those of the structure tensor of log brightness (Bigün & Granlund 1987), so that neither the colour of
hair nor how bright its photo is has a say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, gaussian_filter, sobel

from facegpt.detect.windows import Photo
from facegpt.encode.parts import FaceParts
from facegpt.hair.from_photo.colour import map_crop
from facegpt.render import channels
from facegpt.types import Array

#: Side of the picture that is read, px: strands are gone at half of it. What hair lies so sure and deep is read.
SIDE, SURE, INSIDE_PX = 384, 0.8, 3
#: Fewest pixels of hair that tell anything; log of brightness is taken from here up.
FEWEST, DARKEST = 200, 0.02
#: Blur of the gradients, px, and scales over which directions are compared, in blurs; bends are read at the middle one.
BLUR_PX, WITHIN = 0.7, (1.5, 3.0, 6.0)
#: The same of whole locks: how much smaller the picture is, its blur and scale.
SMALLER, LOCK_PX, LOCK_WITHIN = 4, 1.4, 6.0
#: Locks' bends are read at half the size, their directions over so many px there; fewest pixels of hair that tell them.
BEND_WITHIN_PX, FEWEST_HALVED = 2.0, 30
#: What `strand_features` tells, in this order.
NAMES = ("one_way_near", "one_way", "bend_along", "bend_across", "one_way_far", "fine", "contrast", "upright")


@dataclass(frozen=True, eq=False)
class Strands:
    """One head's hair as its strands are read, (h, w) of the SIDE × SIDE pixels, sides multiples of SMALLER.

    Attributes:
        grey: log brightness. hair: where hair lies sure and deep. strength, double: of gradients, see `_directions`.
        window: its rows and columns among SIDE. sure: (S, S) where the belief in hair is sure.
    """

    grey: NDArray[np.float32]
    hair: NDArray[np.bool_]
    strength: Array
    double: Array
    window: tuple[slice, slice]
    sure: NDArray[np.bool_]


def strands_of(image: NDArray[np.uint8] | Photo, parts: FaceParts, own: Array) -> Strands | None:
    """Look at one head's strands; None where too little hair is seen.

    Args:
        image: (H, W, 3) uint8 sRGB of the parts.
        parts: of the face.
        own: (S, S) 0..1 belief that a pixel is hair of this head; S divides SIDE.
    """
    sure = own > SURE
    step = SIDE // len(own)
    hair = binary_erosion(np.kron(sure, np.ones((step, step), bool)), iterations=INSIDE_PX)
    if hair.sum() < FEWEST:
        return None
    window = _window(hair)
    grey = np.log(channels.mean(map_crop(image, parts, SIDE)) + DARKEST)
    grey, hair = np.ascontiguousarray(grey[window], np.float32), np.ascontiguousarray(hair[window])
    return Strands(grey, hair, *_directions(gaussian_filter(grey, BLUR_PX, truncate=3.0)), window, sure)


def strand_directions(strands: Strands | None) -> NDArray[np.complex64] | None:
    """Which way strands run, as the belief (S, S) lies: twice their angle with the eye line as a complex number.

    Its modulus is how surely they run so, 0 where there is no hair; None where none was seen.
    """
    if strands is None:
        return None
    across = np.zeros((SIDE, SIDE), np.complex64)
    across[strands.window] = _directions_within(strands, WITHIN[-1])
    cells = len(strands.sure)
    step = SIDE // cells
    small = -across.reshape(cells, step, cells, step).mean((1, 3)) * strands.sure
    return small.astype(np.complex64)


def _window(hair: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The part of a picture that has hair, and a margin; its sides are multiples of SMALLER."""
    rows, columns = np.flatnonzero(hair.any(1)), np.flatnonzero(hair.any(0))
    margin = 2 * SMALLER
    low = [max(int(found[0]) // SMALLER * SMALLER - margin, 0) for found in (rows, columns)]
    high = [min((int(found[-1]) // SMALLER + 1) * SMALLER + margin, SIDE) for found in (rows, columns)]
    return slice(low[0], high[0]), slice(low[1], high[1])


def strand_features(strands: Strands | None) -> NDArray[np.float64]:
    """The look of one head's strands (8,), see NAMES; nan where too little hair is seen."""
    if strands is None:
        return np.full(len(NAMES), np.nan)
    grey, hair, strength = strands.grey, strands.hair, strands.strength
    one_way, bends = [], (0.0, 0.0)
    for number, within in enumerate(WITHIN):
        mean = _directions_within(strands, within)
        one_way.append(float(np.abs(mean)[hair].mean()))
        if number == 1:
            bends = _bends(mean, hair)
    along, across = (float(np.log(BLUR_PX * bend + 1e-3)) for bend in bends)
    height, width = (size // SMALLER for size in grey.shape)
    small = grey.reshape(height, SMALLER, width, SMALLER).mean((1, 3))
    locks = hair.reshape(height, SMALLER, width, SMALLER).mean((1, 3)) > 0.5
    upright = _upright(small, locks) if locks.any() else 0.64
    fine = float(np.log(strength[hair].mean()))
    return np.array([one_way[0], one_way[1], along, across, one_way[2], fine, float(grey[hair].std()), upright])


@lru_cache(maxsize=1)
def _directions_within(strands: Strands, within: float) -> Array:
    """`_mean_direction` of a head's strands over so many blurs; the last one is kept, which two ask for."""
    return _mean_direction(strands.strength, strands.double, strands.hair, BLUR_PX * within)


def lock_bend(strands: Strands | None) -> float:
    """Log of how fast the direction of locks turns along them, radians a px of half the picture; nan if not seen."""
    if strands is None:
        return float("nan")
    grey, hair = (_halved(each) for each in (strands.grey, strands.hair.astype(np.float32)))
    if (hair > 0.9).sum() < FEWEST_HALVED:
        return float("nan")
    strength, double = _directions(gaussian_filter(grey, BLUR_PX, truncate=3.0))
    along, _ = _bends(_mean_direction(strength, double, hair > 0.9, BEND_WITHIN_PX), hair > 0.9)
    return float(np.log(along + 1e-3))


def _halved(values: Array) -> Array:
    height, width = (size // 2 for size in values.shape)
    return values.reshape(height, 2, width, 2).mean((1, 3))


def _directions(grey: Array) -> tuple[Array, Array]:
    """Strength of each pixel's gradient, and twice its direction as a unit complex number."""
    gradient = sobel(grey, 1) + 1j * sobel(grey, 0)
    strength = np.abs(gradient) + 1e-4
    return strength, (gradient / strength) ** 2


def _mean_direction(strength: Array, double: Array, hair: NDArray[np.bool_], size: float) -> Array:
    """Mean of doubled directions over `size` px, edges by the root of their strength; its modulus is the coherence."""
    weight = hair * np.sqrt(strength)
    total = gaussian_filter(weight, size, truncate=3.0) + 1e-9
    turned = weight * double
    real, imaginary = (gaussian_filter(part, size, truncate=3.0) for part in (turned.real, turned.imag))
    return (real + 1j * imaginary) / total


def _bends(mean: Array, hair: NDArray[np.bool_]) -> tuple[float, float]:
    """How fast the direction turns along and across the strands, radians a pixel, where it is sure."""
    sure = np.abs(mean)
    unit = mean / (sure + 1e-6)
    along_x, along_y = np.gradient(unit, axis=1), np.gradient(unit, axis=0)
    angle = np.angle(mean) / 2 + np.pi / 2
    x, y = np.cos(angle), np.sin(angle)
    weight = sure[hair] / max(float(sure[hair].sum()), 1e-9)
    along, across = (
        float((np.abs(turn)[hair] * weight).sum()) / 2
        for turn in (x * along_x + y * along_y, x * along_y - y * along_x)
    )
    return along, across


def _upright(grey: Array, hair: NDArray[np.bool_]) -> float:
    """How upright locks run: mean of |sin| of their angle with the eye line."""
    strength, double = _directions(gaussian_filter(grey, LOCK_PX, truncate=3.0))
    mean = _mean_direction(strength, double, hair, LOCK_PX * LOCK_WITHIN)
    return float(np.abs(np.sin(np.angle(mean) / 2 + np.pi / 2))[hair].mean())
