"""How near a tracked motion is to the true one: errors, jitter at rest, lag, blinks and closed lips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import MorphableModel, at_rest, head_vertices
from facegpt.types import Array, FaceParams
from facegpt_lab.evaluate.clips.curves import Motion

Floats = NDArray[np.float64]

#: Units that say where the eyes look (they follow the gaze) and the tongue, which no method here sees.
LEFT_OUT = tuple(k for k, name in enumerate(ARKIT_NAMES) if name.startswith("eyeLook") or name == "tongueOut")
#: The inner lips' middle among MediaPipe's points, and the gap in mm up to which lips count as closed.
UPPER_LIP, LOWER_LIP, CLOSED_MM = 13, 14, 1.5
#: SD of a curve that moves enough for its lag to be told.
MOVES = 0.04
#: A blink or a closure may come this many frames early or late.
NEAR = 2
_BLINKS = [ARKIT_NAMES.index("eyeBlink" + side) for side in ("Left", "Right")]


@dataclass(frozen=True)
class MotionScores:
    """Scores of one method on one clip.

    Attributes:
        weights: mean absolute error of the weights. expression_mm: mean distance of the face's vertices when the true
            person wears the found expression. vertex_mm: the same of the found head, aligned by a similarity.
        turn_deg: mean error of the head's rotation.
        jitter_points: RMS second difference of the projected points at rest, % of the face. jitter_weights: of weights.
        lag_frames: by which the found weights follow the true ones, of units that truly move.
        blink_kept: mean share of the blinks' peaks. lips_closed: share of closures with the lips closed.
        blink_least: of the blink of which least is kept.
    """

    weights: float
    expression_mm: float
    vertex_mm: float
    turn_deg: float
    jitter_points: float
    jitter_weights: float
    lag_frames: float
    blink_kept: float
    lips_closed: float
    blink_least: float


def score(
    model: MorphableModel, truth: Sequence[FaceParams], found: Sequence[FaceParams | None], motion: Motion
) -> MotionScores:
    """Score parameters of each frame; None is a frame in which the face was lost."""
    pairs = [(t, f) for t, f in zip(truth, found, strict=True) if f is not None]
    face = face_vertices(model)
    true_weights, weights = (np.stack([side.expression for side in sides]) for sides in zip(*pairs, strict=True))
    points = filled([None if params is None else projected(model, params) for params in found])
    everything = filled([None if params is None else params.expression for params in found])
    true_curves = np.stack([params.expression for params in truth])[:, scored_units()]
    kept, least = peaks_kept(everything[:, _BLINKS].mean(1), motion)
    return MotionScores(
        weights=float(np.abs(true_weights - weights)[:, scored_units()].mean()),
        expression_mm=float(np.mean([_worn(model, t, f, face) for t, f in pairs[::3]])),
        vertex_mm=float(np.mean([_distance(model, t, f, face) for t, f in pairs[::3]])),
        turn_deg=float(np.mean([angle_deg(t.pose.rotation, f.pose.rotation) for t, f in pairs])),
        jitter_points=jitter(as_share(points), motion.rest),
        jitter_weights=jitter(everything[:, scored_units()], motion.rest),
        lag_frames=lag(true_curves, everything[:, scored_units()]),
        blink_kept=kept,
        lips_closed=closed(model, truth, found, motion),
        blink_least=least,
    )


def face_vertices(model: MorphableModel) -> NDArray[np.bool_]:
    """Which vertices are skin of the face, (V,): in front, from the brows' height to the chin."""
    mean = np.asarray(model.mean_vertices)
    skin = np.zeros(len(mean), bool)
    skin[np.unique(model.triangles[model.part == model.part_names.index("skin")])] = True
    marks = model.embedding("ibug68")(mean)
    inside = (mean[:, 1] < marks[17:27, 1].max() + 15) & (mean[:, 1] > marks[8, 1] - 8)
    return skin & inside & (mean[:, 2] > marks[[0, 16], 2].mean() + 15)


def scored_units() -> list[int]:
    """Places of the units that are scored."""
    return [k for k in range(len(ARKIT_NAMES)) if k not in LEFT_OUT]


def _worn(model: MorphableModel, truth: FaceParams, found: FaceParams, face: NDArray[np.bool_]) -> float:
    """Mean distance in mm between the true person with the true and with the found expression."""
    same_look = found.expression.copy()
    same_look[list(LEFT_OUT)] = truth.expression[list(LEFT_OUT)]
    other = head_vertices(model, at_rest(model, truth, expression=same_look, joints=truth.joints))
    return float(np.linalg.norm((other - head_vertices(model, truth))[face], axis=1).mean())


