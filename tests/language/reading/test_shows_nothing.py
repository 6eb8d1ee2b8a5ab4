"""Changes whose words are all of things that no head shows, and colours of one eye of two."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from facegpt.language.changed_request import no_change
from facegpt.language.reading.beyond.of_one_eye import colours_one_eye, with_other_eye
from facegpt.language.reading.beyond.shown_part import shown_part
from facegpt.language.reading.beyond.unread_words import carries
from facegpt.language.reading.beyond.unshown_network import Unshown


class Finds:
    """A language model that finds one stretch, and reads nothing else."""

    def __init__(self, words, kind="mark"):
        self.words, self.kind = words, kind

    def unshown(self, text):
        found = re.search(re.escape(self.words), text)
        return [] if found is None else [Unshown(*found.span(), self.kind)]

    def read(self, *given):
        return SimpleNamespace(request=no_change())


def test_a_change_of_what_no_head_shows_alone_shows_nothing():
    part = shown_part(Finds("pierce her ears"), "pierce her ears", carries)
    assert part.shows_nothing and part.told and part.rest == ""


def test_what_is_asked_beside_it_is_shown():
    part = shown_part(Finds("pierce her ears"), "pierce her ears and let her smile", carries)
    assert not part.shows_nothing and part.told and "ears" not in part.text and "smile" in part.text


def test_a_part_of_the_face_alone_is_no_mark():
    part = shown_part(Finds("one eye"), "a man with one eye closed", carries)
    assert part.text == "a man with one eye closed" and not part.told


@pytest.mark.parametrize(
    ("found", "text", "rest"),
    [
        ("eye blue and the other", "one eye blue and the other brown, red hair", "red hair"),
        ("left eye is green", "his left eye is green and the right one is brown, bald", "bald"),
        ("one blue eye", "a man with one blue eye, smiling", "a man, smiling"),
    ],
)
def test_the_colours_of_either_eye_are_one_thing(found, text, rest):
    part = shown_part(Finds(found), text, carries)
    assert part.text == rest and len(part.told) == 1 and "eye" in part.told[0]


def test_both_eyes_of_one_colour_are_no_such_thing():
    assert not colours_one_eye("blue eyes") and not colours_one_eye("one eye closed")
    assert with_other_eye("blue eyes", 0, 9) == (0, 9)
