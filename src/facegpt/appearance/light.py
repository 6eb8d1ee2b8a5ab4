"""Light and skin from one unwrapped photo: which spherical-harmonic light and which albedo explain its colours.

Model (log of linear RGB): log I = log(exp(mean + Σ c_a basis_a) + SHEEN) + tint + log(Y(n) · g) + noise with heavy
tails; the sheen of its surface makes dark skin much paler than it is, and light skin hardly. All unknowns
are found together by Gauss-Newton with iteratively reweighted residuals; priors hold what a single photo cannot
tell apart (a dark skin in bright light and a light skin in dim light). Where the whole face has told how light its skin
is (encode/looks.py), that is one more piece of evidence, and the population's spread of lightness says little then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.light_equations import DARKEST_SHADING as DARKEST_SHADING
from facegpt.appearance.light_equations import LightEquations, share_below
from facegpt.appearance.skin_tones import SkinTones
from facegpt.fitting.bounded_step import bounded_step
from facegpt.render.base import AMBIENT_WHITE
from facegpt.render.lighting import SH_CONSTANTS, SHEEN, sh_basis
from facegpt.render.shelter import even_directions
from facegpt.types import Array

#: Prior of the light: its mean, and the SD of harmonics of order 0, 1, 2, relative to the ambient white; the SD of the
#: log shading of a surface that faces the camera (people expose photos for faces); the SD of its log tint. One tint for
#: all directions: sRGB photos saturate in shadows, which free colours would take for red lamps.
BRIGHTNESS_MEAN, HARMONIC_SD, FRONT_SD, TINT_SD = 1.0, (0.4, 0.45, 0.15), 0.25, 0.11
#: SDs from which the belief in exposure fades, as a Student's t does: low-key photos are dark on purpose.
FRONT_TAIL = 1.5
#: How much more a coefficient of the skin costs the more it looks like light: its precision is 1 + this · that share.
LIKE_LIGHT = 8.0
#: SD of the lightness that a face tells, CIE L*; share of the population's belief in it that is left beside that.
LIGHTNESS_SD, LEFT_OF_PRIOR = 2.0, 0.1
#: Least share of a texel's light that is its own colour.
LEAST_OWN = 0.25
#: Linear RGB that glints and haze add to any skin: it makes the logarithm of dark colours unreliable.
GLARE = 0.03
#: No coefficient of the albedo leaves this range: far out, log-linear skin would reflect more light than it gets.
MOST_SD = 2.2
#: But the first one, where the model bends it so that it never does, may go so far towards light skin.
LIGHTEST_SD = 3.0
#: With fewer samples than this nothing is estimated.
FEWEST = 30
#: Light comes from everywhere: below this share of the mean irradiance a direction is drawn up to it, with such an SD
#: (shares of it), each of so many directions. A photo shows little skin that faces down, and would say nothing of it.
DIMMEST, DIMMEST_SD, DIRECTIONS = 0.3, 0.35, 48
#: Cosine within which a sample faces a direction, and the share of samples at which the photo tells half of it.
FACING, FEW_FACING = 0.85, 0.005
_ORDER = np.array([0, 1, 1, 1, 2, 2, 2, 2, 2])
_TOWARDS_CAMERA = sh_basis(np.array([0.0, 0.0, -1.0]))
_STEPS, _PROJECTIONS = 12, 50


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
    """The prior's mean light (9, 3): white from everywhere."""
    light = np.zeros((9, 3), np.float32)
    light[0] = AMBIENT_WHITE * BRIGHTNESS_MEAN
    return light


def shading(normals: Array, lighting: Array) -> Array:
    """Irradiance (N, 3) at unit normals (N, 3) in the camera frame, kept above a floor."""
    return np.maximum(sh_basis(normals) @ np.asarray(lighting), darkest(lighting))


def darkest(lighting: Array) -> Array:
    """The floor (3,) of the irradiance of a light (9, 3)."""
    return np.asarray(DARKEST_SHADING * SH_CONSTANTS[0] * np.maximum(np.asarray(lighting)[0], 1e-3))


def shading_by(columns: Array, lighting: Array) -> Array:
    """Irradiance (N, 3) where the light's coefficients count as `columns` (N, 9) say, kept above the same floor."""
    return np.maximum(columns @ np.asarray(lighting), darkest(lighting))


