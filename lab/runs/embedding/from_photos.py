"""Where MediaPipe puts its points on real faces, on average: offsets from an embedding, in mm on the mean head.

The mean head is posed on many calm faces and what is left over is averaged. People differ from the mean head by some
2 mm, but not all in one way: over a hundred of them it cancels to 0.2 mm, so what stays belongs to the points. Views
from several sides give all three coordinates; the point is then put back on the skin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.embedded import default_prior
from facegpt.fitting.gauss_newton import FitError, Settings, Target, project, solve
from facegpt.fitting.linear_points import LinearPoints
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm

Floats = NDArray[np.float64]

#: Scores that disturb the lower and the upper face, and the level above which a face is left out there.
LOWER_UNITS = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker", "mouthFunnel", "mouthUpperUpLeft")
UPPER_UNITS = ("eyeBlinkLeft", "eyeBlinkRight", "eyeWideLeft", "eyeWideRight", "browInnerUp", "browDownLeft")
CALM = 0.25
#: Share of the points' weight that counts beside the prior of the distance: their errors are correlated.
EVIDENCE = 0.05
#: Heads are taken to be about this far from the camera, with this log SD.
DISTANCE_MM, DISTANCE_LOG_SD = 1000.0, 0.2


@dataclass(frozen=True)
class Seen:
    """Detections of many photos: points (N, 478, 2) pixels, scores (N, 52), size (N, 2) width and height in pixels."""

    points: Floats
    scores: Floats
    size: Floats


def calm(scores: Floats, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Mark the faces (N,) in which none of the named scores is high."""
    return (scores[:, [ARKIT_NAMES.index(name) for name in names]] < CALM).all(1)


def residuals_mm(points: LinearPoints, seen: Seen) -> tuple[Floats, Floats]:
    """Pose the mean head on each photo: what is left over (N, 468, 2) in mm at the head, and the views (N, 2, 3)."""
    prior = default_prior(points.identity)
    rigid = replace(prior, upper=np.zeros_like(prior.upper), lower=np.zeros_like(prior.lower),
                    depth_mm=DISTANCE_MM, depth_log_sd=DISTANCE_LOG_SD)  # fmt: skip
    settings = Settings(pose_steps=6, max_steps=6, tail=4.0)
    left, views = [], []
    for pixels, size in zip(seen.points, seen.size, strict=True):
        principal = (size - 1) / 2
        try:
            target = Target(pixels[:SURFACE], part_sigma_mm(), principal, evidence=EVIDENCE)
            state = solve(points, target, rigid, settings).state
        except FitError:
            left.append(np.full((SURFACE, 2), np.nan))
            views.append(np.full((2, 3), np.nan))
            continue
        left.append((pixels[:SURFACE] - project(points, state, principal)) / np.exp(state.log_scale))
        views.append(state.rotation[:2])
    return np.array(left), np.array(views)


def mean_offsets_mm(left: Floats, views: Floats, use: NDArray[np.bool_], stiffness: Floats) -> Floats:
    """Triangulate the mean offset of each landmark, robustly: (468, 3) mm in the head frame.

    left: (N, 468, 2) mm. use: (N, 468). stiffness: (468, 3, 3) of a spring that draws each offset to 0.
    """
    offsets = np.zeros((SURFACE, 3))
    for i in range(SURFACE):
        seen, view = left[use[:, i], i], views[use[:, i]]
        weight = np.ones(len(seen))
        for _ in range(10):
            normal = np.einsum("nix,n,niy->xy", view, weight, view) + stiffness[i]
            offsets[i] = np.linalg.solve(normal, np.einsum("nix,n,ni->x", view, weight, seen))
            distance = np.linalg.norm(seen - view @ offsets[i], axis=1)
            weight = 1 / np.maximum(1.0, distance / 3.0)
    return offsets
