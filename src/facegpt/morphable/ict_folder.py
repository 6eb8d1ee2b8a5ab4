"""The folder FaceXModel of ICT-FaceKit as the arrays of ict_facekit.npz: OBJ files of one mesh in many shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.transfer.eyeballs import eyeball_of
from facegpt.types import Array, AssetError

NEUTRAL = "generic_neutral_mesh.obj"
#: Centimetres in the files.
_MM = 10.0


@dataclass(frozen=True)
class Layout:
    """The order of the polygons in the mesh: names of the parts and the polygon after the last of each.

    Attributes:
        polygons: how many there are. parts: (name, end) in order; a name of "" is left out.
        eyeballs: the part of each eye, left and right, whose back is a sphere.
    """

    polygons: int
    parts: tuple[tuple[str, int], ...]
    eyeballs: tuple[str, str] = ("sclera_L", "sclera_R")


#: As the repository's README lists it; lacrimal fluid, eye blend and eye occlusion are left out.
LAYOUT = Layout(
    26384,
    (
        *(("face", 9230), ("head_neck", 11144), ("mouth_socket", 13226)),
        *(("eye_socket_L", 13630), ("eye_socket_R", 14034), ("gums_tongue", 17006), ("teeth", 21496)),
        *(("sclera_L", 22296), ("iris_L", 23094), ("sclera_R", 23894), ("iris_R", 24692)),
        *(("", 25304), ("eyelashes_L", 25844), ("eyelashes_R", 26384)),
    ),
)


def arrays_of_folder(folder: Path, layout: Layout = LAYOUT) -> dict[str, NDArray]:
    """Read neutral mesh, identity shapes and units of a folder; names, shapes and units are those of ict_facekit.npz.

    Raises:
        AssetError: if files are missing, or do not share one mesh.
    """
    if not (folder / NEUTRAL).is_file():
        raise AssetError(f"the folder {folder} is not ICT-FaceKit's FaceXModel: it lacks {NEUTRAL}")
    vertices, uv, polygons = _read_mesh(folder / NEUTRAL)
    if len(polygons) != layout.polygons:
        raise AssetError(f"{folder / NEUTRAL} has {len(polygons)} polygons, {layout.polygons} were expected")
    identities = sorted(folder.glob("identity*.obj"))
    others = sorted(set(folder.glob("*.obj")) - set(identities) - {folder / NEUTRAL})
    if not identities or not others:
        raise AssetError(f"the folder {folder} lacks the files identity*.obj, or those of the expressions")
    triangles, uv_triangles, part = _triangles(vertices, polygons, layout)
    names = [name for name, _ in layout.parts if name]
    mean = vertices * _MM
    return {
        "mean_vertices": mean.astype(np.float32),
        "triangles": triangles,
        "uv": uv.astype(np.float32),
        "uv_triangles": uv_triangles,
        "part_id": part,
        "part_names": np.array(names),
        "identity_basis": _differences(identities, vertices),
        "identity_scale": np.ones((), np.float32),
        "expression_basis": _differences(others, vertices),
        "expression_scale": np.ones((), np.float32),
        "expression_names": np.array([file.stem for file in others]),
        "eyeball_centre": _eyeball_centres(mean, triangles, part, [names.index(name) for name in layout.eyeballs]),
        "source_vertex_index": np.arange(len(vertices), dtype=np.int32),
    }


def _differences(files: Sequence[Path], neutral: Array) -> NDArray[np.float32]:
    """What each file's mesh differs by from the neutral one: (N, V, 3) mm."""
    return np.stack([((_read_vertices(file, len(neutral)) - neutral) * _MM).astype(np.float32) for file in files])


def _read_vertices(file: Path, count: int) -> NDArray[np.float64]:
    with open(file, "rb") as data:
        rows = [line[2:] for line in data if line.startswith(b"v ")]
    if len(rows) != count:
        raise AssetError(f"{file} has {len(rows)} vertices, {count} were expected")
    try:
        return np.array(b" ".join(rows).split(), np.float64).reshape(-1, 3)
    except ValueError as error:
        raise AssetError(f"{file} cannot be read: {error}") from error


def _read_mesh(file: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], list[list[tuple[int, int]]]]:
    """Vertices (V, 3), texture coordinates (U, 2) and polygons as lists of (vertex, texture coordinate), from 0."""
    vertices, uv, polygons = [], [], []
    try:
        with open(file, encoding="latin-1") as lines:
            for line in lines:
                kind, *words = line.split() or [""]
                if kind == "v":
                    vertices.append([float(word) for word in words[:3]])
                elif kind == "vt":
                    uv.append([float(word) for word in words[:2]])
                elif kind == "f":
                    corners = [word.split("/") for word in words]
                    polygons.append([(int(corner[0]) - 1, int(corner[1]) - 1) for corner in corners])
        return np.array(vertices), np.array(uv), polygons
    except (OSError, ValueError, IndexError) as error:
        raise AssetError(f"{file} is no OBJ file with texture coordinates ({error})") from error


def _triangles(
    vertices: Array, polygons: list[list[tuple[int, int]]], layout: Layout
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    """Triangles (F, 3) of vertices and of texture coordinates, and the part (F,); quads split along the shorter way."""
    names = [name for name, _ in layout.parts if name]
    corners, parts, start = [], [], 0
    for name, end in layout.parts:
        for polygon in polygons[start:end] if name else ():
            if len(polygon) == 4:
                a, b, c, d = (vertices[vertex] for vertex, _ in polygon)
                if ((a - c) ** 2).sum() > ((b - d) ** 2).sum():
                    polygon = [*polygon[1:], polygon[0]]
            fan = [(polygon[0], polygon[k], polygon[k + 1]) for k in range(1, len(polygon) - 1)]
            corners += fan
            parts += [names.index(name)] * len(fan)
        start = end
    both = np.array(corners, np.int32)
    return both[..., 0], both[..., 1], np.array(parts, np.uint8)


def _eyeball_centres(
    mean: Array, triangles: NDArray[np.int32], part: NDArray[np.uint8], eyes: Sequence[int]
) -> NDArray[np.float64]:
    """Middles (2, 3) mm of the spheres through the back halves of the eyeballs."""
    centres = []
    for eye in eyes:
        own = triangles[part == eye]
        depth = mean[own].mean(1)[:, 2]
        centres.append(eyeball_of(mean, own[depth < np.median(depth)]).centre)
    return np.stack(centres)
