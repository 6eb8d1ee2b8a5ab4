"""Choose the points of the dense landmark network on the default head (seconds): `python -m lab.runs.landmarks.points`.

Rows 0..477 are mediapipe478, 478..545 ibug68; the rest are mesh vertices that neither covers: ears, scalp, neck, jaw
and the sides of the cheeks, spread evenly, each with its mirror image. Run it anew whenever the head or the points of
photos change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import FOLDER, register
from facegpt.detect.geometry import canonical_face
from facegpt.fitting.mediapipe_points import SURFACE, parts
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.head import DENSE_ASSET, MakeHumanHead

GROUPS = ("oval", "brows", "lids", "nose", "lips", "cheeks", "iris", "ibug68", "ear", "scalp", "neck", "jaw")
EAR_MARKS = ("preaurale", "superaurale", "subaurale", "postaurale", "ear_edge", "mastoid")
#: Further points on each ear, pairs on the rest of the head, and points on its midline.
EAR_POINTS, PAIRS, MIDLINE = 10, 38, 9
#: Points below this height belong to the cut of the neck, mm.
LOWEST_MM = -125.0
Floats = NDArray[np.float64]


def outside(model: MakeHumanHead) -> NDArray[np.int64]:
    """The skin vertices that look away from the inside of the head, above the cut of the neck."""
    vertices = np.asarray(model.mean_vertices, np.float64)
    skin = model.triangles[model.part == model.part_names.index("skin")]
    facet = np.cross(*(vertices[skin[:, k]] - vertices[skin[:, 0]] for k in (1, 2)))
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, skin[:, k], facet)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    out = vertices - np.array([0.0, 10.0, 0.0])
    facing = (normals * out).sum(1) / np.linalg.norm(out, axis=1)
    return np.flatnonzero((facing > 0.25) & (vertices[:, 1] > LOWEST_MM))


def farthest(candidates: Floats, taken: Floats, count: int) -> NDArray[np.int64]:
    """Pick `count` of the candidates (N, 3), each the one farthest from all picked before and from `taken`."""
    distance = np.linalg.norm(candidates[:, None] - taken[None], axis=2).min(1)
    picked = []
    for _ in range(count):
        picked.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(candidates - candidates[picked[-1]], axis=1))
    return np.array(picked)


def ear_vertices(model: MakeHumanHead) -> NDArray[np.int64]:
    """16 vertices of the left ear: where anthropometry measures it, and others spread over it."""
    vertices = np.asarray(model.mean_vertices, np.float64)
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    names = [str(name) for name in model.arrays["landmark_names"]]
    corners, weights = model.arrays["landmark_corners"], model.arrays["landmark_weights"]
    rows = [names.index(f"{mark}_left") for mark in EAR_MARKS]
    marks = np.einsum("lcx,lc->lx", vertices[corners[rows]], weights[rows])
    known = skin[np.linalg.norm(vertices[skin][:, None] - marks[None], axis=2).argmin(0)]
    x, y, z = vertices[skin].T
    near = skin[(x > 73.5) & (y > -38) & (y < 26) & (z > -36) & (z < 8)]
    return np.concatenate([known, near[farthest(vertices[near], vertices[known], EAR_POINTS)]])


def head_vertices(model: MakeHumanHead, taken: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Vertices of the left half and of the midline that lie far from the points `taken` (N, 3)."""
    vertices = np.asarray(model.mean_vertices, np.float64)
    free = outside(model)
    x, y, z = vertices[free].T
    ear = (np.abs(x) > 66) & (y > -42) & (y < 30) & (z > -50) & (z < 3)
    midline = free[np.abs(x) < 0.05]
    middle = midline[farthest(vertices[midline], taken, MIDLINE)]
    left = free[(x > 4.0) & ~ear]
    return left[farthest(vertices[left], np.concatenate([taken, vertices[middle]]), PAIRS)], middle


def group_of(place: Floats) -> str:
    """Name the part of the head where a point (3,) of no landmark scheme lies, in mm of the head frame."""
    _, y, z = place
    if y > 30 or (z < -20 and y > -70):
        return "scalp"
    if -92 < y < -40 and z > -15:
        return "jaw"
    return "neck" if y < -40 else "cheeks"


def main() -> None:
    """Build, save and register the asset."""
    model = makehuman.load()
    vertices = np.asarray(model.mean_vertices, np.float64)
    photo, ibug = model.embedding("mediapipe478"), model.embedding("ibug68")
    ear = ear_vertices(model)
    both_ears = np.concatenate([ear, model.mirror[ear]])
    taken = np.concatenate([photo(vertices), ibug(vertices), vertices[both_ears]])
    left, middle = head_vertices(model, taken)
    more = np.concatenate([both_ears, left, model.mirror[left], middle])
    single = np.tile((1.0, 0.0, 0.0), (len(more), 1))
    corners = np.concatenate([photo.corners, ibug.corners, np.repeat(more[:, None], 3, 1)])
    weights = np.concatenate([photo.weights, ibug.weights, single])
    flat = ibug(vertices)
    ibug_mirror = np.linalg.norm(flat[:, None] * (-1, 1, 1) - flat[None], axis=2).argmin(1)
    order = {int(vertex): row for row, vertex in enumerate(more)}
    own_mirror = np.array([order[int(model.mirror[vertex])] for vertex in more])
    first = len(photo.corners) + len(ibug.corners)
    mirror = np.concatenate([canonical_face().mirror, len(photo.corners) + ibug_mirror, first + own_mirror])
    if not (mirror[mirror] == np.arange(len(mirror))).all():
        raise SystemExit("the mirror image of a mirror image is another point")
    groups = np.full(len(corners), "iris", dtype=object)
    for name, rows in parts().items():
        groups[rows] = "cheeks" if name == "rest" else name
    groups[len(photo.corners) : first] = "ibug68"
    groups[first:] = ["ear"] * len(both_ears) + [group_of(vertices[v]) for v in more[len(both_ears) :]]
    part = FOLDER / f"part-{DENSE_ASSET}"
    np.savez_compressed(
        part,
        corners=corners.astype(np.int32),
        weights=weights.astype(np.float32),
        mirror=mirror.astype(np.int32),
        group=np.array([GROUPS.index(name) for name in groups], np.uint8),
        group_names=np.array(GROUPS),
    )
    part.replace(FOLDER / DENSE_ASSET)
    print(len(corners), "points;", SURFACE, "of them MediaPipe's on the skin;", DENSE_ASSET, register(DENSE_ASSET))


if __name__ == "__main__":
    main()
