"""One shape for all photos from places of the skin that several of them show: bundle adjustment.

Unknown are the identity, each photo's pose, focal length and expression, and where each place really lies: beside the
head's surface, since no head model is quite the person, and anywhere along it, since nothing says which skin is where.
A place's own unknowns are integrated out in closed form: what remains is one residual a place with the covariance of
matching errors and of the place together. A place that all photos see from the same side then says nothing of the
shape by itself, and the more they differ, the more. Gauss-Newton with bounds; Student-t weights of each match.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import rotation_from_rotvec
from facegpt.fitting.bounded_step import bounded_step
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.parallax.outlines import Outline, OutlineSystem, outline_system, said
from facegpt.parallax.rows import Rows
from facegpt.parallax.tracks import Tracks
from facegpt.types import FaceParams, Pose

Floats = NDArray[np.float64]

#: Unknowns of a photo before its expression: rotation, translation, log focal length.
POSE = 7


@dataclass(frozen=True)
class AdjustSettings:
    """How much is believed.

    Attributes:
        independent: matches of neighbouring places err alike: all of a person say as much as so many that err apart.
        outline_points, fold_points: points of one photo's outline err alike: they say as much as so many that err
            apart, against the background and against the face itself.
        surface_mm, along_mm: SD of a place off the head's surface and along it.
        expression_sd: SD of a photo's weights around what its own fit found.
        moved: share of what the expression moves a place by that counts as its doubt.
        rotation_sd, lateral_mm, depth_log_sd: SDs of a photo's pose around its own fit.
        focal_log_sd, own_focal_log_sd: SD of the log focal length that all photos share, and of each one's own.
        tail: degrees of freedom of the Student-t of a match. rounds: Gauss-Newton steps at most.
    """

    independent: float = 200.0
    outline_points: float = 20.0
    fold_points: float = 10.0
    surface_mm: float = 0.5
    along_mm: float = 5.0
    expression_sd: float = 0.02
    moved: float = 0.2
    rotation_sd: float = 0.06
    lateral_mm: float = 5.0
    depth_log_sd: float = 0.05
    focal_log_sd: float = 0.1
    own_focal_log_sd: float = 0.02
    tail: float = 4.0
    rounds: int = 8


@dataclass(frozen=True)
class Belief:
    """What is believed of the identity beforehand: mean (I,) and precision (I, I), the population included."""

    mean: Floats
    precision: Floats


@dataclass(frozen=True)
class Scene:
    """Where the adjustment stands.

    Attributes:
        identity: (I,). rotation: (J, 3, 3). translation: (J, 3) mm. log_focal: (J,). expression: (J, E).
        off: (N, 3) mm, how far each place lies from where the head has it.
    """

    identity: Floats
    rotation: Floats
    translation: Floats
    log_focal: Floats
    expression: Floats
    off: Floats


@dataclass(frozen=True)
class Adjusted:
    """What was found.

    Attributes:
        scene: where everything is. params: of each photo there. precision: (I, I) of the identity, all else free.
        residual_px: (N, J) of each match, nan where there is none. cost: what the matches and the photos' own beliefs
            hold against it, robustly; the belief of the identity is no part of it.
    """

    scene: Scene
    params: list[FaceParams]
    precision: Floats
    residual_px: Floats
    cost: float


@dataclass(frozen=True)
class _Places:
    """Places as linear functions of identity (N, 3, I) and expression (N, 3, E); axes (N, 3, 3): two along, normal."""

    mean: Floats
    by_identity: Floats
    by_expression: Floats
    axes: Floats
    units: NDArray[np.intp]


def _places(model: MakeHumanHead, tracks: Tracks, identity: Floats) -> _Places:
    corners, weights = tracks.corners, tracks.weights
    head = model.mean_vertices + np.tensordot(identity, model.identity_basis, 1)
    normal = np.einsum("nkc,nk->nc", vertex_normals(head, model.triangles)[corners].astype(np.float64), weights)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    helper = np.where(np.abs(normal[:, 1:2]) < 0.9, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(helper, normal)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    axes = np.stack([first, np.cross(normal, first), normal], 2)

    def at(basis: NDArray) -> Floats:
        return np.einsum("bnkc,nk->ncb", basis[:, corners].astype(np.float64), weights)

    moves = at(model.expression_basis)
    units = np.flatnonzero(np.linalg.norm(moves, axis=1).max(0) > 0.3)
    mean = np.einsum("nkc,nk->nc", np.asarray(model.mean_vertices, np.float64)[corners], weights)
    return _Places(mean, at(model.identity_basis), moves[:, :, units], axes, units)


def adjusted(
    model: MakeHumanHead,
    tracks: Tracks,
    params: Sequence[FaceParams],
    belief: Belief,
    settings: AdjustSettings | None = None,
    hold_identity: bool = False,
    outlines: Sequence[Outline] = (),
) -> Adjusted:
    """Adjust a person's shape and the photos' poses, focal lengths and expressions to what the photos show.

    params: of each photo, with one identity for all: where to begin. hold_identity: that of the belief stays. outlines:
    of each photo, or none; beside a moved contour they are looked for again by the caller.
    """
    settings = settings or AdjustSettings()
    identity = belief.mean if hold_identity else np.asarray(params[0].identity, np.float64)
    places = _places(model, tracks, identity)
    start = _started(params, identity, len(tracks.corners), places.units)
    scene, trust = start, np.ones(tracks.sigma_px.shape)
    edges = [outline_system(model, one, places.units) for one in outlines]
    system = _System(tracks, places, params, start, belief, settings, hold_identity, edges)
    for _ in range(settings.rounds):
        rows = system.linearise(scene, trust)
        hessian, gradient = system.equations(scene, rows)
        lower, upper = system.bounds(scene)
        step = bounded_step(hessian, gradient, lower, upper)
        scene = system.moved(scene, rows, step)
        left = system.residual(scene)
        trust = 1 / (1 + np.nan_to_num((left**2).sum(2)) / system.sigma(scene) ** 2 / settings.tail)
        if np.abs(step[: len(belief.mean)]).max() < 1e-2 and np.abs(step).max() < 0.3:
            break
    rows = system.linearise(scene, trust)
    hessian, _ = system.equations(scene, rows)
    left = np.linalg.norm(system.residual(scene), axis=2)
    there = [_params_at(one, scene, j, places.units) for j, one in enumerate(params)]
    return Adjusted(scene, there, _marginal(hessian, len(belief.mean)), left, system.cost(scene, rows))


def _marginal(hessian: Floats, count: int) -> Floats:
    """The precision (I, I) of the first unknowns, all others free."""
    across = hessian[count:, :count]
    out = hessian[:count, :count] - across.T @ np.linalg.solve(hessian[count:, count:], across)
    return 0.5 * (out + out.T)


def _started(params: Sequence[FaceParams], identity: Floats, count: int, units: NDArray[np.intp]) -> Scene:
    """The photos' own fits, as one camera: the focal length is their geometric mean, the depths follow."""
    focal = np.log([one.camera.focal_px for one in params])
    shared = np.full(len(focal), focal.mean())
    turn = np.stack([np.asarray(one.pose.rotation, np.float64) for one in params])
    place = np.stack([np.asarray(one.pose.translation, np.float64) for one in params])
    place[:, 2] *= np.exp(shared - focal)
    expression = np.stack([np.asarray(one.expression, np.float64)[units] for one in params])
    return Scene(identity.copy(), turn, place, shared, expression, np.zeros((count, 3)))


