"""Refine a landmark fit by the photo's colours: identity, expression, pose, albedo and light together.

Points of the face carry a colour: log albedo (linear in its coefficients) plus the log of spherical-harmonic light on
their normal. Each is compared with the photo where the point falls (a vertex-based, inverse form of the model-based
fit of Blanz and Vetter 1999), in log linear RGB, with Student-t errors, beside the landmarks and all priors. In logs
albedo, light and shape add up, so that one bounded Gauss-Newton step solves for all of them: no renderer, no
learning rate. From a blurred photo to a sharper one. Edges in the skin (brows, lids, lips) are not quite where the
albedo has them, so that a point errs the more the steeper the photo is there: no edge says more than a landmark would.
What all edges have in common (lashes, lids' shadow and nostrils pull the same way) is a shift that is solved for too.
Nine harmonics are not quite a lamp's light either: under one from the side they leave out as much as the dark half has,
so that a point errs the more the darker it is beside the bright side, and its shading bends no shape. The harder the
light is, the more of the bright side is grazed by it, too: there shading follows the skin's own relief and the lamp's
size more than the head's shape, and bends it less.
Skins differ from the albedo model by more than noise: beards, make-up, shadows cast. Soft spots of brightness all over
the face (stains) take up what neither albedo nor light explains, rarely but then strongly (Student-t), so that it does
not pass for shape; and where a stain is, the rest of the colours counts less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.bounded_step import bounded_step
from facegpt.fitting.gauss_newton import (
    POSE,
    Prior,
    State,
    Target,
    normal_equations,
)
from facegpt.fitting.gauss_newton import Settings as LandmarkSettings
from facegpt.fitting.linear_points import LinearPoints
from facegpt.fitting.log_photo import LogPhoto, log_photo
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.fitting.photo_samples import KeptSlopes, PhotoSamples, Placed, place
from facegpt.fitting.small_products import opponent_products, set_both, set_colour_columns
from facegpt.render.base import AMBIENT_WHITE
from facegpt.render.lighting import SH_CONSTANTS, sh_basis

Floats = NDArray[np.float64]

#: Log contrast of the light on a face (95 % over 5 % of its points) at which half of the shading is believed.
_HARD_LIGHT = 2.0
#: Mean squared errors (SDs²) of so much are half an agreement.
_AGREEMENT_TAIL = 4.0
#: Unknowns of the shift between colours and skin, which stand before those of the albedo.
SHIFT = 2
#: Log RGB → brightness, red against green, both against blue; orthonormal. Edges in brightness leave hues alone.
_OPPONENT = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, 0.0], [0.5, 0.5, -1.0]]) / np.sqrt(np.array([[3.0], [2.0], [1.5]]))


@dataclass(frozen=True)
class PhotometricSettings:
    """How the refinement weighs its terms.

    Attributes:
        sigma_log: SD of a point's log colour around the model. tail: degrees of freedom of the Student-t.
        edge_sd_mm: SD of where on the face an edge of the albedo lies; times the photo's slope it adds to sigma_log.
        shift_sd_mm: SD of how far all of them lie off together, in x and y of the photo.
        evidence: share of the photometric weight that counts; neighbouring errors are correlated.
        albedo_sd, light_sd: prior SD of an albedo coefficient, and of a light coefficient relative to the ambient one.
        light_error: SD of what nine harmonics leave out of a lamp's light, share of what it adds on the bright side.
            It is the same in bright and dark places, so that in logs it is large where a face is dark.
        stain_sd, stain_tail: scale (log units) and degrees of freedom of a stain's strength.
        stain_doubt: a stain of this strength (log units) halves what the colours below it say.
        blurs_mm: one round per entry: SD of the blur of the photo, mm at the head. steps: Gauss-Newton steps a round.
        stride: factor on Gauss-Newton's steps, which are too short while weights follow the residual.
        shading_slope: how much of the normals' derivative is believed in soft light (0: no shape from shading).
    """

    sigma_log: float = 0.1
    tail: float = 0.5
    edge_sd_mm: float = 1.0
    shift_sd_mm: float = 1.0
    evidence: float = 0.25
    albedo_sd: float = 1.0
    stain_sd: float = 0.15
    stain_tail: float = 2.0
    stain_doubt: float = 0.3
    light_sd: float = 1.2
    light_error: float = 0.05
    blurs_mm: tuple[float, ...] = (4.0, 2.0, 1.2, 0.7)
    steps: int = 3
    stride: float = 1.5
    shading_slope: float = 1.0


@dataclass(frozen=True)
class Appearance:
    """Albedo coefficients and strengths of stains (A + K,), light (9, 3), and the colours' shift off the skin (2,) mm.

    stains: K, how many of the coefficients are stains; they are the last.
    """

    albedo: Floats
    lighting: Floats
    shift_mm: Floats = field(default_factory=lambda: np.zeros(2))
    stains: int = 0


def sh_basis_and_slopes(normals: Floats) -> tuple[Floats, Floats]:
    """Evaluate the SH basis at unit normals (N, 3): (N, 9), and its derivative (N, 9, 3)."""
    x, y, z = normals.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    by_x = np.stack([zero, zero, zero, one, y, zero, zero, z, 2 * x], 1)
    by_y = np.stack([zero, one, zero, zero, x, z, zero, zero, -2 * y], 1)
    by_z = np.stack([zero, zero, one, zero, zero, y, 6 * z, x, zero], 1)
    slopes = np.stack([by_x, by_y, by_z], 2) * np.asarray(SH_CONSTANTS)[:, None]
    return np.asarray(sh_basis(normals), np.float64), slopes


@dataclass(frozen=True)
class Linearised:
    """Photometric residual (N, 3), base weights (N,), and of the samples that weigh something, U of N, the Jacobian.

    per_mm: (N, 3, 2) slopes of the log photo in x and y, per mm at the head. stain: (N,) log units of the stains.
    dim: (N,) how much brighter the face's bright side is lit than its dark side, over the light on the sample.
    facing: (N,) cosine between the normal and the camera's axis, 1 for skin that faces the camera.
    used: (U,) the samples that weigh something. rows: the Jacobian with channels mixed by (U, 3, 3), `Rows`.
    stains: K, how many of its columns, before those of light, are stains.
    """

    residual: Floats
    weight: Floats
    per_mm: Floats
    stain: Floats
    dim: Floats
    facing: Floats
    used: NDArray[np.int64]
    rows: Rows
    stains: int = 0

    @cached_property
    def slopes(self) -> Floats:
        """The Jacobian (U, 3, 7 + P + 2 + A + K + 27) float32 of the used samples' channels."""
        return self.rows(np.broadcast_to(np.eye(3), (len(self.used), 3, 3)))


