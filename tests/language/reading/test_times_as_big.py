"""Multiples of a size ask for lengths, and what the head lacks of them is told in numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.changed_request import no_change, with_traits
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.told import of_changes
from facegpt.language.head_request import MillimetreGoal
from facegpt.language.reading.edits.times_as_big import with_multiples


@pytest.mark.parametrize(
    ("text", "plain", "share"),
    [
        ("make the nose twice as big", "make the nose bigger", 100),
        ("his nose three times as wide", "his nose wider", 200),
        ("the nose half as long", "the nose longer", -50),
        ("double the size of the nose", "the nose bigger", 100),
        ("smile, and the nose 2x as big please", "the nose bigger please", 100),
    ],
)
def test_a_multiple_is_a_share_of_the_lengths(text, plain, share):
    heard = []

    def read(words):
        heard.append(words)
        return with_traits(no_change(), {"nose_size": 1.0}, 0.0)

    found = with_multiples(with_traits(no_change(), {"nose_size": 1.1}, 0.0), text, read)
    assert heard == [plain] and {goal.measure for goal in found.millimetres} > {"nose_breadth", "nose_protrusion"}
    assert {(goal.kind, goal.amount) for goal in found.millimetres} == {("percent", share)}
    assert not np.any(found.attribute_mean)


@pytest.mark.parametrize("text", ["a bigger nose", "smile twice", "half a smile", "make it half as much"])
def test_other_words_are_left_as_they_are(text):
    asked = with_traits(no_change(), {"nose_size": 1.1}, 0.0)
    assert with_multiples(asked, text, lambda words: no_change()) == asked or not asked.millimetres


def test_what_a_head_lacks_of_a_multiple_is_told_as_measured():
    model = word_model()
    face, wider = model.imagine("a man"), model.imagine("a man with a broad nose")
    was, now = (each.measure()["nose_breadth"].value_mm for each in (face, wider))
    cast = Cast().with_new([face], sex=["M"])
    asked = replace(no_change(), millimetres=(MillimetreGoal("nose_breadth", "percent", 100.0),))
    told = of_changes(model, cast, cast.with_changes({1: wider}), {1: asked})
    assert f"{now:.1f} mm" in told and "asked for +100 %" in told and f"{100 * (now / was - 1):+.0f} %" in told
