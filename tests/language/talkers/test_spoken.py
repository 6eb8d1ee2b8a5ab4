"""What of an answer is said early, and that all of it is said once."""

from __future__ import annotations

import pytest

from facegpt.language.talkers.spoken import Spoken


@pytest.mark.parametrize(
    ("first", "whole"),
    [
        ("Half of that, then.", "Half of that, then. Her nose is 2 mm wider."),
        ("", "One two three."),
        ("It is Paris. ", "It is Paris.\n(check)"),  # the talker's spaces differ from the answer's
        ("all of it", "all of it"),
    ],
)
def test_an_answer_is_said_once_whatever_was_said_before(first, whole):
    pieces = []
    spoken = Spoken(pieces.append)
    spoken.begin(first)
    spoken.up_to(whole)
    assert "".join(pieces).split() == whole.split()
    assert all(len(piece.split()) <= 1 for piece in pieces)  # word by word


def test_an_answer_that_began_is_not_begun_again():
    pieces = []
    spoken = Spoken(pieces.append)
    spoken.begin("Half of that, then.")
    spoken.begin("Something else.")
    assert "".join(pieces) == "Half of that, then."
