"""The one reader: requests go to pieces and back, the grammar holds, and a small model learns to write them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from tiny_language import tiny_llama, tiny_tokenizer

from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.one_reader.examples import Example, prompt_of, turns
from facegpt_lab.train.one_reader.grammar import Position, allowed, is_whole
from facegpt_lab.train.one_reader.model import OneReader, ReaderSettings, save_reader
from facegpt_lab.train.one_reader.scoring import score
from facegpt_lab.train.one_reader.table import END, pieces
from facegpt_lab.train.one_reader.written import facts_of, request_of_record, request_of_turn

LABELS = {
    "sex": "F",
    "age_years": [60, 100],
    "attributes": {"nose_width": 1.5, "beard": -1},
    "not": {"nose_size": 1},
    "emotion": "fear",
    "intensity": 0.35,
    "expression": {"jawOpen": 0.7},
    "expression_off": ["eyeBlinkLeft"],
    "mm": {"ear_length": {"value": 62.5}},
    "hair": {"length": "short"},
    "relations": [["nose_width", ">", "mouth_width"]],
}


def test_every_label_comes_back_from_the_request():
    facts = facts_of(request_of_record("imagine", LABELS))
    assert facts["", "act"] == "imagine"
    assert facts["", "sex"] == "F"
    assert (facts["", "age", "from"], facts["", "age", "to"]) == (60, 100)
    assert facts["", "attribute", "nose_width"] == 1.5
    assert facts["", "attribute", "beard"] == -1
    assert facts["", "not", "nose_size"] == 1
    assert facts["", "emotion"] == "fear"
    assert facts["", "unit", "jawOpen"] == pytest.approx(0.7)
    assert facts["", "mm", "ear_length", "value"] == 62.5
    assert facts["", "hair", "length"] == "short"
    assert ("", "relation", "attribute:nose_width", "attribute:mouth_width") in facts
    assert ("", "off", "unit:eyeBlinkLeft") in facts


def test_a_turn_says_which_head_is_meant():
    expect = {"action": "edit", "edit": {"h2": {"attributes": {"freckles": 1}}, "h1": {"sex": "M"}}}
    facts = facts_of(request_of_turn(expect, {"h1": 1, "h2": 2}))
    assert facts["2", "attribute", "freckles"] == 1
    assert facts["1", "sex"] == "M"


def test_the_grammar_takes_every_request_of_the_corpus():
    requests = [request_of_record(each.task, each.labels) for each in load_corpus("validation")]
    requests += [each.request for each in turns(True)]
    assert len(requests) > 10_000
    assert all(is_whole(request) for request in requests)


def test_whatever_the_grammar_allows_can_be_taken_apart():
    random = np.random.default_rng(0)
    for _ in range(200):
        position, request = Position(), []
        while not position.done and len(request) < 60:
            piece = pieces()[random.choice(np.flatnonzero(allowed(position.kinds())))]
            position.step(piece)
            request.append(piece)
        if position.done:
            assert facts_of(request)
            assert is_whole(request)


def test_a_piece_out_of_place_is_no_request():
    assert not is_whole(("act:new", "degree:1", END))
    assert not is_whole(("act:new", "attribute:nose_width", END))
    assert not is_whole(("act:new",))


def test_the_score_counts_sides_and_wrong_facts():
    wanted = Example("a", "", request_of_record("imagine", {"sex": "F", "attributes": {"nose_width": 1}}))
    nearly = request_of_record("imagine", {"sex": "F", "attributes": {"nose_width": 1.5}})
    other = request_of_record("imagine", {"sex": "F", "attributes": {"nose_width": -1}, "emotion": "fear"})
    assert score([wanted], [nearly])["whole"] == 1
    found = score([wanted], [other])
    assert (found["sex"], found["attribute"], found["emotion"], found["whole"]) == (1, 0, 0, 0)


@pytest.fixture
def small() -> OneReader:
    torch.manual_seed(0)
    return OneReader(tiny_llama(), tiny_tokenizer(), ReaderSettings(rank=0))


def test_a_small_reader_learns_texts_by_heart_and_writes_them_from_batches(small: OneReader):
    texts = {"a woman": {"sex": "F"}, "an old man smiles": {"sex": "M", "age_years": [60, 100]}}
    prompts = [prompt_of(text) for text in texts]
    requests = [request_of_record("imagine", labels) for labels in texts.values()]
    optimizer = torch.optim.Adam([p for p in small.parameters() if p.requires_grad], 1e-2)
    for _ in range(150):
        optimizer.zero_grad()
        loss = small.losses(prompts, requests)["total"]
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.1
    small.eval()
    assert small.read(prompts) == requests
    assert [small.read([prompt])[0] for prompt in prompts] == requests  # padding changes nothing


def test_a_reader_of_another_table_is_refused(small: OneReader, tmp_path, monkeypatch):
    from facegpt_lab.train.one_reader import model

    save_reader(small, tmp_path / "reader.safetensors")
    monkeypatch.setattr(model, "pieces", lambda: ("end",))
    with pytest.raises(FaceGPTError, match="another table"):
        model.load_reader(tmp_path / "reader.safetensors")


def test_files_tell_what_they_fit(small: OneReader, tmp_path):
    from safetensors import safe_open

    save_reader(small, tmp_path / "reader.safetensors")
    with safe_open(tmp_path / "reader.safetensors", "pt") as file:
        assert json.loads(file.metadata()["pieces"]) == list(pieces())