def _distance(model: MorphableModel, truth: FaceParams, found: FaceParams, face: NDArray[np.bool_]) -> float:
    target, source = head_vertices(model, truth)[face], head_vertices(model, found)[face]
    return float(np.linalg.norm(aligned(source, target) - target, axis=1).mean())


def aligned(source: Array, target: Array) -> Array:
    """Points (N, 3) laid on others by rotation, shift and scale (Umeyama 1991)."""
    a, b = source - source.mean(0), target - target.mean(0)
    left, size, right = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    scale = float((size * sign).sum() / (a**2).sum())
    return scale * a @ ((left * sign) @ right).T + target.mean(0)


def angle_deg(one: Array, other: Array) -> float:
    """Angle between two rotations, degrees."""
    cosine = (np.trace(np.asarray(one).T @ np.asarray(other)) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def projected(model: MorphableModel, params: FaceParams) -> Array:
    """The 468 points in the image, pixels."""
    points = model.embedding("mediapipe478")(head_vertices(model, params))[:468]
    return params.camera.project(params.pose.apply(points))


def as_share(points_px: Array) -> Array:
    """Points of all frames (N, L, 2) px as percent of the face: the median of its box's longer side."""
    return 100 * points_px / np.median(np.ptp(points_px, axis=1).max(1))


def filled(values: Sequence[Array | None]) -> Array:
    """Values of all frames as one array; where there is none the last one stays."""
    first = next(value for value in values if value is not None)
    out = []
    for value in values:
        first = first if value is None else value
        out.append(np.asarray(first, np.float64))
    return np.stack(out)


def jitter(values: Array, rest: NDArray[np.bool_]) -> float:
    """RMS second difference over the frames at rest; of points the norm of both coordinates."""
    still = values[np.flatnonzero(rest)[3:]]
    second = np.diff(still, 2, axis=0)
    second = np.linalg.norm(second, axis=-1) if second.ndim == 3 else second
    return float(np.sqrt((second**2).mean()))


def lag(truth: Array, found: Array, most: int = 5) -> float:
    """By how many frames `found` follows `truth`, curves (N,) or (N, K): the peak of their summed cross-correlation.

    Curves that do not move in truth (SD below MOVES) say nothing and are left out; between frames by a parabola.
    """
    a, b = (np.asarray(curves, np.float64).reshape(len(truth), -1) for curves in (truth, found))
    moving = a.std(0) > MOVES
    if not moving.any():
        return float("nan")
    a, b = (curves[:, moving] - curves[:, moving].mean(0) for curves in (a, b))
    shifts, inner = np.arange(-most, most + 1), slice(most, len(a) - most)
    scores = np.array([(a[inner] * np.roll(b, -shift, axis=0)[inner]).sum() for shift in shifts])
    k = int(np.clip(scores.argmax(), 1, len(shifts) - 2))
    bend = scores[k - 1] - 2 * scores[k] + scores[k + 1]
    offset = 0.0 if abs(bend) < 1e-12 else 0.5 * (scores[k - 1] - scores[k + 1]) / bend
    return float(shifts[k] + np.clip(offset, -1, 1))


def peaks_kept(blink: Array, motion: Motion) -> tuple[float, float]:
    """Found over true blink at its peak: the mean and the least of all blinks; not a number without blinks."""
    if not motion.blinks:
        return float("nan"), float("nan")
    true = motion.expression[:, _BLINKS].mean(1)
    kept = [min(1.0, blink[max(0, b - NEAR) : b + NEAR + 1].max() / true[b]) for b in motion.blinks]
    return float(np.mean(kept)), float(min(kept))


def closed(
    model: MorphableModel, truth: Sequence[FaceParams], found: Sequence[FaceParams | None], motion: Motion
) -> float:
    """Share of the true closures at which the found head's lips are closed too; not a number without closures."""
    done = []
    for middle in motion.closures:
        if lip_gap_mm(model, truth[middle]) < CLOSED_MM:
            near = [found[k] for k in range(middle - 1, min(middle + 2, len(found)))]
            done.append(any(one is not None and lip_gap_mm(model, one) < CLOSED_MM for one in near))
    return float(np.mean(done)) if done else float("nan")


def lip_gap_mm(model: MorphableModel, params: FaceParams) -> float:
    """How far the middles of the lips are apart, beyond what they are in the same head at rest, mm."""
    marks = model.embedding("mediapipe478")
    heights = [marks(head_vertices(model, one))[[UPPER_LIP, LOWER_LIP], 1] for one in (params, at_rest(model, params))]
    return float(heights[0][0] - heights[0][1] - heights[1][0] + heights[1][1])
