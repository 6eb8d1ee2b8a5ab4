"""Parts of the face that only say how far hair reaches: "to the chin" and "chin-length" ask for no other chin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_words import attribute_groups
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest
from facegpt.language.parts import PARTS
from facegpt.language.patterns import regex_any_case, words_in

#: Slots of hair that say how far it reaches.
_REACHES = frozenset(("length", "length_change", "fringe", "sides", "beard", "beard_change"))
#: Groups of attributes.csv that are called otherwise than the part of which they are.
_GROUPS = {"eye": "eyes", "brow": "brows", "ear": "ears", "cheek": "cheeks", "lip": "mouth", "jawline": "jaw"}
_PLACE = rf"(?:{'|'.join(sorted((w for w, part in PARTS.items() if part != 'person'), key=len, reverse=True))})"
_END = regex_any_case(
    r"\b(?:(?:up|down|all the way|right|just) )*(?:to|till|until|past|below|above|over|on|at|touch\w*|reach\w*) "
    rf"(?:(?:the|his|her|their|my) )?{_PLACE}\b|\b{_PLACE}[- ](?:length|long)\b"
)
_LOOKS = np.array([name.startswith(("eyeLookDown", "eyeLookUp")) for name in ARKIT_NAMES])


def with_ends_of_hair(request: HeadRequest, text: str) -> HeadRequest:
    """A request without traits of parts that a text names as the end of hair alone, and without a look down there."""
    if not _REACHES & set(request.hair.said):
        return request
    ends = [match[0] for match in _END.finditer(text)]
    rest = {PARTS.get(word) for word in words_in(_END.sub(" ", text))}
    parts = {PARTS[word] for end in ends for word in words_in(end) if word in PARTS} - rest
    groups = {_GROUPS.get(part, part) for part in parts}
    of_parts = [name for name, group in attribute_groups().items() if group in groups and name not in HAIR_ATTRIBUTES]
    named = np.asarray(request.expression_named, bool)
    if "eye" not in rest and not {"look", "looks", "looking", "gaze"} & {*words_in(text)}:  # "down to the waist"
        named = named & ~_LOOKS
    weights = np.where(named, request.expression, 0.0)
    return replace(left_open(request, of_parts), expression=weights, expression_named=named)
