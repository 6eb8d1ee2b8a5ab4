"""What lies between two heads is told by what is measured on both, though nothing was changed."""

from __future__ import annotations

from stand_in_words import word_model

from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.of_before import two_heads


def test_what_changed_from_one_head_to_another_is_told():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    assert two_heads("what is different between the man and the woman?", talk.cast) == (1, 2)
    assert two_heads("what did you change so far?", talk.cast) == ()
    reply = talk.say("what did you change from the man to the woman?")
    assert "Nothing was changed" not in reply.text and " mm" in reply.text and not talk.cast.past


def test_the_years_between_two_are_told():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    man, woman = (round(person.face.attributes["age_years"]) for person in talk.cast.people)
    assert f"by about {abs(man - woman)} years" in talk.say("which one is older, and by how many years?").text
