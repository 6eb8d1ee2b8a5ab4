"""What words ask of hair joins what the network read: where the classifier speaks of a slot, it speaks alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.hair.classifier import VETOES, load_hair_classifier
from facegpt.language.reading.hair.lengths import hair_numbers
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES

#: Attribute of hair → slots of which each takes its place.
TAKEN_BY = {
    "hair_length": ("length", "length_change", "kind", "sides", "keep"),
    **dict.fromkeys(("hair_lightness", "hair_redness"), ("colour", "tone", "grey", "grey_change")),
    "hair_greyness": ("grey", "grey_change", "colour"),
    "beard": ("beard", "beard_change"),
    "moustache": ("moustache", "beard"),
}
#: An attribute of hair of which the classifier is this sure that nothing is said was read off something else: a hat.
_SURELY_NOT = 0.02


def with_hair(reading: Reading, text: str, is_edit: bool) -> Reading:
    """Add the wish of hair to a reading, and take off what words of hair lent to hair's attributes, skin and irises."""
    classifier = load_hair_classifier()
    wish, spoken = classifier.read(text, is_edit)
    probability = classifier.probabilities(text, is_edit)
    gone = {name for name, slots in TAKEN_BY.items() if any(slot in wish.said for slot in slots)}
    for name, slots in TAKEN_BY.items():
        if max(sum(probability[slot].values()) for slot in slots) < _SURELY_NOT:
            gone.add(name)
    if wish.of_head or wish.said:
        gone |= {name for name in VETOES if name not in spoken}
    if any(length.region == "beard" for length in wish.lengths):
        gone.add("beard")
    elif wish.lengths:
        gone.add("hair_length")
    request = _without(reading.request, gone)
    amounts = hair_numbers(text) if wish.lengths else set()
    goals = tuple(g for g in request.millimetres if round(abs(g.amount), 3) not in amounts)
    return replace(reading, request=replace(request, hair=wish, millimetres=goals))


def _without(request: HeadRequest, names: set[str]) -> HeadRequest:
    """The request with attributes left open."""
    at = [k for k, name in enumerate(ATTRIBUTES) if name in names]
    mean, spread = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    mean[at], spread[at] = 0.0, 0.0 if request.is_edit else 1.0
    return replace(request, attribute_mean=mean, attribute_spread=spread)
