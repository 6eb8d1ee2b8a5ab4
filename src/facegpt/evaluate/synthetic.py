"""`facegpt eval synthetic`: heads of our own model whose truth is exact, seen by a made-up detector.

In-model and without pixels: random people, expressions and views are projected to the detector's points, to which
errors like the real detector's are added. It tells what the landmark fit can do at best; photos that the product did
not make are in out_of_model.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name, rotation_from_euler_deg
from facegpt.evaluate.protocol import Report, Row, figure
from facegpt.fitting import fit_landmarks
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm
from facegpt.metrics import angle_between_deg, landmark_nme_percent, recovered_share, vertex_error_mm, within_radius
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, Camera, Detection, FaceParams, Pose

Floats = NDArray[np.float64]

COUNT, QUICK_COUNT, SIZE_PX = 200, 24, 512
#: Share of the detector's error variance that neighbouring points have in common, and how far it reaches (mm).
SHARED, REACH_MM = 0.8, 30.0
#: Expressions that are drawn: groups of units that act together, left and right alike.
GROUPS = (
    *(("mouthSmileLeft", "cheekSquintLeft"), ("jawOpen",), ("browInnerUp", "browOuterUpLeft"), ("browDownLeft",)),
    *(("eyeBlinkLeft",), ("mouthPucker",), ("mouthFrownLeft",), ("mouthStretchLeft",), ("mouthUpperUpLeft",)),
    *(("mouthLowerDownLeft",), ("eyeWideLeft",), ("eyeSquintLeft",)),
)


def random_params(model: MorphableModel, seed: int) -> FaceParams:
    """Draw a person, an expression, a view (yaw to ±60°) and a camera (0.35 to 2.5 m)."""
    rng = np.random.default_rng([478, seed])
    expression = np.zeros(len(ARKIT_NAMES), np.float32)
    for k in rng.choice(len(GROUPS), rng.integers(0, 4), replace=False):
        for name in GROUPS[k]:
            for unit in {name, mirror_arkit_name(name)}:
                expression[ARKIT_NAMES.index(unit)] = rng.uniform(0.1, 0.8)
    rotation = rotation_from_euler_deg(rng.uniform(-60, 60), rng.normal(0, 9), rng.normal(0, 8))
    depth = float(np.exp(rng.uniform(np.log(350), np.log(2500))))
    focal = SIZE_PX / rng.uniform(260, 400) * depth
    return FaceParams(
        model_id=model.model_id,
        identity=np.clip(rng.normal(size=model.sizes.identity), -3, 3).astype(np.float32),
        expression=expression,
        joints=np.zeros((model.sizes.joints, 3), np.float32),
        pose=Pose(rotation, np.array([0.0, 0.0, depth]) - rotation @ np.array([0.0, -10.0, 60.0])),
        albedo=np.zeros(model.sizes.albedo, np.float32),
        lighting=np.zeros((9, 3), np.float32),
        camera=Camera(focal, ((SIZE_PX - 1) / 2, (SIZE_PX - 1) / 2), SIZE_PX, SIZE_PX),
    )


def noisy_detection(model: MorphableModel, params: FaceParams, seed: int) -> Detection:
    """Project the 478 points and add errors, mostly smooth over the face as real ones; scores are near the truth."""
    rng = np.random.default_rng([479, seed])
    points = model.embedding("mediapipe478")(head_vertices(model, params)).astype(np.float64)
    rest = model.embedding("mediapipe478")(model.mean_vertices).astype(np.float64)
    gaps = np.linalg.norm(rest[:, None] - rest[None], axis=2)
    smooth = np.linalg.cholesky(np.exp(-0.5 * (gaps / REACH_MM) ** 2) + 1e-6 * np.eye(len(rest)))
    sigma = np.concatenate([part_sigma_mm(), np.full(len(points) - SURFACE, 0.5)])[:, None]
    error = np.sqrt(SHARED) * smooth @ rng.normal(size=(len(points), 2)) + np.sqrt(1 - SHARED) * rng.normal(
        size=(len(points), 2)
    )
    camera_points = params.pose.apply(points)
    pixels = params.camera.project(camera_points) + sigma * error * params.camera.focal_px / camera_points[:, 2:]
    scores = np.clip(params.expression * rng.uniform(0.7, 1.2, len(ARKIT_NAMES)) + 0.02, 0, 1)
    return Detection(np.column_stack([pixels, np.zeros(len(pixels))]), scores, 1.0, params.pose.rotation)


@dataclass(frozen=True)
class Outcome:
    """One head: recovered shares (similarity, metric), errors in mm, NME in %, pose angle, log size error / SD."""

    share: float
    metric_share: float
    error_mm: float
    metric_error_mm: float
    nme_percent: float
    angle_deg: float
    scale_ratio: float


def face_region(model: MorphableModel) -> NDArray[np.int64]:
    """Give the skin vertices within 95 mm of the mean head's nose tip."""
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    nose_tip = model.embedding("ibug68")(model.mean_vertices)[30]
    return skin[within_radius(model.mean_vertices[skin], nose_tip)]


def outcome(model: MorphableModel, truth: FaceParams, seed: int, region: NDArray[np.int64]) -> Outcome:
    """Fit one made-up detection and compare with the truth, in the truth's expression."""
    fit = fit_landmarks(model, noisy_detection(model, truth, seed), SIZE_PX, SIZE_PX)
    found = fit.params
    shapes: list[Array] = [
        head_vertices(model, truth.replace(identity=identity))[region]
        for identity in (found.identity, truth.identity, np.zeros_like(truth.identity))
    ]
    guess, real, mean = shapes
    named = model.embedding("ibug68")
    seen = [p.camera.project(p.pose.apply(named(head_vertices(model, p)))) for p in (found, truth)]
    size = [np.linalg.norm(shape - shape.mean(0)) for shape in (guess, real)]
    return Outcome(
        share=recovered_share(guess, real, mean),
        metric_share=recovered_share(guess, real, mean, scale=False),
        error_mm=float(vertex_error_mm(guess, real).mean()),
        metric_error_mm=float(vertex_error_mm(guess, real, scale=False).mean()),
        nme_percent=landmark_nme_percent(seen[0], seen[1]),
        angle_deg=angle_between_deg(found.pose.rotation, truth.pose.rotation),
        scale_ratio=float(np.log(size[0] / size[1]) / fit.scale_sd),
    )


def evaluate(quick: bool = False) -> Report:
    """Fit made-up detections of unseen heads: recovered share, errors and whether scale_sd tells the truth."""
    from facegpt.morphable import makehuman

    model, count = makehuman.load(), QUICK_COUNT if quick else COUNT
    region = face_region(model)
    found = [outcome(model, random_params(model, seed), seed, region) for seed in range(count)]

    def mean_of(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in found]))

    rows: tuple[Row, ...] = (
        figure("recovered share of the deviation from the mean head", mean_of("share"), "share"),
        figure("recovered share, no alignment of scale", mean_of("metric_share"), "share"),
        figure("vertex error within 95 mm of the nose tip", mean_of("error_mm"), "mm"),
        figure("vertex error, no alignment of scale", mean_of("metric_error_mm"), "mm"),
        figure("68-point NME", mean_of("nme_percent"), "%"),
        figure("angle between found and true pose", mean_of("angle_deg"), "deg"),
        figure("RMS of size error over scale_sd", float(np.sqrt(np.mean([o.scale_ratio**2 for o in found]))), "1"),
    )
    return Report(f"{count} random heads of the default model, yaw to ±60°, projected points with made-up errors", rows)
