"""Who is made older by words looks it, and a change that names no hair keeps what a photo shows of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.generate.draw_hair import Wearer, change_hair, greyed_by_years
from facegpt.generate.shape.sagging import SAG_MM, sagged_mm
from facegpt.generate.skin.skin_wish import edited_skin
from facegpt.hair.presets import PRESETS
from facegpt.language.hair_wish import HairWish
from facegpt.morphable.makehuman.skin import skin_read, skin_set
from facegpt.types import Hair, SeenBare

BARE = SeenBare("", (1, 1), (0.0,) * 12)


def photo_hair() -> Hair:
    """Hair whose groom knows where its photo shows none."""
    return Hair("bob", groom=replace(PRESETS["bob"].groom, bare=BARE))


@pytest.mark.parametrize(
    ("changes", "said"), [({"hair_greyness": 0.5}, {}), ({}, {"colour": "blond"}), ({}, {"beard": "full"})]
)
def test_a_change_of_colour_or_beard_keeps_the_outline_that_a_photo_shows(changes, said):
    hair = photo_hair()
    changed = change_hair(hair, changes, Wearer(False, 30.0), np.random.default_rng(0), HairWish(said))
    assert changed != hair and changed.groom == hair.groom


def test_another_cut_may_lie_where_a_photo_shows_no_hair():
    changed = change_hair(photo_hair(), {}, Wearer(False, 30.0), np.random.default_rng(0), HairWish({"length": "long"}))
    assert changed.groom is not None and changed.groom.bare is None


def test_hair_turns_grey_by_years_as_peoples_does_and_back():
    brown = Hair("short", (0.05, 0.03, 0.02))
    steps = [greyed_by_years(brown, 40.0, years) for years in (45.0, 55.0, 65.0, 80.0)]
    assert 0 < steps[0] < steps[1] < steps[2] < steps[3]
    assert greyed_by_years(brown, 20.0, 30.0) == 0
    assert greyed_by_years(replace(brown, grey=0.5), 60.0, 30.0) < 0


def test_ten_years_bring_lines_that_are_seen_to_any_grown_up(head):
    for years, sd in ((28.0, -1.2), (45.0, -0.4), (60.0, 0.7)):
        skin = skin_set(head.albedo, {"wrinkles": sd})
        older = edited_skin(head, skin, {}, (years, years + 10), {})
        assert skin_read(head.albedo, older)["wrinkles"] > max(0.5, sd + 0.5)


def test_faces_sag_by_the_years_and_younger_is_the_way_back():
    older = sagged_mm({"nose_hump": 1.0}, 30.0, 50.0)
    assert older["nose_hump"] == 1.0 and older["upper_lip"] == pytest.approx(2 * SAG_MM["upper_lip"])
    back = sagged_mm(older, 50.0, 30.0)
    assert all(abs(mm - (name == "nose_hump")) < 0.01 for name, mm in back.items())
    assert sagged_mm({}, 4.0, 12.0) == {}


def test_a_shorter_beard_is_no_shave_and_takes_the_moustache_along():
    worn = Hair("short", beard=0.3, moustache=0.3)
    shorter = change_hair(worn, {}, Wearer(True, 30.0), np.random.default_rng(0), HairWish({"beard_change": "shorter"}))
    assert 0.05 < shorter.beard < 0.2 and shorter.moustache == pytest.approx(shorter.beard)
    said = HairWish({"beard_change": "shorter", "amount": "slight"})
    assert change_hair(worn, {}, Wearer(True, 30.0), np.random.default_rng(0), said).beard > shorter.beard
