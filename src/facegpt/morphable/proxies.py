"""Meshes that a head wears beside its own: hair, glasses, headwear, clear corneas. Frames: conventions.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import LINEAR_OF_BYTE, linear_to_srgb, rotation_from_rotvec
from facegpt.morphable.base import MorphableModel, at_rest, head_vertices, joint_places
from facegpt.morphable.rooted import Rooted
from facegpt.morphable.skinning import pose_one
from facegpt.types import Array, FaceParams, Mesh

#: Names of the cloth that covers a head, and of the shirt that its neck ends in.
HEADWEAR, SHIRT = "headwear", "shirt"


@dataclass(frozen=True)
class Surface:
    """What a part looks like that has no picture.

    Attributes:
        name: of its material in files. colour: (3,) linear RGB. opacity: 0..1.
        roughness: 0 a mirror, 1 dull. metallic: 0 or 1, as in glTF, or between.
    """

    name: str
    colour: tuple[float, float, float]
    opacity: float = 1.0
    roughness: float = 0.4
    metallic: float = 0.0


@dataclass(frozen=True, eq=False)
class Proxy:
    """One mesh worn by one person (P vertices, V of the head, J joints). Head frame, mm.

    Attributes:
        name: "hair", "beard", "moustache", "left_cornea", "right_cornea", "glasses", "headwear", "shirt".
        mesh: the mesh with joints turned as in the photo; its texture has alpha, or is None where `surfaces` serve.
        normals: (P, 3) unit, to shade `mesh` with: smoother than its triangles', since hair is drawn as thin cards.
        rest_vertices, rest_normals: (P, 3), joints at rest.
        skin_weights: (P, J), rows sum to 1.
        roughness: 0 a mirror, 1 dull.
        glass: whether it is clear and only mirrors the light, or a surface with holes and soft edges.
        open_to_light: (P,) 0..1, the share of the light from around that the rest of the proxy leaves.
        head_open_to_light: (V,) 0..1, the share that it leaves to the head's own vertices.
        tangents: (P, 3) unit, along the strands from root to tip, as in the photo; None where there are none.
        surfaces: one for each name of `mesh.part_names`; () where the mesh has a picture, or is a cornea.
        rooted: how it moves with the skin as the face does; None where joints alone move it.
        relief: (h, w, 3) uint8 tangent-space normals over the whole of its texture, or None.
        tint: (P, 3) 0..1, what its picture's linear colours are multiplied by; None for nothing.
        head_shine: (V,) 0..1, the share of the head's own highlight that is left, as roots painted on skin are dull;
            None for all of it.
    """

    name: str
    mesh: Mesh
    normals: Array
    rest_vertices: Array
    rest_normals: Array
    skin_weights: Array
    roughness: float
    glass: bool
    open_to_light: Array
    head_open_to_light: Array
    tangents: Array | None = None
    surfaces: tuple[Surface, ...] = ()
    rooted: Rooted | None = None
    relief: NDArray[np.uint8] | None = None
    tint: Array | None = None
    head_shine: Array | None = None

    @property
    def is_pictured(self) -> bool:
        """Whether it has a picture of its own: hair and cloth."""
        return not self.glass and not self.surfaces

    @property
    def is_hair(self) -> bool:
        """Whether it is drawn as cards of strands."""
        return self.is_pictured and self.name not in (HEADWEAR, SHIRT)

    @cached_property
    def plain_texture(self) -> NDArray[np.uint8]:
        """Its texture for readers that know no tint: as bright as the tint leaves it on average."""
        texture = np.asarray(self.mesh.texture)
        if self.tint is None:
            return texture
        of_byte = np.round(255 * linear_to_srgb(LINEAR_OF_BYTE[:, None] * np.asarray(self.tint).mean(0)))
        table = np.concatenate([of_byte.astype(np.uint8), np.arange(256, dtype=np.uint8)[:, None]], 1)
        return np.stack([table[:, k].take(texture[..., k]) for k in range(4)], -1)


@dataclass(frozen=True, eq=False)
class RestProxy:
    """What a proxy is posed from: the same fields at rest (see Proxy), with texture coordinates and a joint.

    Attributes:
        vertices, normals: (P, 3). triangles, uv_triangles: (F, 3). uv: (U, 2).
        texture: (H, W, 4) uint8 sRGB with alpha, or None.
        joint: name of the joint that carries it, stiffly; skin_weights: (P, J) joints that share it instead, or None.
        part: (F,) index into part_names; None where the whole is one part of the proxy's name.
    """

    name: str
    vertices: Array
    normals: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    texture: NDArray[np.uint8] | None
    joint: str
    roughness: float
    glass: bool
    open_to_light: Array
    head_open_to_light: Array
    tangents: Array | None = None
    skin_weights: Array | None = None
    part: NDArray[np.uint8] | None = None
    part_names: tuple[str, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    rooted: Rooted | None = None
    relief: NDArray[np.uint8] | None = None
    tint: Array | None = None
    head_shine: Array | None = None


def posed(rest: RestProxy, model: MorphableModel, params: FaceParams) -> Proxy:
    """The proxy moved with the face and turned with its joints as `params` say."""
    rest, given = (rest, rest) if rest.rooted is None else (_made_face(rest, rest.rooted, model, params), rest)
    weights = rest.skin_weights
    if weights is None:
        weights = np.zeros((len(rest.vertices), model.sizes.joints), np.float32)
        weights[:, model.joint_names.index(rest.joint)] = 1.0
    placed, turns = np.array(rest.vertices, np.float32), np.asarray(params.joints, np.float64)
    shares, parents = np.ascontiguousarray(weights.T), model.joint_parents.tolist()
    vertices = pose_one(placed, joint_places(model, params.identity), turns, parents, shares)
    turned = _joint_rotations(model, params)
    normals = _turned(rest.normals, weights, turned)
    tangents = None if rest.tangents is None else _turned(rest.tangents, weights, turned)
    part = np.zeros(len(rest.triangles), np.uint8) if rest.part is None else rest.part
    names = rest.part_names or (rest.name,)
    mesh = Mesh(vertices, rest.triangles, rest.uv, rest.uv_triangles, part, names, rest.texture)
    return Proxy(
        rest.name, mesh, normals, given.vertices, given.normals, weights, rest.roughness, rest.glass,
        rest.open_to_light, rest.head_open_to_light, tangents, rest.surfaces, rest.rooted,
        rest.relief, rest.tint, rest.head_shine,
    )  # fmt: skip


def _made_face(rest: RestProxy, rooted: Rooted, model: MorphableModel, params: FaceParams) -> RestProxy:
    """The same proxy as the expression of `params` moves the skin at its roots, joints at rest."""
    if not np.any(params.expression):
        return rest
    still = at_rest(model, params)
    before, after = head_vertices(model, still), head_vertices(model, still.replace(expression=params.expression))
    turned = [rooted.turned(d, before, after) for d in (rest.normals, rest.tangents) if d is not None]
    moved = rest.vertices + rooted.moves(rest.vertices, before, after)
    return replace(rest, vertices=moved, normals=turned[0], tangents=turned[1] if len(turned) > 1 else None)


def _turned(directions: Array, weights: Array, rotations: Array) -> NDArray[np.float32]:
    """Unit directions (P, 3) turned by rotations (J, 3, 3) that share them by weights (P, J)."""
    total = np.zeros((len(directions), 3), np.float32)
    for joint, rotation in enumerate(rotations):
        if weights[:, joint].any():
            total += weights[:, joint, None] * (directions @ rotation.T)
    return (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)).astype(np.float32)


def _joint_rotations(model: MorphableModel, params: FaceParams) -> Array:
    """The rotation (J, 3, 3) of each joint together with the joints that carry it."""
    turns = np.stack([rotation_from_rotvec(turn) for turn in params.joints]).astype(np.float32)
    total = turns.copy()
    for index, parent in enumerate(model.joint_parents):  # parents come before their children
        if parent >= 0:
            total[index] = total[int(parent)] @ turns[index]
    return total


def head_motion(model: MorphableModel, params: FaceParams) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How the joints move what the head carries: rotation (3, 3) and shift (3,) mm, from rest."""
    corners = np.concatenate([np.zeros((1, 3)), 100 * np.eye(3)])
    weights = np.zeros((4, model.sizes.joints), np.float32)
    weights[:, model.joint_names.index("head")] = 1.0
    centres = joint_places(model, params.identity)
    turns = np.asarray(params.joints, np.float64)
    moved = pose_one(corners, centres.astype(np.float64), turns, model.joint_parents.tolist(), weights.T)
    return (moved[1:] - moved[0]).T / 100, moved[0]
