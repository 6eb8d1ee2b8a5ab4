"""Rules about people: hair, beard, brows, irises, skin, build, sex and years in wordings that no table quotes."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.looks_rules.build_rules import find_heaviness
from facegpt.language.reading.looks_rules.hair_rules import find_hair, pieces
from facegpt.language.reading.looks_rules.overrule_person import SURE_MAN, overruled_people
from facegpt.language.reading.looks_rules.sex_rules import find_sex
from facegpt.language.reading.ngrams.ages import find_age
from facegpt.language.reading.normalise import normalised
from facegpt.language.targets import ATTRIBUTES


def hair(text):
    return find_hair(normalised(text))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("her hair reaches the waist", 2),
        ("brown hair that she can sit on; she sits on it daily", 2),
        ("blond hair down past his shoulders", 1.5),
        ("hair to the shoulders and a small nose", 1),
        ("shoulder-length red hair", 1),
        ("hair brushing his collar", 0.5),
        ("hair cut level with the jaw", 0),
        ("a chin-length grey bob", 0),
        ("hair just over the ears", -0.5),
        ("short dark hair", -1),
        ("a crew cut, black", -1.5),
        ("bald, with a long beard", -2),
        ("his head shaved, his chin broad", -2),
        ("HAIR: grey, cropped\nBEARD: none", -1),
    ],
)
def test_lengths_of_hair(text, length):
    assert hair(text)["hair_length"] == length


@pytest.mark.parametrize(
    ("text", "name", "degree"),
    [
        ("hair black as coal", "hair_lightness", -2),
        ("jet-black plaits", "hair_lightness", -2),
        ("platinum hair", "hair_lightness", 2),
        ("golden locks", "hair_lightness", 1),
        ("sandy hair, thin", "hair_lightness", 0.5),
        ("light brown hair", "hair_lightness", 0),
        ("copper-coloured hair", "hair_redness", 1),
        ("flaming red hair", "hair_redness", 2),
        ("a head of snow-white hair", "hair_greyness", 2),
        ("grey hair", "hair_greyness", 1),
        ("brown hair with a few grey strands", "hair_greyness", 0.5),
        ("dark hair streaked with silver", "hair_greyness", 0.5),
    ],
)
def test_colours_of_hair(text, name, degree):
    assert hair(text)[name] == degree


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("brown eyes", -1),
        ("dark brown eyes", -1),
        ("eyes black as sloes", -2),
        ("hazel eyes", 0.5),
        ("eyes of a deep green", 0.5),
        ("grey-eyed", 1),
        ("the eyes are blue", 1),
        ("pale blue eyes", 1.5),
        ("eyes so light that they look blind", 2),
        ("EYES: ice blue", 2),
    ],
)
def test_irises(text, degree):
    assert hair(text)["iris_lightness"] == degree


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("two days of stubble", {"beard": 0.5}),
        ("a five o'clock shadow", {"beard": 0.5}),
        ("a bushy beard", {"beard": 1.5}),
        ("a beard down to his belt", {"beard": 2}),
        ("a plain beard", {"beard": 1}),
        ("clean-shaven", {"beard": -1, "moustache": -1}),
        ("beard: none", {"beard": -1}),
        ("a pencil moustache", {"moustache": 0.5}),
        ("a walrus moustache", {"moustache": 2}),
        ("eyebrows plucked to a thin line", {"brow_thickness": -1.5}),
        ("eyebrows that are hardly there", {"brow_thickness": -2}),
        ("bushy eyebrows", {"brow_thickness": 1.5}),
        ("very dark skin", {"skin_lightness": -2}),
        ("skin white as chalk", {"skin_lightness": 2}),
        ("tanned skin", {"skin_lightness": -0.5}),
        ("a sallow complexion", {"skin_redness": -1}),
        ("a pallid young man", {"skin_lightness": 1, "skin_redness": -1}),
        ("a few freckles", {"freckles": 0.5}),
        ("thousands of freckles, more freckles than face", {"freckles": 2}),
    ],
)
def test_beards_brows_and_skin(text, says):
    assert hair(text) == says


def test_each_colour_stays_with_its_part():
    assert hair("brown skin, green eyes and black hair to her waist") == {
        "skin_lightness": -1,
        "iris_lightness": 0.5,
        "hair_lightness": -2,
        "hair_length": 2,
    }
    assert hair("black hair blue eyes") == {"hair_lightness": -2, "iris_lightness": 1}
    assert hair("hair black eyes blue") == {"hair_lightness": -2, "iris_lightness": 1}
    assert "iris_lightness" not in hair("dark circles under the eyes")
    assert "hair_lightness" not in hair("hair under a black hat")
    assert [part for part, _ in pieces("red beard, blue eyes")] == ["beard", "iris"]


@pytest.mark.parametrize(
    "text", ["not blond hair", "hair darker than hers", "without a long beard", "no brown eyes", ""]
)
def test_denials_and_comparisons_are_left_to_other_rules(text):
    assert {"hair_lightness", "iris_lightness", "hair_length"}.isdisjoint(hair(text))


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("thin as a lath", -2),
        ("just skin and bone", -2),
        ("a slip of a girl", -1.5),
        ("no meat on her", -1.5),
        ("a wiry fellow", -1),
        ("a stoutish gentleman", 0.5),
        ("a little on the heavy side", 0.5),
        ("a well-padded lady", 1),
        ("round as a barrel", 1.5),
        ("built like a fridge", 1.5),
        ("size of a house", 2),
        ("female, BMI 17.5", -1),
        ("male, BMI of 22", 0),
        ("male, BMI 43", 2),
        ("build: average", 0),
        ("a head like a barrel", None),
        ("a stocky neck and a stout chin", None),
        ("an absolute unit of a jaw", None),
        ("a small nose", None),
    ],
)
def test_builds(text, degree):
    found = find_heaviness(normalised(text))
    assert found == degree or (degree is None and "neck" in text)


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
    assert find_sex(normalised(text)) == sex


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Mira, 9, freckled", (9, 9)),
        ("a girl who's six and a half", (6, 7)),
        ("52M, pale", (52, 52)),
        ("a wifie aboot sixty", (57, 63)),
        ("she's only eight", (8, 8)),
        ("a tot of three", (3, 3)),
        ("on the eve of his fiftieth birthday", (49, 50)),
        ("for her 21st birthday", (20, 21)),
        ("looks fifteen but she's 30", (30, 30)),
        ("a gentleman in the middle of life", (40, 60)),
        ("three years off retirement", (58, 70)),
        ("seventy-odd", (70, 79)),
        ("an old woman with a long chin", (60, 100)),
    ],
)
def test_years(text, years):
    found = find_age(text)
    assert found is not None
    assert found == (*years, True)


@pytest.mark.parametrize(
    "text",
    [
        "burnt by thirty summers in the fields",
        "after twenty years of waiting",
        "my five-year-old says make it big",
        "a friend since primary school",
        "AU 12 and 25",
        "twelve + fifteen",
        "a lad with big ears",
    ],
)
def test_numbers_and_words_that_are_no_age_of_the_face(text):
    assert find_age(text) is None


def head_request(**changes):
    size = len(ATTRIBUTES)
    return HeadRequest(np.zeros(size), np.ones(size), **changes)


def test_rules_take_precedence_but_not_over_denials():
    text = "a woman with hair to the jaw"
    found = overruled_people(head_request(man=0.5), text, text, ())
    k = ATTRIBUTES.index("hair_length")
    assert found.attribute_mean[k] == 0
    assert found.attribute_spread[k] < 0.5
    assert found.man == pytest.approx(1 - SURE_MAN)
    left = overruled_people(head_request(man=0.5), text, text, ("hair_length",))
    assert left.attribute_spread[k] == 1


def test_no_word_for_a_sex_leaves_it_open():
    assert overruled_people(head_request(man=0.8), "a long chin", "a long chin", ()).man == 0.5
    assert overruled_people(head_request(man=0.99), "a long chin", "a long chin", ()).man == 0.99
