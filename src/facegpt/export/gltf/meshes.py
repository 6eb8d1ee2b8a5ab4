"""Meshes of a glTF file: the head's own, one primitive a material, and those that it wears."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf.buffer import FLOAT, UINT8, VERTEX_DATA, Buffer
from facegpt.export.gltf.materials import has_relief, is_glass
from facegpt.export.gltf.tangents import tangents_of
from facegpt.export.materials import SKIN, Group, material_of
from facegpt.export.targets import Targets, worn_moves
from facegpt.morphable.proxies import Proxy
from facegpt.types import Array, Mesh

#: Vertex colour of hair that no light from around reaches.
_DARKEST = 0.25
#: What 1 is in 16 bits.
_WHOLE = 65535


def add_face_mesh(buffer: Buffer, targets: Targets, groups: dict[int, Group]) -> dict[str, Any]:
    """The mesh of all that moves: one primitive a group (by the number of its material), all with the same targets."""
    head = targets.head
    extras = {
        "targetNames": targets.names,
        "photoWeights": np.asarray(targets.weights, np.float64).round(5).tolist(),
        "photoJointRotations": np.asarray(head.joint_rotations, np.float64).round(5).tolist(),
    }
    primitives = []
    for material, group in groups.items():
        vertex, primitive = _primitive(buffer, targets, group, material)
        primitives.append({**primitive, "targets": _targets(buffer, targets, vertex)})
    return {"name": head.name, "primitives": primitives, "weights": [0.0] * len(targets.names), "extras": extras}


def add_still_mesh(buffer: Buffer, targets: Targets, group: Group, material: int) -> dict[str, Any]:
    """The mesh of a group that no target moves."""
    return {"name": group.name, "primitives": [_primitive(buffer, targets, group, material)[1]]}


def add_worn_mesh(buffer: Buffer, targets: Targets, proxy: Proxy, materials: dict[str, int]) -> dict[str, Any]:
    """The mesh of hair, a beard, glasses or a cornea of the person at rest.

    materials: name → number, in their order. What the skin carries along has the face's targets, without normals.
    """
    if proxy.surfaces:
        primitives = [_of_surface(buffer, proxy, name, number) for name, number in materials.items()]
        return {"name": proxy.name, "primitives": primitives}
    (material,) = materials.values()
    vertex, uv, index = _split_at_seams(proxy.mesh.triangles, proxy.mesh.uv_triangles)
    weights = np.asarray(proxy.skin_weights)[vertex]
    places, normals = proxy.rest_vertices[vertex], proxy.rest_normals[vertex]
    glass = is_glass(proxy)
    attributes = _attributes(buffer, places, normals, None if glass else proxy.mesh.uv[uv], weights, short=not glass)
    if not glass:
        left = (_DARKEST + (1 - _DARKEST) * np.asarray(proxy.open_to_light)[vertex])[:, None]
        shown = left * (np.ones(3) if proxy.tint is None else np.asarray(proxy.tint)[vertex])
        color = np.round(255 * np.pad(shown, ((0, 0), (0, 1)), constant_values=1.0)).astype(np.uint8)
        attributes["COLOR_0"] = buffer.dense(color, UINT8, "VEC4", VERTEX_DATA)
        buffer.accessors[-1]["normalized"] = True
    if proxy.relief is not None:
        tangents = tangents_of(places, normals, proxy.mesh.uv[uv], index)
        attributes["TANGENT"] = buffer.dense(tangents, FLOAT, "VEC4", VERTEX_DATA)
    indices = buffer.indices(index, len(vertex))
    primitive = {"attributes": attributes, "indices": indices, "material": material}
    moves = worn_moves(targets.head, proxy)
    if moves is None:
        return {"name": proxy.name, "primitives": [primitive]}
    primitive["targets"] = _worn_targets(buffer, moves[:, vertex])
    extras = {"targetNames": targets.names}
    return {"name": proxy.name, "primitives": [primitive], "weights": [0.0] * len(moves), "extras": extras}


def _worn_targets(buffer: Buffer, moves: Array) -> list[dict[str, int]]:
    """Targets of moves (T, N, 3) mm; all that move nothing share one accessor."""
    still: list[int] = []
    found = []
    for move in moves / np.float32(1000):
        if not move.any() and not still:
            still.append(buffer.moves(move, limits=True))
        found.append({"POSITION": buffer.moves(move, limits=True) if move.any() else still[0]})
    return found


def _of_surface(buffer: Buffer, proxy: Proxy, name: str, material: int) -> dict[str, Any]:
    """The primitive of all parts of glasses that share a surface."""
    parts = [k for k, surface in enumerate(proxy.surfaces) if surface.name == name]
    vertex, index = np.unique(proxy.mesh.triangles[np.isin(proxy.mesh.part, parts)], return_inverse=True)
    weights = np.asarray(proxy.skin_weights)[vertex]
    attributes = _attributes(buffer, proxy.rest_vertices[vertex], proxy.rest_normals[vertex], None, weights)
    indices = buffer.indices(index.ravel(), len(vertex))
    return {"attributes": attributes, "indices": indices, "material": material}


def skin_vertices(mesh: Mesh) -> NDArray[np.int64]:
    """The head's vertex that each vertex of the file's first primitive, the skin, is a copy of: (N,)."""
    skin = [k for k, part in enumerate(mesh.part_names) if material_of(part) == SKIN]
    mask = np.isin(mesh.part, skin)
    return np.asarray(_split_at_seams(mesh.triangles[mask], mesh.uv_triangles[mask])[0], np.int64)


def _primitive(
    buffer: Buffer, targets: Targets, group: Group, material: int
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """The head's vertex that each of the primitive's N vertices is a copy of, and the primitive at rest."""
    head: HeadExport = targets.head
    vertex, uv, index = _split_at_seams(head.triangles[group.triangles], head.uv_triangles[group.triangles])
    weights = np.asarray(head.skin_weights)[vertex]
    places, normals = head.neutral[vertex], targets.rest_normals[vertex]
    attributes = _attributes(buffer, places, normals, head.uv[uv], weights)
    if has_relief(head, group):
        tangents = tangents_of(places, normals, head.uv[uv], index)
        attributes["TANGENT"] = buffer.dense(tangents, FLOAT, "VEC4", VERTEX_DATA)
    return vertex, {"attributes": attributes, "indices": buffer.indices(index, len(vertex)), "material": material}


def _targets(buffer: Buffer, targets: Targets, vertex: NDArray[np.int64]) -> list[dict[str, int]]:
    """The targets of a primitive; all that don't move it share one accessor of zeros."""
    moves = _moved_rows(targets.moves, targets.moving, vertex, 1000)
    turns = _moved_rows(targets.turns, targets.turning, vertex, 1)
    still: list[int] = []

    def accessor(moved: NDArray[np.intp], rows: Array, limits: bool) -> int:
        if not len(moved) and still:
            return still[0]
        index = buffer.moved_rows(moved, rows, len(vertex), limits or not len(moved))
        still.extend([] if len(moved) else [index])
        return index

    return [
        {"POSITION": accessor(*move, limits=True), "NORMAL": accessor(*turn, limits=False)}
        for move, turn in zip(moves, turns, strict=True)
    ]


