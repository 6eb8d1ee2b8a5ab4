"""FaceGPT-Bench, conversations: true answers, faces when asked for, on made-up answers and sampled heads."""

from __future__ import annotations

import pytest
from made_up_readings import obedient_heads, record
from stand_in_words import word_model

from facegpt.language.dialogue.conversation import Reply
from facegpt.morphable.measure import MEASURES
from facegpt.types import Measure
from facegpt_lab.evaluate.judges import answers
from facegpt_lab.evaluate.judges.instructions import INSTRUCTIONS
from facegpt_lab.evaluate.protocols.words import chat
from facegpt_lab.evaluate.protocols.words.text_system import Heads, Prior
from facegpt_lab.synthesis.texts.corpus import Record


@pytest.fixture(scope="module")
def obedient(head) -> Heads:
    return obedient_heads(head)


def measured(**values) -> dict[str, Measure]:
    return {name: Measure(30.0, 50.0) for name in MEASURES} | {n: Measure(*v) for n, v in values.items()}


def test_numbers_in_an_answer_must_be_the_measured_ones():
    measures = measured(nose_breadth=(38.24, 97.2), lip_length=(51.0, 40.0))
    for words, true in (
        ("The nose is wide: nose breadth 38.2 mm, the 97th percentile of adults.", True),
        ("The nose is wide: nose breadth 38.3 mm, the 97th percentile of adults.", False),
        ("The nose is wide: nose breadth 38.2 mm, the 96th percentile of adults.", False),
        ("The mouth is about average: lip length 38.2 mm, the 40th percentile of adults.", False),
        ("It smiles.", True),
    ):
        assert answers.numbers_true(words, measures) is true


def test_every_description_of_the_product_passes_the_check_of_its_numbers(head):
    from facegpt.describe.sentences import Facts, describe

    for z in head.sample(5, seed=1):
        measures = head.measure(z)
        text = describe(Facts(measures, head.attributes(z)))
        assert answers.numbers_true(text, measures) and answers.coverage(text, measures) == 1.0


@pytest.mark.parametrize(
    ("words", "name", "speaks"),
    [
        ("The nose is wide: nose breadth 38.2 mm.", "nose_width", True),
        ("The mouth is wide: lip length 51.0 mm.", "nose_width", False),
        ("The face shows a smile.", "expression", True),
        ("It looks about 40 years old.", "age_years", True),
        ("There are 3 faces.", "count", True),
        ("There is one face.", "count", False),
        ("It has brown hair, bob.", "hair_lightness", True),
    ],
)
def test_an_answer_speaks_of_what_was_asked(words, name, speaks):
    assert answers.speaks_of(words, name, measured(), faces=3) is speaks


def test_declining_is_recognised():
    assert answers.declines("A face does not show who somebody is.") and answers.declines("I can't tell her name.")
    assert not answers.declines("The nose is wide.")


def test_precision_and_recall_of_faces():
    def turn(wanted: bool, got: int, **labels) -> chat.Turn:
        return chat.Turn(record({"face": wanted, **labels}, task="chat"), (), Reply("", [None] * got))

    turns = [
        turn(True, 1),
        turn(True, 0),
        turn(False, 0),
        turn(False, 1),
        turn(True, 3, faces=3),
        turn(True, 1, faces=2),
    ]
    rows = {row.metric: row.value for row in chat.face_rows(turns)}
    assert rows["faces: precision"] == 0.75 and rows["faces: recall"] == 0.75
    assert rows["faces: the right number of them"] == 0.5


def test_a_sentence_becomes_a_conversation_with_its_heads(head):
    model = word_model()
    face = model.mean_face()
    before = Record("x", "make him older", "chat", "chat_face_wanted", "plain", {"face": True}, {"head": True})
    messages = chat.messages_of(before, [face])
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    photo = Record(
        "x", "how wide is the nose?", "describe", "describe", "plain", {"asks": ["nose_width"]}, {"image": True}
    )
    assert chat.messages_of(photo, [face])[0]["content"][0]["face"] is face


def test_questions_about_sampled_heads_are_answered_truly(obedient):
    prior = Prior.draw(obedient, 20)
    questions = [
        Record("a", "how wide is the nose?", "describe", "describe", "plain", {"asks": ["nose_width"]}),
        Record("b", "who is this?", "describe", "describe", "plain", {"asks": [], "decline": True}),
        Record("c", "how many faces?", "describe", "describe", "plain", {"asks": ["count"]}, {"faces": 3}),
    ]
    rows = {row.metric: row for row in chat.answer_rows(chat.ask_all(word_model(), prior, questions, (0, 1)), [])}
    assert rows["answers speak of what was asked"].value == 1.0 and rows["answers with only true numbers"].met
    assert rows["questions beyond a face declined"].value == 1.0 and rows["other questions declined"].value == 0.0


def test_there_are_a_hundred_instructions_and_their_checks_can_fail():
    assert len(INSTRUCTIONS) == 100 and len({i.text for i in INSTRUCTIONS}) == 100
    assert not any(instruction.passes("") for instruction in INSTRUCTIONS)
    assert INSTRUCTIONS[0].passes("It is Paris.") and not INSTRUCTIONS[0].passes("It is Parisian.")
