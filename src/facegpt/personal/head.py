"""The head of one person: the default head with the person's own neutral shape and own expressions in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array, LandmarkEmbedding, ShapeError

#: Letters of a name that go into the model_id.
_LONGEST_NAME = 32


class PersonalHead(MakeHumanHead):
    """A MorphableModel of one person: identity zero is this person, other identities are how far one is from them.

    Everything that takes the default head takes this one. θ of the two do not mix: the model_id is the person's own
    ("makehuman-head/2+anna-1a2b3c").

    Attributes:
        base: the default head. name: of the person.
        own_identity: (I,) the nearest person of the default head. offset: (V, 3) mm that the neutral shape lies off it;
            zero where nothing was seen. own_units: (52, V, 3) mm that is added to the units. marks: the points
            "mediapipe478" of this person, or None.
    """

    def __init__(
        self,
        base: MakeHumanHead,
        name: str,
        identity: Array,
        offset: Array,
        units: Array | None = None,
        marks: LandmarkEmbedding | None = None,
    ) -> None:
        """Put a person into the default head.

        Args:
            base: the default head.
            name: of the person.
            identity: (I,) of the default head.
            offset: (V, 3) mm on the neutral shape of that identity.
            units: (52, V, 3) mm on the units at weight 1, or None for those of the default head.
            marks: where MediaPipe's points lie on this face, or None for where they lie on the default head.

        Raises:
            ShapeError: if the arrays have other shapes than the head's, or numbers that are not finite.
        """
        sizes = base.sizes
        own = np.zeros((sizes.expression, sizes.vertices, 3), np.float16) if units is None else np.asarray(units)
        wanted = {
            "identity": (identity, (sizes.identity,)),
            "offset": (offset, (sizes.vertices, 3)),
            "units": (own, (sizes.expression, sizes.vertices, 3)),
        }
        for key, (array, shape) in wanted.items():
            if np.shape(array) != shape:
                raise ShapeError(f"the {key} of '{name}' have shape {np.shape(array)}, {base.model_id} has {shape}")
            if not np.isfinite(array).all():
                raise ShapeError(f"the {key} of '{name}' hold numbers that are not finite")
        super().__init__(base.arrays)
        self.base, self.name, self.marks = base, name, marks
        self.own_identity: Array = np.asarray(identity, np.float32)
        self.offset: Array = np.asarray(offset, np.float32)
        self.own_units: NDArray[np.float16] = own.astype(np.float16)
        self.model_id = own_model_id(base, name, self.own_identity, self.offset, self.own_units)
        joints = base.arrays["joint_centres"] + np.tensordot(self.own_identity, base.arrays["joint_basis"], 1)
        for eye in ("left_eye", "right_eye"):  # an eyeball turns about where it is
            rows = np.unique(base.triangles[base.part == base.part_names.index(eye)])
            joints[base.joint_names.index(eye)] += self.offset[rows].mean(0)
        self.arrays = {**base.arrays, "joint_centres": joints.astype(np.float32)}
        self.mean_vertices = base.neutral_vertices(self.own_identity) + self.offset
        self.expression_basis = base.expression_basis + self.own_units.astype(np.float32)
        self.correctives = replace(base.correctives, about=self.own_identity)

    def embedding(self, name: str) -> LandmarkEmbedding:
        """As the default head's, but "mediapipe478" where these points are seen on this person."""
        return self.marks if name == "mediapipe478" and self.marks is not None else super().embedding(name)

    def with_marks(self, marks: LandmarkEmbedding | None) -> PersonalHead:
        """The same head with points of its own, or with everybody's."""
        return PersonalHead(self.base, self.name, self.own_identity, self.offset, self.own_units, marks)

    def attributes(self, identity: Array, albedo: Array | None = None) -> dict[str, float]:
        """As the default head tells them of the whole identity; offsets have no say."""
        return super().attributes(self._whole(identity), albedo)

    def attribute_sd(
        self, identity: Array, albedo: Array | None = None, covariance: Array | None = None
    ) -> dict[str, float]:
        """As the default head tells them of the whole identity."""
        return super().attribute_sd(self._whole(identity), albedo, covariance)

    def sample(self, count: int = 1, seed: int = 0, sex: str | None = None, age: float | None = None) -> Array:
        """Draw people of the population (count, I), as differences from this one."""
        return super().sample(count, seed, sex, age) - self.own_identity

    def _whole(self, identity: Array) -> Array:
        return np.asarray(identity, np.float64) + self.own_identity


def own_model_id(base: MakeHumanHead, name: str, *arrays: NDArray) -> str:
    """The model_id of a personal head: base, name and six digits that tell versions of it apart."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_NAME] or "person"
    return f"{base.model_id}+{plain}-{digest.hexdigest()[:6]}"
