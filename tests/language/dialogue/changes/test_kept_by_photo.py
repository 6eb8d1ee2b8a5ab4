"""What a photo does not take of a change is said: hair, glasses and headwear stay as photographed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.language.dialogue.cast import Cast, Person, Step
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.language.dialogue.telling import kept_by_photo, looks_kept
from facegpt.types import Glasses, Hair


@pytest.fixture(scope="module")
def seen(head):
    face = replace(mean_head(head), photo=np.zeros((8, 8, 3), np.uint8))
    return replace(face, params=face.params.replace(glasses=Glasses("round"), hair=Hair("short")))


def told_after(seen, **worn) -> str:
    after = replace(seen, params=seen.params.replace(**worn))
    cast = Cast(people=(Person(1, after, seen),), past=(Step({1: seen}, {1: after}),))
    return kept_by_photo(cast, [after])


def test_glasses_that_come_off_a_head_stay_in_its_photo(seen):
    assert "glasses" in told_after(seen, glasses=None)


def test_both_are_named_where_both_change(seen):
    assert "the glasses and the hair" in told_after(seen, glasses=None, hair=Hair("long"))


@pytest.mark.parametrize("worn", [{}, {"expression": np.full(52, 0.1)}, {"hair": Hair("short", beard=0.8)}])
def test_nothing_is_said_of_what_a_photo_takes(seen, worn):
    assert told_after(seen, **worn) == ""


def test_nothing_is_said_of_heads_without_a_photo(seen):
    made = replace(seen, photo=None)
    assert told_after(made, glasses=None) == ""


def test_what_a_photo_keeps_of_two_states_of_a_head(seen):
    bare = replace(seen, params=seen.params.replace(glasses=None))
    assert looks_kept(seen, bare) == looks_kept(bare, seen) == ["glasses"]
    assert looks_kept(seen, seen) == []


def test_nothing_is_said_of_glasses_that_were_put_back_as_the_photo_shows_them(seen):
    bare = replace(seen, params=seen.params.replace(glasses=None))
    cast = Cast(people=(Person(1, seen, seen),), past=(Step({1: bare}, {1: seen}),))
    assert kept_by_photo(cast, [seen]) == ""


def test_longer_hair_stays_out_of_the_photo(seen):
    assert "the hair" in told_after(seen, hair=Hair("long_layered"))
