"""The jaw line as a photo shows it: landmarks that slide along the skin to the visible outline.

On a turned head the far jaw hides behind the cheek, and people who annotate photos mark the outline instead. So each of
the 17 jaw points of ibug68 gets a path over the cheek, and takes the place on it that lies furthest out in the image
(the landmark marching of Zhu et al. 2016, sec. 4.2, with paths that fan out from the middle of the face).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import euler_deg_from_rotation
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.makehuman.local_shapes import unshaped
from facegpt.types import Array, FaceParams

Floats = NDArray[np.float64]

JAW = 17
#: The middle of the fan, as an ibug68 point: the base of the nose.
FAN_CENTRE = 33
#: How far inwards a jaw point may slide, as a share of its way to the fan's centre, and in how many places.
INNERMOST, PLACES = 0.50, 24


@dataclass(frozen=True)
class Paths:
    """Places along the skin for each jaw point.

    Attributes:
        pairs: (17, K, 2) vertices. weights: (17, K, 2). The first place of each path stands for the fixed landmark;
            paths shorter than K repeat their last place.
        outwards: (17, 2) the direction away from the face in a frontal upright image, x right, y down.
    """

    pairs: NDArray[np.int64]
    weights: Floats
    outwards: Floats

    def __call__(self, vertices: Array) -> Floats:
        """Evaluate on vertices (V, 3): (17, K, 3)."""
        return np.einsum("jkcx,jkc->jkx", np.asarray(vertices, np.float64)[self.pairs], self.weights)


@lru_cache(maxsize=2)
def _skin_edges(model: MorphableModel) -> NDArray[np.int64]:
    """The edges (N, 2) of a model's skin, each once; the same for all its local shapes."""
    triangles = model.triangles[model.part == model.part_names.index("skin")]
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]).astype(np.int64)
    return np.unique(np.sort(edges, axis=1), axis=0)


def _path(mean: Floats, edges: NDArray[np.int64], centre: Floats, jaw: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Cut the skin by the plane through `centre`, `jaw` and the z axis: its front between them, from the jaw in."""
    outward = (jaw - centre)[:2]
    reach = float(np.linalg.norm(outward))
    outward = outward / reach
    across = np.array([-outward[1], outward[0]])
    side = (mean[:, :2] - centre[:2]) @ across
    ends = side[edges]
    cut = edges[(ends[:, 0] * ends[:, 1]) <= 0]
    ends = side[cut]
    spread = ends[:, 0] - ends[:, 1]
    share = np.where(np.abs(spread) > 1e-9, ends[:, 0] / np.where(np.abs(spread) > 1e-9, spread, 1.0), 0.0)
    weights = np.stack([1 - share, share], 1)
    places = np.einsum("ncx,nc->nx", mean[cut], weights)
    along = (places[:, :2] - centre[:2]) @ outward / reach
    along[places[:, 2] < jaw[2] - 2.0] = np.nan  # behind the jaw point: neck, ear and the back of the head
    chosen = []
    for low in np.linspace(1.0, INNERMOST, PLACES)[1:]:
        inside = np.flatnonzero((along >= low) & (along < low + (1 - INNERMOST) / (PLACES - 1) + 1e-9))
        if len(inside):
            chosen.append(inside[places[inside, 2].argmax()])
    return cut[chosen], weights[chosen]


@lru_cache(maxsize=4)
def jaw_paths(model: MorphableModel) -> Paths:
    """Prepare the paths of a head model; the same object each time for the same model."""
    mean = np.asarray(model.mean_vertices, np.float64)
    fixed = model.embedding("ibug68")
    landmarks = fixed(mean)
    edges = _skin_edges(unshaped(model))  # type: ignore[arg-type]
    pairs, weights = np.zeros((JAW, PLACES, 2), np.int64), np.zeros((JAW, PLACES, 2))
    outwards = np.zeros((JAW, 2))
    for k in range(JAW):
        found_pairs, found_weights = _path(mean, edges, landmarks[FAN_CENTRE], landmarks[k])
        nearest = int(np.asarray(fixed.corners[k])[np.argmax(fixed.weights[k])])
        padded = [(np.array([nearest, nearest]), np.array([1.0, 0.0])), *zip(found_pairs, found_weights, strict=True)]
        padded += [padded[-1]] * (PLACES - len(padded))
        pairs[k], weights[k] = np.stack([p for p, _ in padded]), np.stack([w for _, w in padded])
        way = (landmarks[k] - landmarks[FAN_CENTRE])[:2] * (1, -1)
        outwards[k] = way / np.linalg.norm(way)
    return Paths(pairs, weights, outwards)


def contour_landmarks(model: MorphableModel, params: FaceParams) -> Floats:
    """The 68 points of a face with the jaw on the visible outline: (68, 3) mm, head frame.

    Points 17-67 are those of ibug68. A jaw point stays where ibug68 has it unless some place further in on its path
    lies further out in the image, as on the far side of a turned head. Which places count as out depends on pose and
    camera, so these are not fixed points of the surface.
    """
    vertices = head_vertices(model, params)
    landmarks = model.embedding("ibug68")(vertices).astype(np.float64)
    paths = jaw_paths(model)  # type: ignore[arg-type]
    places = paths(vertices)
    places[:, 0] = landmarks[:JAW]
    seen = params.camera.project(params.pose.apply(places.reshape(-1, 3))).reshape(JAW, -1, 2)
    roll = np.radians(euler_deg_from_rotation(params.pose.rotation)[2])
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    out = np.einsum("jkx,jx->jk", seen, paths.outwards @ turn.T)
    landmarks[:JAW] = places[np.arange(JAW), out.argmax(1)]
    return landmarks
