"""Questions for yes or no: generated ones against what they claim, and the claims of written ones."""

from dataclasses import replace

import pytest

from facegpt.language.numbers import find_numbers
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.synthesis.texts.conversations import claim_of
from facegpt_lab.synthesis.texts.lexicon import looks
from facegpt_lab.synthesis.texts.yes_or_no import yes_or_no
from facegpt_lab.train.words.turn_examples import examples_of_turn


@pytest.fixture(scope="module")
def turns():
    return yes_or_no(1500, seed=3)


def test_they_are_the_same_for_the_same_seed_and_differ_for_another(turns):
    assert yes_or_no(20, seed=3) == turns[:20] != yes_or_no(20, seed=4)


def test_each_teaches_what_is_asked_and_what_is_claimed_and_wants_no_face(turns):
    for turn in turns:
        asked, claimed = examples_of_turn(turn)
        assert asked.task == claimed.task == "describe"
        assert asked.target.face == claimed.target.face == 0
        assert not asked.target.known and claimed.target.known and not claimed.target.is_edit and not claimed.faces


def test_two_questions_in_one_turn_are_one_claim_of_both(turns):
    claims = ({"attributes": {"nose_width": 1.0}}, {"attributes": {"jaw_width": -1.0}, "sex": "F"})
    two = replace(turns[0], text="is her nose wide, and the jaw narrow?", claims=claims)
    found = [each for each in examples_of_turn(two) if each.key.startswith("claim/")]
    assert len(found) == 1
    degrees = dict(zip(ATTRIBUTES, found[0].target.attribute_mean, strict=True))
    assert degrees["nose_width"] > 0 > degrees["jaw_width"]


def test_the_side_of_a_claimed_trait_is_that_of_its_word(turns):
    sides = {}
    for name, entry in looks().items():
        for mark, side in (("A+", 1), ("A-", -1)):
            sides |= {(name, phrase.text): side for phrase in entry.get(mark)}
    told = 0
    for turn in turns:
        for name, degree in turn.claims[0].get("attributes", {}).items():
            said = {
                side for (of, word), side in sides.items() if of == name and f" {word} " in f" {turn.text.lower()} "
            }
            told += said == {1 if degree > 0 else -1}
            assert said != {-1 if degree > 0 else 1}
    assert told > 200


def test_bounds_stand_in_their_text_with_their_side(turns):
    found = [turn for turn in turns if "mm" in turn.claims[0]]
    assert len(found) > 150
    lows = ("under", "below", "less", "<", "smaller", "at most", "short of", "not even")
    right = 0
    for turn in found:
        (goals,) = turn.claims[0]["mm"].values()
        ((side, amount),) = goals.items()
        values = [number.value * unit for number in find_numbers(turn.text) for unit in (1, 10, 25.4)]
        below = any(word in turn.text.lower() for word in lows)
        right += any(abs(value - amount) < 0.06 for value in values) and (side == "max") == below
    assert right > 0.93 * len(found)  # the others have slips of typing, or numbers in words


def test_a_written_question_claims_what_its_answer_is_checked_by():
    assert claim_of({"kind": "yes_no", "attribute": "ear_size", "pole": -1}) == {"attributes": {"ear_size": -1}}
    assert set(claim_of({"kind": "yes_no", "units": ["jawOpen"]})["expression"]) == {"jawOpen"}
    over = {"kind": "yes_no", "names": ["lip_length"], "above_mm": 50}
    assert claim_of(over) == {"mm": {"lip_length": {"min": 50}}}
    assert claim_of({"kind": "yes_no", "answer": "no"}) == {} == claim_of({"kind": "measure", "names": ["lip_length"]})
