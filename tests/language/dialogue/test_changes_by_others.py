"""A change of somebody by somebody else, and one thing of several that is taken back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.glasses.colours import glasses_like
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.of_others import taken_over
from facegpt.language.dialogue.changes.taken import worn_of_another
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.takings import takings


@pytest.fixture
def pair():
    conversation = Conversation(word_model())
    conversation.say("an old man and a young woman")
    return conversation


def heads(conversation):
    return [person.face for person in conversation.cast.people]


def test_he_smiles_as_she_does_and_she_stays(pair):
    pair.say("make the woman smile")
    man, woman = heads(pair)
    pair.say("make him look as happy as she is")
    after, same = heads(pair)
    assert np.allclose(after.params.expression, woman.params.expression) and same is woman
    assert np.allclose(after.params.identity, man.params.identity)


def test_a_nose_gets_the_length_of_another(pair):
    pair.say("make her nose as long as his")
    man = heads(pair)[0].measure()["nose_height_nasion_subnasale"].value_mm
    (goal,) = pair.cast.said.request.millimetres
    assert (goal.measure, goal.kind) == ("nose_height_nasion_subnasale", "value") and goal.amount == pytest.approx(man)


def test_older_than_somebody_is_older_than_they_are(pair):
    man = heads(pair)[0]
    pair.say("make her older than him")
    assert min(pair.cast.said.request.age_years) > man.attributes["age_years"] and heads(pair)[0] is man


def test_a_hair_colour_is_taken_over_without_the_cut(pair):
    man, woman = (face.params.hair for face in heads(pair))
    pair.say("give her his hair colour")
    after = heads(pair)[1].params.hair
    assert after.colour == man.colour and after.style == woman.style


def with_hair(face, **fields):
    return replace(face, params=face.params.replace(hair=replace(face.params.hair, **fields)))


@pytest.mark.parametrize("text", ["swap their hair colours", "let them swap hair colours"])
def test_two_exchange_their_hair_colours_and_keep_their_cuts(text):
    model = word_model()
    red = with_hair(model.imagine("a young woman"), colour=(0.4, 0.2, 0.1), style="bob")
    cast = Cast().with_new([model.imagine("an old man"), red], photo=True, sex=["M", "F"])
    man, woman = (person.face.params.hair for person in cast.people)
    done = worn_of_another(Context(model, text, cast, (), 0, lambda piece: None))
    his, hers = (person.face.params.hair for person in done.cast.people)
    assert (his.colour, hers.colour) == (woman.colour, man.colour)
    assert (his.style, hers.style) == (man.style, woman.style)


def test_one_of_two_changes_is_taken_back_and_the_later_one_stays():
    conversation = Conversation(word_model())
    conversation.say("a man with a narrow nose")
    start = conversation.face.measure()
    conversation.say("make his nose broader")
    conversation.say("let him smile")
    smiling = conversation.face.params.expression
    conversation.say("undo the nose")
    now = conversation.face.measure()
    assert now["nose_breadth"].value_mm == pytest.approx(start["nose_breadth"].value_mm, abs=0.3)
    assert np.allclose(conversation.face.params.expression, smiling) and smiling.max() > 0.3


def test_undo_of_everything_since_is_no_undo_of_a_part():
    conversation = Conversation(word_model())
    conversation.say("a man with a narrow nose")
    start = conversation.face
    conversation.say("make the mouth wider")
    conversation.say("make his nose broader")
    conversation.say("undo both")
    assert np.allclose(conversation.face.params.identity, start.params.identity)


def test_lengths_are_told_in_whole_numbers_where_that_is_asked():
    conversation = Conversation(word_model())
    conversation.say("an old man")
    conversation.say("how wide is his nose?")
    width = conversation.face.measure()["nose_breadth"].value_mm
    answer = conversation.say("round it off")
    assert f"{width:.0f} mm" in answer.text and not answer.faces


def test_a_thing_is_taken_back_of_whom_it_was_changed_whoever_came_later(pair):
    pair.say("make the man's nose broader")
    broad = heads(pair)[0].measure()["nose_breadth"].value_mm
    pair.say("let the woman smile")
    woman = heads(pair)[1]
    pair.say("undo just the nose")
    man, same = heads(pair)
    assert man.measure()["nose_breadth"].value_mm < broad - 1 and same is woman


def test_each_clause_is_done_for_whom_it_names(pair):
    pair.say("the woman should look sad, the man happy")
    man, woman = (face.blendshapes for face in heads(pair))
    assert man["mouthSmileLeft"] > 0.3 and woman["mouthSmileLeft"] < 0.1


def test_she_gets_his_glasses_though_he_took_them_off(pair):
    man = heads(pair)[0]
    his = glasses_like("square", "red", None, None)
    first = replace(man, params=man.params.replace(glasses=his))
    people = tuple(replace(p, first=first) if p.number == 1 else p for p in pair.cast.people)
    cast = replace(pair.cast, people=people)  # he came with glasses, and wears none now
    wanted = takings("give her his glasses", cast)
    after = taken_over(cast, wanted, "give her his glasses")
    assert after.person(2).face.params.glasses == his and after.person(1).face is man
