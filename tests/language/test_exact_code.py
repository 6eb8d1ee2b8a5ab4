"""What a program reads exactly: years, codes of movements, and the sex that words say."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.dialogue.questions.asked_names import asked_traits
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import has_word, is_denied, last_clause, last_words
from facegpt.language.reading.after_network import with_sex, with_years
from facegpt.language.reading.beyond.label_numbers import amounts, names
from facegpt.language.reading.complaints import complaints, with_complaints
from facegpt.language.reading.peoples_words import only_of_people
from facegpt.language.reading.sexes import find_sex
from facegpt.language.reading.unit_codes import find_action_units, find_codes, with_codes
from facegpt.language.reading.years import find_age
from facegpt.language.targets import ATTRIBUTES

K = len(ATTRIBUTES)
ON_BOTH = ("Left", "Right")


def head_request(**changes) -> HeadRequest:
    return HeadRequest(np.zeros(K), np.ones(K), **changes)


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("an aunt with a small nose", "F"),
        ("SEX: f / AGE: 40", "F"),
        ("34F, tired", "F"),
        ("she is tall", "F"),
        ("a fisherman", "M"),
        ("Gender male", "M"),
        ("27 yo m", "M"),
        ("a human head", ""),
        ("a Norman nose", ""),
        ("a face like a man's", ""),
        ("a woman and a man", "both"),
    ],
)
def test_sexes(text, sex):
    assert find_sex(text.lower()) == sex


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Mira, 9, freckled", (9, 9)),
        ("52M, pale", (52, 52)),
        ("a tot of three", (3, 3)),
        ("a gentleman in the middle of life", (40, 60)),
        ("three years off retirement", (58, 70)),
    ],
)
def test_years(text, years):
    found = find_age(text)
    assert found is not None
    assert found == (*years, True)


def test_whom_a_text_begins_with_has_the_age():
    assert find_age("a baby laughing") == (0, 2, True)
    found = find_age("The baby sneezed on him.")
    assert found is not None and not found[2]


@pytest.mark.parametrize(
    ("before", "denied"),
    [
        ("he has no", True),
        ("she isn't wearing", True),
        ("without any of the", True),
        ("no hat, but", False),
        ("a man with", False),
    ],
)
def test_denials_reach_over_a_few_words_of_their_clause(before, denied):
    assert is_denied(before) == denied


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        ("very old black man, white beard", {"black"}),
        ("a black man with black hair", set()),
        ("a white woman", {"white"}),
        ("a woman in black", set()),
    ],
)
def test_colours_of_people_are_no_colours_of_hair(text, colours):
    assert only_of_people(text) == colours


def test_labels_are_compared_without_their_numbers():
    assert names(["nose_width +1.2 SD", "mouthSmile 0", "age: 40 years"]) == {
        "nose_width + SD",
        "mouthSmile 0",
        "age:  years",
    }
    assert amounts(["jaw_width -0.5 SD"]) == {"jaw_width  SD": [-0.5]}


@pytest.mark.parametrize(
    "text",
    [
        "burnt by thirty summers in the fields",
        "after twenty years of waiting",
        "AU 12 and 25",
        "twelve + fifteen",
        "a lad with big ears",
    ],
)
def test_numbers_and_words_that_are_no_age_of_the_face(text):
    assert find_age(text) is None


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("a man in his forties", (40, 49)),
        ("CREATE HEAD male age=45 nose=large", (45, 45)),
        ("nose=20 mouth=30", None),
        ("late fifties, grey", (57, 59)),
        ("a woman, 52, with a thin nose", (52, 52)),
        ("a sixty-three-year-old", (63, 63)),
        ("an elderly lady", (60, 100)),
        ("a little girl with freckles", (4, 12)),
        ("teenager with a big nose", (13, 19)),
        ("somebody's granny", (55, 100)),
        ("We meet PIP (7): gap-toothed", (7, 7)),
        ("Name: Thistle\nAge: 11\nEyes: huge", (11, 11)),
        ("baby girl, 18 months", (1, 2)),
        ("woman between thirty and forty", (30, 40)),
        ("a nonagenarian", (90, 99)),
        ("skinny 90s brow", None),
        ("five men with big noses", None),
        ("mother of two, long nose", (35, 55)),
        ("make her ten years older", None),
        ("nose 38 mm wide", None),
        ("a man with a big nose", None),
    ],
)
def test_years_are_read_from_words_and_figures(text, years):
    found = find_age(text)
    assert (found[:2] if found else None) == years


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("a third-grader with big ears", (8, 9)),
        ("set his age to 25", (25, 25)),
        ("kindergartner", (5, 6)),
        ("a lad of twelve", (12, 12)),
    ],
)
def test_ages_of_the_young_are_read(text, years):
    found = find_age(text)
    assert found is not None and found[:2] == years


@pytest.mark.parametrize(
    ("text", "read", "man"),
    [
        ("a manly woman with a strong jaw", 0.95, 0.05),
        ("a bridegroom of 30", 0.5, 0.95),
        ("a woman and a man of 30", 0.95, 0.95),
        ("a doctor of 30", 0.05, 0.05),
    ],
)
def test_a_sex_that_all_nouns_say_is_what_words_ask_for(text, read, man):
    assert with_sex(head_request(man=read, age_years=(30.0, 30.0)), text).man == man


def test_what_happens_to_somebody_is_of_no_sex():
    assert with_sex(head_request(), "when I hear his name I spit").man == 0.5


def test_years_say_the_age_alone():
    older = head_request()
    older.attribute_mean[ATTRIBUTES.index("age")] = 1.0
    found = with_years(older, "a woman of 72")
    assert found.age_years == (72, 72) and found.attribute_mean[ATTRIBUTES.index("age")] == 0
    assert with_years(older, "a woman with a long nose") is older


@pytest.mark.parametrize(
    ("text", "read", "years"),
    [
        ("a boy of 7 with big ears", (7.0, 7.0), (7, 7)),
        ("a pupil of sixteen", (16.0, 16.0), (16, 16)),
        ("a little girl of 5", (5.0, 5.0), (5, 5)),
        ("a boy beside a man", (40.0, 40.0), (4, 17)),
        ("a boy with thick brows", (3.0, 14.0), (4, 17)),
    ],
)
def test_a_number_that_fits_a_word_of_age_is_the_age(text, read, years):
    assert with_years(head_request(age_years=read), text).age_years == years


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
    found = find_action_units(text.lower())
    for name, weight in weights.items():
        for side in ON_BOTH:
            assert found[name.replace("*", side)] == pytest.approx(weight), name


@pytest.mark.parametrize(
    "text", ["a man of 26", "nose 4 mm wider", "two women, 24 and 26 years old", "make 2 heads", "a girl, 6", "aged 20"]
)
def test_numbers_that_are_no_action_units(text):
    assert find_action_units(text.lower()) == {}


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("jawOpen 0.8", {"jawOpen": 0.8}),
        ("MouthSmileLeft at 40 %, mouthPucker off", {"mouthSmileLeft": 0.4, "mouthPucker": 0.0}),
        ("no cheekPuff", {"cheekPuff": 0.0}),
        ("a woman with an open jaw", {}),
    ],
)
def test_blendshapes_by_name(text, weights):
    assert find_codes(text) == pytest.approx(weights)


def test_a_code_outweighs_what_was_read():
    found = with_codes(head_request(), "AU12L at 0.5")
    weights = dict(zip(ARKIT_NAMES, found.expression, strict=True))
    assert weights["mouthSmileLeft"] == 0.5 and weights["mouthSmileRight"] == 0
    assert found.expression_named[ARKIT_NAMES.index("mouthSmileRight")]


@pytest.mark.parametrize(
    ("question", "traits"),
    [
        ("Are the nostrils large?", {"nostril_size"}),
        ("how wide is her nose", {"nose_width"}),
        ("is the upper lip thin", {"upper_lip_fullness"}),
        ("are his lips full?", {"upper_lip_fullness", "lower_lip_fullness"}),
        ("what is the capital of France?", set()),
    ],
)
def test_a_question_names_its_trait(question, traits):
    assert set(asked_traits(question)) == traits


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("the chin is too small", {"chin_height": 1}),
        ("his ears are too large and the nose is too narrow", {"ear_size": -1, "nose_width": 1}),
        ("that upper lip is too thin", {"upper_lip_fullness": 1}),
        ("the chin is not too small", {}),
        ("she smiles too much", {}),
    ],
)
def test_a_complaint_asks_for_the_other_side(text, asked):
    assert complaints(text) == asked
    wrong = HeadRequest(np.array([-asked.get(name, 0.0) for name in ATTRIBUTES]), np.zeros(K), is_edit=True)
    right = with_complaints(wrong, text).attribute_mean
    assert all(right[ATTRIBUTES.index(name)] * side > 0.5 for name, side in asked.items())


def test_a_word_is_found_whole_and_in_any_case():
    assert has_word("On the LEFT, please", {"left"}) and has_word("half-left", {"left"})
    assert not has_word("the leftmost one", {"left"}) and not has_word("", {"left"})


def test_the_last_words_of_a_text_end_at_a_comma():
    assert last_words("Not old, and with no", 4) == ["and", "with", "no"]
    assert last_words("I don't want his", 3) == ["don't", "want", "his"] and last_words("no,", 3) == []
    assert last_clause("take these; keep his ") == " keep his "
