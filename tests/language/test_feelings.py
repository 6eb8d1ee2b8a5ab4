"""Which emotion words name, by the face head and by the network on the language model's states."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.language import load_language_model
from facegpt.language.reading import feelings
from facegpt.language.reading.hair.classifier import load_hair_classifier
from facegpt.language.targets import EMOTIONS

COUNT = len(EMOTIONS)


class Says:
    """Stands in for the network: an answer for states of three layers."""

    def __init__(self, log_odds):
        self.answer = log_odds

    def fits(self, states):
        return states.shape[1:] == (3, 4)

    def log_odds(self, states, context):
        return self.answer


def log_probabilities(seed):
    odds = np.random.default_rng(seed).normal(size=COUNT)
    return odds - np.log(np.exp(odds).sum())


def test_without_states_the_head_alone_says_it(monkeypatch):
    head = log_probabilities(0)
    monkeypatch.setattr(feelings, "load_feelings_network", lambda: Says(log_probabilities(1)))
    assert np.array_equal(feelings.joined_feelings(head, None), head)
    assert np.array_equal(feelings.joined_feelings(head, np.zeros((5, 2, 4))), head)


def test_both_join_as_a_product_of_experts(monkeypatch):
    head, own = log_probabilities(0), log_probabilities(1)
    monkeypatch.setattr(feelings, "load_feelings_network", lambda: Says(own))
    share = feelings.OF_THE_NETWORK
    product = np.exp(head) ** (1 - share) * np.exp(own) ** share
    found = np.exp(feelings.joined_feelings(head, np.zeros((5, 3, 4))))
    assert np.allclose(found, product / product.sum())


def test_the_shipped_network_has_a_place_for_each_emotion():
    network = feelings.load_feelings_network()
    states = np.random.default_rng(0).normal(size=(6, 3, 576)).astype(np.float32)
    odds = network.log_odds(states, np.zeros(1, np.float32))
    assert network.fits(states) and odds.shape == (COUNT,) and np.isfinite(odds).all()


@pytest.mark.slow
def test_plain_words_of_feeling_are_read():
    model = load_language_model()
    plain = {
        "a furious man": "anger",
        "a woman with tears running down her cheeks": "sadness",
        "somebody grinning from ear to ear": "happiness",
        "terrified of the dark": "fear",
        "revolted by the smell": "disgust",
        "an astonished boy": "surprise",
        "an old man with a broad nose": "",
        "a woman with a narrow chin and green eyes": "",
    }
    assert {text: model.read(text).request.emotion for text in plain} == plain


@pytest.mark.slow
def test_hair_is_read_from_states_too():
    model, classifier = load_language_model(), load_hair_classifier()
    text = "a woman with a mop of unruly auburn waves"
    reading = model.read(text)
    wish = classifier.read(text, False, reading.states)[0]
    assert reading.states is not None and reading.request.hair.said == wish.said
    with_states = classifier.probabilities(text, False, reading.states)["colour"]
    assert with_states != classifier.probabilities(text, False)["colour"]