def nowhere_black(lighting: Array) -> NDArray[np.float32]:
    """The nearest light (9, 3) that reaches every direction with at least the floor of `shading`.

    Nine harmonics of a hard lamp are negative on the side that it leaves dark, and a renderer draws that black. By
    projections in turn: onto irradiances above the floor, and onto what nine harmonics can be (von Neumann).
    """
    (columns, nearest), found = _all_around(), np.asarray(lighting, np.float64)
    for _ in range(_PROJECTIONS):
        shade = columns @ found
        missing = np.maximum(darkest(found) - shade, 0)
        if not missing.any():
            break
        found = found + nearest @ missing
    return found.astype(np.float32)


@lru_cache(maxsize=1)
def _all_around() -> tuple[Array, Array]:
    """Harmonics (D, 9) of directions all around, and their pseudoinverse (9, D)."""
    columns = sh_basis(even_directions(DIRECTIONS))
    return columns, np.linalg.pinv(columns)


def without_sheen(colour: Array, shade: Array) -> NDArray[np.float32]:
    """What to add to the log of a delit photo, colour over shade (N, 3), to take the sheen of the surface off."""
    lit = np.maximum(colour, 1e-3) / shade
    return np.log(left_of_sheen(lit) / lit).astype(np.float32)


def left_of_sheen(lit: Array) -> Array:
    """What a delit photo (N, 3) keeps where the sheen of the surface is taken off."""
    return np.maximum(lit - SHEEN, LEAST_OWN * lit)


def estimate_light(
    colour: Array,
    columns: Array,
    mean_log: Array,
    tones: SkinTones,
    weight: Array,
    lightness: float | None = None,
    like_light: Array | None = None,
    bare: Array | None = None,
) -> LightFit:
    """Find light and albedo together.

    Args:
        colour: (N, 3) linear RGB of the photo at N surface points.
        columns: (N, 9) how the light's coefficients reach each point: `sh_basis` of its normal where nothing is in the
            way, or `Shelter.transfer`.
        mean_log: (N, 3) log albedo of the mean at these points.
        tones: how an albedo's coefficients change them.
        weight: (N,) ≥ 0, how well each point is seen.
        lightness: CIE L* that bare skin, with its sheen, is believed to have by white light, or None.
        like_light: (A,) in 0..1, how much of what a coefficient does light would do as well (prior.py), or None.
        bare: (N,) in 0..1, where skin is bare; everywhere if None.
    """
    if len(colour) < FEWEST:
        return LightFit(ambient_light(), np.zeros(len(tones.basis), np.float32), np.ones(len(colour), np.float32))
    equations = LightEquations(
        np.log(np.maximum(colour, 2e-3)),
        columns,
        mean_log,
        tones,
        weight,
        weight[:, None] * np.clip((1.0 - colour) / 0.15, 0.3, 1.0),  # less where the sensor is saturated
        colour / (colour + GLARE),
        np.ones(len(colour)) if bare is None else bare,
    )
    harmonics = np.asarray(columns, np.float64)
    prior = _prior_precision(len(tones.basis), like_light)
    centre = np.zeros(len(tones.basis) + 12)
    centre[-9] = AMBIENT_WHITE * BRIGHTNESS_MEAN
    unknown = centre.copy()  # albedo (A,), log tint of the light (3,), harmonics (9,)
    inlier = np.ones(len(colour))
    around = _unseen(harmonics, weight)
    lower, upper = _bounds(tones)
    for _ in range(_STEPS):
        albedo, light = unknown[:-12], unknown[-9:]
        now = equations.at(unknown)
        inlier = now.inlier
        hessian, gradient = now.hessian + prior, now.gradient + prior @ (unknown - centre)
        for curvature, pull in (_dimness(around, light), _exposure(light)):
            hessian[-9:, -9:] += curvature
            gradient[-9:] -= pull
        if lightness is not None and len(albedo):
            hessian, gradient = _told(hessian, gradient, now.lightness, now.slope, lightness, albedo)
        change = bounded_step(hessian, gradient, lower - unknown, upper - unknown)
        brighter = np.abs(harmonics @ change[-9:] / now.shade)
        change *= min(1.0, 0.7 / max(share_below(brighter, 0.95), 1e-9))  # log shading is linear only so far
        unknown = unknown + change
    lighting = np.outer(unknown[-9:], np.exp(unknown[-12:-9]))
    parts = (lighting, unknown[:-12], np.clip(inlier, 0, 1))
    return LightFit(*(part.astype(np.float32) for part in parts))


