"""Occluding contours: where the skin of a head ends in a photo, as evidence of its shape.

Most end against the background. Folds end against the face itself: a nose before the cheek, a brow, lips, a chin.

Each contour point lies where the surface is seen edge-on. The photo's edge is looked for along the contour's normal.
When the head changes, the contour slides over the skin, but along the viewing ray only, so that to first order its
image moves as that of the material point does, across the outline (Cipolla and Giblin 2000, sec. 2.5). That makes the
Jacobian of the distance to the edge closed: the normal times the projection's Jacobian times the basis at the point.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from facegpt.fitting.occlusion import unhidden
from facegpt.metrics import within_radius
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.render.uv import depth_map
from facegpt.types import DensePoints, FaceParams

Floats = NDArray[np.float64]

#: Skin up to this far from the tip of the nose is compared, mm; ears and neck are mostly beyond.
REACH_MM = 100.0
#: A contour is seen if nothing lies so far before it, mm.
BEFORE_MM = 20.0
#: SD of the blur that edges are looked for with, px.
BLUR_PX = 1.0
#: Probability of skin inside and of what lies behind outside from which a contour is compared.
SURE = 0.5


@dataclass(frozen=True)
class Against:
    """What lies behind contours of one kind, and how their edges are found.

    Attributes:
        behind_mm: how much further away it is, at least and at most. not_here, not_there: parts of `DensePoints.parts`
            that aren't what ends, and not what lies behind.
        beside_mm: so far from the contour both sides are looked at.
        search_mm, expected_mm: how far from the head's contour the edge is looked for, and the SD of where it is
            expected. least_step: of brightness (log units, any channel) that makes an edge. edge_px: SD of its place.
    """

    behind_mm: tuple[float, float]
    not_here: tuple[int, ...]
    not_there: tuple[int, ...]
    beside_mm: float
    search_mm: float
    expected_mm: float
    least_step: float
    edge_px: float


#: Lips end before what they open to wherever the mouth is open: that tells of the expression.
BACKGROUND = Against((15.0, np.inf), (0, 2, 3, 6), (1, 2, 3, 4, 5, 6), 5.0, 4.0, 2.0, 0.12, 1.0)
FACE = Against((5.0, 50.0), (0, 2, 3, 5, 6), (0, 2, 3, 5, 6), 3.0, 3.0, 1.5, 0.08, 1.5)


@dataclass(frozen=True)
class Outline:
    """Contour points of one photo (K,).

    Attributes:
        pairs: (K, 2) vertices. weights: (K, 2). normal: (K, 2) outwards, unit, in the image. edge: (K,) px, the place
            of the photo's edge along the normal: normal · pixel. sigma_px: (K,). fold: (K,) bool, against the face.
    """

    pairs: NDArray[np.intp]
    weights: Floats
    normal: Floats
    edge: Floats
    sigma_px: Floats
    fold: NDArray[np.bool_]

    def beside(self, other: Outline) -> Outline:
        """The points of both."""
        return Outline(*(np.concatenate([getattr(one, each.name) for one in (self, other)]) for each in fields(self)))


@lru_cache(maxsize=2)
def _face_edges(model: MakeHumanHead) -> NDArray[np.intp]:
    """Edges (N, 2) of the face's skin, each once."""
    mean = np.asarray(model.mean_vertices, np.float64)
    triangles = model.triangles[model.part == model.part_names.index("skin")]
    near = within_radius(mean, model.embedding("ibug68")(mean)[30], REACH_MM)
    triangles = triangles[near[triangles].all(1)]
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(edges, axis=1), axis=0).astype(np.intp)


