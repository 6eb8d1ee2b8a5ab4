"""What words ask of hair: lengths in numbers, slots by the shipped classifier; words of things ask for nothing."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.language.earlier import Earlier, in_context
from facegpt.language.hair_wish import HAIR_SLOTS, HairLength, HairWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.reading.hair.classifier import (
    OUTPUTS,
    context_of_hair,
    load_hair_classifier,
    load_hair_network,
)
from facegpt.language.reading.hair.features import hair_features
from facegpt.language.reading.hair.join import with_hair
from facegpt.language.reading.hair.lengths import find_lengths
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("30 cm of hair", [("all", "value", 300)]),
        ("sides at 5 mm", [("sides", "value", 5)]),
        ("back and sides 4 mm, top 6 cm", [("back", "value", 4), ("sides", "value", 4), ("top", "value", 60)]),
        ("take two inches off", [("all", "change", -50.8)]),
        ("fringe 1 cm shorter", [("fringe", "change", -10)]),
        ("trim the beard to 5 mm", [("beard", "value", 5)]),
        ("a number 2 all over", [("all", "value", 6)]),
        ("make the nose 3 mm narrower", []),
        ("nose 3 mm wider and short hair", []),
        ("a face 130 mm wide, hair 20 cm", [("all", "value", 200)]),
        ("lips 2 mm fuller", []),
        ("ears 3 mm further back", []),
    ],
)
def test_numbers_are_lengths_of_hair_only_where_they_stand_by_it(text, wanted):
    found = find_lengths(text)
    assert [(x.region, x.kind) for x in found] == [(region, kind) for region, kind, _ in wanted]
    assert [x.mm for x in found] == pytest.approx([mm for _, _, mm in wanted], abs=0.1)


def test_a_red_hat_and_red_hair_have_other_features():
    hat, hair = hair_features("a red hat", False), hair_features("red hair", False)
    assert "wear|red" in hat - hair and "hair|red" in hair - hat
    assert "!fringe" in hair_features("no fringe", True) and "fringe" in hair_features("no more curls. A fringe", True)


@pytest.mark.parametrize(
    ("text", "is_edit", "wanted"),
    [
        (
            "shoulder-length curly red hair with a fringe",
            False,
            {"length": "shoulder", "curl": "curly", "colour": "ginger"},
        ),
        ("shave the sides", True, {"sides": "shaved"}),
        ("go grey at the temples", True, {"grey": "temples"}),
        ("longer but still straight", True, {"length_change": "longer", "curl": "straight"}),
        ("a woman with a black bob and no fringe", False, {"kind": "bob", "colour": "black", "fringe": "none"}),
        ("dye it blue", True, {"colour": "blue"}),
        ("a man with a goatee and a ponytail", False, {"beard": "goatee", "kind": "tail"}),
    ],
)
def test_plain_requests_are_read(text, is_edit, wanted):
    said = load_hair_classifier().read(text, is_edit)[0].said
    assert wanted.items() <= said.items()
    assert all(value in HAIR_SLOTS[slot] for slot, value in said.items())


@pytest.mark.parametrize(
    "text", ["a woman in a red hat", "a broad nose and thin lips", "he has just lost his job", "x" * 9000, ""]
)
def test_what_speaks_of_no_hair_asks_for_none(text):
    assert not load_hair_classifier().read(text, False)[0]


def test_words_of_hair_lend_nothing_to_skin_and_take_their_number_from_the_face():
    k = ATTRIBUTES.index("skin_redness")
    mean, spread = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
    mean[k], spread[k] = 1.0, 0.3
    goal = MillimetreGoal("face_width", "value", 300.0)
    reading = Reading(HeadRequest(mean, spread, millimetres=(goal,)))
    joined = with_hair(reading, "30 cm of red hair", False).request
    assert joined.attribute_mean[k] == 0 and joined.attribute_spread[k] == 1 and joined.millimetres == ()
    assert joined.hair.said["colour"] == "ginger" and joined.hair.lengths == (HairLength("all", "value", 300.0),)


def test_a_wish_of_the_beard_alone_says_nothing_of_the_head():
    assert not HairWish({"beard": "full"}).of_head and HairWish({"curl": "wavy"}).of_head and not HairWish()


def test_states_are_averaged_with_the_words_and_those_of_another_model_are_not_read():
    classifier, size = load_hair_classifier(), load_hair_network().weights["project"].shape[2]
    states = np.random.default_rng(0).normal(size=(5, 1, size)).astype(np.float32)
    words = classifier.probabilities("a curly bob", False)
    assert classifier.probabilities("a curly bob", False, np.zeros((5, 1, size + 1))) == words
    both, own = classifier.probabilities("a curly bob", False, states), {}
    scores = load_hair_network().scores(states, context_of_hair(False)).mean(0)
    for (slot, value), odds in zip(OUTPUTS, scores, strict=True):
        own.setdefault(slot, {})[value] = float(odds)
    for slot, values in both.items():
        nothing = 1 - sum(values.values())
        told = 1 - sum(words[slot].values())
        for value, share in values.items():
            mean = (np.log(words[slot][value] / told) + own[slot][value]) / 2
            assert np.log(share / nothing) == pytest.approx(mean, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "note", "text"),
    [
        ("give him a longer nose", "more nose length", "a bit longer still"),
        ("nose 48 mm", "nose length in mm", "too short, 51"),
        ("wider mouth", "more mouth width", "no, shorter than it was"),
    ],
)
def test_what_is_longer_after_a_nose_is_not_the_hair(shipped_words, before, note, text):
    request = shipped_words.read(in_context([Earlier("a man", "face"), Earlier(before, note)], text)).request
    assert not request.hair.said
