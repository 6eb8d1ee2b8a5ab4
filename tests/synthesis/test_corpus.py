"""The sentences of corpus/: every label is known, ids are unique, and the split does not leak."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.hair_wish import HAIR_REGIONS, HAIR_SLOTS
from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.targets import ASKABLE, ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN, NETWORK_ATTRIBUTES
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.judges.instructions import INSTRUCTIONS
from facegpt_lab.synthesis.text_targets import ATTRIBUTE_TIERS
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.synthesis.texts.instructions import load_instructions
from facegpt_lab.synthesis.texts.lexicon import SEVERAL, emotions, looks, measures, movements

KEYS = {
    *("attributes", "not", "relations", "age_years", "sex", "emotion", "emotion_also", "intensity", "expression"),
    *("expression_off", "expression_keep", "mm", "keep", "face", "faces", "asks", "decline", "conflict"),
    *("hair", "hair_mm"),
}
DEGREES = {0, 0.5, 1, 1.5, 2}


#: Ids of sentences that were written to be held out, all of them (corpus/held_out).
HELD_SIDE = ("hf-", "le-", "lg-", "lj-", "wl4-1")


@pytest.fixture(scope="module")
def records():
    return load_corpus("all")


def bag(text):
    return set(re.findall(r"[^\W_]+", text.lower()))


def test_ids_are_unique_and_the_size_is_as_promised(records):
    assert len({record.id for record in records}) == len(records)
    assert len(records) >= 4000
    assert sum(record.category == "situation" for record in records) >= 1000


def test_labels_use_known_names_only(records):
    for record in records:
        labels = record.labels
        assert labels.keys() <= KEYS, record.id
        assert labels.get("attributes", {}).keys() | labels.get("not", {}).keys() <= set(ATTRIBUTES), record.id
        moved = {*labels.get("expression", {}), *labels.get("expression_off", ()), *labels.get("expression_keep", ())}
        assert moved <= set(ARKIT_NAMES), record.id
        assert {labels.get("emotion", ""), *labels.get("emotion_also", ())} <= set(EMOTIONS), record.id
        assert labels.get("mm", {}).keys() <= set(MEASURES_SPOKEN), record.id
        assert {k for goal in labels.get("mm", {}).values() for k in goal} <= set(MILLIMETRE_KINDS), record.id
        assert set(labels.get("asks", ())) <= set(ASKABLE), record.id
        assert labels.get("sex", "F") in ("F", "M"), record.id
        assert all(value in HAIR_SLOTS[slot] for slot, value in labels.get("hair", {}).items()), record.id
        assert labels.get("hair_mm", {}).keys() <= set(HAIR_REGIONS), record.id


def test_degrees_come_in_half_steps(records):
    for record in records:
        assert {abs(d) for d in record.labels.get("attributes", {}).values()} <= DEGREES, record.id
        assert all(0 <= w <= 1 for w in record.labels.get("expression", {}).values()), record.id


def test_every_record_becomes_a_target(records):
    lost = [r.id for r in records for t in r.target().millimetres if t.start < 0]
    assert (
        len(lost) <= len(records) / 2000
    )  # "half of that", "the same nose", "scale by 0.9": the amount itself does not stand there


def test_the_split_holds_out_about_a_tenth_of_every_large_category():
    train = load_corpus("train")
    held = [record for record in load_corpus("validation") if not record.id.startswith(HELD_SIDE)]
    assert 0.07 < len(held) / (len(train) + len(held)) < 0.11
    sizes = Counter(r.category for r in [*train, *held])
    held_sizes = Counter(r.category for r in held)
    for category, size in sizes.items():
        if size >= 200:
            assert 0.03 < held_sizes[category] / size < 0.16, category


def test_no_held_out_sentence_is_a_training_sentence_with_a_word_or_two_changed():
    holders: dict[str, list[set[str]]] = {}
    for record in load_corpus("train"):
        words = bag(record.text)
        for word in words:
            holders.setdefault(word, []).append(words)
    for record in load_corpus("validation"):
        words = bag(record.text)
        if len(words) < 4:
            continue
        rarest = sorted(words, key=lambda w: len(holders.get(w, [])))[:3]
        near = [
            other
            for word in rarest
            for other in holders.get(word, [])
            if len(words & other) >= 0.85 * len(words | other)
        ]
        assert not near, record.text


def test_the_data_card_states_the_size_of_the_corpus(records):
    page = Path(__file__).resolve().parents[2] / "docs" / "language-data.md"
    held = len(load_corpus("validation"))
    text = page.read_text(encoding="utf-8")
    assert f"{len(records):,} sentences" in text, "run lab/runs/corpus/split.py"
    assert f"; {held} (" in text, "run lab/runs/corpus/split.py"


def test_an_unknown_split_is_refused():
    with pytest.raises(FaceGPTError, match="split"):
        load_corpus("test")


def count_wordings(records):
    count: Counter[tuple[str, int]] = Counter()
    for record in records:
        for name, degree in record.labels.get("attributes", {}).items():
            count[name, (degree > 0) - (degree < 0)] += 1
    for name, entry in looks().items():
        for attribute in SEVERAL.get(name, (name,)):
            for sign, side in (("+", 1), ("-", -1)):
                count[attribute, side] += sum(len(entry.get(mark + sign)) for mark in "APE")
    return count


def test_each_pole_of_each_main_attribute_has_sixty_wordings(records):
    count = count_wordings(records)
    for name, tier in zip(NETWORK_ATTRIBUTES, ATTRIBUTE_TIERS, strict=True):
        for side in (-1, 1):
            assert count[name, side] >= (60 if tier == "core" else 35), (name, side)


def test_each_emotion_has_forty_wordings(records):
    count = Counter(record.labels.get("emotion") for record in records)
    for name in EMOTIONS[1:]:
        assert count[name] >= 40, name


def test_word_lists_speak_of_known_things_in_known_degrees():
    for entry in looks().values():
        for mark, phrases in entry.lists.items():
            assert mark in ("A+", "A-", "P+", "P-", "E+", "E-"), entry.names
            for phrase in phrases:
                assert phrase.degree in DEGREES, phrase
                assert phrase.more.keys() <= {*ATTRIBUTES, "sex"}, phrase
    assert set(emotions()) <= set(EMOTIONS)
    assert {words.name for words in measures()} == set(MEASURES_SPOKEN)
    for _, units in movements():
        assert set(units) <= set(ARKIT_NAMES)


def test_no_wording_of_a_trait_stands_at_both_poles():
    for entry in looks().values():
        for mark in "AP":
            high, low = ({p.text for p in entry.get(mark + sign)} for sign in "+-")
            assert not high & low, (entry.names, high & low)


def test_there_are_three_hundred_instructions_with_answers():
    pairs = load_instructions()
    assert len({pair.text for pair in pairs}) == len(pairs) >= 300
    assert all(pair.reply for pair in pairs)


def test_the_instructions_that_measure_ability_are_not_learnt_from():
    asked = {each.text.lower().strip(" ?.") for each in INSTRUCTIONS}
    assert not asked & {pair.text.lower().strip(" ?.") for pair in load_instructions()}
