"""The texture atlas: one island for the whole outer skin (cut up the back of the head), small ones for the rest.

The skin is laid out by a convex-combination map on a rectangle (Floater 2003), whose weights are then divided by the
local stretch a few times (Yoshizawa, Belyaev and Seidel 2004), so no triangle can fold over. The face is given more
room than the back of the head. Left and right are mirror images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from scipy.interpolate import PchipInterpolator
from scipy.sparse.csgraph import connected_components

from lab.runs.head.template import PART_NAMES, Ints, Template
from lab.runs.shared.sources import Array

#: Rectangles (u0, v0, u1, v1) of the islands in the unit square.
ISLANDS = {
    "skin": (0.008, 0.205, 0.992, 0.992),
    "left_eye": (0.176, 0.008, 0.336, 0.168),
    "right_eye": (0.008, 0.008, 0.168, 0.168),
    "upper_teeth": (0.344, 0.108, 0.584, 0.192),
    "lower_teeth": (0.344, 0.012, 0.584, 0.096),
    "tongue": (0.592, 0.012, 0.672, 0.192),
    "mouth": (0.680, 0.012, 0.828, 0.192),
    "left_socket": (0.918, 0.104, 0.992, 0.192),
    "right_socket": (0.836, 0.104, 0.910, 0.192),
    "lashes": (0.840, 0.008, 0.992, 0.096),
}
#: Room of the face relative to the back of the head, per length.
FACE_DENSITY, STRETCH_ROUNDS, STRETCH_POWER = 2.0, 12, 0.5
#: Monotone warps of the skin island (from → to, its own width and height being 1) that widen the middle of the face.
WARP_U = ((0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0), (0.0, 0.14, 0.31, 0.5, 0.69, 0.86, 1.0))
WARP_V = ((0.0, 0.23, 0.46, 0.6, 0.69, 0.81, 1.0), (0.0, 0.14, 0.4, 0.57, 0.7, 0.86, 1.0))
#: How much stronger the rim of an eye or mouth opening is pulled to its middle, so that the hole takes little room.
HOLE_PULL = 15.0


@dataclass(frozen=True)
class Atlas:
    """Texture coordinates.

    Attributes:
        uv: (U, 2) in the unit square. uv_triangles: (F, 3), corner by corner with the triangles.
        source_uv: (U, 2) MakeHuman's own coordinates of the same points, NaN where the geometry is new.
    """

    uv: Array
    uv_triangles: Ints
    source_uv: Array


def back_seam(vertices: Array, template: Template) -> Ints:
    """Vertices of the midline from the back of the neck up to the crown, in order."""
    middle = template.mirror == np.arange(len(template.mirror))
    skin = np.zeros(len(vertices), bool)
    skin[np.unique(template.triangles[template.part == 0])] = True
    line = np.flatnonzero(middle & skin)
    crown = line[np.argmax(vertices[line, 1])]
    quads = template.skin_quads
    links = {frozenset(map(int, (q[j], q[(j + 1) % 4]))) for q in quads for j in range(4)}
    start = min((v for v in template.neck_loop if middle[v]), key=lambda v: vertices[v, 2])
    seam = [int(start)]
    while seam[-1] != crown:
        options = [
            v for v in line if frozenset((int(v), seam[-1])) in links and v not in seam and v not in template.neck_loop
        ]
        seam.append(int(min(options, key=lambda v: vertices[v, 2])))
    return np.array(seam)


def _opened(triangles: Ints, vertices: Array, seam: Ints) -> tuple[Ints, Ints]:
    """Cut the mesh along the seam: (triangles, original vertex of each); +x gets the copies, the crown stays one."""
    copies = np.arange(len(seam) - 1) + len(vertices)
    table = np.arange(len(vertices) + len(copies))
    moved = triangles.copy()
    left = vertices[triangles].mean(1)[:, 0] > 0
    for vertex, copy in zip(seam[:-1], copies, strict=True):
        moved[left] = np.where(moved[left] == vertex, copy, moved[left])
        table[copy] = vertex
    return moved, table


def _border(points: Array, vertices: Array, ids: Ints) -> Array:
    """Place a chain of vertices along a polyline by its arc length."""
    chain = np.r_[0, np.cumsum(np.linalg.norm(np.diff(vertices[ids], axis=0), axis=1))]
    target = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    s = chain / chain[-1] * target[-1]
    return np.stack([np.interp(s, target, points[:, k]) for k in range(2)], 1)


def _with_holes_filled(triangles: Ints, points: Array, outer: Ints) -> tuple[Ints, Array, Ints]:
    """Close eyes and mouth with a fan each, so that the holes stay small; also gives the mirror of the new vertices."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    directed = {(int(a), int(b)) for a, b in edges}
    rim = sp.lil_matrix((len(points), len(points)))
    open_edges = [(b, a) for a, b in directed if (b, a) not in directed and not {a, b} <= set(map(int, outer))]
    for a, b in open_edges:
        rim[a, b] = 1
    _, label = connected_components(rim, directed=False)
    holes = sorted({int(label[a]) for a, _ in open_edges})
    fans, centres = [], []
    for k, hole in enumerate(holes):
        own = [e for e in sorted(open_edges) if label[e[0]] == hole]
        fans += [(a, b, len(points) + k) for a, b in own]
        centres.append(points[[a for a, _ in own]].mean(0))
    new = np.array(centres)
    twin = [int(np.argmin(np.linalg.norm(new * [-1, 1, 1] - c, axis=1))) + len(points) for c in new]
    return np.concatenate([triangles, np.array(fans)]), np.concatenate([points, new]), np.array(twin)


