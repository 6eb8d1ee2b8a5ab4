"""A head's mesh, subdivided and displaced: the relief as geometry."""

from __future__ import annotations

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


def displaced_mesh(mesh: Mesh, displacement: Maps) -> Mesh:
    """Cut each triangle of the skin into CUTS², round it (Boubekeur and Alexa 2008) and displace it along its normal.

    Other parts stay as they are. mesh: head frame, mm. displacement: (HEIGHT, WIDTH) mm.
    """
    skin = np.asarray(mesh.part) == mesh.part_names.index("skin")
    normals = vertex_normals(mesh.vertices, mesh.triangles)
    weights, small = _cut(CUTS)
    corner, uv_corner = mesh.triangles[skin], mesh.uv_triangles[skin]
    keys = _shared_keys(corner, weights)
    _, first, index = np.unique(keys.reshape(-1, 6), axis=0, return_index=True, return_inverse=True)
    face, place = np.divmod(first, len(weights))
    mix = weights[place][..., None]
    corners, own = mesh.vertices[corner[face]], normals[corner[face]]
    flat = (mix * corners).sum(1)
    onto = flat[:, None] - ((flat[:, None] - corners) * own).sum(-1, keepdims=True) * own
    points = (1 - ROUNDNESS) * flat + ROUNDNESS * (mix * onto).sum(1)
    direction = (mix * own).sum(1)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    uv_all = (weights[None, :, :, None] * mesh.uv[uv_corner][:, None]).sum(2).reshape(-1, 2)
    points = points + direction * _sampled(displacement, uv_all[first])[:, None]

    index = index.reshape(len(corner), len(weights))
    numbers = np.arange(len(corner) * len(weights)).reshape(len(corner), -1)
    others, used = np.unique(mesh.triangles[~skin], return_inverse=True)
    triangles = np.concatenate([index[:, small].reshape(-1, 3), used.reshape(-1, 3) + len(points)])
    uv_triangles = np.concatenate([numbers[:, small].reshape(-1, 3), mesh.uv_triangles[~skin] + len(uv_all)])
    part = np.concatenate([np.repeat(np.asarray(mesh.part)[skin], len(small)), np.asarray(mesh.part)[~skin]])
    return Mesh(
        np.concatenate([points, mesh.vertices[others]]).astype(np.float32),
        triangles.astype(np.int32),
        np.concatenate([uv_all, mesh.uv]).astype(np.float32),
        uv_triangles.astype(np.int32),
        part,
        mesh.part_names,
        mesh.texture,
    )


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


def _shared_keys(corner: NDArray[np.integer], weights: Array) -> NDArray[np.int64]:
    """What tells a point of a triangle (F, P, 6), the same on both sides of an edge: its vertices and their shares."""
    share = np.broadcast_to(np.round(weights * CUTS).astype(np.int64), (len(corner), *weights.shape))
    vertex = np.where(share > 0, corner[:, None].astype(np.int64), -1)
    order = np.argsort(vertex, axis=-1)
    sorted_pair = [np.take_along_axis(a, order, -1) for a in (vertex, share)]
    return np.concatenate(sorted_pair, -1)


def _sampled(displacement: Maps, uv: Array) -> Array:
    rows, columns = (1 - uv[:, 1]) * SIDE - 0.5 - TOP, uv[:, 0] * SIDE - 0.5 - LEFT
    return map_coordinates(displacement, [rows, columns], order=1, cval=0.0)
