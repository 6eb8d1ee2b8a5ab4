"""What follows "but with" changes the head that the words before it make."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.changing import _HAIR_ALONE
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.turn_pieces import cut_but_with


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("her sister, only without the glasses", ("her sister", "without the glasses")),
        ("show him again but this time with a beard", ("show him again", "with a beard")),
        ("but with a beard", None),
        ("a man with a beard but no moustache", None),
    ],
)
def test_a_turn_is_cut_where_it_goes_over_to_the_change(text, cut):
    assert cut_but_with(text) == cut


def test_a_relative_gets_what_the_words_add_and_who_was_there_stays():
    talk = Conversation(word_model())
    talk.say("a woman")
    first = talk.face.params
    talk.say("now her sister, but with a much wider nose")
    assert len(talk.cast.people) == 2 and talk.cast.person(1).face.params is first
    plain = talk.cast.person(2).first.measure()["nose_breadth"].value_mm
    assert talk.face.measure()["nose_breadth"].value_mm > plain + 1.0


@pytest.mark.parametrize(("text", "bare"), [("please give her hair", True), ("with hair like his", False)])
def test_hair_of_no_kind_is_some_hair(text, bare):
    assert bool(_HAIR_ALONE.search(text)) == bare
