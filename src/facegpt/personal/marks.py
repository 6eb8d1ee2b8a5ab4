"""Where MediaPipe's points lie on one person's head: its networks put them elsewhere on each face, always alike.

The surface stays as it is. Each point slides along it to where the detector sees it in the frames that are learnt
from, and keeps moving with the skin there. Lids and lips keep everybody's points: how far they are apart tells when
they shut.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.mediapipe_points import LEFT_LIDS, LIPS, RIGHT_LIDS, SURFACE
from facegpt.personal.head import PersonalHead
from facegpt.personal.tuning import Decoder
from facegpt.personal.tuning_frames import TuningFrames
from facegpt.types import LandmarkEmbedding

Floats = NDArray[np.float64]

#: How far a point is expected to lie from everybody's place, and how far the detector's is off in a frame, mm; frames
#: err alike, so that N of them say as much as this many.
OFF_SD, SEEN_SD, MOST_FRAMES = 2.0, 2.0, 20.0
#: Skin that is turned from the camera further than this (cosine) does not tell where a point is.
LEAST_FACING = 0.3
#: A point never slides further than this, mm; places on a triangle that are tried along each of its sides.
FARTHEST, STEPS = 6.0, 8
#: Points that stay: lids, and the inner half of the lips' four rings.
KEPT = tuple(sorted({*LEFT_LIDS, *RIGHT_LIDS, *LIPS[len(LIPS) // 2 :]}))
#: Where the skin is the same place, it is so with an open jaw, shut eyes and raised brows too.
_STATES = (("jawOpen",), ("eyeBlinkLeft", "eyeBlinkRight"), ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"))


def own_marks(head: PersonalHead, frames: TuningFrames) -> LandmarkEmbedding:
    """The points "mediapipe478" of a head where the detector sees them in frames that show its person."""
    plain = head.base.embedding("mediapipe478")
    normals = _normals(head, plain)
    slide = _slides(head, plain, normals, frames)
    slide[list(KEPT)] = 0
    corners, weights = plain.corners.copy(), plain.weights.copy()
    states = _states(head)
    skin = np.flatnonzero(head.part == head.part_names.index("skin"))
    middles = head.mean_vertices[head.triangles[skin]].mean(1)
    wanted = plain(states)  # (K, L, 3)
    for point in np.flatnonzero(np.linalg.norm(slide, axis=1) > 0):
        target = wanted[:, point] + slide[point]
        near = skin[np.linalg.norm(middles - target[0], axis=1) < 2 * FARTHEST]
        corners[point], weights[point] = _nearest(states, head.triangles[near], target)
    return LandmarkEmbedding(plain.name, corners, weights)


def marks_error(marks: LandmarkEmbedding, decoder: Decoder, frames: TuningFrames) -> Floats:
    """How far each frame's points are from the detector's, (N,), % of the face, as the smoothed motion places them."""
    with torch.no_grad():
        placed = decoder.placed(torch.from_numpy(np.asarray(frames.expression, np.float32)), frames).numpy()
    points = marks(placed)[:, :SURFACE]
    seen = points[..., :2] / points[..., 2:] * frames.focal_px[:, None, None] + frames.principal_px[:, None]
    half = frames.crops.shape[-1] / 2
    found = (frames.detected[:, 0, :SURFACE] + 1) * half - 0.5
    return np.asarray(100 * np.abs(seen - found).mean((1, 2)) / frames.size, np.float64)


def with_own_marks(head: PersonalHead, decoder: Decoder, frames: TuningFrames) -> tuple[PersonalHead, dict[str, float]]:
    """The head with the person's own points if these are nearer in every held-back block, and what was measured."""
    learnt = frames.block == 0
    marks, held = own_marks(head, frames.chosen(learnt)), frames.chosen(~learnt)
    errors = [marks_error(one, decoder, held) for one in (head.base.embedding(marks.name), marks)]
    figures = {
        f"held-back points, {who}": float(np.mean(e)) for who, e in zip(("everybody's", "own"), errors, strict=True)
    }
    blocks = [held.block == number for number in np.unique(held.block)]
    better = all(errors[1][rows].mean() < errors[0][rows].mean() for rows in blocks)
    return head.with_marks(marks if better else None), figures


