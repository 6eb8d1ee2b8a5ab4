"""A mesh whose skin bends between its vertices: for pictures, where straight edges show along a skull's outline.

Vlachos et al., "Curved PN triangles", I3D 2001: an edge's middle is that of a cubic that leaves both ends along their
tangent planes. Only edges that bend visibly are cut; frames and units: conventions.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import Proxy
from facegpt.types import Array, CutMesh, Mesh

#: An edge of this part is cut where it is as long and its middle rises as far, mm: a quarter of a pixel of a head
#: 600 pixels high. Shorter edges hold the creases of lids, lips and nostrils.
PART, LONGEST_MM, RISE_MM = "skin", 6.0, 0.1
#: How many ways to cut are kept: pictures of one head share theirs.
MOST_KEPT = 4
#: The sides of a triangle by their corners, and what it is cut into, by which of them are cut (bit k: side k): corners
#: 0 to 2 are its own, 3 + k is the middle of side k.
SIDES = np.array([(0, 1), (1, 2), (2, 0)])
PIECES = {
    1: [(3, 1, 2), (3, 2, 0)],
    2: [(4, 2, 0), (4, 0, 1)],
    4: [(5, 0, 1), (5, 1, 2)],
    3: [(3, 1, 4), (3, 4, 2), (3, 2, 0)],
    6: [(4, 2, 5), (4, 5, 0), (4, 0, 1)],
    5: [(5, 0, 3), (5, 3, 1), (5, 1, 2)],
    7: [(0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)],
}


@dataclass(frozen=True, eq=False)
class Cut:
    """How a mesh is cut: its edges (E, 2) with a new vertex, and the arrays of the cut mesh, as those of `Mesh`."""

    of: tuple[NDArray, ...]
    edges: NDArray[np.int64]
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    part: NDArray[np.uint8]


_known: OrderedDict[bytes, Cut] = OrderedDict()


def rounded(mesh: Mesh) -> Mesh:
    """The mesh with a vertex more on each edge of its skin that bends; triangles stay inside their parts.

    The vertices of the mesh come first and stay where they are; one set of edges gives one set of arrays.
    """
    if PART not in mesh.part_names:
        return mesh
    normals = vertex_normals(mesh.vertices, mesh.triangles)
    corners = mesh.triangles[mesh.part == mesh.part_names.index(PART)].astype(np.int64)
    sides = corners[:, SIDES].reshape(-1, 2)
    along = mesh.vertices[sides[:, 1]] - mesh.vertices[sides[:, 0]]
    sides = sides[np.einsum("nk,nk->n", along, along) > LONGEST_MM**2]
    rise = np.linalg.norm(_falls(mesh.vertices, normals, sides), axis=1)
    bent = np.unique(_keys(sides[rise > RISE_MM], len(mesh.vertices)))
    if not len(bent):
        return mesh
    cut = _cut(mesh, bent)
    one, other = (mesh.vertices[cut.edges[:, k]] for k in (0, 1))
    middles = (one + other) / 2 - _falls(mesh.vertices, normals, cut.edges)
    vertices = np.concatenate([mesh.vertices, middles.astype(mesh.vertices.dtype)])
    arrays = vertices, cut.triangles, cut.uv, cut.uv_triangles, cut.part
    return CutMesh(*arrays, mesh.part_names, mesh.texture, mesh, cut.edges)


def rounded_with(mesh: Mesh, worn: Sequence[Proxy]) -> tuple[Mesh, tuple[Proxy, ...]]:
    """A head as `rounded` gives it, and what it wears, which tells of the head's new vertices, too."""
    found = rounded(mesh)
    edges = found.edges if isinstance(found, CutMesh) else np.zeros((0, 2), np.int64)
    return found, tuple(_on_new(proxy, edges, len(mesh.vertices)) for proxy in worn)


