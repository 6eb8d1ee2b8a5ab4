"""A scene built up as meshes, and all of its meshes joined to one for the kernels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.render.numba_cpu.forward import vertex_normals
from facegpt.types import Array, Camera, Pose
from facegpt_lab.synthesis.studio.materials import CARD, LASH, LENS, SHELL
from facegpt_lab.synthesis.studio.props import Piece
from facegpt_lab.synthesis.studio.records import Cloth
from facegpt_lab.synthesis.studio.studio_head import studio_head

#: Fabrics by the number that the shading knows them by.
PATTERNS = {"plain": 0, "stripes": 1, "checks": 2, "noise": 3}


@dataclass(frozen=True, eq=False)
class Stage:
    """A scene built up: what every engine draws.

    Attributes:
        head: (V, 3) mm, head frame. pose, camera: of the picture. pieces: worn and held meshes, camera frame.
        points_px: (P, 2) of the dense embedding. points_z: (P,) depth in mm.
        head_open: (V,) share of the light from around at the head's vertices.
        joints_turn: (3, 3) rotation of the head's joint. centres: (J, 3) rest places of the joints.
    """

    head: Array
    pose: Pose
    camera: Camera
    pieces: tuple[Piece, ...]
    points_px: Array
    points_z: Array
    head_open: Array
    joints_turn: Array
    centres: Array


@dataclass(frozen=True, eq=False)
class Assembly:
    """All meshes of a stage as one, ready for kernels (N vertices, F triangles): opaque, then with holes, then lenses.

    Attributes:
        vertices, normals, screen: (N, 3). triangles: (F, 3). corner_uv: (F, 3, 2).
        material, part, thing, paint: (F,) uint8.
        extra, open: (N,). paints: (K, 12). first_hole, first_lens: numbers of triangles.
    """

    vertices: Array
    normals: Array
    triangles: NDArray[np.uint32]
    corner_uv: Array
    material: NDArray[np.uint8]
    part: NDArray[np.uint8]
    thing: NDArray[np.uint8]
    paint: NDArray[np.uint8]
    extra: Array
    open: Array
    paints: Array
    first_hole: int
    first_lens: int


def assemble(stage: Stage) -> Assembly:
    """Join head and pieces."""
    studio = studio_head()
    head = np.ascontiguousarray(stage.pose.apply(stage.head), np.float32)
    solid, clear = _head_blocks()
    blocks, holes, lenses = [solid], [clear], list[tuple]()
    normals = np.empty_like(head)
    vertex_normals(head, studio.triangles, normals, np.empty(len(head), np.float32))
    vertices, all_normals, extra, openness = [head], [normals], [np.ones(len(head), np.float32)], [stage.head_open]
    paints = [np.zeros(12, np.float32)]
    count = len(head)
    for piece in stage.pieces:
        size, triangles = len(piece.vertices), piece.triangles.astype(np.uint32)
        own = piece.normals
        if own is None:
            own = np.empty((size, 3), np.float32)
            vertex_normals(piece.vertices, triangles, own, np.empty(size, np.float32))
        uv = piece.uv if piece.uv.ndim == 3 else piece.uv[piece.triangles]
        faces = len(piece.triangles)
        paint = 0
        if piece.cloth is not None:
            paint = len(paints)
            paints.append(_paint(piece.cloth))
        block = (
            *(triangles + np.uint32(count), uv.astype(np.float32, copy=False)),
            *(np.full(faces, piece.material, np.uint8), np.full(faces, piece.part, np.uint8), paint),
            np.full(faces, piece.thing, np.uint8),
        )
        (lenses if piece.material == LENS else holes if piece.material in (CARD, SHELL) else blocks).append(block)
        vertices.append(piece.vertices)
        all_normals.append(own.astype(np.float32, copy=False))
        extra.append(np.ones(size, np.float32) if piece.extra is None else piece.extra)
        openness.append(np.broadcast_to(np.asarray(piece.open, np.float32), size))
        count += size
    parts = [*blocks, *holes, *lenses]
    first_hole = sum(len(b[0]) for b in blocks)
    return Assembly(
        vertices=np.concatenate(vertices),
        normals=np.concatenate(all_normals),
        triangles=np.concatenate([b[0] for b in parts]),
        corner_uv=np.concatenate([b[1] for b in parts]),
        material=np.concatenate([b[2] for b in parts]),
        part=np.concatenate([b[3] for b in parts]),
        thing=np.concatenate([b[5] for b in parts]),
        paint=np.concatenate([np.full(len(b[0]), b[4], np.uint8) for b in parts]),
        extra=np.concatenate(extra),
        open=np.concatenate(openness).astype(np.float32, copy=False),
        paints=np.stack(paints),
        first_hole=first_hole,
        first_lens=first_hole + sum(len(b[0]) for b in holes),
    )


@lru_cache(maxsize=1)
def _head_blocks() -> tuple[tuple, tuple]:
    """The head's solid triangles and its lashes: triangles, corner_uv, material, part, paint, thing."""
    studio = studio_head()
    both = []
    for rows in (studio.material != LASH, studio.material == LASH):
        fields = (studio.triangles[rows], studio.corner_uv[rows], studio.material[rows], studio.part[rows])
        both.append((*(np.ascontiguousarray(field) for field in fields), 0, studio.thing[rows]))
    return both[0], both[1]


def _paint(cloth: Cloth) -> Array:
    size = 1 / cloth.size_mm
    return np.array([*cloth.colour, *cloth.second, PATTERNS[cloth.pattern], size, cloth.gloss, 25.0, 0, 0], np.float32)