def _states(head: PersonalHead) -> Floats:
    """Vertices (K, V, 3) mm at rest and in each of _STATES."""
    rest = np.asarray(head.mean_vertices, np.float64)
    units = [sum(head.expression_basis[ARKIT_NAMES.index(name)] for name in names) for names in _STATES]
    return np.stack([rest, *(rest + unit for unit in units)])


def _normals(head: PersonalHead, points: LandmarkEmbedding) -> Floats:
    """Of the skin at each point, (L, 3), outwards."""
    a, b, c = np.moveaxis(head.mean_vertices[head.triangles].astype(np.float64), 1, 0)
    faces = np.cross(b - a, c - a)
    sums = np.zeros_like(head.mean_vertices, np.float64)
    np.add.at(sums, head.triangles, faces[:, None])
    normals = points(sums)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


def _slides(head: PersonalHead, plain: LandmarkEmbedding, normals: Floats, frames: TuningFrames) -> Floats:
    """How far the 468 points slide along the skin, (L, 3) mm in the head's frame; zero for irises."""
    side = frames.crops.shape[-1] / 2
    off = (frames.detected[:, 0, :SURFACE] - frames.points[:, 0, :SURFACE]).astype(np.float64) * side  # px
    places = plain(head.mean_vertices)[:SURFACE]
    depth = (places @ frames.rotation.transpose(0, 2, 1))[..., 2] + frames.place[:, None, 2]
    to_px = (frames.focal_px[:, None] / depth)[..., None, None] * frames.rotation[:, None, :2]  # (N, L, 2, 3)
    facing = -np.einsum("nij,lj->nli", frames.rotation, normals[:SURFACE])[..., 2]
    trust = np.clip((facing - LEAST_FACING) / (1 - LEAST_FACING), 0, 1)
    precision = (depth / frames.focal_px[:, None] / SEEN_SD) ** 2  # 1 / px²
    trust *= min(1.0, MOST_FRAMES / len(off)) * precision
    out = np.zeros_like(normals)
    for _ in range(2):  # the second time without what is far from the first answer
        left = off - np.einsum("nlij,lj->nli", to_px, out[:SURFACE])
        weight = trust / (1 + (left**2).sum(2) * precision) if out.any() else trust
        hessian = np.einsum("nl,nlij,nlik->ljk", weight, to_px, to_px) + np.eye(3) / OFF_SD**2
        hessian += 1e4 * np.einsum("li,lj->lij", normals[:SURFACE], normals[:SURFACE])  # along the skin
        pull = np.einsum("nl,nlij,nli->lj", weight, to_px, off)
        out[:SURFACE] = np.linalg.solve(hessian, pull[..., None])[..., 0]
    length = np.linalg.norm(out, axis=1, keepdims=True)
    return out * np.minimum(1.0, FARTHEST / np.maximum(length, 1e-9))


def _nearest(states: Floats, triangles: NDArray[np.integer], target: Floats) -> tuple[NDArray[np.integer], Floats]:
    """Corners (3,) and weights (3,) of the place on `triangles` that is nearest to `target` (K, 3) in all states."""
    i, j = np.meshgrid(np.arange(STEPS + 1), np.arange(STEPS + 1), indexing="ij")
    inside = i + j <= STEPS
    grid = np.stack([i, j, STEPS - i - j], -1)[inside] / STEPS
    places = np.einsum("ktcx,gc->tgkx", states[:, triangles], grid)
    far = ((places - target) ** 2).sum((2, 3))
    triangle, place = np.unravel_index(int(far.argmin()), far.shape)
    return triangles[triangle], grid[place]
