"""One pass of the base for two readers: a batch in which each text is read with the adapters of its own reader.

A pass over a short text takes its time mostly for reading the base's weights, so that a second text beside it costs
less than half of a pass of its own. Adapters that differ within a batch are those of Punica (Chen et al. 2023).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration, FaceGPTOutput
from facegpt.language.model.feelings_reader import FeelingsReader


def read_with_feelings(
    model: FaceGPTForConditionalGeneration,
    reader: FeelingsReader,
    ids: Tensor,
    words: Tensor,
    numbers: Tensor,
    since: Tensor,
) -> tuple[FaceGPTOutput, Tensor]:
    """What the face head reads of a prompt without faces, and the reader of feelings of its words.

    Args:
        model: whose base is causal.
        reader: of the same model.
        ids: (T,) the prompt, `<FACE>` last.
        words: (W,) tokens for the reader (`feelings_reader.tokens_of`).
        numbers: (R, 3), see FaceHead.
        since: (1,), see FaceHead.

    Returns:
        What `model` gives for the prompt with `face_at`, where logits are (1, 1, vocabulary): those of the answer's
        first token; and (E,) log-probabilities of EMOTIONS.
    """
    count = len(ids)
    batch = pad_sequence([ids, words], batch_first=True)  # causal: what stands behind changes nothing before it
    with (
        model.adapters.acting_if(True, row=0),
        model.words_acting_if(True, row=0),
        reader.adapters.acting_if(True, row=1),
    ):
        out = model.base(
            input_ids=batch,
            output_hidden_states=True,
            use_cache=False,
            logits_to_keep=torch.tensor([count - 2], device=ids.device),
        )
    own = tuple(layer[:1, :count] for layer in out.hidden_states)
    face_at = torch.tensor([count - 1], device=ids.device)
    request = model.read_states(own, torch.ones_like(ids)[None], face_at, numbers=numbers, since=since)
    others = {k: layer[1:, : len(words)] for k, layer in enumerate(out.hidden_states)}
    felt = reader.of_states(others, torch.tensor([len(words)], device=ids.device))[0]
    return FaceGPTOutput(logits=out.logits[:1], request=request, hidden_states=own), felt
