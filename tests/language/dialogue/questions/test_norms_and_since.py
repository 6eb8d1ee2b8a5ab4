"""Measures held against women or men, and against what they were before."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from stand_in import picture
from stand_in_words import word_model

from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.seen import State, _lengths, differences, is_same
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.claims import amount_of
from facegpt.language.dialogue.questions.keys import key_asked
from facegpt.language.dialogue.questions.norms import among, average, norm_in, usual
from facegpt.language.dialogue.questions.of_before import of_before
from facegpt.language.dialogue.set_answers import SINCE
from facegpt.morphable.measure import mean_mm, reference
from facegpt.types import Measure


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.mark.parametrize(
    ("text", "sex", "rest"),
    [
        ("is that short for a lady?", "F", "is that short?"),
        ("how thick is her neck compared with other women", "F", "how thick is her neck"),
        ("and for a guy of forty?", "M", "and?"),
        ("are his ears large for his age?", "M", "are his ears large?"),
        ("is it broad by the standards of most men?", "M", "is it broad?"),
    ],
)
def test_whom_a_measure_is_held_against_is_read_and_left_out_of_the_question(text, sex, rest):
    norm = norm_in(text)
    assert norm is not None and (norm.sex, norm.rest) == (sex, rest)


@pytest.mark.parametrize("text", ["is his nose wider than hers?", "make a hat for the man", "how wide is it?"])
def test_people_of_the_conversation_are_no_norm(text):
    assert norm_in(text) is None


def test_an_age_is_said_not_to_be_in_the_published_numbers():
    assert "not ages" in norm_in("is it long for a man of seventy?").beside
    assert "children" in norm_in("is it long for a boy?").beside
    assert not norm_in("is it long for a man?").beside


def test_the_mean_woman_is_the_median_among_women_and_below_it_among_men(model):
    facts = model.facts(model.imagine("a woman"))
    mean, _ = reference()["bizygomatic_breadth"]["F"]
    placed = {"bizygomatic_breadth": type(facts.measures["lip_length"])(mean, 30.0)}
    facts = type(facts)(placed)
    assert among(facts, "F").measures["bizygomatic_breadth"].percentile == pytest.approx(50)
    assert among(facts, "M").measures["bizygomatic_breadth"].percentile < 20
    assert among(facts, "") is facts


def test_a_follow_up_takes_the_measure_and_names_the_sex(model):
    conversation = Conversation(model)
    conversation.say("an old man")
    conversation.say("how wide is his nose?")
    assert "percentile of men" in conversation.say("and for a man?").text
    told = conversation.say("and for a woman of thirty?").text
    assert "percentile of women" in told and "not ages" in told


@pytest.mark.parametrize(
    "text", ["and in comparison with before?", "what is different now?", "did the nose get wider?"]
)
def test_questions_for_what_became_of_a_head_are_known(text):
    assert key_asked(text) == SINCE


@pytest.mark.parametrize("text", ["show her as before", "how wide is it?", "who has changed the world most?"])
def test_other_turns_are_none(text):
    assert key_asked(text) != SINCE


def test_a_length_is_held_against_what_it_was_before_its_last_change(model):
    conversation = Conversation(model)
    conversation.say("a woman")
    conversation.say("how wide is her nose?")
    assert "has not changed" in conversation.say("compared with before?").text
    was = conversation.face.measure()["nose_breadth"].value_mm
    conversation.say("a much wider nose please")
    conversation.say("make her smile")
    now = conversation.face.measure()["nose_breadth"].value_mm
    told = conversation.say("how much did her nose change?").text
    assert f"{now:.1f} mm now" in told and f"more than the {was:.1f} mm" in told
    assert f"{now - was:.1f} mm ({100 * (now - was) / was:.0f} %) more" in told


def test_all_that_changed_is_told_as_it_is_measured(model):
    conversation = Conversation(model)
    conversation.say("a woman")
    assert "Nothing was changed" in conversation.say("what is different now?").text
    conversation.say("make her smile")
    told = conversation.say("what is different now?").text
    assert "smile" in told and "mm" not in told


def test_two_equal_heads_differ_in_nothing(model):
    face = model.imagine("a man")
    state = State.of(model, face)
    person = Conversation(model).say("a man").cast.person(1)
    assert is_same(face.params, face.params) and not differences(state, state, person, Conversation(model).cast, 4)


def test_a_norm_says_nobodys_sex(model):
    conversation = Conversation(model)
    conversation.say("", images=[picture((100, 60, 180, 150))])
    sex = conversation.cast.person(1).sex
    other = {"M": "woman", "F": "man"}[sex]
    conversation.say(f"is the nose wide for a {other}?")
    assert conversation.cast.person(1).sex == sex


def test_the_verdict_on_a_part_rests_on_the_percentiles_that_are_told():
    large = Facts({"nose_breadth": Measure(40.0, 95.0), "nose_protrusion": Measure(20.0, 60.0)})
    assert amount_of("nose_size", large) > 0.25 > amount_of("nose_size", Facts({"nose_breadth": Measure(30.0, 20.0)}))


@pytest.mark.parametrize(
    ("percentile", "verdict"), [(74.0, "A little, but"), (60.0, "No,"), (30.0, "No,"), (95.0, "Yes,")]
)
def test_more_than_usual_agrees_with_the_standing_that_was_told(percentile, verdict):
    facts = SimpleNamespace(measures={"pupil_distance": Measure(64.0, percentile)}, among="adults")
    cast = SimpleNamespace(
        question=SimpleNamespace(asks=("pupil_distance",), who=(1,)), person=lambda number: SimpleNamespace(face=None)
    )
    context = SimpleNamespace(cast=cast, text="more than usual?", model=SimpleNamespace(facts=lambda face: facts))
    assert usual(context).startswith(verdict)


def test_the_largest_change_is_told_by_what_differs_from_before_it(model):
    conversation = Conversation(model)
    conversation.say("a woman")
    conversation.say("make her smile")
    context = SimpleNamespace(
        cast=conversation.cast, model=model, typed="", text="which of her features changes the most"
    )
    assert conversation.cast.past and "a smile" in of_before(context)


@pytest.mark.parametrize(
    ("text", "measure", "sex"),
    [
        ("how wide is a normal nose?", "nose_breadth", ""),
        ("what's the average distance between the eyes of an adult?", "inner_canthal_distance", ""),
        ("how long is the average woman's face?", "menton_sellion_length", "F"),
    ],
)
def test_what_adults_measure_on_average_is_told_of_nobody_here(text, measure, sex):
    assert f"{mean_mm(measure, sex or None):.1f} mm" in average(text)


@pytest.mark.parametrize("text", ["how wide is her nose?", "is her nose wider than average?", "what is love?"])
def test_no_average_answers_a_question_of_somebody_or_of_no_measure(text):
    assert average(text) == ""


def test_the_first_message_is_told(model):
    conversation = Conversation(model)
    conversation.say("make an old man")
    conversation.say("a wider nose")
    assert '"make an old man"' in conversation.say("what was my first request?").text


@pytest.mark.parametrize("text", ["is the person laughing?", "has this person a beard?", "is the person's mouth open"])
def test_what_one_person_does_asks_for_no_likeness(text):
    assert key_asked(text) == ""


def test_of_a_change_the_largest_lengths_are_told_in_order_and_how_many_are_not():
    def facts(**mm):
        return Facts({name: Measure(value, 50.0) for name, value in mm.items()})

    was = facts(nose_breadth=35.1, nasal_bridge_length=50.8, nose_protrusion=20.8, palpebral_fissure_length=27.7)
    now = facts(nose_breadth=37.3, nasal_bridge_length=47.9, nose_protrusion=19.1, palpebral_fissure_length=28.4)
    cast = Cast().with_new([word_model().imagine("a man")], sex=["M"])
    bridge, width, protrusion, rest = _lengths(was, now, cast.people[0], cast, 3)
    assert ("47.9" in bridge, "37.3" in width, "19.1" in protrusion) == (True, True, True)
    assert rest.startswith("1 other length")
