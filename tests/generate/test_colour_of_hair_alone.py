"""A colour asked of hair changes hair alone; an age turns hair, beard and brows grey together, and it is told."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.generate.draw_hair import Wearer, change_hair
from facegpt.generate.understood import greyed_with_age, understood, without
from facegpt.hair.whiskers import hair_colour
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Hair

BROWN = (0.05, 0.03, 0.02)
WEARER = Wearer(True, 30.0)
BEARDED = Hair("bald", BROWN, beard=0.85, moustache=0.85)


def seen(hair: Hair) -> tuple[float, float, float]:
    """Luminance of hair, beard and brows."""
    return tuple(float(hair_colour(each).mean()) for each in (hair, hair.of_beard, hair.of_brows))


@pytest.mark.parametrize("said", [{"grey": "full", "curl": "curly"}, {"colour": "blond"}, {"tone": "lighter"}])
def test_a_colour_asked_of_hair_leaves_beard_and_brows(said):
    before, after = seen(BEARDED), seen(change_hair(BEARDED, {}, WEARER, np.random.default_rng(0), HairWish(said)))
    assert after[0] > 1.4 * before[0]
    assert after[1:] == pytest.approx(before[1:])


def test_an_attribute_of_hair_leaves_beard_and_brows_and_an_age_takes_them_along():
    for own in (BEARDED, Hair("bald", BROWN, beard=0.8, brow_colour=BROWN, beard_colour=(0.09, 0.05, 0.03))):
        alone, aged = (
            seen(change_hair(own, {"hair_greyness": 1.8}, WEARER, np.random.default_rng(0), with_age=with_age))
            for with_age in ((), ("hair_greyness",))
        )
        assert alone[1:] == pytest.approx(seen(own)[1:])
        assert min(aged) > 0.2 and max(aged) - min(aged) < 0.1


def test_what_turns_grey_with_an_age_is_told_and_can_be_taken_out():
    asked = HeadRequest(np.zeros(len(ATTRIBUTES)), np.zeros(len(ATTRIBUTES)), is_edit=True, age_years=(70, 70))
    grey = Hair("short", BROWN, grey=0.8, beard=0.5)
    told = greyed_with_age(asked, Hair("short", BROWN, beard=0.5), grey)
    assert told == ["greyer with age: hair, beard and eyebrows"]
    assert not greyed_with_age(asked, grey, grey)
    assert "colour stays" in understood(without(asked, told))
