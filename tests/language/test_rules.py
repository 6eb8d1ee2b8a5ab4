"""Denials, comparisons, sides, strength and "keep the rest": read by rule, and measured on the head that comes out."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.expression_rules.sides import find_sides
from facegpt.language.reading.expression_rules.strength import intensity_of
from facegpt.language.reading.expression_rules.units import find_units
from facegpt.language.reading.ngrams.ages import find_age
from facegpt.language.reading.normalise import normalised
from facegpt.language.reading.rules.averages import find_averages
from facegpt.language.reading.rules.comparisons import find_comparisons
from facegpt.language.reading.rules.complaints import find_complaints
from facegpt.language.reading.rules.denials import find_denials
from facegpt.language.reading.rules.questions import asked_traits
from facegpt.language.reading.rules.rules import overrule, read_grammar
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES

K = len(ATTRIBUTES)
PEOPLE = 60


def open_reading(is_edit: bool = False, **more) -> Reading:
    """A reading in which the network found nothing but what `more` says."""
    return Reading(HeadRequest(np.zeros(K), np.zeros(K) if is_edit else np.ones(K), is_edit=is_edit, **more))


def request(text: str, is_edit: bool = False, **more) -> HeadRequest:
    return overrule(open_reading(is_edit, **more), read_grammar(text, is_edit)).request


@pytest.fixture(scope="module")
def typical_mm(head):
    """Mean and SD of men's measures in mm, over heads of which nothing was asked."""
    men = [head.measure(imagine_params(head, open_reading(man=1.0).request, seed).identity) for seed in range(PEOPLE)]
    values = {name: np.array([m[name].value_mm for m in men]) for name in men[0]}
    return {name: (v.mean(), v.std()) for name, v in values.items()}


def z_of(head, typical_mm, params, name):
    mean, sd = typical_mm[name]
    return (head.measure(params.identity)[name].value_mm - mean) / sd


# What the rules find


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a man without a big nose", {"nose_size": -1}),
        ("anything but thin lips", {"upper_lip_fullness": 1, "lower_lip_fullness": 1}),
        ("Nobody would call that forehead small.", {"forehead_height": 1}),
        ("far from slim, that fellow", {"heaviness": 1}),
        ("no chin whatsoever", {"chin_protrusion": -1}),
        ("a jaw that is by no means narrow", {"jaw_width": 1}),
        ("bull neck? quite the reverse", {"neck_width": -1}),
        ("her nose isn't long", {"nose_length": -1}),
        ("no freckles, please", {"freckles": -1}),
    ],
)
def test_a_denial_points_to_the_other_side(text, expected):
    found = {d.attribute: np.sign(d.degree or -d.side) for d in find_denials(normalised(text))}
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "not only a big nose but big ears",
        "no doubt a wide jaw",
        "a big nose and small ears",
        "I don't know, maybe a broad chin",
        "he isn't unfreckled",
    ],
)
def test_what_is_no_denial_is_left_alone(text):
    assert find_denials(normalised(text)) == []


def test_neither_one_nor_the_other_is_average():
    asked = request("a forehead neither high nor low")
    k = ATTRIBUTES.index("forehead_height")
    assert asked.attribute_mean[k] == 0 and asked.attribute_spread[k] < 0.5


@pytest.mark.parametrize(
    ("text", "average"),
    [
        ("a medium nose, but gigantic teeth", {"nose_size"}),
        ("Lips: normal. Chin: long", {"upper_lip_fullness", "lower_lip_fullness"}),
        ("a man of average build with a straight nose", {"heaviness", "nose_bridge_convexity"}),
        ("her face is of average width", {"face_width"}),
        ("ears bigger than average, a nose that is not straight at all", set()),
        ("an ordinary woman with crooked teeth and a nose straight as a die", set()),
    ],
)
def test_what_is_average_is_read_as_such(text, average):
    assert {each.attribute for each in find_averages(normalised(text))} == average


@pytest.mark.parametrize(("text", "moved"), [("a woman of forty", False), ("forty, and looks much younger", True)])
def test_years_alone_leave_the_apparent_age_to_themselves(text, moved):
    assert read_grammar(text).other_age is moved


def test_what_is_said_beside_a_denial_stands():
    asked = request("the philtrum isn't short, it's long")
    assert asked.attribute_mean[ATTRIBUTES.index("philtrum_length")] > 0.5


