"""Hidden states of frozen layers, computed once and kept in a file, so that training runs the upper layers alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.train.words.examples import EncodedExample, collate, length_batches
from facegpt.types import FaceGPTError

_TOKENS_AT_ONCE = 2048


class FrozenStates:
    """A file of hidden states (tokens, layers, D) in float16, and where each example begins in it.

    Args:
        folder: has states.npy and index.json.
    """

    def __init__(self, folder: Path) -> None:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.layers: list[int] = index["layers"]
        self.starts: dict[str, tuple[int, int]] = {key: tuple(place) for key, place in index["examples"].items()}
        self.states = np.load(folder / "states.npy", mmap_mode="r", allow_pickle=False)

    def __contains__(self, key: str) -> bool:
        return key in self.starts

    def fits(self, example: EncodedExample) -> bool:
        """Whether the states of this example are here, with as many tokens."""
        return self.starts.get(example.example.key, (0, -1))[1] == len(example.ids)

    def batch(self, keys: Sequence[str], longest: int) -> Tensor:
        """The states of some examples, padded with zeros: (B, T, layers, D) float32."""
        out = torch.zeros(len(keys), longest, *self.states.shape[1:])
        for k, key in enumerate(keys):
            start, length = self.starts[key]
            out[k, :length] = torch.from_numpy(np.array(self.states[start : start + length], np.float32))
        return out

    def by_layer(self, keys: Sequence[str], longest: int) -> dict[int, Tensor]:
        """The same by the layer's number: (B, T, D) each."""
        return dict(zip(self.layers, self.batch(keys, longest).unbind(2), strict=True))


@torch.no_grad()
def write_states(
    model: FaceGPTForConditionalGeneration,
    examples: Sequence[EncodedExample],
    folder: Path,
    pad: int,
    layers: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
    below: FrozenStates | None = None,
) -> FrozenStates:
    """Run the frozen model over examples and keep the states of the layers that the face head sees.

    Args:
        model: without trained adapters in the layers whose states are kept.
        examples: each with a `key` of its own.
        folder: where the file goes.
        pad: id of the padding token.
        layers: whose states are kept; by default those that the face head sees. No layer above the last of them is run.
        progress: called with the texts done and in all.
        below: states of these examples that are known; layers above the last of them alone are run.
    """
    keys = [each.example.key for each in examples]
    if len(set(keys)) != len(keys):
        raise FaceGPTError("two training texts have the same key; each needs its own")
    folder.mkdir(parents=True, exist_ok=True)
    layers = list(layers or model.config.head_layers)
    starts = np.concatenate([[0], np.cumsum([len(each.ids) for each in examples])])
    shape = (int(starts[-1]), len(layers), model.config.hidden_size)
    file = np.lib.format.open_memmap(folder / "states.npy", "w+", np.float16, shape)
    done = 0
    was_training = model.training
    model.eval()
    for rows in length_batches([len(each.ids) for each in examples], _TOKENS_AT_ONCE, seed=0):
        batch = collate([examples[k] for k in rows], rows, pad)
        if below is None:
            states = all_states(model, batch.ids, batch.faces, max(layers))
        else:
            states = with_states_above(model, below.by_layer([keys[k] for k in rows], batch.ids.shape[1]))
        kept = torch.stack([states[k] for k in layers], 2).to(torch.float16).numpy()
        for k, row in enumerate(rows):
            file[starts[row] : starts[row + 1]] = kept[k, : len(examples[row].ids)]
        done += len(rows)
        if progress:
            progress(done, len(examples))
    file.flush()
    model.train(was_training)
    index = {key: (int(starts[k]), len(examples[k].ids)) for k, key in enumerate(keys)}
    (folder / "index.json").write_text(json.dumps({"layers": layers, "examples": index}), encoding="utf-8")
    return FrozenStates(folder)


def all_states(
    model: FaceGPTForConditionalGeneration, ids: Tensor, faces: Tensor | None, last: int | None = None
) -> dict[int, Tensor]:
    """The hidden states of every layer, or of those up to `last`, for texts padded at their ends.

    0 is the embedding, the last layer's are normed. Causal attention never looks at padding that comes after a text, so
    no mask is needed.
    """
    if not can_split(model):
        with placed_faces(model, faces):
            found = model.base(input_ids=ids, use_cache=False, output_hidden_states=True).hidden_states
        return dict(enumerate(found))
    with placed_faces(model, faces):
        embedded = model.get_input_embeddings()(ids)
    last = None if last is None or last >= len(decoder_of(model).layers) else last
    return {0: embedded, **states_from(model, embedded, 0, last)}


def with_states_above(model: FaceGPTForConditionalGeneration, kept: dict[int, Tensor]) -> dict[int, Tensor]:
    """States of some layers by their number, and those of every layer above the last of them."""
    first = max(kept)
    return {**kept, **states_from(model, kept[first], first)}


class placed_faces:  # noqa: N801 - used as a context
    """Inside, the next pass of the base puts these faces into their slots."""

    def __init__(self, model: FaceGPTForConditionalGeneration, faces: Tensor | None) -> None:
        self.model, self.faces = model, faces

    def __enter__(self) -> None:
        self.model._faces_to_place = None if self.faces is None else self.model.embed_faces(self.faces)

    def __exit__(self, *error: Any) -> None:
        self.model._faces_to_place = None


def can_split(model: FaceGPTForConditionalGeneration) -> bool:
    """Whether the base's layers can be run one by one: a Llama."""
    return model.base.config.model_type == "llama"


def decoder_of(model: FaceGPTForConditionalGeneration) -> Any:
    """The stack of decoder layers of a causal base (Llama's structure, which most share)."""
    decoder = getattr(model.base, "model", None)
    if not all(hasattr(decoder, name) for name in ("layers", "norm", "rotary_emb")):
        raise FaceGPTError("this base cannot run in two halves; train it without cached states")
    return decoder


def states_from(
    model: FaceGPTForConditionalGeneration, hidden: Tensor, first: int, last: int | None = None
) -> dict[int, Tensor]:
    """Run the layers first..last - 1 (by default to the end) over (B, T, D).

    Gives the states after each, numbered as in `all_states`.
    """
    decoder = decoder_of(model)
    place = torch.arange(hidden.shape[1], device=hidden.device)[None]
    rotary = decoder.rotary_emb(hidden, place)
    states = {}
    for k in range(first, len(decoder.layers) if last is None else last):
        out = decoder.layers[k](hidden, attention_mask=None, position_ids=place, position_embeddings=rotary)
        hidden = out[0] if isinstance(out, tuple) else out
        states[k + 1] = hidden
    if last is None:
        states[len(decoder.layers)] = decoder.norm(hidden)
    return states
