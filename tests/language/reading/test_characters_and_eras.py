"""Characters, decades and paint that words name: read by networks, drawn where the words leave it open."""

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.skin.paint import LIPS
from facegpt.generate.understood import understood, without
from facegpt.language.hair_wish import HAIR_SLOTS, HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.headwear_wish import HeadwearWish
from facegpt.language.looks.characters import load_characters, with_look_of_character
from facegpt.language.looks.eras import DECADE, decade_of, decades_in, load_eras, with_style_of_era, without_decades
from facegpt.language.looks.eye_colours import EYE_COLOURS
from facegpt.language.looks.skin_tints import SKIN_TINTS, TANS
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.peoples import LOOKS
from facegpt.wear.hats import CLOTH_COLOURS, hats

ANYBODY = HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES)), expression=np.zeros(len(ARKIT_NAMES)))


@pytest.mark.parametrize("name", load_characters())
def test_looks_of_characters_name_what_there_is(name):
    look = load_characters()[name]
    assert set(look.attributes) <= set(ATTRIBUTES) and set(look.units) <= set(ARKIT_NAMES)
    assert all(value in HAIR_SLOTS[slot] for slot, value in look.hair.items())
    assert look.tint in {"", *SKIN_TINTS, *TANS} and look.irises in {"", *EYE_COLOURS} and look.lips in {"", *LIPS}
    assert look.people in {"", *LOOKS}
    assert look.headwear is None or (look.headwear.name in hats() and look.headwear.colour in CLOTH_COLOURS)


def test_styles_of_decades_name_slots_of_hair():
    for era in load_eras().values():
        assert all(value in HAIR_SLOTS[slot] for slots in (era.women, era.men) for slot, value in slots.items())


def test_what_words_say_comes_before_the_look_of_a_character():
    request = HeadRequest(
        ANYBODY.attribute_mean, ANYBODY.attribute_spread, man=0.05, age_years=(70.0, 80.0), character="viking",
        hair=HairWish({"kind": "bald"}), emotion="happiness",
    )  # fmt: skip
    drawn = with_look_of_character(request)
    assert drawn.man == 0.05 and drawn.age_years == (70.0, 80.0) and drawn.hair.said["kind"] == "bald"
    assert "beard" not in drawn.hair.said and not drawn.expression_named.any()


def test_callings_wear_their_hat_unless_words_choose_otherwise():
    chef = replace(ANYBODY, character="chef")
    assert with_look_of_character(chef).headwear == HeadwearWish("chef", "white")
    assert with_look_of_character(replace(chef, headwear=HeadwearWish("beret"))).headwear == HeadwearWish("beret")
    assert with_look_of_character(replace(chef, bareheaded=True)).headwear is None


def test_a_character_keeps_its_beard_unless_words_shave_it():
    beard = ATTRIBUTES.index("beard")
    for degree, expected in ((1.3, "long"), (-1.0, None)):
        mean, spread = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
        mean[beard], spread[beard] = degree, 0.3
        santa = replace(ANYBODY, attribute_mean=mean, attribute_spread=spread, character="santa", man=0.95)
        assert with_look_of_character(santa).hair.said.get("beard") == expected


def test_grey_temples_are_a_mans():
    executive = replace(ANYBODY, character="executive")
    assert with_look_of_character(replace(executive, man=0.95)).hair.said["grey"] == "temples"
    assert "grey" not in with_look_of_character(replace(executive, man=0.05)).hair.said


def test_a_character_may_be_taken_out_of_what_was_understood():
    request = replace(ANYBODY, character="zombie", era="1980")
    assert understood(request) == ["character: zombie", "style: 1980s"]
    assert understood(without(request, ["character: zombie"])) == ["style: 1980s"]


def test_a_decade_is_a_time_with_its_hair():
    found = [decade_of(match) for match in DECADE.finditer("80s, 1920s, the seventies, 00's")]
    assert found == ["1980", "1920", "1970", "2000"]
    assert without_decades("a singer of the 80s with a beard") == "a singer with a beard"
    women, men = (with_style_of_era(HeadRequest([], [], era="1960"), man).hair.said for man in (False, True))
    assert women["kind"] == "beehive" and men["kind"] == "bowl"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a rapper of the 90s", "style: 1990s"),
        ("a bald man in his 80s", "age: 80 to 89 years"),
        ("an orc with a broken nose", "character: orc"),
        ("a hobbit with red cheeks", "character: hobbit"),
        ("could he be a hobbit?", "character: hobbit"),
        ("what if she were a dwarf?", "character: dwarf"),
    ],
)
def test_the_networks_read_looks(shipped_words, text, told):
    assert told in understood(shipped_words.read(text).request)


def test_lipstick_that_is_taken_off_is_gone(shipped_words):
    assert shipped_words.read("please take her lipstick off and make her smile").request.lips == "natural"
    assert shipped_words.read("red lipstick and no glasses").request.lips == "red"


def test_an_impression_beside_a_calling_is_drawn_with_it():
    both = with_look_of_character(replace(ANYBODY, character="king", impression="ugly"))
    king, ugly = (load_characters()[name] for name in ("king", "ugly"))
    row = ATTRIBUTES.index("nose_size")
    assert both.attribute_mean[row] == ugly.attributes["nose_size"]  # the impression's traits
    assert both.age_years == king.years and both.hair.said["beard"] == king.hair["beard"]
    assert understood(replace(ANYBODY, character="king", impression="ugly")) == ["character: king", "impression: ugly"]


@pytest.mark.parametrize(
    ("text", "calling", "impression"),
    [("a viking with a big nose", "viking", ""), ("a nurse, 40", "", "")],
)
def test_a_calling_brings_no_impression(shipped_words, text, calling, impression):
    request = shipped_words.read(text).request
    assert (request.character, request.impression) == (calling, impression)


def test_a_decade_of_a_life_is_no_style():
    assert decades_in("male, late sixties") == decades_in("in her mid-forties") == []
    assert len(decades_in("a singer in the late sixties")) == len(decades_in("80s hair")) == 1


def test_the_hat_of_a_calling_hides_no_bald_head():
    bald = replace(ANYBODY, character="fisherman", hair=HairWish({"kind": "bald"}))
    assert with_look_of_character(bald).headwear is None
    assert with_look_of_character(replace(bald, hair=HairWish())).headwear is not None
    for hair, hides in (({"hairline": "receding"}, True), ({"crown": "full"}, False), ({"beard": "full"}, False)):
        worn = with_look_of_character(replace(bald, hair=HairWish(hair))).headwear
        assert (worn is None) == hides


def test_a_woman_who_becomes_a_dwarf_gets_no_beard():
    asked = replace(ANYBODY, is_edit=True, character="dwarf")
    assert "beard" in with_look_of_character(asked).hair.said
    assert "beard" not in with_look_of_character(asked, womans=True).hair.said
