"""The default head: MakeHuman's CC0 mesh with a prior learnt on it. Its data file is built by lab/runs/head."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegpt import assets
from facegpt.cielab import lab_from_linear
from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import Sizes
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, AlbedoModel
from facegpt.morphable.makehuman.ancestry import AncestryMix
from facegpt.morphable.makehuman.attributes import LIGHTNESS_SD, AttributeAxes
from facegpt.morphable.makehuman.controls import Controls
from facegpt.morphable.makehuman.correctives import Correctives
from facegpt.morphable.makehuman.neck_form import neck_form
from facegpt.morphable.makehuman.numpy_head import OneFace
from facegpt.morphable.measure import Landmarks, measures
from facegpt.morphable.skinning import pose
from facegpt.types import Array, LandmarkEmbedding, Measure, ShapeError

if TYPE_CHECKING:
    from torch import Tensor

ASSET = "makehuman_head.npz"
CHILDREN_ASSET = "makehuman_children.npz"
POINTS_ASSET = "makehuman_mediapipe478.npz"
DENSE_ASSET = "makehuman_dense.npz"


def load() -> MakeHumanHead:
    """Load the default head from the package's data (checksum verified)."""
    return MakeHumanHead(assets.load_arrays(ASSET))


class MakeHumanHead:
    """A MorphableModel (see base.py for every attribute): skin, eyeballs, teeth, tongue and lashes of one head.

    Identity is whitened: N(0, I) is a plausible adult of either sex. The jaw opens by its morph only, the eyeballs turn
    by their joints only (eyeLook* morphs move the lids), and tilt of head and neck by theirs.
    """

    model_id = "makehuman-head/2"

    def __init__(self, arrays: dict[str, NDArray]) -> None:
        """Unpack the arrays of the data file: displacements are stored as int16 multiples of a step in mm."""
        step = arrays["step_mm"].astype(np.float32)
        self.arrays = arrays
        neck, of_identity = neck_form(arrays["mean_vertices"], AttributeAxes.from_arrays(arrays))
        self.mean_vertices: Array = arrays["mean_vertices"] + neck
        self.population_mean: Array = self.mean_vertices
        self.identity_basis: Array = arrays["identity_basis"].astype(np.float32) * step + of_identity
        self.expression_basis: Array = arrays["expression_basis"].astype(np.float32) * step
        self.correctives = Correctives.from_arrays(arrays, float(step))
        self.triangles: NDArray[np.int32] = arrays["triangles"].astype(np.int32)
        self.uv: Array = arrays["uv"].astype(np.float32) / 65535.0
        self.uv_triangles: NDArray[np.int32] = arrays["uv_triangles"].astype(np.int32)
        self.part: NDArray[np.uint8] = arrays["part"]
        self.part_names = tuple(str(n) for n in arrays["part_names"])
        self.joint_names = tuple(str(n) for n in arrays["joint_names"])
        self.joint_parents: NDArray[np.int32] = arrays["joint_parents"].astype(np.int32)
        self.skin_weights: Array = arrays["skin_weights"]
        self.mirror: NDArray[np.int32] = arrays["mirror"].astype(np.int32)
        self.sizes = Sizes(
            vertices=len(self.mean_vertices),
            triangles=len(self.triangles),
            texture_coordinates=len(self.uv),
            identity=len(self.identity_basis),
            expression=len(self.expression_basis),
            joints=len(self.joint_names),
            albedo=ALBEDO_SIZE,
        )

    @cached_property
    def one_face(self) -> OneFace:
        """The head of one person without gradients and without torch."""
        joints = self.arrays["joint_basis"].reshape(self.sizes.identity, -1)
        return OneFace(
            mean=np.ascontiguousarray(self.mean_vertices).reshape(-1),
            identity_basis=np.ascontiguousarray(self.identity_basis).reshape(self.sizes.identity, -1),
            expression_basis=np.ascontiguousarray(self.expression_basis).reshape(self.sizes.expression, -1),
            joint_mean=np.ascontiguousarray(self.arrays["joint_centres"]).reshape(-1),
            joint_basis=np.ascontiguousarray(joints),
            joint_parents=self.joint_parents.tolist(),
            joint_shares=np.ascontiguousarray(self.skin_weights.T),
            correctives=self.correctives,
        )

    @cached_property
    def _tensors(self) -> dict[str, Tensor]:
        """Arrays as tensors, flat for matrix products: vertices as (V * 3,), joints as (J * 3,)."""
        import torch

        one = self.one_face
        arrays = {
            "mean": one.mean,
            "basis": np.concatenate([one.identity_basis, one.expression_basis]),
            "joint_mean": one.joint_mean,
            "joint_basis": one.joint_basis,
            "skin_weights": np.ascontiguousarray(self.skin_weights),
        }
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def rest_vertices(self, identity: Tensor, expression: Tensor) -> Tensor:
        """Evaluate (B, I) and (B, E) → (B, V, 3) mm with all joints at rest."""
        import torch

        weights = torch.cat([identity, expression], -1)
        mean, basis = self._tensors["mean"].to(weights), self._tensors["basis"].to(weights)
        if weights.shape[-1] != len(basis):
            raise ShapeError(f"{self.model_id} takes {self.sizes.identity} + {self.sizes.expression} weights")
        flat = torch.addmm(mean, weights, basis)
        return self.correctives.add_to(flat.reshape(len(weights), -1, 3), identity, expression)

    def units_of(self, identity: Array) -> Array:
        """The units (52, V, 3) mm of one person (I,): a blink is as long as the eye is high."""
        return self.correctives.add_own_units(self.expression_basis, identity)

    def vertices(self, identity: Tensor, expression: Tensor, joints: Tensor) -> Tensor:
        """Evaluate (B, I), (B, E), (B, J, 3) rotation vectors → (B, V, 3) mm, differentiable in all three."""
        import torch

        given = (identity, expression, joints)
        if len(identity) == 1 and all(_plain(tensor) for tensor in given) and expression.shape[1] == len(ARKIT_NAMES):
            return torch.from_numpy(self.one_face.vertices(*(tensor[0].detach().numpy() for tensor in given)))[None]
        rest, weights = self.rest_vertices(identity, expression), self._tensors["skin_weights"]
        return pose(rest, self.joint_centres(identity), joints, self.joint_parents.tolist(), weights.to(rest))

    def joint_centres(self, identity: Tensor) -> Tensor:
        """The rest position of each joint: (B, I) → (B, J, 3) mm."""
        import torch

        mean, basis = self._tensors["joint_mean"].to(identity), self._tensors["joint_basis"].to(identity)
        return torch.addmm(mean, identity, basis).reshape(len(identity), -1, 3)

    @cached_property
    def albedo(self) -> AlbedoModel:
        """The skin's texture model, loaded when first asked for."""
        return AlbedoModel.load()

    def albedo_texture(self, albedo: Tensor) -> Tensor:
        """Evaluate the texture model: (B, A) whitened → (B, 3, H, W) linear RGB in [0, 1], differentiable."""
        return self.albedo.texture(albedo)

    def opacity_texture(self) -> Array:
        """(H, W) float32 in [0, 1]: 0 where the texture is see-through (between lashes)."""
        return self.albedo.opacity

    def embedding(self, name: str) -> LandmarkEmbedding:
        """The points "ibug68" (fixed jaw), "mediapipe478" or "dense" on the surface. KeyError for other names.

        ibug68 follows annotators of photos: ICT-FaceKit's 68 points moved by the mean offset of 257 annotated photos;
        the brows are those of mediapipe478, which were found on photos. "dense" holds both and more, on ears, scalp and
        neck: what the dense landmark network finds (lab/runs/landmarks/points.py).
        """
        if name == "dense":
            points = _points(DENSE_ASSET)
            return LandmarkEmbedding(name, points["corners"].astype(np.int64), points["weights"])
        if name not in ("ibug68", "mediapipe478"):
            raise KeyError(name)
        points = _points(POINTS_ASSET)  # made from this head by lab/runs/embedding, so it has a file of its own
        start = "ibug68_" if name == "ibug68" else ""
        corners, weights = points[f"{start}corners"], points[f"{start}weights"]
        return LandmarkEmbedding(name, corners.astype(np.int64), weights.astype(np.float32))

    @cached_property
    def landmarks(self) -> Landmarks:
        """The measuring points of anthropometry."""
        a = self.arrays
        return Landmarks(a["landmark_names"], a["landmark_corners"], a["landmark_weights"])

    @cached_property
    def controls(self) -> Controls:
        """Named controls and the way from them to identity and back."""
        names = tuple(str(n) for n in self.arrays["control_names"])
        return Controls(names, self.arrays["control_directions"], self.axes.male)

    @cached_property
    def axes(self) -> AttributeAxes:
        """Sex, age and heaviness in identity space."""
        names = [str(name) for name in self.arrays["control_names"]]
        grown = assets.load_arrays(CHILDREN_ASSET)["grown"]
        return AttributeAxes.from_arrays(self.arrays).with_looks(names, self.arrays["control_directions"], grown)

    @cached_property
    def ancestry(self) -> AncestryMix:
        """Mixes of MakeHuman's ancestry macros, for words only."""
        return AncestryMix.from_arrays(self.arrays)

    def neutral_vertices(self, identity: Array) -> Array:
        """Evaluate one neutral head (I,) → (V, 3) mm, or several (B, I) → (B, V, 3)."""
        return self.mean_vertices + np.tensordot(np.asarray(identity, np.float32), self.identity_basis, 1)

    def measure(self, identity: Array, sex: str | None = None) -> dict[str, Measure]:
        """Measure the neutral head of one identity (I,) in mm, with percentiles among adults (of one `sex`)."""
        return measures(self.landmarks, self.neutral_vertices(identity), sex)

    def attributes(self, identity: Array, albedo: Array | None = None) -> dict[str, float]:
        """Age_years, masculinity 0..1, heaviness 0..1 and, with `albedo` (A,), skin_lightness (CIE L*)."""
        z = np.asarray(identity, np.float64)
        axes = self.axes
        found = {"age_years": axes.age_years(z), "masculinity": axes.masculinity(z), "heaviness": axes.heaviness(z)}
        if albedo is not None:
            found["skin_lightness"] = self.skin_lightness(albedo)
        return found

    def attribute_sd(
        self, identity: Array, albedo: Array | None = None, covariance: Array | None = None
    ) -> dict[str, float]:
        """The standard deviation of each of `attributes`: what shape and skin leave open, rough.

        `covariance` (I, I) adds the uncertainty of a fitted identity.
        """
        found = self.axes.spread(np.asarray(identity, np.float64), covariance)
        return found if albedo is None else {**found, "skin_lightness": LIGHTNESS_SD}

    def skin_lightness(self, albedo: Array) -> float:
        """The CIE L* (D65, 0..100) of the mean skin colour of the face for albedo coefficients (A,)."""
        texture = self.albedo.texture(np.asarray(albedo, np.float32)[None], 64)[0]
        mask = self.albedo.photo_mask
        step = mask.shape[0] // 64
        mask = mask[: 64 * step, : 64 * step].reshape(64, step, 64, step).mean((1, 3)) > 0.9
        return float(lab_from_linear(texture[:, mask].mean(1))[0])

    def sample(self, count: int = 1, seed: int = 0, sex: str | None = None, age: float | None = None) -> Array:
        """Draw identities (count, I) of plausible people, of a sex ("F", "M") and apparent age if given."""
        return self.axes.sample(np.random.default_rng(seed), count, sex, age).astype(np.float32)


@lru_cache(maxsize=2)
def _points(asset: str) -> dict[str, NDArray]:
    """Points on the surface, read once: every look at a face's landmarks asks for them."""
    return assets.load_arrays(asset)


def _plain(tensor: Tensor) -> bool:
    """Whether numpy may read a tensor and nobody asks for its gradient."""
    import torch

    wanted = tensor.requires_grad and torch.is_grad_enabled()
    return tensor.dtype == torch.float32 and tensor.device.type == "cpu" and not wanted
