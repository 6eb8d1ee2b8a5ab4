"""A head's mesh, subdivided and displaced: the relief as geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from facegpt.detail.skin_window import LEFT, SIDE, TOP, Maps
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array, Mesh

#: Each edge of the skin is cut into so many.
CUTS = 4
#: How far a new point is drawn from its flat triangle towards the corners' tangent planes: 3/4, as its authors say.
ROUNDNESS = 0.75


@dataclass(frozen=True, eq=False)
class Subdivision:
    """A mesh whose triangles of skin are cut into CUTS² each; other parts stay. It serves all shapes of the mesh.

    Attributes:
        coarse: (F, 3) triangles of the mesh that is cut.
        corner: (P, 3) vertices of the triangle in which each new point of the skin lies. mix: (P, 3) its place there.
        point_uv: (P, 2). others: (Q,) vertices of the other parts, which come behind the points.
        triangles, uv, uv_triangles, part: of the fine mesh.
    """

    coarse: NDArray[np.integer]
    corner: NDArray[np.integer]
    mix: Array
    point_uv: Array
    others: NDArray[np.integer]
    triangles: NDArray[np.int32]
    uv: NDArray[np.float32]
    uv_triangles: NDArray[np.int32]
    part: NDArray[np.uint8]

    @staticmethod
    def of(mesh: Mesh) -> Subdivision:
        """Cut the skin of a mesh."""
        skin = np.asarray(mesh.part) == mesh.part_names.index("skin")
        weights, small = _cut(CUTS)
        corner, uv_corner = mesh.triangles[skin], mesh.uv_triangles[skin]
        (first, index), (first_uv, index_uv) = (_shared(each, weights) for each in (corner, uv_corner))
        face, place = np.divmod(first, len(weights))
        uv = (weights[None, :, :, None] * mesh.uv[uv_corner][:, None]).sum(2).reshape(-1, 2)
        others, used = np.unique(mesh.triangles[~skin], return_inverse=True)
        triangles = np.concatenate([index[:, small].reshape(-1, 3), used.reshape(-1, 3) + len(first)])
        uv_triangles = np.concatenate([index_uv[:, small].reshape(-1, 3), mesh.uv_triangles[~skin] + len(first_uv)])
        return Subdivision(
            coarse=mesh.triangles,
            corner=corner[face],
            mix=weights[place],
            point_uv=uv[first],
            others=others,
            triangles=triangles.astype(np.int32),
            uv=np.concatenate([uv[first_uv], mesh.uv]).astype(np.float32),
            uv_triangles=uv_triangles.astype(np.int32),
            part=np.concatenate([np.repeat(np.asarray(mesh.part)[skin], len(small)), np.asarray(mesh.part)[~skin]]),
        )

    def corners_at(self) -> NDArray[np.int64]:
        """Where the fine mesh has the vertices (V,) of the coarse skin; 0 for those of other parts."""
        index = np.zeros(int(self.coarse.max()) + 1, np.int64)
        point, corner = np.nonzero(self.mix > 1 - 1e-6)
        index[self.corner[point, corner]] = point
        return index

    def vertices(self, coarse: Array, displacement: Maps) -> NDArray[np.float32]:
        """Round the skin of a shape (V, 3) mm (Boubekeur and Alexa 2008), displace it along its normal: (P + Q, 3).

        displacement: (HEIGHT, WIDTH) mm.
        """
        normals = vertex_normals(coarse, self.coarse)
        corners, own, mix = coarse[self.corner], normals[self.corner], self.mix[..., None]
        flat = (mix * corners).sum(1)
        onto = flat[:, None] - ((flat[:, None] - corners) * own).sum(-1, keepdims=True) * own
        points = (1 - ROUNDNESS) * flat + ROUNDNESS * (mix * onto).sum(1)
        direction = (mix * own).sum(1)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        points = points + direction * _sampled(displacement, self.point_uv)[:, None]
        return np.concatenate([points, coarse[self.others]]).astype(np.float32)

    def spread(self, values: Array) -> Array:
        """Spread values (V, C) of the coarse vertices over the fine ones: (P + Q, C)."""
        return np.concatenate([(self.mix[..., None] * values[self.corner]).sum(1), values[self.others]])


def _cut(cuts: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Barycentric places (P, 3) in a triangle whose edges are cut, and the small triangles (cuts², 3) between them."""
    rows = [(i, j) for i in range(cuts + 1) for j in range(cuts + 1 - i)]
    number = {place: k for k, place in enumerate(rows)}
    weights = np.array([(cuts - i - j, i, j) for i, j in rows]) / cuts
    small = []
    for i, j in rows:
        if i + j < cuts:
            small.append([number[i, j], number[i + 1, j], number[i, j + 1]])
        if i + j < cuts - 1:
            small.append([number[i + 1, j], number[i + 1, j + 1], number[i, j + 1]])
    return weights, np.array(small)


def _shared(corner: NDArray[np.integer], weights: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Points of cut triangles (F, 3), once each: which of all F · P they are first, and number (F, P) of each.

    What tells a point, the same on both sides of an edge, are its vertices and their shares.
    """
    share = np.broadcast_to(np.round(weights * CUTS).astype(np.int64), (len(corner), *weights.shape))
    vertex = np.where(share > 0, corner[:, None].astype(np.int64), -1)
    order = np.argsort(vertex, axis=-1)
    keys = np.concatenate([np.take_along_axis(a, order, -1) for a in (vertex, share)], -1)
    _, first, index = np.unique(keys.reshape(-1, 6), axis=0, return_index=True, return_inverse=True)
    return first, index.reshape(len(corner), len(weights))


def _sampled(displacement: Maps, uv: Array) -> Array:
    rows, columns = (1 - uv[:, 1]) * SIDE - 0.5 - TOP, uv[:, 0] * SIDE - 0.5 - LEFT
    return map_coordinates(displacement, [rows, columns], order=1, cval=0.0)
