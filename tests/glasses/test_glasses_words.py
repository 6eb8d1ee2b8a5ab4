"""Words for glasses: on, off, which, and what they are not."""

from __future__ import annotations

import pytest

from facegpt.generate.wear_glasses import wished_glasses
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.reading.glasses_words import glasses_wish, without_glasses


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("a man with round glasses", GlassesWish(style="round")),
        ("a woman wearing red cat-eye glasses", GlassesWish(style="cat_eye", colour="red")),
        ("an old man with thick black spectacles and a beard", GlassesWish(style="square", colour="black")),
        ("a girl with gold aviators with green lenses", GlassesWish(style="aviator", colour="gold", tint="green")),
        ("put on sunglasses", GlassesWish(tint="dark")),
        ("make the glasses blue", GlassesWish(colour="blue")),
        ("give her square tortoiseshell glasses", GlassesWish(style="square", colour="tortoise")),
        ("take off the glasses", GlassesWish(on=False)),
        ("glasses off, please", GlassesWish(on=False)),
        ("take the glasses off", GlassesWish(on=False)),
        ("a woman without glasses", GlassesWish(on=False)),
        ("she isn't wearing any glasses", GlassesWish(on=False)),
        ("lose the specs", GlassesWish(on=False)),
        ("two wine glasses on a table", None),
        ("glasses of water", None),
        ("a man with a round face", None),
        ("", None),
    ],
)
def test_glasses_are_read_by_what_their_words_mean(text, wish):
    assert glasses_wish(text) == wish


def test_shapes_and_colours_of_glasses_are_not_those_of_the_face():
    assert without_glasses("a man with round glasses and blue eyes") == "a man and blue eyes"
    for handled in ("make the glasses red", "take her glasses off", "lose the sunglasses, please"):
        assert without_glasses(handled) == "the glasses"
    assert without_glasses("take the glasses off her angry face") == "take off her angry face"
    assert without_glasses("a round face") == "a round face"
    assert without_glasses("an old man wearing glasses") == "an old man"
    assert without_glasses("put glasses on the old man", is_edit=True) == "the glasses"


def test_a_wish_changes_what_it_names_and_no_more():
    first = wished_glasses(GlassesWish(style="round", colour="gold"), None, 0)
    dark = wished_glasses(GlassesWish(tint="dark"), first, 5)
    assert dark.style == "round" and dark.colour == first.colour and dark.darkness > 0.5
    assert wished_glasses(GlassesWish(style="round", colour="red"), dark, 5).darkness == dark.darkness
    assert wished_glasses(None, dark, 5) is dark and wished_glasses(GlassesWish(on=False), dark, 5) is None
    drawn = {wished_glasses(GlassesWish(), None, seed).style for seed in range(20)}
    assert len(drawn) > 2
