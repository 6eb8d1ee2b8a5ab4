"""What the colours of all keyframes say of one person's shape: a place of the skin has one colour, whoever looks at it.

Every keyframe is sampled at the vertices of the face. Once its light is taken off, a vertex has one log colour, the
robust mean over all keyframes; what each of them differs from it tells where the vertex truly is, by parallax between
keyframes of different pose, and how the skin is tilted, by the light. No albedo model is in it but as a start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.gauss_newton import POSE, State
from facegpt.fitting.linear_points import AnchoredPoints
from facegpt.fitting.log_photo import LogPhoto, log_photo
from facegpt.fitting.occlusion import unhidden
from facegpt.fitting.photo_samples import PhotoSamples, photo_samples
from facegpt.fitting.photometric import SHIFT, Appearance, Linearised, PhotometricSettings, fit_light, linearise
from facegpt.personal.bundle import (
    SAME_COLOURS,
    SAME_POINTS,
    UNIT_DOUBT,
    UNITS,
    Person,
    View,
    adjusted,
    dense_surface,
    points_equations,
    share_of,
    with_view_prior,
)
from facegpt.personal.shape_space import ShapeSpace
from facegpt.render.base import AMBIENT_WHITE
from facegpt.render.uv import visible_vertices
from facegpt.types import Camera, DensePoints

Floats = NDArray[np.float64]

#: How far behind the nearest surface a vertex may lie and still count as seen, mm.
SEEN_MM = 1.5
#: SD of a vertex's log colour about the albedo model's, and of one sample about the person's.
ALBEDO_SD, SAMPLE_SD = 0.35, 0.08
#: What skin reflects at its surface, as albedo: it moves with the view, and on dark skin it is most of what is seen.
GLARE = 0.015
#: Cosines to the camera at which skin begins to be believed, and is in full: at grazing angles it shines like a mirror,
#: the more the darker it is, and lamps from behind light its rim; neither is what a matt skin would show.
GRAZING = 0.3, 0.8
SETTINGS = PhotometricSettings(sigma_log=0.06, tail=4.0, edge_sd_mm=0.5, evidence=0.2, light_sd=1.2, light_error=0.0)


@dataclass(frozen=True)
class Picture:
    """The pixels (H, W, 3) uint8 of a keyframe and what the network sees in it."""

    pixels: NDArray[np.uint8]
    dense: DensePoints


def skin_samples(space: ShapeSpace, shape: Floats, albedo: Floats) -> PhotoSamples:
    """The face's vertices on a shape, with this log albedo (N, 3): θ is the shape's step, then the expression."""
    model = space.model
    plain = photo_samples(model)
    near = _near(plain, model)
    units = np.asarray(model.units_of(shape[: space.identity]))[:, near].transpose(1, 2, 0)
    basis = np.concatenate([space.at_vertices(near), units], 2)
    points = AnchoredPoints(
        space.neutral(shape)[near], np.ascontiguousarray(basis, np.float32), space.size, plain.points.centre
    )
    return replace(plain, points=points, albedo_mean=albedo, albedo_basis=np.zeros((len(albedo), 3, 0)))


def _near(plain: PhotoSamples, model) -> NDArray[np.intp]:  # type: ignore[no-untyped-def]
    """Vertices of the samples' points, in their order."""
    skin = model.part == model.part_names.index("skin")
    return np.unique(model.triangles[skin & np.isin(model.triangles, plain.vertex).any(1)])


@dataclass
class ColourFit:
    """What all keyframes show: log albedo (N, 3) of the samples, and a light (9, 3) for each keyframe."""

    albedo: Floats
    lights: list[Floats]


