"""The default head bent onto the mean of another head model: what makes the points of one places on the other.

First the default head's own identity and expression are fitted to the other surface, by nearest points whose normals
agree; what is left is taken up by a smooth warp. No landmarks are needed: on ICT-FaceKit, with its own 68 as a help,
half of the face lands within 0.3 mm of where it lands without them. Both mean heads are nearly symmetric, so the result
is made symmetric too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.metrics import similarity_transform
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.surface import Surface
from facegpt.morphable.warp import Warp

Floats = NDArray[np.float64]

#: Rounds of nearest points on the face, then on the whole head; SD in mm of a vertex beside a unit prior of identity,
#: and the precision of expression beside it.
_FACE_ROUNDS, _HEAD_ROUNDS, _VERTEX_SD_MM, _EXPRESSION = 12, 8, 4.0, 16.0
#: The face: skin this near to the tip of the nose and no deeper behind it, mm.
_REACH_MM, _DEPTH_MM = 130.0, 100.0
#: Pairs whose normals differ by more than this cosine are none, and so are pairs this far apart at the end, mm.
_ALIKE, _FAR_MM = 0.5, 12.0
#: The warp: rounds, about how many anchors, and how far it may miss them for smoothness, mm.
_WARPS, _ANCHORS, _STIFFNESS_MM = 3, 700, 4.0
#: A head whose bent counterpart is this much alike in the mirror is symmetric, mm.
_SYMMETRIC_MM = 1.5


def bent_onto(own: MakeHumanHead, target: Surface) -> Floats:
    """All vertices (V, 3) of the default head, bent to lie on another head's skin; mm, the other head's axes.

    Args:
        own: the default head.
        target: the outer skin of the other mean head, mm, upright: +x the subject's left, +y up, +z out of the face.
            The tip of the nose is where z is greatest near the mid-plane.
    """
    vertices, motion = _fitted(own, target)
    bent = vertices @ motion[1].T + motion[2]
    for _ in range(_WARPS):
        bent = _warped(own, bent, target)
    mirrored = bent[own.mirror] * [-1, 1, 1]
    symmetric = np.median(np.linalg.norm(mirrored - bent, axis=1)) < _SYMMETRIC_MM
    return (bent + mirrored) / 2 if symmetric else bent


def _fitted(own: MakeHumanHead, target: Surface) -> tuple[Floats, tuple]:
    """Vertices (V, 3) of the default head nearest to the target in its own space, and their rigid motion onto it."""
    mean = np.asarray(own.mean_vertices, np.float64)
    shape = np.concatenate([own.identity_basis, own.expression_basis]).astype(np.float64)
    theta, prior = np.zeros(len(shape)), np.r_[np.ones(own.sizes.identity), np.full(own.sizes.expression, _EXPRESSION)]
    motion = 1.0, np.eye(3), nose_tip(target) - own.embedding("ibug68")(mean)[30]
    face, head = _face(own), _skin(own)[::2]
    for turn in range(_FACE_ROUNDS + _HEAD_ROUNDS):
        rows = face if turn < _FACE_ROUNDS else head
        vertices = mean + np.tensordot(theta, shape, 1)
        nearest, kept = _pairs(own, vertices @ motion[1].T + motion[2], rows, target)
        motion = similarity_transform(vertices[rows], nearest, kept.astype(float), scale=False)
        basis = shape[:, rows].reshape(len(theta), -1)
        wanted = ((nearest - motion[2]) @ motion[1] - mean[rows]).ravel()
        heavy = basis * np.repeat(kept / _VERTEX_SD_MM**2, 3)
        theta = np.linalg.solve(heavy @ basis.T + np.diag(prior), heavy @ wanted)
    return mean + np.tensordot(theta, shape, 1), motion


def nose_tip(skin: Surface) -> Floats:
    """The point (3,) of an upright head's skin with the greatest z within 15 mm of its mid-plane."""
    used = np.asarray(skin.vertices, np.float64)[np.unique(skin.triangles)]
    middle = (used[:, 0].min() + used[:, 0].max()) / 2
    central = used[np.abs(used[:, 0] - middle) < 15.0]
    return central[central[:, 2].argmax()]


def _skin(own: MakeHumanHead) -> NDArray[np.intp]:
    return np.unique(own.triangles[own.part == own.part_names.index("skin")])


def _face(own: MakeHumanHead) -> NDArray[np.intp]:
    skin = _skin(own)
    offset = own.mean_vertices[skin] - own.embedding("ibug68")(own.mean_vertices)[30]
    return skin[(np.linalg.norm(offset, axis=1) < _REACH_MM) & (offset[:, 2] > -_DEPTH_MM)][::2]


def _pairs(
    own: MakeHumanHead, moved: Floats, rows: NDArray[np.intp], target: Surface
) -> tuple[Floats, NDArray[np.bool_]]:
    """Nearest places (N, 3) of some vertices on the target, and which of them are believed (N,)."""
    chosen, weights = target.places(moved[rows])
    nearest = np.einsum("ncx,nc->nx", np.asarray(target.vertices, np.float64)[target.triangles[chosen]], weights)
    distance = np.linalg.norm(nearest - moved[rows], axis=1)
    normals = vertex_normals(moved, own.triangles[own.part == own.part_names.index("skin")])[rows]
    alike = (normals * target.normals[chosen]).sum(1) > _ALIKE
    # A place on the target's rim has no counterpart: the nearest point slides along the edge
    inside = (weights > 1e-6).all(1) | (distance < 2.0)
    limit = max(3 * float(np.median(distance[alike])) if alike.any() else 0.0, 2.0)
    return nearest, alike & inside & (distance < limit)


def _warped(own: MakeHumanHead, bent: Floats, target: Surface) -> Floats:
    """One round of the smooth warp: anchors spread over the skin go to their nearest places, all else with them."""
    skin = _skin(own)
    nearest, kept = _pairs(own, bent, skin, target)
    gap = np.linalg.norm(nearest - bent[skin], axis=1)
    kept &= gap < _FAR_MM
    anchors = np.flatnonzero(kept)
    anchors = anchors[:: max(1, len(anchors) // _ANCHORS)]
    moves = nearest[anchors] - bent[skin[anchors]]
    return bent + Warp(bent[skin[anchors]], _STIFFNESS_MM).operator(bent) @ moves
