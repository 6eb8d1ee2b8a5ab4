"""Conversations of several turns: who is meant, what is done with whom, what is taken back, and what is answered."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.dialogue import changing
from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.changes.told import of_changes
from facegpt.language.dialogue.changing import by_pronouns, clauses, wishes
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.deciding import NEEDS_SOMEBODY, Evidence, decide
from facegpt.language.dialogue.set_answers import small_answer
from facegpt.language.dialogue.takings import takings
from facegpt.language.dialogue.who import references
from facegpt.language.dialogue.who.introducing import with_sexes_said
from facegpt.language.dialogue.who.people_in_words import wanted_people
from facegpt.language.dialogue.who.references import meant
from facegpt.language.dialogue.wording import length_now, measured, whose
from facegpt.language.head_request import MillimetreGoal
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture(scope="module")
def pair(model) -> Cast:
    heads = [model.imagine("a woman", seed=1), model.imagine("a man", seed=2)]
    return Cast().with_new(heads, sex=["F", "M"], names=[("anna",), ("the boxer",)])


def nose(face) -> float:
    return face.measure()["nose_breadth"].value_mm


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("make her nose wider", (1,)),
        ("the man should smile", (2,)),
        ("Anna looks sad", (1,)),
        ("give the boxer a beard", (2,)),
        ("both of them, older", (1, 2)),
        ("the second one, angrier", (2,)),
        ("the last one", (2,)),
        ("head 1 please", (1,)),
        ("open both eyes of the boxer", (2,)),
    ],
)
def test_words_mean_the_right_people(pair, text, who):
    assert meant(text, pair) == who


def test_the_other_one_is_whoever_was_not_spoken_of(pair):
    assert meant("and the other one", replace(pair, focus=(1,))) == (2,)
    assert meant("wider", replace(pair, focus=(1,))) == (1,)


def test_a_change_of_two_people_is_cut_in_two(pair):
    found = clauses("make her nose bigger and his smaller", pair, (1, 2))
    assert [who for _, who in found] == [(1,), (2,)] and "nose" in found[1][0]
    assert [who for _, who in clauses("make her nose bigger and her mouth wider", pair, (1,))] == [(1,)]


@pytest.mark.parametrize(("odds", "whom"), [((5.0, 0.0, 4.0), {1, 2}), ((5.0, 0.0, 1.0), {1})])
def test_people_whom_clauses_name_count_where_the_whole_text_may_mean_them(pair, monkeypatch, odds, whom):
    """odds: that the network gives the first, the second, and both of them."""
    of = {(1,): odds[0], (2,): odds[1], (1, 2): odds[2]}
    monkeypatch.setattr(references, "_log_odds", lambda options, *_: np.array([of[tuple(sorted(o))] for o in options]))
    monkeypatch.setattr(references, "load_whom_network", lambda: SimpleNamespace(fits=lambda states: True))
    found = clauses("nothing new for the woman. bites a lip, the man", pair, (1,), np.zeros((3, 3, 4)))
    assert {number for _, who in found for number in who} == whom


def test_pronouns_of_two_sexes_tell_two_people_apart_whatever_the_network_says(pair, monkeypatch):
    monkeypatch.setattr("facegpt.language.dialogue.changing.as_likely", lambda *_: False)
    found = clauses("make her angry and give him a moustache", pair, (2,), None)
    assert found == [("make her angry", (1,)), ("give him a moustache", (2,))]


def test_a_sex_that_the_words_use_is_taken_by_the_likeliest_head_of_a_photo():
    faces = [
        SimpleNamespace(attributes={"masculinity": share}, params=SimpleNamespace(hair=None), man=None)
        for share in (0.3, 0.48)
    ]
    women = Cast().with_new(faces, photo=True, sex=["F", "F"])
    assert [p.sex for p in with_sexes_said("make him bald", women).people] == ["F", "M"]
    assert [p.sex for p in with_sexes_said("make her bald", women).people] == ["F", "F"]


def test_a_part_is_taken_from_whom_it_belongs_to(pair):
    (found,) = takings("give him her nose", pair)
    assert (found.to, found.source, found.parts) == (2, 1, ("nose",))
    assert {(t.to, t.source) for t in takings("swap their eyes", pair)} == {(1, 2), (2, 1)}
    assert takings("make her nose wider", pair) == [] == takings("swap her smile for a frown", pair)


@pytest.mark.parametrize(
    ("marked", "texts"),
    [
        ("|an old man with a beard and |a young woman", ["an old man with a beard", "a young woman"]),
        ("|a sad cook and |a happy nun, both old", ["a sad cook, old", "a happy nun, old"]),
        ("two men, |one with a big nose and |one with big ears", ["a man with a big nose", "a man with big ears"]),
        ("a woman with the nose of a boxer", ["a woman with the nose of a boxer"]),
    ],
)
def test_each_person_has_a_description_of_their_own(marked, texts):
    pieces = marked.split("|")
    starts = [len("".join(pieces[:k])) for k in range(1, len(pieces))]
    assert [wanted.text for wanted in wanted_people("".join(pieces), starts)] == texts


@pytest.mark.parametrize("act", ["undo", "redo", "back", "edit", "take", "small_talk", "question"])
def test_the_likeliest_act_is_done_where_it_can_be(pair, act):
    twice = pair.with_changes({1: pair.person(1).face}).with_changes({1: pair.person(1).face})
    there = replace(twice.undone(), said=Said("undo", "undo", (1,))) if act == "redo" else twice
    assert decide("so be it", there, 0, Evidence(0.0, acts={act: 9.0})) == act
    assert decide("so be it", pair, 0, Evidence(0.0, acts={"redo": 5.0, "edit": 4.0})) == "edit"


def test_nothing_is_taken_mixed_or_changed_where_nobody_is():
    for text in ("give him her nose", "mix them", "make it wider", "which of them is older?"):
        assert decide(text, Cast(), 0, Evidence(0.0)) not in NEEDS_SOMEBODY


def test_numbers_of_answers_are_those_measured(model, pair):
    person = pair.person(2)
    facts = model.facts(person.face)
    for name, measure in person.face.measure().items():
        said = measured(name, facts, whose(person, pair))
        assert f"{measure.value_mm:.1f} mm" in said and "the boxer's" in said.lower()
        assert len(re.findall(r"\d+\.\d", said)) == 1
    before, after = pair.person(1).face, person.face
    told = length_now("nose_breadth", model.facts(before), model.facts(after), person, pair)
    assert all(f"{nose(face):.1f} mm" in told for face in (before, after))


def test_steps_are_taken_back_and_done_again(model, pair):
    wider = model.imagine("a woman with a broad nose", seed=1)
    cast = pair.with_changes({1: wider})
    assert cast.person(1).face is wider and cast.person(2).face is pair.person(2).face
    back = cast.undone()
    assert back.person(1).face is pair.person(1).face and back.undone() is None
    assert back.redone().person(1).face is wider
    assert cast.undone((2,)) is None


def test_a_conversation_changes_undoes_and_answers(model):
    talk = Conversation(model)
    talk.say("a woman with a narrow nose")
    first = talk.face
    talk.say("give her a much wider nose.")
    wide = nose(talk.face)
    assert wide > nose(first) + 2  # mm
    assert f"{wide:.1f} mm" in talk.say("how wide is her nose?").text
    reply = talk.say("undo that")
    assert reply.faces == [talk.face] and nose(talk.face) == pytest.approx(nose(first))
    talk.say("redo it")
    assert nose(talk.face) == pytest.approx(wide)
    talk.say("back to the original please")
    assert np.array_equal(talk.face.params.identity, first.params.identity)
    assert len(talk.cast.people) == 1


def test_who_is_changed_is_said_and_nobody_else_changes(model):
    talk = Conversation(model)
    talk.say("a sad man and a happy woman")
    man, woman = (person.face for person in talk.cast.people)
    reply = talk.say("give the man a much wider nose.")
    assert "the man" in reply.text.lower()
    assert talk.cast.person(2).face is woman and nose(talk.cast.person(1).face) > nose(man) + 2  # mm


def test_a_change_in_millimetres_comes_again_by_as_many(model, pair):
    goal = MillimetreGoal("nose_breadth", "change", -1.0)
    request = replace(open_request(), millimetres=(goal,), is_edit=True)
    cast = replace(pair, change=Said("edit", "the nose 1 mm narrower", (1,), (), request))
    for words in ("same again", "Again.", "and once more please"):
        (wish,) = wishes(model, words, cast, (1,))
        assert wish.request.millimetres == (goal,)


def test_what_a_part_and_its_measure_share_is_said_once(model):
    before = Cast().with_new([model.imagine("a man", seed=2)])
    smaller = np.zeros(len(ATTRIBUTES))
    smaller[[ATTRIBUTES.index("nose_size"), ATTRIBUTES.index("nose_width")]] = -2
    request = replace(open_request(), attribute_mean=smaller, is_edit=True)
    after = before.with_changes({1: model.edit(before.person(1).face, "make the nose much narrower.")})
    told = of_changes(model, before, after, {1: request})
    lines = re.split(r"(?<=[.]) ", told)
    assert len(set(lines)) == len(lines) and sum("nose width" in line for line in lines) == 1


def test_small_talk_is_short_and_says_no_numbers():
    for text in ("thanks!", "hi", "what can you do?", "merci", "🙂", "flibbertigibbet"):
        answer = small_answer(text, "small_talk")
        assert 0 < len(answer.split()) < 40 and not any(c.isdigit() for c in answer)


def test_nouns_that_say_who_is_meant_are_no_part_of_the_change(pair):
    for text, plain in {
        "make grandma smile": "make her smile",
        "give the old man a beard": "give him a beard",
        "my granny's nose is too long": "her nose is too long",
        "make her 30 years younger": "make her 30 years younger",
    }.items():
        assert by_pronouns(text, pair) == plain


def test_the_same_for_somebody_else_but_less(model, pair):
    asked = replace(open_request(), emotion="happiness", intensity=0.8, is_edit=True)
    after = replace(pair, change=Said("edit", "make her smile", (1,), (), asked), focus=(2,))
    wish = wishes(model, "and him too, but just a little", after, (2,))[0]
    assert wish.number == 2 and wish.request.emotion == "happiness" and wish.request.intensity == pytest.approx(0.4)
    for text, intensity in {"him too, a little": 0.4, "but him too": 0.8, "and now him": 0.8}.items():
        assert wishes(model, text, after, (2,))[0].request.intensity == pytest.approx(intensity)


def test_a_thing_comes_off_in_a_request_that_goes_on_to_a_part_of_the_face(pair):
    asked = replace(pair, question=Said("question", "is that a hat?", (1,)))
    assert changing._filled("take it off and make her hair short", asked, 1).startswith("take the hat off")
    assert changing._filled("take the nose and make it longer", asked, 1) == "take the nose and make it longer"
