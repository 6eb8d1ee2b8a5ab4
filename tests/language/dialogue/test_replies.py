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
        ("M1 across.", "34.2 mm across."),
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
        "M1 across the wings, twa.",  # no word
        "M1 on the nose and M1 on the nose and on the nose and on the nose.",
    ],
)
def test_what_is_not_true_whatever_the_facts_is_not_said(written):
    assert wrong_with(written, (NOSE,), "question", "how wide?", [], people("F"))


def test_no_part_is_what_the_face_does():
    seen = (Item("her expression", {"S": "eyes turned up, the tongue out and an open mouth"}, "S", 1),)
    assert wrong_with("Her jaw is now S1.", seen, "edit", "soften the jaw", [], people("F"))
    assert not wrong_with("Her face shows S1 now.", seen, "edit", "soften the jaw", [], people("F"))


@pytest.mark.parametrize("written", ["Y1, she is smiling.", "Y1, she isn't: S2.", "S2, so Y1.", "S2."])
def test_words_beside_a_verdict_take_no_side(written):
    assert wrong_with(written, SMILES, "question", "is she smiling?", [], people("F"))
    assert filled("Y1. Her face shows S2.", SMILES) == "No. Her face shows raised brows."


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Her nose is M1 wide.", "her nose root width"),  # a part of it
        ("Her nose is M1 long.", "her nose protrusion"),
        ("Her mouth is M1 wide.", "her nose width"),
        ("M1, which is P1.", "her nose width"),
        ("Her nose is M1 wide, which is B1.", "her nose width"),
        ("Her nose is M1 wide now.", "her nose width before"),
        ("Her nose was M1 wide.", "her nose width"),
        ("Nose length M1.", "her nose width"),
        ("Her head is M1 from front to back.", "her head width"),
    ],
)
def test_the_words_beside_a_measure_are_of_its_part_direction_and_time(written, label):
    item = Item(label, {"M": "20.0 mm", "P": "50th", "B": "19.0 mm"}, "M", 1)
    assert wrong_with(written, (item,), "question", "how wide?", [], people("F"))
    fitting = {"her nose root width": "The root of her nose is M1 wide.", "her nose protrusion": "It stands out by M1."}
    fitting |= {"her nose width": "Her nose is M1 wide, from B1, at the P1 percentile."}
    fitting |= {"her head width": "Her head is M1 wide."}
    kept = fitting.get(label, "Her nose was M1 wide before.")
    assert not wrong_with(kept, (item,), "question", "how wide?", [], people("F"))


def test_a_head_that_is_called_so_is_no_part_of_what_is_measured():
    item = Item("the second head's nose width", {"M": "29.8 mm"}, "M", 1)
    assert wrong_with("The second head is M1 across.", (item,), "question", "and the second?", [], people("F"))
    assert not wrong_with("The second head's nose is M1 wide.", (item,), "question", "and the second?", [], people("F"))


def test_a_reply_without_facts_has_the_words_of_the_user_or_none():
    seen, cast = (Item("her expression", {"S": "no expression"}, "", 1),), people("F")
    for written in ("Here she is.", "Made as you said.", "A sailor of forty."):
        assert not wrong_with(written, seen, "new_head", "a sailor of forty", [], cast)
    assert wrong_with("The sailor is on the left.", seen, "new_head", "a sailor of forty", [], cast)


def test_bare_lengths_come_in_the_order_of_the_question():
    both = (NOSE, replace(NOSE, label="her mouth width"))
    assert not wrong_with("M1 and M2.", both, "question", "nose and mouth?", [], people("F"))
    assert wrong_with("M2 and M1.", both, "question", "nose and mouth?", [], people("F"))


def test_no_length_is_called_another():
    both = (NOSE, replace(NOSE, label="her nose width before"))
    assert wrong_with("Her nose is M1 wide, which is M2.", both, "edit", "narrower", [], people("F"))
    assert not wrong_with("Her nose is M1 wide now. Before it was M2.", both, "edit", "narrower", [], people("F"))


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
    talk = spoken(lambda prompt: "Across it is M1." if "[question]" in prompt else "")
    talk.say("a woman")
    text = talk.say("how many mm is her nose wide?").text
    assert text == f"Across it is {talk.face.measure()['nose_breadth'].value_mm:.1f} mm."


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
