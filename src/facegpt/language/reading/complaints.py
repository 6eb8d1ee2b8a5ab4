"""What a change complains of: "the chin is too small" asks for more of what its adjective says there is too little of.

The network reads most complaints, but where "too" turns an adjective round it is wrong now and then, and then by two
poles. Part and adjective are looked up in the word lists; what they do not know is left to the network.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.parts import base_form, last_part, with_joined_lips
from facegpt.language.targets import ATTRIBUTES
from facegpt.language.trait_words import traits_of

_TOO = re.compile(r"\btoo (?P<adjective>[a-z]+)\b")
_DENIED = re.compile(r"\b(?:not|n't|never|nor|isn't|aren't)\W+(?:\w+ )?$")
_CLAUSE = re.compile(r"[.;!?\n,]|\bbut\b|\band\b(?! too)")
#: SDs of a change that a complaint asks for.
_DEGREE = 1.0


def with_complaints(request: HeadRequest, text: str) -> HeadRequest:
    """A change with what its words complain of put right."""
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
        part = last_part(re.findall(r"[a-z]+", clause), part)
        for match in _TOO.finditer(clause):
            if not _DENIED.search(clause[: match.start()]):
                found |= {name: -side for name, side in traits_of(part, base_form(match["adjective"]))}
    return found
