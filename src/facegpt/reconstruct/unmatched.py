"""Why the skin of a person's photos did not match: one reason a photo, the one that is measured most clearly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.describe.scene import SMALL_FACE_PX, SOFT, face_sharpness
from facegpt.face import Face
from facegpt.metrics import angle_between_deg
from facegpt.parallax.comparison import CONTRADICTS, NOTHING_NEW, TOO_FAR, TOO_LITTLE_SKIN, Compared
from facegpt.parallax.person import LEAST_TURN_DEG, WIDEST_DEG
from facegpt.types import Array

#: Sum of the differences of expression weights between two photos from which the skin hardly matches; weights that are
#: named differ by so much.
MOVED, NAMED = 3.0, 0.25
#: Units that are named at most.
MOST_NAMED = 2
#: What is said where nothing that is measured of a photo explains it, by what the matching found; or nothing at all.
FOUND = {
    TOO_LITTLE_SKIN: "too little of its skin is found in the others",
    CONTRADICTS: "what its skin shows contradicts the others",
    NOTHING_NEW: "its skin foretells nothing of the others",
}
FOUND_OF_ALL = {
    TOO_LITTLE_SKIN: "too little of the skin of one is found in another",
    CONTRADICTS: "what their skin shows contradicts itself, as where a face moves",
    NOTHING_NEW: "the skin of one foretells nothing of another",
}
UNKNOWN = "nothing that is measured tells why"


@dataclass(frozen=True)
class ShownFace:
    """What one photo shows of the person.

    Attributes:
        name: of the photo. rotation: (3, 3) head → camera. weights: of the expression, by name.
        face_px: width of the face. sharpness: `face_sharpness`.
    """

    name: str
    rotation: Array
    weights: Mapping[str, float]
    face_px: float
    sharpness: float


def shown_face(name: str, view: Face, pixels: NDArray[np.uint8]) -> ShownFace:
    """What a photo, its pixels (H, W, 3) as they are kept, shows of the head that was fitted to it."""
    box = view.box * (pixels.shape[1] / view.params.camera.width)
    rotation = np.asarray(view.params.pose.rotation)
    return ShownFace(name, rotation, view.blendshapes, float(box[2] - box[0]), face_sharpness(pixels, box))


def why_refused(one: ShownFace, matched: Sequence[ShownFace], told: Compared | None = None) -> str:
    """The likeliest reason why a photo's skin does not match photos that match each other; told: what was found."""
    if told is not None and told.reason == TOO_FAR:
        return f"its head is turned {told.turn_deg:.0f}° away from the others"
    near = min(matched, key=lambda other: angle_between_deg(one.rotation, other.rotation))
    turn = angle_between_deg(one.rotation, near.rotation)
    moved = min(matched, key=lambda other: _apart(one, other))
    reasons = [
        (turn / WIDEST_DEG, f"its head is turned {turn:.0f}° away from {near.name}"),
        (_apart(one, moved) / MOVED, f"its expression is another one than in {moved.name}{_units(one, moved)}"),
        *_poor(one),
    ]
    return _clearest(reasons, "" if told is None else FOUND.get(told.reason, ""))


def why_none(shown: Sequence[ShownFace], told: Sequence[Compared] = ()) -> str:
    """The likeliest reason why no two of some photos match. told: what was found of each."""
    pairs = [(one, other) for k, one in enumerate(shown) for other in shown[:k]]
    turns = [angle_between_deg(one.rotation, other.rotation) for one, other in pairs]
    nearest = min(pairs, key=lambda pair: _apart(*pair))
    reasons = [
        (LEAST_TURN_DEG / max(*turns, 1e-3), f"all show the face from the same side, at most {max(turns):.0f}° apart"),
        (min(turns) / WIDEST_DEG, f"the heads are turned {min(turns):.0f}° and more from each other"),
        (_apart(*nearest) / MOVED, f"the expressions differ{_units(*nearest)}"),
    ]
    poor = [max(_poor(one)) for one in shown]
    if sum(share >= 1 for share, _ in poor) > len(shown) - 2:  # fewer than two are left to match
        share, why = max(poor)
        reasons.append((share, f"{shown[poor.index((share, why))].name}: {why}"))
    found = [one.reason for one in told if one.reason in FOUND_OF_ALL]
    return _clearest(reasons, FOUND_OF_ALL[max(found, key=found.count)] if found else "")


def _apart(one: ShownFace, other: ShownFace) -> float:
    """Sum of the differences of the weights of two expressions."""
    return sum(abs(value - other.weights.get(name, 0.0)) for name, value in one.weights.items())


def _units(one: ShownFace, other: ShownFace) -> str:
    """The units that differ the most, in brackets; "" where none differs clearly."""
    off = {name: abs(value - other.weights.get(name, 0.0)) for name, value in one.weights.items()}
    names = [_in_words(name) for name in sorted(off, key=lambda each: -off[each]) if off[name] >= NAMED]
    told = list(dict.fromkeys(names))[:MOST_NAMED]
    return f" ({' and '.join(told)})" if told else ""


def _in_words(unit: str) -> str:
    """An ARKit name without its side: "mouthSmileLeft" → "mouth smile"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"(Left|Right)$", "", unit)).lower()


def _poor(one: ShownFace) -> list[tuple[float, str]]:
    """How far a photo is from showing the skin, 1 at the bound, and why."""
    return [
        (SMALL_FACE_PX / max(one.face_px, 1.0), f"its face is small, {one.face_px:.0f} px wide"),
        (SOFT / max(one.sharpness, 1e-3), "it is out of focus, moved or enlarged"),
    ]


def _clearest(reasons: Sequence[tuple[float, str]], found: str = "") -> str:
    share, why = max(reasons)
    return why if share >= 1 else found or UNKNOWN
