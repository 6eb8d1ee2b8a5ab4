"""The contract of a head model: a head as a function of parameters. Dimension letters: conventions.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.metrics import within_radius
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.types import Array, FaceGPTError, FaceParams, LandmarkEmbedding, ShapeError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Sizes:
    """Dimensions of a head model (letters as in conventions.py)."""

    vertices: int
    triangles: int
    texture_coordinates: int
    identity: int
    expression: int
    joints: int
    albedo: int


@runtime_checkable
class MorphableModel(Protocol):
    """A head as a function of parameters. Implementations: one file each in this folder, registered as an entry point.

    Convention: head frame, millimetres. The rest head is linear in identity and expression; joints then turn parts of
    it (linear blend skinning) about centres that move with identity.

    Attributes:
        model_id: saved in every FaceParams ("makehuman-head/1").
        sizes: all dimensions.
        mean_vertices: (V, 3). identity_basis: (I, V, 3) mm per SD. expression_basis: (E, V, 3) mm per unit weight,
            in the order of conventions.ARKIT_NAMES.
        triangles: (F, 3) int32, counter-clockwise seen from outside. uv: (U, 2). uv_triangles: (F, 3) int32.
        part: (F,) uint8, index into part_names ("skin", "left_eye", "right_eye", "upper_teeth", "lower_teeth",
            "tongue", "lashes", …: a model may lack some but always has "skin").
        joint_names: ("neck", "head", "left_eye", "right_eye"), root first. joint_parents: (J,) int, -1 for the root.
        skin_weights: (V, J), rows sum to 1.
        mirror: (V,) int32, the vertex at the mirrored place (x → -x).
    """

    model_id: str
    sizes: Sizes
    mean_vertices: Array
    identity_basis: Array
    expression_basis: Array
    triangles: NDArray[np.int32]
    uv: Array
    uv_triangles: NDArray[np.int32]
    part: NDArray[np.uint8]
    part_names: tuple[str, ...]
    joint_names: tuple[str, ...]
    joint_parents: NDArray[np.int32]
    skin_weights: Array
    mirror: NDArray[np.int32]

    def vertices(self, identity: Tensor, expression: Tensor, joints: Tensor) -> Tensor:
        """Evaluate (B, I), (B, E), (B, J, 3) rotation vectors → (B, V, 3) mm, differentiable in all three."""
        ...

    def joint_centres(self, identity: Tensor) -> Tensor:
        """The rest position of each joint: (B, I) → (B, J, 3) mm."""
        ...

    def albedo_texture(self, albedo: Tensor) -> Tensor:
        """Evaluate the texture model: (B, A) whitened → (B, 3, H, W) linear RGB in [0, 1], differentiable."""
        ...

    def opacity_texture(self) -> Array:
        """(H, W) float32 in [0, 1]: 0 where the texture is see-through (between lashes)."""
        ...

    def embedding(self, name: str) -> LandmarkEmbedding:
        """The points "ibug68" or "mediapipe478" on the surface. Raises KeyError for a name it lacks."""
        ...


#: Heads whose vertices each model keeps.
_KEPT_HEADS = 4
_EVALUATED: WeakKeyDictionary[Any, dict[bytes, Array]] = WeakKeyDictionary()


def at_rest(model: MorphableModel, params: FaceParams, **changes: object) -> FaceParams:
    """Copy `params` with its face at rest: no expression, joints at zero; `changes` override fields."""
    rest = params.replace(
        expression=np.zeros(model.sizes.expression, np.float32), joints=np.zeros((model.sizes.joints, 3), np.float32)
    )
    return rest.replace(**changes)


def with_weights(params: FaceParams, weights: dict[str, float]) -> FaceParams:
    """The same parameters with some expression weights changed, by ARKit name.

    Raises:
        FaceGPTError: for a name that is none of the 52, or a weight outside 0..1.
    """
    expression = np.array(params.expression, np.float32)
    for name, value in weights.items():
        if name not in ARKIT_NAMES or not 0 <= value <= 1:
            raise FaceGPTError(f"expressions are ARKit names with weights of 0 to 1, not '{name}': {value}")
        expression[ARKIT_NAMES.index(name)] = value
    return params.replace(expression=expression)


def check_model(model: MorphableModel, params: FaceParams) -> None:
    """Raise ShapeError when `params` were made for another head model."""
    if params.model_id != model.model_id:
        raise ShapeError(
            f"these parameters belong to the head model '{params.model_id}', not to '{model.model_id}'; "
            "facegpt.convert() refits them"
        )


def head_vertices(model: MorphableModel, params: FaceParams) -> Array:
    """Evaluate one face: (V, 3) mm, head frame, local shapes, expression and joints included."""
    check_model(model, params)
    model = shaped(model, params.local)
    given = [np.ascontiguousarray(a, np.float32) for a in (params.identity, params.expression, params.joints)]
    kept, key = _evaluated(model), b"".join(one.tobytes() for one in given)
    found = kept.get(key)
    if found is None:
        found = _evaluate(model, *given)
        while len(kept) >= _KEPT_HEADS:
            kept.pop(next(iter(kept), b""), None)
        kept[key] = found
    return found.copy()


def _evaluate(model: MorphableModel, identity: Array, expression: Array, joints: Array) -> Array:
    """The vertices (V, 3) mm of one head, by its `one_face` where a model has such: without torch."""
    if (one := getattr(model, "one_face", None)) is not None:
        return np.asarray(one.vertices(identity, expression, joints))
    import torch

    with torch.no_grad():
        given = (torch.from_numpy(each)[None] for each in (identity, expression, joints))
        return np.asarray(model.vertices(*given)[0].numpy())


def joint_places(model: MorphableModel, identity: Array) -> Array:
    """The rest position (J, 3) mm of each joint of one person (I,), or (B, J, 3) of several (B, I)."""
    weights = np.asarray(identity, np.float32)
    if (one := getattr(model, "one_face", None)) is not None:
        return np.asarray(one.joint_centres(weights))
    import torch

    with torch.no_grad():
        found = model.joint_centres(torch.from_numpy(np.atleast_2d(weights))).numpy()
    return found if weights.ndim > 1 else found[0]


def _evaluated(model: MorphableModel) -> dict[bytes, Array]:
    """The vertices of the last heads of a model, by their parameters: one face is asked for by many steps in a row."""
    try:
        return _EVALUATED.setdefault(model, {})
    except TypeError:  # a model that cannot be a key
        return {}


def face_region(model: MorphableModel) -> NDArray[np.int64]:
    """The skin vertices (N,) within 95 mm of the mean head's nose tip."""
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    nose_tip = model.embedding("ibug68")(model.mean_vertices)[30]
    return np.asarray(skin[within_radius(model.mean_vertices[skin], nose_tip)], np.int64)
