"""What a 3D face says in named numbers: the input of the face tokens, read off a head by the decoder's measuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.targets import NETWORK_ATTRIBUTES
from facegpt.types import Array, ShapeError

_AGE_MIDDLE, _AGE_SCALE = 40.0, 20.0
_CLIP_SD = 4.0


@dataclass(frozen=True)
class History:
    """What came before a turn that changes a head. The face tokens hold nothing of it; small networks read it.

    Attributes:
        wore: (E,) weights as it came and after each change but the last, in order.
        asked: (K,) changes of its attributes that were asked for when it came and by each change, in order, SDs.
        said: (K,) the same by the last turn that made or changed any head; None where there was none.
        asks: names (targets.ASKABLE) of what the last turn asked.
    """

    wore: tuple[Array, ...] = ()
    asked: tuple[Array, ...] = ()
    said: Array | None = None
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class FaceReading:
    """One face as numbers with names, in the order of attributes.csv (K) and conventions.ARKIT_NAMES (E).

    Attributes:
        attributes: (K,) SDs of the prior; NaN or anything where not known.
        known: (K,) whether the head says anything of it (on a photo's head hair is not known); None: what is finite.
        age_years: apparent age, NaN where unknown. man: 0..1, probability of a man's head.
        expression: (E,) weights 0..1.
        history: what it was before, where a turn of a conversation changes it.
        is_fitted: whether the weights were fitted to a photo: then small ones are mostly error.
    """

    attributes: Array
    known: NDArray[np.bool_] | None = None
    age_years: float = float("nan")
    man: float = 0.5
    expression: Array = field(default_factory=lambda: np.zeros(len(ARKIT_NAMES)))
    history: History = field(default_factory=lambda: History())
    is_fitted: bool = False

    def at_rest(self) -> FaceReading:
        """The same face without an expression."""
        return replace(self, expression=np.zeros(len(ARKIT_NAMES)))

    def features(self) -> Array:
        """The numbers (2K + E + 3,) that the face embedding takes: values, 0 where unknown, and what is known.

        K counts NETWORK_ATTRIBUTES.
        """
        attributes = np.asarray(self.attributes, np.float32)[..., : len(NETWORK_ATTRIBUTES)]
        if attributes.ndim != 1 or np.shape(self.expression) != (len(ARKIT_NAMES),):
            raise ShapeError(f"a reading has shapes (K,) and ({len(ARKIT_NAMES)},), not {attributes.shape}")
        known = np.isfinite(attributes)
        known = known if self.known is None else np.asarray(self.known)[: len(attributes)] & known
        values = np.clip(np.where(known, attributes, 0.0), -_CLIP_SD, _CLIP_SD)
        has_age = np.isfinite(self.age_years)
        age = (self.age_years - _AGE_MIDDLE) / _AGE_SCALE if has_age else 0.0
        rest = np.array([age, float(has_age), 2.0 * self.man - 1.0])
        return np.concatenate([values, known, np.asarray(self.expression), rest]).astype(np.float32)


def feature_size(attributes: int) -> int:
    """How many numbers `FaceReading.features` gives for K attributes."""
    return 2 * attributes + len(ARKIT_NAMES) + 3


def features_of(faces: Sequence[FaceReading]) -> Any:
    """(F, D) torch tensor of some faces; None for none."""
    import torch

    return torch.from_numpy(np.stack([face.features() for face in faces])) if faces else None
