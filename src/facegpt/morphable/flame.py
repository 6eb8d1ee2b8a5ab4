"""FLAME (Li et al. 2017), the 2020 and 2023 releases, from the user's copy: .pkl, or the same arrays as .npz.

Metres in the file. The pickle is read as plain arrays and nothing in it is run (restricted_pickle.py). FLAME's joints
are root, neck, jaw and both eyes: its root is our neck, its neck our head. One thing moves one way: the jaw opens by
the unit jawOpen, so what turning the jaw does (skinning and pose blend shapes together, in radians about x and y) joins
FLAME's expression directions when the 52 ARKit units are fitted (lent/own_expressions.py); and the eyeballs turn alone,
without the pose blend shapes of the eyes. Texture coordinates are not in the file and are made (lent/cylinder_uv.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import rotation_from_rotvec
from facegpt.morphable.head_file import HeadFile, arrays_of, checked, fingerprint, need, outward
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.restricted_pickle import read_pickle
from facegpt.morphable.skinning import pose_one
from facegpt.morphable.user_files import user_file
from facegpt.types import Array, AssetError

_ARRAYS = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table")
_MM = 1000.0
#: Coefficients of shape before those of expression, where the file holds both.
_SHAPES = 300
#: FLAME's joints.
_ROOT, _NECK, _JAW, _EYES, _PARENTS = 0, 1, 2, (3, 4), (-1, 0, 1, 1, 1)
#: The angles at which turning the jaw is looked at, radians: about what jawOpen and jawLeft come to.
_OPENING, _SLIDING = 0.2, 0.12
_PART_NAMES = ("skin", "left_eye", "right_eye")


def load() -> LinearHead:
    """The FLAME head from the file that the user added. Raises AssetError if there is none: it says what to do."""
    return LinearHead(read(user_file("flame")))


def read(path: Path) -> HeadFile:
    """Read generic_model.pkl, flame2023.pkl or the same as .npz. Raises AssetError for anything else."""
    told = arrays_of(path) if path.suffix.lower() == ".npz" else read_pickle(path)
    if not isinstance(told, dict):
        raise AssetError(f"{path} is not a FLAME model: it holds no dictionary of arrays")
    faces = told.get("f", told.get("faces"))
    need(told if faces is not None else {}, ("f", *_ARRAYS) if faces is None else _ARRAYS, path, "a FLAME model")
    try:
        arrays = {name: np.asarray(told[name]) for name in _ARRAYS}
        parents = arrays["kintree_table"][0].astype(np.int64)[1:].tolist()
        if arrays["weights"].shape[1] != len(_PARENTS) or parents != list(_PARENTS[1:]):
            raise AssetError(f"{path}: its joints are not FLAME's (root, neck, jaw and two eyes)")
        return checked(_head(arrays, np.asarray(faces).astype(np.int32), _release(path, told)), path)
    except (IndexError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise AssetError(f"{path} is no whole FLAME model ({error})") from error


def _release(path: Path, told: Mapping[str, Any]) -> str:
    """The year of the release: the file says none, so its name decides; 2020 when it has none either.

    A fingerprint beside it in the model_id keeps parameters apart whatever files are called.
    """
    return "2023" if "2023" in path.name or "2023" in str(told.get("version", "")) else "2020"


def _head(arrays: Mapping[str, NDArray], faces: NDArray[np.int32], release: str) -> HeadFile:
    vertices = arrays["v_template"].astype(np.float64) * _MM
    shapes = np.moveaxis(arrays["shapedirs"].astype(np.float32), -1, 0) * _MM
    split = _SHAPES if len(shapes) > _SHAPES else len(shapes)
    regressor = arrays["J_regressor"].astype(np.float64)
    weights, poses = arrays["weights"].astype(np.float64), arrays["posedirs"].astype(np.float64) * _MM
    eyes = _eye_order(regressor @ vertices)
    part = _parts(faces, weights, eyes)
    joints = [_ROOT, _NECK, *eyes]
    centres = regressor @ vertices
    moves = np.einsum("jv,ivx->ijx", regressor, shapes[:split])
    expression = np.concatenate([shapes[split:], _jaw_directions(vertices, centres, weights, poses)])
    return HeadFile(
        model_id=f"flame/{release}-{fingerprint(vertices, shapes)}",
        vertices=vertices.astype(np.float32),
        identity=shapes[:split],
        triangles=outward(faces, vertices, part == 0),
        part=part,
        part_names=_PART_NAMES,
        expression=expression.astype(np.float32),
        joint_centres=centres[joints],
        joint_basis=moves[:, joints],
        skin_weights=_skin_weights(weights, eyes),
        pose_basis=_pose_basis(poses),
    )


def _eye_order(centres: Array) -> tuple[int, int]:
    """FLAME's numbers of the subject's left and right eye."""
    one, other = _EYES
    return (one, other) if centres[one, 0] > centres[other, 0] else (other, one)


def _parts(faces: NDArray[np.int32], weights: Array, eyes: tuple[int, int]) -> NDArray[np.uint8]:
    part = np.zeros(len(faces), np.uint8)
    for index, eye in enumerate(eyes, 1):
        part[(weights[:, eye] > 0.5)[faces].all(1)] = index
    return part


def _skin_weights(weights: Array, eyes: tuple[int, int]) -> NDArray[np.float32]:
    """(V, 4) for neck, head and eyes: what follows the jaw follows the head; eyeballs follow their joints alone."""
    own = np.zeros((len(weights), 4))
    own[:, 0] = weights[:, _ROOT]
    own[:, 1] = 1 - weights[:, _ROOT]
    for row, eye in enumerate(eyes, 2):
        own[weights[:, eye] > 0.5] = np.eye(4)[row]
    return own.astype(np.float32)


def _jaw_directions(vertices: Array, centres: Array, weights: Array, poses: Array) -> Array:
    """What turning the jaw of the mean head does, (2, V, 3) mm per radian: opening about x, sliding about y.

    Opening is taken at the angle of an open mouth, so that the unit is right there; sliding is the mean of both sides.
    """

    def turned(turn: tuple[float, float, float]) -> Array:
        rotvecs = np.zeros((len(_PARENTS), 3))
        rotvecs[_JAW] = turn
        features = (rotation_from_rotvec(turn) - np.eye(3)).ravel()
        start = 9 * (_JAW - 1)  # the root has no pose blend shapes
        shaped = vertices + poses[..., start : start + 9] @ features
        moved = pose_one(shaped, centres, rotvecs, _PARENTS, np.ascontiguousarray(weights.T))
        return moved - vertices

    sliding = turned((0.0, _SLIDING, 0.0)) - turned((0.0, -_SLIDING, 0.0))
    return np.stack([turned((_OPENING, 0.0, 0.0)) / _OPENING, sliding / (2 * _SLIDING)])


def _pose_basis(poses: Array) -> Array | None:
    """(4, 9, V, 3) mm: the pose blend shapes of FLAME's neck, for our head."""
    neck = np.moveaxis(poses[..., 9 * (_NECK - 1) : 9 * _NECK], -1, 0)
    if not neck.any():
        return None
    basis = np.zeros((4, 9, *poses.shape[:2]), np.float32)
    basis[1] = neck
    return basis
