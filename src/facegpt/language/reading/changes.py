"""What small networks read of a turn that changes a head, beside the face head."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.model.face_reading import FaceReading, History
from facegpt.language.reading.attribute_network import Asked, attributes_asked, known
from facegpt.language.reading.movement_network import Moved, Worn, movements
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Array


@dataclass(frozen=True)
class Changes:
    """What becomes of a face; None where the networks are of another model.

    Attributes:
        moved: of its movements. known: (52,) those that it shows or showed.
        asked: of its attributes. spoken_of: (K,) those that the turns before asked for, or asked about.
    """

    moved: Moved | None = None
    known: Array = field(default_factory=lambda: np.zeros(len(ARKIT_NAMES), bool))
    asked: Asked | None = None
    spoken_of: Array = field(default_factory=lambda: np.zeros(len(ATTRIBUTES), bool))


def read_changes(states: Array, face: FaceReading | None) -> Changes:
    """Read a turn.

    Args:
        states: (tokens, layers, D) of the turn, read with no face before it.
        face: the one that is changed, where it is known.
    """
    if face is None:
        worn, history = Worn(np.zeros(len(ARKIT_NAMES))), History()
    else:
        worn, history = Worn(np.asarray(face.expression), face.history.wore), face.history
    return Changes(movements(states, worn), worn.known(), attributes_asked(states, history), known(history))