def seen_by(space: ShapeSpace, shape: Floats, view: View, picture: Picture, samples: PhotoSamples) -> Floats:
    """(N,) 0..1: whether a keyframe shows each sample, by the head itself and by what is in front of it."""
    model, state = space.model, view.state
    units = model.units_of(shape[: space.identity])
    head = space.neutral(shape) + np.tensordot(state.theta, units, 1)
    height, width = picture.pixels.shape[:2]
    principal = view.target.principal_px
    camera = Camera(state.focal_px, (float(principal[0]), float(principal[1])), width, height)
    placed = head @ state.rotation.T + state.translation(samples.points.centre)
    front = visible_vertices(placed, model.triangles, camera, SEEN_MM)[samples.vertex]
    return front * unhidden(picture.dense, camera.project(placed[samples.vertex]))


def photo_of_view(view: View, picture: Picture, blur_mm: float) -> LogPhoto:
    """The keyframe around the face at a blur."""
    points = view.target.points_px
    box = np.concatenate([points.min(0), points.max(0)])
    return log_photo(picture.pixels, box, float(np.exp(view.state.log_scale)), blur_mm)


def _at(view: View, count: int) -> State:
    return replace(view.state, theta=np.concatenate([np.zeros(count), view.state.theta]))


def seen_linearly(
    samples: PhotoSamples,
    view: View,
    look: Appearance,
    photo: LogPhoto,
    visible: Floats,
    shading_slope: float = 1.0,
    *,
    shape: bool = False,
) -> Linearised:
    """A keyframe's colours at the samples, as `linearise` has them; skin that turns away counts less."""
    state, principal = _at(view, samples.points.identity), view.target.principal_px
    linear = linearise(samples, state, look, photo, principal, visible, shading_slope, shape=shape)
    turned = np.clip((linear.facing - GRAZING[0]) / (GRAZING[1] - GRAZING[0]), 0, 1)
    return replace(linear, weight=linear.weight * turned)


def settle_colours(
    samples: PhotoSamples,
    views: Sequence[View],
    photos: Sequence[LogPhoto],
    seen: Sequence[Floats],
    start: ColourFit,
    prior: Floats,
    rounds: int = 3,
) -> ColourFit:
    """Lights and albedo that explain the keyframes as the shape stands: alternately, robustly.

    prior: (N, 3) log albedo that a vertex is expected at, within ALBEDO_SD.
    """
    albedo, lights = start.albedo, list(start.lights)
    for _ in range(rounds):
        total = prior / ALBEDO_SD**2
        mass = np.full_like(prior, 1 / ALBEDO_SD**2)
        placed = replace(samples, albedo_mean=albedo)
        for k, (view, photo, visible) in enumerate(zip(views, photos, seen, strict=True)):
            look = Appearance(np.zeros(0), lights[k])
            linear = seen_linearly(placed, view, look, photo, visible)
            look = fit_light(linear, look, SETTINGS)
            lights[k] = look.lighting
            linear = seen_linearly(placed, view, look, photo, visible)
            weight = linear.weight / (1 + (linear.residual / (2 * SAMPLE_SD)).__pow__(2).mean(1))
            total += (weight / SAMPLE_SD**2)[:, None] * (linear.residual + albedo)
            mass += (weight / SAMPLE_SD**2)[:, None]
        albedo = total / mass
    return ColourFit(albedo, lights)


def start_lights(samples: PhotoSamples, views, photos, seen) -> ColourFit:  # type: ignore[no-untyped-def]
    """Ambient lights of the right brightness, and the albedo of `samples`."""
    lights = []
    for view, photo, visible in zip(views, photos, seen, strict=True):
        lighting = np.zeros((9, 3))
        lighting[0] = AMBIENT_WHITE
        look = Appearance(np.zeros(0), lighting)
        linear = seen_linearly(samples, view, look, photo, visible)
        used = linear.weight > 0.1
        if used.any():
            lighting[0] *= np.exp(np.median(linear.residual[used], axis=0))
        lights.append(lighting)
    return ColourFit(samples.albedo_mean, lights)


