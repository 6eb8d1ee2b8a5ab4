"""The adapters of turns: read and written whole, silent elsewhere; what joins the face head."""

from __future__ import annotations

import pytest
import torch
from tiny_language import stirred, tiny_reader_of_faces

from facegpt.language.model.turn_adapter import TurnReader, load_turn_reader, save_turn_reader
from facegpt.types import AssetError

LAYERS = (2, 3, 4)
IDS = torch.tensor([[7, 20, 31, 45, 60, 81]])


@pytest.fixture
def model(tmp_path):
    return tiny_reader_of_faces(tmp_path)


def test_without_adapters_the_states_are_the_bases_own(model):
    own = model.base(input_ids=IDS, output_hidden_states=True).hidden_states
    found = TurnReader(model, LAYERS).states(IDS)
    for k, layer in enumerate(LAYERS):
        assert torch.allclose(found[:, :, k], own[layer], atol=1e-5)


def test_adapters_of_turns_are_silent_when_faces_are_read(model):
    before = model(IDS, face_at=torch.tensor([5])).hidden_states[-1]
    reader = stirred(TurnReader(model, LAYERS))
    moved = reader.states(IDS)
    assert not torch.allclose(moved[:, :, 2], before, atol=1e-3)  # they act in their own passes
    assert torch.equal(model(IDS, face_at=torch.tensor([5])).hidden_states[-1], before)


def test_a_reader_comes_back_from_its_file(model, tmp_path):
    reader = stirred(TurnReader(model, LAYERS))
    save_turn_reader(reader, tmp_path / "turns.safetensors", "")
    back = load_turn_reader(model, tmp_path / "turns.safetensors", LAYERS)
    assert torch.allclose(back.states(IDS), reader.states(IDS), atol=5e-3)  # half precision


def test_a_file_of_something_else_or_of_bad_numbers_is_refused(model, tmp_path):
    (tmp_path / "other.safetensors").write_bytes(b"nothing")
    with pytest.raises(AssetError, match="cannot be read"):
        load_turn_reader(model, tmp_path / "other.safetensors", LAYERS)
    reader = stirred(TurnReader(model, LAYERS))
    with torch.no_grad():
        next(reader.parameters()).fill_(torch.inf)
    save_turn_reader(reader, tmp_path / "bad.safetensors", "")
    with pytest.raises(AssetError, match="not finite"):
        load_turn_reader(model, tmp_path / "bad.safetensors", LAYERS)


def test_without_states_nothing_is_said_of_what_is_asked():
    from facegpt.language.dialogue.questions.question_network import asked_by_states

    assert asked_by_states(None, 1) is None
