"""What colours of a photo say of light and skin, linearised where a fit stands: its normal equations, by kernels.

The model is light.py's. Unknowns are the albedo's coefficients (A,), the log tint of the light (3,) and its nine
harmonics. N points, three channels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.appearance.skin_tones import SkinTones
from facegpt.cielab import RGB_TO_Y
from facegpt.render.lighting import SH_CONSTANTS, SHEEN
from facegpt.render.scalar import JIT
from facegpt.types import Array

#: Residual SD in log units, degrees of freedom of its Student-t, and how many independent samples a face is worth.
RESIDUAL_SD, FREEDOM, INDEPENDENT = 0.14, 3.0, 150.0
#: Share of the face that must be bare to tell how light it is.
LEAST_BARE = 0.05
#: Shading never falls below this share of its mean (SH light can go negative).
DARKEST_SHADING = 0.12


@dataclass(frozen=True, eq=False)
class Linearised:
    """The equations where a fit stands.

    Attributes:
        hessian, gradient: (A + 12, A + 12) and (A + 12,) of half the sum of squares, of the photo alone.
        inlier: (N,) robust weights. shade: (N,) of the harmonics.
        lightness: CIE L* of the mean luminance of bare skin and its sheen. slope: (A,) how it changes with the albedo.
    """

    hessian: NDArray[np.float64]
    gradient: NDArray[np.float64]
    inlier: NDArray[np.float64]
    shade: NDArray[np.float64]
    lightness: float
    slope: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LightEquations:
    """What a photo shows of N points of a skin.

    Attributes:
        observed: (N, 3) log colours. harmonics: (N, 9) how light reaches each. mean_log: (N, 3) of the mean albedo.
        tones: how the albedo's coefficients change them. weight: (N,) how well each is seen.
        reliable, trust: (N, 3) how far a colour counts, and how far its logarithm does.
        bare: (N,) how far each is skin that tells how light a person is: no lips, brows or beards.
    """

    observed: Array
    harmonics: Array
    mean_log: Array
    tones: SkinTones
    weight: Array
    reliable: Array
    trust: Array
    bare: Array

    def at(self, unknown: Array) -> Linearised:
        """The equations at unknowns (A + 12,)."""
        albedo, tint, light = (part.copy() for part in np.split(np.asarray(unknown, np.float64), [-12, -9]))
        count, number = len(albedo), len(self.observed)
        own, residual, shade = np.empty((number, 3)), np.empty((number, 3)), np.empty(number)
        first = self._firsts(albedo)
        fixed = self._basis, *self._places, self.tones.amounts(albedo), self.tones.hue(albedo), self.tones.bend(albedo)
        floor = DARKEST_SHADING * SH_CONSTANTS[0] * light[0]
        _explain(*self._seen[:3], *fixed, tint, light, floor, own, residual, shade)
        spread = max(RESIDUAL_SD, 1.3 * share_below(np.abs(residual * self.trust).ravel(), 0.5))
        inlier, rows, right = np.empty(number), np.zeros((number, 3, count + 12)), np.empty((number, 3))
        level = INDEPENDENT / max(float((self.weight > 0).sum()), 1.0) / spread**2
        weighed = *self._seen[1:2], *self._seen[3:], spread, level
        _weigh(self._basis, first, own, residual, shade, *weighed, inlier, rows, right)
        flat = rows.reshape(3 * number, -1)
        hessian, gradient = flat.T @ flat, -(right.ravel() @ flat)
        slope = np.zeros(count)
        luminance = _brightness(self._basis, first, own, self._share, RGB_TO_Y, slope) + SHEEN
        lightness = 116 * luminance ** (1 / 3) - 16
        return Linearised(hessian, gradient, inlier, shade, lightness, slope / luminance * (lightness + 16) / 3)

    def plainly_at(self, unknown: Array) -> Linearised:
        """`at`, the slow way: the reference of its kernels."""
        albedo, tint, light = unknown[:-12], unknown[-12:-9], unknown[-9:]
        count = len(albedo)
        shade = np.maximum(self.harmonics @ light, DARKEST_SHADING * SH_CONSTANTS[0] * light[0])
        own = np.exp(self.mean_log + self.tones.change(albedo))
        slopes = self.tones.basis.astype(np.float64).copy()  # (A, N, 3)
        if count:
            slopes[0] = self.tones.first_slope(albedo)
        residual = self.observed - np.log(own + SHEEN) - tint - np.log(shade)[:, None]
        # At first everything is far off, and hard light stays so: judge by the residuals' own spread.
        relative = residual * self.trust
        spread = max(RESIDUAL_SD, 1.3 * float(np.median(np.abs(relative))))
        inlier = (FREEDOM + 3) / (FREEDOM + (relative**2).sum(1) / spread**2)
        share = self.reliable * inlier[:, None] * self.trust**2 / spread**2
        share *= INDEPENDENT / max(float((self.weight > 0).sum()), 1.0)
        hessian, gradient = np.zeros((count + 12, count + 12)), np.zeros(count + 12)
        for channel in range(3):
            skin = (slopes * own / (own + SHEEN))[..., channel].T
            columns = np.column_stack([skin, np.ones(len(skin)), self.harmonics / shade[:, None]])
            where = np.r_[:count, count + channel, count + 3 : count + 12]
            hessian[np.ix_(where, where)] += (columns * share[:, channel, None]).T @ columns
            gradient[where] -= (columns * share[:, channel, None]).T @ residual[:, channel]
        each = self._share[:, None] * own * RGB_TO_Y
        luminance = float(each.sum()) + SHEEN
        lightness = 116 * luminance ** (1 / 3) - 16
        slope = np.einsum("nc,anc->a", each, slopes) / luminance * (lightness + 16) / 3
        return Linearised(hessian, gradient, inlier, shade, lightness, slope)

    def _firsts(self, albedo: Array) -> NDArray[np.float64]:
        """Slopes (N, 3) of the first coefficient of an albedo (A,)."""
        if not len(albedo):
            return np.zeros((len(self.observed), 3))
        return np.ascontiguousarray(self.tones.first_slope(albedo), np.float64)

    @cached_property
    def _basis(self) -> NDArray[np.float64]:
        """Slopes (3, N, A) of a straight line."""
        return np.ascontiguousarray(self.tones.basis.transpose(2, 1, 0), np.float64)

    @cached_property
    def _seen(self) -> tuple[NDArray[np.float64], ...]:
        """Observed, harmonics, mean, reliability and trust, as kernels want them."""
        arrays = self.observed, self.harmonics, self.mean_log, self.reliable, self.trust
        return tuple(np.ascontiguousarray(array, np.float64) for array in arrays)

    @cached_property
    def _places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the ends of the first coefficient have their hue, and where irises are: (N,) each."""
        told = (np.zeros(len(self.observed)) if one is None else one for one in (self.tones.tone, self.tones.iris))
        tone, iris = (np.ascontiguousarray(one, np.float64) for one in told)
        return tone, iris

    @cached_property
    def _share(self) -> NDArray[np.float64]:
        """Shares (N,) of the mean luminance of bare skin; of all that is seen where none is bare."""
        own = self.weight * self.bare
        share = own if own.sum() > LEAST_BARE * self.weight.sum() else self.weight
        return np.ascontiguousarray(share / share.sum(), np.float64)


