"""Words about eyes rest on how far the lids of the mesh are apart."""

from __future__ import annotations

import pytest

from facegpt.describe import sentences as words
from facegpt.describe.lids import lids_open
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.made_heads import mean_head


def lids(head, **weights: float) -> tuple[float, float]:
    return lids_open(mean_head(head).with_expression(weights).landmarks("mediapipe478", "head"))


def test_lids_meet_when_an_eye_is_shut_and_the_other_stays_as_it_is(head):
    rest = lids(head)
    left, right = lids(head, eyeBlinkLeft=1.0)
    assert left < 0.02 and right == pytest.approx(rest[1], abs=1e-3) and min(rest) > 0.25


@pytest.mark.parametrize(("weight", "word"), [(0.0, "open"), (0.3, "open"), (0.6, "narrowed"), (1.0, "shut")])
def test_eyes_are_called_by_how_far_they_are_open(head, weight, word):
    found = lids(head, eyeBlinkLeft=weight, eyeBlinkRight=weight)
    assert words.lids_words(Facts({}, lids=found)) == f"The eyes are {word}."


def test_half_lowered_lids_are_no_closed_eyes(head):
    weights = {"eyeBlinkLeft": 0.6, "eyeBlinkRight": 0.6}
    told = words.expression_words(Facts({}, blendshapes=weights, scale_sd=0.04, lids=lids(head, **weights)))
    assert "closed eyes" not in told and "narrowed eyes" in told


def test_a_wink_is_told_of_each_eye(head):
    assert words.lids_words(Facts({}, lids=lids(head, eyeBlinkLeft=1.0))) == "The left eye is shut, the right eye open."