@dataclass(frozen=True)
class Contour:
    """Points (K,) at which a head is seen edge-on and nothing hides it.

    Attributes:
        pairs: (K, 2) vertices. weights: (K, 2). pixels, normal: (K, 2) in the photo, the normal outwards. scale: (K,)
            px a mm. further: (K,) mm, by how much what lies behind is further away; infinite for the background.
    """

    pairs: NDArray[np.intp]
    weights: Floats
    pixels: Floats
    normal: Floats
    scale: Floats
    further: Floats

    def some(self, rows: NDArray[np.bool_]) -> Contour:
        """Some of the points."""
        return Contour(*(getattr(self, each.name)[rows] for each in fields(self)))


def contour_of(model: MakeHumanHead, params: FaceParams) -> Contour:
    """The contour of a head's face where it is seen."""
    camera, edges = params.camera, _face_edges(model)
    vertices = params.pose.apply(head_vertices(model, params)).astype(np.float64)
    normals = vertex_normals(vertices, model.triangles).astype(np.float64)
    facing = (normals * vertices).sum(1)
    a, b = facing[edges].T
    edges, a, b = edges[a * b < 0], a[a * b < 0], b[a * b < 0]
    weights = np.stack([b, -a], 1) / (b - a)[:, None]
    place = np.einsum("kcx,kc->kx", vertices[edges], weights)
    normal = np.einsum("kcx,kc->kx", normals[edges], weights)[:, :2]
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    pixels = np.asarray(camera.project(place), np.float64)
    solid = np.asarray(model.part) != model.part_names.index("lashes")
    depth = depth_map(vertices.astype(np.float32), np.ascontiguousarray(model.triangles[solid], np.int32), camera)

    def depth_at(shift: float) -> Floats:
        column, row = np.rint(pixels + shift * normal).astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        out = np.full(len(pixels), np.nan)
        out[inside] = depth[row[inside], column[inside]]
        return out

    within, beyond = depth_at(-1.0), np.fmin(depth_at(2.0), depth_at(4.0))
    whole = Contour(edges, weights, pixels, normal, camera.focal_px / place[:, 2], beyond - place[:, 2])
    return whole.some(within > place[:, 2] - BEFORE_MM)


def outline(
    model: MakeHumanHead,
    params: FaceParams,
    image: NDArray[np.uint8],
    dense: DensePoints | None,
    against: Against = BACKGROUND,
    contour: Contour | None = None,
) -> Outline:
    """The edges of a photo (H, W, 3) beside the contour of the head that was fitted to it, where that is known yet."""
    found = contour or contour_of(model, params)
    found = found.some((found.further > against.behind_mm[0]) & (found.further <= against.behind_mm[1]))
    if dense is not None and len(found.pairs):
        beside = (against.beside_mm * found.scale)[:, None] * found.normal
        inner = unhidden(dense, found.pixels - beside, against.not_here, 0.0)
        found = found.some((inner > SURE) & (unhidden(dense, found.pixels + beside, against.not_there, 0.0) > SURE))
    reach, expected = against.search_mm * found.scale, against.expected_mm * found.scale
    shift, step = _edge_beside(image, found.pixels, found.normal, reach, expected)
    good = step > against.least_step
    edge, found = ((found.pixels * found.normal).sum(1) + shift)[good], found.some(good)
    sigma, fold = np.full(len(edge), against.edge_px), np.full(len(edge), against is FACE)
    return Outline(found.pairs, found.weights, found.normal, edge, sigma, fold)


def ends(model: MakeHumanHead, params: FaceParams, image: NDArray[np.uint8], dense: DensePoints | None) -> Outline:
    """Where a photo's skin ends against the background and against the face itself, beside the head as it is."""
    contour = contour_of(model, params)
    outer, fold = (outline(model, params, image, dense, kind, contour) for kind in (BACKGROUND, FACE))
    return outer.beside(fold)


def said(fold: NDArray[np.bool_], background_points: float, fold_points: float) -> Floats:
    """How much each point (K,) of a photo's outline counts: all of a kind together as much as so many."""
    folds = int(fold.sum())
    plain = min(background_points / max(len(fold) - folds, 1), 1.0)
    return np.where(fold, min(fold_points / max(folds, 1), 1.0), plain)


