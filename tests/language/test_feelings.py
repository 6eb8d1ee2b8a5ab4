"""Which emotion words name, by the face head and by the reader of feelings."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_language import FACE, SLOT, stirred, tiny_reader_of_faces, tiny_tokenizer

from facegpt.generate.understood import understood
from facegpt.language.model.facegpt_model import face_log_odds
from facegpt.language.model.feelings_reader import FeelingsReader, load_feelings_reader, save_feelings_reader
from facegpt.language.model.joined_pass import Prompt, answer_log_odds, read_feelings, read_together
from facegpt.language.model.layers import TokenStore
from facegpt.language.model.passes import Passes
from facegpt.language.model.processor import FaceGPTProcessor
from facegpt.language.model.turn_adapter import TurnReader
from facegpt.language.reading.feelings import OF_THE_READER, is_doubted, joined_feelings
from facegpt.language.reading.hair.classifier import load_hair_classifier
from facegpt.language.targets import EMOTIONS
from facegpt.types import AssetError

COUNT = len(EMOTIONS)


def log_probabilities(seed):
    odds = np.random.default_rng(seed).normal(size=COUNT)
    return odds - np.log(np.exp(odds).sum())


def test_without_the_reader_the_head_alone_says_it():
    head = log_probabilities(0)
    assert np.array_equal(joined_feelings(head, None), head)


def test_both_join_as_a_product_of_experts():
    head, own = log_probabilities(0), log_probabilities(1)
    product = np.exp(head) ** (1 - OF_THE_READER) * np.exp(own) ** OF_THE_READER
    assert np.allclose(np.exp(joined_feelings(head, own)), product / product.sum())


def of_any_emotion(log_odds):
    """The face head's log-probabilities where those of any emotion against none are these log odds."""
    odds = np.full(COUNT, log_odds - np.log(COUNT - 1))
    odds[0] = 0.0
    return odds - np.logaddexp.reduce(odds)


def test_the_reader_is_asked_where_the_head_leaves_a_feeling_open():
    assert is_doubted(of_any_emotion(0.0), moves=False)
    assert not is_doubted(of_any_emotion(-3.0), moves=False)
    assert is_doubted(of_any_emotion(-3.0), moves=True)  # a movement bears out what is hardly felt
    assert not is_doubted(of_any_emotion(-6.0), moves=True)


@pytest.fixture
def model(tmp_path):
    return tiny_reader_of_faces(tmp_path)


def test_what_is_padded_behind_changes_nothing(model):
    reader = stirred(FeelingsReader(model, 3))
    short, long = torch.tensor([[7, 20, 31]]), torch.tensor([[9, 45, 60, 81, 12]])
    both = reader(torch.cat([torch.nn.functional.pad(short, (0, 2)), long]), torch.tensor([3, 5]))
    assert torch.allclose(both[:1], reader(short, torch.tensor([3])), atol=1e-5)
    assert torch.allclose(both[1:], reader(long, torch.tensor([5])), atol=1e-5)
    assert torch.allclose(both.exp().sum(1), torch.ones(2), atol=1e-5)


def test_its_adapters_are_silent_elsewhere(model):
    ids = torch.tensor([[7, 20, 31, 45, 60, 81]])
    before = model(ids, face_at=torch.tensor([5])).hidden_states[-1]
    reader = stirred(FeelingsReader(model, 3))
    reader(ids, torch.tensor([6]))
    assert torch.equal(model(ids, face_at=torch.tensor([5])).hidden_states[-1], before)


def _prompts():
    """Three texts: the second begins as the first does, the third is of no feeling and has a number elsewhere."""
    first, second, third = (7, 20, 31, 45, 60, FACE), (7, 20, 31, 8, FACE), (9, 7, 20, 31, 45, 33, 70, FACE)
    return [
        Prompt(first, ((1, 3),), 1, words=(9, 45, 60, 81, 12, 33, 8, 70), turn=first[:-1]),
        Prompt(second, (), 0, words=(9, 45, 61), turn=second[:-1]),
        Prompt(third, ((2, 4), (5, 6)), 3, is_edit=True, turn=third[:-1]),
    ]


