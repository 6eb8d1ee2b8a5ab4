"""GNM Head (Google, 2026; Apache-2.0) from the user's copy of gnm_head.npz, version 3.

Metres in the file. Identity is whitened; expressions are unlabelled directions by region (eyes, lower face with the jaw
inside, tongue, pupils), so the 52 ARKit units are fitted in them (lent/own_expressions.py). Its joints are ours:
neck, head and both eyes. Landmarks are not in the file and are carried over from the default head.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.head_file import HeadFile, arrays_of, checked, need, outward
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.user_files import user_file
from facegpt.types import Array, AssetError

_ARRAYS = (
    *("version", "template_vertex_positions", "template_joint_positions", "vertex_identity_basis"),
    *("joint_identity_basis", "expression_basis", "joint_names", "joint_parent_indices", "skinning_weights"),
    *("triangles", "triangle_uvs", "pose_correctives_regressor", "vertex_groups", "vertex_group_names"),
)
_JOINTS = ("neck", "head", "left_eye", "right_eye")
_MM = 1000.0
#: Our parts by the vertex groups that they may be called in the file; the first that claims a triangle has it.
_GROUPS: dict[str, tuple[str, ...]] = {
    **{"left_eye": ("left_eye",), "right_eye": ("right_eye",), "tongue": ("tongue",)},
    **{"upper_teeth": ("upper_teeth_and_gums", "upper_teeth"), "lower_teeth": ("lower_teeth_and_gums", "lower_teeth")},
    **{"mouth": ("mouth_sock",), "skin": ("skin",)},
}


def load() -> LinearHead:
    """The GNM head from the file that the user added. Raises AssetError if there is none: it says what to do."""
    return LinearHead(read(user_file("gnm")))


def read(path: Path) -> HeadFile:
    """Read gnm_head.npz. Raises AssetError for anything else."""
    arrays = arrays_of(path)
    need(arrays, _ARRAYS, path, "a GNM head (gnm_head.npz)")
    names = tuple(str(name) for name in arrays["joint_names"])
    if names != _JOINTS:
        raise AssetError(f"{path}: its joints are {', '.join(names)}; the variant 'head' of GNM is needed")
    try:
        return checked(_head(arrays), path)
    except (IndexError, KeyError, ValueError) as error:
        raise AssetError(f"{path} is no whole GNM head ({error})") from error


def _head(arrays: Mapping[str, NDArray]) -> HeadFile:
    vertices = arrays["template_vertex_positions"].astype(np.float32) * _MM
    part, part_names = _parts(arrays)
    skin = part == part_names.index("skin")
    triangles = arrays["triangles"].astype(np.int32)
    turned = outward(triangles, vertices, skin)
    corners = arrays["triangle_uvs"] if turned is triangles else arrays["triangle_uvs"][:, ::-1]
    weights = arrays["skinning_weights"].T.astype(np.float32)
    uv, uv_triangles = _shared(corners)
    return HeadFile(
        model_id=f"gnm/{str(arrays['version']).split('.')[0]}",
        vertices=vertices,
        identity=arrays["vertex_identity_basis"].astype(np.float32) * _MM,
        triangles=turned,
        part=part,
        part_names=part_names,
        expression=arrays["expression_basis"].astype(np.float32) * _MM,
        uv=uv,
        uv_triangles=uv_triangles,
        joint_centres=arrays["template_joint_positions"].astype(np.float64) * _MM,
        joint_basis=arrays["joint_identity_basis"].astype(np.float64) * _MM,
        skin_weights=_eyes_apart(weights, turned, part, part_names),
        pose_basis=_pose_basis(arrays["pose_correctives_regressor"], len(vertices)),
    )


def _parts(arrays: Mapping[str, NDArray]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Part (F,) of each triangle, by the vertex groups; what belongs to no group is skin."""
    rows = {str(name): row for row, name in enumerate(arrays["vertex_group_names"])}
    triangles = arrays["triangles"]
    names = list(_GROUPS)
    part = np.full(len(triangles), names.index("skin"), np.uint8)
    free = np.ones(len(triangles), bool)
    for index, (_, groups) in enumerate(_GROUPS.items()):
        group = next((name for name in groups if name in rows), None)
        if group is not None:
            inside = (arrays["vertex_groups"][rows[group]] > 0.5)[triangles].all(1) & free
            part[inside], free = index, free & ~inside
    return part, tuple(names)


def _eyes_apart(
    weights: Array, triangles: NDArray[np.int32], part: NDArray[np.uint8], part_names: tuple[str, ...]
) -> NDArray[np.float32]:
    """Skin weights (V, 4) in which eyeballs follow their joints alone, and nothing else follows these."""
    own = np.array(weights, np.float32)
    own[:, 1] += own[:, 2:].sum(1)
    own[:, 2:] = 0
    for row, name in enumerate(_JOINTS[2:], 2):
        own[np.unique(triangles[part == part_names.index(name)])] = np.eye(4, dtype=np.float32)[row]
    return own / own.sum(1, keepdims=True)


def _pose_basis(regressor: NDArray, count: int) -> Array | None:
    """(4, 9, V, 3) mm for turns of neck and head; None where the file has zeros. Eyes move nothing but themselves."""
    if regressor.ndim != 2 or not regressor.any():
        return None
    basis = regressor.reshape(4, 9, count, 3).astype(np.float32) * _MM
    basis[2:] = 0
    return basis


def _shared(corners: NDArray) -> tuple[Array | None, NDArray[np.int32] | None]:
    """Texture coordinates by corner (F, 3, 2) as (U, 2) and (F, 3); None where they leave the unit square."""
    flat = np.asarray(corners, np.float32).reshape(-1, 2)
    if flat.min() < 0 or flat.max() > 1:
        return None, None
    uv, index = np.unique(flat, axis=0, return_inverse=True)
    return uv, index.reshape(-1, 3).astype(np.int32)
