"""A base's decoder layers run one after the other, from states that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration


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
    """
    decoder = decoder_of(model)
    place = (torch.arange(hidden.shape[1], device=hidden.device) if place is None else place)[None]
    seen = None if mask is None else mask[None, None]
    rotary = decoder.rotary_emb(hidden, place)
    states = {}
    for k in range(first, len(decoder.layers) if last is None else last):
        out = decoder.layers[k](hidden, attention_mask=seen, position_ids=place, position_embeddings=rotary)
        hidden = out[0] if isinstance(out, tuple) else out
        states[k + 1] = hidden
    if last is None:
        states[len(decoder.layers)] = decoder.norm(hidden)
    return states
