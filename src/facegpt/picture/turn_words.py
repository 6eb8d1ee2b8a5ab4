"""A turn of a photo's head asked for in words: "turn her head 15 degrees to the left", "turn him to me and smile"."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from facegpt.conventions import euler_deg_from_rotation
from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.clauses import clauses_of
from facegpt.picture.wishes import MOST_DEG
from facegpt.types import FaceParams

#: Degrees of a turn to the side and up or down whose size is not said; a slight one is half of it.
USUAL_DEG = (12.0, 8.0)
_TURN = regex_any_case(r"""
    ^(?:(?:please|can you|could you|and|then|also|now)\s+)*(?:turn|rotate|swivel|tip|tilt)\s+
    (?:(?:his|her|their|the|my|your)\s+(?:head|face)|(?:him|her|them|me)(?!\s+(?:hair|eyes?|skin|nose|mouth|lips)))
    (?P<how>.*)$
""")
_WAYS = {
    "left": regex_any_case(r"\bleft(?:wards?)?\b"),
    "right": regex_any_case(r"\bright(?:wards?)?\b"),
    "up": regex_any_case(r"\bup(?:wards?)?\b"),
    "down": regex_any_case(r"\bdown(?:wards?)?\b"),
    "here": regex_any_case(
        r"\b(?:(?:to|towards?|at)\s+(?:me|us|the\s+(?:camera|viewer|front))|straight(?:\s+ahead)?|forwards?)\b"
    ),
}
_DEGREES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:°|deg(?:rees?)?\b)", re.IGNORECASE)
_SLIGHT = re.compile(r"\b(?:a\s+(?:bit|little|touch)|slightly|somewhat)\b", re.IGNORECASE)
_SMALL = re.compile(r"\b(?:to|the|by|about|a|more|further|his|her|their|side|please|so|around)\b|[.,!]", re.IGNORECASE)


@dataclass(frozen=True)
class TurnAsked:
    """A turn in words: degrees to the subject's left and down, what was said of it, and the words that are left."""

    yaw_deg: float
    pitch_deg: float
    said: str
    rest: str


def turn_asked(text: str, params: FaceParams) -> TurnAsked | None:
    """The turn that a text asks of the head of a photo (`params`), or None where it asks for none.

    Left and right are the subject's. "To me" turns the head as far back to the camera as a photo bears.
    """
    rest, found = list[str](), None
    for clause in clauses_of(text):
        turn = _turn_of(clause, params) if found is None else None
        if turn is None:
            rest.append(clause)
        else:
            found = turn
    if found is None:
        return None
    yaw, pitch = found
    return TurnAsked(yaw, pitch, f"head turned by {yaw:.0f}° and {pitch:.0f}°", " and ".join(rest))


def _turn_of(clause: str, params: FaceParams) -> tuple[float, float] | None:
    """Degrees to the subject's left and down, of a clause that asks for a turn and nothing else."""
    match = _TURN.match(clause.strip())
    if match is None:
        return None
    how = match["how"]
    ways = {name for name, pattern in _WAYS.items() if pattern.search(how)}
    left_over = how
    for pattern in (*_WAYS.values(), _DEGREES, _SLIGHT, _SMALL):
        left_over = pattern.sub(" ", left_over)
    if not ways or left_over.strip():
        return None
    if "here" in ways:
        yaw, pitch = (float(np.clip(-x, -MOST_DEG, MOST_DEG)) for x in _turned_now(params))
        return yaw, pitch
    said = _DEGREES.search(how)
    share = 0.5 if _SLIGHT.search(how) else 1.0
    across, down = (float(said[1]),) * 2 if said else (share * USUAL_DEG[0], share * USUAL_DEG[1])
    return across * (("left" in ways) - float("right" in ways)), down * (("down" in ways) - float("up" in ways))


def _turned_now(params: FaceParams) -> tuple[float, float]:
    """Yaw and pitch of a head, degrees to the subject's left and down."""
    yaw, pitch, _ = euler_deg_from_rotation(np.asarray(params.pose.rotation, np.float64))
    return float(yaw), float(pitch)
