"""What the language model is while it reads what a turn of a conversation means: the same base with other adapters.

The small networks that say what a turn does, whom it means, what it asks and what it changes take its states. Both were
learnt together (lab/runs/language/together), beside the adapters that read faces, which are silent here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.layers import states_from
from facegpt.language.model.lora import Adapters
from facegpt.language.model.part_files import fill_reader, save_parts
from facegpt.types import Array

#: The shipped one, in assets/, for the shipped adapter (loading.ADAPTER).
TURN_ADAPTER = "turn_adapter.safetensors"
FORMAT = "facegpt-turns/1"
#: Layers whose states say what a turn means.
TURN_LAYERS = (18, 24, 30)
#: Of the adapters: thin matrices of so many rows; what they add counts so much.
RANK, SCALE = 28, 2.0


class TurnReader(nn.Module):
    """Adapters of turns on a base, in all its layers.

    Args:
        model: whose base is read with.
        layers: whose states are given.
        rank: of the adapters.
    """

    def __init__(
        self, model: FaceGPTForConditionalGeneration, layers: tuple[int, ...] = TURN_LAYERS, rank: int = RANK
    ) -> None:
        super().__init__()
        self.layers, self.rank = layers, rank
        self.adapters = Adapters(model.base, rank, SCALE * rank)
        self.adapters.acting = False
        self._model = [model]  # not a part of this one

    def states(self, ids: Tensor) -> Tensor:
        """(B, T, layers, D) float32 of the layers. ids: (B, T) tokens, padded behind."""
        model = self._model[0]
        with model.adapters.acting_if(False), self.adapters.acting_if(True):
            found = states_from(model, model.get_input_embeddings()(ids), 0)
        return torch.stack([found[layer].float() for layer in self.layers], 2)


def states_of_words(states: Mapping[int, Tensor], since: int) -> Array:
    """(tokens, layers, D) states of TURN_LAYERS from the first token of the last turn on, without `<FACE>`.

    Args:
        states: (1, T, D) of layers of a pass.
        since: the place of that token.
    """
    return np.stack([states[layer][0, since:-1].float().cpu().numpy() for layer in TURN_LAYERS], 1)


def save_turn_reader(reader: TurnReader, path: Path, adapter_sha256: str) -> Path:
    """Write it in float16. adapter_sha256: of the adapter file that it stands beside."""
    return save_parts(reader.state_dict(), path, {"format": FORMAT, "adapter_sha256": adapter_sha256})


def load_turn_reader(
    model: FaceGPTForConditionalGeneration, path: Path, layers: tuple[int, ...] = TURN_LAYERS
) -> TurnReader:
    """Read a file of `save_turn_reader` for a model.

    Raises:
        AssetError: if it is damaged, of another format or of another shape.
    """
    reader = TurnReader(model, layers)
    fill_reader(reader, path, "adapter of turns", FORMAT)
    return reader
