"""Points on the head: the 68 of photo annotators, and the landmarks and tape lines of physical anthropometry.

Measuring points are named by vertices of MakeHuman's base mesh, chosen by eye once on the mean head and then frozen.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from lab.runs.head.template import PART_NAMES, Template
from lab.runs.shared.sources import Array, IctHead
from lab.runs.shared.surface import Ints, Surface

#: Landmarks on the midline: base mesh vertices whose mean is the point.
MIDDLE = {"sellion": (132,), "nasion": (136,), "glabella": (220,), "menton": (5171,), "pronasale": (5054,)}
MIDDLE |= {"subnasale": (343,), "labrale_superius": (466,), "stomion": (474, 493), "labrale_inferius": (496,)}
MIDDLE |= {"sublabiale": (491,), "vertex": (881,), "opisthocranion": (962,)}
#: Landmarks on the right side (their mirror images are those on the left).
RIGHT = {"tragion": 5446, "superaurale": 5413, "subaurale": 5428, "preaurale": 5446, "postaurale": 5441}
RIGHT |= {"mastoid": 1005}
#: Landmarks on the left side.
LEFT = {"endocanthion": (6850,), "exocanthion": (13376,), "cheilion": (10402,), "subalare": (7120,)}
LEFT |= {"crista_philtri": (7219,), "maxillofrontale": (6905, 6899)}
LEFT |= {"gonion": (7481,), "frontotemporale": (11868, 11869)}
#: Lowest and front-most point of the chin, the point under the jaw, for tape lines.
CHIN_FRONT, UNDER_JAW, NECK_LOOP = 5162, 991, 797


def embed68(ict: IctHead, convention: Path, mean: Array, template: Template) -> tuple[Ints, Array]:
    """Put ICT's 68 landmarks, moved to where annotators of photos put them, on the mean's skin: corners, weights."""
    with open(convention, newline="", encoding="utf-8") as file:
        rows = [[float(line[f"d{axis}_mm"]) for axis in "xyz"] for line in csv.DictReader(file)]
    wanted = ict.vertices[ict.landmark68] + np.array(rows)
    skin = template.triangles[template.part == PART_NAMES.index("skin")]
    found = Surface(mean, skin).closest(wanted, k=60)
    return skin[found.triangle], found.weights


def _extreme(mean: Array, among: Ints, direction: tuple[float, float, float]) -> int:
    return int(among[np.argmax(mean[among] @ np.array(direction))])


def _side_extremes(mean: Array, template: Template, ear: np.ndarray, seen: Ints) -> dict[str, int]:
    """Landmarks on the left that are defined as the widest or outermost place, found on the mean."""
    skin = np.unique(template.triangles[template.part == 0])
    skin = skin[(seen[skin] >= 5) & (mean[skin, 0] > 0)]
    y, z = mean[skin, 1], mean[skin, 2]
    bare = ~ear[skin]
    found = {"euryon": _extreme(mean, skin[bare & (y > 40) & (z < 60)], (1, 0, 0))}
    found["zygion"] = _extreme(mean, skin[bare & (y > -15) & (y < 28) & (z > 25) & (z < 75)], (1, 0, 0))
    nose = skin[(y > -16) & (y < 8) & (z > 95) & (mean[skin, 0] < 24)]
    found["alare"] = _extreme(mean, nose[mean[nose, 0] < 21], (1, 0, 0.05))
    found["alar_curvature"] = _extreme(mean, nose[mean[nose, 0] > 14], (0.6, -0.2, -1))
    ears = np.flatnonzero(ear & (mean[:, 0] > 0))
    found["ear_edge"] = _extreme(mean, ears, (1, 0, -0.6))
    return found


def plane_chain(
    mean: Array, triangles: Ints, through: tuple[Array, Array, Array], count: int, closed: bool
) -> tuple[Ints, Array]:
    """Points where rays in a plane leave the head: corners (count, 3) and weights; the plane is given by three points.

    The rays start midway between the first two points and sweep from the first to the second through the third.
    """
    a, b, c = through
    centre = 0.5 * (a + b)
    e1 = (a - centre) / np.linalg.norm(a - centre)
    e2 = (c - centre) - ((c - centre) @ e1) * e1
    e2 /= np.linalg.norm(e2)
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False) if closed else np.linspace(0, np.pi, count)
    corners, weights = [], []
    for angle in angles:
        ray = np.cos(angle) * e1 + np.sin(angle) * e2
        row, bary = _last_hit(mean, triangles, centre, ray)
        corners.append(triangles[row])
        weights.append(bary)
    return np.array(corners), np.array(weights)


def _last_hit(mean: Array, triangles: Ints, origin: Array, ray: Array) -> tuple[int, Array]:
    """The outermost triangle that a ray crosses, with barycentric weights (Möller and Trumbore 1997)."""
    a = mean[triangles[:, 0]]
    e1, e2 = mean[triangles[:, 1]] - a, mean[triangles[:, 2]] - a
    p = np.cross(ray, e2)
    det = (e1 * p).sum(1)
    det = np.where(np.abs(det) < 1e-12, 1e-12, det)
    t = origin - a
    u = (t * p).sum(1) / det
    q = np.cross(t, e1)
    v = (q @ ray) / det
    depth = (e2 * q).sum(1) / det
    hit = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6) & (depth > 0)
    row = int(np.argmax(np.where(hit, depth, -1)))
    return row, np.array([1 - u[row] - v[row], u[row], v[row]])


def measuring_points(
    mean: Array, template: Template, place: dict[int, int], ear: np.ndarray, seen: Ints
) -> tuple[list[str], Ints, Array]:
    """All landmarks of morphable/measure.py: names, corners (N, 3), weights (N, 3)."""
    rows: list[tuple[str, Ints, Array]] = []

    def add(name: str, vertices: tuple[int, ...]) -> None:
        ids = (list(vertices) * 3)[:3]
        share = [1 / 2, 1 / 2, 0] if len(vertices) == 2 else [1, 0, 0]
        rows.append((name, np.array(ids), np.array(share, float)))

    for name, base in MIDDLE.items():
        add(name, tuple(place[v] for v in base))
    for name, vertex in RIGHT.items():
        add(f"{name}_right", (place[vertex],))
        add(f"{name}_left", (int(template.mirror[place[vertex]]),))
    left = {n: tuple(place[v] for v in base) for n, base in LEFT.items()}
    left |= {n: (v,) for n, v in _side_extremes(mean, template, ear, seen).items()}
    left["pupil"] = (template.eye[0].start,)
    for name, own in left.items():
        add(f"{name}_left", own)
        add(f"{name}_right", tuple(int(template.mirror[v]) for v in own))
    bald = template.triangles[(template.part == 0) & ~ear[template.triangles].any(1)]
    at = {n: mean[c].T @ w for n, c, w in rows}
    brow, back = at["glabella"] + [0, 6, 0], at["opisthocranion"]
    ring = plane_chain(mean, bald, (brow, back, 0.5 * (brow + back) + [1, 0, 0]), 48, True)
    jaw = (at["tragion_left"], at["tragion_right"])
    chin = plane_chain(mean, bald, (*jaw, mean[place[CHIN_FRONT]]), 33, False)
    under = plane_chain(mean, bald, (*jaw, mean[place[UNDER_JAW]]), 33, False)
    for name, (corners, weights) in (("head_ring", ring), ("chin_arc", chin), ("submandibular_arc", under)):
        rows += [(f"{name}_{k}", c, w) for k, (c, w) in enumerate(zip(corners, weights, strict=True))]
    return [r[0] for r in rows], np.stack([r[1] for r in rows]), np.stack([r[2] for r in rows])


def add_neck_ring(points: tuple[list[str], Ints, Array], loop: Ints) -> tuple[list[str], Ints, Array]:
    """Append the edge loop around the neck at the larynx as a tape line."""
    names, corners, weights = points
    ring = np.stack([loop, loop, loop], 1)
    share = np.tile([1.0, 0.0, 0.0], (len(loop), 1))
    names = names + [f"neck_ring_{k}" for k in range(len(loop))]
    return names, np.concatenate([corners, ring]), np.concatenate([weights, share])