def share_below(values: NDArray[np.float64], share: float) -> float:
    """The value (N,) below which a share lies, as `np.quantile` finds it, in a fifth of the time for so few."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    parted = np.partition(values, (low, high))
    return float(parted[low] + (place - low) * (parted[high] - parted[low]))


@njit(**JIT)
def _explain(  # type: ignore[no-untyped-def]
    observed, harmonics, mean, basis, tone, iris, amounts, hue, bend, tint, light, floor, own, residual, shade
):
    """Write the skin's own colours (N, 3), what they leave unexplained (N, 3), and the shading (N,)."""
    for n in range(len(observed)):
        value = 0.0
        for k in range(9):
            value += harmonics[n, k] * light[k]
        shade[n] = max(value, floor)
        lit = math.log(shade[n])
        for c in range(3):
            change = mean[n, c] + tone[n] * hue[c] + iris[n] * bend[c]
            for a in range(len(amounts)):
                change += basis[c, n, a] * amounts[a]
            own[n, c] = math.exp(change)
            residual[n, c] = observed[n, c] - math.log(own[n, c] + SHEEN) - tint[c] - lit


@njit(**JIT)
def _weigh(  # type: ignore[no-untyped-def]
    basis, first, own, residual, shade, harmonics, reliable, trust, spread, level, inlier, rows, right
):
    """Write robust weights (N,), and rows (N, 3, A + 12) and right sides (N, 3) of the equations, times their roots."""
    count = basis.shape[2]
    for n in range(len(own)):
        square = 0.0
        for c in range(3):
            square += (residual[n, c] * trust[n, c]) ** 2
        inlier[n] = (FREEDOM + 3) / (FREEDOM + square / spread**2)
        for c in range(3):
            root = math.sqrt(reliable[n, c] * inlier[n] * level) * trust[n, c]
            skin = root * own[n, c] / (own[n, c] + SHEEN)
            for a in range(count):
                rows[n, c, a] = skin * basis[c, n, a]
            if count:
                rows[n, c, 0] = skin * first[n, c]
            rows[n, c, count + c] = root
            for k in range(9):
                rows[n, c, count + 3 + k] = root * harmonics[n, k] / shade[n]
            right[n, c] = root * residual[n, c]


@njit(**JIT)
def _brightness(basis, first, own, share, luminance, slope):  # type: ignore[no-untyped-def]
    """The mean luminance of colours (N, 3) by shares (N,); its slope (A,) is added to `slope`."""
    total = 0.0
    for c in range(3):
        for n in range(len(own)):
            each = share[n] * own[n, c] * luminance[c]
            total += each
            for a in range(1, len(slope)):
                slope[a] += each * basis[c, n, a]
            if len(slope):
                slope[0] += each * first[n, c]
    return total
