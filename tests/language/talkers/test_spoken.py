"""What of an answer is said early, and that all of it is said once."""

from __future__ import annotations

import pytest

from facegpt.language.talkers.spoken import OPENING, Spoken, at_opening


@pytest.mark.parametrize(
    ("first", "whole"),
    [
        (OPENING, f"{OPENING} Here he is."),
        ("", "One two three."),
        ("It is Paris. ", "It is Paris.\n(check)"),  # the talker's spaces differ from the answer's
        ("all of it", "all of it"),
    ],
)
def test_an_answer_is_said_once_whatever_was_said_before(first, whole):
    pieces = []
    spoken = Spoken(pieces.append)
    assert spoken.begin(first) or not first
    spoken.up_to(whole)
    assert "".join(pieces).split() == whole.split()
    assert all(len(piece.split()) <= 1 for piece in pieces)  # word by word


def test_an_answer_that_began_is_not_begun_again():
    pieces = []
    spoken = Spoken(pieces.append)
    assert spoken.begin("Half of that, then.")
    assert not spoken.begin(OPENING)
    assert "".join(pieces) == "Half of that, then."


def test_the_opening_alone_is_said_early_in_another_language():
    said = []
    take = at_opening(lambda: said.append("da"))
    for piece in ("Let ", "me ", "see.", " Here", " he", " is."):
        take(piece)
    assert said == ["da"]
