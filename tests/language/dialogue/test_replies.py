"""Learnt replies: what the writer reads, what of its words may be said, and what is said instead where they may not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.replies import items as of
from facegpt.language.dialogue.replies.items import Composed, Item, in_a_row, prompt_of
from facegpt.language.dialogue.replies.writing import best_first, filled, wrong_with

NOSE = Item("her nose width", {"M": "34.2 mm", "P": "85th", "W": "rather wide"}, "M", 1)
HERS = Item("the woman's nose width", {"M": "34.2 mm"}, "", 1)
HIS = Item("the man's nose width", {"M": "36.3 mm"}, "", 2)
WIDER = Item("who has more nose width", {"N": "the man"}, "N")
SMILES = (Item(of.YES, {"Y": "no"}, "Y"), Item("her expression", {"S": "raised brows"}, "", 1))


def people(*sexes: str) -> Cast:
    return Cast().with_new([None] * len(sexes), sex=sexes)  # type: ignore[list-item]


def test_the_writer_reads_words_and_codes_and_no_fact():
    prompt = prompt_of("how wide is it?", ["a woman", "older", "her nose?"], "question", (NOSE, SMILES[0]))
    assert prompt == "older\nher nose?\nhow wide is it?\n[question] M1! P1 W1 her nose width; Y2! yes or no"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("M1 across the wings.", "34.2 mm across the wings."),
        ("Her nose is M1 wide, which is W1.", "Her nose is 34.2 mm wide, which is rather wide."),
        ("M1. W1, at the P1 percentile.", "34.2 mm. Rather wide, at the 85th percentile."),
    ],
)
def test_codes_become_facts_with_capitals_where_sentences_begin(written, said):
    assert wrong_with(written, (NOSE,), "question", "how wide?", [], people("F")) == ""
    assert filled(written, (NOSE,)) == said


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Her nose is W1.",  # the measure is needed
        "M1, and M2.",  # of nothing offered
        "M1, that is 3 mm more.",
        "M1 mm.",
        "M1, forty in all.",
        "M1, M1.",
        "M1",
        "Her nose is narrow: M1.",  # nobody typed that
        "His nose is M1 wide.",
        "M1 and she smiles.",
        "M1 on the nose and M1 on the nose and on the nose and on the nose.",
    ],
)
def test_what_is_not_true_whatever_the_facts_is_not_said(written):
    assert wrong_with(written, (NOSE,), "question", "how wide?", [], people("F"))


@pytest.mark.parametrize("written", ["Y1, she is smiling.", "Y1, she isn't: S2.", "S2, so Y1.", "S2."])
def test_words_beside_a_verdict_take_no_side(written):
    assert wrong_with(written, SMILES, "question", "is she smiling?", [], people("F"))
    assert filled("Y1. Her face shows S2.", SMILES) == "No. Her face shows raised brows."


def test_numbers_that_the_user_typed_may_be_said_again():
    kept = "Wider by 2 mm: M1."
    assert not wrong_with(kept, (NOSE,), "edit", "wider by 2 mm", [], people("F"))
    assert wrong_with(kept, (NOSE,), "edit", "wider by 3 mm", [], people("F"))


@pytest.mark.parametrize(("written", "fits"), [("Wider: M1.", True), ("Narrower: M1.", False), ("Smaller: M1.", False)])
def test_a_change_is_said_in_the_direction_that_it_took(written, fits):
    rose = replace(NOSE, true=frozenset(("wide", "larger")), false=frozenset(("narrow", "smaller")))
    assert (
        not wrong_with(written, (rose,), "edit", "a narrower, smaller nose, no, more of it", [], people("F"))
    ) == fits


def test_a_comparison_gives_the_values_in_the_order_of_the_heads():
    items, cast = (WIDER, HIS, HERS), people("F", "M")
    assert filled(best_first("N1: M3 against M2.", items, cast), items) == "The man: 36.3 mm against 34.2 mm."
    named = "The woman has M3, the man M2, so it is N1."
    assert best_first(named, items, cast) == named


@pytest.mark.parametrize("written", ["The woman: M2, the man: M3, so N1.", "N1 has the narrower nose."])
def test_a_fact_of_somebody_else_or_the_other_side_is_not_said(written):
    assert wrong_with(written, (WIDER, HIS, HERS), "compare", "whose nose is wider?", [], people("F", "M"))


def test_replies_of_several_heads_say_whose_their_facts_are():
    items, cast = (HERS, HIS), people("F", "M")
    assert wrong_with("M1 and M2.", items, "question", "how wide are their noses?", [], cast)
    assert not wrong_with("The woman's is M1, the man's M2.", items, "question", "and their noses?", [], cast)


def test_replies_in_a_row_are_written_only_where_all_can_be():
    one, other = Composed("One.", (NOSE,)), Composed("Two.")
    assert in_a_row([one, one]).items == (NOSE, NOSE) and in_a_row([one, other]) == Composed("One. Two.")


# In conversations


def spoken(write) -> Conversation:
    model = word_model()
    model.language.worded = write
    return Conversation(model)


def test_a_written_reply_has_what_is_measured():
    talk = spoken(lambda prompt: "Across the wings it is M1." if "[question]" in prompt else "")
    talk.say("a woman")
    text = talk.say("how many mm is her nose wide?").text
    assert text == f"Across the wings it is {talk.face.measure()['nose_breadth'].value_mm:.1f} mm."


def test_what_may_not_be_said_is_composed_as_without_a_writer():
    plain, bold = Conversation(word_model()), spoken(lambda prompt: "Her nose is 12 mm wide.")
    for text in ("a woman, smiling", "how wide is her nose?", "make it wider", "is she smiling?", "undo"):
        assert plain.say(text).text == bold.say(text).text


def test_every_turn_offers_what_its_composed_reply_tells():
    heard: list[str] = []
    talk = spoken(lambda prompt: heard.append(prompt) or "")
    for text in ("a woman", "how wide is her nose?", "is she smiling?", "make her nose wider", "undo"):
        talk.say(text)
    acts = [re.findall(r"^\[(\w+)\] (.*)", prompt.splitlines()[-1])[0] for prompt in heard]
    assert [act for act, _ in acts] == ["new_head", "question", "question", "edit", "undo"]
    assert acts[1][1] == "M1! P1 W1! her nose width" and acts[3][1].startswith("M1! P1 W1 B1! D1 her nose width")
    assert acts[2][1].startswith("Y1! yes or no; S2! ")
