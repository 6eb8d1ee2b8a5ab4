"""Which way hair runs in a photo, and how straight: the structure tensor of its brightness (Bigün & Granlund 1987)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, sobel

from facegpt.encode.parts import FaceParts
from facegpt.hair.from_photo.colour import map_crop
from facegpt.types import Array

#: Side of the picture that is read, px; scales (px of it) over which strands and locks run one way.
SIDE, STRAND_PX, LOCK_PX = 192, 2.0, 8.0
SURE = 0.8


@dataclass(frozen=True, eq=False)
class HairFlow:
    """How the hair of one head runs.

    Attributes:
        angle: (SIDE, SIDE) radians of the strands in 0..π, x to the right and y down.
        strand, lock: mean coherence 0..1 of that direction within some mm, and within some cm, over the hair; nan
            where there is too little of it.
    """

    angle: Array
    strand: float
    lock: float

    @property
    def straight(self) -> float:
        """1 where locks run one way as far as one sees, 0 where strands turn at once."""
        return self.lock / max(self.strand, 1e-3)


#: Of hair that nobody looked at so closely.
UNKNOWN = HairFlow(np.zeros((0, 0)), float("nan"), float("nan"))


def hair_flow(image: NDArray[np.uint8], parts: FaceParts, own: Array) -> HairFlow:
    """Read the flow of one head's hair; own (S, S) 0..1 is the belief that a pixel is hair of this head."""
    grey = gaussian_filter(map_crop(image, parts, SIDE).mean(-1), 0.6)
    along, down = sobel(grey, 1), sobel(grey, 0)
    step = SIDE // len(own)
    hair = (np.repeat(np.repeat(own, step, 0), step, 1) > SURE).astype(np.float64)
    strand, angle = _coherence(along, down, hair, STRAND_PX)
    lock, _ = _coherence(along, down, hair, LOCK_PX)
    inside = hair > 0
    if inside.sum() < 50:
        return HairFlow(angle, float("nan"), float("nan"))
    return HairFlow(angle, float(strand[inside].mean()), float(lock[inside].mean()))


def _coherence(along: Array, down: Array, hair: Array, size: float) -> tuple[Array, Array]:
    """Coherence 0..1 and angle of the strands, each gradient counting by its direction rather than its strength."""
    strength = np.hypot(along, down) + 1e-4
    weight = hair * strength**0.5
    double = weight * np.exp(2j * np.arctan2(down, along))
    total = gaussian_filter(weight, size) + 1e-9
    mean = (gaussian_filter(double.real, size) + 1j * gaussian_filter(double.imag, size)) / total
    return np.abs(mean), (np.angle(mean) / 2 + np.pi / 2) % np.pi
