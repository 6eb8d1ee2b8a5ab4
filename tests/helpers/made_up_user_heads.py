"""Files in the formats of other head models, made up from the default head: the truth of every place on them is known.

Each mean head is the default head's, stretched and moved by known amounts, so that vertex k of the file is a known
vertex of the default head. Array names, shapes and units are those of the real files; there are few modes.
"""

from __future__ import annotations

import os
import pickle
import sys
import types
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.io import savemat

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.morphable.makehuman import head as makehuman

#: How the made-up mean heads differ from the default head's: factors of x, y, z, and where the origin is, mm.
STRETCH, SHIFT = np.array([0.97, 1.03, 1.02]), np.array([0.0, 17.0, 9.0])
IDENTITY, EXPRESSION = 4, 24
EYES = ("left_eye", "right_eye")


@dataclass(frozen=True)
class MadeUp:
    """Geometry of a file: vertices (V, 3) mm in its own frame, and the vertex of the default head that each is."""

    vertices: NDArray
    own: NDArray[np.intp]
    triangles: NDArray[np.int32]
    uv_triangles: NDArray[np.int32]
    part: list[str]
    identity: NDArray
    expression: NDArray


@cache
def default():
    return makehuman.load()


def stretched(points: NDArray) -> NDArray:
    return np.asarray(points, np.float64) * STRETCH + SHIFT


