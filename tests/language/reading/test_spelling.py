"""Slips in words for faces are put right; words stay words."""

import pytest

from facegpt.language.reading.beyond.spelling import put_right

KNOWN = frozenset(
    "bread butter viking noise scarred barista a man with and more his nose chest hairy from hair retired blu".split()  # noqa: SIM905
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("more wrinkels", "more wrinkles"),
        ("a man with frekles and goatie", "a man with freckles and goatee"),
        ("moustashe", "moustache"),
        ("straigt nose", "straight nose"),
        ("forhead", "forehead"),
        ("galsses and curley hair", "glasses and curly hair"),
        ("sunglases and a beenie", "sunglasses and a beanie"),
        ("a yuong man wiht gren eyes", "a young man with green eyes"),
        ("gril with a hairy chest", "girl with a hairy chest"),
        ("blue eys and a big noze", "blue eyes and a big nose"),
        ("realy thick and verry big nose", "really thick and very big nose"),
        ("slighty wide nose", "slightly wide nose"),
        ("abit more wrinkels", "a bit more wrinkles"),
        ("a long beared and blu eyes", "a long beard and blue eyes"),
    ],
)
def test_a_slip_is_put_right(typed, meant):
    assert put_right(typed, KNOWN.__contains__)[0] == meant


@pytest.mark.parametrize(
    "text",
    [
        "bread and butter",
        "a viking from Transylvania",
        "noise",
        "dimples",
        "freckled",
        "wrinkly",
        "retired",
        "Dumbledore",
        "Hari",
        "nosy",
        "blu from noise",
        "fatter",
    ],
)
def test_words_and_names_stay(text):
    assert put_right(text, KNOWN.__contains__) == (text, ())


@pytest.mark.parametrize(("typed", "meant"), [("a yong lady", "a young lady"), ("roud face", "round face")])
def test_a_letter_left_out_of_a_short_word_is_put_in(typed, meant):
    assert put_right(typed, KNOWN.__contains__)[0] == meant


@pytest.mark.parametrize("text", ["Yong", "lack of sleep", "a slim man"])
def test_short_words_and_names_stay(text):
    assert put_right(text, {*KNOWN, "lack", "slim", "sleep", "of"}.__contains__) == (text, ())
