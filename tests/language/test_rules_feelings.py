"""Feelings, movements and action units by rule: many voices, dialect, what ends, one side only."""

from __future__ import annotations

import pytest

from facegpt.language.reading.expression_rules.action_units import find_action_units
from facegpt.language.reading.expression_rules.feelings import explicit_kinds, settled_emotion
from facegpt.language.reading.expression_rules.sides import find_sides
from facegpt.language.reading.expression_rules.strength import strength_of
from facegpt.language.reading.expression_rules.units import find_units
from facegpt.language.reading.normalise import normalised, standardise_dialect

ON_BOTH = ("Left", "Right")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("yuckkkk", "disgust"), ("BLEUGH", "disgust"), ("pffft", "contempt"), ("Yippeeee!", "joy")),
        *(("boo hoo hoo", "sad"), ("Grrrr", "anger"), ("eeeek", "fear"), ("no way!!", "surprise")),
        *(("He has hit the roof.", "anger"), ("in floods, she was", "sad"), ("walking on air", "joy")),
        *(("They'd never reckoned on this.", "surprise"), ("It makes her skin crawl", "fear")),
        *(("we are all far beneath him", "contempt"), ("she'd never forgive him", "hate"), (">:(", "anger")),
        *(("a touch cross", "anger"), ("cross with the postman", "anger")),
    ],
)
def test_cries_and_turns_of_phrase_name_a_feeling(text, kind):
    assert explicit_kinds(text)[0] == {kind}


@pytest.mark.parametrize(
    "text",
    ["arms crossed", "bleach the hair", "a scarecrow of a man", "surprise me", "poker straight hair", "not happy"],
)
def test_words_that_name_no_feeling(text):
    assert explicit_kinds(text)[0] == set()


@pytest.mark.parametrize(
    ("text", "read", "emotion"),
    [
        ("He's in tears and he could punch a wall", "fear", "sadly angry"),
        ("part of her is walking on air, part of her can't believe it", "happiness", "happily surprised"),
        ("laughing although it turns his stomach", "disgust", "happily disgusted"),
        ("terrified, and it came out of nowhere", "fear", "fearfully surprised"),
        ("she's feart an she's scunnert", "fear", "fearfully disgusted"),
        ("no warning at all, and it stank", "disgust", "disgust"),
        ("livid, and gobsmacked at their nerve", "anger", "angrily surprised"),
    ],
)
def test_two_feelings_of_different_kinds_make_a_compound(text, read, emotion):
    assert settled_emotion(text, read) == emotion


@pytest.mark.parametrize(
    ("text", "read", "emotion"),
    [
        ("swap the gloom for bliss", "sadness", "happiness"),
        ("Sad? Nope. Overjoyed.", "sadness", "happiness"),
        ("dread rather than rage", "anger", "fear"),
        ("he was furious, now he is frightened", "anger", "fear"),
        ("reset every slider", "anger", "neutral"),
        ("everything back to zero please", "fear", "neutral"),
        ("take the grin off him", "happiness", ""),
        ("6+12, both at D", "anger", ""),
        ("big ears, thin lips, the rest: surprise me", "surprise", ""),
        ("a wide flat nose and a chin like a shovel", "anger", ""),
        ("a big-nosed man who has just been robbed", "anger", "anger"),
    ],
)
def test_what_is_not_or_no_longer_felt_does_not_count(text, read, emotion):
    assert settled_emotion(text, read) == emotion


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("2+5", {"browOuterUp*": 0.7, "eyeWide*": 0.7}),
        ("9 and 10, intensity B", {"noseSneer*": 0.4, "mouthUpperUp*": 0.4}),
        ("units 4 and 7 on the FACS sheet, weak", {"browDown*": 0.35, "eyeSquint*": 0.35}),
        ("AU#12", {"mouthSmile*": 0.7}),
        ("a.u. 15 but no 17", {"mouthFrown*": 0.7, "mouthShrugLower": 0}),
        ("action unit twenty", {"mouthStretch*": 0.7}),
        ("12E, 6E", {"mouthSmile*": 1, "cheekSquint*": 1}),
        ("L14B", {"mouthDimpleLeft": 0.4, "mouthDimpleRight": 0}),
        ("9+10 on the right", {"noseSneerRight": 0.7, "noseSneerLeft": 0, "mouthUpperUpRight": 0.7}),
        ("kill the AU4 and keep the rest", {"browDown*": 0}),
        ("AU26 at 2/5", {"jawOpen": 0.4}),
        ("4 and 24 full on, no 12", {"browDown*": 1, "mouthPress*": 1, "mouthSmile*": 0}),
    ],
)
def test_action_units_in_the_spellings_of_those_who_use_them(text, weights):
    found = find_action_units(normalised(text))
    for name, weight in weights.items():
        for side in ON_BOTH:
            assert found[name.replace("*", side)] == pytest.approx(weight), name


