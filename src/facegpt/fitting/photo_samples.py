"""The head as the photometric fit sees it: points on the face with their colours and how their normals move."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.fitting.embedded import embedded
from facegpt.fitting.gauss_newton import State, slopes_at
from facegpt.fitting.linear_points import AnchoredPoints
from facegpt.fitting.log_photo import LogPhoto, read
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.lighting import sh_basis
from facegpt.render.scalar import INLINE, KERNEL

Floats = NDArray[np.float64]

#: Side of the albedo level that vertices read their colour from: a texel is then about as wide as a triangle.
ALBEDO_LEVEL = 128
#: Vertices that a photo may colour at least this much take part.
_LEAST_MASK = 0.35
#: Stains lie this far apart, mm, and are as wide.
STAIN_MM = 22.0
#: Points so near the middle of the face count as on it, mm.
_MIDDLE_MM = 3.0
#: Spots end where they are fainter: float32 numbers near 1e-40 make products four times as slow.
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class PhotoSamples:
    """Skin points of one head model, N of them, prepared for fitting colours.

    Attributes:
        points: the M vertices of the face and their neighbours as a linear function of θ.
        triangles: (F, 3) int64 into those M. rows: (N,) which of the M are sampled.
        vertex: (N,) their vertex numbers in the head. mask: (N,) in 0..1, how much a photo is believed there.
        albedo_mean: (N, 3) log linear RGB. albedo_basis: (N, 3, A) log units per SD.
        stains: (N, K) soft spots of brightness all over the face.
    """

    points: AnchoredPoints
    triangles: NDArray[np.int64]
    rows: NDArray[np.int64]
    vertex: NDArray[np.int64]
    mask: Floats
    albedo_mean: Floats
    albedo_basis: Floats
    stains: Floats

    def colours(self, stained: bool) -> tuple[Floats, NDArray[np.float32]]:
        """(N, 3, A), or with stains, alike in all channels, behind it (N, 3, A + K); and the same as float32."""
        return self._stained if stained else self._unstained

    @cached_property
    def _unstained(self) -> tuple[Floats, NDArray[np.float32]]:
        return self.albedo_basis, self.albedo_basis.astype(np.float32)

    @cached_property
    def _stained(self) -> tuple[Floats, NDArray[np.float32]]:
        alike = np.repeat(self.stains[:, None], 3, 1)
        both = np.ascontiguousarray(np.concatenate([self.albedo_basis, alike], 2))
        return both, both.astype(np.float32)


@lru_cache(maxsize=4)
def photo_samples(model: MakeHumanHead) -> PhotoSamples:
    """Prepare a head model; the same object each time for the same model."""
    skin = model.part == model.part_names.index("skin")
    uv_of = skin_uv(model)
    outer = np.unique(model.triangles[skin])
    mask = read_texels(model.albedo.photo_mask[..., None], uv_of[outer])[:, 0]
    chosen = outer[mask > _LEAST_MASK]
    touching = model.triangles[skin & np.isin(model.triangles, chosen).any(1)]
    near, triangles = np.unique(touching, return_inverse=True)
    mean = model.albedo.mean_at(ALBEDO_LEVEL)
    basis = model.albedo.basis_at(ALBEDO_LEVEL)
    shape = np.concatenate([model.identity_basis[:, near], model.expression_basis[:, near]])
    points = AnchoredPoints(
        mean=model.mean_vertices[near].astype(np.float64),
        basis=np.ascontiguousarray(shape.transpose(1, 2, 0), np.float32),
        identity=model.sizes.identity,
        anchor=embedded(model).surface.centre,
    )
    colours = np.concatenate([mean[None], basis]).transpose(2, 3, 1, 0)  # (h, w, 3, 1 + A)
    sampled = read_texels(colours.reshape(*colours.shape[:2], -1), uv_of[chosen]).reshape(len(chosen), 3, -1)
    return PhotoSamples(
        points,
        np.ascontiguousarray(triangles.reshape(-1, 3).astype(np.int64)),
        np.searchsorted(near, chosen),
        chosen.astype(np.int64),
        mask[mask > _LEAST_MASK],
        sampled[..., 0].astype(np.float64),
        np.ascontiguousarray(sampled[..., 1:].astype(np.float64)),
        _stains(model.mean_vertices[chosen].astype(np.float64)),
    )


def skin_uv(model: MakeHumanHead) -> Floats:
    """Texture coordinates (V, 2) of the vertices of skin; zeros elsewhere."""
    skin = model.part == model.part_names.index("skin")
    uv_of = np.zeros((model.sizes.vertices, 2))
    uv_of[model.triangles[skin]] = model.uv[model.uv_triangles[skin]]
    return uv_of


def _stains(points: Floats) -> Floats:
    """Soft spots of brightness about STAIN_MM apart that cover the points (N, 3) mm: (N, K), 1 in their middle.

    They are as a mirror leaves them: spots in the middle of the face and pairs of spots, so that a photo in a mirror
    gives the head in a mirror.
    """
    places = np.where(np.abs(points[:, :1]) < _MIDDLE_MM, points * (0, 1, 1), points)
    chosen, distance = np.zeros((0, 3)), np.full(len(points), np.inf)
    tip = int(np.argmax(places[:, 2] - np.abs(places[:, 0])))  # of the nose
    while distance.max() > STAIN_MM:
        own = places[int(np.argmax(distance)) if len(chosen) else tip]
        added = np.unique([own, own * (-1, 1, 1)], axis=0)
        chosen = np.concatenate([chosen, added])
        distance = np.minimum(distance, np.linalg.norm(points[:, None] - added, axis=2).min(1))
    apart = np.linalg.norm(points[:, None] - chosen, axis=2)
    spots = np.exp(-0.5 * (apart / (0.6 * STAIN_MM)) ** 2)
    return np.where(spots < _NEGLIGIBLE, 0, spots)


@dataclass(frozen=True)
class Placed:
    """Where the samples lie in a photo, and what does not change with albedo and light.

    points: (M, 3) of the model. by_pose, by_place: `slopes_at`. logs, image_slopes: `read` at the samples. turned:
    (N, 3) normals, camera frame. values: (N, 9) their harmonics. weight: (N,), how much each counts.
    """

    points: Floats
    by_pose: Floats
    by_place: Floats
    logs: Floats
    image_slopes: Floats
    turned: Floats
    values: Floats
    weight: Floats


def place(
    samples: PhotoSamples, state: State, shift_mm: Floats, photo: LogPhoto, principal_px: Floats, visible: Floats
) -> Placed:
    """Find the samples of a state in the photo, their colours off the skin by a shift (2,)."""
    points = samples.points(state.theta)
    seen, by_pose, by_place = slopes_at(points - samples.points.centre, state)
    pixels = seen[samples.rows] + principal_px + np.exp(state.log_scale) * shift_mm
    logs, image_slopes, inside = read(photo, pixels)
    everywhere, no_basis = np.ones(len(points), np.bool_), samples.points.basis[:, :, :0].copy()
    normals = normals_and_slopes(points, samples.triangles, no_basis, everywhere)[0]
    turned = normals[samples.rows] @ state.rotation.T
    facing = np.clip(-turned[:, 2] / 0.5, 0, 1)  # grazing points say little
    values = np.asarray(sh_basis(turned), np.float64)
    weight = samples.mask * facing * inside * visible
    return Placed(points, by_pose, by_place, logs, image_slopes, turned, values, weight)


class KeptSlopes:
    """How normals change with θ, found once for states near each other: `normals_and_slopes` without the normals."""

    def __init__(self, samples: PhotoSamples) -> None:
        self._samples = samples
        self._slopes, self._known = np.zeros(0), np.zeros(len(samples.points.mean), np.bool_)

    def at(self, points: Floats, needed: NDArray[np.bool_]) -> Floats:
        """Slopes (M, 3, P) at the needed (M,) of the model's points (M, 3), or as they were a little while ago."""
        if (needed & ~self._known).any():
            self._known = needed | self._known
            samples = self._samples
            self._slopes = normals_and_slopes(points, samples.triangles, samples.points.basis, self._known)[1]
        return self._slopes