def _told(
    hessian: Array, gradient: Array, lightness: float, slope: Array, wanted: float, albedo: Array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normal equations with the evidence of a wanted lightness, and less of the population's along its slope (A,)."""
    along = slope / max(float(np.linalg.norm(slope)), 1e-9)
    loose = (1 - LEFT_OF_PRIOR) * np.outer(along, along)
    count = len(albedo)
    curvature: NDArray[np.float64] = np.array(hessian, np.float64)
    pull: NDArray[np.float64] = np.array(gradient, np.float64)
    curvature[:count, :count] += np.outer(slope, slope) / LIGHTNESS_SD**2 - loose
    pull[:count] += slope * (lightness - wanted) / LIGHTNESS_SD**2 - loose @ albedo
    return curvature, pull


def _prior_precision(count: int, like_light: Array | None = None) -> Array:
    """Inverse covariance of (albedo, log tint, harmonics) around their means, (A + 12, A + 12)."""
    precision = np.eye(count + 12)
    if like_light is not None:
        precision[range(count), range(count)] += LIKE_LIGHT * np.asarray(like_light)
    tint = slice(count, count + 3)
    ones = np.ones((3, 3)) / 3
    precision[tint, tint] = ones * 1e4 + (np.eye(3) - ones) / TINT_SD**2  # brightness belongs to the harmonics
    for k, order in enumerate(_ORDER):
        precision[count + 3 + k, count + 3 + k] = (HARMONIC_SD[order] * AMBIENT_WHITE) ** -2
    return precision


def _bounds(tones: SkinTones) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and most of each unknown (A + 12,): those of the albedo have them, and the light is never black."""
    count = len(tones.basis)
    lower, upper = np.full(count + 12, -np.inf), np.full(count + 12, np.inf)
    lower[:count], upper[:count] = np.maximum(tones.lowest, -MOST_SD), MOST_SD
    if tones.tone is not None:
        upper[0] = LIGHTEST_SD
    lower[-9] = 0.1 * AMBIENT_WHITE
    return lower, upper


def _unseen(harmonics: Array, weight: Array) -> Array:
    """Harmonics (D, 9) of directions all around, the less the more samples (N, 9) of a weight (N,) face there."""
    towards = even_directions(DIRECTIONS)
    normals = harmonics[:, [3, 1, 2]]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    share = weight @ (normals @ towards.T > FACING) / max(float(weight.sum()), 1e-6)
    return sh_basis(towards) / np.sqrt(1 + share / FEW_FACING)[:, None]


def _dimness(around: Array, light: Array) -> tuple[Array, Array]:
    """Hessian (9, 9) and gradient (9,) of the directions, harmonics (D, 9), that get less than DIMMEST of a light (9,).

    The gap is measured in shares of the mean irradiance: a negative one has no logarithm.
    """
    least = around - DIMMEST * around[:, :1] * np.eye(9)[0]
    slope = least / (DIMMEST * SH_CONSTANTS[0] * light[0] * DIMMEST_SD)
    gap = slope @ light
    slope = slope[gap < 0]
    return slope.T @ slope, -slope.T @ gap[gap < 0]


def _exposure(light: Array) -> tuple[Array, Array]:
    """Hessian (9, 9) and gradient (9,) of the log shading of a surface that faces the camera, at a light (9,)."""
    usual = AMBIENT_WHITE * BRIGHTNESS_MEAN * SH_CONSTANTS[0]
    least = DARKEST_SHADING * SH_CONSTANTS[0] * light[0]
    front = max(float(_TOWARDS_CAMERA @ light), least)
    slope = _TOWARDS_CAMERA / front / FRONT_SD
    off = np.log(front / usual) / FRONT_SD
    trust = 1 / (1 + (off / FRONT_TAIL) ** 2)
    return trust * np.outer(slope, slope), -trust * slope * off