@pytest.mark.parametrize(
    ("text", "more", "less"),
    [
        ("his nose is bigger than his mouth", "nose_size", "mouth_width"),
        ("her mouth is narrower than her nose", "nose_width", "mouth_width"),
        ("forehead broader than the jaw", "forehead_width", "jaw_width"),
        ("a face longer than it is wide", "face_length", "face_width"),
        ("more cheek than cheekbone", "cheek_fullness", "cheekbone_prominence"),
        ("the jaw beats the forehead", "jaw_width", "forehead_width"),
        ("his ears look small next to that nose", "nose_size", "ear_size"),
        ("tall rather than broad, her forehead", "forehead_height", "forehead_width"),
        ("upper lip thinner than the lower one", "lower_lip_fullness", "upper_lip_fullness"),
        ("eyes wider than average, chin less so", "eye_width", "chin_width"),
    ],
)
def test_a_comparison_names_what_exceeds_what(text, more, less):
    assert [(c.more, c.less) for c in find_comparisons(normalised(text))] == [(more, less)]


@pytest.mark.parametrize("text", ["a nose bigger than most", "wider than average", "mouth no wider than the nose"])
def test_comparisons_with_other_people_are_no_relations(text):
    assert find_comparisons(normalised(text)) == []


@pytest.mark.parametrize(
    ("text", "moved", "still"),
    [
        ("left corner of the mouth up, right eye closed", ("mouthSmileLeft", "eyeBlinkRight"),
         ("mouthSmileRight", "eyeBlinkLeft")),
        ("winking left", ("eyeBlinkLeft",), ("eyeBlinkRight",)),
        ("left brow up, right brow down", ("browOuterUpLeft", "browDownRight"), ("browOuterUpRight", "browDownLeft")),
        ("a smirk on the right side only", ("mouthSmileRight",), ("mouthSmileLeft",)),
        ("the right brow goes through the roof, the left doesn't move", ("browOuterUpRight",), ("browOuterUpLeft",)),
        ("he looks to the left", ("eyeLookOutLeft", "eyeLookInRight"), ()),
        ("snarl on the left", ("mouthUpperUpLeft", "noseSneerLeft"), ("mouthUpperUpRight",)),
    ],
)  # fmt: skip
def test_a_side_moves_and_the_other_rests(text, moved, still):
    weights = find_sides(normalised(text)).weights
    assert all(weights.get(name, 0) >= 0.35 for name in moved)
    assert all(weights.get(name, 1) == 0 for name in still)


@pytest.mark.parametrize("text", ["he left with a smile", "smiling right now", "nothing left of his grin", "all right"])
def test_left_and_right_that_are_no_sides(text):
    assert find_sides(normalised(text)).weights == {}


def test_words_of_degree_order_the_strength_of_a_feeling():
    texts = ("slightly sad", "sad", "utterly heartbroken")
    slight, plainly, very = (intensity_of(normalised(text)) or 0.7 for text in texts)
    assert slight < plainly < very == 1.0


@pytest.mark.parametrize(
    ("text", "read", "emotion"),
    [
        *(("a doleful look", "contempt", "sadness"), ("apoplectic", "awed", "anger"), ("😡", "surprise", "anger")),
        *(("😶", "happily surprised", "neutral"), ("panicky and livid", "angrily surprised", "fearfully angry")),
        ("a scared girl, retching", "fearfully disgusted", "fearfully disgusted"),
        ("her hat is red", "awed", "awed"),
    ],
)
def test_a_word_of_feeling_outweighs_a_reading_that_has_nothing_of_it(text, read, emotion):
    assert request(text, emotion=read).emotion == emotion


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        *(("her forehead's way too high", {"forehead_height": -1.5}), ("lips a bit too thin, fix that", {})),
        *(("The ears are too small!", {"ear_size": 1.0}), ("too much chin on him", {"chin_protrusion": -1.0})),
        *(("not too wide, that mouth", {}), ("widen the jaw, and the chin too", {}), ("he looks too good", {})),
    ],
)
def test_a_complaint_about_a_head_asks_for_the_opposite(text, changes):
    found = find_complaints(normalised(text))
    assert all(found[name] == pytest.approx(change) for name, change in changes.items())
    assert not found or changes or set(found) == {"upper_lip_fullness", "lower_lip_fullness"}
    mean = request(text, is_edit=True).attribute_mean
    assert all(mean[ATTRIBUTES.index(name)] == pytest.approx(change) for name, change in changes.items())


def test_units_by_name_and_commands_that_end_a_movement():
    assert find_units(normalised("AU12 off, AU4 strong"))["mouthSmileLeft"] == 0
    assert find_units(normalised("AU12 off, AU4 strong"))["browDownRight"] > 0.7
    assert find_units(normalised("jawForward 0.8")) == {"jawForward": 0.8}
    assert find_units(normalised("close the mouth")) == {"jawOpen": 0}
    assert find_units(normalised("open the mouth")) == {}


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("a third-grader with big ears", (8, 9)),
        ("barely out of her teens", (19, 22)),
        ("set his age to 25", (25, 25)),
        ("kindergartner", (5, 6)),
        ("a lad of twelve", (12, 12)),
    ],
)
def test_ages_of_the_young_are_read(text, years):
    found = find_age(text)
    assert found is not None and found[:2] == years