def read_texels(image: NDArray, uv: Floats) -> Floats:
    """Read an image (h, w, C) at texture coordinates (N, 2), bilinearly."""
    height, width = image.shape[:2]
    x = np.clip(uv[:, 0] * width - 0.5, 0, width - 1.001)
    y = np.clip((1 - uv[:, 1]) * height - 0.5, 0, height - 1.001)
    column, row = x.astype(int), y.astype(int)
    right, down = (x - column)[:, None], (y - row)[:, None]
    top = image[row, column] * (1 - right) + image[row, column + 1] * right
    bottom = image[row + 1, column] * (1 - right) + image[row + 1, column + 1] * right
    return top * (1 - down) + bottom * down


def normals_and_slopes(
    vertices: Floats, triangles: NDArray[np.int64], basis: Floats, needed: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Unit vertex normals (M, 3) and their derivative (M, 3, P), of the basis's precision, with respect to θ.

    Vertices that are not `needed` (M,) get zeros.

    A normal is the normalised sum N of its triangles' cross products; d(N/|N|) = (I - n nᵀ) dN / |N|. Of a triangle
    with sides u and v it is dN = du × v + u × dv, so that each side's slope is scaled by the other: corner b by v and
    corner c by u, and a by what is left.
    """
    size = basis.shape[2]
    total, slope = np.zeros((len(needed), 3)), np.zeros((len(needed), 3, size), basis.dtype)
    room = np.empty((2, 3), basis.dtype), np.empty(size, basis.dtype), np.empty(3, basis.dtype)
    _normals_and_slopes(np.asarray(vertices, np.float64), triangles, basis, needed, total, slope, *room)
    return total, slope


@njit(**KERNEL)
def _normals_and_slopes(vertices, triangles, basis, needed, total, slope, sides, row, normal):  # type: ignore[no-untyped-def]
    """Write what `normals_and_slopes` gives; sides (2, 3), row (P,) and normal (3,) are working memory.

    Loops over plain rows use the processor's wide registers.
    """
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        if not (needed[a] or needed[b] or needed[c]):
            continue
        for k in range(3):
            sides[0, k], sides[1, k] = vertices[b, k] - vertices[a, k], vertices[c, k] - vertices[a, k]
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            uj, uk = vertices[b, j] - vertices[a, j], vertices[b, k] - vertices[a, k]
            vj, vk = vertices[c, j] - vertices[a, j], vertices[c, k] - vertices[a, k]
            cross = uj * vk - uk * vj
            _cross_slopes(basis[a], basis[b], basis[c], sides, j, k, row)
            for corner in range(3):
                m = triangles[f, corner]
                if needed[m]:
                    total[m, i] += cross
                    _add_row(row, slope[m, i])
    for m in range(len(total)):
        if not needed[m]:
            continue
        length = np.sqrt(total[m, 0] ** 2 + total[m, 1] ** 2 + total[m, 2] ** 2) + 1e-12
        for i in range(3):
            total[m, i] /= length
            normal[i] = total[m, i]
        row[0] = 1 / length
        _upright(normal, slope[m], row[0], row)


@njit(**INLINE)
def _cross_slopes(a, b, c, sides, j, k, row):  # type: ignore[no-untyped-def]
    """Write the slope of one component of a triangle's cross product, by those of its corners (3, P), into row (P,)."""
    uj, uk, vj, vk = sides[0, j], sides[0, k], sides[1, j], sides[1, k]
    aj, ak, bj, bk, cj, ck = a[j], a[k], b[j], b[k], c[j], c[k]
    for p in range(len(row)):
        row[p] = (bj[p] - aj[p]) * vk - (bk[p] - ak[p]) * vj + (ck[p] - ak[p]) * uj - (cj[p] - aj[p]) * uk


@njit(**INLINE)
def _add_row(row, out):  # type: ignore[no-untyped-def]
    for p in range(len(row)):
        out[p] += row[p]


@njit(**INLINE)
def _upright(normal, slope, per, row):  # type: ignore[no-untyped-def]
    """Turn the slope (3, P) of a sum of cross products into that of the unit normal (3,): per: 1 / the sum's length."""
    x, y, z = normal[0], normal[1], normal[2]
    for p in range(len(row)):
        row[p] = x * slope[0, p] + y * slope[1, p] + z * slope[2, p]
    for i in range(3):
        own, line = normal[i], slope[i]
        for p in range(len(row)):
            line[p] = (line[p] - own * row[p]) * per
