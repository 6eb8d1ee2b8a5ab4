"""Years more or less for one of several, whatever words came with the photo."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changing import by_pronouns, wishes
from facegpt.language.dialogue.who.introducing import introduced
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.glosses.reading import glossed


class Sees:
    """The model of words, which sees how old a head is."""

    def __init__(self, words):
        self.model = word_model(words)

    def __getattr__(self, name):
        return getattr(self.model, name)

    def seen(self, face):
        return replace(self.model.seen(face), age_years=face.attributes["age_years"])


ASKED = "which of the two is older and what are they wearing?"


def two_of_a_photo(model, typed: str) -> Cast:
    """A man called Emil and a woman; typed: the words that came with their photo."""
    faces = [model.imagine("an old man", seed=1), model.imagine("a young woman", seed=2)]
    cast = introduced(typed, Cast().with_new(faces, photo=True, sex=["M", "F"]), (1, 2))
    return cast.with_person(replace(cast.person(1), names=("emil",)))


@pytest.mark.parametrize(
    ("text", "who", "years"),
    [
        ("and him 10 years older please", 1, 10),
        ("make her five years older", 2, 5),
        ("her two decades older", 2, 20),
        ("and Emil 5 years younger", 1, -5),
        ("the man 12 years younger", 1, -12),
    ],
)
@pytest.mark.parametrize("typed", [ASKED, "is he older than her, and by how much?", "the younger and the older", ""])
def test_years_are_added_to_whom_the_words_mean(shipped_words, typed, text, who, years):
    model = Sees(shipped_words)
    cast = two_of_a_photo(model, typed)
    assert mentions(text, cast)[0].who == (who,)
    (wish,) = wishes(model, text, cast, (who,))
    now = cast.person(who).face.attributes["age_years"]
    assert wish.request.age_years == pytest.approx((now + years, now + years)) and not wish.request.hair.said


def test_german_years_are_added_too(shipped_words):
    model = Sees(shipped_words)
    cast, text = two_of_a_photo(model, ASKED), glossed("mach ihn 10 Jahre älter").text
    (wish,) = wishes(model, text, cast, (1,))
    now = cast.person(1).face.attributes["age_years"]
    assert wish.request.age_years == pytest.approx((now + 10, now + 10))


def test_how_somebody_is_to_be_is_not_who_is_meant():
    model = word_model()
    cast = two_of_a_photo(model, ASKED)
    assert by_pronouns("him 10 years older", cast) == "him 10 years older"
    assert by_pronouns("the older one shall smile", cast) != "the older one shall smile"
