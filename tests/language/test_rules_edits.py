"""What an edit removes, puts right, keeps and asks for in numbers: read by rule."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.reading.normalise import normalised, standardise_small_words
from facegpt.language.reading.rules.keeps import keeps_the_rest, kept_attributes
from facegpt.language.reading.rules.measures import corrected, with_bounds
from facegpt.language.reading.rules.repairs import find_asked, find_repairs, names_faults
from facegpt.language.reading.rules.rules import overrule, read_grammar
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES

K = len(ATTRIBUTES)


@pytest.mark.parametrize(
    "text",
    [
        "Rounder eyes, and hands off the rest of it.",
        "a thinner nose pls, dont touch owt else",
        "Drop the brows a bit. Everything else is locked.",
        "shorter chin n nothing more",
        "only the ears come in",
        "Dye it black; the others stay as they were.",
        "wider jaw, no further changes",
        "same lad exactly but with a beard",
        "Keep the whole face as it is, just add freckles.",
        "Paler. If you alter one other thing I will notice.",
        "The neck may grow, every other measurement is frozen.",
        "raise the cheekbones without moving anything else",
        "deeper eyes, and dinna fash wi' the rest, leave it be",
    ],
)
def test_all_else_is_kept_where_the_words_say_so(text):
    assert keeps_the_rest(normalised(text))


@pytest.mark.parametrize(
    "text",
    [
        "a much bigger nose",
        "no more freckles",
        "smile with the left side only",
        "right brow up, the other down",
        "put the face back to its rest pose",
        "bring the eyes nearer to one another",
        "make him look happier than that",
        "the chin is too small, make it larger",
    ],
)
def test_a_plain_change_does_not_ask_to_keep_the_rest(text):
    assert not keeps_the_rest(normalised(text))


def test_parts_that_stay_by_name_do_not_change():
    assert kept_attributes(normalised("shave the chin, the moustache stays")) == ("moustache",)
    assert "nose_width" in kept_attributes(normalised("fuller lips, but we don't touch the nose"))
    assert "nose_length" in kept_attributes(normalised("more forehead, same nose"))
    assert kept_attributes(normalised("a wider nose and fuller lips")) == ()
    mean = np.zeros(K)
    mean[ATTRIBUTES.index("moustache")] = 1.0
    reading = Reading(HeadRequest(mean, np.zeros(K), is_edit=True))
    said = read_grammar("shave the chin, the moustache stays", is_edit=True)
    assert not overrule(reading, said).request.attribute_mean[ATTRIBUTES.index("moustache")]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("Get rid of that beard.", {"beard": -1}),
        ("stubble gone, freckles gone", {"beard": -1, "freckles": -1}),
        ("the moustache has to go", {"moustache": -1}),
        (
            "Off with all of it: the beard, the moustache and the freckles.",
            {"beard": -1, "moustache": -1, "freckles": -1},
        ),
        ("take the hump off the nose a little", {"nose_bridge_convexity": -0.5}),
        ("smooth away the wrinkles and wipe off the freckles", {"wrinkles": -1, "freckles": -1}),
        ("no more double chin", {"jawline_definition": 1}),
        ("those freckles, take them away", {"freckles": -1}),
        ("straighten that crooked nose", {"nose_crookedness": -1}),
        ("refine his bulbous tip", {"nose_tip_width": -1}),
        ("slap a moustache on him", {"moustache": 1}),
    ],
)
def test_what_goes_and_what_comes(text, changes):
    assert find_repairs(normalised(text)) == pytest.approx(changes)


@pytest.mark.parametrize(
    ("text", "name", "side"),
    [
        ("The eyes are close-set. Would you ease them apart?", "eye_spacing", 1),
        ("these ears stick out, pin them to the head", "ear_protrusion", -1),
        ("fill the neck out, it is very thin", "neck_width", 1),
        ("The forehead is very high, please bring it down.", "forehead_height", -1),
        ("less chin", "chin_protrusion", -1),
        ("ease off on the cheekbones", "cheekbone_prominence", -1),
        ("I hate the bags under the eyes", "eye_bags", -1),
    ],
)
def test_a_fault_that_a_request_puts_right_asks_for_the_other_side(text, name, side):
    assert np.sign(find_repairs(normalised(text)).get(name, 0)) == side


@pytest.mark.parametrize(
    "text",
    [
        "give him a crooked nose",
        "the ears should stick out",
        "a wider mouth and a beard",
        "His nose is broad. Make it broader.",
        "the nose was long and the eyes were close together",
        "pull the mouth corners down",
        "flatten the ears against the skull",
        "keep the beard, lose nothing",
    ],
)
def test_what_is_asked_for_is_not_turned(text):
    found = find_repairs(normalised(text))
    assert all(name == "beard" and change > 0 for name, change in found.items())


def test_sayings_and_years_change_what_they_name_in_other_words():
    assert find_repairs(normalised("a few good dinners, feed him up a little")) == pytest.approx({"heaviness": 1.0})
    assert find_repairs(normalised("strip twenty years off")) == pytest.approx({"age": -2.0})
    assert find_repairs(normalised("add fifteen years")) == pytest.approx({"age": 1.5})
    assert find_repairs(normalised("he is thirty years old")) == {}


def test_less_of_one_part_does_not_turn_the_next():
    assert find_asked(normalised("less pointy at the chin also a higher forehead"))["forehead_height"] == 1
    assert find_asked(normalised("a higher forehead")) == {}  # nothing to set right


def test_texts_that_name_faults_are_told_from_plain_requests():
    assert names_faults(normalised("The eyes bulge; push them back."))
    assert names_faults(normalised("lose the beard"))
    assert not names_faults(normalised("a wider nose and bigger eyes"))


def test_small_words_of_dialects_are_written_as_the_standard_ones():
    assert standardise_small_words(normalised("dinna touch ocht else")) == "do not touch anything else"
    assert standardise_small_words(normalised("mak it mair roond")) == "make it more roond"


@pytest.mark.parametrize(
    ("text", "read", "expected"),
    [
        ("the ears 60 mm at the very most", ("ear_length", "value", 60), ("ear_length", "max", 60)),
        ("mouth no narrower than 50 mm", ("lip_length", "value", 50), ("lip_length", "min", 50)),
        ("the nose at 90 % of what it is", ("nose_breadth", "percent", 90), ("nose_breadth", "percent", -10)),
        ("cut the mouth to eighty percent", ("lip_length", "percent", 80), ("lip_length", "percent", -20)),
        ("the jaw is 4 mm too broad", ("bigonial_breadth", "value", 4), ("bigonial_breadth", "change", -4)),
        ("gonion to gonion 5 mm more", ("bizygomatic_breadth", "change", 5), ("bigonial_breadth", "change", 5)),
        ("nose 3 mm wider", ("nose_breadth", "change", 3), ("nose_breadth", "change", 3)),
        ("a mouth 50 mm wide", ("lip_length", "value", 50), ("lip_length", "value", 50)),
    ],
)
def test_bounds_shares_and_ends_of_distances_are_read_exactly(text, read, expected):
    assert corrected(text, [MillimetreGoal(*read)]) == (MillimetreGoal(*expected),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a jaw no wider than 100 mm", "max"),
        ("the jaw is 100 mm at least", "min"),
        ("a man whose jaw is 100 mm wide", "value"),
    ],
)
def test_bounds_of_a_new_head_are_read_exactly(text, kind):
    for read in ("value", "min" if kind == "max" else "max"):
        expected = read if kind == "value" else kind
        goals = with_bounds(text, [MillimetreGoal("bigonial_breadth", read, 100.0)])
        assert goals == (MillimetreGoal("bigonial_breadth", expected, 100.0),)


def test_a_number_that_the_network_left_out_is_read_by_the_part_beside_it():
    assert corrected("take ten per cent off the gob", []) == (MillimetreGoal("lip_length", "percent", -10.0),)
    assert corrected("pupils 2 mm further apart", []) == (MillimetreGoal("interpupillary_distance", "change", 2.0),)
    assert corrected("make it 3 mm nicer", []) == ()


def test_equal_numbers_keep_their_own_parts():
    read = [
        MillimetreGoal("minimum_frontal_breadth", "change", 3.0),
        MillimetreGoal("bigonial_breadth", "change", -3.0),
    ]
    assert corrected("forehead 3 mm wider, jaw 3 mm narrower", read) == tuple(read)


def test_faint_readings_do_not_touch_a_head_of_which_all_else_is_kept():
    mean = np.zeros(K)
    mean[ATTRIBUTES.index("freckles")], mean[ATTRIBUTES.index("cheek_fullness")] = -1.0, -0.7
    reading = Reading(HeadRequest(mean, np.zeros(K), is_edit=True))
    kept = overrule(reading, read_grammar("take the freckles away and touch nothing else", is_edit=True)).request
    free = overrule(reading, read_grammar("take the freckles away", is_edit=True)).request
    assert not kept.attribute_mean[ATTRIBUTES.index("cheek_fullness")]
    assert kept.attribute_mean[ATTRIBUTES.index("freckles")] == -1
    assert free.attribute_mean[ATTRIBUTES.index("cheek_fullness")] == pytest.approx(-0.7)
