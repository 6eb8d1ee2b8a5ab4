"""What the lips of a head do, as its mesh has them: what words about smiles and shown teeth of photos rest on.

Weights of a photo share one smile among several shapes, and a corner that a fit has moved for another reason is no
smile, so the drawn lips are measured beside the same head at rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.types import Array

#: MediaPipe's points: corners of the mouth, middles of the inner edges of the lips.
CORNERS, INNER = (61, 291), (13, 14)
#: Millimetres from which on the corners have moved as in a slight smile, and as in a clear one.
SLIGHT_MM, CLEAR_MM = 6.0, 11.0
#: Gaps of the lips, mm, from which on they are parted, and the mouth is open. Shut ones have about two.
PARTED_MM, OPEN_MM = 6.0, 16.0
#: A smile as broad as they come, mm; how strongly lips are told that are just parted or slightly smile.
_BROAD_MM = 20.0


@dataclass(frozen=True)
class Lips:
    """Measured lips.

    Attributes:
        smile_mm: how far the corners have risen, on average, and moved apart since rest; negative for pursed lips.
        gap_mm: between the inner edges of the lips, in the middle.
    """

    smile_mm: float
    gap_mm: float


def lips_of(points: Array, at_rest: Array) -> Lips:
    """Measure lips.

    points, at_rest: (478, 3) MediaPipe's points of one head, now and at rest but for its jaw, head frame (y up), mm. An
    open jaw draws the corners down and together, whatever they do besides.
    """
    now, rest = np.asarray(points, float), np.asarray(at_rest, float)
    rise = (now - rest)[list(CORNERS), 1].mean()
    wider = _apart(now, CORNERS) - _apart(rest, CORNERS)
    return Lips(float(rise + wider), _apart(now, INNER))


def shown_by_lips(lips: Lips) -> dict[str, float]:
    """What the lips show: phrase → 0..1, how strongly; {} for lips at rest."""
    broad = min(lips.smile_mm / _BROAD_MM, 1.0)
    is_open = {"an open mouth": 1.0} if lips.gap_mm >= OPEN_MM else {}
    if lips.smile_mm >= SLIGHT_MM:
        smile = "a smile" if lips.smile_mm >= CLEAR_MM else "a slight smile"
        parted = lips.gap_mm >= PARTED_MM and not is_open
        return {f"{smile} with parted lips" if parted else smile: broad} | is_open
    return is_open or ({"parted lips": lips.gap_mm / OPEN_MM} if lips.gap_mm >= PARTED_MM else {})


def borne_out(emotion: str, lips: Lips) -> str:
    """The emotion that weights of a photo suggest; "" for happiness of lips that hardly smile."""
    return "" if emotion == "happiness" and lips.smile_mm < CLEAR_MM and lips.gap_mm < OPEN_MM else emotion


def _apart(points: Array, two: tuple[int, int]) -> float:
    return float(np.linalg.norm(points[two[0]] - points[two[1]]))
