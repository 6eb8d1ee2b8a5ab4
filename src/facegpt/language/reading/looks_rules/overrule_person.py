"""Who is meant, by rule: hair, brows, irises, skin, build and sex take precedence over what was read by weight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.looks_rules.build_rules import find_heaviness
from facegpt.language.reading.looks_rules.hair_rules import find_hair
from facegpt.language.reading.looks_rules.sex_rules import begins_with_person, find_sex
from facegpt.language.reading.normalise import normalised
from facegpt.language.reading.rules.phrases import parts_in
from facegpt.language.targets import ATTRIBUTES

#: Spread of what a rule says, SDs, and the probability of a man where words say the sex.
SAID_SPREAD, SURE_MAN = 0.25, 0.97
#: Where no word says a sex, one is read only from this probability on (of the likelier one).
_UNSAID_SEX = 0.95
#: An attribute of a mean beyond this, or narrower than that, is named.
_NAMED_MEAN, _NAMED_SPREAD = 0.3, 0.85
#: Colours of hair that an edit sets whatever they were; a smaller degree is a change.
_REACHED_IN_FULL = 0.9
_SET_BY_EDITS = ("hair_lightness", "hair_redness", "hair_greyness", "hair_length")


def overruled_people(request: HeadRequest, text: str, looks: str, settled: Iterable[str]) -> HeadRequest:
    """Let the rules about people take precedence.

    Args:
        request: what was read by weight.
        text: what was said.
        looks: the same without what is denied.
        settled: attributes that denials or comparisons have settled already.
    """
    words, said = normalised(text), normalised(looks)
    found = find_hair(said)
    if request.is_edit:
        return _edited(request, found, words)
    heaviness = find_heaviness(words)
    if heaviness is not None:
        found["heaviness"] = heaviness
    mean, spread = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    for name, degree in found.items():
        if name not in settled:
            mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, SAID_SPREAD
    request = replace(request, attribute_mean=mean, attribute_spread=spread)
    return replace(request, man=_man(request, words))


def _edited(request: HeadRequest, found: dict[str, float], words: str) -> HeadRequest:
    """Set the degree of colours and lengths of hair that an edit names; other changes are not for these rules."""
    mean = np.array(request.attribute_mean, float)
    for name in _SET_BY_EDITS:
        k, degree = ATTRIBUTES.index(name), found.get(name, 0.0)
        if abs(degree) >= _REACHED_IN_FULL and mean[k] * degree > 0 and abs(degree) > abs(mean[k]):
            mean[k] = degree
    return replace(request, attribute_mean=mean)


def _man(request: HeadRequest, words: str) -> float:
    """The probability of a man: what a noun, a pronoun or a sheet says, where the words are about looks at all."""
    sex = find_sex(words)
    if sex == "both":
        return request.man
    if not sex:
        return request.man if max(request.man, 1 - request.man) >= _UNSAID_SEX else 0.5
    mean, spread = np.asarray(request.attribute_mean), np.asarray(request.attribute_spread)
    about_looks = bool(((np.abs(mean) > _NAMED_MEAN) | (spread < _NAMED_SPREAD)).any()) or bool(parts_in(words))
    count = len(words.split())
    if about_looks or request.age_years is not None or count <= 6 or (count <= 10 and begins_with_person(words)):
        return SURE_MAN if sex == "M" else 1 - SURE_MAN
    return request.man
