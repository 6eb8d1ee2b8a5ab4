"""Comparisons between parts, averages and denials in many wordings: what a reader of English takes from each."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.language.reading.normalise import normalised
from facegpt.language.reading.rules.averages import find_averages
from facegpt.language.reading.rules.comparisons import find_comparisons
from facegpt.language.reading.rules.denials import find_denials


def compared(text):
    return {(each.more, each.less) for each in find_comparisons(normalised(text))}


def denied(text):
    """Attribute → sign of what is left, where one side is denied; 0 where both are."""
    found = [*find_denials(normalised(text)), *find_averages(normalised(text))]
    return {each.attribute: int(np.sign(each.degree or -each.side)) for each in found}


@pytest.mark.parametrize(
    "text",
    [
        "her mouth outdoes her nose",
        "a mouth that puts the nose in the shade",
        "the nose is no match for that mouth",
        "her nose is dwarfed by her mouth",
        "nose or mouth, which one is bigger? the mouth",
        "between the nose and the mouth, the mouth wins",
        "a big nose and an even bigger mouth",
        "the nose is big but the mouth is bigger",
        "her nose? big. her mouth? even bigger",
        "the nose isn't nearly as big as the mouth",
        "the nose is half the size of the mouth",
        "next to that mouth the nose looks small",
        "nose 3/10 for size, mouth a 9",
        "by size: mouth, then nose",
        "mouth > nose",
        "the mouth is more big as the nose",
        "less nose than mouth",
    ],
)
def test_many_ways_to_say_that_the_mouth_exceeds_the_nose(text):
    assert compared(text) == {("mouth_width", "nose_size")}


@pytest.mark.parametrize(
    "text",
    [
        "broader at the temples than at the angles of the jaw",
        "broad at the temples but narrower at the jaw",
        "the face is widest at the temples and narrowest at the jaw",
        "a head that gets narrower towards the jaw",
        "wider at the top than at the bottom, that face",
        "temples versus jaw, what's wider? temples",
        "the forehead has an inch on the jaw",
    ],
)
def test_many_ways_to_say_that_the_forehead_is_wider_than_the_jaw(text):
    assert compared(text) == {("forehead_width", "jaw_width")}


@pytest.mark.parametrize(
    "text",
    [
        "the lip of below is more full than the lip of above",
        "full lips, the lower especially",
        "of the two lips the lower is the fuller",
        "bottom-heavy lips",
        "lower lip fuller, upper lip flatter",
        "more lip below the mouth than above it",
        "his top lip is a 2/10 for fullness and the bottom one a 7",
        "thin lips, the upper one more so",
        "lips: lower > upper",
    ],
)
def test_many_ways_to_say_that_the_lower_lip_is_the_fuller(text):
    assert compared(text) == {("lower_lip_fullness", "upper_lip_fullness")}


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("more length than breadth to that nose", ("nose_length", "nose_width")),
        ("a forehead tall more than it is broad", ("forehead_height", "forehead_width")),
        ("seen from the side the chin juts further than the nose", ("chin_protrusion", "nose_protrusion")),
        ("his neck has thickened faster than his face", ("neck_width", "face_width")),
    ],
)
def test_dimensions_and_growth_are_compared(text, pair):
    assert compared(text) == {pair}


@pytest.mark.parametrize(
    "text",
    [
        "a nose bigger than his brother's",
        "give her a wide mouth and a small nose",
        "wider jaw or wider forehead?",
        "longer face, smaller ears and bigger eyes",
        "is the nose big? no",
        "a face like the moon and ears like jug handles",
        "the chin must not look any longer than it is",
        "the left brow is higher than the right",
        "rated 9/10 by her friends, big eyes, small mouth",
    ],
)
def test_what_compares_no_two_parts_gives_no_comparison(text):
    assert compared(text) == set()


@pytest.mark.parametrize(
    ("text", "average"),
    [
        ("ears no bigger and no smaller than yours", {"ear_size"}),
        ("a mouth as wide as anybody's", {"mouth_width"}),
        ("a chin of the usual height", {"chin_height"}),
        ("The nose? Nothing to report.", {"nose_size"}),
        ("ears and nose: ordinary size", {"ear_size", "nose_size"}),
        ("ears bang on average", {"ear_size"}),
        ("face length: equal to the mean", {"face_length"}),
        ("normal is the nose, the ears are huge", {"nose_size"}),
        ("eyes a normal distance apart", {"eye_spacing"}),
        ("ears 5/10 for size", {"ear_size"}),
        ("nothing remarkable about her ears", {"ear_size"}),
        ("a nose bigger than your average", set()),
        ("not an average nose", set()),
        ("an average man, ears huge", set()),
        ("his head is so so big", set()),
    ],
)
def test_averages_in_many_wordings(text, average):
    assert {each.attribute for each in find_averages(normalised(text))} == average


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ears shoudnt be big", {"ear_size": -1}),
        ("she doesnt have a wide nose n her neck isnt long", {"nose_width": -1, "neck_length": -1}),
        ("his nose's no wide an his neck's no long", {"nose_width": -1, "neck_length": -1}),
        ("banned: long necks, wide noses", {"neck_length": -1, "nose_width": -1}),
        ("no to wide noses and long necks", {"nose_width": -1, "neck_length": -1}),
        ("big ears are out", {"ear_size": -1}),
        ("big ears? no", {"ear_size": -1}),
        ("the nose and the mouth are wide, the jaw is not", {"jaw_width": -1}),
        ("a wide nose and jaw but not the forehead", {"forehead_width": -1}),
        ("everything oversized except the mouth", {"mouth_width": -1}),
        ("neither the ears nor the nose should be big", {"ear_size": -1, "nose_size": -1}),
        ("no shortage of nose", {"nose_size": 1}),
        ("he is not short of eyebrow", {"brow_thickness": 1}),
        ("not blessed with a lot of eyebrow", {"brow_thickness": -1}),
        ("no hypertelorism", {"eye_spacing": -1}),
        ("no brow ridge", {"brow_ridge": -1}),
        ("everyone here has big ears, mine must not have big ears", {"ear_size": -1}),
    ],
)
def test_denials_in_many_wordings(text, left):
    assert denied(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "big nose, no glasses",
        "the face tapers to almost nothing at the chin",
        "the jaw is not as wide as the forehead",
        "not fully grey",
        "her nose is big, nothing further",
        "neck tattoo (skip), wide jaw",
        "nose no more than 15 mm, short face",
    ],
)
def test_what_denies_no_trait_is_left_alone(text):
    assert find_denials(normalised(text)) == []


def test_a_denial_covers_what_others_are_said_to_have():
    text = normalised("you always draw them with wide jaws, so one who does not have a wide jaw please")
    spans = [(each.start, each.end) for each in find_denials(text) if each.attribute == "jaw_width"]
    first = text.index("wide jaws")
    assert any(start <= first < end for start, end in spans)
