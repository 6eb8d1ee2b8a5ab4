"""Talkers from folders: tiny random models of four families that see, one that does not; words as transformers' own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_language import TINY_TEXT, save_tiny, tiny_llama, tiny_llava, tiny_qwen_vl, tiny_tokenizer

from facegpt.language.talkers.base import ToolCall
from facegpt.language.talkers.folder import load_folder_talker
from facegpt.types import FaceGPTError

ASKED = [{"role": "user", "content": "Who wrote Hamlet?"}]
#: ChatML whose contents are parts; a picture is one token, which the processor makes as many as it needs.
PARTS = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for p in m['content'] %}"
    "{% if p['type'] == 'image' %}PICTURE{% else %}{{ p['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def picture(colour: int) -> Image.Image:
    rows = np.random.default_rng(colour).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    return Image.fromarray(rows)


def seen(image: Image.Image) -> list[dict]:
    return [{"role": "user", "content": [{"type": "image", "image": image}, {"type": "text", "text": "what?"}]}]


def save_llava(folder: Path) -> Path:
    from transformers import CLIPImageProcessor, LlavaProcessor

    tiny_llava()[0].save_pretrained(folder)
    size = {"height": 16, "width": 16}
    images = CLIPImageProcessor(size=size, crop_size=size, do_center_crop=False)
    template = PARTS.replace("PICTURE", "<image>")
    LlavaProcessor(
        images, tiny_tokenizer(), patch_size=8, vision_feature_select_strategy="default", chat_template=template,
        num_additional_image_tokens=1,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def save_llava_next(folder: Path) -> Path:
    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        LlavaNextConfig,
        LlavaNextForConditionalGeneration,
        LlavaNextImageProcessor,
        LlavaNextProcessor,
    )

    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=8
    )
    text = LlamaConfig(**TINY_TEXT)
    torch.manual_seed(0)
    config = LlavaNextConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=3,
        image_grid_pinpoints=[[16, 16]],
        vision_feature_layer=-1,
    )
    LlavaNextForConditionalGeneration(config).save_pretrained(folder)
    size = {"height": 16, "width": 16}
    images = LlavaNextImageProcessor(
        size={"shortest_edge": 16}, crop_size=size, image_grid_pinpoints=[[16, 16]], do_center_crop=False
    )
    template = PARTS.replace("PICTURE", "<image>")
    LlavaNextProcessor(
        images, tiny_tokenizer(), patch_size=8, vision_feature_select_strategy="default", chat_template=template,
        num_additional_image_tokens=1,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def save_idefics3(folder: Path) -> Path:
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, Idefics3ImageProcessor, Idefics3Processor

    vision = {
        **{"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2},
        **{"image_size": 16, "patch_size": 4},
    }
    torch.manual_seed(0)
    config = Idefics3Config(
        vision_config=vision,
        text_config={**TINY_TEXT, "model_type": "llama"},
        image_token_id=3,
        scale_factor=2,
        pad_token_id=0,
        tie_word_embeddings=False,
    )
    Idefics3ForConditionalGeneration(config).save_pretrained(folder)
    images = Idefics3ImageProcessor(
        size={"longest_edge": 16}, max_image_size={"longest_edge": 16}, do_image_splitting=False
    )
    template = PARTS.replace("PICTURE", "<image>")
    Idefics3Processor(images, tiny_tokenizer(), image_seq_len=4, chat_template=template).save_pretrained(folder)
    return folder


def save_qwen_vl(folder: Path) -> Path:
    from transformers import PreTrainedTokenizerFast, Qwen2VLImageProcessor

    tiny_qwen_vl()[0].save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tiny_tokenizer().backend_tokenizer,
        extra_special_tokens={"image_token": "<image>", "video_token": "<reserved_slot>"},
        chat_template=PARTS.replace("PICTURE", "<image>"),
        **{"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
    )
    tokenizer._set_processor_class("Qwen2VLProcessor")
    tokenizer.save_pretrained(folder)
    size = {"shortest_edge": 256, "longest_edge": 256}
    Qwen2VLImageProcessor(size=size, patch_size=4, merge_size=2).save_pretrained(folder)
    return folder


def test_a_model_of_words_answers_as_transformers_does(tmp_path):
    talker = load_folder_talker(save_tiny(tmp_path))
    pieces: list[str] = []
    spoken = talker.speak(ASKED, pieces.append)
    tokenizer = tiny_tokenizer()
    ids = tokenizer.apply_chat_template(ASKED, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.inference_mode():
        out = tiny_llama().generate(**ids, max_new_tokens=talker.longest, do_sample=False)
    expected = tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True)
    assert spoken.text == expected == "".join(pieces) and not talker.sees and spoken.calls == ()


@pytest.mark.slow
@pytest.mark.parametrize("save", [save_llava, save_llava_next, save_idefics3, save_qwen_vl])
def test_pictures_reach_models_that_see(tmp_path, save):
    talker = load_folder_talker(save(tmp_path))
    assert talker.sees
    inputs = [talker._given(seen(picture(k)), ()) for k in (1, 2)]
    assert inputs[0]["input_ids"].equal(inputs[1]["input_ids"])
    with torch.inference_mode():
        first, second = (talker.model(**given).logits[0, -1] for given in inputs)
    assert not torch.allclose(first, second)  # the same words after two pictures
    assert isinstance(talker.speak(seen(picture(1)), lambda piece: None).text, str)
    assert isinstance(talker.speak(ASKED, lambda piece: None).text, str)


def test_the_call_of_a_tool_is_read_from_the_words():
    from facegpt.language.talkers.folder import _with_calls

    spoken = _with_calls('Sure.<tool_call>\n{"name": "edit", "arguments": {"text": "older"}}\n</tool_call>')
    assert spoken.text == "Sure." and spoken.calls == (ToolCall("call_0", "edit", '{"text": "older"}'),)
    assert _with_calls("<tool_call>no JSON</tool_call>").calls == ()


def test_a_folder_that_holds_no_talker_is_told(tmp_path):
    with pytest.raises(FaceGPTError, match=r"no config\.json"):
        load_folder_talker(tmp_path)
    save_tiny(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(FaceGPTError, match="cannot be loaded"):
        load_folder_talker(tmp_path)