def _mean_value_weights(triangles: Ints, vertices: Array) -> sp.csr_matrix:
    """Floater's mean value weights (N, N), positive; vertices that only rim a hole get those of their own fan."""
    rows, columns, data = [], [], []
    for k in range(3):
        i, j, m = triangles[:, k], triangles[:, (k + 1) % 3], triangles[:, (k + 2) % 3]
        a, b = vertices[j] - vertices[i], vertices[m] - vertices[i]
        la, lb = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
        cosine = np.clip((a * b).sum(1) / np.maximum(la * lb, 1e-12), -1, 1)
        half = np.tan(0.5 * np.arccos(cosine)).clip(1e-3, 50)
        rows += [i, i]
        columns += [j, m]
        data += [half / np.maximum(la, 0.05), half / np.maximum(lb, 0.05)]
    n = len(vertices)
    return sp.csr_matrix((np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))), (n, n))


def _solve(weights: sp.csr_matrix, fixed: Ints, places: Array, used: Ints) -> Array:
    """Solve the convex-combination map: every free vertex is the weighted mean of its neighbours."""
    n = weights.shape[0]
    uv = np.zeros((n, 2))
    uv[fixed] = places
    free = np.setdiff1d(used, fixed)
    total = np.asarray(weights.sum(1)).ravel()
    normal = sp.diags(1 / np.maximum(total, 1e-12)) @ weights
    system = (sp.identity(len(free)) - normal[free][:, free]).tocsc()
    uv[free] = spl.splu(system).solve(normal[free][:, fixed] @ places)
    return uv


def _stretch(triangles: Ints, vertices: Array, uv: Array, density: Array) -> Array:
    """Root mean square stretch per vertex, area weighted: source length (× density) per texture length."""
    p, q = uv[triangles], vertices[triangles]
    du1, du2 = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    area2 = du1[:, 0] * du2[:, 1] - du1[:, 1] * du2[:, 0]
    e1, e2 = q[:, 1] - q[:, 0], q[:, 2] - q[:, 0]
    inverse = 1 / np.where(np.abs(area2) < 1e-14, 1e-14, area2)
    along_u = (e1 * du2[:, 1:] - e2 * du1[:, 1:]) * inverse[:, None]
    along_v = (e2 * du1[:, :1] - e1 * du2[:, :1]) * inverse[:, None]
    square = 0.5 * ((along_u**2).sum(1) + (along_v**2).sum(1))
    area = 0.5 * np.linalg.norm(np.cross(e1, e2), axis=1)
    top, bottom = np.zeros(len(vertices)), np.full(len(vertices), 1e-12)
    for k in range(3):
        np.add.at(top, triangles[:, k], square * area)
        np.add.at(bottom, triangles[:, k], area)
    return density * np.sqrt(top / bottom)


