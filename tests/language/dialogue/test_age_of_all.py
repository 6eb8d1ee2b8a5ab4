"""Ages that a request for several people says once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.who.age_of_all import with_age_of_all, words_of_age_of_all


def begins(text, *people):
    return [text.index(each) for each in people]


@pytest.mark.parametrize(
    ("text", "people", "words"),
    [
        ("two old men: one bald, one bearded", ("one bald", "one bearded"), "two old men"),
        ("a couple in their thirties: him bald, her blonde", ("him", "her blonde"), "a couple in their thirties"),
        ("two sisters, one blonde, one dark, early twenties", ("one blonde", "one dark"), "early twenties"),
        ("a bald man and a woman in their sixties", ("a bald", "a woman"), "a woman in their sixties"),
        ("a man and a woman, 30", ("a man", "a woman"), ""),  # she is 30
        ("two men, one 20, one 50", ("one 20", "one 50"), ""),
        ("for my old friend: a man and a woman", ("a man", "a woman"), ""),  # the friend is not made
    ],
)
def test_an_age_of_all_is_found(text, people, words):
    assert words_of_age_of_all(text, begins(text, *people)) == words


def test_an_age_of_all_goes_to_whose_own_is_open_or_wider():
    own = [None, (4.0, 17.0), (40.0, 45.0)]
    requests = [replace(no_change(), age_years=years) for years in own]
    found = with_age_of_all(requests, "twins of ten", lambda words: replace(no_change(), age_years=(10.0, 10.0)))
    assert [each.age_years for each in found] == [(10.0, 10.0), (10.0, 10.0), (40.0, 45.0)]
