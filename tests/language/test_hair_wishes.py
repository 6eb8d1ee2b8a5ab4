"""From a wish of hair to a groom: what is said comes out, what is not said stays, whatever the style before."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from facegpt.describe.hair_readings import read_hair
from facegpt.describe.hair_words import hair_changes
from facegpt.generate.choose_style import hanging_mm, length_of, styles_of_kinds
from facegpt.generate.draw_hair import Wearer, change_hair, draw_hair
from facegpt.generate.groom_wish import said_of
from facegpt.generate.worn_styles import usual_styles
from facegpt.hair.groom import check_groom, curl_of
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.language.hair_wish import HAIR_SLOTS, HairLength, HairWish
from facegpt.types import Hair

WOMAN, MAN = Wearer(False, 30.0), Wearer(True, 30.0)


def drawn(said: dict[str, str], wearer: Wearer = WOMAN, seed: int = 0) -> Hair:
    return draw_hair({}, wearer, np.random.default_rng(seed), HairWish(said))


def changed(hair: Hair, said: dict[str, str], *lengths: HairLength) -> Hair:
    return change_hair(hair, {}, WOMAN, np.random.default_rng(1), HairWish(said, lengths))


def test_every_kind_names_styles_that_there_are():
    kinds = styles_of_kinds()
    assert set(kinds) == set(HAIR_SLOTS["kind"]) - {"loose"}
    assert {style for styles in kinds.values() for style in styles} <= set(PRESETS)


def test_every_value_of_every_slot_gives_a_groom_that_can_grow():
    for name in ("short", "long", "bald", "afro", "braid", "updo"):
        for slot, values in HAIR_SLOTS.items():
            for value in values:
                after = changed(Hair(name), {slot: value})
                check_groom(groom_of(after))


@pytest.mark.parametrize("curl", ["straight", "wavy", "curly"])
@pytest.mark.parametrize("length", ["short", "chin", "shoulder", "long", "waist"])
def test_new_hair_has_the_length_and_curl_that_are_said(length, curl):
    for seed in range(6):
        groom = groom_of(drawn({"length": length, "curl": curl}, seed=seed))
        assert curl_of(groom) == curl and groom.gather == "none"
        assert length_of(groom) == length


def test_longer_is_longer_and_keeps_curl_fringe_and_colour():
    before = Hair("bob_fringe", colour=(0.5, 0.1, 0.1))
    after = changed(before, {"length_change": "longer"})
    assert hanging_mm(groom_of(after)) > 1.3 * hanging_mm(groom_of(before))
    assert after.colour == before.colour and groom_of(after).fringe_mm > 0 and curl_of(groom_of(after)) == "straight"
    assert hanging_mm(groom_of(changed(before, {"length_change": "shorter"}))) < 0.8 * hanging_mm(groom_of(before))


@pytest.mark.parametrize("style", ["short", "bob", "shoulder"])
def test_longer_and_shorter_change_the_reading_of_length_by_most_of_a_step(style):
    before = Hair(style)
    for said, way in (("longer", 1), ("shorter", -1)):
        after = changed(before, {"length_change": said})
        step = way * (read_hair(after)["hair_length"] - read_hair(before)["hair_length"])
        assert step > 0.5, (said, step)


def test_what_became_of_hair_is_said_without_numbers():
    before = Hair("bob")
    for said in ("longer", "shorter"):
        (told,) = hair_changes(before, changed(before, {"length_change": said}))
        assert said in told and not any(letter.isdigit() for letter in told)


def test_keep_her_hair_keeps_it_and_an_empty_wish_too():
    hair = Hair("long_wavy", colour=(0.2, 0.1, 0.05), grey=0.2)
    for said in ({"keep": "hair"}, {}, {"keep": "hair", "volume": "full"}):
        assert changed(hair, said) == hair


def test_hair_that_is_let_down_hangs_loose_and_tied_hair_is_gathered():
    down = groom_of(changed(Hair("bun"), {"kind": "loose"}))
    assert down.gather == "none" and hanging_mm(down) > 200
    assert groom_of(changed(Hair("long"), {"kind": "bun"})).gather == "bun"


def test_who_is_made_with_a_red_or_white_beard_has_such_hair_and_who_is_given_one_keeps_theirs():
    red = drawn({"beard": "full", "beard_colour": "ginger"}, MAN)
    assert red.colour[0] > 2.5 * red.colour[1] and red.grey < 0.1 < red.beard
    assert drawn({"beard": "long", "beard_colour": "white"}, MAN).grey > 0.8
    assert drawn({"beard": "full", "beard_colour": "ginger", "colour": "black"}, MAN).colour[0] < 0.03
    dark = Hair("short", (0.02, 0.012, 0.01))
    assert changed(dark, {"beard": "full", "beard_colour": "ginger"}).colour == dark.colour


def test_a_bald_head_grows_hair_and_a_haired_one_is_shaved():
    assert length_of(groom_of(changed(Hair("bald"), {"length": "shoulder"}))) == "shoulder"
    assert changed(Hair("curly"), {"kind": "bald", "length": "none"}).style == "bald"


def test_shaved_sides_leave_the_top_and_numbers_are_met():
    groom = groom_of(changed(Hair("short"), {"sides": "shaved"}))
    assert groom.sides_mm <= 4 and groom.top_mm == PRESETS["short"].groom.top_mm
    sides = groom_of(changed(Hair("short"), {}, HairLength("sides", "value", 5.0)))
    assert sides.sides_mm == 5.0 and sides.top_mm == PRESETS["short"].groom.top_mm
    assert said_of(PRESETS["long"].groom, {}, (HairLength("back", "change", -50.8),)).back_mm == pytest.approx(319.2)


@pytest.mark.parametrize(
    ("name", "l", "a", "b"), [("blue", (15, 50), (-10, 30), (-70, -20)), ("blond", (50, 80), (0, 15), (15, 40))]
)
def test_colours_are_those_of_their_names(name, l, a, b):
    from facegpt.cielab import lab_from_linear

    lab = lab_from_linear(np.array(drawn({"colour": name}).colour))
    assert all(low <= value <= high for value, (low, high) in zip(lab, (l, a, b), strict=True))


def test_dyed_hair_loses_its_grey_and_grey_hair_keeps_its_colour_below():
    hair = Hair("bob", colour=(0.2, 0.1, 0.05), grey=0.8)
    assert changed(hair, {"colour": "black"}).grey == 0
    assert changed(hair, {"grey": "none"}).colour == hair.colour and changed(hair, {"grey": "white"}).grey == 1


def test_women_men_and_children_wear_what_such_people_wear():
    def families(man: bool, age: float) -> Counter:
        shares = usual_styles(man, age)
        assert sum(shares.values()) == pytest.approx(1)
        count: Counter = Counter()
        for name, share in shares.items():
            count[PRESETS[name].family] += share
        return count

    woman, man, girl, old = families(False, 30), families(True, 30), families(False, 8), families(True, 80)
    assert woman["bald"] + woman["shaved"] + woman["short"] < 0.1 and man["long_straight"] + man["gathered"] < 0.1
    assert girl["gathered"] > 0.2 and old["bald"] > 0.3 and families(True, 8)["bald"] == 0
    assert max(woman.values()) < 0.4


def test_who_is_said_to_have_short_hair_wears_a_style_of_such_people_and_others_only_by_name():
    grandmother = Wearer(man=False, age_years=74.0)
    usual = usual_styles(False, 74.0)
    short = {drawn({"length": "short", "grey": "white"}, grandmother, seed).style for seed in range(300)}
    assert short <= set(usual) and len(short) > 3
    assert drawn({"kind": "mohawk"}, grandmother).style == "faux_hawk" not in usual


@pytest.mark.parametrize("man", [False, True])
def test_small_children_have_no_hair_to_the_waist(man):
    def long(age: float) -> float:
        loose = {name: share for name, share in usual_styles(man, age).items() if PRESETS[name].family != "gathered"}
        return sum(share for name, share in loose.items() if hanging_mm(PRESETS[name].groom) > 262)

    assert long(4) < 0.02
    assert man or long(9) > 0.2


def test_sides_and_strands_differ_between_people_of_one_style():
    grooms = [groom_of(drawn({"kind": "side_part"}, MAN, seed)) for seed in range(12)]
    assert {np.sign(groom.part) for groom in grooms} == {-1.0, 1.0} and len({groom.seed for groom in grooms}) == 12


def test_lengths_read_in_the_order_in_which_hair_hangs():
    names = ("bald", "buzz", "short", "bob", "shoulder", "long", "waist")
    read = [read_hair(Hair(name))["hair_length"] for name in names]
    assert read == sorted(read) and read[3] == pytest.approx(0, abs=0.2) and read[4] == pytest.approx(1, abs=0.2)
