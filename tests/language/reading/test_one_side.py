"""Words that move one side and leave open which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.reading.one_side import with_one_side
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request

LEFT, RIGHT = (ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right"))


def both_shut():
    weights, named = np.zeros(52), np.zeros(52, bool)
    weights[[LEFT, RIGHT]], named[[LEFT, RIGHT]] = 0.9, True
    return replace(open_request(), expression=weights, expression_named=named)


@pytest.mark.parametrize("text", ["wink", "a girl winking at you", "shut one eye", "one eye shut, the other wide open"])
def test_one_eye_stays_open(text):
    weights = with_one_side(both_shut(), text).expression
    assert sorted(weights[[LEFT, RIGHT]]) == [0.0, 0.9]


@pytest.mark.parametrize("text", ["close his eyes", "asleep", "wink with both eyes", "wink with the left eye"])
def test_what_says_both_or_which_is_left_as_it_was_read(text):
    np.testing.assert_array_equal(with_one_side(both_shut(), text).expression, both_shut().expression)


@pytest.mark.parametrize(("text", "sides"), [("an old lady, not smiling", 2), ("no smile on the left", 1)])
def test_what_rests_on_a_side_that_no_word_names_rests_on_both(text, sides):
    smile = np.isin(ARKIT_NAMES, ["mouthSmileLeft", "mouthSmileRight"])
    heard = replace(open_request(), expression=np.zeros(52), expression_named=np.isin(ARKIT_NAMES, ["mouthSmileLeft"]))
    named = np.asarray(with_one_side(heard, text).expression_named)
    assert named[smile].sum() == named.sum() == sides
