"""A size without its part behind a description of several parts asks back, and the part that is named then answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.changes.which_part import of_part_named, which_part


@dataclass(frozen=True)
class Turn:
    """What of a turn's context counts here."""

    text: str
    cast: Cast = field(default_factory=Cast)


def behind(description: str) -> Cast:
    made = Said("new_head", description, (0,))
    return replace(Cast(), said=made, change=made)


TWO = behind("make a woman with a big nose and blond hair")


@pytest.mark.parametrize("size", ["bigger", "make it smaller please", "more", "a bit wider"])
def test_a_size_behind_several_parts_or_none_asks_back(size):
    for cast in (TWO, behind("a young woman")):
        told = which_part(Turn(size, cast))
        assert told is not None and "but what?" in told.text and told.cast.people == cast.people


@pytest.mark.parametrize("text", ["bigger eyes", "older", "make her happier", "bigger and wider lips", "ok"])
def test_what_names_its_part_or_none_asks_nothing(text):
    assert which_part(Turn(text, TWO)) is None


def test_a_size_behind_one_part_or_behind_a_change_is_of_that():
    assert which_part(Turn("bigger", behind("make a man with a big nose"))) is None
    changed = Said("edit", "make the eyes bigger", (0,))
    assert which_part(Turn("bigger", replace(TWO, said=changed, change=changed))) is None


def test_the_part_that_is_named_then_is_what_shall_be_bigger():
    cast = which_part(Turn("wider", TWO)).cast
    assert of_part_named(Turn("I meant the mouth", cast)).text == "wider: the mouth"
    assert of_part_named(Turn("give her green eyes", cast)).text == "give her green eyes"
    assert of_part_named(Turn("the mouth", TWO)).text == "the mouth"