def _params_at(one: FaceParams, scene: Scene, photo: int, units: NDArray[np.intp]) -> FaceParams:
    """The parameters of a photo where the adjustment stands."""
    expression = np.array(one.expression, np.float32)
    expression[units] = scene.expression[photo]
    return one.replace(
        identity=scene.identity.astype(np.float32),
        expression=expression,
        pose=Pose(scene.rotation[photo], scene.translation[photo]),
        camera=replace(one.camera, focal_px=float(np.exp(scene.log_focal[photo]))),
    )


@dataclass(frozen=True)
class _System:
    """All that the steps need."""

    tracks: Tracks
    places: _Places
    params: Sequence[FaceParams]
    start: Scene
    belief: Belief
    settings: AdjustSettings
    hold_identity: bool
    outlines: Sequence[OutlineSystem] = ()

    @property
    def size(self) -> int:
        return POSE + len(self.places.units)

    def sigma(self, scene: Scene) -> Floats:
        """SD of each match (N, J) px: the match's own, and what the expression may move the place by beyond the fit."""
        moved = np.linalg.norm(np.einsum("nce,je->njc", self.places.by_expression, scene.expression), axis=2)
        px_per_mm = np.exp(scene.log_focal) / scene.translation[:, 2]
        return np.hypot(self.tracks.sigma_px, self.settings.moved * moved * px_per_mm)

    def in_camera(self, scene: Scene) -> Floats:
        """Places (N, J, 3) mm in the cameras' frames."""
        places = self.places
        rest = places.mean + places.by_identity @ scene.identity + scene.off
        worn = rest[:, None] + np.einsum("nce,je->njc", places.by_expression, scene.expression)
        return np.einsum("jcd,njd->njc", scene.rotation, worn) + scene.translation

    def residual(self, scene: Scene) -> Floats:
        """Projected minus seen (N, J, 2) px; nan where a photo does not show the place."""
        where = self.in_camera(scene)
        principal = np.array([one.camera.principal_px for one in self.params])
        pixels = where[..., :2] / where[..., 2:] * np.exp(scene.log_focal)[:, None] + principal
        return np.where(self.tracks.seen[..., None], pixels - self.tracks.pixels, np.nan)

    def linearise(self, scene: Scene, trust: Floats) -> Rows:
        """Residuals, slopes and weights of each place, its own offset integrated out."""
        tracks, places = self.tracks, self.places
        count, photos = tracks.sigma_px.shape
        where = self.in_camera(scene)
        by_camera = np.zeros((count, photos, 2, 3))
        scale = np.exp(scene.log_focal) / where[..., 2]
        by_camera[..., 0, 0] = by_camera[..., 1, 1] = scale
        by_camera[..., 2] = -scale[..., None] * where[..., :2] / where[..., 2:]
        by_head = np.einsum("njpc,jcd->njpd", by_camera, scene.rotation)
        flat = by_head.reshape(count, 2 * photos, 3)
        error = np.nan_to_num(self.residual(scene)).reshape(count, 2 * photos)
        error = error - np.einsum("nrc,nc->nr", flat, scene.off)
        spread = np.array([self.settings.along_mm, self.settings.along_mm, self.settings.surface_mm])
        own = flat @ (places.axes * spread)
        noise = np.where(tracks.seen, self.sigma(scene) ** 2 / np.maximum(trust, 1e-3), 1e8)
        covariance = own @ own.transpose(0, 2, 1)
        diagonal = np.arange(2 * photos)
        covariance[:, diagonal, diagonal] += np.repeat(noise, 2, 1)
        weight = np.linalg.inv(covariance)
        to_off = (places.axes * spread) @ own.transpose(0, 2, 1) @ weight
        by_photo = self._by_photo(scene, where, by_camera, by_head)
        return Rows(error, flat @ places.by_identity, by_photo, 0.5 * (weight + weight.transpose(0, 2, 1)), to_off)

    def _by_photo(self, scene: Scene, where: Floats, by_camera: Floats, by_head: Floats) -> Floats:
        count, photos = self.tracks.sigma_px.shape
        out = np.zeros((photos, count, 2, self.size))
        arm = where - scene.translation
        for j in range(photos):
            out[j, :, :, :3] = np.cross(arm[:, j, None, :], by_camera[:, j])  # d/dω of g · (ω × arm) is arm × g
            out[j, :, :, 3:6] = by_camera[:, j]
            out[j, :, :, 6] = where[:, j, :2] / where[:, j, 2:] * np.exp(scene.log_focal[j])
            out[j, :, :, POSE:] = by_head[:, j] @ self.places.by_expression
        return out

    def equations(self, scene: Scene, rows: Rows) -> tuple[Floats, Floats]:
        """Hessian and gradient of the whole cost."""
        share = min(self.settings.independent / len(rows.error), 1.0)
        hessian, gradient = (share * one for one in rows.normal())
        count = len(scene.identity)
        hessian[:count, :count] += self.belief.precision
        gradient[:count] += self.belief.precision @ (scene.identity - self.belief.mean)
        self._add_photos(scene, hessian, gradient)
        self._add_outlines(scene, hessian, gradient)
        return hessian, gradient

    def _add_outlines(self, scene: Scene, hessian: Floats, gradient: Floats) -> None:
        """What the outlines say; in place. Their edges err alike along an outline, each by Student's t."""
        count, size, tail = len(scene.identity), self.size, self.settings.tail
        kinds = self.settings.outline_points, self.settings.fold_points
        for j, one in enumerate(self.outlines):
            if not len(one.mean):
                continue
            principal = np.asarray(self.params[j].camera.principal_px, np.float64)
            place = scene.rotation[j], scene.translation[j], float(np.exp(scene.log_focal[j]))
            jacobian, residual = one.rows(scene.identity, scene.expression[j], *place, principal)
            trust = said(one.seen.fold, *kinds) / (1 + residual**2 / tail)
            where = np.r_[:count, count + j * size : count + (j + 1) * size]
            hessian[np.ix_(where, where)] += (jacobian * trust[:, None]).T @ jacobian
            gradient[where] += jacobian.T @ (trust * residual)

    def cost(self, scene: Scene, rows: Rows) -> float:
        """Mean robust cost of a place, and what is believed of the photos."""
        tail = self.settings.tail
        each = tail * np.log1p(np.einsum("na,nab,nb->n", rows.error, rows.weight, rows.error) / tail)
        photos, size = len(self.params), self.size
        own = np.zeros(len(scene.identity) + photos * size), np.zeros((len(scene.identity) + photos * size,) * 2)
        self._add_photos(scene, own[1], own[0])
        # the photos' beliefs are quadratic: half of the gradient times the way from where they are content
        first = len(scene.identity)
        way = np.linalg.solve(own[1][first:, first:], own[0][first:])
        return float(min(self.settings.independent, len(each)) * each.mean() + own[0][first:] @ way)

    def _add_photos(self, scene: Scene, hessian: Floats, gradient: Floats) -> None:
        """What is believed of the photos' poses, focal lengths and expressions; in place."""
        settings, start, photos = self.settings, self.start, len(self.params)
        count, size = len(scene.identity), self.size
        focal = count + np.arange(photos) * size + 6
        known = settings.own_focal_log_sd**2 * np.eye(photos) + settings.focal_log_sd**2
        stiff = np.linalg.inv(known)
        hessian[np.ix_(focal, focal)] += stiff
        gradient[focal] += stiff @ (scene.log_focal - start.log_focal)
        for j in range(photos):
            at = count + j * size
            rows = np.arange(at, at + 3)
            hessian[rows, rows] += settings.rotation_sd**-2
            turn = scene.rotation[j] @ start.rotation[j].T
            gradient[rows] += settings.rotation_sd**-2 * small_rotvec(turn)
            # the depth of a head of the same size in the photo follows the focal length
            depth = np.log(scene.translation[j, 2] / start.translation[j, 2]) - scene.log_focal[j] + start.log_focal[j]
            slope = np.zeros(len(gradient))
            slope[at + 5], slope[at + 6] = 1 / scene.translation[j, 2], -1.0
            hessian += settings.depth_log_sd**-2 * np.outer(slope, slope)
            gradient += settings.depth_log_sd**-2 * depth * slope
            rows = np.arange(at + 3, at + 5)
            hessian[rows, rows] += settings.lateral_mm**-2
            gradient[rows] += settings.lateral_mm**-2 * (scene.translation[j] - start.translation[j])[:2]
            rows = np.arange(at + POSE, at + size)
            hessian[rows, rows] += settings.expression_sd**-2
            gradient[rows] += settings.expression_sd**-2 * (scene.expression[j] - start.expression[j])

    def bounds(self, scene: Scene) -> tuple[Floats, Floats]:
        """How far each unknown may move in one step."""
        count, size = len(scene.identity), self.size
        limit = np.r_[0.1, 0.1, 0.1, 20.0, 20.0, 200.0, 0.2]
        lower, upper = np.full(count + len(self.params) * size, -1.0), np.full(count + len(self.params) * size, 1.0)
        for j in range(len(self.params)):
            at = count + j * size
            lower[at : at + POSE], upper[at : at + POSE] = -limit, limit
            lower[at + POSE : at + size] = -scene.expression[j]
            upper[at + POSE : at + size] = 1 - scene.expression[j]
        if self.hold_identity:
            lower[:count] = upper[:count] = 0.0
        return lower, upper

    def moved(self, scene: Scene, rows: Rows, step: Floats) -> Scene:
        """The scene after a step; the places' own offsets follow."""
        count, photos, size = len(scene.identity), len(self.params), self.size
        own = step[count:].reshape(photos, size)
        off = -np.einsum("nar,nr->na", rows.to_off, rows.after(step))
        turns = np.stack([rotation_from_rotvec(own[j, :3]) @ scene.rotation[j] for j in range(photos)])
        return replace(
            scene,
            identity=scene.identity + step[:count],
            rotation=turns,
            translation=scene.translation + own[:, 3:6],
            log_focal=scene.log_focal + own[:, 6],
            expression=np.clip(scene.expression + own[:, POSE:], 0, 1),
            off=off,
        )


def small_rotvec(turn: Floats) -> Floats:
    """Rotation vector (3,) of a small turn (3, 3)."""
    return np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) / 2
