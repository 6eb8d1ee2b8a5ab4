"""From facts to words: every number is one of the facts, and what a face does not show is not said."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe import sentences as words
from facegpt.describe.compared import compare
from facegpt.describe.emotion_units import emotion_names
from facegpt.describe.emotions import rank_emotions
from facegpt.describe.expression import name_emotion
from facegpt.describe.hair_words import hair_changes, hair_words
from facegpt.describe.measure_words import MEASURE_WORDS, declined
from facegpt.describe.sentences import Facts
from facegpt.generate.draw_expression import emotion_expression
from facegpt.hair.presets import groom_of
from facegpt.language.targets import ASKABLE, ATTRIBUTES
from facegpt.morphable.measure import MEASURES
from facegpt.types import Hair, Measure
from facegpt_lab.evaluate.protocols.words.asked_about import asked_about

PERCENTILES = {name: 50.0 for name in MEASURES} | {"nose_breadth": 97.3, "lip_length": 3.2, "ear_length": 90.0}


def facts(percentiles=PERCENTILES, **others) -> Facts:
    values = {name: 30.0 + k for k, name in enumerate(MEASURES)}
    measures = {name: Measure(values[name], p) for name, p in percentiles.items()}
    given = {"looks": {"age_years": 47.2, "masculinity": 0.9, "heaviness": 0.95, "skin_lightness": 55.0}} | others
    return Facts(measures=measures, **given)


def wearing(emotion: str, intensity: float = 0.8) -> dict[str, float]:
    return dict(zip(ARKIT_NAMES, map(float, emotion_expression(emotion, intensity)), strict=True))


def numbers_mm(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"(\d+(?:\.\d+)?)(?: to \d+\.\d+)? mm", text)]


def test_the_most_unusual_measures_come_first_in_plain_words_with_millimetres():
    text = words.describe(facts())
    places = [text.index(words.label(name)) for name in ("nose_breadth", "lip_length", "ear_length")]
    assert places == sorted(places)
    known = facts().measures
    wide = MEASURE_WORDS["nose_breadth"][2]
    assert f"very {wide} (nose breadth {known['nose_breadth'].value_mm:.1f} mm)" in text
    assert "lip length" in text and "percentile" not in text
    assert "the 97th percentile" in words.answer(facts(), ["nose_breadth"])


@given(st.lists(st.floats(0, 100), min_size=len(MEASURES), max_size=len(MEASURES)))
def test_all_five_most_unusual_measures_are_named_and_every_millimetre_is_measured(percentiles):
    given_facts = facts(dict(zip(MEASURES, percentiles, strict=True)))
    text = words.describe(given_facts)
    far = sorted(percentiles, key=lambda p: -abs(p - 50))[4]
    surely = [n for n, m in given_facts.measures.items() if abs(m.percentile - 50) > max(abs(far - 50), words.AVERAGE)]
    assert all(words.label(name) in text for name in surely)
    printed = {round(m.value_mm, 1) for m in given_facts.measures.values()}
    assert set(numbers_mm(text)) <= printed


def test_nothing_average_is_listed_as_most_unusual():
    average = dict.fromkeys(MEASURES, 60.0)
    one_far = words.unusual_words(facts(average | {"nose_breadth": 99.0}))
    assert "nose breadth" in one_far and one_far.count(" mm)") == 1 and "average" not in one_far.split(":")[1]
    assert words.unusual_words(facts(average)) == "All its measures are about average."


def test_a_head_that_its_photo_shows_bald_is_told_to_be():
    seen, unknown = facts(is_seen_bald=True), facts()
    assert "The head is bald." in words.describe(seen) and "bald" not in words.describe(unknown)
    assert words.answer(seen, ["hair_length"]) == "The head is bald."


@pytest.mark.parametrize("name", ASKABLE)
def test_whatever_can_be_asked_is_answered(name):
    full = facts(attributes=dict.fromkeys(ATTRIBUTES, 1.0), hair=Hair("bob"), blendshapes=wearing("happiness"))
    text = words.answer(full, [name])
    assert text and "None" not in text and "nan" not in text and "_" not in text
    if name in MEASURES:
        assert f"{full.measures[name].value_mm:.1f} mm" in text


def test_every_measure_has_words_for_both_sides():
    assert set(MEASURES) <= set(MEASURE_WORDS)
    for low, high in ((5.0, 95.0), (1.0, 99.8)):
        for name in MEASURES:
            small, large = (words.measure_words(name, Measure(30.0, p)) for p in (low, high))
            assert small != large and MEASURE_WORDS[name][1] in small and MEASURE_WORDS[name][2] in large


def test_percentiles_are_written_as_people_say_them():
    said = {0.2: "below the 1st", 1: "the 1st", 2.4: "the 2nd", 11: "the 11th", 83: "the 83rd", 99.7: "above the 99th"}
    for percentile, text in said.items():
        assert words.ordinal(percentile) == text


def test_a_measure_without_published_numbers_has_no_percentile():
    assert "percentile" not in words.measure_words("lower_face_height", Measure(66.0, float("nan")))


@pytest.mark.parametrize("emotion", [*emotion_names(), "neutral"])
def test_the_expression_is_told_by_movements_and_emotion(emotion):
    weights = wearing(emotion)
    text = words.expression_words(facts(blendshapes=weights, emotion=rank_emotions(list(weights.values()))[0][0]))
    assert text.startswith(("The face is at rest", "The expression is neutral")) == (emotion == "neutral")
    assert emotion == "neutral" or "looks most like" in text


def test_a_photo_with_a_broad_smile_is_called_happy_whatever_the_smile_brings_along():
    weights = dict.fromkeys(ARKIT_NAMES, 0.0)
    weights |= {"mouthSmileLeft": 0.79, "mouthSmileRight": 0.82, "mouthUpperUpLeft": 0.33, "mouthLowerDownLeft": 0.4}
    assert name_emotion(weights, rank_emotions, from_photo=True) == "happiness"
    faint = {name: weight / 3 for name, weight in weights.items()}
    assert name_emotion(faint, rank_emotions, from_photo=True) == ""
    smirk = dict.fromkeys(ARKIT_NAMES, 0.0) | {"mouthSmileLeft": 0.7, "mouthDimpleLeft": 0.6}
    assert name_emotion(smirk, rank_emotions, from_photo=True) == "contempt"


def test_a_corner_of_the_mouth_that_a_turned_head_lifts_is_no_contempt():
    turned = dict.fromkeys(ARKIT_NAMES, 0.0) | {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.3, "eyeSquintLeft": 0.3}
    assert name_emotion(turned, rank_emotions, from_photo=True) in ("", "happiness")


def test_a_wink_is_on_one_side_only():
    weights = dict.fromkeys(ARKIT_NAMES, 0.0) | {"eyeBlinkLeft": 0.9}
    assert "on its left side" in words.expression_words(facts(blendshapes=weights))
    both = weights | {"eyeBlinkRight": 0.9}
    assert "side" not in words.expression_words(facts(blendshapes=both))


def test_an_uncertain_reading_says_so():
    text = words.describe(facts(scale_sd=0.04))
    assert "47 years old, give or take" in text and "as far as a face tells" in text and "about 4 %" in text


def test_no_flattery_and_no_judgement():
    text = words.describe(facts(attributes=dict.fromkeys(ATTRIBUTES, 2.0), blendshapes=wearing("happiness"))).lower()
    for word in (
        "beautiful",
        "attractive",
        "handsome",
        "ugly",
        "perfect",
        "lovely",
        "great",
        "intelligent",
        "caucasian",
    ):
        assert word not in text


@pytest.mark.parametrize(
    ("question", "about"),
    [
        *(("Who is this?", "who"), ("what's his name", "who"), ("do you recognise him?", "who")),
        *(("Is that Angela Merkel?", "who"), ("where is she from?", "comes from"), ("what race is he", "comes from")),
        *(("is she honest?", "is like"), ("does he look intelligent", "is like"), ("is he sick", "healthy")),
        *(("does she have a syndrome", "healthy"), ("is he gay", "lives"), ("is she pretty?", "good somebody looks")),
    ],
)
def test_questions_beyond_a_face_are_declined(question, about):
    assert about in words.refusal(question)


@pytest.mark.parametrize(
    "question",
    [
        *("How wide is the nose?", "is the mouth pretty wide?", "does she look happy?", "is his nose crooked?"),
        *("what is unusual about this face?", "name the three most unusual measures", "how old does he look?"),
    ],
)
def test_questions_about_a_face_are_not_declined(question):
    assert declined(question) == () and asked_about(question)


def test_a_part_that_can_be_answered_is_answered_beside_the_refusal():
    no = words.refusal("Who is she and how wide is her mouth?")
    text = words.answer(facts(), asked_about("Who is she and how wide is her mouth?"), no=no)
    assert text.startswith("A face does not show") and "lip length" in text


@pytest.mark.parametrize(
    ("question", "name"),
    [
        *(("How wide is the nose?", "nose_breadth"), ("nose width pls", "nose_breadth")),
        *(("how far apart are the eyes", "eye_spacing"), ("what's the IPD", "interpupillary_distance")),
        *(("is she smiling?", "expression"), ("how old is he", "age_years"), ("what stands out?", "unusual")),
        *(("does he have a beard", "beard"), ("are the ears big?", "ear_length"), ("how many people?", "count")),
        *(("is the jaw square", "jaw_squareness"), ("is her forehead high?", "forehead_height")),
        *(("how thick is his neck", "neck_circumference"), ("is the face symmetrical?", "asymmetry")),
    ],
)
def test_questions_are_read_by_their_words(question, name):
    assert name in asked_about(question)


def test_two_heads_are_compared_by_printed_numbers():
    one = facts()
    other = Facts(
        {n: Measure(m.value_mm + (2.04 if n == "nose_breadth" else 0), 50.0) for n, m in one.measures.items()}
    )
    text = compare(one, other, ["nose_breadth", "lip_length"])
    high, low = (f"{f.measures['nose_breadth'].value_mm:.1f}" for f in (other, one))
    assert f"second head's nose breadth is {float(high) - float(low):.1f} mm larger" in text
    assert f"{high} to {low} mm" in text and "Both have the same lip length" in text


def test_hair_is_told_in_plain_words():
    for hair, text in (
        (Hair("bald"), "The head is bald."),
        (Hair("short_tousled", grey=0.95), "white hair, tousled"),
        (Hair("long", colour=(0.35, 0.22, 0.1)), "blond hair, long"),
        (Hair("bald", beard=1.0, moustache=1.0), "beard and a moustache"),
    ):
        assert text in hair_words(hair)
    assert hair_words(None) == ""


def test_the_same_head_is_described_the_same_way():
    assert words.describe(facts()) == words.describe(facts())


def test_what_became_of_hair_is_told():
    hair = Hair(style="bob", beard=0.3)
    longer = replace(hair, groom=scaled_groom(hair, 1.5))
    assert hair_changes(hair, hair) == []
    (said,) = hair_changes(hair, longer)
    assert "longer" in said and "to the jaw" in said  # a bob half as long again
    assert "shorter" in hair_changes(longer, hair)[0]
    assert hair_changes(hair, replace(hair, style="bald")) == ["The head is bald."]
    assert "red hair" in hair_changes(hair, replace(hair, colour=(0.25, 0.07, 0.03)))[0]
    assert hair_changes(hair, replace(hair, beard=0.0)) == ["It has no beard and no moustache."]
    assert hair_changes(replace(hair, beard=0.9), replace(hair, beard=0.7)) == ["The beard is thinner now."]


def scaled_groom(hair: Hair, by: float):
    groom = groom_of(hair)
    return replace(groom, top_mm=groom.top_mm * by, sides_mm=groom.sides_mm * by, back_mm=groom.back_mm * by)


@pytest.mark.parametrize(
    ("name", "degree", "said"),
    [
        ("freckles", 2.0, "It has many freckles."),
        ("freckles", 0.7, "It has a few freckles."),
        ("freckles", -2.0, "It has very clear skin."),
        ("eye_bags", 2.0, "It has heavy bags under the eyes."),
        ("chin_cleft", 0.8, "It has a rather cleft chin."),
    ],
)
def test_traits_without_a_measure_are_said_in_plain_english(name, degree, said):
    assert words.trait_words(facts(attributes={name: degree}), name) == said


def test_narrow_eyes_alone_are_no_feeling():
    weights = dict.fromkeys(ARKIT_NAMES, 0.0) | {"eyeSquintLeft": 0.7, "eyeSquintRight": 0.7}
    assert name_emotion(weights, rank_emotions, from_photo=True) == ""
