"""Who is not to be trusted, in whatever words, is not made trustworthy."""

import pytest

from facegpt.language.looks.denied import denial_in


@pytest.mark.parametrize(
    ("text", "affirmed", "rest"),
    [
        ("a man you can't rely on", "a man you can rely on", "a man you"),
        ("no one to lend money to", "somebody to lend money to", ""),
        ("the last man to ask for help, freckles", "a man to ask for help, freckles", ", freckles"),
        ("she is far from ugly", "she is ugly", "she"),
    ],
)
def test_a_denial_is_taken_back(text, affirmed, rest):
    assert denial_in(text) == (affirmed, rest.strip(" ,;"))


def test_nothing_is_denied_in_plain_words():
    assert denial_in("a nurse with a kind face, no fringe") is None


@pytest.mark.parametrize(
    "text",
    [
        "someone you wouldn't buy a used car from",
        "no one you'd lend money",
        "somebody you can't rely on",
    ],
)
def test_a_denied_trust_is_none(shipped_words, text):
    request = shipped_words.read(text).request
    assert "trustworthy" not in (request.impression, request.character)
    assert "villain" in (request.impression, request.character)


@pytest.mark.parametrize(
    ("text", "impression"),
    [
        ("a trustworthy old man, not smiling", "trustworthy"),
        ("an ugly man who isn't old", "ugly"),
        ("a beautiful woman who never wears glasses", "attractive"),
        ("looks like he'd never cheat you", "trustworthy"),
    ],
)
def test_an_impression_beside_a_denial_stays(shipped_words, text, impression):
    assert shipped_words.read(text).request.impression == impression
