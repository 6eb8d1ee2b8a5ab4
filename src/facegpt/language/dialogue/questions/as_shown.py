"""Lengths of a face as it is shown: an expression moves what `face.measure()` measures at rest."""

from __future__ import annotations

from facegpt.face import Face
from facegpt.language.dialogue.cast import Person
from facegpt.morphable.measure import measure_mm

#: From so many mm on an expression makes a length another one.
MOVED_MM = 1.0


def shown_mm(face: Face, measure: str) -> float | None:
    """A length of a head with its expression, mm; None where the head model does not tell it."""
    landmarks = getattr(face.model, "landmarks", None)
    found = None if landmarks is None else measure_mm(landmarks, face.vertices("head")).get(measure)
    return None if found is None else float(found)


def with_shown(told: str, measure: str, person: Person) -> str:
    """What is told of a length at rest, and what the expressions of the head now and at first make of it."""
    now, first = (shown_mm(face, measure) for face in (person.face, person.first))
    rest = person.face.measure()[measure].value_mm
    if now is None or first is None or not told or abs(now - rest) < MOVED_MM:
        return told
    gap = abs(now - first)
    since = "as at first" if gap < MOVED_MM else f"{gap:.1f} mm {'more' if now > first else 'less'} than at first"
    return f"{told.rstrip('.')}, at rest. With the expression that the face has it is {now:.1f} mm, {since}."
