"""Translations of the corpus: each belongs to a sentence, and a reading is told in the corpus's own labels."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.evaluate.protocols.words.languages import OTHERS, labels_of, rows, translations
from facegpt_lab.synthesis.texts.corpus import load_corpus


@pytest.mark.parametrize("language", OTHERS)
def test_each_translation_is_of_a_sentence_of_the_corpus_and_keeps_its_numbers(language):
    texts = {record.id: record.text for record in load_corpus("all")}
    told = translations(language)
    assert len(told) == 500 and told.keys() <= texts.keys()
    digits = {key: sorted(c for c in text if c.isdigit()) for key, text in told.items()}
    assert all(digits[key] == sorted(c for c in texts[key] if c.isdigit()) for key in told)


def test_a_reading_is_told_as_labels():
    mean = np.zeros(len(ATTRIBUTES))
    mean[ATTRIBUTES.index("nose_width")] = 1.2
    request = HeadRequest(
        man=0.97,
        age_years=(60.0, 80.0),
        attribute_mean=mean,
        attribute_spread=np.ones(len(mean)),
        emotion="anger",
        intensity=0.7,
    )
    labels = labels_of(request)
    assert labels["sex"] == "M" and labels["age_years"] == (60.0, 80.0)
    assert labels["attributes"] == {"nose_width": pytest.approx(1.2)} and labels["emotion"] == "anger"


def test_other_languages_are_held_to_english():
    told = {
        row.metric: row
        for row in rows({"English": {"whole": 0.5}, "German": {"whole": 0.41}, "Spanish": {"whole": 0.3}})
    }
    assert told["German: all of a sentence"].met and not told["Spanish: all of a sentence"].met
