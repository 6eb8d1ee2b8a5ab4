"""What kind of answer a question wants, by the shipped network and by words alone; what a follow-up claims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.questions.asking import answer_question
from facegpt.language.dialogue.questions.claims import Claim, about_asked, claim_in, holds, says_anything
from facegpt.language.dialogue.questions.question import asked, understood_question
from facegpt.language.dialogue.questions.question_network import (
    KINDS,
    context_of_question,
    kind_of_question,
    load_question_network,
    verdict_words,
)
from facegpt.language.dialogue.who.references import meant
from facegpt.language.earlier import Earlier, in_context


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Is her nose wide?", "yes_no"),
        ("so does he smile", "yes_no"),
        ("how wide is her nose?", "tell"),
        ("by how much?", "difference"),
        ("whose nose is wider?", "compare"),
    ],
)
def test_without_states_first_words_tell(text, kind):
    assert kind_of_question(text, None, 2) == kind


def test_states_of_another_model_are_not_read():
    size = load_question_network().weights["project"].shape[2]
    assert kind_of_question("Is her nose wide?", np.zeros((4, 1, size + 3)), 1) == "yes_no"
    assert len(load_question_network().log_odds(np.zeros((4, 1, size)), context_of_question(1))) == len(KINDS)


def test_a_follow_up_claims_what_the_question_before_it_did(model):
    cast = Cast().with_new([model.imagine(f"a {who}", seed=1) for who in ("woman", "man")], sex=["F", "M"])
    cast = replace(cast, focus=(1,))
    first = understood_question("is her nose wide?", cast, (1,), model.language.read("is her nose wide?"))
    assert first.kind == "yes_no" and first.claim is not None and first.claim.attributes["nose_width"] > 0
    cast = asked(first, "question", cast)
    then = understood_question("and his?", cast, meant("and his?", cast), model.language.read("and his?"))
    assert then.who == (2,) and then.claim is first.claim
    facts = model.facts(cast.person(2).face)
    expected = "Yes" if holds(first.claim, facts) else "No"
    assert answer_question(model, replace(then, kind="yes_no"), cast).removeprefix("The man: ").startswith(expected)


def test_a_claim_of_nothing_but_a_sex_is_no_claim_of_its_own():
    assert not says_anything(Claim("and the man?", sex="M"))
    assert says_anything(Claim("smiling?", units={"mouthSmileLeft": 0.7}))


def test_he_and_she_claim_no_sex_where_something_else_is_asked(model):
    facts = model.facts(model.imagine("a man", seed=1))
    he = Claim("is he weraing a ring?", sex="M")
    assert holds(about_asked(he, ("expression",)), facts) is None
    assert holds(about_asked(he, ("masculinity",)), facts) is True
    assert holds(about_asked(replace(he, sex="F"), ()), facts) is False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "text", "kind"),
    [
        ("what about his nose", "wide, would you say", "yes_no"),
        ("", "beard?", "yes_no"),
        ("", "jaw width?", "tell"),
        ("whose nose is longer", "and by what margin", "difference"),
    ],
)
def test_kinds_are_read_after_what_came_before(shipped_words, before, text, kind):
    turns = in_context([Earlier(before, "nose width?")] if before else [], text)
    assert kind_of_question(text, shipped_words.read(turns).states, 2) == kind


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "name", "side"),
    [("eyebrows are thick at her, yes?", "brow_thickness", 1), ("is that a small nose he has", "nose_size", -1)],
)
def test_a_question_is_read_as_what_it_claims(shipped_words, text, name, side):
    turns = in_context([Earlier("an old judge", "face")], text)
    claim = claim_in(shipped_words.read(turns).request, text)
    assert claim.attributes.get(name, 0.0) * side > 0


@pytest.mark.parametrize(
    ("text", "seen", "start"),
    [
        ("is he smiling?", True, "Yes."),
        ("he isn't smiling at all", True, "I see it otherwise."),
        ("he isn't smiling at all", False, "So it is."),
        ("you know she is smiling", True, "So it is."),
        ("isn't he smiling?", True, "Yes."),
    ],
)
def test_a_question_gets_yes_or_no_and_a_statement_agreement_or_not(text, seen, start):
    assert verdict_words(text, seen) == start
