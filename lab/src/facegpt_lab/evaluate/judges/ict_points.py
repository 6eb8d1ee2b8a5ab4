"""Where the points of the default head lie on the ICT head: one place on its surface for each, the same for all.

The default head is bent onto ICT's mean head (landmarks first, then nearest surfaces); each of its points is then put
on the nearest place of that surface. ICT's people share one topology, so those places are the points' truth on all of
them, but for a constant offset of each point: two heads never agree on where a landmark is (see `without_offset`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.metrics import similarity_transform
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.closest_point import closest_weights
from facegpt.types import Array, LandmarkEmbedding
from facegpt_lab.evaluate.judges.scan import Surface
from facegpt_lab.synthesis.studio.ict_person import IctHead

#: Rounds of nearest points, weight of a landmark beside a vertex, and SD in mm of a vertex beside a unit prior.
_ROUNDS, _MARK_WEIGHT, _VERTEX_SD_MM = 20, 20.0, 4.0
#: Skin further from the nose tip than this takes no part in the bending, mm.
_REACH_MM = 130.0
_CANDIDATES = 12
#: Photos whose mean error is this many times the median one say nothing of a constant offset.
_DIVERGED = 3.0


def points_on_ict(model: MorphableModel, ict: IctHead, name: str = "dense") -> LandmarkEmbedding:
    """The points of an embedding of `model` on ICT's surface: corners are ICT's vertices."""
    triangles = ict.triangles_of("face", "head_neck", "eye_socket_L", "eye_socket_R")
    surface = Surface(ict.mean, triangles)
    places = _bent(model, surface, ict.mean[ict.landmark_vertices], name)
    corners = ict.mean[triangles]
    near = cKDTree(corners.mean(1)).query(places, _CANDIDATES)[1]
    chosen, weights = np.zeros(len(places), np.int64), np.zeros((len(places), 3))
    for row, candidates in enumerate(near):
        tried = [np.array(closest_weights(*places[row], *corners[f])) for f in candidates]
        gaps = [np.linalg.norm(w @ corners[f] - places[row]) for w, f in zip(tried, candidates, strict=True)]
        best = int(np.argmin(gaps))
        chosen[row], weights[row] = candidates[best], tried[best]
    return LandmarkEmbedding(f"{name} on ICT", triangles[chosen].astype(np.int64), weights)


def _bent(model: MorphableModel, surface: Surface, marks: Array, name: str) -> Array:
    """Bend the resting head onto a surface with 68 marks: its embedded points (P, 3) in the surface's frame."""
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    tip = model.embedding("ibug68")(model.mean_vertices)[30]
    offset = np.asarray(model.mean_vertices)[skin] - tip
    skin = skin[(np.linalg.norm(offset, axis=1) < _REACH_MM) & (offset[:, 2] > -100)][::2]
    own68 = model.embedding("ibug68")
    shape = np.concatenate([model.identity_basis, model.expression_basis]).astype(np.float64)
    at_skin, at_marks = shape[:, skin], own68(shape)
    theta, prior = np.zeros(len(shape)), np.r_[np.ones(model.sizes.identity), np.full(model.sizes.expression, 16.0)]
    for turn in range(_ROUNDS):
        vertices = np.asarray(model.mean_vertices, np.float64) + np.tensordot(theta, shape, 1)
        mine = own68(vertices)
        if turn == 0:
            motion = similarity_transform(mine, marks, scale=False)
        moved = vertices[skin] @ motion[1].T + motion[2]
        nearest = surface.closest(moved)
        distance = np.linalg.norm(nearest - moved, axis=1)
        kept = distance < np.maximum(3 * np.median(distance), 2.0)
        weight = np.r_[kept.astype(float), np.full(68, _MARK_WEIGHT / (1 + turn))] / _VERTEX_SD_MM**2
        source, goal = np.concatenate([vertices[skin], mine]), np.concatenate([nearest, marks])
        motion = similarity_transform(source, goal, weight, scale=False)
        back = (goal - motion[2]) @ motion[1]
        basis = np.concatenate([at_skin, at_marks], 1).reshape(len(theta), -1)
        wanted = (back - source).ravel() + theta @ basis
        heavy = np.repeat(weight, 3)
        theta = np.linalg.solve((basis * heavy) @ basis.T + np.diag(prior), (basis * heavy) @ wanted)
    vertices = np.asarray(model.mean_vertices, np.float64) + np.tensordot(theta, shape, 1)
    return model.embedding(name)(vertices) @ motion[1].T + motion[2]


def without_offset(residual_mm: Array, rotations: Array) -> NDArray[np.float64]:
    """Take off the constant part of residuals (S, L, 2) in mm: for each point one offset (3,) in the head frame.

    rotations: (S, 3, 3) head → camera. Photos on which a method lost the face have no say in the offset.
    """
    error = np.linalg.norm(residual_mm, axis=2).mean(1)
    sane = error < _DIVERGED * np.median(error)
    across = np.asarray(rotations, np.float64)[:, :2]  # an offset o moves a point by R o, of which x and y are seen
    rows, seen = across[sane].reshape(-1, 3), residual_mm[sane].transpose(0, 2, 1).reshape(-1, residual_mm.shape[1])
    offset = np.linalg.solve(rows.T @ rows, rows.T @ seen)
    return residual_mm - np.einsum("skx,xl->slk", across, offset)
