"""The Basel Face Model, 2009 (.mat; Paysan et al.), 2017 and 2019 (.h5; Gerig et al.), from the user's copy.

The 2009 file is in micrometres and has no expressions: its 52 units are the default head's, carried over. Those of 2017
and 2019 are in millimetres and have expression directions, in which the units are fitted (lent/own_expressions.py);
their rest face is the mean of shape alone, so that the mean of expression is taken off. No release has eyeballs, joints
or texture coordinates: joints are the default head's, coordinates are made (lent/cylinder_uv.py). Its own colours are
not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from facegpt.morphable.head_file import HeadFile, checked, fingerprint, need, outward
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.user_files import user_file
from facegpt.runtime.extras import needed
from facegpt.types import Array, AssetError

_MAT_ARRAYS = ("shapeMU", "shapePC", "shapeEV", "tl")
_H5_ARRAYS = tuple(
    [f"shape/model/{name}" for name in ("mean", "pcaBasis", "pcaVariance")]
    + [f"expression/model/{name}" for name in ("mean", "pcaBasis", "pcaVariance")]
    + ["shape/representer/cells"]
)
_MICROMETRES = 1000.0


def load() -> LinearHead:
    """The Basel head from the file that the user added. Raises AssetError if there is none: it says what to do."""
    return LinearHead(read(user_file("bfm")))


def read(path: Path) -> HeadFile:
    """Read 01_MorphableModel.mat or model2017/2019….h5. Raises AssetError for anything else."""
    if path.suffix.lower() in (".h5", ".hdf5"):
        arrays = _h5_arrays(path)
        need(arrays, _H5_ARRAYS, path, "a Basel Face Model of 2017 or 2019")
        make = _of_2017
    else:
        arrays = _mat_arrays(path)
        need(arrays, _MAT_ARRAYS, path, "the Basel Face Model of 2009 (01_MorphableModel.mat)")
        make = _of_2009
    try:
        return checked(make(arrays, path), path)
    except (IndexError, KeyError, ValueError, TypeError) as error:
        raise AssetError(f"{path} is no whole Basel Face Model ({error})") from error


def _mat_arrays(path: Path) -> dict[str, Any]:
    try:
        return loadmat(path, variable_names=_MAT_ARRAYS)
    except Exception as error:  # scipy's reader trusts the file: damage comes up as nearly any kind
        raise AssetError(f"{path} cannot be read as a MATLAB file of arrays ({error})") from error


def _h5_arrays(path: Path) -> dict[str, NDArray]:
    h5py = needed("h5py", f"{path} is an HDF5 file; reading it")
    try:
        with h5py.File(path, "r") as file:
            return {name: np.asarray(file[name]) for name in _H5_ARRAYS if name in file}
    except (OSError, ValueError, TypeError) as error:
        raise AssetError(f"{path} cannot be read as an HDF5 file ({error})") from error


def _of_2009(arrays: Mapping[str, Any], path: Path) -> HeadFile:
    vertices = np.asarray(arrays["shapeMU"], np.float64).reshape(-1, 3) / _MICROMETRES
    spread = np.asarray(arrays["shapeEV"], np.float32).ravel() / _MICROMETRES
    faces = np.asarray(arrays["tl"]).astype(np.int32) - 1  # MATLAB counts from 1
    return _face("bfm/2009", vertices, _modes(arrays["shapePC"], spread), faces)


def _of_2017(arrays: Mapping[str, NDArray], path: Path) -> HeadFile:
    vertices = arrays["shape/model/mean"].astype(np.float64).reshape(-1, 3)
    spread, feeling = (
        np.sqrt(arrays[f"{kind}/model/pcaVariance"]).astype(np.float32) for kind in ("shape", "expression")
    )
    basis = arrays["expression/model/pcaBasis"]
    cells = arrays["shape/representer/cells"]
    faces = (cells.T if cells.shape[0] == 3 else cells).astype(np.int32)
    # No expression at all is the combination of its directions that undoes their mean
    rest = -(np.asarray(basis, np.float64).T @ arrays["expression/model/mean"].astype(np.float64)) / feeling
    identity = _modes(arrays["shape/model/pcaBasis"], spread)
    release = "2019" if "2019" in path.name else "2017"  # the file says none; the fingerprint keeps them apart anyhow
    head = _face(f"bfm/{release}-{fingerprint(vertices, identity)}", vertices, identity, faces)
    return HeadFile(**{**vars(head), "expression": _modes(basis, feeling), "expression_rest": rest.astype(np.float32)})


def _modes(basis: Array, spread: NDArray[np.float32]) -> NDArray[np.float32]:
    """Orthonormal columns (3 V, N) times their SDs (N,): (N, V, 3) mm per SD."""
    modes = np.asarray(basis, np.float32).T * spread[:, None]
    return np.ascontiguousarray(modes.reshape(len(spread), -1, 3))


def _face(model_id: str, vertices: Array, identity: Array, faces: NDArray[np.int32]) -> HeadFile:
    skin = np.zeros(len(faces), np.uint8)
    return HeadFile(
        model_id=model_id,
        vertices=vertices.astype(np.float32),
        identity=identity,
        triangles=outward(faces, vertices, skin == 0),
        part=skin,
        part_names=("skin",),
    )