@cache
def made_up(*parts: str) -> MadeUp:
    """Some parts of the stretched default head, with a few modes: its own first, and mixtures of its units."""
    own = default()
    names = np.array(own.part_names)[own.part]
    rows = np.isin(names, parts)
    used, inverse = np.unique(own.triangles[rows], return_inverse=True)
    stiff = np.isin(used, own.triangles[np.isin(names, EYES)])
    mixture = np.random.default_rng(0).normal(size=(EXPRESSION // 2, len(ARKIT_NAMES))) * 0.15
    mixture *= [0.0 if name.endswith("Right") or name.startswith("jaw") else 1.0 for name in ARKIT_NAMES]
    mixture = np.concatenate([mixture, mixture[:, [ARKIT_NAMES.index(mirror_arkit_name(n)) for n in ARKIT_NAMES]]])
    expression = np.tensordot(mixture, own.expression_basis[:, used], 1) * np.where(stiff, 0, 1)[:, None]
    return MadeUp(
        stretched(own.mean_vertices[used]),
        used,
        inverse.reshape(-1, 3).astype(np.int32),
        own.uv_triangles[rows],
        list(names[rows]),
        own.identity_basis[:IDENTITY, used].astype(np.float64),
        expression,
    )


WHOLE = ("skin", "mouth", "left_socket", "right_socket", "upper_teeth", "lower_teeth", "tongue")


def write_ict(folder: Path) -> Path:
    head = made_up(*WHOLE, "lashes", *EYES)
    own, first = default(), head.triangles[:, 0]
    middle = head.vertices[head.triangles].mean(1)
    left = middle[:, 0] > 0
    kinds = {"mouth": "mouth_socket", "left_socket": "eye_socket_L", "right_socket": "eye_socket_R"}
    kinds |= {"tongue": "gums_tongue", "upper_teeth": "teeth", "lower_teeth": "teeth"}
    kinds |= {"left_eye": "iris_L", "right_eye": "iris_R"}
    part = [kinds.get(name, name) for name in head.part]
    part = [{"skin": "face" if z > 0 else "head_neck", "lashes": "eyelashes_L" if s else "eyelashes_R"}.get(p, p)
            for p, z, s in zip(part, middle[:, 2], left, strict=True)]  # fmt: skip
    names = sorted(set(part))
    number = np.arange(len(head.vertices))
    lower = np.unique(head.triangles[np.array(head.part) == "lower_teeth"])
    number[lower] += 19247
    expressions = {}
    for name, unit in zip(ARKIT_NAMES, own.expression_basis[:, head.own].astype(np.float64), strict=True):
        if name in ("browInnerUp", "cheekPuff"):
            for side, chosen in (("L", head.vertices[:, 0] > 0), ("R", head.vertices[:, 0] <= 0)):
                expressions[f"{name}_{side}"] = unit * chosen[:, None]
        elif name != "tongueOut":
            expressions[name.replace("Left", "_L").replace("Right", "_R") if "jaw" not in name and name not in
                        ("mouthLeft", "mouthRight") else name] = unit  # fmt: skip
    scale = 10.0
    tile = np.array([{"head_neck": 1, "gums_tongue": 2, "teeth": 3}.get(p, 0) for p in part])
    corners = own.uv[head.uv_triangles] + np.stack([tile, 0 * tile], 1)[:, None]
    uv, uv_triangles = np.unique(corners.reshape(-1, 2), axis=0, return_inverse=True)
    centres = own.arrays["joint_centres"][2:]
    path = folder / "ict_facekit.npz"
    np.savez(
        path,
        mean_vertices=head.vertices.astype(np.float32),
        triangles=head.triangles,
        uv=uv.astype(np.float32),
        uv_triangles=uv_triangles.reshape(-1, 3).astype(np.int32),
        part_id=np.array([names.index(p) for p in part], np.uint8),
        part_names=np.array(names),
        identity_basis=head.identity.astype(np.float16),
        identity_scale=np.float32(1.0),
        identity_sigma=np.ones(IDENTITY, np.float32),
        expression_basis=(np.stack(list(expressions.values())) / scale).astype(np.float32),
        expression_scale=np.float32(scale),
        expression_names=np.array(list(expressions)),
        eyeball_centre=stretched(centres).astype(np.float32),
        source_vertex_index=number.astype(np.int32),
    )
    assert len(first)
    return path


def _weights(head: MadeUp) -> NDArray:
    """(V, 4) neck, head and eyes."""
    return default().skin_weights[head.own].astype(np.float64)


def write_gnm(folder: Path, **changes) -> Path:
    head = made_up(*WHOLE, *EYES)
    own, vertices = default(), head.vertices / 1000
    part = np.array(head.part)
    groups = {"skin": ("skin", "left_socket", "right_socket"), "mouth_sock": ("mouth",), "tongue": ("tongue",)}
    groups |= {"upper_teeth_and_gums": ("upper_teeth",), "lower_teeth_and_gums": ("lower_teeth",)}
    groups |= {name: (name,) for name in EYES}
    member = np.zeros((len(groups), len(vertices)), np.float32)
    for row, members in enumerate(groups.values()):
        member[row, np.unique(head.triangles[np.isin(part, members)])] = 1.0
    arrays = {
        "version": np.array("3.0"),
        "variant": np.array("head"),
        "template_vertex_positions": vertices.astype(np.float32),
        "template_joint_positions": stretched(own.arrays["joint_centres"]).astype(np.float32) / 1000,
        "vertex_identity_basis": (head.identity / 1000).astype(np.float32),
        "joint_identity_basis": own.arrays["joint_basis"][:IDENTITY].astype(np.float32) / 1000,
        "expression_basis": (head.expression / 1000).astype(np.float32),
        "identity_names": np.array([f"head_{k:03d}" for k in range(IDENTITY)]),
        "joint_names": np.array(["neck", "head", "left_eye", "right_eye"]),
        "expression_names": np.array([f"lower_face_region_{k:03d}" for k in range(EXPRESSION)]),
        "joint_parent_indices": np.array([0, 0, 1, 1]),
        "skinning_weights": _weights(head).T.astype(np.float32),
        "quads": np.zeros((0, 4), np.int32),
        "triangles": head.triangles,
        "quad_uvs": np.zeros((0, 4, 2), np.float32),
        "triangle_uvs": own.uv[head.uv_triangles],
        "mesh_component_names": np.array(["skin"]),
        "mirror_indices": np.arange(len(vertices)),
        "joint_regressor": np.zeros((4, len(vertices)), np.float32),
        "pose_correctives_regressor": np.zeros((36, 3 * len(vertices)), np.float32),
        "bone_aligned_template_joint_orientations": np.tile(np.eye(3), (4, 1, 1)),
        "vertex_groups": member,
        "vertex_group_names": np.array(list(groups)),
        **changes,
    }
    path = folder / "gnm_head.npz"
    np.savez(path, **arrays)
    return path


def flame_arrays() -> dict[str, object]:
    """The dictionary of a FLAME file: metres, shapes before expressions, root, neck, jaw and two eyes."""
    head = made_up("skin", *EYES)
    four, vertices = _weights(head), head.vertices / 1000
    count = len(vertices)
    jaw = np.clip((head.vertices[:, 2] - 30) / 40, 0, 1) * np.clip((-20 - head.vertices[:, 1]) / 30, 0, 1)
    jaw *= four[:, 1]
    weights = np.stack([four[:, 0], four[:, 1] - jaw, jaw, four[:, 2], four[:, 3]], 1)
    centres = stretched(default().arrays["joint_centres"])
    centres = np.stack([centres[0], centres[1], stretched(np.array([0, -8, 12.0])), centres[2], centres[3]]) / 1000
    shapes = np.zeros((count, 3, 300 + EXPRESSION))
    shapes[..., :IDENTITY] = np.moveaxis(head.identity, 0, -1) / 1000
    shapes[..., 300:] = np.moveaxis(head.expression, 0, -1) / 1000
    posedirs = np.zeros((count, 3, 36))
    rng, moves = np.random.default_rng(1), (1 - four[:, 2:].sum(1))[:, None, None]
    posedirs[..., :9] = rng.normal(size=(count, 3, 9)) * 1e-4 * moves  # of the neck
    posedirs[:, 1, [9 + 5, 9 + 7]] = (
        (vertices[:, [1]] - vertices[:, 1].max()) * 0.01 * moves[:, 0]
    )  # of the jaw's pitch
    return {
        "v_template": vertices,
        "f": head.triangles.astype(np.uint32),
        "shapedirs": shapes,
        "posedirs": posedirs,
        "J_regressor": sparse.csc_matrix(_regressor(vertices, centres, weights)),
        "weights": weights,
        "kintree_table": np.array([[4294967295, 0, 1, 1, 1], [0, 1, 2, 3, 4]], np.uint32),
        "bs_style": "lbs",
        "bs_type": "lrotmin",
    }


def _regressor(vertices: NDArray, centres: NDArray, weights: NDArray) -> NDArray:
    """(5, V) rows that give the centres of the mean head; the eyes' are made of their own vertices."""
    rows = []
    for joint, centre in enumerate(centres):
        chosen = np.flatnonzero(weights[:, joint] > 0.5) if joint > 2 else np.arange(0, len(vertices), 7)
        system = np.vstack([vertices[chosen].T, np.ones(len(chosen))])
        row = np.zeros(len(vertices))
        row[chosen] = np.linalg.lstsq(system, [*centre, 1.0], rcond=None)[0]
        rows.append(row)
    return np.stack(rows)


class ChumpyPickler:
    """Writes arrays as FLAME's files have them: objects of the module chumpy, which need not be installed."""

    def __init__(self) -> None:
        module = types.ModuleType("chumpy.ch")

        class Ch:
            def __init__(self, x):
                self.x = x

        Ch.__module__, Ch.__qualname__ = "chumpy.ch", "Ch"
        module.Ch = Ch
        self.modules = {"chumpy": types.ModuleType("chumpy"), "chumpy.ch": module}
        self.wrap = Ch

    def dumps(self, value: object) -> bytes:
        sys.modules.update(self.modules)
        try:
            return pickle.dumps(value, protocol=2)
        finally:
            for name in self.modules:
                sys.modules.pop(name)


def write_flame(folder: Path, name: str = "generic_model.pkl") -> Path:
    arrays, path = flame_arrays(), folder / name
    if path.suffix == ".npz":
        arrays["J_regressor"] = arrays["J_regressor"].toarray()
        np.savez(path, **arrays)
        return path
    writer = ChumpyPickler()
    for key in ("v_template", "shapedirs", "posedirs"):
        arrays[key] = writer.wrap(arrays[key])
    path.write_bytes(writer.dumps(arrays))
    return path


def _face_parts() -> MadeUp:
    return made_up("skin", "mouth")


def write_bfm_2009(folder: Path) -> Path:
    head, path = _face_parts(), folder / "01_MorphableModel.mat"
    basis, spread = _orthonormal(head.identity)
    savemat(
        path,
        {
            "shapeMU": head.vertices.reshape(-1, 1).astype(np.float32) * 1000,
            "shapePC": basis.astype(np.float32),
            "shapeEV": spread[:, None].astype(np.float32) * 1000,
            "texMU": np.full((head.vertices.size, 1), 128, np.float32),
            "tl": (head.triangles[:, ::-1] + 1).astype(np.float64),
        },
    )
    return path


def write_bfm_2017(folder: Path) -> Path:
    import h5py

    head, path = _face_parts(), folder / "model2017-1_face12_nomouth.h5"
    identity, spread = _orthonormal(head.identity)
    basis, feeling = _orthonormal(head.expression)
    with h5py.File(path, "w") as file:
        file["shape/model/mean"] = head.vertices.ravel().astype(np.float32)
        file["shape/model/pcaBasis"] = identity.astype(np.float32)
        file["shape/model/pcaVariance"] = (spread**2).astype(np.float32)
        file["expression/model/mean"] = (basis @ (feeling * np.linspace(-0.5, 0.5, len(feeling)))).astype(np.float32)
        file["expression/model/pcaBasis"] = basis.astype(np.float32)
        file["expression/model/pcaVariance"] = (feeling**2).astype(np.float32)
        file["shape/representer/cells"] = head.triangles.T.astype(np.int32)
        file["color/model/mean"] = np.full(head.vertices.size, 0.5, np.float32)
    return path


def _orthonormal(modes: NDArray) -> tuple[NDArray, NDArray]:
    """Columns (3 V, N) and SDs (N,) mm that span the same space."""
    left, values, _ = np.linalg.svd(modes.reshape(len(modes), -1).T, full_matrices=False)
    return left, values


WRITERS = {"ict": write_ict, "gnm": write_gnm, "flame": write_flame, "bfm": write_bfm_2009}


class _Evil:
    """Pickled as a command to be run."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def evil_pickle(command: str) -> bytes:
    """A pickle that runs a command wherever it is unpickled without care."""
    return pickle.dumps({"v_template": _Evil(command)})
