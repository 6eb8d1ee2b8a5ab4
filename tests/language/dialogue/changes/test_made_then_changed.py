"""Heads that a turn asks for and changes at once; questions for print and size, for smiles, for how far off average."""

from __future__ import annotations

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.lips import Lips
from facegpt.describe.seen_movements import without_explained
from facegpt.describe.sentences import Facts, expression_words
from facegpt.language.dialogue import doing
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.made_first import only_made, with_heads_first
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.claims import Claim
from facegpt.language.dialogue.questions.comparing import by_expression
from facegpt.language.dialogue.questions.norms import off_average
from facegpt.language.dialogue.set_answers import set_answer
from facegpt.morphable.measure import percentile, reference
from facegpt.types import Measure

SMILE = ("mouthSmileLeft", "mouthSmileRight")


@pytest.fixture(scope="module")
def two() -> Cast:
    """A man and a woman of photos."""
    model = word_model()
    return Cast().with_new([model.imagine("an old woman", seed=k) for k in range(2)], photo=True, sex=["M", "F"])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "make heads of both, and give the man the woman's nose",
            ["make heads of both", "give the man the woman's nose"],
        ),
        ("make heads of both and make the woman laugh", ["make heads of both", "make the woman laugh"]),
        ("I want 3d heads of both, but with the man bald", ["I want 3d heads of both", "make the man bald"]),
        (
            "make heads of the man and the woman, and make her older",
            ["make heads of the man and the woman", "make her older"],
        ),
        ("make the man older and the woman younger", ["make the man older and the woman younger"]),
        ("make a head of her, but bald", ["make a head of her, but bald"]),
    ],
)
def test_heads_asked_for_first_are_a_part_of_their_own(two, text, parts):
    assert with_heads_first([text], two) == parts


def test_what_changes_a_head_is_no_mere_wish_for_it(two):
    assert only_made("make a head of each", two) == (1, 2)
    assert only_made("make a 3D model of her", two) == (2,)
    assert only_made("make a sad head of her", two) == () == only_made("make a head of another man", two)


def _done(text: str, cast: Cast) -> doing.Done:
    """What comes of a turn that was taken for one that wants a new head."""
    return doing.do(Context(word_model(), text, cast, (), 0, lambda piece: None), "new_head")


def test_a_head_of_a_photo_made_with_a_change_has_the_change(two):
    before = two.person(2).face
    done = _done("make a head of her with a broad nose", two)
    assert len(done.cast.people) == 2 and done.shown == (2,)
    wide = [face.measure()["nose_breadth"].value_mm for face in (before, done.cast.person(2).face)]
    assert wide[1] > wide[0] + 0.5
    plain = _done("make a head of her", two)
    assert plain.shown == (2,) and plain.cast.person(2).face is before


def test_a_head_of_somebody_made_by_words_is_the_one_that_is_there():
    cast = Cast().with_new([word_model().imagine("an old woman")], sex=["F"])
    assert len(_done("make a head of her with a broad nose", cast).cast.people) == 1
    assert len(_done("make a head of another woman", cast).cast.people) == 2


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("can I 3d print him?", "printing"),
        ("could I print her on my 3d printer?", "printing"),
        ("is he life size?", "life_size"),
        ("is this model at true scale?", "life_size"),
        ("can you save him as glb?", "file"),
    ],
)
def test_questions_for_print_and_size_have_their_answers(text, key):
    answer = set_answer(text)
    assert answer is not None and answer.key == key


def test_a_question_for_a_print_makes_nobody():
    conversation = Conversation(word_model())
    conversation.say("a bald old man")
    answer = conversation.say("can I 3d print him?")
    assert "STL" in answer.text and "life size" in answer.text
    assert not answer.faces and len(answer.cast.people) == 1


def _of_photo(smile_mm: float, emotion: str = "", **weights: float) -> Facts:
    known = dict.fromkeys(ARKIT_NAMES, 0.0) | weights
    return Facts({}, blendshapes=known, scale_sd=0.04, lips=Lips(smile_mm, 3.0), emotion=emotion)


def test_who_smiles_more_is_told_by_measured_lips(two):
    claim = Claim("smiles", {}, dict.fromkeys(SMILE, 0.7), "", "", None, (), None, None)  # type: ignore[arg-type]
    facts = {1: _of_photo(9.0), 2: _of_photo(16.0)}
    told = by_expression((claim, None), "who is smiling more?", (1, 2), facts, two)
    assert told.startswith("The woman shows more of a smile than the man.")
    facts = {1: _of_photo(16.0), 2: _of_photo(16.2)}
    assert "about as much of a smile" in by_expression((claim, None), "who smiles more?", (1, 2), facts, two)


def test_a_plain_smile_is_told_by_its_name():
    weights = dict.fromkeys(SMILE, 0.6) | {"mouthRollUpper": 0.45, "mouthUpperUpLeft": 0.5, "browDownLeft": 0.35}
    told = expression_words(_of_photo(20.0, "happiness", **weights))
    assert told == "The face shows a smile; it looks most like happiness."
    clear = weights | {"browDownLeft": 0.8, "browDownRight": 0.8}
    assert "lowered brows" in expression_words(_of_photo(20.0, "happiness", **clear))
    known = dict.fromkeys(ARKIT_NAMES, 0.0) | {"browInnerUp": 0.32}
    assert without_explained({"raised inner brows": 0.32}, known, "sadness") == {"raised inner brows": 0.32}


def test_how_far_a_measure_is_off_the_average_is_told_in_millimetres():
    means = [mean for mean, _ in reference()["nose_breadth"].values()]
    value = float(np.mean(means)) + 3.0
    facts = Facts({"nose_breadth": Measure(value, percentile("nose_breadth", value))})
    told = off_average("nose_breadth", facts)
    assert f"{value:.1f} mm is 3.0 mm more than the average" in told and f"{np.mean(means):.1f} mm" in told
