"""Pointed ears in words: "elf ears", "ears that end in a point". The reader learnt ears as large or standing out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import TAKING, is_denied, last_words, words_in
from facegpt.language.targets import ATTRIBUTES

#: How far the tips of ears are drawn out, mm: plainly, and where words say that they are long or a bit pointed.
POINTED_MM, LONG_MM, SLIGHT_MM = 17.0, 22.0, 9.0
_BESIDE = r"that|which|are|is|and|with|very|long|slightly|more|a|bit|little"
_KINDS = r"point(?:ed|y|ier)|sharp|elf(?:in|ish|-like)?|elven|fairy|pixie|goblin|vulcan|spock|vampire|devil"
POINTED = re.compile(
    rf"\b(?:{_KINDS})[- ](?:(?!with\b|and\b|has\b|who\b|in\b|his\b|her\b)\w+[- ]){{0,2}}?ears?\b"
    rf"|\bears? (?:(?:{_BESIDE}) ){{0,4}}?(?:point(?:ed|y|ier)|tapered|tapering)\b"
    r"|\bears? (?:that |which |should )?(?:come|end|taper|run|go)s? (?:in|to|into|up to) (?:a |sharp )*points?\b"
    r"|\bpointed (?:tips|points) (?:to|on|of) (?:the |his |her |their )?ears\b",
    re.IGNORECASE,
)
_ROUND = re.compile(r"\b(?:round|normal|human|rounded) ears?\b|\b(?:round off|unpoint) (?:the |his |her )?ears\b", re.I)
#: How words begin by which points are long or slight, and by which ears have a size or a stand of their own.
_LONG, _SLIGHT = ("long", "huge", "big"), ("slight", "bit", "little", "subtl")
_SIZED = ("big", "large", "huge", "small", "tiny", "long", "protruding", "sticking", "jug")


def with_pointed_ears(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the points of ears that a text names; of its ears' size and stand what the words beside say."""
    said = POINTED.search(text) or (_ROUND.search(text) if request.is_edit else None)
    if said is None:
        return request
    words = words_in(said[0])
    denied = bool(_ROUND.search(said[0])) or is_denied(text[: said.start()], also=TAKING | {"instead"})
    mm = LONG_MM if _begins(words, _LONG) else SLIGHT_MM if _begins(words, _SLIGHT) else POINTED_MM
    if not any(_begins(last_words(before, 3), _SIZED) for before in re.split(r"\bears?\b", text.lower())[:-1]):
        request = left_open(request, [name for name in ATTRIBUTES if name.startswith("ear_")])
    return replace(request, ear_points=0.0 if denied else mm)


def _begins(words: Iterable[str], starts: tuple[str, ...]) -> bool:
    return any(word.startswith(starts) for word in words)
