"""Heads that come later in a conversation are whom their own words describe, not like those who came before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stand_in_words import WordList, word_model

from facegpt.language.dialogue.conversation import Conversation


class Leaning(WordList):
    """Reads everything that comes after another turn as a man, as a network may that heard of one."""

    def read(self, text, face=None, is_edit=False):
        found = super().read(text, face, is_edit)
        if isinstance(text, str) or len(text) < 2:
            return found
        return replace(found, request=replace(found.request, man=1.0))


@pytest.mark.parametrize(
    ("second", "sex"),
    [
        ("a woman with a wide nose", "F"),
        ("add a man with a wide nose", "M"),
        ("now somebody with a wide nose", "M"),
    ],
)
def test_whose_sex_a_later_head_has_is_told_by_its_own_words_where_they_tell(second, sex):
    talk = Conversation(word_model(Leaning()))
    talk.say("a man with a narrow nose")
    talk.say(second)
    assert [person.sex for person in talk.cast.people] == ["M", sex]
