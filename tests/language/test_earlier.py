"""What the language model is told of the turns before the last: notes by labels and by what was read."""

import numpy as np
import torch

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.earlier import LONGEST, MOST_TURNS, Earlier, in_context, note_of_labels, note_of_request
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.model.face_head import FaceHead, FaceHeadSizes
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN


def _request(attributes=(), units=(), **fields):
    mean = np.zeros(len(ATTRIBUTES))
    for name, degree in dict(attributes).items():
        mean[ATTRIBUTES.index(name)] = degree
    weights, named = np.zeros(52), np.zeros(52, bool)
    for name, weight in dict(units).items():
        weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    return HeadRequest(mean, 0 * mean, expression=weights, expression_named=named, is_edit=True, **fields)


def test_what_was_read_is_noted_as_its_labels_would_be():
    labels = {
        "attributes": {"nose_width": -1.0, "jaw_width": 2.0},
        "mm": {"ear_length": {"change": -3.0}, "nose_breadth": {"value": 36.0}},
        "expression": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
        "expression_off": ["jawOpen"],
        "emotion": "anger",
    }
    goals = (MillimetreGoal("ear_length", "change", -3.0), MillimetreGoal("nose_breadth", "value", 36.0))
    units = {**labels["expression"], "jawOpen": 0.0}
    read = _request(labels["attributes"], units, millimetres=goals, emotion="anger")
    assert note_of_request("edit", read) == note_of_labels("edit", labels)


def test_a_note_says_which_way_and_which_side():
    note = note_of_labels("edit", {"mm": {"ear_length": {"change": -3.0}}, "attributes": {"nose_width": 1}})
    assert note == "less ear length in mm, more nose width"
    assert note_of_labels("edit", {"expression": {"eyeBlinkLeft": 1.0}}) == "eye blink left"
    assert note_of_labels("edit", {"expression": dict.fromkeys(("eyeBlinkLeft", "eyeBlinkRight"), 1.0)}) == "eye blink"
    assert note_of_labels("question", {}, ["nose_width"]) == "nose width?"
    assert note_of_labels("small_talk", {}) == "small talk" and note_of_request("undo", None) == "undo"


def test_faint_companions_of_a_change_are_not_noted():
    assert note_of_request("edit", _request({"nose_width": 2.0, "nose_size": 0.1})) == "more nose width"


def test_the_last_turns_stand_before_the_text_in_their_order_and_are_short():
    earlier = [Earlier(f"turn {k} " + "x" * 500, f"note {k}") for k in range(MOST_TURNS + 2)]
    turns = in_context(earlier, "and now?")
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * MOST_TURNS + ["user"]
    assert turns[-1]["content"] == "and now?" and turns[-2]["content"] == f"note {MOST_TURNS + 1}"
    assert turns[0]["content"].startswith("turn 2 ") and max(len(t["content"]) for t in turns) == LONGEST
    assert in_context([], "a man") == [{"role": "user", "content": "a man"}]


def _head():
    torch.manual_seed(0)
    sizes = FaceHeadSizes(len(ATTRIBUTES), 52, len(EMOTIONS), len(MEASURES_SPOKEN), 5, (0,))
    return FaceHead(2, 6, sizes, width=16).eval()


def test_tokens_of_earlier_turns_do_not_vote():
    head, tokens = _head(), torch.randn(1, 7, 16, requires_grad=True)
    voting = (torch.arange(7) >= 4)[None]
    sum(votes.square().sum() for votes in head._count_votes(tokens, voting)).backward()
    reached = tokens.grad[0].abs().sum(1) > 0
    assert reached.tolist() == [False] * 4 + [True] * 3


def test_a_text_without_earlier_turns_is_read_the_same_with_and_without_their_number():
    head, states = _head(), torch.randn(1, 7, 2, 6)
    given = (states, torch.ones(1, 7), torch.tensor([6]), torch.tensor([0]), torch.tensor([[0, 2, 3]]))
    alone, told = head(*given), head(*given, torch.tensor([0]))
    assert torch.equal(alone.attribute_class, told.attribute_class) and torch.equal(alone.gate, told.gate)
    later = head(*given, torch.tensor([4]))
    assert not torch.equal(alone.attribute_class, later.attribute_class)
    assert torch.equal(alone.number_measure, later.number_measure)  # numbers see every turn
