"""A base's decoder layers run one after the other, from states that are known."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
    from facegpt.language.model.lora import Adapters


@dataclass(eq=False)
class TokenStore:
    """Tokens with what a base made of them, for texts that begin alike: turns come after the same turns.

    Tokens of one reader form a tree. At most `most` are kept (some 60 kB each); beyond, those that are not read just
    then are forgotten.

    Attributes:
        states: layer → (most, D) after it (0: before the first), of the layers that are read. keys, values: (layers,
            heads, most, d).
        rows: of each token, by its reader, the row of the token before it (-1: none) and its id or its face.
    """

    most: int = 512
    states: dict[int, Tensor] = field(default_factory=dict)
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
        for tensor, axis in (*((each, 0) for each in self.states.values()), (self.keys, 2), (self.values, 2)):
            if tensor is not None and wanted:
                index = torch.tensor(wanted, device=tensor.device)
                tensor.narrow(axis, 0, len(wanted)).copy_(tensor.index_select(axis, index))

    def keep(self, rows: slice, states: Mapping[int, Tensor]) -> None:
        """Keep (N, D) states of new tokens, by layer."""
        for layer, state in states.items():
            if layer not in self.states:
                self.states[layer] = state.new_empty(self.most, state.shape[-1])
            self.states[layer][rows] = state

    def keep_keys(self, layers: int, layer: int, rows: slice, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (heads, N, d) of new tokens in one of so many layers; gives (heads, most, d) of all."""
        if self.keys is None or self.values is None:
            shape = (layers, keys.shape[0], self.most, keys.shape[2])
            self.keys, self.values = keys.new_empty(shape), values.new_empty(shape)
        self.keys[layer][:, rows], self.values[layer][:, rows] = keys, values
        return self.keys[layer], self.values[layer]


@dataclass(frozen=True, eq=False)
class Seen:
    """Tokens of one reader in a pass, which see none of another's.

    Attributes:
        new: their places among the tokens that are run. rows: (S,) of the store, of all that any of them sees.
        mask: (N, S) added to the scores of attention, 0 or -inf. adapters: of the reader.
    """

    new: slice
    rows: Tensor
    mask: Tensor
    adapters: Sequence[Adapters] = ()

    @property
    def acts(self) -> bool:
        """Whether any token is new."""
        return self.new.start < self.new.stop


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
    model: FaceGPTForConditionalGeneration, hidden: Tensor, first: int, last: int | None = None
) -> dict[int, Tensor]:
    """Run the layers first..last - 1 (by default to the end) over (B, T, D).

    Gives the states after each, numbered as in `all_states`.

    Args:
        model: whose layers.
        hidden: (B, T, D) states before the first of them.
        first: layer that is run.
        last: the one after the last.
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


def states_of_trees(
    model: FaceGPTForConditionalGeneration,
    hidden: Tensor,
    place: Tensor,
    rows: slice,
    seen: Sequence[Seen],
    store: TokenStore,
) -> dict[int, Tensor]:
    """Run all layers over tokens that see those before them in their tree, and keep their keys and values.

    Gives the states (N, D) before the first layer and after each, as `states_from` does. Modules are not called: of the
    time of a short pass their hooks took a quarter.

    Args:
        model: whose base is a Llama (can_split).
        hidden: (N, D) states before the first.
        place: (N,) of each token in its text.
        rows: of the store, N.
        seen: what sees what.
        store: of the tokens.
    """
    decoder = decoder_of(model)
    rotary, count = _rotary(decoder, hidden, place), len(decoder.layers)
    masks = [_mask_of_heads(each, decoder.layers[0].self_attn).to(hidden.dtype) for each in seen]
    states = {0: hidden}
    for k, layer in enumerate(decoder.layers):
        own, mlp = layer.self_attn, layer.mlp
        normed = _normed(hidden, layer.input_layernorm)
        query, key, value = (_linear(own, name, normed, k, seen) for name in ("q_proj", "k_proj", "v_proj"))
        turned = _turned(torch.cat((query, key), 1).unflatten(1, (-1, own.head_dim)), *rotary)
        heads = query.shape[1] // own.head_dim
        value = value.unflatten(1, (-1, own.head_dim)).transpose(0, 1)
        keys, values = store.keep_keys(count, k, rows, turned[:, heads:].transpose(0, 1), value)
        found = _attended(turned[:, :heads].transpose(0, 1), keys, values, seen, masks)
        hidden = _linear(own, "o_proj", found, k, seen).add_(hidden)
        normed = _normed(hidden, layer.post_attention_layernorm)
        gate, up = (_linear(mlp, name, normed, k, seen) for name in ("gate_proj", "up_proj"))
        hidden = _linear(mlp, "down_proj", mlp.act_fn(gate).mul_(up), k, seen).add_(hidden)
        states[k + 1] = hidden
    states[count] = _normed(hidden, decoder.norm)
    return states


def _linear(part: Any, name: str, x: Tensor, k: int, seen: Sequence[Seen]) -> Tensor:
    """(N, out) of a linear layer of the decoder layer k for (N, in), with the adapters of each reader on its tokens."""
    out: Tensor = getattr(part, name).forward(x)
    for each in seen:
        for adapters in each.adapters:
            if (adapter := adapters.of_layers.get((k, name))) is not None:
                adapter.add_to(out[each.new], x[each.new])
    return out


def _normed(x: Tensor, norm: Any) -> Tensor:
    """Divide states (N, D) by their root mean square (Zhang and Sennrich 2019)."""
    return nn.functional.rms_norm(x, x.shape[-1:], norm.weight, norm.variance_epsilon)


def _rotary(decoder: Any, hidden: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
    """(N, 1, d) what turns tokens by the angles of their places: for `_turned`."""
    cos, sin = (each[0, :, None] for each in decoder.rotary_emb(hidden[None], place[None]))
    first, second = sin.chunk(2, -1)
    return cos, torch.cat((-first, second), -1)


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate (N, heads, d) by the angles of their places (Su et al. 2021, RoFormer, sec. 3.4.2, halves apart)."""
    return (x * cos).addcmul_(x.roll(x.shape[-1] // 2, -1), sin)


def _mask_of_heads(seen: Seen, attention: Any) -> Tensor:
    """The mask (heads · N, S) of heads that share keys, which stand one behind the other as more tokens."""
    return seen.mask.repeat(attention.num_key_value_groups, 1)


def _attended(query: Tensor, keys: Tensor, values: Tensor, seen: Sequence[Seen], masks: Sequence[Tensor]) -> Tensor:
    """(N, heads · d) what tokens find; query: (heads, N, d), keys and values: (fewer heads, rows, d)."""
    shared = len(query) // len(keys)
    found = []
    for each, mask in zip(seen, masks, strict=True):
        own = query[:, each.new].unflatten(0, (-1, shared)).flatten(1, 2)
        key, value = (part.index_select(1, each.rows)[None] for part in (keys, values))
        out = nn.functional.scaled_dot_product_attention(own[None], key, value, attn_mask=mask)[0]
        found.append(out.unflatten(1, (shared, -1)).flatten(0, 1).transpose(0, 1).flatten(1))
    return torch.cat(found)
