"""Talkers from folders: three tiny random families that see, one that does not; their words are transformers' own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_language import SPECIALS, save_tiny, tiny_llama, tiny_llava, tiny_qwen_vl, tiny_smolvlm, tiny_tokenizer

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


def save_smolvlm(folder: Path) -> Path:
    from transformers import SmolVLMImageProcessor, SmolVLMProcessor

    tiny_smolvlm()[0].save_pretrained(folder)
    images = SmolVLMImageProcessor(
        size={"longest_edge": 16}, max_image_size={"longest_edge": 16}, do_image_splitting=False
    )
    tokenizer = tiny_tokenizer()
    tokenizer.fake_image_token, tokenizer.image_token = SPECIALS[4], "<image>"
    tokenizer.global_image_token, tokenizer.end_of_utterance_token = SPECIALS[5], "<|im_end|>"
    template = PARTS.replace("PICTURE", "<image>")
    SmolVLMProcessor(images, tokenizer, image_seq_len=4, chat_template=template).save_pretrained(folder)
    return folder


def save_qwen_vl(folder: Path) -> Path:
    from transformers import Qwen2VLImageProcessor, Qwen2VLProcessor, Qwen2VLVideoProcessor

    tiny_qwen_vl()[0].save_pretrained(folder)
    sizes = {"patch_size": 4, "temporal_patch_size": 2, "merge_size": 2, "min_pixels": 64, "max_pixels": 256}
    tokenizer = tiny_tokenizer()
    tokenizer.image_token, tokenizer.video_token = "<image>", SPECIALS[5]
    images, videos = Qwen2VLImageProcessor(**sizes), Qwen2VLVideoProcessor(**sizes)
    template = PARTS.replace("PICTURE", "<image>")
    Qwen2VLProcessor(images, tokenizer, videos, chat_template=template).save_pretrained(folder)
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
@pytest.mark.parametrize("save", [save_llava, save_smolvlm, save_qwen_vl])
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
