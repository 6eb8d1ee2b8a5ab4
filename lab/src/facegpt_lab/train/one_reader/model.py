"""The reader: the base with one set of adapters, and an embedding of pieces that it reads and writes requests with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from facegpt.language.model.base import base_tokenizer, cached_base, quiet_transformers
from facegpt.language.model.lora import Adapters
from facegpt.types import FaceGPTError
from facegpt_lab.train.one_reader.grammar import Position, allowed
from facegpt_lab.train.one_reader.table import END, numbers, pieces

#: A request is cut off after so many pieces.
LONGEST = 96
#: What a target holds where nothing is to be learnt.
NOTHING = -100


@dataclass(frozen=True)
class ReaderSettings:
    """rank: of the adapters; 0: the whole base learns. alpha: their scale times the rank. first_layer: with any."""

    rank: int = 64
    alpha: float = 128.0
    first_layer: int = 0


class OneReader(nn.Module):
    """Writes requests.

    Args:
        base: a causal model of transformers. tokenizer: its own.
        settings: how it is adapted.
    """

    def __init__(self, base: Any, tokenizer: Any, settings: ReaderSettings) -> None:
        super().__init__()
        self.base, self.tokenizer, self.settings = base, tokenizer, settings
        self.base.requires_grad_(settings.rank == 0)
        self.adapters = (
            Adapters(base, settings.rank, settings.alpha, settings.first_layer) if settings.rank else nn.ModuleDict()
        )
        words = base.get_input_embeddings().weight.detach().float()
        self.pieces = nn.Embedding.from_pretrained(_first_embeddings(words, tokenizer), freeze=False)
        self.bias = nn.Parameter(torch.zeros(len(pieces())))

    def losses(self, prompts: Sequence[str], requests: Sequence[Sequence[str]]) -> dict[str, Tensor]:
        """Cross-entropy of the pieces of each request after its prompt, nats a piece."""
        embedded, mask, targets = self._batch(prompts, requests)
        states = self._states(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        kept = targets != NOTHING
        return {"total": F.cross_entropy(self._scores(states[kept]), targets[kept])}

    @torch.inference_mode()
    def read(self, prompts: Sequence[str]) -> list[tuple[str, ...]]:
        """The request of each prompt: the likeliest piece that the grammar allows, piece by piece."""
        embedded, mask, _ = self._batch(prompts, None)
        positions, written = [Position() for _ in prompts], [list[str]() for _ in prompts]
        memory: Any = None
        for _ in range(LONGEST):
            # positions count from the first token that is not padding
            out = self._states(
                inputs_embeds=embedded,
                attention_mask=mask,
                past_key_values=memory,
                position_ids=(mask.cumsum(1) - 1).clamp_min(0)[:, -embedded.shape[1] :],
                use_cache=True,
            )
            memory, scores = out.past_key_values, self._scores(out.last_hidden_state[:, -1]).float()
            chosen = self._chosen(scores, positions, written)
            if all(position.done for position in positions):
                break
            embedded = self.pieces(chosen)[:, None].to(embedded.dtype)
            mask = F.pad(mask, (0, 1), value=1)
        return [tuple(each) for each in written]

    def _chosen(self, scores: Tensor, positions: Sequence[Position], written: Sequence[list[str]]) -> Tensor:
        """The next piece of each request (B,); of those that are done, their end."""
        chosen = torch.full((len(positions),), numbers()[END], device=scores.device)
        for row, (position, said) in enumerate(zip(positions, written, strict=True)):
            if not position.done:
                may = torch.from_numpy(allowed(position.kinds())).to(scores.device)
                chosen[row] = scores[row].masked_fill(~may, -torch.inf).argmax()
                said.append(pieces()[int(chosen[row])])
                position.step(said[-1])
        return chosen

    def _states(self, **given: Any) -> Any:
        decoder = self.base.get_decoder() if hasattr(self.base, "get_decoder") else self.base.model
        half = self.base.dtype == torch.bfloat16
        with torch.autocast(self.pieces.weight.device.type, torch.bfloat16) if half else nullcontext():
            return decoder(**given)

    def _scores(self, states: Tensor) -> Tensor:
        """(…, P) of each piece; states (…, C) are normalised by the base already."""
        return F.linear(states.float(), self.pieces.weight, self.bias)

    def _batch(self, prompts: Sequence[str], requests: Sequence[Sequence[str]] | None) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings (B, T, C), mask and targets (B, T): padded before the prompts, the requests behind them."""
        device, place = self.pieces.weight.device, numbers()
        rows = [self.tokenizer(prompt, add_special_tokens=False).input_ids for prompt in prompts]
        said = [[place[piece] for piece in request] for request in requests or [()] * len(rows)]
        long = max(len(row) + max(len(end) - 1, 0) for row, end in zip(rows, said, strict=True))
        ids = torch.zeros(len(rows), long, dtype=torch.long)
        own, mask = torch.full_like(ids, NOTHING), torch.zeros_like(ids)
        targets = torch.full_like(ids, NOTHING)
        for k, (row, end) in enumerate(zip(rows, said, strict=True)):
            start = long - len(row) - max(len(end) - 1, 0)
            ids[k, start : start + len(row)] = torch.tensor(row)
            mask[k, start:] = 1
            if end:
                own[k, start + len(row) :] = torch.tensor(end[:-1])
                targets[k, start + len(row) - 1 :] = torch.tensor(end)
        ids, own, mask, targets = (each.to(device) for each in (ids, own, mask, targets))
        words = self.base.get_input_embeddings()(ids)
        written = self.pieces(own.clamp_min(0)).to(words.dtype)
        return torch.where((own != NOTHING)[..., None], written, words), mask, targets


