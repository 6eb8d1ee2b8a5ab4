"""Captions are true by construction, varied, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random

import numpy as np
import pytest

from facegpt.language.numbers import find_numbers
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.text_targets import FACE_TOKEN, target_from_labels
from facegpt_lab.synthesis.texts.captions import draw_looks, item_for
from facegpt_lab.synthesis.texts.captions_denials import draw_comparison, draw_denial
from facegpt_lab.synthesis.texts.captions_edits import draw_edit
from facegpt_lab.synthesis.texts.captions_expressions import draw_emotion, draw_expression_edit, draw_movement
from facegpt_lab.synthesis.texts.captions_millimetres import draw_millimetres
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.synthesis.texts.dialogues import MIX, join_labels, sample_at, samples
from facegpt_lab.synthesis.texts.english import article, comparative
from facegpt_lab.synthesis.texts.slips import roughen

DRAWS = [draw_looks, draw_denial, draw_comparison, draw_edit, draw_emotion, draw_movement, draw_expression_edit]


@pytest.mark.parametrize("draw", DRAWS)
def test_captions_have_words_and_labels_that_become_a_target(draw):
    rng = Random(3)
    for _ in range(300):
        text, labels = draw(rng)
        assert text.strip()
        assert labels
        assert "{" not in text and "*" not in text, text
        target_from_labels(labels, text)


@pytest.mark.parametrize("edit", [False, True])
def test_nearly_every_number_asked_for_is_found_in_the_text(edit):
    rng = Random(5)
    lost = total = 0
    for _ in range(400):
        text, labels = draw_millimetres(rng, edit)
        places = [t.start for t in target_from_labels(labels, text).millimetres]
        lost, total = lost + sum(p < 0 for p in places), total + len(places)
    assert lost <= 0.02 * total  # a slip of the pen may spoil a number word


def test_numbers_in_words_for_lengths_read_back_as_written():
    rng = Random(7)
    for _ in range(300):
        text, labels = draw_millimetres(rng, False)
        for target in target_from_labels(labels, text).millimetres:
            if target.start >= 0:
                number = next(n for n in find_numbers(text) if n.start == target.start)
                assert number.amount_for(target.amount) == pytest.approx(target.amount, abs=0.06)


@pytest.mark.parametrize(("name", "pole"), [("nose_width", 1), ("ear_protrusion", -1), ("heaviness", 1), ("lips", -1)])
def test_a_trait_in_words_says_the_side_that_was_asked_for(name, pole):
    rng = Random(1)
    names = ("upper_lip_fullness", "lower_lip_fullness") if name == "lips" else (name,)
    items = [item_for(rng, name, pole) for _ in range(200)]
    assert all(np.sign(item.attributes[n]) == pole for item in items for n in names)
    assert len({item.phrase() for item in items}) > 60


def test_grammar_of_articles_and_comparatives():
    assert article("elderly man") == "an elderly man"
    assert article("unusually big nose") == "an unusually big nose"
    assert article("uniform look") == "a uniform look"
    assert article("18-year-old") == "an 18-year-old"
    assert [comparative(w) for w in ("wide", "big", "bushy", "prominent")] == [
        *("wider", "bigger", "bushier", "more prominent")
    ]


def test_slips_leave_digits_alone():
    rng = Random(9)
    for _ in range(200):
        assert find_numbers(roughen(rng, "Jaw 5 mm wider, please.", 1.0))[0].value == 5


def test_the_stream_is_the_same_for_the_same_seed_and_differs_for_another():
    first = list(islice(samples(seed=4), 60))
    assert first == list(islice(samples(seed=4), 60))
    assert first[50] == sample_at(50, seed=4)
    assert first != list(islice(samples(seed=5), 60))


def test_every_kind_of_sample_occurs_and_an_unknown_one_is_refused():
    kinds = Counter(sample.kind for sample in islice(samples(seed=1), 3000))
    assert kinds.keys() == MIX.keys()
    with pytest.raises(FaceGPTError, match="unknown kind"):
        sample_at(0, mix={"poem": 1.0})


def test_answers_have_a_face_exactly_where_one_is_wanted():
    for sample in islice(samples(seed=2), 3000):
        if sample.reply is not None:
            assert sample.reply.startswith(FACE_TOKEN) == bool(sample.face), sample
            assert sample.reply.count(FACE_TOKEN) == sample.target.faces if sample.face else True


def test_no_held_out_sentence_is_used():
    held = {record.text.lower() for record in load_corpus("validation") if len(record.text) > 25}
    drawn = [sample.text.lower() for sample in islice(samples(seed=3, mix={"corpus": 1.0, "joined": 1.0}), 3000)]
    assert not [text for text in drawn if text in held]


def test_texts_about_one_thing_are_not_joined():
    assert join_labels({"attributes": {"nose_size": 1}}, {"attributes": {"nose_size": -1}}) is None
    assert join_labels({"sex": "F"}, {"sex": "M"}) is None
    joined = join_labels({"attributes": {"nose_size": 1}}, {"attributes": {"chin_width": -1}, "sex": "M"})
    assert joined == {"attributes": {"nose_size": 1, "chin_width": -1}, "sex": "M"}


def test_numbers_are_changes_only_where_a_face_was_there_before():
    for sample in islice(samples(seed=6), 1500):
        assert sample.target.is_edit == float(sample.task == "edit" or bool(sample.input))
