"""Notes name what was asked for and is not shown, in plain sentences; nothing else is noted."""

from __future__ import annotations

import pytest

from facegpt.language.dialogue.changes.notes import in_sentences, is_asked, not_shown
from facegpt.language.dialogue.talking import CAUTION, without_caution
from facegpt.language.reading.beyond.shown_part import ShownPart
from facegpt.language.reading.beyond.unshown_network import REASONS
from facegpt.language.reading.clauses import UNREAD


@pytest.mark.parametrize(
    ("text", "word"), [("poke out the tongue", "poke"), ("his hamster ran away", "ran"), ("pull up the brows", "pull")]
)
def test_verbs_of_asking_and_of_stories_ask_for_no_look(text, word):
    assert not is_asked(text, word) and not not_shown(text, [f"{word}: {UNREAD}"])


@pytest.mark.parametrize(
    ("text", "word"),
    [("give her an impish grin", "impish"), ("tired, rakish, old", "rakish"), ("ethereal lips", "ethereal")],
)
def test_words_that_describe_are_noted_where_nothing_was_read_in_them(text, word):
    assert not_shown(text, [f"{word}: {UNREAD}"]) == [f"{word}: {UNREAD}"]


def test_a_whole_clause_without_a_reading_is_noted():
    assert not_shown("smile, and levitate over there", [f"levitate over there: {UNREAD}"])


@pytest.mark.parametrize("words", ["right eye", "the upper lip", "left ear"])
def test_a_part_that_every_head_has_is_no_missing_thing(words):
    assert not not_shown("", (), ShownPart("", (f"{words}: {REASONS['mark']}",)))
    assert not_shown("", (), ShownPart("", (f"scar on the {words.split()[-1]}: {REASONS['mark']}",)))


def test_a_calling_is_told_in_a_sentence():
    told = in_sentences([f"plumber: {REASONS['role']}", f"astronaut: {REASONS['role']}"])
    assert told == "What makes a plumber or an astronaut is not seen on a head alone."


def test_the_caution_is_taken_off_and_stands_once():
    assert without_caution(f"Bacon.\n{CAUTION}") == "Bacon." and without_caution("Bacon.") == "Bacon."
    assert len(CAUTION.split()) < 16
