"""Whom words mean, whose part is taken, and which measure is asked for: people are stand-ins of a known age and sex."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from facegpt.describe.measure_words import MEASURE_WORDS
from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.questions.asked_names import asked_names
from facegpt.language.dialogue.takings import takings
from facegpt.language.dialogue.who.introducing import introduced
from facegpt.language.dialogue.who.people_in_words import names_of, wanted_people
from facegpt.language.dialogue.who.references import meant, mentions


def somebody(age: float = 40, smile: float = 0) -> Any:
    looks = {"age_years": age, "masculinity": 0.5, "heaviness": 0.5}
    shapes = {"mouthSmileLeft": smile, "mouthSmileRight": smile}
    return SimpleNamespace(attributes=looks, blendshapes=shapes, params=SimpleNamespace(hair=None))


def cast_of(*people: tuple[str, float], **fields: Any) -> Cast:
    return Cast().with_new([somebody(age) for _, age in people], sex=[sex for sex, _ in people], **fields)


@pytest.fixture
def boy_and_grandfather() -> Cast:
    return cast_of(("M", 8), ("M", 70), told=["a boy of eight", "his grandfather with bushy eyebrows"])


@pytest.fixture
def siblings() -> Cast:
    return introduced("My grandchildren, Ben and Lotte.", cast_of(("M", 10), ("F", 17), photo=True), (1, 2))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("the kid smiles", (1,)),
        ("The old man ought to have a soft smile.", (2,)),
        ("make the grandfather's nose longer", (2,)),
        ("both of them laugh", (1, 2)),
        ("the second one, sadder", (2,)),
    ],
)
def test_people_are_told_apart_by_age_description_and_order(boy_and_grandfather, text, who):
    assert meant(text, boy_and_grandfather) == who


def test_names_said_beside_a_photo_go_from_left_to_right(siblings):
    assert [person.names for person in siblings.people] == [("ben",), ("lotte",)]
    assert meant("how far apart are Lotte's eyes?", siblings) == (2,)
    assert meant("Ben looks sad", replace(siblings, focus=(2,))) == (1,)


def test_a_name_is_a_capital_inside_a_sentence():
    assert names_of("spawn avatar Kai, male, thin neck") == ["kai"]
    assert names_of("Make a man. His nose is wide.") == []
    assert names_of("one auditor, Ms Balance, 42, and Mr Ledger") == ["balance", "ledger"]


def test_a_pronoun_takes_up_whom_the_sentence_named(boy_and_grandfather):
    last_spoken_of_the_old_one = replace(boy_and_grandfather, focus=(2,))
    found = mentions("The kid is cheeky, he sticks out his tongue", last_spoken_of_the_old_one)
    assert {mention.who for mention in found} == {(1,)}


def test_the_other_eye_is_nobody(boy_and_grandfather):
    assert mentions("close the other eye", replace(boy_and_grandfather, focus=(1,))) == []
    assert meant("both eyes bigger", replace(boy_and_grandfather, focus=(1,))) == (1,)


def test_who_nobody_names_is_who_was_spoken_of(boy_and_grandfather):
    for number in (1, 2):
        assert meant("wider still", replace(boy_and_grandfather, focus=(number,))) == (number,)


@pytest.mark.parametrize(
    ("text", "to", "source"),
    [
        ("Put the eyes from B's sketch into the sketch of A.", 1, 2),
        ("transfer the eyes of the first to the second", 2, 1),
        ("lend the old man the kid's eyes", 2, 1),
        ("the kid with the eyes of the old man", 1, 2),
    ],
)
def test_a_part_goes_from_its_owner_to_the_other(boy_and_grandfather, text, to, source):
    (found,) = takings(text, boy_and_grandfather)
    assert (found.to, found.source, found.parts) == (to, source, ("eyes",))


def test_her_his_nose_is_his():
    pair = cast_of(("F", 40), ("M", 40))
    assert [(t.to, t.source) for t in takings("give her his nose", pair)] == [(1, 2)]
    assert [(t.to, t.source) for t in takings("give him her nose", pair)] == [(2, 1)]


def test_a_part_alone_goes_the_way_of_the_part_before(boy_and_grandfather):
    after = replace(boy_and_grandfather, change=Said("take", "lend the old man the kid's eyes", (2, 1)))
    (found,) = takings("And the nose.", after)
    assert (found.to, found.source, found.parts) == (2, 1, ("nose",))
    assert takings("And the nose.", boy_and_grandfather) == []


def test_where_no_part_is_named_those_of_the_last_taking_are_meant(boy_and_grandfather):
    after = replace(boy_and_grandfather, change=Said("take", "lend the old man the kid's eyes", (2, 1)))
    (found,) = takings("and the other way round, from him to the kid", after, surely=True)
    assert found.parts == ("eyes",)
    assert takings("and the other way round, from him to the kid", boy_and_grandfather, surely=True) == []


def test_what_the_act_tells_counts_against_taking_nothing(boy_and_grandfather):
    none = {"none": 1.0, "pair": 0.0}
    assert takings("the nose, please", boy_and_grandfather, none) == []
    assert takings("the nose, please", boy_and_grandfather, none, surely=True) != []
    assert takings("the nose, please", boy_and_grandfather, {"none": 9.0}, surely=True) == []


def test_the_elder_and_the_younger_are_two():
    text = "Two brothers. The elder is gaunt with a long chin; the younger is fat with a short chin."
    wanted = wanted_people(text, [text.index("The elder"), text.index("the younger")])
    assert ["gaunt" in each.text for each in wanted] == [True, False]
    assert ["short chin" in each.text for each in wanted] == [False, True]


@pytest.mark.parametrize(
    ("question", "measures"),
    [
        ("bizyg?", ("bizygomatic_breadth",)),
        ("distance between the pupils", ("interpupillary_distance",)),
        ("how far does the nose stick out", ("nose_protrusion",)),
        ("Philtrum. Length and width.", ("philtrum_length", "philtrum_width")),
        ("nose width and ear length please", ("nose_breadth", "ear_length")),
        ("how wide is it now?", ()),
        ("and in cm?", ()),
    ],
)
def test_a_question_names_its_measures(question, measures):
    assert asked_names(question) == measures
    assert set(measures) <= set(MEASURE_WORDS)
