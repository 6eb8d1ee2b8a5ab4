"""What a change complains of: "the chin is too small" asks for more of what its adjective says there is too little of.

The network reads most complaints, but where "too" turns an adjective round it is wrong now and then, and then by two
poles. Of a part of the face, part and adjective are looked up in the word lists; what they do not know is left to the
network. Of the whole person ("she looks too old", "he seems too stern") the words behind "too" are read as a wish, and
the contrary of that is asked for.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_blendshapes import movements_of
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.parts import base_form, last_part, with_joined_lips
from facegpt.language.patterns import is_denied, words_in
from facegpt.language.reading.turned_round import KINDLY
from facegpt.language.targets import ATTRIBUTES
from facegpt.language.trait_words import traits_of

_TOO = re.compile(r"\btoo (?P<adjective>[a-z]+)\b")
_CLAUSE = re.compile(r"[.;!?\n,]|\bbut\b|\band\b(?! too)")
#: A complaint of a person, up to the end of its clause: what is said of whom, and what there is too much of.
_OF_PERSON = re.compile(
    r"(?P<who>[^.,;!?]*?)(?:\b(?:is|are|looks?|looking|seems?|appears?|turned out|came out)|['’](?:s|re))\b"
    r"[^.,;!?]*?\btoo\s+(?!much\b|many\b|late\b|far\b|soon\b|bad\b)(?P<what>[a-z][^.,;!?]*?)"
    r"\s*(?:$|[.,;!?]+\s*|(?=\b(?:and|but|so)\b(?! too\b)))(?:(?:and|but|so|then)\b[\s,]*)*",
    re.IGNORECASE,
)
#: SDs of a change that a complaint asks for, and by how many years somebody is too old or too young.
_DEGREE, _YEARS = 1.0, 10.0
#: SDs from which a trait counts as named, and the weights from which a movement is there, and is seen clearly.
_NAMED_SD, _SEEN, _CLEARLY = 0.3, 0.03, 0.25


def with_complaints(request: HeadRequest, text: str) -> HeadRequest:
    """A change with what its words complain of a part of the face put right."""
    found = complaints(text) if request.is_edit else {}
    if not found:
        return request
    mean = np.array(request.attribute_mean, float)
    for name, side in found.items():
        k = ATTRIBUTES.index(name)
        mean[k] = mean[k] if mean[k] * side > 0 else side * _DEGREE
    return replace(request, attribute_mean=mean)


def complaints(text: str) -> dict[str, int]:
    """Attribute → the side, -1 or 1, that a text asks for by complaining of the other."""
    found: dict[str, int] = {}
    part = ""
    for clause in _CLAUSE.split(with_joined_lips(text)):
        part = last_part(words_in(clause), part)
        for match in _TOO.finditer(clause):
            if not is_denied(clause[: match.start()], 2):
                found |= {name: -side for name, side in traits_of(part, base_form(match["adjective"]))}
    return found


def complaint_of_person(text: str) -> tuple[str, str] | None:
    """What a text asks for beside a complaint of a whole person, and the complaint as a wish for what is too much.

    "she looks too old, make her blond" gives "make her blond" and "make her old"; a complaint alone gives "" first.
    None where a text complains of nobody.
    """
    for match in _OF_PERSON.finditer(text):
        words = words_in(match[0])
        if last_part(words) in ("", "face", "head") and not is_denied(match[0], len(words)):
            rest = f"{text[: match.start()]}{text[match.end() :]}".strip(" ,;.")
            man = {"he", "him", "his", "man", "boy"} & {*words}
            return rest, f"make {'him' if man else 'her'} {match['what'].strip()}"
    return None


def with_contrary(request: HeadRequest, straight: HeadRequest, face: FaceReading) -> HeadRequest:
    """A change with the contrary of what a complaint names; what is asked for beside it counts first.

    Args:
        request: what is asked for beside the complaint.
        straight: what the complaint names, as a wish.
        face: that is changed: what it shows of the movements named comes to rest.
    """
    mean, against = np.array(request.attribute_mean, float), -np.asarray(straight.attribute_mean, float)
    age = ATTRIBUTES.index("age")
    open_ = (np.abs(mean) < _NAMED_SD) & (np.abs(against) >= _NAMED_SD)
    older = straight.age_years[0] - face.age_years if straight.age_years else -against[age]
    open_[age] = False
    mean[open_] = against[open_]
    request = replace(request, attribute_mean=mean, is_edit=True)
    if request.age_years is None and abs(mean[age]) < _NAMED_SD and abs(older) >= _NAMED_SD:
        years = float(np.clip(face.age_years - np.sign(older) * _YEARS, 1.0, 100.0))
        request = replace(request, age_years=(years, years))
    named = np.asarray(straight.expression_named, bool) & (np.asarray(straight.expression) > 0)
    if straight.emotion not in ("", "neutral"):
        named |= np.isin(ARKIT_NAMES, list(movements_of(straight.emotion)))
    moved = np.asarray(request.expression_named, bool)
    worn = np.asarray(face.expression, float)
    goes = named & ~moved & (worn > _SEEN)
    if request.emotion or not named.any():
        return request
    if worn[goes].max(initial=0.0) < _CLEARLY and not moved.any():  # the face hardly shows any of it
        smiles = any(name.startswith("mouthSmile") and named[k] for k, name in enumerate(ARKIT_NAMES))
        return request if smiles else replace(request, emotion="happiness", intensity=KINDLY)
    weights = np.where(goes, 0.0, np.asarray(request.expression, float))
    return replace(request, expression=weights, expression_named=moved | goes)