def face_density(vertices: Array) -> Array:
    """Wanted texture density: FACE_DENSITY on the face, 1 on neck, scalp and behind the ears, smooth between."""
    low, high = np.quantile(vertices[:, 2], [0.02, 0.98])
    front = np.clip((vertices[:, 2] - low) / (high - low), 0, 1)
    height = np.clip((vertices[:, 1] - vertices[:, 1].min()) / np.ptp(vertices[:, 1]), 0, 1)
    bands = ((front - 0.4) / 0.35, (height - 0.2) / 0.12, (0.86 - height) / 0.15)
    mask = np.prod([np.clip(band, 0, 1) for band in bands], axis=0)
    return 1 + (FACE_DENSITY - 1) * mask * mask * (3 - 2 * mask)


def skin_island(vertices: Array, template: Template) -> tuple[Array, Ints]:
    """Lay the outer skin out on its rectangle: (uv of each opened vertex, uv triangles); unused rows stay zero."""
    outer = template.triangles[template.part == 0]
    seam = back_seam(vertices, template)
    triangles, table = _opened(outer, vertices, seam)
    points = vertices[table]
    copies = np.r_[np.arange(len(seam) - 1) + len(vertices), seam[-1]]
    u0, v0, u1, v1 = ISLANDS["skin"]
    middle = 0.5 * (u0 + u1)
    loop = list(template.neck_loop)
    turn = loop.index(seam[0])
    loop = loop[turn:] + loop[:turn]
    if vertices[loop[1], 0] > 0:
        loop = loop[:1] + loop[:0:-1]
    bottom = np.array([*loop, copies[0]])  # from the back over the right side, the front, the left side, to the back
    fixed = np.concatenate([bottom, copies[1:], seam[1:-1]])
    places = np.concatenate(
        [
            _border(np.array([[u0, v0], [u1, v0]]), points, bottom),
            _border(np.array([[u1, v0], [u1, v1], [middle, v1]]), points, copies)[1:],
            _border(np.array([[u0, v0], [u0, v1], [middle, v1]]), points, seam)[1:-1],
        ]
    )
    island = triangles
    triangles, points, middles = _with_holes_filled(triangles, points, fixed)
    used = np.unique(triangles)
    weights = _mean_value_weights(triangles, points)
    narrow = np.r_[np.ones(len(table)), np.full(len(middles), HOLE_PULL)]
    weights = weights @ sp.diags(narrow)
    density = face_density(points)
    partner = np.r_[_opened_mirror(template, seam, copies, len(table)), middles]
    uv, best, lowest = None, None, np.inf
    for _ in range(STRETCH_ROUNDS):
        uv = _solve(weights, fixed, places, used)
        mirrored = uv[partner] * [-1, 1] + [u0 + u1, 0]
        uv[used] = 0.5 * (uv + mirrored)[used]
        stretch = _stretch(triangles, points, uv, density)
        spread = float(np.quantile(stretch[used], 0.9) / np.quantile(stretch[used], 0.1))
        if spread < lowest:
            best, lowest = uv, spread
        weights = weights @ sp.diags(1 / np.maximum(stretch / np.median(stretch[used]), 1e-3) ** STRETCH_POWER)
    low, size = np.array([u0, v0]), np.array([u1 - u0, v1 - v0])
    inside = (best - low) / size
    warped = [PchipInterpolator(*WARP_U)(inside[:, 0]), PchipInterpolator(*WARP_V)(inside[:, 1])]
    return low + np.stack(warped, 1) * size, island