#: (U, 3, 3) → (U, 3, Q) float32: the Jacobian of mixed channels, which is never written unmixed.
Rows = Callable[[Floats], Floats]


def linearise(
    samples: PhotoSamples,
    state: State,
    look: Appearance,
    photo: LogPhoto,
    principal_px: Floats,
    visible: Floats,
    shading_slope: float = 1.0,
    *,
    shape: bool = True,
    placed: Placed | None = None,
    kept: KeptSlopes | None = None,
) -> Linearised:
    """Compare every sample with the photo and linearise: residual = log photo - log albedo - log light.

    Without `shape` pose, θ and shift stay as they are: the Jacobian has the A + K + 27 columns of colours alone.
    placed: where the samples lie, if known: the same for all looks of one state and shift. kept: the normals' slopes of
    a state near by, where they will do.
    """
    at = placed or place(samples, state, look.shift_mm, photo, principal_px, visible)
    turned, weight = at.turned, at.weight
    light = np.maximum(at.values @ look.lighting, 0.02)
    colours, plain = samples.colours(stained=look.stains > 0)
    albedo = (colours.reshape(3 * len(colours), colours.shape[2]) @ look.albedo).reshape(-1, 3)
    model = samples.albedo_mean + albedo + np.log(light)
    used, basis = np.flatnonzero(weight > 0), samples.points.basis
    per_mm, vertex = at.image_slopes * np.exp(state.log_scale), samples.rows[used]

    def shape_rows(out: Floats, mix: Floats) -> None:
        """Write the columns of pose, θ and shift into out (U, 3, Q)."""
        needed = np.zeros(len(at.points), np.bool_)
        needed[vertex] = True
        by_theta = (kept or KeptSlopes(samples)).at(at.points, needed)
        moved, own = mix @ at.image_slopes[used], turned[used]
        shade = mix @ (_light_slopes(own, look.lighting) / light[used][..., None])  # d log light / d normal
        out[:, :, :POSE] = moved @ at.by_pose[vertex]
        out[:, :, :3] -= _turning(own, shade)
        along, bent = moved @ at.by_place[vertex], -shading_slope * shade @ state.rotation
        set_both(out, POSE, along.astype(basis.dtype), basis, bent.astype(basis.dtype), by_theta, vertex)
        first = POSE + basis.shape[2]
        out[:, :, first : first + SHIFT] = mix @ per_mm[used]

    def rows(mix: Floats) -> Floats:
        before = POSE + basis.shape[2] + SHIFT if shape else 0
        out = np.empty((len(used), 3, before + colours.shape[2] + 27), np.float32)
        if shape:
            shape_rows(out, mix)
        set_colour_columns(out, mix.astype(np.float32), plain, at.values, light, used)
        return out

    grey = light.mean(1)
    bright = grey[weight > 0.1] if (weight > 0.1).any() else grey
    stain = stain_of(samples, look)
    return Linearised(
        at.logs - model, weight, per_mm, stain, np.ptp(bright) / grey, -turned[:, 2], used, rows, look.stains
    )


