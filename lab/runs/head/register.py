"""Lay MakeHuman's average head onto the mean head of ICT-FaceKit: once, to learn from its people in true millimetres.

First a similarity on landmarks, then MakeHuman's own shape modes with a ridge, then a stiff symmetric surface
deformation (Laplacian, point to surface), loosened step by step. Ears stay stiff: their folds do not correspond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from numpy.typing import NDArray

from lab.runs.head.modes import Modes, rigid_motions
from lab.runs.head.template import Template
from lab.runs.shared.alignment import similarity
from lab.runs.shared.sources import Array, IctHead
from lab.runs.shared.surface import Closest, Ints, Surface, edges_of, gradient, vertex_normals, views_seen_from

#: MakeHuman vertex → (ICT vertices whose mean it should meet, weight). On the midline, then on the left side.
MIDLINE = {5211: (("lm", 8), 0.5), 132: (("v", 933, 977), 1.0), 5054: (("v", 4841), 1.0), 343: (("v", 1178), 1.0)}
MIDLINE |= {455: (("lm", 51), 1.0), 474: (("lm", 62), 1.0), 523: (("lm", 66), 1.0), 496: (("lm", 57), 0.7)}
MIDLINE |= {5337: (("v", 7), 1.0), 733: (("v", 968), 1.0), 5225: (("v", 969), 0.7)}
LEFT = {6850: (("lm", 42), 2.0), 13376: (("lm", 45), 2.0), 6785: (("lm", 43, 44), 1.0), 6828: (("lm", 46, 47), 1.0)}
LEFT |= {10402: (("lm", 54), 2.0), 7095: (("lm", 35), 0.5)}
#: Controls that the ridge fit leaves alone: they imitate what the others do, or move ears.
NOT_FITTED = ("ear-", "head-fat", "head-age", "mouth-laugh", "mouth-dimples", "forehead-nubian")
MACROS_FITTED = ("male", "old", "african", "asian", "caucasian")
#: (stretching stiffness, bending stiffness, rounds) from stiff to loose.
SCHEDULE = ((30, 30, 3), (8, 10, 3), (2, 4, 4), (0.6, 1.5, 5), (0.3, 0.8, 4))


@dataclass(frozen=True)
class Registration:
    """The average head laid onto ICT's mean (ICT's frame, mm).

    Attributes:
        mean: (V, 3). scale, rotation: from MakeHuman's source mm to ICT's frame, for displacements.
        match: closest points of every vertex on ICT's skin. seen: (V,) number of views that show the vertex.
        ear: (V,) bool. skin: vertices of skin, mouth and sockets.
    """

    mean: Array
    scale: float
    rotation: Array
    match: Closest
    seen: Ints
    ear: NDArray[np.bool_]
    skin: Ints

    def displacement(self, field: Array) -> Array:
        """A MakeHuman displacement (..., V, 3) in millimetres of the registered head."""
        return self.scale * field @ self.rotation.T


def vertex_of(template: Template) -> dict[int, int]:
    """Map MakeHuman's vertex numbers to the head's own."""
    coo = template.blend.tocoo()
    whole = coo.data == 1
    found: dict[int, int] = {}
    for row, column in zip(coo.row[whole], coo.col[whole], strict=True):
        found.setdefault(int(column), int(row))
    return found


def ear_vertices(modes: Modes, skin: Ints) -> NDArray[np.bool_]:
    """Vertices that the shape of the ear moves by more than 1.2 source mm."""
    moved = np.max(
        [
            np.linalg.norm(modes.regional[n], axis=1)
            for n in modes.regional
            if n.startswith(("ear-wing", "ear-flap", "ear-lobe"))
        ],
        0,
    )
    mask = np.zeros(len(moved), bool)
    mask[skin] = moved[skin] > 1.2
    return mask


def _landmarks(template: Template, ict: IctHead, average: Array, ear: NDArray[np.bool_]) -> tuple[Ints, Array, Array]:
    """Vertices of the head, their targets on ICT's mean, and weights; ears by their four extremes."""
    place = vertex_of(template)

    def target(spec: tuple) -> Array:
        ids = [ict.landmark68[i] for i in spec[1:]] if spec[0] == "lm" else list(spec[1:])
        return ict.vertices[ids].mean(0)

    rows = [(place[v], target(s), w) for v, (s, w) in MIDLINE.items()]
    left = [(place[v], target(s), w) for v, (s, w) in LEFT.items()]
    mine = np.flatnonzero(ear & (average[:, 0] > 0))
    v = ict.vertices
    skin = np.unique(ict.triangles[np.isin(ict.part, [0, 1])])
    box = (v[:, 0] > 79) & (v[:, 2] < 21) & (v[:, 2] > -30) & (v[:, 1] < 45) & (v[:, 1] > -25)
    theirs = np.intersect1d(skin, np.flatnonzero(box))
    for axis, sign in ((1, 1), (1, -1), (2, -1), (0, 1)):
        left.append((mine[np.argmax(sign * average[mine, axis])], v[theirs[np.argmax(sign * v[theirs, axis])]], 0.5))
    rows += [r for k, t, w in left for r in ((k, t, w), (template.mirror[k], t * [-1, 1, 1], w))]
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[2] for r in rows])


