"""How the coefficients of a skin change its colour, for those who fit them: the albedo model's curve, and its slope.

The first coefficient, from dark to light, is no straight line: light skin saturates, and both ends have a hue of their
own (morphable/makehuman/albedo.py). A fit along a straight line would find skins that are a third lighter than those
that are drawn with what it found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.makehuman.albedo import BEND_DARK, BEND_LIGHT, BEND_POWER, LIGHT_REACH, NAMED, towards_ends
from facegpt.morphable.makehuman.iris_colours import iris_bend
from facegpt.types import Array


@dataclass(frozen=True, eq=False)
class SkinTones:
    """What coefficients (A,) do at some texels, log units.

    Attributes:
        basis: (A, ..., 3) log units per SD, of a straight line.
        tone: (...) where the ends of the first have their hue; None where it is a straight line.
        ends: (2, 3) log colour at its dark and its light end. least: (A,) below which a coefficient does nothing more.
        iris: (...) how much of an iris a texel is: there the hue's bend counts, mixed to channels by `channels` (3, 3).
    """

    basis: Array
    tone: Array | None = None
    ends: Array | None = None
    least: Array | None = None
    iris: Array | None = None
    channels: Array | None = None

    def change(self, albedo: Array) -> Array:
        """What an albedo (A,) adds to the mean skin: (..., 3)."""
        changed: Array = np.tensordot(self.amounts(albedo).astype(self.basis.dtype), self.basis, 1)
        if self.tone is not None:
            changed = changed + self.tone[..., None] * self.hue(albedo)
        return changed if self.iris is None else changed + self.iris[..., None] * self.bend(albedo)

    def amounts(self, albedo: Array) -> NDArray[np.float64]:
        """How far along its straight line each coefficient of an albedo goes: (A,)."""
        amounts: NDArray[np.float64] = np.array(albedo, np.float64)
        amounts[1:] = np.maximum(amounts[1:], self.lowest[1:])
        if self.tone is not None and self.ends is not None:
            amounts[0] = min(amounts[0], LIGHT_REACH * (1 - np.exp(-max(amounts[0], 0) / LIGHT_REACH)))
        return amounts

    def hue(self, albedo: Array) -> NDArray[np.float64]:
        """What the ends' hue adds where `tone` is 1: (3,)."""
        if self.tone is None or self.ends is None:
            return np.zeros(3)
        return np.asarray(towards_ends(float(albedo[0])) @ self.ends, np.float64)

    def bend(self, albedo: Array) -> NDArray[np.float64]:
        """The bend (3,) of the irises' hue, of the channels that the photo has; 0 without irises."""
        if self.iris is None or self.tone is None or self.ends is None:
            return np.zeros(3)
        bend = iris_bend(float(albedo[NAMED["iris_hue"]]))
        return np.asarray(bend if self.channels is None else bend @ self.channels, np.float64)

    @property
    def lowest(self) -> Array:
        """The coefficients (A,) below which nothing changes any more."""
        return np.full(len(self.basis), -np.inf) if self.least is None else self.least

    def first_slope(self, albedo: Array) -> Array:
        """How fast the log colour (..., 3) changes with the first coefficient of an albedo (A,)."""
        if self.tone is None or self.ends is None:
            return self.basis[0]
        light = float(albedo[0])
        lengths = np.array([far - near for near, far in (BEND_DARK, BEND_LIGHT)])
        hue = (BEND_POWER * towards_ends(light) ** (1 - 1 / BEND_POWER) / lengths) @ self.ends
        return self.basis[0] * np.exp(-max(light, 0) / LIGHT_REACH) + self.tone[..., None] * hue

    def at(self, where: NDArray[np.bool_] | tuple[slice, ...]) -> SkinTones:
        """The same at some of its texels."""
        every = where if isinstance(where, tuple) else (where,)
        tone = None if self.tone is None else self.tone[where]
        iris = None if self.iris is None else self.iris[where]
        return replace(self, basis=self.basis[(slice(None), *every)], tone=tone, iris=iris)

    def greyed(self, luminance: Array) -> SkinTones:
        """The same for photos without colour, whose channels are all the luminance (3,) of the logs."""
        basis = np.repeat((self.basis @ luminance)[..., None], 3, axis=-1)
        ends = None if self.ends is None else np.repeat((self.ends @ luminance)[:, None], 3, axis=1)
        return replace(self, basis=basis, ends=ends, channels=np.repeat(np.asarray(luminance)[:, None], 3, axis=1))
