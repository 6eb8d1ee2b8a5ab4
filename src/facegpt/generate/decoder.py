"""What makes heads from requests, and reads heads: the functions that the public interface is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facegpt.language.model.face_reading import FaceReading
from facegpt.types import Array, FaceParams


@dataclass(frozen=True)
class Decoder:
    """What makes heads from requests, and reads heads.

    Attributes:
        imagine: head model, request, seed, and perhaps the whole request that this is a part of → parameters of a new
            head.
        edit: head model, parameters, request, seed → parameters of the changed head.
        attributes: head model, parameters → (K,) SDs of adults in the order of attributes.csv.
        seen: head model, parameters → what the language model is told of a head.
        emotions: expression weights (E,) → (name, probability) of each emotion, the likeliest first.
    """

    imagine: Callable[..., FaceParams]
    edit: Callable[..., FaceParams]
    attributes: Callable[..., Array]
    seen: Callable[..., FaceReading]
    emotions: Callable[[Array], list[tuple[str, float]]]
