"""What the language model is while it words a reply: the same base with adapters in all its layers, one token a pass.

It reads the user's words and what may be told, facts as codes (dialogue/replies), and never sees a number. Learnt by
lab/runs/language/replies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.lora import Adapters
from facegpt.language.model.part_files import fill_reader, save_parts
from facegpt.language.model.reply_tokens import END, prompt_tokens, text_of

#: The shipped one, in assets/, for the base of the shipped adapter.
REPLY_ADAPTER = "networks/reply_adapter.safetensors"
FORMAT = "facegpt-replies/1"
#: Of the adapters: thin matrices of so many rows; what they add counts so much.
RANK, SCALE = 6, 2.0
#: A reply has no more tokens.
MOST_TOKENS = 60


class ReplyWriter(nn.Module):
    """Adapters of replies on a base.

    Args:
        model: whose base writes.
        rank: of the adapters.
    """

    def __init__(self, model: FaceGPTForConditionalGeneration, rank: int = RANK) -> None:
        super().__init__()
        self.adapters = Adapters(model.base, rank, SCALE * rank)
        self.adapters.acting = False
        self._model = [model]  # not a part of this one

    @torch.inference_mode()
    def written(self, tokenizer: Any, prompt: str) -> str:
        """The likeliest reply, token by token; "" where it does not end within MOST_TOKENS.

        Args:
            tokenizer: of the base.
            prompt: of `replies.items.prompt_of`.
        """
        model = self._model[0]
        with model.adapters.acting_if(False), self.adapters.acting_if(True):
            found = likeliest(model.base, tokenizer, prompt)
        return text_of(tokenizer, found).strip() if tokenizer.convert_tokens_to_ids(END) in found else ""


@torch.inference_mode()
def likeliest(base: Any, tokenizer: Any, prompt: str) -> list[int]:
    """The likeliest tokens that a base writes to a prompt, up to its end or MOST_TOKENS of them."""
    end = tokenizer.convert_tokens_to_ids(END)
    ids = torch.tensor([prompt_tokens(tokenizer, prompt)], device=base.device)
    options: dict[str, Any] = {"eos_token_id": end, "pad_token_id": end, "max_new_tokens": MOST_TOKENS}
    out = base.generate(input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, use_cache=True, **options)
    return list(out[0, ids.shape[1] :].tolist())


def save_reply_writer(writer: ReplyWriter, path: Path, base_sha256: str) -> Path:
    """Write it in float16. base_sha256: of the base that it learnt with."""
    return save_parts(writer.state_dict(), path, {"format": FORMAT, "base_sha256": base_sha256})


def load_reply_writer(model: FaceGPTForConditionalGeneration, path: Path, rank: int = RANK) -> ReplyWriter:
    """Read a file of `save_reply_writer` for a model.

    Raises:
        AssetError: if it is damaged, of another format or of another shape.
    """
    writer = ReplyWriter(model, rank)
    fill_reader(writer, path, "writer of replies", FORMAT)
    return writer
