"""What the language model is while it reads which emotion words name: the same base with adapters in all its layers.

Behind the words stands the beginning of a sentence that only a feeling completes; what the base is then about to say,
and the mean over the words, give the odds of each emotion. Learnt by lab/runs/language/readers/feelings_reader.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.layers import states_from
from facegpt.language.model.lora import Adapters
from facegpt.language.model.part_files import fill_reader, save_parts
from facegpt.language.targets import EMOTIONS

#: The shipped one, in assets/, for the base of the shipped adapter.
FEELINGS_ADAPTER = "networks/feelings_adapter.safetensors"
FORMAT = "facegpt-feelings/1"
#: What stands behind the words; so many of their tokens are read.
QUESTION, MOST_TOKENS = "\nHow do they feel? The face shows", 110
#: Of the adapters: thin matrices of so many rows; what they add counts so much.
RANK, SCALE = 8, 2.0
#: The layer whose state of the last token is taken beside that of the last layer, by its depth, and its scale.
DEEP, OF_DEEP = 0.8, 0.125
DROPOUT = 0.1


class FeelingsReader(nn.Module):
    """Adapters and a linear layer on a base.

    Args:
        model: whose base is read with.
        rank: of the adapters.
    """

    def __init__(self, model: FaceGPTForConditionalGeneration, rank: int = RANK) -> None:
        super().__init__()
        self.adapters = Adapters(model.base, rank, SCALE * rank)
        self.adapters.acting = False
        self.out = nn.Linear(3 * model.config.hidden_size, len(EMOTIONS))
        self._model = [model]  # not a part of this one

    def forward(self, ids: Tensor, counts: Tensor) -> Tensor:
        """(B, E) log-probabilities of EMOTIONS.

        Args:
            ids: (B, T) tokens of words and question (`tokens_of`), padded behind.
            counts: (B,) how many there are.
        """
        model = self._model[0]
        with model.adapters.acting_if(False), self.adapters.acting_if(True):
            states = states_from(model, model.get_input_embeddings()(ids), 0)
        return self.of_states(states, counts)

    def of_states(self, states: Mapping[int, Tensor], counts: Tensor) -> Tensor:
        """(B, E) log-probabilities of EMOTIONS, from the states (B, T, D) that the layers give while its adapters act.

        Args:
            states: by layer, numbered as in `states_from`.
            counts: (B,) how many tokens there are.
        """
        row, last = torch.arange(len(counts), device=counts.device), counts - 1
        deep, top = (states[layer].float() for layer in layers_of_feelings(max(states)))
        mask = torch.arange(top.shape[1], device=top.device) < counts[:, None]
        mean = (top * mask[..., None]).sum(1) / counts[:, None]
        seen = torch.cat([top[row, last], deep[row, last] * OF_DEEP, mean], 1)
        return self.out(nn.functional.dropout(seen, DROPOUT, self.training)).log_softmax(1)


def layers_of_feelings(last: int) -> tuple[int, int]:
    """The layers whose states are read, of a base that has so many."""
    return round(DEEP * last), last


def tokens_of(tokenizer: Callable[..., Any], text: str) -> list[int]:
    """The tokens that are read of a text, with the question behind them."""
    words, question = (tokenizer(each, add_special_tokens=False)["input_ids"] for each in (text, QUESTION))
    return [*words[:MOST_TOKENS], *question]


def save_feelings_reader(reader: FeelingsReader, path: Path, base_sha256: str) -> Path:
    """Write it in float16. base_sha256: of the base that it learnt with."""
    return save_parts(reader.state_dict(), path, {"format": FORMAT, "base_sha256": base_sha256})


def load_feelings_reader(model: FaceGPTForConditionalGeneration, path: Path, rank: int = RANK) -> FeelingsReader:
    """Read a file of `save_feelings_reader` for a model.

    Raises:
        AssetError: if it is damaged, of another format or of another shape.
    """
    reader = FeelingsReader(model, rank)
    fill_reader(reader, path, "reader of feelings", FORMAT)
    return reader
