"""What watches a language model while it writes: the pieces of its text, and how sure it is of each token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor, TextStreamer


class PieceStreamer(TextStreamer):
    """Hands on each piece of text as it is made, and keeps the whole.

    Args:
        tokenizer: of the model. say: called with each piece.
    """

    def __init__(self, tokenizer: Any, say: Callable[[str], None]) -> None:
        super().__init__(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self._say, self.text = say, ""

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Take a piece; part of the contract of transformers."""
        if text:
            self.text += text
            self._say(text)


class LikeliestTokens(LogitsProcessor):
    """Notes the log-probability of the likeliest token at each step: of the one taken, where none is drawn."""

    def __init__(self) -> None:
        self.log_probabilities: list[float] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Leave the scores as they are; part of the contract of transformers."""
        self.log_probabilities.append(float(torch.log_softmax(scores[0].float(), -1).max()))
        return scores