def test_a_question_names_its_trait():
    assert "nostril_size" in asked_traits("Are the nostrils large?")
    assert "eye_depth" in asked_traits("are his eyes deep-set?")


# On heads


def test_a_nose_bigger_than_the_mouth_measures_so(head, typical_mm):
    asked = request("his nose is wider than his mouth", man=1.0)
    for seed in range(4):
        made = imagine_params(head, asked, seed)
        assert z_of(head, typical_mm, made, "nose_breadth") > z_of(head, typical_mm, made, "lip_length") + 0.5


def test_no_big_nose_is_a_nose_below_the_average_in_millimetres(head, typical_mm):
    asked = request("a man whose nose is not wide", man=1.0)
    for seed in range(4):
        assert z_of(head, typical_mm, imagine_params(head, asked, seed), "nose_breadth") < 0.5


def test_far_from_narrow_is_wide_in_millimetres(head, typical_mm):
    asked = request("a man whose mouth is far from narrow", man=1.0)
    for seed in range(4):
        assert z_of(head, typical_mm, imagine_params(head, asked, seed), "lip_length") > 0.5


def test_a_wink_closes_one_eye_of_the_head(head):
    made = dict(zip(ARKIT_NAMES, imagine_params(head, request("winking with the left eye"), 0).expression, strict=True))
    assert made["eyeBlinkLeft"] > 0.8 and made["eyeBlinkRight"] < 0.05


def test_a_huge_grin_is_more_of_a_grin_than_barely_smiling(head):
    faint, huge = (imagine_params(head, request(text), 0).expression for text in ("barely smiling", "a huge grin"))
    k = ARKIT_NAMES.index("mouthSmileLeft")
    assert 0.2 < faint[k] < 0.45 and huge[k] > 0.9


def test_a_stronger_feeling_shows_more(head):
    shown = []
    for text in ("a little sad", "sad", "utterly sad, beside herself"):
        asked = request(text, emotion="sadness", intensity=0.7)
        shown.append(float(np.mean([imagine_params(head, asked, seed).expression.max() for seed in range(4)])))
    assert shown[0] < shown[1] - 0.1 < shown[2] - 0.2


def test_closing_the_mouth_leaves_the_shape_alone(head):
    before = imagine_params(head, open_reading().request, 1)
    opened = before.replace(expression=np.eye(52, dtype=np.float32)[ARKIT_NAMES.index("jawOpen")])
    after = edit_params(head, opened, request("close the mouth", is_edit=True), 0)
    assert after.expression[ARKIT_NAMES.index("jawOpen")] == 0
    assert np.array_equal(after.identity, before.identity)


def test_his_is_no_request_for_another_sex():
    assert request("make his nose smaller", is_edit=True, man=1.0).man == 0.5
    assert request("turn her into a man", is_edit=True, man=1.0).man == 1.0


def test_a_part_that_is_to_be_kept_is_kept():
    mean = np.zeros(K)
    mean[[ATTRIBUTES.index("eye_depth"), ATTRIBUTES.index("brow_height")]] = 1.0
    reading = Reading(HeadRequest(mean, np.zeros(K), is_edit=True))
    asked = overrule(reading, read_grammar("Deepen the eyes. Keep the brow where it is.", is_edit=True)).request
    assert asked.attribute_mean[ATTRIBUTES.index("eye_depth")] == 1.0
    assert asked.attribute_mean[ATTRIBUTES.index("brow_height")] == 0.0


def test_another_age_alone_keeps_the_measures(head, typical_mm):
    before = imagine_params(head, open_reading(man=1.0, age_years=(45.0, 45.0)).request, 3)
    asked = request("set his age to 33 and leave the rest of him alone", is_edit=True, age_years=(33.0, 33.0))
    after = edit_params(head, before, asked, 0)
    assert abs(head.attributes(after.identity)["age_years"] - 33) < 4
    assert max(abs(z_of(head, typical_mm, after, m) - z_of(head, typical_mm, before, m)) for m in typical_mm) < 0.5


@pytest.mark.parametrize("name", ["nose_width", "jaw_squareness", "eye_size", "chin_height"])
def test_an_edit_moves_other_measures_little(head, typical_mm, name):
    mean = np.zeros(K)
    mean[ATTRIBUTES.index(name)] = 1.0
    before = imagine_params(head, open_reading(man=1.0).request, 2)
    after = edit_params(head, before, HeadRequest(mean, np.zeros(K), is_edit=True), 0)
    moved = [abs(z_of(head, typical_mm, after, m) - z_of(head, typical_mm, before, m)) for m in typical_mm]
    assert np.mean(moved) < 0.2 and np.mean(np.array(moved) > 0.5) < 0.15
