"""The topology of the head: which MakeHuman vertices it keeps, and the parts that are made anew (teeth, eyeballs).

Every vertex but those of the eyeballs is a fixed linear blend of MakeHuman vertices, so that each morph target carries
over by one sparse product. The neck ends at a closed edge loop of the base mesh.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from lab.runs.head.parts import eyeball, resampled_arch, strip_grid
from lab.runs.shared.sources import N_BASE_VERTICES, Array, BaseMesh

Ints = NDArray[np.int64]

#: A vertex in front of the neck whose horizontal edge loop is where the head ends, and one on the upper lip.
NECK_LOOP_VERTEX, FACE_VERTEX = 815, 343
PART_NAMES = ("skin", "mouth", "left_socket", "right_socket", "upper_teeth", "lower_teeth", "tongue", "lashes")
PART_NAMES += ("left_eye", "right_eye")


@dataclass(frozen=True)
class Template:
    """Topology of the head.

    Attributes:
        blend: (V, N) sparse; vertex = blend @ MakeHuman vertices (rows of eyeballs are empty).
        triangles: (F, 3). part: (F,) index into PART_NAMES. mirror: (V,).
        corner: (F, 3, 2) MakeHuman's own texture coordinates per corner (NaN where the part is new).
        grid: (V, 2) position (along, across) in 0..1 on teeth and lashes; for eyeballs (azimuth, polar) in radians.
        skin_quads: (Q, 4) of the skin, mouth and sockets. eye: first and last vertex of each eyeball, left and right.
        neck_loop: vertices of the lower edge, in order.
    """

    blend: sp.csr_matrix
    triangles: Ints
    part: NDArray[np.uint8]
    mirror: Ints
    corner: Array
    grid: Array
    skin_quads: Ints
    eye: tuple[slice, slice]
    neck_loop: Ints


def quad_edges(quads: Ints) -> dict[frozenset[int], list[int]]:
    """Map each edge to the quads that share it."""
    shared = defaultdict(list)
    for k, quad in enumerate(quads):
        for j in range(4):
            shared[frozenset((int(quad[j]), int(quad[(j + 1) % 4])))].append(k)
    return shared


def edge_loop(quads: Ints, shared: dict, start: int, second: int) -> list[int]:
    """Follow the edge loop through start → second until it closes; every vertex on it must have four edges."""
    neighbours = defaultdict(set)
    for edge in shared:
        a, b = edge
        neighbours[a].add(b)
        neighbours[b].add(a)
    loop = [start, second]
    while True:
        beside = {int(v) for k in shared[frozenset(loop[-2:])] for v in quads[k]}
        (following,) = neighbours[loop[-1]] - beside
        if following == start:
            return loop
        loop.append(following)


def flood(quads: Ints, shared: dict, seed: int, barrier: set[frozenset[int]]) -> Ints:
    """The quads reachable from `seed` without crossing a barrier edge, sorted."""
    seen, stack = {seed}, [seed]
    while stack:
        quad = quads[stack.pop()]
        for j in range(4):
            edge = frozenset((int(quad[j]), int(quad[(j + 1) % 4])))
            if edge not in barrier:
                fresh = [k for k in shared[edge] if k not in seen]
                seen.update(fresh)
                stack.extend(fresh)
    return np.array(sorted(seen))


def cut_head(base: BaseMesh) -> tuple[Ints, Ints, list[int]]:
    """Cut the body at the neck loop: (quad numbers, their part, the loop)."""
    body = np.flatnonzero(base.group == "body")
    quads = base.quads[body]
    shared = quad_edges(quads)
    beside = [b for e in shared if NECK_LOOP_VERTEX in e for b in e if base.vertices[b, 0] > 0.5]
    loop = edge_loop(quads, shared, NECK_LOOP_VERTEX, beside[0])
    barrier = {frozenset((loop[i], loop[i - 1])) for i in range(len(loop))}
    seed = next(k for k in range(len(quads)) if FACE_VERTEX in quads[k])
    kept = body[flood(quads, shared, seed, barrier)]
    uv = base.uv[base.uv_quads[kept]].mean(1)
    part = np.zeros(len(kept), np.int64)
    part[(uv[:, 0] > 0.75) & (uv[:, 1] < 0.14)] = 1  # MakeHuman's own texture islands tell the hidden parts
    part[(uv[:, 0] < 0.16) & (uv[:, 1] < 0.64)] = 2
    right = (part == 2) & (base.vertices[base.quads[kept]].mean(1)[:, 0] < 0)
    part[right] = 3
    return kept, part, loop


def _corner_triangles(quads: Ints) -> Ints:
    """Split quads along 0-2."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], 1).reshape(-1, 3)