def colour_equations(
    samples: PhotoSamples, view: View, light: Floats, photo: LogPhoto, visible: Floats, settings: PhotometricSettings
) -> tuple[Floats, Floats]:
    """Hessian and gradient of (pose, shape, expression) from one keyframe's brightness, its light eliminated.

    Hues tell little of a shape and are left out: a third of the rows, and lamps' colours have no say.
    """
    count = samples.points.identity
    look = Appearance(np.zeros(0), light)
    linear = seen_linearly(samples, view, look, photo, visible, settings.shading_slope, shape=True)
    kept = np.r_[: POSE + count + UNITS, POSE + count + UNITS + SHIFT : linear.slopes.shape[2]]
    residual, steep = linear.residual.mean(1), (linear.per_mm.mean(1) ** 2).sum(1)
    units = samples.points.basis[samples.rows][:, :, count:]
    moved = np.linalg.norm(units @ view.state.theta.astype(np.float32), axis=1)
    shine = GLARE / np.exp(samples.albedo_mean.mean(1))
    sigma = np.sqrt(settings.sigma_log**2 + (settings.edge_sd_mm**2 + (UNIT_DOUBT * moved) ** 2) * steep + shine**2)
    weight = linear.weight / (1 + (residual / sigma) ** 2 / settings.tail) * settings.evidence
    root = (np.sqrt(weight) / sigma).astype(np.float32)
    used = linear.used
    rows = linear.slopes.mean(1)[:, kept] * root[used, None]
    hessian = (rows.T @ rows).astype(np.float64)
    gradient = ((residual[used] * root[used]).astype(np.float32) @ rows).astype(np.float64)
    main, rest = slice(0, -27), slice(-27, None)
    inner = hessian[rest, rest] + 1e-3 * np.trace(hessian[rest, rest]) / 27 * np.eye(27)
    back = np.linalg.solve(inner, np.column_stack([hessian[rest, main], gradient[rest]]))
    across = hessian[main, rest]
    return hessian[main, main] - across @ back[:, :-1], gradient[main] - across @ back[:, -1]


def refine_by_colours(
    space: ShapeSpace,
    person: Person,
    pictures: Sequence[Picture],
    prior: Floats,
    blurs_mm: Sequence[float],
    settings: PhotometricSettings = SETTINGS,
    hold_shape: bool = False,
) -> Iterator[tuple[Person, ColourFit]]:
    """Adjust shape and views to points and colours, a round for each blur, from a blurred look to a sharp one.

    The focal lengths stay those of the points: colours err alike all over the face (shine, soft shadows), and a longer
    lens makes up for that with a flatter face.

    prior: (N, 3) log albedo of the samples that the person's is expected near. hold_shape: adjust the views alone.
    """
    share = share_of(person.views, SAME_COLOURS)
    points_share = share_of(person.views, SAME_POINTS) / share
    fit: ColourFit | None = None
    for blur in blurs_mm:
        views, shape = person.views, person.shape
        samples = skin_samples(space, shape, prior if fit is None else fit.albedo)
        photos = [photo_of_view(view, one, blur) for view, one in zip(views, pictures, strict=True)]
        seen = [seen_by(space, shape, v, p, samples) for v, p in zip(views, pictures, strict=True)]
        fit = start_lights(samples, views, photos, seen) if fit is None else fit
        fit = settle_colours(samples, views, photos, seen, fit, prior)
        samples = replace(samples, albedo_mean=fit.albedo)
        surface = dense_surface(space, shape)
        found = []
        for view, light, photo, visible in zip(views, fit.lights, photos, seen, strict=True):
            hessian, slope = points_equations(surface, view)
            more, pull = colour_equations(samples, view, light, photo, visible, settings)
            both = points_share * hessian + more, points_share * slope + pull
            found.append(with_view_prior(*both, view))
        person, _ = adjusted(space, person, found, share, hold_focals=True, hold_shape=hold_shape)
        yield person, fit
