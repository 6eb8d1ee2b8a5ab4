"""People of the default head who stand before a camera, with hair of a style, and one mesh that they wear."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.hair.worn import worn as proxies
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Camera, FaceParams, Hair, Pose


def person(head, style: str | None, seed: int = 0, **changes) -> FaceParams:
    sizes = head.sizes
    params = FaceParams(
        model_id=head.model_id,
        identity=head.sample(1, seed=seed)[0],
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=Pose(HEAD_TO_CAMERA_AXES, np.array([0.0, 0.0, 900.0])),
        albedo=np.zeros(sizes.albedo, np.float32),
        lighting=default_studio_lighting(),
        camera=Camera(900.0, (255.5, 255.5), 512, 512),
        hair=None if style is None else Hair(style),
    )
    return params.replace(**changes)


def worn(head, params: FaceParams, name: str):
    return {proxy.name: proxy for proxy in proxies(head, params)}[name]
