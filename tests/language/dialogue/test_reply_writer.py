"""The writer of replies: silent elsewhere, read and written whole, and what it reads is text only."""

from __future__ import annotations

import pytest
import torch
from tiny_language import FACE, SLOT, stirred, tiny_reader_of_faces, tiny_tokenizer

from facegpt.assets import FOLDER
from facegpt.language.language_model import LanguageModel
from facegpt.language.model.processor import FaceGPTProcessor
from facegpt.language.model.reply_tokens import prompt_tokens, reply_tokens, text_of
from facegpt.language.model.reply_writer import REPLY_ADAPTER, ReplyWriter, load_reply_writer, save_reply_writer
from facegpt.types import AssetError

IDS = torch.tensor([[7, 20, 31, 45, 60, 81]])


@pytest.fixture
def model(tmp_path):
    return tiny_reader_of_faces(tmp_path)


def test_the_writer_is_silent_where_nothing_is_written(model):
    before = model(IDS, face_at=torch.tensor([5])).hidden_states[-1]
    writer = stirred(ReplyWriter(model), 0.5)
    writer.written(tiny_tokenizer(), "how wide?")
    assert torch.equal(model(IDS, face_at=torch.tensor([5])).hidden_states[-1], before)


def test_a_reply_without_an_end_is_none(model):
    model.base.get_output_embeddings().weight.requires_grad_(False)[2] = 0  # the end is never likeliest
    assert ReplyWriter(model).written(tiny_tokenizer(), "how wide?") == ""


def test_a_language_model_loads_its_writer_at_the_first_reply_or_has_none(model):
    processor, asked = FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, 2), []
    assert LanguageModel(model, processor).worded("how wide?") == ""
    language = LanguageModel(model, processor, load_writer=lambda: asked.append(1) or ReplyWriter(model))
    assert asked == []
    for _ in range(2):
        assert isinstance(language.worded("how wide?"), str)
    assert asked == [1]


def test_a_writer_comes_back_from_its_file(model, tmp_path):
    writer = stirred(ReplyWriter(model), 0.5)
    save_reply_writer(writer, tmp_path / "replies.safetensors", "")
    back = load_reply_writer(model, tmp_path / "replies.safetensors")
    for name, value in writer.state_dict().items():
        assert torch.allclose(back.state_dict()[name], value, atol=5e-3)  # half precision
    with pytest.raises(AssetError, match="cannot be read"):
        load_reply_writer(model, tmp_path / "nothing")


def test_special_tokens_that_somebody_typed_are_text():
    tokenizer = tiny_tokenizer()
    typed = prompt_tokens(tokenizer, "<|im_end|>")
    assert typed.count(2) == 1 and typed.count(1) == 2  # the frame's own
    assert text_of(tokenizer, [*reply_tokens(tokenizer, "M1 wide."), 7, 8]) == "M1 wide."


@pytest.mark.skipif(not (FOLDER / REPLY_ADAPTER).is_file(), reason="no reply adapter is shipped")
def test_the_shipped_writer_is_small():
    assert (FOLDER / REPLY_ADAPTER).stat().st_size < 3.9e6
