"""A request that its own turn takes back: what is left of it."""

from __future__ import annotations

import pytest

from facegpt.language.dialogue.changes.changed_mind import NOTHING, settled


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("his hair longer. No wait, only the beard", "the beard longer"),
        ("make the nose wider, no, actually the mouth", "make the mouth wider"),
        ("smaller. I mean the ears, not the nose", "smaller: the ears"),
        ("put glasses on him, no actually a hat", "put a hat on him"),
        ("put glasses on him, no actually a hat. Hmm, forget it", NOTHING),
        ("a longer nose, no wait, shorter", "shorter nose"),
        ("make her laugh. Scratch that, make her cry", "make her cry"),
        ("Older. A wider nose, wait no, a wider chin", "Older. a wider chin"),
    ],
)
def test_what_follows_a_change_of_mind_takes_the_place_of_what_was_asked(text, left):
    assert settled(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "No, I mean the other one",
        "what do you mean by that?",
        "wait",
        "a man who waits",
        "no beard, no hat",
        "a boy with a gap between his eyes, I mean wide-set eyes",
    ],
)
def test_other_turns_stay_as_they_are(text):
    assert settled(text) == text
