"""What a length lacks of a named one is told, and nothing is changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.exact import asks_to_reach, to_reach
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("how much wider does her mouth need to be to reach 55 mm?", True),
        ("what would it take to get a chin of 40 mm", True),
        ("how wide is her mouth?", False),
        ("make her nose 35 mm wide", False),
    ],
)
def test_questions_for_a_difference_are_known(text, asks):
    assert asks_to_reach(text) == asks


def test_the_difference_is_that_of_the_measures():
    model, nothing = word_model(), np.zeros(len(ATTRIBUTES))
    talk = Conversation(model)
    talk.say("a woman")
    has = talk.face.measure()["nose_breadth"].value_mm
    request = HeadRequest(nothing, nothing, millimetres=(MillimetreGoal("nose_breadth", "value", has - 2.5),))
    context = SimpleNamespace(
        model=model, cast=talk.cast, who=(1,), text="what would it take to get 30 mm?",
        read=lambda is_edit: SimpleNamespace(request=request),
    )  # fmt: skip
    told = to_reach(cast(Any, context))
    assert f"is {has:.1f} mm; 2.5 mm less would make it {has - 2.5:.1f} mm." in told
