"""Light and skin from one unwrapped photo: which spherical-harmonic light and which albedo explain its colours.

Model (log of linear RGB): log I = mean + Σ c_a basis_a + log(Y(n) · L) + noise with heavy tails. Both unknowns are
found together by Gauss-Newton with iteratively reweighted residuals; priors hold what a single photo cannot tell apart
(a dark skin in bright light and a light skin in dim light).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.render.base import AMBIENT_WHITE
from facegpt.render.lighting import SH_CONSTANTS, sh_basis
from facegpt.types import Array

#: Prior of the light, relative to the ambient white: SD of brightness and of colour for SH orders 0, 1, 2.
BRIGHTNESS_MEAN, BRIGHTNESS_SD, COLOUR_SD = 0.9, (0.30, 0.45, 0.15), (0.07, 0.008, 0.004)
#: Residual SD in log units, degrees of freedom of its Student-t, and how many independent samples a face is worth.
RESIDUAL_SD, FREEDOM, INDEPENDENT = 0.14, 3.0, 150.0
#: Linear RGB that glints and haze add to any skin: it makes the logarithm of dark colours unreliable.
GLARE = 0.03
#: Shading never falls below this share of its mean (SH light can go negative).
DARKEST_SHADING = 0.12
#: With fewer samples than this nothing is estimated.
FEWEST = 30
_ORDER = np.array([0, 1, 1, 1, 2, 2, 2, 2, 2])
_STEPS = 12


@dataclass(frozen=True)
class LightFit:
    """What explains a photo.

    Attributes:
        lighting: (9, 3) SH irradiance coefficients, camera frame, linear RGB.
        albedo: (A,) whitened coefficients.
        inlier: (N,) in 0..1, robust weight of each sample.
    """

    lighting: NDArray[np.float32]
    albedo: NDArray[np.float32]
    inlier: NDArray[np.float32]


def ambient_light() -> NDArray[np.float32]:
    """Give the prior's mean light (9, 3): white from everywhere."""
    light = np.zeros((9, 3), np.float32)
    light[0] = AMBIENT_WHITE * BRIGHTNESS_MEAN
    return light


def shading(normals: Array, lighting: Array) -> Array:
    """Irradiance (N, 3) at unit normals (N, 3) in the camera frame, kept above a floor."""
    lighting = np.asarray(lighting)
    floor = DARKEST_SHADING * SH_CONSTANTS[0] * np.maximum(lighting[0], 1e-3)
    return np.maximum(sh_basis(normals) @ lighting, floor)


def estimate_light(
    colour: Array, normals: Array, mean_log: Array, basis: Array, weight: Array, grey: bool = False
) -> LightFit:
    """Find light and albedo together.

    Args:
        colour: (N, 3) linear RGB of the photo at N surface points.
        normals: (N, 3) unit, camera frame.
        mean_log: (N, 3) log albedo of the mean at these points.
        basis: (A, N, 3) log units per SD.
        weight: (N,) ≥ 0, how well each point is seen.
        grey: the photo has no colour: brightness alone is compared, and the light is white.
    """
    if len(colour) < FEWEST:
        return LightFit(ambient_light(), np.zeros(len(basis), np.float32), np.ones(len(colour), np.float32))
    observed = np.log(np.maximum(colour, 2e-3))
    if grey:
        mean_log, basis = _grey(mean_log), _grey(basis)
    harmonics = sh_basis(normals)
    reliable = weight[:, None] * np.clip((1.0 - colour) / 0.15, 0.05, 1.0)  # less where the sensor is saturated
    trust = colour / (colour + GLARE)
    precision_light = _light_precision()
    mean_light = ambient_light().astype(np.float64)
    light, albedo = mean_light.copy(), np.zeros(len(basis))
    inlier = np.ones(len(colour))
    flat_basis = np.ascontiguousarray(basis.transpose(2, 1, 0), np.float64)  # (3, N, A)
    for _ in range(_STEPS):
        floor = DARKEST_SHADING * SH_CONSTANTS[0] * np.maximum(light[0], 1e-3)
        shade = np.maximum(harmonics @ light, floor)
        residual = observed - mean_log - np.einsum("cna,a->nc", flat_basis, albedo) - np.log(shade)
        # At first everything is far off, and hard light stays so: judge by the residuals' own spread.
        relative = residual * trust
        spread = max(RESIDUAL_SD, 1.3 * float(np.median(np.abs(relative))))
        inlier = (FREEDOM + 3) / (FREEDOM + (relative**2).sum(1) / spread**2)
        share = reliable * inlier[:, None]
        share *= trust**2 * INDEPENDENT / max(float((weight > 0).sum()), 1.0) / spread**2
        slope = harmonics[:, :, None] / shade[:, None, :]  # (N, 9, 3)
        change = _step(flat_basis, slope, residual, share, albedo, light - mean_light, precision_light)
        brighter = np.abs(harmonics @ change[len(albedo) :].reshape(9, 3) / shade)
        change *= min(1.0, 0.7 / max(float(np.quantile(brighter, 0.95)), 1e-9))  # log shading is linear only so far
        albedo = np.clip(albedo + change[: len(albedo)], -3.0, 3.0)
        light = light + change[len(albedo) :].reshape(9, 3)
        light[0] = np.maximum(light[0], 0.1 * AMBIENT_WHITE)
    return LightFit(light.astype(np.float32), albedo.astype(np.float32), np.clip(inlier, 0, 1).astype(np.float32))


def _grey(values: Array) -> Array:
    """Replace the last axis (RGB) by its luminance-weighted mean."""
    return np.repeat((values @ np.array([0.25, 0.65, 0.10]))[..., None], 3, axis=-1)


def _light_precision() -> Array:
    """Inverse covariance (27, 27) of the light around its mean; entry 3k + c is harmonic k, channel c."""
    precision = np.zeros((27, 27))
    ones = np.ones((3, 3))
    for k, order in enumerate(_ORDER):
        bright, colour = (sd[order] * AMBIENT_WHITE for sd in (BRIGHTNESS_SD, COLOUR_SD))
        block = ones / 9 / bright**2 + (np.eye(3) - ones / 3) / colour**2
        precision[3 * k : 3 * k + 3, 3 * k : 3 * k + 3] = block
    return precision


def _step(
    basis: Array,
    slope: Array,
    residual: Array,
    share: Array,
    albedo: Array,
    light_change: Array,
    precision_light: Array,
) -> Array:
    """Solve the normal equations for (A + 27,) increments."""
    count = basis.shape[2]
    hessian = np.zeros((count + 27, count + 27))
    gradient = np.zeros(count + 27)
    for c in range(3):
        columns = np.concatenate([basis[c], slope[:, :, c]], axis=1)  # (N, A + 9)
        weighted = columns * share[:, c, None]
        where = np.r_[np.arange(count), count + 3 * np.arange(9) + c]
        hessian[np.ix_(where, where)] += columns.T @ weighted
        gradient[where] += weighted.T @ residual[:, c]
    hessian[np.arange(count), np.arange(count)] += 1.0
    gradient[:count] -= albedo
    hessian[count:, count:] += precision_light
    gradient[count:] -= precision_light @ light_change.ravel()
    return np.linalg.solve(hessian, gradient)
