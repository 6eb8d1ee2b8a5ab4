"""What follows the network's pass over a text: the n-gram classifier joins it, then the rules that are sure."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from facegpt.language.numbers import find_numbers
from facegpt.language.reading.hair.join import with_hair
from facegpt.language.reading.ngrams.classifier import load_ngram_classifier
from facegpt.language.reading.ngrams.fuse_with_network import FUSED_NAMED_IN_EDIT, FUSED_THRESHOLDS, fuse
from facegpt.language.reading.peoples_words import with_peoples
from facegpt.language.reading.rules.places import settle_places
from facegpt.language.reading.rules.rules import overrule, read_grammar
from facegpt.language.reading.text_reading import Reading, decode_reading

#: Pieces that may be left out, by name; the first two together leave the network alone.
NGRAMS, RULES = "n-gram classifier", "all rules"
NEW_PERSON, PEOPLES, PLACES = "sex and years of edits", "peoples", "places"
ALL = frozenset((NGRAMS, RULES))


def read_after_network(
    out: Any,
    log_odds: float,
    text: str,
    thresholds: Mapping[str, float],
    is_edit: bool = False,
    face_before: bool = False,
    without: Collection[str] = (),
) -> Reading:
    """Put a reading together.

    Args:
        out: what the network's heads read, a batch of one.
        log_odds: the network's, of a face in the answer.
        text: the words that it read.
        thresholds: the network's own.
        is_edit: whether the text changes a head.
        face_before: whether a head is at hand.
        without: names of pieces that are left out.
    """
    thresholds, said = dict(thresholds), read_grammar(text, is_edit)
    if NEW_PERSON in without:
        said = replace(said, new_sex=True, new_age=True)
    if NGRAMS not in without:
        ngrams = load_ngram_classifier()
        out = fuse(out, [ngrams.read(text, said.looks)])
        log_odds += ngrams.asks_for_face(text, face_before=face_before)
        thresholds |= FUSED_THRESHOLDS | ({"named": FUSED_NAMED_IN_EDIT} if is_edit else {})
    probability = 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))
    reading = decode_reading(out, 0, find_numbers(text), thresholds, is_edit, probability)
    if RULES in without:
        return reading
    reading = overrule(reading, said)
    reading = reading if PEOPLES in without else with_peoples(reading, text)
    reading = with_hair(reading, text, is_edit)
    return reading if PLACES in without else replace(reading, request=settle_places(reading.request, text))
