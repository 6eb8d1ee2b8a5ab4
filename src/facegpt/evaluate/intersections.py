"""How deep lips, lids, teeth and tongue go through each other when the default head makes faces.

A vertex that lies behind the surface of an opposite patch has entered it by its distance from that surface. Patches are
open pieces of the skin, so only hits inside a patch count: next to its border there is no telling inside from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from facegpt.evaluate.expression_samples import Sample, everyday, pairs, units
from facegpt.evaluate.protocol import Report, Row, figure
from facegpt.morphable import makehuman
from facegpt.morphable.makehuman import MakeHumanHead
from facegpt.types import Array

Ints = NDArray[np.int64]

EYE_RADIUS_MM = 12.6
#: Triangles tried for each point, nearest centres first.
_CANDIDATES = 10
#: Vertices of MakeHuman's base mesh in the middle of the lips (front edge, upper and lower) and of the left lids.
_LIPS, _LEFT_LIDS = (474, 493), (6785, 6828)
#: How far along the skin a lip or a lid reaches from its middle, mm.
_LIP_REACH_MM, _LID_REACH_MM = 34.0, 22.0
#: The inside of the lips ends and that of the cheeks begins here, mm in front of the ears.
_LIPS_BEHIND_MM = 85.0
#: What lies deeper than this behind a patch is on the other side of the tissue, mm.
_LIP_DEPTH_MM, _LID_DEPTH_MM, _TOOTH_DEPTH_MM, _TONGUE_DEPTH_MM = 9.0, 2.5, 4.0, 2.0
#: The lids' outer face lies at least this far outside the eyeball at rest; what is nearer is behind their margin, mm.
_LID_FACE_MM = 0.9
#: Rows of the teeth's grid (0 top of the gum outside, 1 gum inside) up to the biting edge: their outer face.
_OUTER_FACE = 0.64


@dataclass(frozen=True)
class Patch:
    """An open piece of the surface: `triangles` (n, 3) into the head's vertices; normals point out of the tissue."""

    triangles: Ints

    @cached_property
    def across(self) -> Ints:
        """(n, 3) the triangle on the other side of the edge opposite to each corner, -1 on the patch's border."""
        corner = self.triangles
        ends = np.stack([np.sort(corner[:, [(k + 1) % 3, (k + 2) % 3]], 1) for k in range(3)], 1).reshape(-1, 2)
        _, edge = np.unique(ends, axis=0, return_inverse=True)
        order = np.argsort(edge.ravel(), kind="stable")
        found = np.full(len(ends), -1)
        twins = np.flatnonzero(np.diff(edge.ravel()[order]) == 0)
        found[order[twins]], found[order[twins + 1]] = order[twins + 1] // 3, order[twins] // 3
        return found.reshape(-1, 3)

    @cached_property
    def border_corner(self) -> NDArray[np.bool_]:
        """(n, 3) whether each corner is a vertex of the patch's border."""
        mask = np.zeros(int(self.triangles.max()) + 1, bool)
        for k in range(3):
            mask[self.triangles[self.across[:, k] < 0][:, [(k + 1) % 3, (k + 2) % 3]]] = True
        return mask[self.triangles]


def penetration_mm(points: Array, vertices: Array, patch: Patch, deepest_mm: float) -> NDArray[np.float64]:
    """Give how deep points (N, 3) are behind a patch of vertices (V, 3): (N,) mm, 0 for those in front.

    Also 0 where the closest point is on the patch's border, or further away than `deepest_mm`. The side is told by
    pseudo-normals, which is exact at edges and corners too (Bærentzen and Aanæs 2005).
    """
    corners = np.ascontiguousarray(vertices[patch.triangles], np.float64)
    count = min(_CANDIDATES, len(corners))
    points = np.ascontiguousarray(points, np.float64)
    near = cKDTree(corners.mean(1)).query(points, count)[1].reshape(len(points), count)
    normals = _corner_normals(corners, patch.triangles, len(vertices))
    return _depths(points, corners, normals, near, patch.across, patch.border_corner, float(deepest_mm))


def _corner_normals(corners: Array, triangles: Ints, count: int) -> Array:
    """Normals (n, 4, 3): of each corner's vertex, weighted by angle, and last of the triangle itself."""
    side = np.roll(corners, -1, 1) - corners
    side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-12)
    back = -np.roll(side, 1, 1)
    angle = np.arccos(np.clip((side * back).sum(2), -1, 1))
    facing = np.cross(side[:, 0], back[:, 0])
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
    total = np.zeros((count, 3))
    for k in range(3):
        np.add.at(total, triangles[:, k], angle[:, k, None] * facing)
    return np.ascontiguousarray(np.concatenate([total[triangles], facing[:, None]], 1))


