"""Made-up people, and what a landmark detector would say of them: known heads without pixels."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name, rotation_from_euler_deg
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, Camera, Detection, FaceParams, Pose

#: Side of the picture that they are in, pixels.
SIZE_PX = 512
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
            for unit in dict.fromkeys((name, mirror_arkit_name(name))):
                expression[ARKIT_NAMES.index(unit)] = rng.uniform(0.1, 0.8)
    rotation = rotation_from_euler_deg(rng.uniform(-60, 60), rng.normal(0, 9), rng.normal(0, 8))
    depth = float(np.exp(rng.uniform(np.log(350), np.log(2500))))
    focal = SIZE_PX / rng.uniform(260, 400) * depth
    pose = Pose(rotation, np.array([0.0, 0.0, depth]) - rotation @ np.array([0.0, -10.0, 60.0]))
    identity = np.clip(rng.normal(size=model.sizes.identity), -3, 3)
    return person(model, identity, expression, pose, camera_of(focal, SIZE_PX))


def person(model: MorphableModel, identity: Array, expression: Array, pose: Pose, camera: Camera) -> FaceParams:
    """A head of a model before a camera: joints at rest, the mean skin, no light."""
    return FaceParams(
        model_id=model.model_id,
        identity=np.asarray(identity, np.float32),
        expression=np.asarray(expression, np.float32),
        joints=np.zeros((model.sizes.joints, 3), np.float32),
        pose=pose,
        albedo=np.zeros(model.sizes.albedo, np.float32),
        lighting=np.zeros((9, 3), np.float32),
        camera=camera,
    )


def camera_of(focal_px: float, side: int) -> Camera:
    """A camera of a square picture that looks at its middle."""
    return Camera(focal_px, ((side - 1) / 2, (side - 1) / 2), side, side)


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
