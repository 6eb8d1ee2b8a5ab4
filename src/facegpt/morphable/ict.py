"""ICT-FaceKit (Li et al. 2020, "Learning Formation of Physically-Based Face Attributes"; MIT) from the user's copy.

Read are the folder FaceXModel of the original repository (OBJ files in centimetres: generic_neutral_mesh,
identity000 …, one a unit) and `ict_facekit.npz`, the same numbers in one file. Left out are the wet surfaces of the
eyes and the clear outer shell of the eyeballs, which drawn opaque would hide the irises. Its expression units are
ARKit's; browInnerUp and cheekPuff, which it has by side, are the sums of both sides, and it has no tongueOut. Left and
right are as alike as its authors made them: up to 3 mm apart in cheekPuff.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.head_file import HeadFile, arrays_of, checked, need
from facegpt.morphable.ict_folder import arrays_of_folder
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.user_files import user_file
from facegpt.types import Array, AssetError

_ARRAYS = (
    *("mean_vertices", "triangles", "uv", "uv_triangles", "part_id", "part_names", "identity_basis", "identity_scale"),
    *("expression_basis", "expression_scale", "expression_names", "eyeball_centre", "source_vertex_index"),
)
#: The parts that are kept, by our names, and where each lies in our square: u0, v0 and side of its tile. Parts of one
#: tile keep their places beside each other.
_PARTS: dict[str, tuple[str, tuple[float, float, float]]] = {
    "face": ("skin", (0.0, 0.34, 0.66)),
    "head_neck": ("skin", (0.0, 0.0, 0.34)),
    "mouth_socket": ("mouth", (0.0, 0.0, 0.34)),
    "eye_socket_L": ("left_socket", (0.0, 0.0, 0.34)),
    "eye_socket_R": ("right_socket", (0.0, 0.0, 0.34)),
    "gums_tongue": ("gums", (0.34, 0.0, 0.22)),
    "teeth": ("upper_teeth", (0.56, 0.0, 0.22)),
    "eyelashes_L": ("lashes", (0.78, 0.0, 0.22)),
    "eyelashes_R": ("lashes", (0.78, 0.0, 0.22)),
    "iris_L": ("left_eye", (0.70, 0.69, 0.29)),
    "iris_R": ("right_eye", (0.70, 0.36, 0.29)),
}
_PART_NAMES = (
    *("skin", "mouth", "left_socket", "right_socket", "gums", "upper_teeth", "lower_teeth"),
    *("left_eye", "right_eye", "lashes"),
)
#: The first vertex of the lower teeth in the source's numbering.
_LOWER_TEETH = 19247
#: Where the irises of left and right eye look at rest: the axis of the cornea, 6.5° outwards.
_POLES = np.array([[0.114, 0.0, 0.994], [-0.114, 0.0, 0.994]])


def load() -> LinearHead:
    """The ICT head from the file that the user added. Raises AssetError if there is none: it says what to do."""
    return LinearHead(read(user_file("ict")))


def read(path: Path) -> HeadFile:
    """Read ict_facekit.npz or the folder FaceXModel. Raises AssetError for anything else."""
    arrays = arrays_of_folder(path) if path.is_dir() else arrays_of(path)
    need(arrays, _ARRAYS, path, "an ICT-FaceKit model (ict_facekit.npz or the folder FaceXModel)")
    try:
        return checked(_head(arrays), path)
    except (IndexError, KeyError, ValueError, TypeError) as error:
        raise AssetError(f"{path} is no whole ICT-FaceKit model ({error})") from error


def _head(arrays: Mapping[str, NDArray]) -> HeadFile:
    source_part = np.asarray([str(name) for name in arrays["part_names"]])[arrays["part_id"]]
    kept = np.isin(source_part, list(_PARTS))
    triangles, used = arrays["triangles"][kept].astype(np.int64), np.zeros(len(arrays["mean_vertices"]), bool)
    used[triangles] = True
    renumbered = np.cumsum(used) - 1
    source_vertex = arrays["source_vertex_index"].astype(np.int32)
    uv, uv_triangles = _one_square(arrays["uv"], arrays["uv_triangles"][kept], source_part[kept])
    units = _units(arrays)[:, used]
    identity = arrays["identity_basis"][:, used].astype(np.float32) * float(arrays["identity_scale"])
    return HeadFile(
        model_id="ict/1",
        vertices=arrays["mean_vertices"][used].astype(np.float32),
        identity=identity,
        triangles=renumbered[triangles].astype(np.int32),
        part=_parts(source_part[kept], source_vertex[triangles[:, 0]]),
        part_names=_PART_NAMES,
        units=units,
        uv=uv,
        uv_triangles=uv_triangles,
        eye_centres=arrays["eyeball_centre"].astype(np.float64),
        eye_poles=_POLES,
        source_vertex=source_vertex[used],
    )


def _parts(source_part: NDArray[np.str_], source_vertex: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Our part (F,) of each triangle, from the source's and its first vertex."""
    names = np.array([_PARTS[name][0] for name in source_part])
    names[(names == "upper_teeth") & (source_vertex >= _LOWER_TEETH)] = "lower_teeth"
    return np.array([_PART_NAMES.index(name) for name in names], np.uint8)


def _units(arrays: Mapping[str, NDArray]) -> Array:
    """The 52 units (52, V, 3) mm; a unit that has sides in the source and none in ARKit is the sum of both."""
    names = [str(name) for name in arrays["expression_names"]]
    scale = float(arrays["expression_scale"])
    units = np.zeros((len(ARKIT_NAMES), *arrays["mean_vertices"].shape), np.float32)
    for row, name in enumerate(ARKIT_NAMES):
        sided = name.replace("Left", "_L").replace("Right", "_R")
        for candidate in {name, sided, f"{name}_L", f"{name}_R"}:
            if candidate in names:
                units[row] += arrays["expression_basis"][names.index(candidate)].astype(np.float32) * scale
    return units


def _one_square(
    uv: Array, uv_triangles: NDArray[np.integer], source_part: NDArray[np.str_]
) -> tuple[Array, NDArray[np.int32]]:
    """The source's tiles side by side in one square: (U, 2) in 0..1 and corners (F, 3)."""
    places, corners = [], np.zeros(uv_triangles.shape, np.int32)
    count = 0
    for part in np.unique(source_part):
        u0, v0, side = _PARTS[str(part)][1]
        rows = source_part == part
        used, inverse = np.unique(uv_triangles[rows], return_inverse=True)
        tile = np.asarray(uv, np.float64)[used]
        tile = tile - [np.floor(tile[:, 0].mean()), 0.0]
        places.append(np.clip(tile, 0, 1) * side + [u0, v0])
        corners[rows] = inverse.reshape(-1, 3) + count
        count += len(used)
    return np.concatenate(places).astype(np.float32), corners
