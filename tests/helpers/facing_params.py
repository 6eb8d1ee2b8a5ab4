"""A mean head that looks straight at a camera 900 mm away, for tests that draw one."""

import numpy as np

from facegpt.types import Camera, FaceParams, Pose

#: Side of its picture, pixels.
SIDE = 256


def facing_params(model, lighting, **more):
    """Parameters of the mean head of a model in a light (9, 3); more: others of FaceParams."""
    sizes = model.sizes
    return FaceParams(
        model_id=model.model_id,
        identity=np.zeros(sizes.identity, np.float32),
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 900.0])),
        albedo=np.zeros(sizes.albedo, np.float32),
        lighting=lighting,
        camera=Camera(520.0, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE),
        **more,
    )