def _light_slopes(normals: Floats, lighting: Floats) -> Floats:
    """How light (9, 3) on unit normals (N, 3) moves with them: (N, 3 channels, 3 axes). It is affine in them."""
    slopes = np.einsum("nbi,bc->nci", sh_basis_and_slopes(np.concatenate([np.zeros((1, 3)), np.eye(3)]))[1], lighting)
    by_normal = (slopes[1:] - slopes[0]).reshape(3, -1)
    return np.asarray(slopes[0] + (normals @ by_normal).reshape(-1, 3, 3))


def softness(dim: Floats) -> float:
    """How much of the shading is believed under a light that is so dim, by any measure, at points (N,): 1 if even."""
    if not len(dim):
        return 1.0
    bright, dark = np.quantile(dim, (0.05, 0.95))
    return float(1 / (1 + (np.log(dark / bright) / _HARD_LIGHT) ** 4))


def stain_of(samples: PhotoSamples, look: Appearance) -> Floats:
    """How much brighter than albedo and light the stains make each sample (N,), log units."""
    if not look.stains:
        return np.zeros(len(samples.rows))
    return np.asarray(samples.stains @ look.albedo[-look.stains :])


def _turning(normals: Floats, slopes: Floats) -> Floats:
    """What a small turn w (3,) changes through normals (N, 3) by slopes (N, D, 3): s · (w × n) = w · (n × s)."""
    (x, y, z), (a, b, c) = normals.T[..., None], slopes.transpose(2, 0, 1)
    return np.stack([y * c - z * b, z * a - x * c, x * b - y * a], -1)


def fit_light(linear: Linearised, look: Appearance, settings: PhotometricSettings) -> Appearance:
    """Solve light and albedo alone, robustly, from colours linearised without their shape."""
    hessian, gradient = _photometric_equations(linear, settings)
    _add_appearance_prior(hessian, gradient, look, settings)
    return _moved(look, np.asarray(-np.linalg.solve(hessian, gradient), np.float64))


def _photometric_equations(linear: Linearised, settings: PhotometricSettings) -> tuple[Floats, Floats]:
    used = linear.used
    residual, sigma = _opponent_errors(linear, settings)
    residual, sigma = residual[used], sigma[used]
    weight = settings.evidence * linear.weight[used] / (1 + ((residual / sigma) ** 2).mean(1) / settings.tail)
    weight = weight / (1 + (linear.stain[used] / settings.stain_doubt) ** 2)
    root = np.sqrt(weight)[:, None] / sigma
    rows = linear.rows(root[..., None] * _OPPONENT)
    wanted = (residual * root).ravel().astype(rows.dtype)
    pull = wanted @ rows.reshape(-1, rows.shape[2])
    return opponent_products(rows, linear.stains).astype(np.float64), pull.astype(np.float64)


