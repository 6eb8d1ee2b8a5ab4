"""What a small network reads of a turn that changes a head, beside the face head."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from facegpt.language.model.face_reading import FaceReading, History
from facegpt.language.reading.attribute_network import Asked, attributes_asked, known
from facegpt.language.targets import NETWORK_ATTRIBUTES
from facegpt.types import Array


@dataclass(frozen=True)
class Changes:
    """What becomes of a face; None where the network is of another model.

    Attributes:
        asked: of its attributes. spoken_of: (K,) those that the turns before asked for, or asked about.
    """

    asked: Asked | None = None
    spoken_of: Array = field(default_factory=lambda: np.zeros(len(NETWORK_ATTRIBUTES), bool))


def read_changes(states: Array, face: FaceReading | None) -> Changes:
    """Read a turn.

    Args:
        states: (tokens, layers, D) of the turn, read with no face before it.
        face: the one that is changed, where it is known.
    """
    history = History() if face is None else face.history
    return Changes(attributes_asked(states, history), known(history))
