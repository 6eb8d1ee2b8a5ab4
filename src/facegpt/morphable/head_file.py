"""What is read from the file of another head model, in millimetres, before the default head lends what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.conventions import ARKIT_NAMES
from facegpt.runtime.arrays import read_arrays
from facegpt.types import Array, AssetError

#: Size of a head or face mesh in x, y, z that can be meant, mm: outside of it the unit or the axes are others.
_SMALLEST_MM, _LARGEST_MM = (100.0, 120.0, 60.0), (420.0, 600.0, 420.0)


@dataclass(frozen=True, eq=False)
class HeadFile:
    """A head model as its file has it. V vertices, F triangles, I identity, N expression directions of its own.

    Frame: the file's own origin; millimetres, upright, +x the subject's left, +y up, +z out of the face.

    Attributes:
        model_id: what its parameters will carry ("ict/1").
        vertices: (V, 3) the neutral mean. identity: (I, V, 3) per SD. triangles: (F, 3).
        part: (F,) index into part_names; the outer skin is "skin".
        units: (52, V, 3) the ARKit units, where the model has them.
        expression: (N, V, 3) other directions of expression, at most about 1 SD each, where it has no units.
        expression_rest: (N,) coefficients of the neutral face in that space, or None for zeros.
        uv, uv_triangles: (U, 2) in 0..1 and (F, 3), or None.
        joint_centres, joint_basis, skin_weights: (4, 3), (I, 4, 3) and (V, 4) for neck, head, left_eye, right_eye, or
            None where the default head's are borrowed.
        eye_centres: (2, 3) middles of left and right eyeball, or None for the spheres that fit them best.
        eye_poles: (2, 3) where the irises of left and right eye look at rest, or None for straight ahead.
        pose_basis: (4, 9, V, 3) what each entry of (rotation of a joint - 1) adds at rest, or None.
        source_vertex: (V,) number of each vertex in the mesh that the model's authors published.
    """

    model_id: str
    vertices: Array
    identity: Array
    triangles: NDArray[np.int32]
    part: NDArray[np.uint8]
    part_names: tuple[str, ...]
    units: Array | None = None
    expression: Array | None = None
    expression_rest: Array | None = None
    uv: Array | None = None
    uv_triangles: NDArray[np.int32] | None = None
    joint_centres: Array | None = None
    joint_basis: Array | None = None
    skin_weights: Array | None = None
    eye_centres: Array | None = None
    eye_poles: Array | None = None
    pose_basis: Array | None = None
    source_vertex: NDArray[np.int32] | None = None

    def part_triangles(self, *names: str) -> NDArray[np.int32]:
        """Triangles (n, 3) of some parts; those it lacks have none."""
        wanted = [self.part_names.index(name) for name in names if name in self.part_names]
        return self.triangles[np.isin(self.part, wanted)]

    def part_vertices(self, *names: str) -> NDArray[np.intp]:
        """Vertices (n,) of some parts, sorted."""
        return np.unique(self.part_triangles(*names))

    def summary(self) -> str:
        """Sizes in a line, as a person would check them."""
        shapes = f"{len(self.vertices)} vertices, {len(self.triangles)} triangles, {len(self.identity)} identity modes"
        if self.units is not None:
            return f"{shapes}, ARKit units of its own"
        count = 0 if self.expression is None else len(self.expression)
        return f"{shapes}, {count or 'no'} expression modes"


def checked(head: HeadFile, path: object) -> HeadFile:
    """The same, after a look at its shapes and its size.

    Raises:
        AssetError: if arrays do not fit each other, are not finite, or the head is not of a head's size.
    """
    v, f, i = len(head.vertices), len(head.triangles), len(head.identity)
    wanted: dict[str, tuple[int, ...]] = {
        **{"vertices": (v, 3), "identity": (i, v, 3), "triangles": (f, 3), "part": (f,)},
        **{"units": (len(ARKIT_NAMES), v, 3), "uv_triangles": (f, 3), "skin_weights": (v, 4)},
        **{"joint_centres": (4, 3), "joint_basis": (i, 4, 3), "pose_basis": (4, 9, v, 3)},
    }
    if head.expression is not None:
        wanted["expression"] = (len(head.expression), v, 3)
    for name, shape in wanted.items():
        array = getattr(head, name)
        if array is not None and np.shape(array) != shape:
            raise AssetError(f"{path}: its {name} have shape {np.shape(array)} where {shape} was expected")
        if array is not None and not np.isfinite(array).all():
            raise AssetError(f"{path}: some of its {name} are not finite numbers")
    if i == 0 or f == 0 or head.triangles.min() < 0 or head.triangles.max() >= v:
        raise AssetError(f"{path}: it has no identity modes, or triangles of vertices that are not there")
    size = np.ptp(np.asarray(head.vertices)[head.part_vertices("skin")], axis=0)
    if (size < _SMALLEST_MM).any() or (size > _LARGEST_MM).any():
        measured = " × ".join(f"{length:.0f}" for length in size)
        raise AssetError(f"{path}: its mean head measures {measured} mm (width, height, depth): that is no head")
    return head


def arrays_of(path: Path) -> dict[str, NDArray]:
    """Every array of an .npz file, without pickle. Raises AssetError if it is none."""
    try:
        return read_arrays(path)
    except (OSError, ValueError) as error:
        raise AssetError(f"{path} cannot be read as an .npz file of plain arrays ({error})") from error


def fingerprint(*arrays: Array) -> str:
    """Six hex digits that tell releases apart whose files do not say which they are."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, np.float32).tobytes())
    return digest.hexdigest()[:6]


def need(arrays: Mapping[str, object], names: tuple[str, ...], path: object, what: str) -> None:
    """Check that a file has the arrays of its format. Raises AssetError with those that are missing."""
    missing = [name for name in names if name not in arrays]
    if missing:
        raise AssetError(f"{path} is not {what}: it lacks {', '.join(missing)}")


def outward(triangles: NDArray[np.int32], vertices: Array, skin: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The triangles (F, 3), all turned round if the skin's (F,) look inwards."""
    corners = np.asarray(vertices, np.float64)[triangles[skin]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    middle = np.asarray(vertices, np.float64)[np.unique(triangles[skin])].mean(0)
    looks_out = (normal * (corners.mean(1) - middle)).sum() > 0
    return triangles if looks_out else np.ascontiguousarray(triangles[:, ::-1])


def mirror_table(vertices: Array) -> NDArray[np.int32]:
    """(V,) the vertex at each one's mirrored place (x → -x); its own inverse.

    Vertices pair up with their nearest counterparts, the closest pairs first; one that is left without is its own. On a
    mesh that is not symmetric the pairs are only nearly mirror images.
    """
    points = np.asarray(vertices, np.float64)
    count = min(8, len(points))
    gaps, near = cKDTree(points).query(points * [-1, 1, 1], count)
    table = np.arange(len(points))
    free = np.ones(len(points), bool)
    order = np.argsort(gaps.reshape(len(points), count), axis=None, kind="stable")
    for one, other in zip(order // count, near.reshape(-1)[order], strict=True):
        if free[one] and free[other]:
            table[one], table[other] = other, one
            free[one] = free[other] = False
    return table.astype(np.int32)
