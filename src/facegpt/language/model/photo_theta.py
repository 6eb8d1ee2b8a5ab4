"""θ of a face in a photo: what the photo head says, beside the encoder's first look, as a head that can be drawn.

The photo head speaks in deviations of about size 1 from that first look (its identity and expression, placed in closed
form); SLICES says which of its K numbers are what, and `deviations` is the way back, for known θ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facegpt.conventions import ARKIT_NAMES
from facegpt.encode.photo_view import CropGeometry, PhotoView, Placing
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE
from facegpt.render.base import AMBIENT_WHITE
from facegpt.types import Array, Camera, DensePoints, FaceParams, Pose

IDENTITY, EXPRESSION, POSE, ALBEDO, LIGHT = 60, len(ARKIT_NAMES), 7, ALBEDO_SIZE, 27
SIZES = {"identity": IDENTITY, "expression": EXPRESSION, "pose": POSE, "albedo": ALBEDO, "light": LIGHT}
NUMBERS = sum(SIZES.values())
#: What 1 means: of an expression weight; a turn in radians, a shift in mm at the head, log scale and log distance.
EXPRESSION_UNIT, TURN_UNIT, SHIFT_UNIT_MM, SCALE_UNIT, DEPTH_UNIT = 0.2, 0.1, 5.0, 0.05, 0.3
#: What 1 means: of the log of the ambient light, and of another coefficient beside the ambient one.
AMBIENT_UNIT, BAND_UNIT = 0.5, 0.3
#: Light below this is none.
LEAST_AMBIENT = 0.05


def _slices() -> dict[str, slice]:
    ends = np.cumsum(list(SIZES.values())).tolist()
    return {name: slice(end - size, end) for (name, size), end in zip(SIZES.items(), ends, strict=True)}


SLICES = _slices()


@dataclass(frozen=True)
class CropTheta:
    """θ of N faces in the cameras of their crops.

    Attributes:
        identity: (N, I). expression: (N, E) 0..1. placing: pose and camera. optical: (N, 2) as in PhotoView.
        albedo: (N, A). lighting: (N, 9, 3).
    """

    identity: Tensor
    expression: Tensor
    placing: Placing
    optical: Tensor
    albedo: Tensor
    lighting: Tensor


def theta_of(mean: Tensor, view: PhotoView, first: Placing) -> CropTheta:
    """Add the deviations (N, K) to the first look. Differentiable in `mean`."""
    part = {name: mean[:, rows] for name, rows in SLICES.items()}
    wanted = view.expression + EXPRESSION_UNIT * part["expression"]
    expression = wanted + (wanted.clamp(0, 1) - wanted).detach()  # a weight at its bound still hears where to go
    pose, scale = part["pose"], first.log_scale.exp()[:, None]
    placing = Placing(
        rotation_of(TURN_UNIT * pose[:, :3]) @ first.rotation,
        first.centre + SHIFT_UNIT_MM * scale * pose[:, 3:5],
        first.log_scale + SCALE_UNIT * pose[:, 5],
        first.log_depth + DEPTH_UNIT * pose[:, 6],
    )
    ambient = AMBIENT_WHITE * (AMBIENT_UNIT * part["light"][:, :3]).clamp(-4, 3).exp()
    bands = BAND_UNIT * part["light"][:, 3:].unflatten(1, (8, 3)) * ambient[:, None]
    lighting = torch.cat([ambient[:, None], bands], 1)
    return CropTheta(view.identity + part["identity"], expression, placing, view.optical, part["albedo"], lighting)


def deviations(theta: CropTheta, view: PhotoView, first: Placing) -> Tensor:
    """Say known θ as the photo head would: (N, K). The inverse of `theta_of`."""
    turn = rotvec_of(theta.placing.rotation @ first.rotation.mT) / TURN_UNIT
    scale = first.log_scale.exp()[:, None] * SHIFT_UNIT_MM
    pose = [
        turn,
        (theta.placing.centre - first.centre) / scale,
        (theta.placing.log_scale - first.log_scale)[:, None] / SCALE_UNIT,
        (theta.placing.log_depth - first.log_depth)[:, None] / DEPTH_UNIT,
    ]
    ambient = theta.lighting[:, 0].clamp(min=LEAST_AMBIENT)
    light = [(ambient / AMBIENT_WHITE).log() / AMBIENT_UNIT, (theta.lighting[:, 1:] / ambient[:, None] / BAND_UNIT)]
    return torch.cat(
        [
            theta.identity - view.identity,
            (theta.expression - view.expression) / EXPRESSION_UNIT,
            *pose,
            theta.albedo,
            light[0],
            light[1].flatten(1),
        ],
        1,
    )


def params_of(
    theta: CropTheta, row: int, model: MorphableModel, geometry: CropGeometry, dense: DensePoints, size: tuple[int, int]
) -> FaceParams:
    """Say one face's θ in the camera of its photo of size (width, height)."""
    to_crop = np.asarray(dense.crop, np.float64)[:, :2]
    scale = float(np.sqrt(np.linalg.det(to_crop)))
    unroll = np.eye(3)
    unroll[:2, :2] = (to_crop / scale).T
    placing = theta.placing
    move = placing.translation(theta.optical, geometry.anchor)[row].double().numpy()
    rotation = unroll @ placing.rotation[row].double().numpy()
    focal_px = float(placing.focal[row]) * dense.crop_px / 2 / scale
    angle = math.atan2(unroll[1, 0], unroll[0, 0])
    return FaceParams(
        model_id=model.model_id,
        identity=theta.identity[row].numpy().astype(np.float32),
        expression=theta.expression[row].clamp(0, 1).numpy().astype(np.float32),
        joints=np.zeros((model.sizes.joints, 3), np.float32),
        pose=Pose(_orthonormal(rotation), unroll @ move),
        albedo=theta.albedo[row].clamp(-4, 4).numpy().astype(np.float32),
        lighting=rolled_light(theta.lighting[row].double().numpy(), angle).astype(np.float32),
        camera=Camera(focal_px, ((size[0] - 1) / 2, (size[1] - 1) / 2), *size),
    )