def _opponent_errors(linear: Linearised, settings: PhotometricSettings) -> tuple[Floats, Floats]:
    """The residual (N, 3) in opponent colours and its SD (N, 3), larger where the photo is steep or the light dim."""
    steep = sum((linear.per_mm[..., axis] @ _OPPONENT.T) ** 2 for axis in range(2))
    dim = (settings.light_error * linear.dim[:, None]) ** 2
    return linear.residual @ _OPPONENT.T, np.sqrt(settings.sigma_log**2 + settings.edge_sd_mm**2 * steep + dim)


def _ambient(look: Appearance) -> Floats:
    """Scale of the light, per channel: the ambient coefficient."""
    return np.maximum(np.abs(look.lighting[0]), 0.05)


def _add_appearance_prior(hessian: Floats, gradient: Floats, look: Appearance, settings: PhotometricSettings) -> None:
    """Albedo ~ N(0, 1); the higher bands of light ~ N(0, light_sd · ambient), and nearly grey; a small shift."""
    count = len(look.albedo)
    start = len(gradient) - 27 - count
    if start:
        rows = np.arange(start - SHIFT, start)
        hessian[rows, rows] += 1 / settings.shift_sd_mm**2
        gradient[rows] += look.shift_mm / settings.shift_sd_mm**2
    inner = np.arange(start, start + count)
    pull = _albedo_precision(look, settings)
    hessian[inner, inner] += pull
    gradient[inner] += look.albedo * pull
    precision = 1 / (settings.light_sd * _ambient(look)) ** 2
    # A coloured lamp is rarer than a brighter one: what differs between channels is pulled in.
    bands = np.array([1.0, *[4.0] * 8]) * precision.mean()
    held = np.kron(np.diag(bands), np.eye(3) - 1 / 3)
    held[range(3, 27), range(3, 27)] += np.tile(precision, 8)
    hessian[-27:, -27:] += held
    gradient[-27:] += held @ look.lighting.ravel()


def _albedo_precision(look: Appearance, settings: PhotometricSettings) -> Floats:
    """Of each coefficient (A + K,): N(0, 1) of the albedo model's; Student-t of the stains, as reweighted squares."""
    first, tail = len(look.albedo) - look.stains, settings.stain_tail
    squared = (look.albedo[first:] / settings.stain_sd) ** 2
    stains = (1 + 1 / tail) / (1 + squared / tail) / settings.stain_sd**2
    return np.concatenate([np.full(first, 1 / settings.albedo_sd**2), stains])


def _moved(look: Appearance, step: Floats) -> Appearance:
    count = len(look.albedo)
    albedo = np.clip(look.albedo + step[-27 - count : -27], -4, 4)
    limit = 0.7 * _ambient(look)
    shift = look.shift_mm + step[-27 - count - SHIFT : -27 - count] if len(step) > count + 27 else look.shift_mm
    return Appearance(albedo, look.lighting + np.clip(step[-27:].reshape(9, 3), -limit, limit), shift, look.stains)


@dataclass(frozen=True)
class Photometric:
    """Result: state, appearance, how well each sample agrees (N,): 1 like the model, 0 an occluder; and the Hessian.

    hessian: (Q, Q) of the last step, Q = 7 + I + E + 2 + A + K + 27: pose, θ, shift, albedo, stains, light; priors too
    found: θ (I + E,) where the Hessian was taken and the prior it was found with, where the state has moved since or
        the Hessian has another prior; or None.
    """

    state: State
    look: Appearance
    agreement: Floats
    hessian: Floats
    found: tuple[Floats, Prior] | None = None