def _fit_modes(
    start: Array, fields: Array, surface: Surface, triangles: Ints, weight: Array, landmarks: tuple
) -> Array:
    """Ridge fit of modes and a similarity to the surface, 14 rounds of closest points: the fitted vertices."""
    ids, target, target_weight = landmarks
    rigid = rigid_motions(start, start[weight > 0].mean(0))
    basis = np.concatenate([fields, rigid])
    current = start
    for step in range(14):
        normals = vertex_normals(current, triangles)
        used = np.flatnonzero(weight > 0)
        match = surface.closest(current[used], normals[used], 0.4)
        near = match.distance < (40 if step < 5 else 15)
        used, goal = used[near], match.point[near]
        w = weight[used] * (0.3 if step < 4 else 1)
        gap = goal - start[used]
        along = np.einsum("kvj,vj->kv", basis[:, used], normals[used]) * np.sqrt(w)
        free = (basis[:, used] * np.sqrt(0.05 * w)[:, None]).reshape(len(basis), -1)
        pull = np.sqrt(target_weight * (30 if step < 6 else 12))[:, None]
        pinned = (basis[:, ids] * pull).reshape(len(basis), -1)
        matrix = np.concatenate([along, free, pinned], 1)
        goals = [(gap * normals[used]).sum(1) * np.sqrt(w), (gap * np.sqrt(0.05 * w)[:, None]).ravel()]
        vector = np.concatenate([*goals, ((target - start[ids]) * pull).ravel()])
        ridge = np.r_[np.full(len(fields), 400 if step < 5 else 200), np.full(7, 1e-3)]
        amount = np.linalg.solve(matrix @ matrix.T + np.diag(ridge), matrix @ vector)
        current = start + np.einsum("k,kvj->vj", amount, basis)
    return current


def _deform(start: Array, template: Template, surface: Surface, weight: Array, ear: Array, landmarks: tuple) -> Array:
    """Symmetric Laplacian registration of the skin, loosened by SCHEDULE."""
    ids, target, target_weight = landmarks
    triangles = template.triangles[template.part <= 3]
    edges = edges_of(template.skin_quads)
    length = np.linalg.norm(start[edges[:, 0]] - start[edges[:, 1]], axis=1)
    stiff = np.where(ear[edges].any(1), 12.0, 1.0) / np.sqrt(np.maximum(length, 0.3) / 3)
    plain = gradient(edges, len(start))
    stretch = gradient(edges, len(start), stiff)
    laplacian = plain.T @ plain
    degree = np.maximum(laplacian.diagonal(), 1)
    bend = sp.diags(1 / degree) @ laplacian
    current = start
    for count, (alpha, beta, rounds) in enumerate(SCHEDULE):
        for _ in range(rounds):
            normals = vertex_normals(current, triangles)
            used = np.flatnonzero(weight > 0)
            match = surface.closest(current[used], normals[used], 0.5)
            near = match.distance < 10
            data, goal = np.zeros(len(start)), np.zeros_like(start)
            data[used[near]], goal[used[near]] = weight[used[near]], match.point[near]
            pin, pinned = np.zeros(len(start)), np.zeros_like(start)
            w = target_weight * (5 if count < 3 else 2)
            np.add.at(pin, ids, w)
            np.add.at(pinned, ids, w[:, None] * target)
            system = sp.diags(data + pin + 1e-6) + alpha * (stretch.T @ stretch) + beta * (bend.T @ bend)
            right = data[:, None] * (goal - start) + pinned - pin[:, None] * start
            moved = spl.splu(system.tocsc()).solve(right)
            current = start + 0.5 * (moved + moved[template.mirror] * [-1, 1, 1])
    return current


def register(template: Template, modes: Modes, ict: IctHead) -> Registration:
    """Lay the average head onto ICT's mean head. Parts that are not skin stay where the modes put them."""
    skin = np.unique(template.skin_quads)
    triangles = template.triangles[template.part <= 3]
    seen = views_seen_from(modes.average, template.triangles[template.part <= 3])
    seen = np.minimum(seen, seen[template.mirror])
    seen[np.setdiff1d(np.arange(len(seen)), np.unique(template.triangles[template.part == 0]))] = 0
    ear = ear_vertices(modes, skin)
    landmarks = _landmarks(template, ict, modes.average, ear)
    scale, rotation, shift = similarity(modes.average[landmarks[0]], landmarks[1], landmarks[2])
    start = scale * modes.average @ rotation.T + shift
    weight = np.where(seen >= 5, 1.0, 0.0)
    weight[start[:, 1] < -110] *= 0.1
    weight[ear] = 0
    surface = Surface(ict.vertices, ict.triangles[np.isin(ict.part, [0, 1])])
    fitted = [f for n, f in modes.regional.items() if not n.startswith(NOT_FITTED)]
    fitted += [modes.macro[n] for n in MACROS_FITTED]
    fields = scale * np.stack(fitted) @ rotation.T
    fit = _fit_modes(start, fields, surface, triangles, weight, landmarks)
    mean = _deform(fit, template, surface, weight, ear, landmarks)
    match = surface.closest(mean, vertex_normals(mean, triangles), 0.5)
    used = (weight > 0.5) & (seen >= 5)
    median, most, worst = np.percentile(match.distance[used], [50, 90, 99])
    print(f"registration: scale {scale:.3f}; to ICT's mean {median:.2f} / {most:.2f} / {worst:.2f} mm (50 / 90 / 99 %)")
    return Registration(mean, scale, rotation, match, seen, ear, skin)
