"""The scores of FaceGPT-Bench over sentences, rivals on made-up sentences, and the whole way to a report."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_readings import obedient_heads, record, scored, shown

from facegpt.language.targets import ATTRIBUTES, EMOTIONS
from facegpt_lab.evaluate.protocols.words import edit, text
from facegpt_lab.evaluate.protocols.words.keyword_parser import find_keywords
from facegpt_lab.evaluate.protocols.words.text_baselines import KeywordParser, NearestCaption, reading_of
from facegpt_lab.evaluate.protocols.words.text_linear import OUTPUTS, Linear, targets_of
from facegpt_lab.evaluate.protocols.words.text_system import (
    Heads,
    Prior,
    Scored,
    all_right,
    interval,
    share,
    shares,
    spearman,
)
from facegpt_lab.synthesis.text_targets import target_from_labels

# Shares and intervals


def test_a_label_counts_by_its_share_of_seeds_and_a_sentence_by_all_of_them():
    labels = {"attributes": {"nose_width": 1, "jaw_width": 1}}
    one = scored(labels, shown({"nose_width": 1.0, "jaw_width": 1.0}), shown({"nose_width": 1.0}))
    assert share(shares([one], text.headline)) == 0.75
    assert share(all_right([one], text.headline, 2)) == 0.5
    assert np.isnan(share(all_right([one], text.headline, 3)))


def test_the_interval_holds_the_share_and_shrinks_with_more_sentences():
    rng = np.random.default_rng(0)
    for count, widest in ((40, 0.35), (1000, 0.08)):
        table = np.column_stack([rng.random(count) < 0.7, np.ones(count)]).astype(float)
        low, high = interval(table)
        assert low < share(table) < high and high - low < widest
        worse = table * (0.5, 1.0)
        low, high = interval(table, worse)
        assert low <= share(table) - share(worse) <= high and low > 0


def test_rank_correlation_needs_something_to_rank():
    assert spearman([(1, 2), (2, 3), (3, 9)]) == pytest.approx(1.0) and np.isnan(spearman([(1, 2), (1, 3), (1, 4)]))


def test_drift_of_what_is_not_named_is_seen_through_the_noise_of_few_seeds():
    rng = np.random.default_rng(0)

    def drift(bias: float) -> float:
        rows = [
            Scored(record({}), [[]] * 4, {"drift": (rng.standard_normal((4, 62)) + bias).tolist()}) for _ in range(60)
        ]
        return text.unnamed_drift(rows)

    assert drift(0.0) < 0.12 and drift(0.6) == pytest.approx(0.6, abs=0.1)  # SD


# Rivals


@pytest.mark.parametrize(
    ("words", "attributes"),
    [
        ("a man with a big nose and thin lips", {"nose_size": 1, "upper_lip_fullness": -1, "lower_lip_fullness": -1}),
        ("her chin is slightly pointed, her eyes wide-set", {"chin_width": -0.5, "eye_spacing": 1}),
        ("a very square jaw", {"jaw_squareness": 2}),
        ("nose: broad, ears: sticking out", {"nose_width": 1, "ear_protrusion": 1}),
        ("bald, with a moustache", {"hair_length": -2, "moustache": 1}),
        ("make the nose narrower and the eyes bigger", {"nose_width": -1, "eye_size": 1}),
        ("not a big nose", {}),
    ],
)
def test_the_keyword_parser_reads_plain_wording(words, attributes):
    assert find_keywords(words).attributes == attributes


def test_the_keyword_parser_reads_sex_age_emotion_and_millimetres():
    found = find_keywords("a woman in her early forties, furious, nose 34 mm wide")
    assert (found.sex, found.age_years, found.emotion) == ("F", (40, 43), "anger")
    assert found.millimetres == [("nose_breadth", "value", 34.0)]
    assert find_keywords("an old man, 70 years old").age_years == (70, 70)
    assert find_keywords("widen the jaw by 4 mm").millimetres == [("bigonial_breadth", "change", 4.0)]


def test_the_nearest_caption_gives_the_labels_of_the_sentence_that_is_nearest():
    corpus = [
        ("a broad nose", target_from_labels({"attributes": {"nose_width": 1}, "sex": "M"}, "a broad nose"), False),
        ("tiny ears", target_from_labels({"attributes": {"ear_size": -2}}, "tiny ears"), False),
        ("bigger ears", target_from_labels({"attributes": {"ear_size": 1}}, "bigger ears", "edit"), True),
    ]

    def embed(texts):
        vectors = np.array([[t.count("nose") + 0.1, t.count("ears")] for t in texts], float)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    rival = NearestCaption(corpus, embed)
    request = rival.read("what ears").request
    assert request.attribute_mean[ATTRIBUTES.index("ear_size")] == -2 and request.man == 0.5
    assert rival.read("a nose").request.man == 1.0
    edit_request = rival.read("a nose", None, True).request
    assert edit_request.is_edit and edit_request.attribute_mean[ATTRIBUTES.index("ear_size")] == 1


def test_a_linear_head_finds_what_depends_linearly_on_the_states():
    rng = np.random.default_rng(0)
    states = rng.standard_normal((200, 6))
    out = np.zeros((200, OUTPUTS))
    out[:, ATTRIBUTES.index("nose_width")] = states[:, 0]
    out[:, EMOTIONS.index("fear") + len(ATTRIBUTES) + 4] = states[:, 1] > 0
    weights = np.linalg.lstsq(np.column_stack([states, np.ones(200)]), out, rcond=None)[0]
    head = Linear(np.zeros(6), np.ones(6), weights, np.full(4, 0.5))
    request = head.reading(head(np.array([[-2.0, 3, 0, 0, 0, 0]]))[0], False).request
    assert request.attribute_mean[ATTRIBUTES.index("nose_width")] == pytest.approx(-2.0, abs=0.01)
    assert np.count_nonzero(request.attribute_mean) == 1
    assert request.emotion == "fear" and request.age_years is None and request.man == 0.5


def test_targets_of_the_linear_head_say_what_the_labels_say():
    labels = {"attributes": {"nose_width": -1}, "sex": "M", "age_years": [30, 40], "emotion": "anger"}
    out = targets_of(target_from_labels(labels, "x"))
    assert out[ATTRIBUTES.index("nose_width")] == -1 and out[len(ATTRIBUTES)] == 1
    assert out[len(ATTRIBUTES) + 1 : len(ATTRIBUTES) + 4] == pytest.approx([1, 0.3, 0.4])
    assert out[len(ATTRIBUTES) + 4 + EMOTIONS.index("anger")] == 1


def test_labels_survive_the_way_through_targets():
    labels = {
        "attributes": {"nose_width": 1.5},
        "not": {"ear_size": 1},
        "emotion": "fear",
        "age_years": [60, 70],
        "sex": "F",
    }
    request = reading_of(target_from_labels(labels, "x"), False).request
    assert request.attribute_mean[ATTRIBUTES.index("nose_width")] == 1.5 and request.emotion == "fear"
    assert (
        request.attribute_mean[ATTRIBUTES.index("ear_size")] < 0 and request.age_years == (60, 70) and request.man == 0
    )


# The whole way, with a decoder that does what it is told


@pytest.fixture(scope="module")
def obedient(head) -> Heads:
    return obedient_heads(head)


def test_a_reader_that_understands_scores_well(obedient):
    prior = Prior.draw(obedient, 60)
    records = [
        record(
            {"sex": "M", "attributes": {"nose_size": 1, "jaw_width": 2}}, "a man with a big nose and a very wide jaw"
        ),
        record({"sex": "F", "attributes": {"chin_width": -1}}, "a woman with a narrow chin"),
        record({"emotion": "happiness"}, "a happy person", category="basic_expression"),
    ]
    ours = text.imagine_all(obedient, prior, KeywordParser(), records, (0, 1), "ours")
    assert share(shares(ours, text.headline)) >= 0.8
    assert share(shares(ours, text.of_kind("sex"))) == 1.0 and share(shares(ours, text.of_kind("emotion"))) == 1.0
    rows = {row.metric: row for row in text.own_rows(ours)}
    assert rows["attributes right"].target == 0.85 and rows["attributes right"].unit == "share"


def test_edits_are_scored_by_change_and_by_what_stays(obedient):
    prior = Prior.draw(obedient, 60)
    records = [
        record({"attributes": {"nose_width": -1}, "keep": True}, "make the nose narrower", "edit", "edit"),
        record({"expression": {"jawOpen": 0.7}}, "open mouth", "edit", "edit_expression"),
    ]
    done = edit.edit_all(obedient, prior, KeywordParser(), records, (0, 1, 2, 3), "ours")
    rows = {row.metric: row.value for row in edit.own_rows(done)}
    assert rows["asked changes of shape and skin made"] == 1.0 and rows["asked changes of expression made"] == 1.0
    assert rows["unasked change, mean over measures and attributes"] == pytest.approx(0.0, abs=1e-6)  # SD
