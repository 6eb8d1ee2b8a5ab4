"""Changes whose words are all of things that no head shows, and colours of one eye of two."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.changes.notes import all_unshown, in_sentences, is_asked
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


@pytest.mark.parametrize(
    ("found", "text", "told"),
    [
        ("make-up", "a bald woman wearing heavy make-up", "heavy make-up"),
        ("face paint", "a bald girl with face paint", "face paint"),
        ("earrings", "a man with big ears and huge dangly earrings, smiling", "huge dangly earrings"),
        ("glitter on", "a dancer with glitter on her cheeks", "glitter on her cheeks"),
        ("tattooed", "a happy tattooed man", "tattooed"),
        ("scarf", "a sad woman, scarf", "scarf"),
    ],
)
def test_a_thing_is_told_with_what_describes_it_and_its_place_is_no_trait(found, text, told):
    """Made of small words it is still a thing; "heavy" is not the woman's, nor are "her cheeks" asked for."""
    part = shown_part(Finds(found), text, carries)
    assert [each.rpartition(": ")[0] for each in part.told] == [told]
    assert not {"heavy", "huge", "dangly", "her"} & {*part.text.split()}
    assert ("happy" in text) == ("happy" in part.text)


class FindsTwo(Finds):
    """A language model that finds two stretches, of two kinds."""

    def unshown(self, text):
        return [Unshown(*re.search(each, text).span(), kind) for each, kind in zip(self.words, self.kind, strict=True)]


def test_a_thing_that_another_one_describes_is_told_once():
    part = shown_part(FindsTwo(("anchor", "tattoo"), ("worn", "mark")), "a man with an anchor tattoo", carries)
    assert len(part.told) == 1 and part.told[0].startswith("anchor tattoo: ")


class Pulls(Finds):
    """A language model that sees a look up in "a … look"."""

    def read(self, *given):
        request = no_change()
        return SimpleNamespace(request=replace(request, expression=request.expression + given[0].endswith(" look")))


def test_a_thing_found_surely_is_not_taken_for_a_feeling_by_a_look_of_it():
    assert shown_part(Pulls("makeup"), "a woman with makeup", carries).told


@pytest.mark.parametrize(
    ("text", "word", "asked"),
    [
        ("a woman with heavy mascara", "mascara", True),
        ("a man wearing a shiny red brooch", "brooch", True),
        ("braids wrapped around her head", "wrapped", False),
        ("stick out the tongue", "stick", False),
        ("a girl whose dog died", "died", False),
    ],
)
def test_what_somebody_has_is_asked_for_behind_its_adjectives(text, word, asked):
    assert is_asked(text, word) == asked


def test_all_that_a_turn_asked_in_vain_is_told():
    part = shown_part(Finds("nose stud"), "now put her in a tie and a nose stud", carries)
    told = in_sentences(all_unshown(part))
    assert "nose stud" in told and "tie" in told
    assert all_unshown(shown_part(Finds("nose stud"), "a nose stud", carries)) == list(
        shown_part(Finds("nose stud"), "a nose stud", carries).told
    )
