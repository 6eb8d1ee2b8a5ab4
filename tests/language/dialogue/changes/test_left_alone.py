"""Who is told to stay is no part of a change."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.turn_pieces import without_left_alone


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("the boy should cry, but keep his dad as he is", "the boy should cry"),
        ("don't touch the nun, and make the king older", "make the king older"),
        ("leave him be", "leave him be"),
        ("keep her hair short", "keep her hair short"),
    ],
)
def test_clauses_that_leave_somebody_as_is_are_taken_out(text, rest):
    assert without_left_alone(text) == rest


def test_only_the_other_one_changes():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    stays = talk.cast.person(2).face.params
    reply = talk.say("give the man a much wider nose and leave the woman as she is")
    assert talk.cast.person(2).face.params is stays and talk.cast.past[-1].after.keys() == {1}
    assert "nothing to show" not in reply.text
