"""A base's decoder layers run one after the other, from states that are known."""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration


@dataclass(eq=False)
class TokenStore:
    """Tokens with what a base made of them, for texts that begin alike: turns come after the same turns.

    Tokens of one reader form a tree. At most `most` are kept (some 120 kB each); beyond, those that are not read just
    then are forgotten.

    Attributes:
        states: (layers + 1, most, D) before the first layer and after each. keys, values: (layers, heads, most, d).
        rows: of each token, by its reader, the row of the token before it (-1: none) and its id or its face.
    """

    most: int = 512
    states: Tensor | None = None
    keys: Tensor | None = None
    values: Tensor | None = None
    rows: dict[tuple[Hashable, int, Hashable], int] = field(default_factory=dict)

    def place(self, reader: Hashable, ids: Sequence[Hashable], parents: Sequence[int]) -> tuple[list[int], list[bool]]:
        """The rows of the tokens of a tree, each after its parent, and which of them are new. There must be room."""
        rows: list[int] = []
        new: list[bool] = []
        for token, parent in zip(ids, parents, strict=True):
            key = (reader, rows[parent] if parent >= 0 else -1, token)
            new.append(key not in self.rows)
            rows.append(self.rows.setdefault(key, len(self.rows)))
        return rows, new

    def kept_rows(self, reader: Hashable, ids: Sequence[Hashable], parents: Sequence[int]) -> list[int | None]:
        """The rows of the tokens of a tree, None for those that are not kept."""
        rows: list[int | None] = []
        for token, parent in zip(ids, parents, strict=True):
            before = rows[parent] if parent >= 0 else -1
            rows.append(None if before is None else self.rows.get((reader, before, token)))
        return rows

    def make_room(self, trees: Sequence[tuple[Hashable, Sequence[Hashable], Sequence[int]]]) -> None:
        """Forget all that these trees (reader, ids, parents) do not have, if what is new of them does not fit."""
        found = [row for tree in trees for row in self.kept_rows(*tree)]
        if len(self.rows) + found.count(None) > self.most:
            self._keep_only(sorted({row for row in found if row is not None}))

    def _keep_only(self, wanted: Sequence[int]) -> None:
        """Forget all rows but these, which move to the front."""
        places = {-1: -1, **{row: place for place, row in enumerate(wanted)}}
        kept = [(key, row) for key, row in self.rows.items() if row in places]
        self.rows = {(reader, places[before], token): places[row] for (reader, before, token), row in kept}
        for tensor, axis in ((self.states, 1), (self.keys, 2), (self.values, 2)):
            if tensor is not None and wanted:
                index = torch.tensor(wanted, device=tensor.device)
                tensor.narrow(axis, 0, len(wanted)).copy_(tensor.index_select(axis, index))

    def keep(self, rows: Tensor, states: Sequence[Tensor]) -> None:
        """Keep (N, D) states of all layers of new tokens."""
        if self.states is None:
            self.states = states[0].new_empty(len(states), self.most, states[0].shape[-1])
        for kept, state in zip(self.states, states, strict=True):
            kept[rows] = state


class StoredKeys:
    """What layers of transformers take for a cache: keys and values of new tokens are stored, those of all come back.

    Args:
        store: of the tokens. layers: how many there are. new, every: rows (N,) of the new tokens and of all that count.
    """

    def __init__(self, store: TokenStore, layers: int, new: Tensor, every: Tensor) -> None:
        self._store, self._layers, self._new, self._every = store, layers, new, every

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Keep (1, heads, N, d) of the new tokens of a layer; give those of all."""
        store = self._store
        if store.keys is None or store.values is None:
            shape = (self._layers, keys.shape[1], store.most, keys.shape[3])
            store.keys, store.values = keys.new_empty(shape), values.new_empty(shape)
        store.keys[layer][:, self._new], store.values[layer][:, self._new] = keys[0], values[0]
        return store.keys[layer][None, :, self._every], store.values[layer][None, :, self._every]


def cache_argument(layer: nn.Module) -> str:
    """How a decoder layer calls its cache: transformers renamed it."""
    return "cache" if "cache" in inspect.signature(type(layer).forward).parameters else "past_key_values"


def can_split(model: FaceGPTForConditionalGeneration) -> bool:
    """Whether the base's layers can be run one by one: a Llama whose layers are not shared out among processes."""
    is_sharded = hasattr(model.base, "unshard")  # a method of torch's FSDPModule, whose import takes seconds
    return model.base.config.model_type == "llama" and not is_sharded


def decoder_of(model: FaceGPTForConditionalGeneration) -> Any:
    """The stack of decoder layers of a causal base (Llama's structure, which most share)."""
    decoder = getattr(model.base, "model", None)
    if not all(hasattr(decoder, name) for name in ("layers", "norm", "rotary_emb")):
        raise FaceGPTError("this base cannot run in two halves; train it without cached states")
    return decoder


def states_from(
    model: FaceGPTForConditionalGeneration,
    hidden: Tensor,
    first: int,
    last: int | None = None,
    place: Tensor | None = None,
    mask: Tensor | None = None,
    cache: StoredKeys | None = None,
) -> dict[int, Tensor]:
    """Run the layers first..last - 1 (by default to the end) over (B, T, D).

    Gives the states after each, numbered as in `all_states`.

    Args:
        model: whose layers.
        hidden: (B, T, D) states before the first of them.
        first: layer that is run.
        last: the one after the last.
        place: (T,) of each token in its text; None: they stand one behind the other.
        mask: (T, T) added to the scores of attention, 0 or -inf; None: each sees what stands before it.
        cache: keeps keys and values, and gives those of tokens that were read before: mask is (T, all of them) then.
    """
    decoder = decoder_of(model)
    place = (torch.arange(hidden.shape[1], device=hidden.device) if place is None else place)[None]
    seen = None if mask is None else mask[None, None]
    rotary = decoder.rotary_emb(hidden, place)
    options = {} if cache is None else {cache_argument(decoder.layers[0]): cache}
    states = {}
    for k in range(first, len(decoder.layers) if last is None else last):
        out = decoder.layers[k](hidden, attention_mask=seen, position_ids=place, position_embeddings=rotary, **options)
        hidden = out[0] if isinstance(out, tuple) else out
        states[k + 1] = hidden
    if last is None:
        states[len(decoder.layers)] = decoder.norm(hidden)
    return states
