"""Occluding contours: where the skin of a head ends against the background in a photo, as evidence of its shape.

Each contour point lies where the surface is seen edge-on. The photo's edge is looked for along the contour's normal.
When the head changes, the contour slides over the skin, but along the viewing ray only, so that to first order its
image moves as that of the material point does, across the outline (Cipolla and Giblin 2000, sec. 2.5). That makes the
Jacobian of the distance to the edge closed: the normal times the projection's Jacobian times the basis at the point.
"""

from __future__ import annotations

from dataclasses import dataclass
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
#: How far from the head's contour the edge is looked for, mm, and the SD of where it is expected.
SEARCH_MM, EXPECTED_MM = 4.0, 2.0
#: What lies behind a contour is at least so much further away, mm; a contour is seen if nothing lies so far before it.
BEHIND_MM, BEFORE_MM = 15.0, 20.0
#: Step of brightness (log units, any channel) that makes an edge, and SD of the blur it is looked for with, px.
LEAST_STEP, BLUR_PX = 0.12, 1.0
#: Probability of skin inside and of background outside, so far from the contour in mm, from which one is compared.
SURE, BESIDE_MM = 0.5, 5.0
#: Parts of `DensePoints.parts` that aren't the face's skin, and those that aren't the background.
NOT_FACE, NOT_BACKGROUND = (0, 2, 3, 6), (1, 2, 3, 4, 5, 6)
#: SD of an edge's place, px.
EDGE_PX = 1.0


@dataclass(frozen=True)
class Outline:
    """Contour points of one photo (K,).

    Attributes:
        pairs: (K, 2) vertices. weights: (K, 2). normal: (K, 2) outwards, unit, in the image. edge: (K,) px, the place
            of the photo's edge along the normal: normal · pixel. sigma_px: (K,).
    """

    pairs: NDArray[np.intp]
    weights: Floats
    normal: Floats
    edge: Floats
    sigma_px: Floats


@lru_cache(maxsize=2)
def _face_edges(model: MakeHumanHead) -> NDArray[np.intp]:
    """Edges (N, 2) of the face's skin, each once."""
    mean = np.asarray(model.mean_vertices, np.float64)
    triangles = model.triangles[model.part == model.part_names.index("skin")]
    near = within_radius(mean, model.embedding("ibug68")(mean)[30], REACH_MM)
    triangles = triangles[near[triangles].all(1)]
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(edges, axis=1), axis=0).astype(np.intp)


def contour_points(model: MakeHumanHead, params: FaceParams) -> tuple[NDArray[np.intp], Floats, Floats, Floats, Floats]:
    """Visible contour points against what lies behind: pairs (K, 2), weights, pixels (K, 2), normals, px a mm (K,)."""
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
    pixels = camera.project(place)
    solid = np.asarray(model.part) != model.part_names.index("lashes")
    depth = depth_map(vertices.astype(np.float32), np.ascontiguousarray(model.triangles[solid], np.int32), camera)

    def depth_at(shift: float) -> Floats:
        column, row = np.rint(pixels + shift * normal).astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        out = np.full(len(pixels), np.nan)
        out[inside] = depth[row[inside], column[inside]]
        return out

    within, beyond = depth_at(-1.0), np.fmin(depth_at(2.0), depth_at(4.0))
    seen = (within > place[:, 2] - BEFORE_MM) & (beyond > place[:, 2] + BEHIND_MM)
    return edges[seen], weights[seen], pixels[seen], normal[seen], (camera.focal_px / place[:, 2])[seen]


def outline(model: MakeHumanHead, params: FaceParams, image: NDArray[np.uint8], dense: DensePoints | None) -> Outline:
    """The edges of a photo (H, W, 3) beside the contour of the head that was fitted to it."""
    pairs, weights, pixels, normal, scale = contour_points(model, params)
    if dense is not None and len(pairs):
        beside = (BESIDE_MM * scale)[:, None] * normal
        sure = (unhidden(dense, pixels - beside, NOT_FACE, 0.0) > SURE) & (
            unhidden(dense, pixels + beside, NOT_BACKGROUND, 0.0) > SURE
        )
        pairs, weights = pairs[sure], weights[sure]
        pixels, normal, scale = pixels[sure], normal[sure], scale[sure]
    if not len(pairs):
        none = np.zeros(0)
        return Outline(np.zeros((0, 2), np.intp), np.zeros((0, 2)), np.zeros((0, 2)), none, none)
    shift, step = _edge_beside(image, pixels, normal, SEARCH_MM * scale, EXPECTED_MM * scale)
    good = step > LEAST_STEP
    edge = (pixels * normal).sum(1) + shift
    return Outline(pairs[good], weights[good], normal[good], edge[good], np.full(int(good.sum()), EDGE_PX))


def _edge_beside(
    image: NDArray[np.uint8], pixels: Floats, normal: Floats, reach: Floats, expected: Floats
) -> tuple[Floats, Floats]:
    """Where along the normals (K, 2) the strongest edge lies: shift (K,) px, and its step (K,) in log brightness."""
    smooth = gaussian_filter(np.log(image.astype(np.float32) + 8.0), (BLUR_PX, BLUR_PX, 0))
    offsets = np.arange(-np.ceil(reach.max()), np.ceil(reach.max()) + 0.25, 0.5)
    at = pixels[:, None] + offsets[None, :, None] * normal[:, None]
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