@njit(cache=True)
def _depths(points, corners, normals, near, across, border_corner, deepest):
    """Depth of each point behind the closest point among its candidate triangles."""
    depth = np.zeros(len(points))
    for i in range(len(points)):
        best, inside, sign = deepest * deepest, False, 0.0
        for k in near[i]:
            weights = closest_weights(points[i], corners[k, 0], corners[k, 1], corners[k, 2])
            found = weights[0] * corners[k, 0] + weights[1] * corners[k, 1] + weights[2] * corners[k, 2]
            away = points[i] - found
            square = (away * away).sum()
            if square < best:
                best, inside = square, True
                normal = normals[k, 3].copy()
                for c in range(3):
                    if weights[c] < 1e-9:
                        if across[k, c] < 0:
                            inside = False
                        else:
                            normal = normals[k, 3] + normals[across[k, c], 3]
                for c in range(3):
                    if weights[c] > 1 - 1e-9:
                        normal = normals[k, c].copy()
                        inside = not border_corner[k, c]
                sign = (normal * away).sum()
        if inside and sign < 0:
            depth[i] = np.sqrt(best)
    return depth


@njit(cache=True)
def closest_weights(p, a, b, c):
    """Barycentric weights of the point of triangle abc closest to p (Ericson 2005, Real-Time Collision Detection)."""
    ab, ac, ap = b - a, c - a, p - a
    d1, d2 = (ab * ap).sum(), (ac * ap).sum()
    if d1 <= 0 and d2 <= 0:
        return 1.0, 0.0, 0.0
    bp = p - b
    d3, d4 = (ab * bp).sum(), (ac * bp).sum()
    if d3 >= 0 and d4 <= d3:
        return 0.0, 1.0, 0.0
    vc = d1 * d4 - d3 * d2
    if vc <= 0 and d1 >= 0 and d3 <= 0:
        t = d1 / (d1 - d3)
        return 1 - t, t, 0.0
    cp = p - c
    d5, d6 = (ab * cp).sum(), (ac * cp).sum()
    if d6 >= 0 and d5 <= d6:
        return 0.0, 0.0, 1.0
    vb = d5 * d2 - d1 * d6
    if vb <= 0 and d2 >= 0 and d6 <= 0:
        t = d2 / (d2 - d6)
        return 1 - t, 0.0, t
    va = d3 * d6 - d5 * d4
    if va <= 0 and d4 - d3 >= 0 and d5 - d6 >= 0:
        t = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return 0.0, 1 - t, t
    total = va + vb + vc
    return va / total, vb / total, vc / total


@dataclass(frozen=True)
class Contact:
    """Two things that must not enter each other: the middles of the vertices `points` (n, k) against a patch."""

    kind: str
    points: Ints
    patch: Patch
    deepest_mm: float


