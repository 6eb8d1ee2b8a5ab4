"""What a question takes from the turns before it, and what is answered of what a head wears."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stand_in_words import word_model

from facegpt.describe.sentences import aspect
from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.doing import Context, do
from facegpt.language.dialogue.questions.asked_before import when_of
from facegpt.language.dialogue.questions.asking import answer_question
from facegpt.language.dialogue.questions.claims import Claim, about_asked, holds
from facegpt.language.dialogue.questions.question import Question, understood_question
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.hair_wish import HairWish
from facegpt.types import Glasses


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture(scope="module")
def woman(model) -> Cast:
    return Cast().with_new([model.imagine("a woman", seed=1)], sex=["F"])


def asked(cast: Cast, text: str, *names: str) -> Cast:
    said = Said("question", text, (1,), names)
    return replace(cast, said=said, question=said)


def edited(cast: Cast, text: str, *names: str) -> Cast:
    said = Said("edit", text, (1,), names)
    return replace(cast, said=said, change=said)


def understood(model, text: str, cast: Cast) -> Question:
    return understood_question(text, cast, (1,), model.language.read(text))


@pytest.mark.parametrize("text", ["does she wear glasses?", "what colour is her hair?", "is she smiling?"])
def test_what_names_something_of_its_own_takes_nothing_over(model, woman, text):
    there = asked(woman, "how wide is her nose?", "nose_breadth")
    assert "nose_breadth" not in understood(model, text, there).asks


def test_a_size_alone_is_of_the_part_asked_about_before(model, woman):
    there = asked(woman, "how wide is her nose?", "nose_breadth")
    assert understood(model, "and how long?", there).asks == ("nose_height_nasion_subnasale",)


def test_a_question_after_a_change_is_about_the_change(model, woman):
    there = edited(woman, "thicker neck", "neck_width")
    assert understood(model, "what is it now?", there).asks in (("neck_width",), ("neck_circumference",))


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("how wide is her nose?", "now"),
        ("and now?", "now"),
        ("is she smiling in the photo?", "now"),
        ("what was it at the start?", "first"),
        ("and before that change?", "before"),
    ],
)
def test_words_say_when(text, when):
    assert when_of(text) == when


def test_the_head_before_its_last_change_is_not_the_first_one(model, woman):
    faces = [model.imagine("a woman", seed=seed) for seed in (2, 3)]
    cast = woman.with_changes({1: faces[0]}).with_changes({1: faces[1]})
    cast = asked(cast, "how wide is her nose?", "nose_breadth")
    heads = {"now": faces[1], "before": faces[0], "first": woman.person(1).face}
    for when, head in heads.items():
        question = replace(understood(model, "how wide is her nose?", cast), when=when)
        said = answer_question(model, question, cast)
        assert f"{head.measure()['nose_breadth'].value_mm:.1f} mm" in said
        assert f"{faces[1].measure()['nose_breadth'].value_mm:.1f} mm" in said  # and what it is now
    alone = replace(woman.with_changes({1: faces[0]}).with_changes({1: woman.person(1).face}), question=cast.question)
    assert answer_question(model, question, alone).count("mm") == 1


@pytest.mark.parametrize(
    ("text", "larger"),
    [
        ("which is wider, her jaw or her forehead?", "is larger"),
        ("Jaw or forehead, which one is narrower?", "is smaller"),
        ("is her jaw wider than her forehead?", "is larger"),
        ("is her forehead narrower than her jaw?", "is smaller"),
    ],
)
def test_of_two_parts_the_one_asked_for_comes_first_with_both_lengths(model, woman, text, larger):
    names = ("bigonial_breadth", "minimum_frontal_breadth")
    said = answer_question(model, Question(text, (1,), names, kind="compare_parts"), woman)
    jaw, forehead = (woman.person(1).face.measure()[name].value_mm for name in names)
    assert larger in said
    jaw_first = said.index(f"{jaw:.1f}") < said.index(f"{forehead:.1f}")
    assert jaw_first == ((jaw > forehead) == (larger == "is larger"))
    if text.startswith("is "):
        assert said.startswith("Yes." if jaw > forehead else "No.")


def test_no_number_is_said_of_nobody(model):
    context = Context(model, "how long is his nose?", Cast(), (), 0, print)
    answer = do(context, "question").text
    assert "no head here yet" in answer
    assert not any(c.isdigit() for c in answer)


def test_what_is_worn_is_known(model, woman):
    bare = model.facts(woman.person(1).face)
    worn = replace(bare, glasses=Glasses(style="round"))
    claim = Claim("she wear glasses", glasses=GlassesWish())
    assert (holds(claim, bare), holds(claim, worn)) == (False, True)
    assert "no glasses" in aspect(bare, "glasses")
    assert "round" in aspect(worn, "glasses")


def test_a_beard_is_told_by_the_hair_of_the_face(model, woman):
    facts = model.facts(woman.person(1).face)
    claim = about_asked(Claim("beard"), ("beard",))
    assert claim.hair.said["beard"] != "none"
    for amount in (0.0, 0.3, 1.0):
        bearded = replace(facts, hair=replace(facts.hair, beard=amount))
        assert holds(claim, bearded) is (amount > 0)
        assert holds(Claim("clean-shaven", hair=HairWish({"beard": "none"})), bearded) is (amount == 0)