def rolled_light(lighting: Array, angle_rad: float) -> Array:
    """Light (9, 3) turned about the optical axis: what came from direction d comes from d turned by the angle."""
    turned = np.array(lighting)
    for x, y, times in ((3, 1, 1), (7, 5, 1), (8, 4, 2)):  # (x, y), (xz, yz), (x² - y², xy)
        cosine, sine = math.cos(times * angle_rad), math.sin(times * angle_rad)
        turned[x], turned[y] = cosine * lighting[x] - sine * lighting[y], sine * lighting[x] + cosine * lighting[y]
    return turned


def rotation_of(rotvec: Tensor) -> Tensor:
    """The rotations (N, 3, 3) of rotation vectors (N, 3), radians. Differentiable at 0 too."""
    x, y, z = rotvec.unbind(1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).unflatten(1, (3, 3))
    return torch.linalg.matrix_exp(cross)


def rotvec_of(rotation: Tensor) -> Tensor:
    """The rotation vectors (N, 3) of rotations (N, 3, 3) by less than half a turn."""
    odd = torch.stack(
        [
            rotation[:, 2, 1] - rotation[:, 1, 2],
            rotation[:, 0, 2] - rotation[:, 2, 0],
            rotation[:, 1, 0] - rotation[:, 0, 1],
        ],
        1,
    )
    sine = odd.norm(dim=1) / 2
    angle = torch.atan2(sine, (rotation.diagonal(dim1=1, dim2=2).sum(1) - 1) / 2)
    return odd / 2 * torch.where(sine > 1e-6, angle / sine.clamp(min=1e-9), torch.ones_like(sine))[:, None]


def _orthonormal(rotation: Array) -> Array:
    left, _, right = np.linalg.svd(rotation)
    return left @ right