class Anatomy:
    """The lips, lids, teeth and tongue of the default head, as points and patches."""

    def __init__(self, head: MakeHumanHead) -> None:
        self.head = head
        self.mean = head.mean_vertices.astype(np.float64)
        skin = np.isin(head.part, [head.part_names.index(n) for n in ("skin", "mouth")])
        self.skin = head.triangles[skin].astype(np.int64)
        self.upper_lip, self.lower_lip = (self._front(half) for half in self._halves(_LIPS, _LIP_REACH_MM))
        self.lids = [self._halves(_LEFT_LIDS, _LID_REACH_MM)]
        self.lids.append(tuple(head.mirror[half].astype(np.int64) for half in self.lids[0]))  # type: ignore[arg-type]
        eyes = head.arrays["joint_centres"][2:].astype(np.float64)
        reach = np.linalg.norm(self.mean[:, None] - eyes, axis=2).min(1)
        self.outer_lids = np.flatnonzero(reach > EYE_RADIUS_MM + _LID_FACE_MM)
        self.contacts = tuple(self._contacts())

    def _halves(self, middles: tuple[int, int], reach_mm: float) -> tuple[Ints, Ints]:
        """Skin nearer, along the surface, to the first or to the second of two vertices of MakeHuman's base mesh."""
        source = self.head.arrays["source_vertex"]
        seeds = [int(np.flatnonzero(source == number)[0]) for number in middles]
        edges = np.concatenate([self.skin[:, [0, 1]], self.skin[:, [1, 2]], self.skin[:, [2, 0]]])
        length = np.linalg.norm(self.mean[edges[:, 0]] - self.mean[edges[:, 1]], axis=1)
        graph = csr_matrix((length, (edges[:, 0], edges[:, 1])), (len(self.mean),) * 2)
        first, second = dijkstra(graph, directed=False, indices=seeds)
        near = np.minimum(first, second) < reach_mm
        return np.flatnonzero(near & (first < second)), np.flatnonzero(near & (second <= first))

    def _front(self, half: Ints) -> Ints:
        """Leave out the inside of the cheeks: what no scan shows, behind the lips."""
        hidden = np.setdiff1d(np.unique(self.skin), np.unique(self._part("skin")))
        return np.setdiff1d(half, hidden[self.mean[hidden, 2] < _LIPS_BEHIND_MM])

    def _patch(self, vertices: Ints) -> Patch:
        return Patch(self.skin[np.isin(self.skin, vertices).all(1)])

    def _part(self, name: str) -> Ints:
        return self.head.triangles[self.head.part == self.head.part_names.index(name)].astype(np.int64)

    def _contacts(self) -> Iterator[Contact]:
        upper, lower = self._patch(self.upper_lip), self._patch(self.lower_lip)
        visible = np.unique(self._part("skin"))
        seen = [np.intersect1d(half, visible) for half in (self.upper_lip, self.lower_lip)]
        yield Contact("lips", seen[0][:, None], lower, _LIP_DEPTH_MM)
        yield Contact("lips", seen[1][:, None], upper, _LIP_DEPTH_MM)
        rim = np.intersect1d(np.unique(self.skin), np.r_[self._part("left_socket"), self._part("right_socket")])
        for top, bottom in self.lids:
            yield Contact("lids", top[:, None], self._patch(np.setdiff1d(bottom, rim)), _LID_DEPTH_MM)
            yield Contact("lids", bottom[:, None], self._patch(np.setdiff1d(top, rim)), _LID_DEPTH_MM)
        across = self.head.arrays["grid"][:, 1]
        lips = self.skin[np.isin(self.skin, np.concatenate(seen)).all(1)]
        tongue = self._part("tongue")
        for name in ("upper_teeth", "lower_teeth"):
            teeth = self._part(name)
            outer = Patch(teeth[(across[teeth] <= _OUTER_FACE).all(1)])
            yield Contact("teeth through lips", lips, outer, _TOOTH_DEPTH_MM)
            yield Contact("tongue and teeth", np.unique(tongue)[:, None], Patch(teeth), _TONGUE_DEPTH_MM)
        yield Contact("tongue through lips", lips, Patch(tongue), _LIP_DEPTH_MM)

    def depths_mm(self, vertices: Array, eye_centres: Array) -> dict[str, tuple[float, int]]:
        """Measure one head (V, 3) with eyes at (2, 3): by kind, the deepest intrusion in mm and how many vertices."""
        found: dict[str, list[Array]] = {}
        for contact in self.contacts:
            depth = penetration_mm(vertices[contact.points].mean(1), vertices, contact.patch, contact.deepest_mm)
            found.setdefault(contact.kind, []).append(depth)
        for (top, bottom), centre in zip(self.lids, eye_centres, strict=True):
            arm = np.linalg.norm(vertices[np.intersect1d(np.r_[top, bottom], self.outer_lids)] - centre, axis=1)
            found.setdefault("lids and eyeball", []).append(np.maximum(EYE_RADIUS_MM - arm, 0))
        joined = {kind: np.concatenate(parts) for kind, parts in found.items()}
        return {kind: (float(d.max()), int((d > 0.3).sum())) for kind, d in joined.items()}


def measure(anatomy: Anatomy, identities: Array, samples: list[Sample]) -> dict[str, NDArray[np.float64]]:
    """Measure every sample on every person: by kind (P, S, 2), the depth in mm and the number of vertices."""
    head = anatomy.head
    weights = torch.as_tensor(np.stack([s.weights for s in samples]))
    table: dict[str, NDArray[np.float64]] = {}
    for p, identity in enumerate(identities):
        z = torch.as_tensor(np.asarray(identity, np.float32))[None]
        centres = head.joint_centres(z)[0, 2:].numpy()
        for s in range(len(samples)):
            with torch.no_grad():
                joints = torch.zeros(1, head.sizes.joints, 3)
                vertices = head.vertices(z, weights[s : s + 1], joints)[0].double().numpy()
            for kind, pair in anatomy.depths_mm(vertices, centres).items():
                table.setdefault(kind, np.zeros((len(identities), len(samples), 2)))[p, s] = pair
    return table


def evaluate(quick: bool) -> Report:
    """Measure units, pairs and everyday expressions on the mean head and on random people."""
    head = makehuman.load()
    anatomy = Anatomy(head)
    people = np.concatenate([np.zeros((1, head.sizes.identity), np.float32), head.sample(2 if quick else 10, seed=11)])
    sets = {
        "unit": (people, units(), 1.0),
        "pair": (people[:1] if quick else people[:4], pairs(), 2.0),
        "everyday": (people, everyday(40 if quick else 500), 1.0),
    }
    rows: list[Row] = []
    for name, (faces, samples, bound) in sets.items():
        for kind, table in measure(anatomy, faces, samples).items():
            depth = table[..., 0]
            rows.append(figure(f"{kind}, {name}: 99th percentile", np.percentile(depth, 99), "mm", at_most=bound))
            worst = samples[int(depth.max(0).argmax())].name
            rows.append(Row(f"{kind}, {name}: deepest ({worst})", float(depth.max()), "mm"))
    return Report(f"{len(people)} people: the mean head and random ones; {_named(sets)}", tuple(rows))


def _named(sets: dict) -> str:
    return ", ".join(f"{len(samples)} {name} expressions" for name, (_, samples, _) in sets.items())
