"""Words of a feeling are told weak, plain and strong; words for what no head shows give no feeling."""

import csv

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.strengths_network import STRENGTHS, named_and_strength, part_of
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.synthesis.texts.corpus import corpus_folder


def test_a_strength_is_the_mean_of_those_that_are_likely():
    assert named_and_strength(np.log([0.5, 0.25, 0.25, 1e-9])) == pytest.approx((0.5, 0.525), abs=1e-6)
    assert STRENGTHS[0] == 0.0
    assert {part_of(name) for name in ARKIT_NAMES} == {"brow", "cheek", "eye", "jaw", "mouth", "nose", "tongue"}


@pytest.mark.parametrize(
    ("texts", "emotion"),
    [
        (("he looks irritated", "a wrathful man", "he looks enraged"), "anger"),
        (("she looks apprehensive", "she looks alarmed", "she looks panic-stricken"), "fear"),
        (("she looks satisfied", "she looks merry", "she looks euphoric"), "happiness"),
    ],
)
def test_words_that_were_not_learnt_from_are_told_in_their_order(shipped_words, texts, emotion):
    requests = [shipped_words.read(text).request for text in texts]
    assert [each.emotion for each in requests] == [emotion] * 3
    strengths = [each.intensity for each in requests]
    assert strengths == sorted(strengths) and strengths[2] - strengths[0] > 0.3


def test_a_smile_is_less_than_a_grin_from_ear_to_ear(shipped_words):
    smile = [name.startswith("mouthSmile") for name in ARKIT_NAMES]
    less, more = (
        shipped_words.read(text).request.expression[smile].max()
        for text in ("a shy little half-smile", "an enormous grin")
    )
    assert 0.1 < less < more - 0.3


@pytest.mark.parametrize("text", ["he keeps goats", "he likes soup", "a woman with a yellow van"])
def test_habits_and_things_give_no_feeling(shipped_words, text):
    request = shipped_words.read(text).request
    assert isinstance(request, HeadRequest) and request.emotion == "" and len(request.attribute_mean) == len(ATTRIBUTES)


def test_words_that_are_held_out_are_in_no_row_that_is_learnt_from():
    with (corpus_folder() / "strengths.csv").open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    held, learnt = ({row["text"] for row in rows if row["held_out"] == side} for side in "10")
    assert len(held) + len(learnt) == len(rows) and len(held) > 250
