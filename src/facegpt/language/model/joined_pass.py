"""One pass of the base for several readers: a batch in which each text is read with the adapters of its own reader.

A pass over a short text takes its time mostly for reading the base's weights, so that a second text beside it costs
less than half of a pass of its own. Adapters that differ within a batch are those of Punica (Chen et al. 2023).
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration, FaceGPTOutput
from facegpt.language.model.feelings_reader import FeelingsReader
from facegpt.language.model.turn_adapter import TurnReader


@dataclass(frozen=True, eq=False)
class ReadTogether:
    """What a joined pass gives.

    Attributes:
        out: what `model` gives for the prompt with `face_at`, where logits are (1, 1, vocabulary): those of the
            answer's first token. felt: (E,) log-probabilities of EMOTIONS, or None.
        states: (T - 1, layers, D) of the turn reader for the prompt without its `<FACE>`, or None.
    """

    out: FaceGPTOutput
    felt: Tensor | None = None
    states: Tensor | None = None


def read_together(
    model: FaceGPTForConditionalGeneration,
    ids: Tensor,
    numbers: Tensor,
    since: Tensor,
    feelings: tuple[FeelingsReader, Tensor] | None = None,
    turns: TurnReader | None = None,
) -> ReadTogether:
    """What the face head reads of a prompt without faces, and other readers of the same base beside it.

    Args:
        model: whose base is causal.
        ids: (T,) the prompt, `<FACE>` last.
        numbers: (R, 3), see FaceHead.
        since: (1,), see FaceHead.
        feelings: the reader of feelings and (W,) its tokens (`feelings_reader.tokens_of`); None without.
        turns: reads the meaning of the prompt without `<FACE>`; None without.
    """
    count = len(ids)
    texts = [ids, *([feelings[1]] if feelings else []), *([ids[:-1]] if turns else [])]
    batch = pad_sequence(texts, batch_first=True)  # causal: what stands behind changes nothing before it
    with ExitStack() as acting:
        acting.enter_context(model.adapters.acting_if(True, row=0))
        acting.enter_context(model.words_acting_if(True, row=0))
        if feelings:
            acting.enter_context(feelings[0].adapters.acting_if(True, row=1))
        if turns:
            acting.enter_context(turns.adapters.acting_if(True, row=len(texts) - 1))
        out = model.base(
            input_ids=batch,
            output_hidden_states=True,
            use_cache=False,
            logits_to_keep=torch.tensor([count - 2], device=ids.device),
        )
    own = tuple(layer[:1, :count] for layer in out.hidden_states)
    face_at = torch.tensor([count - 1], device=ids.device)
    request = model.read_states(own, torch.ones_like(ids)[None], face_at, numbers=numbers, since=since)
    read = FaceGPTOutput(logits=out.logits[:1], request=request, hidden_states=own)
    felt = states = None
    if feelings:
        words = len(feelings[1])
        others = {k: layer[1:2, :words] for k, layer in enumerate(out.hidden_states)}
        felt = feelings[0].of_states(others, torch.tensor([words], device=ids.device))[0]
    if turns:
        states = torch.stack([out.hidden_states[k][-1, : count - 1].float() for k in turns.layers], 1)
    return ReadTogether(read, felt, states)
