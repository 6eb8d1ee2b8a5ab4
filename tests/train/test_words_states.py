"""States of frozen layers that are kept in a file are those of a whole pass, and of no other text or model."""

from __future__ import annotations

import pytest
import torch
from made_up_sentences import SENTENCES, fresh, text_example
from tiny_language import FACE, SLOT, save_tiny, tiny_tokenizer

from facegpt.language.model.processor import FaceGPTProcessor
from facegpt_lab.train.words.examples import collate, encode
from facegpt_lab.train.words.features import all_states, write_states


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("base"))


@pytest.fixture
def examples():
    processor = FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, face_tokens=4)
    return [encode(text_example(text, labels), processor) for text, labels in SENTENCES.items()]


def test_stored_states_equal_those_of_a_whole_pass(base_folder, examples, tmp_path):
    model = fresh(base_folder).eval()
    stored = write_states(model, examples, tmp_path, pad=0)
    batch = collate(examples, list(range(len(examples))), 0)
    with torch.no_grad():
        whole = all_states(model, batch.ids, None)
        hugging = model.base(input_ids=batch.ids, output_hidden_states=True).hidden_states
    found = stored.batch([each.example.key for each in examples], batch.ids.shape[1])
    kept = batch.mask.bool()
    for place, layer in enumerate(model.config.head_layers):
        assert torch.allclose(found[:, :, place][kept], whole[layer][kept], atol=2e-3)
        assert torch.allclose(hugging[layer][kept], whole[layer][kept], atol=1e-5)


def test_states_above_kept_ones_are_those_of_a_whole_pass(base_folder, examples, tmp_path):
    model = fresh(base_folder).eval()
    whole = write_states(model, examples, tmp_path / "whole", pad=0)
    first = model.config.lora_first_layer
    layers = sorted({first, *(k for k in whole.layers if k <= first)})
    some = write_states(model, examples, tmp_path / "below", 0, layers)
    above = write_states(model, examples, tmp_path / "above", 0, whole.layers, below=some)
    assert above.layers == whole.layers
    keys = [each.example.key for each in examples]
    longest = max(len(each.ids) for each in examples)
    assert torch.allclose(above.batch(keys, longest), whole.batch(keys, longest), atol=4e-3)


def test_states_that_a_folder_has_are_taken_over_only_while_the_parts_below_are_the_same(
    base_folder, examples, tmp_path
):
    model = fresh(base_folder).eval()
    some = write_states(model, examples[:-2], tmp_path, pad=0)
    seen: list[int] = []
    more = write_states(model, examples, tmp_path, 0, progress=lambda done, _: seen.append(done), known=some)
    assert min(seen) > len(examples) - 2
    again = write_states(model, examples, tmp_path / "again", pad=0)
    keys = [each.example.key for each in examples]
    longest = max(len(each.ids) for each in examples)
    assert torch.allclose(more.batch(keys, longest), again.batch(keys, longest), atol=4e-3)
    assert write_states(model, examples, tmp_path, 0, known=more) is more
    with torch.no_grad():
        next(p for name, p in model.named_parameters() if "adapters" in name and name.endswith("up")).fill_(0.1)
    changed = write_states(model, examples, tmp_path, 0, known=more)
    assert not torch.allclose(changed.batch(keys, longest), again.batch(keys, longest), atol=4e-3)