def _edge_beside(
    image: NDArray[np.uint8], pixels: Floats, normal: Floats, reach: Floats, expected: Floats
) -> tuple[Floats, Floats]:
    """Where along the normals (K, 2) the strongest edge lies: shift (K,) px, and its step (K,) in log brightness."""
    if not len(pixels):
        return np.zeros(0), np.zeros(0)
    margin = int(np.ceil(reach.max())) + 6
    low = np.maximum(np.floor(pixels.min(0)).astype(int) - margin, 0)
    high = np.ceil(pixels.max(0)).astype(int) + margin
    near = image[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    smooth = gaussian_filter(np.log(near + 8.0), (BLUR_PX, BLUR_PX, 0))
    furthest = np.ceil(reach.max())
    offsets = np.arange(-furthest, furthest + 0.25, 0.5)
    at = (pixels - low)[:, None] + offsets[None, :, None] * normal[:, None]
    profile = np.stack(
        [map_coordinates(smooth[..., c], [at[..., 1], at[..., 0]], order=1, mode="nearest") for c in range(3)], 2
    )
    slope = np.abs(profile[:, 4:] - profile[:, :-4]).max(2)  # over two pixels
    middle = offsets[2:-2]
    likely = slope * np.exp(-0.5 * (middle / expected[:, None]) ** 2) * (np.abs(middle) <= reach[:, None])
    best = np.clip(likely.argmax(1), 1, len(middle) - 2)
    rows = np.arange(len(best))
    left, here, right = (slope[rows, best + d] for d in (-1, 0, 1))
    bend = left - 2 * here + right
    fine = np.where(bend < -1e-6, np.clip(0.5 * (left - right) / np.minimum(bend, -1e-6), -0.5, 0.5), 0.0)
    return middle[best] + 0.5 * fine, here


@dataclass(frozen=True)
class OutlineSystem:
    """An outline as linear places: mean (K, 3), by identity (K, 3, I), by the units in use (K, 3, E)."""

    seen: Outline
    mean: Floats
    by_identity: Floats
    by_expression: Floats

    def rows(
        self,
        identity: Floats,
        expression: Floats,
        rotation: Floats,
        translation: Floats,
        focal: float,
        principal: Floats,
    ) -> tuple[Floats, Floats]:
        """Whitened Jacobian (K, I + 7 + E), the photo's unknowns as in adjust.py, and residual (K,)."""
        worn = self.mean + self.by_identity @ identity + self.by_expression @ expression
        arm = worn @ rotation.T
        where = arm + translation
        normal, scale = self.seen.normal, focal / where[:, 2]
        by_camera = np.concatenate(
            [normal * scale[:, None], -(scale / where[:, 2] * (normal * where[:, :2]).sum(1))[:, None]], 1
        )
        by_head = by_camera @ rotation
        across = (normal * where[:, :2]).sum(1) * scale
        jacobian = np.concatenate(
            [
                np.einsum("kc,kci->ki", by_head, self.by_identity),
                np.cross(arm, by_camera),
                by_camera,
                across[:, None],
                np.einsum("kc,kce->ke", by_head, self.by_expression),
            ],
            1,
        )
        residual = across + normal @ principal - self.seen.edge
        return jacobian / self.seen.sigma_px[:, None], residual / self.seen.sigma_px


def outline_system(model: MakeHumanHead, seen: Outline, units: NDArray[np.intp]) -> OutlineSystem:
    """Prepare an outline for the adjustment; units: rows of the expression basis in use."""
    pairs, weights = seen.pairs, seen.weights

    def at(basis: NDArray) -> Floats:
        return np.einsum("bkcx,kc->kxb", basis[:, pairs].astype(np.float64), weights)

    mean = np.einsum("kcx,kc->kx", np.asarray(model.mean_vertices, np.float64)[pairs], weights)
    return OutlineSystem(seen, mean, at(model.identity_basis), at(model.expression_basis[units]))