def _moved_rows(
    values: Array, there: NDArray[np.bool_], vertex: NDArray[np.int64], unit: float
) -> list[tuple[NDArray[np.intp], Array]]:
    """For each target the rows of a primitive's (N,) vertices that it changes, and by how much: (M,), (M, 3).

    Args:
        values: (T, V, 3) of the head's vertices.
        there: (T, V) which of them are not zero.
        vertex: (N,) the head's vertex that each of the primitive's is a copy of.
        unit: what values are divided by.
    """
    target, row = np.nonzero(there[:, vertex])
    rows = values[target, vertex[row]] / np.float32(unit)
    ends = np.searchsorted(target, np.arange(len(values) + 1)).tolist()
    return [(row[start:end], rows[start:end]) for start, end in pairwise(ends)]


def _split_at_seams(triangles: NDArray[Any], uv_triangles: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """(N,) vertex and (N,) texture coordinate of each vertex of the file, and the file's indices (3 F,).

    glTF has one index for all: a vertex on a texture seam is written once for each of its texture coordinates.
    """
    coordinates = int(uv_triangles.max(initial=0)) + 1
    corners = triangles.ravel().astype(np.int64) * coordinates + uv_triangles.ravel()
    pairs, index = np.unique(corners, return_inverse=True)
    return pairs // coordinates, pairs % coordinates, index.ravel()


def _attributes(
    buffer: Buffer, places: Array, normals: Array, uv: Array | None, skin_weights: Array, short: bool = False
) -> dict[str, int]:
    """Write what every vertex has (N rows each): places in mm, normals, v-up texture coordinates if any, joints.

    short: weights and texture coordinates in 16 bits, as glTF allows: hair has many vertices.
    """
    joints, weights = _four_joints(np.asarray(skin_weights))
    shares = _whole_shares(weights) if short else None
    if shares is not None:
        joints = np.where(shares > 0, joints, 0).astype(joints.dtype)  # too little for 16 bits: no joint
    attributes = {
        "POSITION": buffer.dense(np.asarray(places / 1000, "<f4"), FLOAT, "VEC3", VERTEX_DATA, limits=True),
        "NORMAL": buffer.dense(np.asarray(normals, "<f4"), FLOAT, "VEC3", VERTEX_DATA),
        "JOINTS_0": buffer.dense(joints, UINT8, "VEC4", VERTEX_DATA),
    }
    if shares is not None:
        attributes["WEIGHTS_0"] = buffer.shares(shares, "VEC4", VERTEX_DATA)
    else:
        attributes["WEIGHTS_0"] = buffer.dense(weights, FLOAT, "VEC4", VERTEX_DATA)
    if uv is not None:
        flipped = np.stack([uv[:, 0], 1 - uv[:, 1]], 1).astype("<f4")
        if short:
            whole = np.round(np.clip(flipped, 0, 1) * _WHOLE).astype("<u2")
            attributes["TEXCOORD_0"] = buffer.shares(whole, "VEC2", VERTEX_DATA)
        else:
            attributes["TEXCOORD_0"] = buffer.dense(flipped, FLOAT, "VEC2", VERTEX_DATA)
    return attributes


def _whole_shares(weights: Array) -> NDArray[np.uint16]:
    """Weights (N, 4) as whole numbers that sum to 65535: what is lost by rounding down goes to the first, largest."""
    whole = np.floor(np.asarray(weights, np.float64) * _WHOLE).astype(np.int64)
    whole[:, 0] += _WHOLE - whole.sum(1)
    return whole.astype("<u2")


def _four_joints(weights: Array) -> tuple[NDArray[np.uint8], Array]:
    """Keep the four strongest joints of each vertex: (N, J) → indices (N, 4) uint8, weights (N, 4) summing to 1.

    An unused slot has joint 0 and weight 0, as glTF wants it.
    """
    padded = np.pad(np.asarray(weights, np.float64), ((0, 0), (0, max(0, 4 - weights.shape[1]))))
    joints = np.argsort(-padded, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(padded, joints, 1)
    kept = (kept / kept.sum(1, keepdims=True)).astype("<f4")
    return np.where(kept > 0, joints, 0).astype(np.uint8), kept
