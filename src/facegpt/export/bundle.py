"""What every 3D file format is written from: one head with all its numbers evaluated, no model needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.roughness import skin_roughness
from facegpt.conventions import ARKIT_NAMES
from facegpt.hair.strands import Strands
from facegpt.morphable.base import MorphableModel, at_rest, check_model, head_vertices, joint_places
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.proxies import Proxy
from facegpt.types import Array, FaceGPTError, FaceParams, Hair, Mesh, ShapeError

#: Side of the roughness map in files, texels.
ROUGHNESS_SIZE = 512
#: Names of what a head may wear as cards of strands.
CARDS = ("hair", "beard", "moustache", "headwear", "shirt")
#: The head frame (conventions.py) in one line, for headers of files in millimetres.
UNITS_AND_AXES = (
    "units: millimetres; axes: +x the subject's left, +y up, +z out of the face; origin midway between the tragia"
)


@dataclass(frozen=True)
class FileOptions:
    """What a folder of files holds beside the usual.

    Attributes:
        dense: GLB files store every vertex of a morph target, for readers that know no sparse accessors.
        fbx: FBX is written too: face.fbx, animation.fbx, an avatar's head.fbx.
        shapes: further morph targets by name, each (E,) weights of the units that make it (`with_shapes`).
        doubt: a picture of how unsure each place of the head is goes with it, doubt.png.
    """

    dense: bool = False
    fbx: bool = False
    shapes: Mapping[str, Array] = field(default_factory=dict)
    doubt: bool = False


#: The files that are always written.
USUAL = FileOptions()


@dataclass(frozen=True, eq=False)
class Folds:
    """The skin's relief as a head moves, mm along its normal, each in the window of the skin (detail/skin_window.py).

    Attributes:
        at_rest, posed: (HEIGHT, WIDTH) float32, of the neutral head, and with its expression.
        by_unit: E of them, of the neutral head with one unit at 1.
    """

    at_rest: NDArray[np.float32]
    posed: NDArray[np.float32]
    by_unit: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, eq=False)
class SkinDetail:
    """The relief of a head's skin over its whole atlas of S × S texels, row 0 on top.

    Attributes:
        posed: (S, S) float32 mm along the skin's normal, with its expression.
        normal_at_rest, normal_posed: (S, S, 3) uint8 tangent-space normals (MikkTSpace, +Y).
        facts: what params.json says of it. parts: (S, S) mm, what it is made of, by the file's name.
        folds: what a subdivided head is displaced by; None where none is wanted.
    """

    posed: NDArray[np.float32]
    normal_at_rest: NDArray[np.uint8]
    normal_posed: NDArray[np.uint8]
    facts: dict[str, object]
    parts: dict[str, NDArray[np.float32]]
    folds: Folds | None = None


@dataclass(frozen=True)
class HeadExport:
    """One person's head, ready to be written. Head frame, millimetres (conventions.py).

    Attributes:
        name: name of the head inside the files.
        model_id: the head model that it comes from.
        neutral: (V, 3) the person at rest. posed: (V, 3) with expression and joints.
        triangles: (F, 3). uv: (U, 2), v up. uv_triangles: (F, 3). part: (F,) index into part_names.
        expression_names: E names. expression_basis: (E, V, 3) mm that a weight of 1 adds to `neutral`.
        expression: (E,) the weights of `posed`.
        joint_names, joint_parents: J of each; a parent comes before its children, -1 is the root.
        joint_centres: (J, 3) at rest. joint_rotations: (J, 3) rotation vectors of `posed`, radians.
        skin_weights: (V, J), rows sum to 1.
        texture: (H, W, 4) uint8 sRGB with alpha; row 0 is v = 1.
        roughness: (S, S) 0..1 over the same atlas, or None where each part has one value (surface.py).
        worn: hair, glasses and corneas, meshes of their own.
        detail: the skin's relief, or None.
        dense: whether glTF files store every vertex of a morph target, for readers that know no sparse accessors.
        strands, groomed: the hair as single strands and its colours, where a format takes them; else None.
    """

    name: str
    model_id: str
    neutral: Array
    posed: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    part: NDArray[np.integer]
    part_names: tuple[str, ...]
    expression_basis: Array
    expression: Array
    joint_names: tuple[str, ...]
    joint_parents: tuple[int, ...]
    joint_centres: Array
    joint_rotations: Array
    skin_weights: Array
    texture: NDArray[np.uint8]
    roughness: Array | None = None
    worn: tuple[Proxy, ...] = ()
    detail: SkinDetail | None = None
    dense: bool = False
    strands: Strands | None = None
    groomed: Hair | None = None
    expression_names: tuple[str, ...] = field(default=ARKIT_NAMES)

    def __post_init__(self) -> None:
        """Check that the arrays fit each other.

        Raises:
            ShapeError: naming the first that doesn't.
        """
        v, f, e, j = len(self.neutral), len(self.triangles), len(self.expression_names), len(self.joint_names)
        wanted = {
            **{"neutral": (v, 3), "posed": (v, 3), "triangles": (f, 3), "uv_triangles": (f, 3), "part": (f,)},
            **{"uv": (len(self.uv), 2), "expression_basis": (e, v, 3), "expression": (e,), "joint_parents": (j,)},
            **{"joint_centres": (j, 3), "joint_rotations": (j, 3), "skin_weights": (v, j)},
            "texture": (*self.texture.shape[:2], 4),
        }
        for key, shape in wanted.items():
            if np.shape(getattr(self, key)) != shape:
                raise ShapeError(f"cannot export: {key} has shape {np.shape(getattr(self, key))}, expected {shape}")
        if self.texture.dtype != np.uint8:
            raise ShapeError(f"cannot export: the texture is {self.texture.dtype}, expected uint8")
        if not all(np.isfinite(a).all() for a in (self.neutral, self.posed, self.expression_basis)):
            raise ShapeError("cannot export: some vertices are not finite numbers")

    def mesh(self, vertices: Array) -> Mesh:
        """The surface, untextured, with its vertices (V, 3) at these places."""
        part = np.asarray(self.part, np.uint8)
        return Mesh(vertices, self.triangles, self.uv, self.uv_triangles, part, self.part_names)

    @property
    def hair(self) -> Proxy | None:
        """The hair, if it is a mesh."""
        return next((proxy for proxy in self.worn if proxy.name == "hair"), None)

    @property
    def cards(self) -> tuple[Proxy, ...]:
        """All that has a picture of its own: beard, moustache, hair, headwear."""
        return tuple(proxy for proxy in self.worn if proxy.is_pictured)

    @property
    def glasses(self) -> Proxy | None:
        """The glasses, if it wears any."""
        return next((proxy for proxy in self.worn if proxy.surfaces), None)

    @property
    def see_through(self) -> bool:
        """Whether the texture has holes (lashes); without them it may be stored without alpha."""
        return bool((self.texture[..., 3] < 128).any())


def from_model(
    model: MorphableModel,
    params: FaceParams,
    texture: NDArray[np.uint8],
    name: str = "face",
    worn: tuple[Proxy, ...] = (),
) -> HeadExport:
    """Evaluate everything that a file needs for the face `params` of `model`; texture (H, W, 4) uint8 sRGB.

    worn: hair and corneas of the same params.

    Raises:
        ShapeError: if `params` belong to another head model, or the texture is not (H, W, 4) uint8.
    """
    check_model(model, params)
    model = shaped(model, params.local)
    centres = joint_places(model, params.identity)
    return HeadExport(
        name=name,
        model_id=model.model_id,
        neutral=head_vertices(model, at_rest(model, params)),
        posed=head_vertices(model, params),
        triangles=model.triangles,
        uv=model.uv,
        uv_triangles=model.uv_triangles,
        part=model.part,
        part_names=tuple(model.part_names),
        expression_basis=_units(model, params),
        expression=np.asarray(params.expression),
        joint_names=tuple(model.joint_names),
        joint_parents=tuple(int(parent) for parent in model.joint_parents),
        joint_centres=centres,
        joint_rotations=np.asarray(params.joints),
        skin_weights=np.asarray(model.skin_weights),
        texture=texture,
        roughness=skin_roughness(model, params, ROUGHNESS_SIZE),
        worn=worn,
    )


def _units(model: MorphableModel, params: FaceParams) -> Array:
    """The units (E, V, 3) of this person, where the model has such (a blink is as long as the eye is high)."""
    if hasattr(model, "units_of"):
        return np.asarray(model.units_of(params.identity))
    return np.asarray(model.expression_basis)


def with_shapes(head: HeadExport, shapes: Mapping[str, Array]) -> HeadExport:
    """A head whose files hold further morph targets after its units.

    Args:
        head: what is written.
        shapes: name → (E,) weights of the units that make it; the target is their sum.

    Raises:
        FaceGPTError: if the head has other units, or a relief that follows its units.
    """
    if not shapes:
        return head
    weights = np.stack([np.asarray(each, np.float32) for each in shapes.values()])
    if len(head.expression_names) != weights.shape[1]:
        raise FaceGPTError(
            f"{next(iter(shapes))} … are made of the {weights.shape[1]} ARKit units, which this head lacks"
        )
    if head.detail is not None and head.detail.folds is not None:
        raise FaceGPTError("further shapes aren't made for a subdivided head whose folds follow its units")
    basis = np.asarray(head.expression_basis, np.float32)
    return replace(
        head,
        expression_names=(*head.expression_names, *shapes),
        expression_basis=np.concatenate([basis, np.tensordot(weights, basis, 1)]),
        expression=np.concatenate([np.asarray(head.expression), np.zeros(len(shapes))]),
    )
