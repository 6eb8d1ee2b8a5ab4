"""Language models small enough for tests: random weights, a tokenizer of single bytes, transformers' own classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

FACE, SLOT = 4, 5
SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<reserved_face>", "<reserved_slot>")
VOCABULARY = 320
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TINY_TEXT: dict[str, Any] = {
    **{"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4},
    **{"num_key_value_heads": 2, "vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0},
    **{"max_position_embeddings": 512},
}


def tiny_tokenizer() -> Any:
    """A tokenizer of bytes with ChatML's special tokens."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = {letter: len(SPECIALS) + k for k, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    vocabulary = {**{name: k for k, name in enumerate(SPECIALS)}, **letters}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIALS])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = TEMPLATE
    return fast


def tiny_llama() -> Any:
    """A Llama of four layers."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**TINY_TEXT, tie_word_embeddings=True)).eval()


def tiny_llava() -> tuple[Any, dict[str, torch.Tensor], list[int]]:
    """A LLaVA, one picture as it takes it, and the tokens that stand for the picture."""
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=8
    )
    torch.manual_seed(0)
    config = LlavaConfig(
        vision_config=vision,
        text_config=LlamaConfig(**TINY_TEXT),
        image_token_index=3,
        vision_feature_layer=-1,
        image_seq_length=4,
    )
    config.image_token_id = 3
    return LlavaForConditionalGeneration(config).eval(), {"pixel_values": torch.randn(1, 3, 16, 16)}, [3] * 4


def tiny_smolvlm() -> tuple[Any, dict[str, torch.Tensor], list[int]]:
    """A SmolVLM, one picture and its tokens."""
    from transformers import SmolVLMConfig, SmolVLMForConditionalGeneration

    vision = {
        **{"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2},
        **{"image_size": 16, "patch_size": 4},
    }
    torch.manual_seed(0)
    config = SmolVLMConfig(
        vision_config=vision,
        text_config={**TINY_TEXT, "model_type": "llama"},
        image_token_id=3,
        scale_factor=2,
        pad_token_id=0,
        tie_word_embeddings=False,
    )
    picture = {"pixel_values": torch.randn(1, 1, 3, 16, 16)}
    return SmolVLMForConditionalGeneration(config).eval(), picture, [3] * 4


def tiny_qwen_vl() -> tuple[Any, dict[str, torch.Tensor], list[int]]:
    """A Qwen2-VL, one picture and its tokens."""
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    vision = {
        **{"depth": 2, "embed_dim": 32, "hidden_size": 48, "num_heads": 2, "mlp_ratio": 2, "patch_size": 4},
        **{"spatial_merge_size": 2, "temporal_patch_size": 2, "in_channels": 3},
    }
    text = {**TINY_TEXT, "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 2, 2]}}
    text["rope_scaling"] = {"type": "mrope", "rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 2, 2]}
    torch.manual_seed(0)
    ids = {"image_token_id": 3, "video_token_id": 300, "vision_start_token_id": 301, "vision_end_token_id": 302}
    config = Qwen2VLConfig(text_config=text, vision_config=vision, **ids)
    picture = {
        "pixel_values": torch.randn(16, 3 * 2 * 4 * 4),
        "image_grid_thw": torch.tensor([[1, 4, 4]]),
    }
    return Qwen2VLForConditionalGeneration(config).eval(), picture, [301, *[3] * 4, 302]


def save_tiny(folder: Path, base: Any = None) -> Path:
    """Write a base model and the tokenizer as a user would have them."""
    (base or tiny_llama()).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


#: How face parts are put beside a tiny base.
TINY_PARTS: dict[str, Any] = {
    **{"face_token": FACE, "slot_token": SLOT, "head_layers": [1, 2, 4], "head_width": 32, "lora_first_layer": 2},
    **{"lora_rank": 4, "head_noise": 0.0},
}


def tiny_reader_of_faces(folder: Path) -> Any:
    """A whole model on a tiny Llama, which other adapters can stand beside."""
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration

    tiny_llama().save_pretrained(folder / "base")
    changes = {"head_layers": [1, 2, 4], "lora_first_layer": 2, "face_token": FACE, "slot_token": SLOT}
    return FaceGPTForConditionalGeneration.from_base(folder / "base", **changes).eval()


def stirred(part: Any, size: float = 0.05) -> Any:
    """The same part of a model with parameters that do something."""
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in part.parameters():
            parameter.copy_(size * torch.randn_like(parameter))
    return part.eval()