def _on_new(proxy: Proxy, edges: NDArray[np.int64], count: int) -> Proxy:
    """A proxy that tells of new vertices on edges (E, 2) of a head of `count` vertices what it tells of their ends."""
    if not len(edges) or len(proxy.head_open_to_light) != count:
        return proxy
    shine = None if proxy.head_shine is None else _with_middles(proxy.head_shine, edges)
    return replace(proxy, head_open_to_light=_with_middles(proxy.head_open_to_light, edges), head_shine=shine)


def _with_middles(values: Array, edges: NDArray[np.int64]) -> Array:
    """Values (V,) of vertices, and those (E,) of the middles of edges (E, 2): (V + E,)."""
    return np.concatenate([values, np.asarray(values)[edges].mean(1, dtype=np.float32)])


def _falls(vertices: Array, normals: Array, edges: NDArray) -> Array:
    """From the middles of cubics over edges (E, 2) to those of the straight ones, mm (E, 3)."""
    at_one, at_other = normals[edges[:, 0]], normals[edges[:, 1]]
    along = vertices[edges[:, 1]] - vertices[edges[:, 0]]
    falls = np.einsum("nk,nk->n", along, at_one)[:, None] * at_one
    falls -= np.einsum("nk,nk->n", along, at_other)[:, None] * at_other
    return np.asarray(falls / 8)


def _keys(pairs: NDArray, count: int) -> NDArray[np.int64]:
    """One number for each pair (..., 2) of numbers below `count`, whichever comes first."""
    wide = pairs.astype(np.int64)
    return np.asarray(wide.min(-1) * count + wide.max(-1))


def _cut(mesh: Mesh, bent: NDArray[np.int64]) -> Cut:
    """The arrays of a mesh cut at the edges of these keys (E,), sorted; those known of it already if there are."""
    own = mesh.triangles, mesh.uv, mesh.uv_triangles, mesh.part
    key = bent.tobytes()
    found = _known.get(key)
    if found is None or not all(a is b or np.array_equal(a, b) for a, b in zip(found.of, own, strict=True)):
        while len(_known) >= MOST_KEPT:
            _known.popitem(last=False)
        found = _known[key] = _cut_anew(mesh, bent)
    return found


def _cut_anew(mesh: Mesh, bent: NDArray[np.int64]) -> Cut:
    """Cut each triangle of a mesh in as many as it has edges of these keys (E,) and one more."""
    count, places = len(mesh.vertices), len(mesh.uv)
    keys = _keys(mesh.triangles[:, SIDES], count)
    at = np.minimum(np.searchsorted(bent, keys), len(bent) - 1)
    is_cut = bent[at] == keys
    seams = _keys(mesh.uv_triangles[:, SIDES], places)
    new_places, inverse = np.unique(seams[is_cut], return_inverse=True)
    seam_at = np.zeros_like(at)
    seam_at[is_cut] = inverse
    corners = np.concatenate([mesh.triangles, count + at], 1)
    texels = np.concatenate([mesh.uv_triangles, places + seam_at], 1)
    kind = is_cut @ [1, 2, 4]
    whole = kind == 0
    triangles, uv_triangles, part = [mesh.triangles[whole]], [mesh.uv_triangles[whole]], [mesh.part[whole]]
    for cuts, pieces in PIECES.items():
        of = kind == cuts
        triangles.append(corners[of][:, pieces].reshape(-1, 3))
        uv_triangles.append(texels[of][:, pieces].reshape(-1, 3))
        part.append(np.repeat(mesh.part[of], len(pieces)))
    edges = np.stack(np.divmod(bent, count), 1)
    middles = (mesh.uv[new_places // places] + mesh.uv[new_places % places]) / 2
    return Cut(
        (mesh.triangles, mesh.uv, mesh.uv_triangles, mesh.part),
        edges,
        np.concatenate(triangles).astype(mesh.triangles.dtype),
        np.concatenate([mesh.uv, middles.astype(mesh.uv.dtype)]),
        np.concatenate(uv_triangles).astype(mesh.uv_triangles.dtype),
        np.concatenate(part),
    )