def _copied(base: BaseMesh, quad_numbers: Ints, part: Ints) -> dict:
    """Parts taken over as they are: quads become triangles with MakeHuman's own texture coordinates."""
    uv = base.uv[base.uv_quads[quad_numbers]]
    return {
        "triangles": _corner_triangles(base.quads[quad_numbers]),
        "part": np.repeat(part, 2),
        "corner": np.concatenate([uv[:, [0, 1, 2]], uv[:, [0, 2, 3]]], 1).reshape(-1, 3, 2),
    }


def build_template(base: BaseMesh) -> Template:
    """Assemble skin, mouth, tongue and lashes from the base mesh, finer teeth on its tooth strips, and new eyeballs."""
    kept, part, loop = cut_head(base)
    tongue = np.flatnonzero(base.group == "helper-tongue")
    lashes = np.flatnonzero(np.char.find(base.group, "eyelashes") >= 0)
    numbers = np.concatenate([kept, tongue, lashes])
    parts = np.concatenate([part, np.full(len(tongue), 6), np.full(len(lashes), 7)])
    copied = _copied(base, numbers, parts)
    used = np.unique(copied["triangles"])
    place = np.full(N_BASE_VERTICES, -1)
    place[used] = np.arange(len(used))
    blend = [sp.csr_matrix((np.ones(len(used)), (np.arange(len(used)), used)), (len(used), N_BASE_VERTICES))]
    triangles, mirror = [place[copied["triangles"]]], [place[base.mirror[used]]]
    corner, grid = [copied["corner"]], [np.full((len(used), 2), np.nan)]
    for name in ("helper-l-eyelashes-1", "helper-l-eyelashes-2", "helper-r-eyelashes-1", "helper-r-eyelashes-2"):
        rows = place[strip_grid(base.quads[base.group == name], base.vertices)]
        across, along = np.meshgrid(np.linspace(0, 1, rows.shape[0]), np.linspace(0, 1, rows.shape[1]), indexing="ij")
        grid[0][rows] = np.stack([along, across + 2 * name.endswith("2")], -1)  # upper lashes: across in 2..3
    part_list, count = [copied["part"]], len(used)
    for number, name in ((4, "helper-upper-teeth"), (5, "helper-lower-teeth")):
        arch = resampled_arch(base, name)
        blend.append(arch.blend)
        triangles.append(arch.triangles + count)
        mirror.append(arch.mirror + count)
        grid.append(arch.grid)
        part_list.append(np.full(len(arch.triangles), number))
        count += len(arch.mirror)
    n_eye = len(eyeball().vertices)
    for number, flip in ((8, False), (9, True)):
        ball = eyeball()
        blend.append(sp.csr_matrix((n_eye, N_BASE_VERTICES)))
        triangles.append((ball.triangles[:, ::-1] if flip else ball.triangles) + count)
        mirror.append(np.arange(n_eye) + count + (-n_eye if flip else n_eye))
        grid.append(ball.grid)
        part_list.append(np.full(len(ball.triangles), number))
        count += n_eye
    faces = np.concatenate(triangles)
    corners = np.full((len(faces), 3, 2), np.nan)
    corners[: len(corner[0])] = corner[0]
    return Template(
        sp.vstack(blend).tocsr(),
        faces,
        np.concatenate(part_list).astype(np.uint8),
        np.concatenate(mirror),
        corners,
        np.concatenate(grid),
        place[base.quads[kept]],
        (slice(count - 2 * n_eye, count - n_eye), slice(count - n_eye, count)),
        place[np.array(loop)],
    )