@pytest.mark.parametrize(
    "text", ["a man of 26", "nose 4 mm wider", "two women, 24 and 26 years old", "make 2 heads", "a girl, 6", "aged 20"]
)
def test_numbers_that_are_no_action_units(text):
    assert find_action_units(normalised(text)) == {}


@pytest.mark.parametrize(
    ("text", "still"),
    [
        ("the smirk has to go", "mouthSmileLeft"),
        ("scrap that frown", "browDownLeft"),
        ("shut yer gob", "jawOpen"),
        ("no more puffed cheeks", "cheekPuff"),
        ("that tongue goes back in", "tongueOut"),
        ("eyes back to normal", "eyeWideRight"),
        ("unwrinkle her nose", "noseSneerLeft"),
        ("ditch the duck face", "mouthPucker"),
    ],
)
def test_what_can_go_is_put_to_rest(text, still):
    assert find_units(normalised(text))[still] == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("she rolled her eyes", "eyeLookUpLeft"),
        ("gazing up at the clouds", "eyeLookUpRight"),
        ("eyes fixed on his own boots", "eyeLookDownLeft"),
        ("boss-eyed", "eyeLookInRight"),
        ("sucks lemonade through a straw", "mouthPucker"),
        ("blowing up a balloon", "cheekPuff"),
    ],
)
def test_what_somebody_does_or_looks_at_moves_the_face(text, name):
    assert find_units(normalised(text))[name] >= 0.5


@pytest.mark.parametrize(
    "text", ["tongue out", "he can't stop smiling", "not only a smile", "teeth gone, grinning", "smile with no teeth"]
)
def test_what_goes_on_is_not_put_to_rest(text):
    assert 0 not in find_units(normalised(text)).values()


@pytest.mark.parametrize(
    ("text", "moved", "still"),
    [
        ("the richt broo's up, the left yin bides", "browOuterUpRight", "browOuterUpLeft"),
        ("she winks with the left, the right one has no part in it", "eyeBlinkLeft", "eyeBlinkRight"),
        ("left corner lifted, right one asleep", "mouthSmileLeft", "mouthSmileRight"),
        ("right nostril flares and the left is where it was", "noseSneerRight", "noseSneerLeft"),
    ],
)
def test_a_side_of_which_no_movement_is_said_rests(text, moved, still):
    weights = find_sides(normalised(text)).weights
    assert weights[moved] >= 0.5
    assert weights[still] == 0


def test_a_side_that_moves_as_well_or_a_little_does_so():
    assert find_sides(normalised("left brow up, the right one too")).weights["browOuterUpRight"] > 0.5
    assert 0 < find_sides(normalised("left brow up, the right a little")).weights["browOuterUpRight"] < 0.5


def test_a_movement_of_one_side_ends_and_the_other_goes_on():
    assert find_sides(normalised("lose the right half of the grin")).weights == {"mouthSmileRight": 0}
    assert find_sides(normalised("right eyebrow down again")).weights == {"browOuterUpRight": 0}


def test_dialect_is_read_and_plain_words_are_left_alone():
    assert standardise_dialect("his left ee's steekit an the ither isnae") == "his left eye's shut and the other is not"
    assert standardise_dialect("she greets people in the pit") == "she greets people in the pit"


def test_words_between_slight_and_plain():
    assert strength_of("weakly", 0.7) < strength_of("medium", 0.7) < 0.7
