"""What follows "but with" is read with the words before it."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue import changing
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.conversation import Conversation


def test_a_relative_gets_what_the_words_add_and_who_was_there_stays():
    talk = Conversation(word_model())
    talk.say("a woman")
    first = talk.face.params
    talk.say("now her sister, but with a much wider nose")
    assert len(talk.cast.people) == 2 and talk.cast.person(1).face.params is first
    other = Conversation(word_model())
    other.say("a woman")
    other.say("now her sister")
    plain = other.face.measure()["nose_breadth"].value_mm
    assert talk.face.measure()["nose_breadth"].value_mm > plain + 1.0


@pytest.mark.parametrize(("text", "bare"), [("please give her hair", True), ("with hair like his", False)])
def test_hair_of_no_kind_is_some_hair(text, bare):
    cast = Cast().with_new([word_model().imagine("a woman")], sex=["F"])
    assert ("some hair" in changing._filled(text, cast, 1)) == bare
