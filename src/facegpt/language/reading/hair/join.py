"""What words ask of hair joins what the network read: where the classifier speaks of a slot, it speaks alone.

It knows the words of this turn and nothing before them. "Longer" after "a fuller beard" is of the beard, which only the
network tells, and where the two contradict each other about a beard the network is believed.
"""

from __future__ import annotations

from dataclasses import replace

from facegpt.language.changed_request import left_open
from facegpt.language.hair_wish import HairLength, HairWish
from facegpt.language.patterns import words_in
from facegpt.language.reading.hair.beard_sizes import with_beard_size
from facegpt.language.reading.hair.classifier import VETOES, likeliest, load_hair_classifier
from facegpt.language.reading.peoples_words import only_of_people
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Array

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
#: An attribute that the network is this sure of.
_SURELY = 0.5
#: Slots of a change with the attribute that each changes and the value that is more of it.
_CHANGES = {
    "length_change": ("hair_length", "longer"),
    "beard_change": ("beard", "longer"),
    "grey_change": ("hair_greyness", "more"),
}

#: A shaved head is bare, unless its words speak of what is left of the hair; the classifier calls it clipped.
_SHADOW = ("shadow", "stubbl", "regrow", "growing", "clip", "buzz", "mm")


def with_hair(reading: Reading, text: str, is_edit: bool, alone: bool = True, states: Array | None = None) -> Reading:
    """Add the wish of hair to a reading, and take off what words of hair lent to hair's attributes, skin and irises.

    Args:
        reading: of the network.
        text: of the turn.
        is_edit: whether it changes a head.
        alone: whether no turn stands before it.
        states: (tokens, layers, D) of the words as faces are read; None where they are not to be had.
    """
    probability = load_hair_classifier().probabilities(text, is_edit, states)
    wish, spoken = likeliest(text, probability)
    wish = replace(wish, lengths=tuple(each for each in wish.lengths if _mm(each) not in reading.measured))
    sure = _surely(reading)
    wish = with_beard_size(_bare_if_shaved(_believed(wish, sure, alone), text), text)
    of_people = only_of_people(text)
    wish = replace(wish, said={slot: value for slot, value in wish.said.items() if value not in of_people})
    gone = {name for name, slots in TAKEN_BY.items() if any(slot in wish.said for slot in slots)}
    for name, slots in TAKEN_BY.items():
        if max(sum(probability[slot].values()) for slot in slots) < _SURELY_NOT and (alone or name not in sure):
            gone.add(name)
    if "iris_lightness" not in spoken:  # "kind eyes" have no colour
        gone.add("iris_lightness")
    if wish.of_head or wish.said:
        gone |= {name for name in VETOES if name not in spoken}
    if wish.said and not wish.of_head and "hair_length" not in sure:  # who is shaved keeps the hair of his head
        gone.add("hair_length")
    if any(length.region == "beard" for length in wish.lengths):
        gone.add("beard")
    elif wish.lengths:
        gone.add("hair_length")
    request = left_open(reading.request, gone)
    amounts = {_mm(length) for length in wish.lengths}
    goals = tuple(g for g in request.millimetres if round(abs(g.amount), 3) not in amounts)
    return replace(reading, request=replace(request, hair=wish, millimetres=goals))


def _bare_if_shaved(wish: HairWish, text: str) -> HairWish:
    clipped = (wish.said.get("kind"), wish.said.get("length")) == ("buzz", "none")
    words = words_in(text)
    shaved = any(word.startswith("shav") for word in words) and not any(word.startswith(_SHADOW) for word in words)
    bare = clipped and not wish.lengths and shaved
    return replace(wish, said={**wish.said, "kind": "bald"}) if bare else wish


def _mm(length: HairLength) -> float:
    return round(abs(length.mm), 3)


def _surely(reading: Reading) -> dict[str, float]:
    """Attributes that the network is sure of, with their degrees."""
    found = {}
    for k, name in enumerate(ATTRIBUTES):
        if reading.attribute_probability[k] >= _SURELY and reading.request.attribute_mean[k]:
            found[name] = float(reading.request.attribute_mean[k])
    return found


def _believed(wish: HairWish, sure: dict[str, float], alone: bool) -> HairWish:
    """The wish without what the network contradicts: more of a beard is not none, and a change is of what it names."""
    dropped = {name for name in ("beard", "moustache") if wish.said.get(name) == "none" and sure.get(name, 0.0) > 0}
    for slot, (name, more) in _CHANGES.items():
        way = 1 if wish.said.get(slot) == more else -1
        if slot in wish.said and (sure.get(name, way) * way < 0 or (not alone and sure and name not in sure)):
            dropped.add(slot)
    return replace(wish, said={slot: value for slot, value in wish.said.items() if slot not in dropped})
