"""How parts that no scan shows follow the visible skin: inner mouth, nostrils, sockets, teeth, tongue, lashes, eyes.

Everything here is linear in the displacement of the skin, so it acts on modes once and for all.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from scipy.spatial import cKDTree

from lab.runs.head.parts import EYE_RADIUS_MM
from lab.runs.head.seams import Seam
from lab.runs.head.template import PART_NAMES, Template
from lab.runs.shared.sources import Array
from lab.runs.shared.surface import Ints, edges_of, gradient, vertex_normals

#: Hidden skin keeps its distance from the nearest outer skin this strongly (relative to smoothness), over this reach.
THROUGH_TISSUE, TISSUE_REACH_MM = 0.25, 14.0
#: Lids slide on the eyeball: the share of their motion towards it that is taken away fades over this distance.
LID_REACH_MM = 5.0
#: Blinks are one motion for everybody, so the height of the opening may differ little between people: share taken away.
LID_SHARE_REMOVED = 0.6
#: How much of the face around the mouth carries the teeth.
TEETH_REACH_MM = 28.0


def part_vertices(template: Template, *names: str) -> Ints:
    """Vertices of the named parts."""
    numbers = [PART_NAMES.index(n) for n in names]
    return np.unique(template.triangles[np.isin(template.part, numbers)])


def eye_rims(template: Template) -> tuple[Ints, Ints]:
    """The inner borders of the lids (where skin meets socket) of the left and right eye, 28 vertices each."""
    skin = part_vertices(template, "skin")
    left = np.intersect1d(skin, part_vertices(template, "left_socket"))
    return left, template.mirror[left]


class Follow:
    """Completes displacement fields (K, V, 3) whose visible skin is given."""

    def __init__(self, template: Template, mean: Array, visible: np.ndarray, eye_centres: Array) -> None:
        """`mean` (V, 3) mm with eyeballs seated; `visible` (V,) bool, outer skin with trustworthy motion."""
        self.template, self.mean, self.visible = template, mean, visible
        self.rims, self.eye_centres = eye_rims(template), eye_centres
        self._hidden_solver()
        self._teeth_operator()
        self._lash_roots()

    def _hidden_solver(self) -> None:
        """Smooth extension to hidden skin that also follows the outer skin on the other side of the tissue."""
        skin = np.unique(self.template.skin_quads)
        self.hidden = np.setdiff1d(skin, np.flatnonzero(self.visible))
        edges = edges_of(self.template.skin_quads)
        length = np.linalg.norm(self.mean[edges[:, 0]] - self.mean[edges[:, 1]], axis=1)
        step = gradient(edges, len(self.mean), 1 / np.sqrt(np.maximum(length, 0.3)))
        smooth = (step.T @ step).tocsr()
        normals = vertex_normals(self.mean, self.template.triangles[self.template.part <= 3])
        outer = np.flatnonzero(self.visible)
        distance, near = cKDTree(self.mean[outer]).query(self.mean[self.hidden], 60)
        across = (self.mean[outer][near] - self.mean[self.hidden][:, None]) / np.maximum(distance, 1e-6)[..., None]
        behind = np.einsum("vi,vki->vk", normals[self.hidden], across) < -0.3  # through the tissue, not over the gap
        facing = np.einsum("vki,vki->vk", normals[outer][near], across) > 0.3
        weight = np.where(behind & facing, np.exp(-((distance / TISSUE_REACH_MM) ** 2)), 0)
        weight[np.cumsum(weight > 0, 1) > 8] = 0
        strength = THROUGH_TISSUE * weight.max(1)
        share = weight / np.maximum(weight.sum(1, keepdims=True), 1e-9)
        rows = np.repeat(np.arange(len(self.hidden)), 60)
        columns = outer[near].ravel()
        shape = (len(self.hidden), len(self.mean))
        self._tissue = sp.csr_matrix(((strength[:, None] * share).ravel(), (rows, columns)), shape)
        own = smooth[self.hidden]
        self._to_outer = own[:, outer]
        self._outer = outer
        system = own[:, self.hidden] + sp.diags(strength + 1e-6)
        self._solve_hidden = spl.splu(system.tocsc()).solve

    def _teeth_operator(self) -> None:
        """Affine motion of the skin around the mouth, least squares, applied to teeth and tongue."""
        self.mouth_parts = part_vertices(self.template, "upper_teeth", "lower_teeth", "tongue")
        teeth = part_vertices(self.template, "upper_teeth", "lower_teeth")
        outer = self._outer
        distance, _ = cKDTree(self.mean[teeth]).query(self.mean[outer])
        weight = np.exp(-((distance / TEETH_REACH_MM) ** 2) * 2)
        used = weight > 0.02
        self._teeth_source, w = outer[used], weight[used]
        centre = self.mean[teeth].mean(0)

        def design(points: Array) -> Array:
            return np.c_[np.ones(len(points)), (points - centre) / 30]

        a = design(self.mean[self._teeth_source])
        normal = a.T @ (a * w[:, None]) + np.diag([0, 1, 1, 1]) * 0.05 * w.sum()
        self._teeth = design(self.mean[self.mouth_parts]) @ np.linalg.solve(normal, a.T * w)

    def _lash_roots(self) -> None:
        """The lid vertices that carry each column of lashes: the three nearest to the column's root."""
        lashes = part_vertices(self.template, "lashes")
        grid, mean = self.template.grid, self.mean
        lids = [
            np.flatnonzero(self.visible & (np.linalg.norm(mean - c, axis=1) < EYE_RADIUS_MM + 12))
            for c in self.eye_centres
        ]
        key = np.round(np.c_[grid[lashes, 0], grid[lashes, 1] >= 2, mean[lashes, 0] > 0], 4)
        self.lashes, self.lash_root = lashes, np.zeros(len(lashes), int)
        for column in np.unique(key, axis=0):
            members = np.flatnonzero((key == column).all(1))
            depth = np.linalg.norm(mean[lashes[members]] - self.eye_centres[0 if column[2] else 1], axis=1)
            root = lashes[members[np.argsort(depth)[1]]]
            side = lids[0] if column[2] else lids[1]
            self.lash_root[members] = side[np.argmin(np.linalg.norm(mean[side] - mean[root], axis=1))]

    def hidden_skin(self, fields: Array) -> Array:
        """Fill the hidden skin of fields (K, V, 3) from the visible skin."""
        filled = fields.copy()
        for field in filled:
            right = self._tissue @ field - self._to_outer @ field[self._outer]
            field[self.hidden] = self._solve_hidden(right)
        return filled

    def identity(self, fields: Array, lips: Seam, lids: tuple[Seam, Seam]) -> Array:
        """Complete identity modes: hidden skin, closed lips, eyeballs carried by their lids, teeth, tongue, lashes."""
        filled = self.hidden_skin(fields)
        for field in filled:
            for seam, share in ((lips, 1.0), (lids[0], LID_SHARE_REMOVED), (lids[1], LID_SHARE_REMOVED)):
                opening = seam.opening(field) * [0, share, 0]
                field += seam.closing(opening)
        filled[:, self.mouth_parts] = np.einsum("ts,ksi->kti", self._teeth, filled[:, self._teeth_source])
        for side in range(2):
            rim, ball = self.rims[side], self.template.eye[side]
            shift = filled[:, rim].mean(1)
            filled[:, ball] = shift[:, None]
            self._slide_on_eyeball(filled, shift, side)
        filled[:, self.lashes] = filled[:, self.lash_root]
        return filled

    def _slide_on_eyeball(self, fields: Array, shift: Array, side: int) -> None:
        """Take away the lids' motion towards or from the eyeball's centre, fading with distance from its surface."""
        skin = np.unique(self.template.skin_quads)
        arm = self.mean[skin] - self.eye_centres[side]
        reach = np.linalg.norm(arm, axis=1)
        near = (reach < EYE_RADIUS_MM + LID_REACH_MM) & (arm[:, 2] > -3)
        ids, out = skin[near], arm[near] / reach[near, None]
        fade = np.clip(1 - (reach[near] - EYE_RADIUS_MM) / LID_REACH_MM, 0, 1)
        relative = fields[:, ids] - shift[:, None]
        radial = np.einsum("kvi,vi->kv", relative, out)
        fields[:, ids] -= (radial * fade)[..., None] * out