def _first_embeddings(words: Tensor, tokenizer: Any) -> Tensor:
    """(P, C) what each piece begins as: the mean of the words of its name."""
    rows = []
    for piece in pieces():
        plain = "".join(f" {c.lower()}" if c.isupper() else c for c in piece).replace("_", " ").replace(":", " ")
        rows.append(words[tokenizer(plain, add_special_tokens=False).input_ids].mean(0))
    return torch.stack(rows)


def new_reader(settings: ReaderSettings, base: Path | None = None, precision: str = "float32") -> OneReader:
    """A reader that has learnt nothing.

    Args:
        settings: how the base is adapted.
        base: a folder of a causal model; by default the shipped base, fetched once.
        precision: of a base that itself learns nothing, "float32" or "bfloat16".
    """
    from transformers import AutoModelForCausalLM

    folder = base or cached_base()
    frozen = precision == "bfloat16" and settings.rank
    with quiet_transformers():
        # on processors the fused attention goes back in six times the time of a plain one, on texts this short
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.bfloat16 if frozen else torch.float32, attn_implementation="eager"
        )
    return OneReader(model, base_tokenizer(folder), settings)


def save_reader(reader: OneReader, path: Path) -> None:
    """Write what was learnt: adapters (or the whole base) and pieces, in float16, with the table that they fit."""
    from safetensors.torch import save_file

    part = path.with_suffix(".part")
    learnt = {name: p.detach().half().cpu().contiguous() for name, p in reader.named_parameters() if p.requires_grad}
    save_file(learnt, part, {"settings": json.dumps(asdict(reader.settings)), "pieces": json.dumps(pieces())})
    part.replace(path)


def load_reader(path: Path, base: Path | None = None) -> OneReader:
    """Read such a file.

    Raises:
        FaceGPTError: if it was learnt with another table of pieces.
    """
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        told = file.metadata() or {}
        if json.loads(told.get("pieces", "[]")) != list(pieces()):
            raise FaceGPTError(f"the reader in '{path}' was learnt with another table of pieces; train it again")
        reader = new_reader(ReaderSettings(**json.loads(told["settings"])), base)
        learnt = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    reader.load_state_dict(learnt, strict=False)
    return reader.eval()