def _opened_mirror(template: Template, seam: Ints, copies: Ints, count: int) -> Ints:
    """The mirror table of the opened mesh: a seam vertex and its copy are each other's mirror image."""
    partner = np.arange(count)
    partner[: len(template.mirror)] = template.mirror
    partner[seam[:-1]], partner[copies[:-1]] = copies[:-1], seam[:-1]
    return partner


def _fit(points: Array, box: tuple[float, float, float, float]) -> Array:
    """Scale points (N, 2) to fill a rectangle."""
    low, high = points.min(0), points.max(0)
    return np.array(box[:2]) + (points - low) / (high - low) * (np.array(box[2:]) - np.array(box[:2]))


def _eye_disc(grid: Array, mirrored: bool) -> Array:
    """Eyeball coordinates: azimuth and polar angle to a disc, the front half on nine tenths of its radius."""
    azimuth, polar = grid.T
    radius = np.where(polar < np.pi / 2, polar / (np.pi / 2) * 0.9, 0.9 + 0.1 * (polar - np.pi / 2) / (np.pi / 2))
    side = -1 if mirrored else 1
    return np.stack([side * radius * np.cos(azimuth), radius * np.sin(azimuth)], 1)


def _lash_coordinates(grid: Array, flip: Array) -> Array:
    """Upper lashes (across in 2..3) on the upper half of the lash island, lower ones (0..1) below; sides share it."""
    u0, v0, u1, v1 = ISLANDS["lashes"]
    along = np.where(flip, 1 - grid[:, 0], grid[:, 0])
    upper = grid[:, 1] >= 2
    across = np.where(upper, 0.54 + 0.46 * (grid[:, 1] - 2), 0.46 * grid[:, 1])
    return np.stack([u0 + along * (u1 - u0), v0 + across * (v1 - v0)], 1)


def build_atlas(vertices: Array, template: Template) -> Atlas:
    """Lay out every part; vertices (V, 3) are those of MakeHuman's average head, eyeballs anywhere."""
    skin_uv, skin_triangles = skin_island(vertices, template)
    uv_triangles = np.zeros_like(template.triangles)
    uv_list: list[Array] = []
    count = 0
    for number, name in enumerate(PART_NAMES):
        faces = np.flatnonzero(template.part == number)
        if name == "skin":
            used, inverse = np.unique(skin_triangles, return_inverse=True)
            uv = skin_uv[used]
            inverse = inverse.reshape(-1, 3)
        elif name in ("mouth", "left_socket", "right_socket", "tongue"):
            corner = np.round(template.corner[faces].reshape(-1, 2), 7)
            keys = np.concatenate([corner, template.triangles[faces].reshape(-1, 1)], 1)
            unique, inverse = np.unique(keys, axis=0, return_inverse=True)
            uv, inverse = _fit(unique[:, :2], ISLANDS[name]), inverse.reshape(-1, 3)
        else:
            used, inverse = np.unique(template.triangles[faces], return_inverse=True)
            inverse = inverse.reshape(-1, 3)
            if name == "lashes":
                uv = _lash_coordinates(template.grid[used], vertices[used, 0] < 0)
            elif name.endswith("eye"):
                uv = _fit(_eye_disc(template.grid[used], name == "right_eye"), ISLANDS[name])
            else:
                down = -1 if name == "upper_teeth" else 1  # the biting edges face each other
                uv = _fit(template.grid[used] * [1, down], ISLANDS[name])
        uv_list.append(uv)
        uv_triangles[faces] = inverse + count
        count += len(uv)
    source_uv = np.full((count, 2), np.nan)
    source_uv[uv_triangles.ravel()] = template.corner.reshape(-1, 2)
    return Atlas(np.concatenate(uv_list), uv_triangles, source_uv)
