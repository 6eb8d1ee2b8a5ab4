"""Photos in another light: what to try when a photo is too dark or too bright for the networks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

#: Exponents for the sRGB values: the shadows lifted, the highlights spread.
GAMMAS = {"shadows lifted": 0.4, "highlights spread": 2.5}


def variants(image: NDArray[np.uint8], coarse: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """An image (H, W, 3) in other lights, most promising first; the range is that of `coarse`, a small copy."""
    low, high = np.percentile(coarse, [1, 99])
    values = np.arange(256, dtype=np.float64)
    stretched = np.clip((values - low) / max(high - low, 8.0), 0.0, 1.0)
    middle = float(np.interp(np.median(coarse), values, stretched))
    gamma = np.clip(np.log(0.45) / np.log(np.clip(middle, 0.02, 0.98)), 0.3, 3.0)
    yield "levels stretched", apply(image, stretched**gamma)
    for name, exponent in GAMMAS.items():
        yield name, apply(image, (values / 255.0) ** exponent)


def apply(image: NDArray[np.uint8], curve: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Look every value of an image up in a curve (256,) of 0..1."""
    return np.round(curve * 255.0).astype(np.uint8)[image]
