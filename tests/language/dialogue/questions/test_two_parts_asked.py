"""Questions of two parts, of what is straight, and of the clothes of made heads."""

from types import SimpleNamespace

import pytest
from stand_in_words import word_model

from facegpt.bust.colours import shirt_like
from facegpt.describe.scene_words import NO_PHOTO, shirt_words
from facegpt.describe.sentences import Facts, trait_words
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.questions.claims import Claim, holds
from facegpt.language.dialogue.questions.question_network import asked_by_states, parts_named, parts_of
from facegpt.language.dialogue.questions.worn_asked import of_made_head


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("How wide are his mouth and nose?", "mouth", "nose"),
        ("how wide is her jaw and how high is her forehead?", "jaw", "forehead"),
        ("How big are his eyes and how long is his chin?", "eye", "chin"),
        ("how long are the ears and the nose", "ear", "nose"),
    ],
)
def test_each_of_two_parts_gets_an_answer_and_no_other_does(shipped_words, text, first, second):
    states = shipped_words.read(text).states
    names = asked_by_states(states, 1, parts=parts_named(text))[0]
    assert {part for name in names for part in parts_of(name)} == {first, second}


@pytest.mark.parametrize("text", ["how wide is her mouth?", "what is the distance from her nose to her lip?"])
def test_a_question_of_one_thing_asks_as_before(shipped_words, text):
    states = shipped_words.read(text).states
    assert asked_by_states(states, 1, parts=parts_named(text)) == asked_by_states(states, 1)


@pytest.mark.parametrize(("amount", "straight"), [(-0.4, True), (0.0, True), (1.6, False)])
def test_a_nose_is_straight_unless_it_is_seen_to_be_crooked(amount, straight):
    facts = Facts({}, attributes={"nose_crookedness": amount})
    assert holds(Claim("is his nose straight", {"nose_crookedness": -1.0}), facts) == straight
    assert holds(Claim("is his nose crooked", {"nose_crookedness": 1.0}), facts) != straight
    assert ("straight" in trait_words(facts, "nose_crookedness")) == straight


@pytest.mark.parametrize(
    ("colour", "word"), [("red", "red"), ("steelblue", "blue"), ("white", "white"), ("black", "black")]
)
def test_the_shirt_of_a_head_is_told_by_its_colour(colour, word):
    assert word in shirt_words(shirt_like(colour)) and "shirt" in shirt_words(shirt_like(colour))
    assert "no clothes" in shirt_words(None)


def test_what_a_made_head_wears_is_told_and_its_backdrop_is_not():
    cast = Cast().with_new([word_model().imagine("a woman")], sex=["F"])
    model = SimpleNamespace(facts=lambda face: Facts({}))
    context = SimpleNamespace(sights=("clothes", "backdrop"), cast=cast, model=model)
    worn, backdrop = of_made_head(context, cast.people[0])
    assert worn.startswith("She wears a plain") and worn.endswith("shirt.") and backdrop == NO_PHOTO
