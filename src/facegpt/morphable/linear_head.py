"""A head model read from a file, with what the default head lends it: a MorphableModel as any other."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import Sizes
from facegpt.morphable.head_file import HeadFile, mirror_table
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE
from facegpt.morphable.measure import measures
from facegpt.morphable.nearest_person import nearest_identity
from facegpt.morphable.skinning import pose, rotation_matrices
from facegpt.morphable.transfer.carried import Carried
from facegpt.morphable.transfer.carried_albedo import CarriedAlbedo
from facegpt.morphable.transfer.cylinder_uv import cylinder_uv
from facegpt.morphable.transfer.own_expressions import OwnExpressions, fitted_units
from facegpt.types import Array, LandmarkEmbedding, Measure, ShapeError

_JOINTS, _PARENTS = ("neck", "head", "left_eye", "right_eye"), (-1, 0, 1, 1)
_EMBEDDINGS = ("ibug68", "mediapipe478")


class LinearHead:
    """A MorphableModel (see base.py for every attribute) of somebody else's shape space.

    What its file lacks is the default head's, carried over by bending the latter onto it: landmarks, skin colours, and
    where need be joints and ARKit units. The origin is midway between the tragia of its mean head, which the default
    head's tragia mark; its axes are the file's.

    Attributes:
        source_vertex: (V,) number of each vertex in the mesh that the model's authors published.
        own_expressions: how the 52 units are made of the model's own directions, or None where they are its own.
    """

    def __init__(self, file: HeadFile) -> None:
        """Take a head from its file; the first time takes some seconds, later ones read what was kept."""
        self.carried = Carried.onto(file)
        self.model_id = file.model_id
        origin = self.carried.origin
        self.mean_vertices: Array = (np.asarray(file.vertices, np.float64) - origin).astype(np.float32)
        self.identity_basis: Array = np.asarray(file.identity, np.float32)
        self.own_expressions: OwnExpressions | None = None
        if file.units is not None:
            units = np.array(file.units, np.float32)
        else:
            units, self.own_expressions = fitted_units(self.carried)
        balls = file.part_vertices("left_eye", "right_eye")
        units[:, balls] = 0.0  # one thing moves one way: eyeballs turn by their joints
        self.expression_basis: Array = units
        self.triangles: NDArray[np.int32] = np.ascontiguousarray(file.triangles, np.int32)
        self.part, self.part_names = file.part, file.part_names
        self.uv, self.uv_triangles = _texture_coordinates(file)
        self.joint_names, self.joint_parents = _JOINTS, np.array(_PARENTS, np.int32)
        weights = file.skin_weights if file.skin_weights is not None else self.carried.skin_weights
        self.skin_weights: Array = np.asarray(weights, np.float32)
        centres, self._joint_basis = _joints(file, self.carried)
        self._joint_centres = centres - origin
        self.pose_basis = file.pose_basis
        self.mirror: NDArray[np.int32] = mirror_table(self.mean_vertices)
        vertices = len(self.mean_vertices)
        source = file.source_vertex
        self.source_vertex = np.arange(vertices, dtype=np.int32) if source is None else source
        self.sizes = Sizes(
            vertices=vertices,
            triangles=len(self.triangles),
            texture_coordinates=len(self.uv),
            identity=len(self.identity_basis),
            expression=len(ARKIT_NAMES),
            joints=len(_JOINTS),
            albedo=ALBEDO_SIZE,
        )

    @cached_property
    def _tensors(self) -> dict[str, Tensor]:
        rows = self.sizes.identity + self.sizes.expression
        arrays = {
            "mean": self.mean_vertices.reshape(-1),
            "basis": np.concatenate([self.identity_basis, self.expression_basis]).reshape(rows, -1),
            "joint_mean": self._joint_centres.reshape(-1).astype(np.float32),
            "joint_basis": self._joint_basis.reshape(self.sizes.identity, -1).astype(np.float32),
            "skin_weights": self.skin_weights,
        }
        return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}

    def vertices(self, identity: Tensor, expression: Tensor, joints: Tensor) -> Tensor:
        """Evaluate (B, I), (B, E), (B, J, 3) rotation vectors → (B, V, 3) mm, differentiable in all three."""
        weights = torch.cat([identity, expression], -1)
        mean, basis = self._tensors["mean"].to(weights), self._tensors["basis"].to(weights)
        if weights.shape[-1] != len(basis):
            raise ShapeError(f"{self.model_id} takes {self.sizes.identity} + {self.sizes.expression} weights")
        rest = torch.addmm(mean, weights, basis).reshape(len(weights), -1, 3)
        if self.pose_basis is not None:
            turns = (rotation_matrices(joints) - torch.eye(3).to(joints)).reshape(len(joints), -1)
            shapes = torch.from_numpy(self.pose_basis.reshape(len(self.joint_names) * 9, -1)).to(turns)
            rest = rest + (turns @ shapes).reshape(len(joints), -1, 3)
        share = self._tensors["skin_weights"].to(rest)
        return pose(rest, self.joint_centres(identity), joints, self.joint_parents.tolist(), share)

    def joint_centres(self, identity: Tensor) -> Tensor:
        """Rest position of each joint: (B, I) → (B, J, 3) mm."""
        mean, basis = self._tensors["joint_mean"].to(identity), self._tensors["joint_basis"].to(identity)
        return torch.addmm(mean, identity, basis).reshape(len(identity), -1, 3)

    @cached_property
    def albedo(self) -> CarriedAlbedo:
        """The skin's texture model: the default head's, on this head's atlas. Made when first asked for."""
        return CarriedAlbedo(self.carried, self.uv, self.uv_triangles)

    def albedo_texture(self, albedo: Tensor) -> Tensor:
        """Evaluate the texture model: (B, A) whitened → (B, 3, H, W) linear RGB in [0, 1], differentiable."""
        return self.albedo.texture(albedo)

    def opacity_texture(self) -> Array:
        """(H, W) float32 in [0, 1]: 0 where the texture is see-through (between lashes)."""
        return self.albedo.opacity

    def embedding(self, name: str) -> LandmarkEmbedding:
        """The points "ibug68" or "mediapipe478" of the default head on this surface. KeyError for other names."""
        if name not in _EMBEDDINGS:
            raise KeyError(name)
        return self._embeddings[name]

    @cached_property
    def _embeddings(self) -> dict[str, LandmarkEmbedding]:
        return {name: self.carried.embedding(name) for name in _EMBEDDINGS}

    def neutral_vertices(self, identity: Array) -> Array:
        """One neutral head (I,) → (V, 3) mm, or several (B, I) → (B, V, 3)."""
        return self.mean_vertices + np.tensordot(np.asarray(identity, np.float32), self.identity_basis, 1)

    def measure(self, identity: Array, sex: str | None = None) -> dict[str, Measure]:
        """Distances of the neutral head of one identity (I,) in mm, with percentiles among adults (of one `sex`).

        By the default head's landmarks, carried over; distances to a landmark that this head lacks are left out.
        """
        found = measures(self.carried.landmarks, self.neutral_vertices(identity), sex)
        return {name: measure for name, measure in found.items() if np.isfinite(measure.value_mm)}

    def attributes(self, identity: Array, albedo: Array | None = None) -> dict[str, float]:
        """Age_years, masculinity and heaviness 0..1 and, with `albedo` (A,), skin_lightness (CIE L*).

        They are the default head's, of its person whose face is nearest to this one.
        """
        return self.carried.own.attributes(self._nearest(identity), albedo)

    def attribute_sd(self, identity: Array, albedo: Array | None = None) -> dict[str, float]:
        """Standard deviations of `attributes`: what shape and skin leave open, rough."""
        return self.carried.own.attribute_sd(self._nearest(identity), albedo)

    def _nearest(self, identity: Array) -> Array:
        return nearest_identity(identity, self, self.carried.own)  # type: ignore[arg-type]


def _joints(file: HeadFile, carried: Carried) -> tuple[Array, Array]:
    """Centres (4, 3) and how they move with identity (I, 4, 3), in the frame of the file."""
    if file.joint_centres is not None and file.joint_basis is not None:
        return np.asarray(file.joint_centres), np.asarray(file.joint_basis)
    return carried.joint_centres()


def _texture_coordinates(file: HeadFile) -> tuple[Array, NDArray[np.int32]]:
    if file.uv is not None and file.uv_triangles is not None:
        return np.asarray(file.uv, np.float32), np.ascontiguousarray(file.uv_triangles, np.int32)
    return cylinder_uv(file)
