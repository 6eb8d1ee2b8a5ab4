"""Parameters of one head model refitted to another, and how many millimetres that loses.

The two mean heads correspond place by place through the default head, which is bent onto each. A person is carried over
in two steps, both least squares in closed form up to a few rounds: the identity whose neutral skin is nearest
(nearest_person.py), then the expression whose motion from neutral is. Expression stays near the weights it had, since
both heads name them alike, and within 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from facegpt.conventions import ARKIT_NAMES, rotation_from_rotvec
from facegpt.metrics import similarity_transform
from facegpt.morphable.base import MorphableModel, at_rest, check_model, head_vertices
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.nearest_person import place_identity, places
from facegpt.morphable.surface import Surface
from facegpt.morphable.transfer.carried_albedo import CarriedAlbedo
from facegpt.types import Array, FaceParams, LandmarkEmbedding, Pose

Floats = NDArray[np.float64]

#: SD of an expression weight about the one it had, beside places with an SD of _MOTION_MM each.
_WEIGHT_SD, _MOTION_MM = 0.3, 10.0


@dataclass(frozen=True)
class Lost:
    """Distance between the surfaces of the face before and after, mm: mean and 95th percentile.

    Attributes:
        neutral_mm, neutral_95_mm: of the person at rest. posed_mm, posed_95_mm: with expression.
        left_out: what the other model cannot hold, in words: "hair", "tongueOut" ….
    """

    neutral_mm: float
    neutral_95_mm: float
    posed_mm: float
    posed_95_mm: float
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Converted:
    """Parameters of the other model, and what was lost on the way."""

    params: FaceParams
    lost: Lost


def convert(params: FaceParams, source: MorphableModel, target: MorphableModel) -> Converted:
    """Refit parameters to another head model; pose, camera and light go with them.

    The pose is changed by as much as the two models' head frames differ, so that the face stays where the camera sees
    it. Skin colour is kept where both models paint like the default head. Eyes go on looking where they looked.

    Args:
        params: of `source`.
        source: the model that they belong to.
        target: the model to convert to.

    Raises:
        ShapeError: if `params` belong to another model than `source`.
    """
    check_model(source, params)
    here, there = places(source), places(target)  # type: ignore[arg-type]
    weight = np.where(here.believed & there.believed, here.face, 0.0)
    neutral = here.embedding(head_vertices(source, at_rest(source, params))).astype(np.float64)
    identity, motion = place_identity(neutral, target, there.embedding, weight)
    found = _packed(params, source, target, identity)
    moved = params.replace(joints=np.zeros_like(params.joints))
    wanted = here.embedding(head_vertices(source, moved)) - neutral
    expression = _expression(wanted @ motion[1].T, found, target, there.embedding, weight)
    found = found.replace(expression=expression)
    seen = here.embedding(head_vertices(source, params)), there.embedding(head_vertices(target, found))
    _, turn, shift = similarity_transform(seen[1], seen[0], weight, scale=False)  # target's frame → source's
    pose = Pose(params.pose.rotation @ turn, params.pose.rotation @ shift + params.pose.translation)
    face = weight == 1.0
    lost = Lost(
        *_gap(neutral[face], head_vertices(target, at_rest(target, found)), target, motion),
        *_gap(seen[0][face], head_vertices(target, found), target, (1.0, turn.T, -shift @ turn)),
        left_out=_left_out(params, source, target),
    )
    return Converted(found.replace(pose=pose), lost)


def _expression(
    wanted: Floats, params: FaceParams, target: MorphableModel, embedding: LandmarkEmbedding, weight: Floats
) -> NDArray[np.float32]:
    """Weights (52,) in 0..1 of the target that move its places most like `wanted` (K, 3)."""
    units = np.asarray(target.units_of(params.identity) if hasattr(target, "units_of") else target.expression_basis)
    columns = embedding(units).astype(np.float64)  # (52, K, 3)
    root = np.repeat(np.sqrt(weight), 3) / _MOTION_MM
    still = params.replace(joints=np.zeros_like(params.joints), expression=np.zeros(len(ARKIT_NAMES), np.float32))
    rest = embedding(head_vertices(target, still))
    before = np.clip(np.asarray(params.expression, np.float64), 0.0, 1.0)
    prior, weights = np.eye(len(units)) / _WEIGHT_SD, before
    for _ in range(3):  # correctives make it a little more than linear
        reached = embedding(head_vertices(target, still.replace(expression=weights.astype(np.float32)))) - rest
        goal = (wanted - reached).ravel() + weights @ columns.reshape(len(units), -1)
        system = np.concatenate([columns.reshape(len(units), -1).T * root[:, None], prior])
        weights = lsq_linear(system, np.concatenate([goal * root, before / _WEIGHT_SD]), (0.0, 1.0)).x
    return weights.astype(np.float32)


def _packed(params: FaceParams, source: MorphableModel, target: MorphableModel, identity: Array) -> FaceParams:
    """All that needs no fit: joints by name, colours, light, camera; expression as it was."""
    alike = _paints_alike(source) and _paints_alike(target)
    joints = np.zeros((target.sizes.joints, 3), np.float32)
    for row, name in enumerate(target.joint_names):
        if name in source.joint_names:
            turn = params.joints[source.joint_names.index(name)]
            joints[row] = _same_gaze(turn, source, target, name) if name.endswith("_eye") else turn
    return params.replace(
        model_id=target.model_id,
        identity=identity,
        joints=joints,
        albedo=params.albedo if alike else np.zeros(target.sizes.albedo, np.float32),
        hair=params.hair if isinstance(target, MakeHumanHead) else None,
        glasses=params.glasses if isinstance(target, MakeHumanHead) else None,
        headwear=params.headwear if isinstance(target, MakeHumanHead) else None,
    )


def _same_gaze(turn: Array, source: MorphableModel, target: MorphableModel, eye: str) -> Floats:
    """Rotation vector (3,) of the target's eye that looks where the source's does."""
    looks = rotation_from_rotvec(turn) @ _pole(source, eye)
    rest = _pole(target, eye)
    axis, cosine = np.cross(rest, looks), float(rest @ looks)
    sine = float(np.linalg.norm(axis))
    return np.zeros(3) if sine < 1e-9 else axis / sine * np.arctan2(sine, cosine)


def _pole(model: MorphableModel, eye: str) -> Floats:
    """Where an eye looks at rest (3,)."""
    if isinstance(model, LinearHead) and eye in model.carried.eyeballs:
        return model.carried.eyeballs[eye][1].pole
    return np.array([0.0, 0.0, 1.0])


def _paints_alike(model: MorphableModel) -> bool:
    return isinstance(getattr(model, "albedo", None), (AlbedoModel, CarriedAlbedo))


def _left_out(params: FaceParams, source: MorphableModel, target: MorphableModel) -> tuple[str, ...]:
    """What the target cannot hold of a face, in words."""
    moves = np.abs(np.asarray(target.expression_basis)).max((1, 2)) > 1e-3
    still = [name for name, w, m in zip(ARKIT_NAMES, params.expression, moves, strict=True) if w > 0.01 and not m]
    hair = ["hair"] if params.hair is not None and not isinstance(target, MakeHumanHead) else []
    skin = [] if _paints_alike(source) and _paints_alike(target) else ["skin colour"]
    return (*hair, *skin, *still)


def _gap(points: Array, vertices: Array, target: MorphableModel, motion: tuple) -> tuple[float, float]:
    """Mean and 95th percentile of the distance of points (N, 3), moved, to the target's skin, mm."""
    moved = np.asarray(points, np.float64) @ motion[1].T + motion[2]
    surface = Surface(vertices, target.triangles[target.part == target.part_names.index("skin")])
    gap = np.linalg.norm(surface.closest(moved) - moved, axis=1)
    return float(gap.mean()), float(np.quantile(gap, 0.95))