@pytest.mark.parametrize("chosen", [[0], [0, 1], [2, 0, 1]])
def test_one_pass_for_all_texts_and_readers_reads_what_a_pass_for_each_reads(model, chosen):
    reader, turns = stirred(FeelingsReader(model, 3)), stirred(TurnReader(model, (1, 2, 4), 3))
    for parameter in model.adapters.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    prompts = [_prompts()[k] for k in chosen]
    words = [prompt.words for prompt in prompts if prompt.words]
    with torch.inference_mode():
        for prompt, found in zip(prompts, read_together(model, prompts, turns), strict=True):
            _check_alone(model, turns, prompt, found)
        for ids, felt in zip(words, read_feelings(model, reader, words, TokenStore()), strict=True):
            own = reader(torch.tensor([ids]), torch.tensor([len(ids)]))[0]
            assert torch.allclose(felt, own, atol=1e-5)


def _check_alone(model, turns, prompt, found):
    """What was found in a text is what passes over it alone find."""
    ids = torch.tensor([prompt.ids])
    numbers = torch.tensor([(0, *span) for span in prompt.numbers], dtype=torch.long).reshape(-1, 3)
    given = {"face_at": torch.tensor([ids.shape[1] - 1]), "since": torch.tensor([prompt.since])}
    alone = model(ids, is_edit=torch.tensor([int(prompt.is_edit)]), numbers=numbers, **given)
    log_odds = face_log_odds(alone.logits[0, -2], FACE)
    assert torch.allclose(torch.tensor(answer_log_odds(model, found.answer)), log_odds, atol=1e-4)
    for name, value in vars(alone.request).items():
        assert torch.allclose(getattr(found.request, name), value, atol=1e-4), name
    assert found.hidden
    for layer, mine in found.hidden.items():
        assert torch.allclose(mine, alone.hidden_states[layer], atol=1e-5)
    assert torch.allclose(found.states, turns.states(torch.tensor([prompt.turn]))[0], atol=1e-5)


@pytest.mark.parametrize("is_open", [True, False])
def test_a_text_that_leaves_no_feeling_open_is_not_read_for_feelings(model, monkeypatch, is_open):
    monkeypatch.setattr("facegpt.language.model.turn_adapter.TURN_LAYERS", (1, 2, 4))
    reader, turns = stirred(FeelingsReader(model, 3)), stirred(TurnReader(model, (1, 2, 4), 3))
    processor = FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, model.face_embedding.tokens)
    passes, prompt = Passes(model, processor, turns, reader, lambda _: is_open), _prompts()[0]
    felt = passes.read([prompt])[0].felt
    own = reader(torch.tensor([prompt.words]), torch.tensor([len(prompt.words)]))[0]
    assert (felt is None) == (not is_open)
    assert felt is None or np.allclose(felt, own.detach(), atol=1e-5)


def test_a_reader_comes_back_from_its_file_and_a_bad_one_does_not(model, tmp_path):
    reader, ids = stirred(FeelingsReader(model, 3)), torch.tensor([[7, 20, 31]])
    save_feelings_reader(reader, tmp_path / "feelings.safetensors", "")
    back = load_feelings_reader(model, tmp_path / "feelings.safetensors", 3)
    assert torch.allclose(back(ids, torch.tensor([3])), reader(ids, torch.tensor([3])), atol=5e-3)  # half precision
    with torch.no_grad():
        reader.out.weight.fill_(torch.nan)
    save_feelings_reader(reader, tmp_path / "bad.safetensors", "")
    with pytest.raises(AssetError, match="not finite"):
        load_feelings_reader(model, tmp_path / "bad.safetensors", 3)


@pytest.mark.slow
def test_plain_words_of_feeling_are_read(shipped_words):
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
    assert {text: shipped_words.read(text).request.emotion for text in plain} == plain


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a woman with a narrow chin and green eyes",
        "a bald man with a long ginger beard",
        "raised eyebrows, an open mouth, full lips",
        "a young man whose mother has just died",
        "grandmother with round glasses, laughing",
        "thin lips",
    ],
)
def test_readings_are_the_same_as_with_all_texts_read_for_feelings(shipped_words, monkeypatch, text):
    shipped_words.forget()
    found = understood(shipped_words.read(text).request)
    monkeypatch.setattr(shipped_words._passes, "_doubted", lambda _: True)
    shipped_words.forget()
    assert understood(shipped_words.read(text).request) == found
    shipped_words.forget()


@pytest.mark.slow
def test_hair_is_read_from_states_too(shipped_words):
    classifier = load_hair_classifier()
    text = "a woman with a mop of unruly auburn waves"
    reading = shipped_words.read(text)
    wish = classifier.read(text, False, reading.states)[0]
    assert reading.states is not None and reading.request.hair.said == wish.said
    with_states = classifier.probabilities(text, False, reading.states)["colour"]
    assert with_states != classifier.probabilities(text, False)["colour"]
