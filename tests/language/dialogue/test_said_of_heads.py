"""What answers say of heads of photos is no more than is seen, and insults and sentences before a name lose no wish."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stand_in_words import word_model

from facegpt.describe import sentences as words
from facegpt.describe.hair_words import hair_words
from facegpt.describe.measure_words import WHO, declined
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.likeness import likeness
from facegpt.language.dialogue.changing import clauses, with_amount
from facegpt.language.dialogue.questions.claims import Claim, holds
from facegpt.language.dialogue.questions.portraits import place_in_photo
from facegpt.language.dialogue.set_answers import without_insults
from facegpt.language.hair_wish import HairWish
from facegpt.types import Hair

OF_A_PHOTO = Facts({}, {"age_years": 58.0}, attributes={"asymmetry": -2.5, "nose_crookedness": -1.6}, scale_sd=0.03)


def test_how_even_a_face_is_is_told_of_no_photo():
    assert "symmetr" not in words.describe(OF_A_PHOTO) and "straight nose" not in words.describe(OF_A_PHOTO)
    assert "can't tell" in words.trait_words(OF_A_PHOTO, "asymmetry")
    assert holds(Claim("is it symmetrical", {"asymmetry": -1.0}), OF_A_PHOTO) is None
    assert "symmetr" in words.describe(replace(OF_A_PHOTO, scale_sd=None))  # a head of words is as it was made


def test_nobody_is_called_bald_under_a_hat():
    bald = Hair("bald", beard=0.9)
    assert "bald" in hair_words(bald) and "bald" not in hair_words(bald, covered=True)
    assert "can't be seen" in hair_words(bald, covered=True) and "beard" in hair_words(bald, covered=True)
    asked = Claim("is he bald", hair=HairWish({"kind": "bald"}))
    bare = Facts({}, attributes={"hair_length": -2.0}, hair=bald)
    assert holds(asked, bare) is True and holds(asked, replace(bare, covered=True)) is None


def test_the_old_of_photos_are_said_to_be_told_too_young():
    assert "younger more often" in words.age_words(OF_A_PHOTO)
    grey = Hair("short", (0.5, 0.5, 0.5))
    assert "grey hair" in words.age_words(replace(OF_A_PHOTO, looks={"age_years": 36.0}, hair=grey))
    assert "younger more often" not in words.age_words(replace(OF_A_PHOTO, looks={"age_years": 30.0}))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("you're so dumb. Wider, I said", "Wider, I said"),
        ("give her curls you moron", "give her curls"),
        ("you are an idiot. how long is his chin?", "how long is his chin?"),
        ("make him look like a stupid clown", "make him look like a stupid clown"),
        ("you fool", "you fool"),
        ("can you make her nose longer", "can you make her nose longer"),
        ("Who's this? What do you see?", "Who's this? What do you see?"),
        ("What did you notice?", "What did you notice?"),
    ],
)
def test_insults_beside_a_wish_are_passed_over(text, rest):
    assert without_insults(text).strip() == rest


@pytest.fixture(scope="module")
def pair() -> Cast:
    model = word_model()
    faces = [model.imagine(text, seed=k) for k, text in enumerate(("a man", "a woman"))]
    return Cast().with_new(faces, photo=True, sex=["M", "F"])


def test_who_stands_where_in_a_photo_is_known(pair):
    assert [place_in_photo(person, pair) for person in pair.people] == ["on the left", "on the right"]
    alone = replace(pair, people=pair.people[:1])
    assert place_in_photo(alone.people[0], alone) == ""


def test_sentences_before_a_name_are_of_whom_was_changed_last(pair):
    changed = replace(pair.with_changes({2: pair.person(2).face}, said="give her glasses"), focus=(2,))
    found = clauses("Take them off again. Make the man laugh", changed, (1,))
    assert [who for _, who in found] == [(2,), (1,)]
    assert clauses("Make the man laugh", changed, (1,)) == [("Make the man laugh", (1,))]


def test_a_length_of_another_size_takes_the_place_of_the_last_one(pair):
    last = "make his nose 4 mm wider"
    assert with_amount("actually only 3 mm", pair, last) == "make his nose 3 mm wider"
    assert not with_amount("4 mm wider, not longer", pair, last) and not with_amount("no, wider", pair, last)


@pytest.mark.parametrize(
    ("question", "asks"), [("who do you think that is", True), ("who do you think is the oldest?", False)]
)
def test_who_is_the_oldest_asks_for_nobodys_name(question, asks):
    assert (WHO in declined(question)) is asks


def test_like_she_is_sixty_is_no_likeness_to_somebody_else(pair):
    assert likeness(word_model(), "make her look like she's 60", pair) is None