def refine(
    samples: PhotoSamples,
    points: LinearPoints,
    start: State,
    image: NDArray[np.uint8],
    target: Target,
    prior: Prior,
    visible_at: Callable[[State], Floats],
    settings: PhotometricSettings | None = None,
) -> Photometric:
    """Alternate between reading the photo and a bounded Gauss-Newton step on everything.

    Args:
        samples: the prepared head.
        points: the landmarks of the target.
        start: the landmark fit.
        image: (H, W, 3) uint8 sRGB.
        target: as of the landmark fit; its first 468 points are MediaPipe's.
        prior: as of the landmark fit.
        visible_at: State → (N,) in 0..1, how much of each sample the camera sees: 0 behind the head or something else.
        settings: weights of the terms.
    """
    settings = settings or PhotometricSettings()
    state, size = start, len(start.theta)
    face_px = target.points_px[:SURFACE]
    box = np.concatenate([face_px.min(0), face_px.max(0)])
    px_per_mm = float(np.exp(state.log_scale))
    sigma_px = target.sigma_px(px_per_mm)
    photo, visible = log_photo(image, box, px_per_mm, settings.blurs_mm[0]), visible_at(state)
    look = _first_look(samples, state, photo, target.principal_px, visible, settings)
    linear, hessian = linearise(samples, state, look, photo, target.principal_px, visible, shape=False), np.eye(1)
    for k, blur_mm in enumerate(settings.blurs_mm):
        if k:  # the first is read already
            photo, visible = log_photo(image, box, px_per_mm, blur_mm), visible_at(state)
        kept = KeptSlopes(samples)  # within a round normals turn too little to be worth their slopes anew
        for _ in range(settings.steps):
            believed = settings.shading_slope * softness(linear.dim[linear.weight > 0.1])
            linear = linearise(samples, state, look, photo, target.principal_px, visible, believed, kept=kept)
            hessian, gradient = _photometric_equations(linear, settings)
            more, pull, _ = normal_equations(points, state, target, prior, sigma_px, LandmarkSettings(), True)
            hessian[: POSE + size, : POSE + size] += more
            gradient[: POSE + size] += pull
            _add_appearance_prior(hessian, gradient, look, settings)
            hessian[np.diag_indices(len(gradient))] *= 1 + 1e-6
            step = settings.stride * bounded_step(hessian, gradient, *_limits(state, prior, look))
            state = state.moved(step[: POSE + size])
            state = replace(state, theta=np.clip(state.theta, prior.lower, prior.upper))
            look = _moved(look, step)
    squared = (linear.residual**2).sum(1) / (3 * settings.sigma_log**2)
    return Photometric(state, look, 1 / (1 + squared / _AGREEMENT_TAIL), hessian)


def _first_look(
    samples: PhotoSamples,
    state: State,
    photo: LogPhoto,
    principal_px: Floats,
    visible: Floats,
    settings: PhotometricSettings,
) -> Appearance:
    """Start from ambient light that explains the median colour, then solve light and albedo alone a few times."""
    lighting = np.zeros((9, 3))
    lighting[0] = AMBIENT_WHITE
    look = Appearance(np.zeros(samples.colours(stained=True)[0].shape[2]), lighting, stains=samples.stains.shape[1])
    placed = place(samples, state, look.shift_mm, photo, principal_px, visible)
    linear = linearise(samples, state, look, photo, principal_px, visible, shape=False, placed=placed)
    used = linear.weight > 0.1
    if used.any():
        lighting[0] *= np.exp(np.median(linear.residual[used], axis=0))
    for _ in range(4):
        linear = linearise(samples, state, look, photo, principal_px, visible, shape=False, placed=placed)
        look = fit_light(linear, look, settings)
    return look


def _limits(state: State, prior: Prior, look: Appearance) -> tuple[Floats, Floats]:
    free = np.array([0.15, 0.15, 0.15, np.inf, np.inf, 0.2, 0.3])
    lower, upper = np.minimum(prior.lower - state.theta, 0), np.maximum(prior.upper - state.theta, 0)
    rest = np.full(SHIFT + len(look.albedo) + 27, np.inf)
    return np.concatenate([-free, lower, -rest]), np.concatenate([free, upper, rest])
