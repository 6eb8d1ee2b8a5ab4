"""Language alignment: the face head on frozen states first, then adapters in the upper layers together with it.

Texts run the layers above the first adapter alone, from states that were computed once (features.py); those with faces
run whole where the face embedding is learnt, which is done through the layers below. With several processes all texts
run whole (sharding.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from facegpt.language.model.face_head import FaceHeadOutput
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration, face_log_odds
from facegpt.language.model.placement import moved
from facegpt_lab.train.processes import ALONE, Processes
from facegpt_lab.train.words.examples import Batch, EncodedExample, collate, length_batches
from facegpt_lab.train.words.features import FrozenStates, all_states, with_states_above
from facegpt_lab.train.words.losses import face_loss, request_losses, total
from facegpt_lab.train.words.validate import Scores, decode_batch, score


@dataclass
class TextStage:
    """Gives the losses of step after step.

    Attributes:
        model: face parts on a frozen base. examples: to learn from. pad: id of the padding token.
        frozen: states of the examples without faces (all of them while `adapt` is false), or None.
        adapt: whether adapters learn too. embed: whether the face embedding learns with them. tokens: of one batch.
        repeats: how often each example comes in one round; once by default.
        token_dropout: share of tokens that the face head doesn't see in a step.
        seed: of the batches' order.
        processes: who trains together, each on batches of its own, from the same examples.
    """

    model: FaceGPTForConditionalGeneration
    examples: Sequence[EncodedExample]
    pad: int
    frozen: FrozenStates | None = None
    adapt: bool = False
    embed: bool = True
    tokens: int = 1024
    repeats: Sequence[int] = ()
    token_dropout: float = 0.15
    seed: int = 0
    processes: Processes = ALONE
    _epochs: dict[int, list[list[int]]] = field(default_factory=dict)

    def choose_parameters(self) -> None:
        """Let the parts of this stage learn: the head and `<FACE>`'s score, then adapters and embedding too."""
        self.model.requires_grad_(False)
        starts: tuple[str, ...] = ("face_head", "face_row", "face_bias")
        if self.adapt:
            starts += ("adapters", "face_embedding") if self.embed else ("adapters",)
        for name, parameter in self.model.named_parameters():
            if name.startswith(starts) and "standardise" not in name:
                parameter.requires_grad_(True)

    def standardise(self, texts: int = 512) -> None:
        """Measure mean and SD of the head's input over some texts, the first token and padding left out."""
        some = list(range(min(texts, len(self.examples))))
        batches = [self._batch(rows) for rows in _chunks(some, 32)]
        with torch.no_grad(), self._in_precision():
            seen = []
            for batch in batches:
                kept = batch.mask.bool()
                kept[:, 0] = False
                seen.append(self._head_states(self._states(batch))[kept])
            everything = torch.cat(seen).double()
        norm = self.model.face_head.standardise
        norm.mean.copy_(everything.mean(0))
        norm.sd.copy_(everything.std(0).clamp_min(1e-3))
        self.processes.take_of_first([norm.mean, norm.sd])  # the same to the last bit

    def losses(self, step: int) -> dict[str, Tensor]:
        """Compute the losses of one step."""
        with attention_on(self.model.device.type):
            return self._losses(step)

    def _losses(self, step: int) -> dict[str, Tensor]:
        batch = self._batch(self._rows(step))
        out, log_odds = self.read(batch)
        losses = request_losses(out, batch.target)
        losses["face"] = face_loss(log_odds, batch.target["face"], batch.decides)
        return {**losses, "total": total(losses)}

    def read(self, batch: Batch) -> tuple[FaceHeadOutput, Tensor]:
        """Run the model over a batch: the face head's output and the log odds (B,) of an answer with a face."""
        states = self._states(batch)
        mask = self._seen_tokens(batch) if self.model.training else batch.mask
        every = torch.arange(len(batch.face_at), device=batch.face_at.device)
        before = states[len_layers(self.model)][every, batch.face_at - 1]
        logits = self.model.get_output_embeddings()(before)
        out = self.model.face_head(
            self._head_states(states), mask, batch.face_at, batch.is_edit, batch.numbers, batch.since
        )
        return out, face_log_odds(logits, self.model.config.face_token)

    def _seen_tokens(self, batch: Batch) -> Tensor:
        """Hide some tokens from the face head, never `<FACE>`."""
        drawn = torch.rand(batch.mask.shape, device=batch.mask.device)
        seen = (drawn >= self.token_dropout).to(batch.mask.dtype)
        seen[torch.arange(len(seen), device=seen.device), batch.face_at] = 1
        return batch.mask * seen

    def _states(self, batch: Batch) -> dict[int, Tensor]:
        """The states of the layers that are needed, by number."""
        keys = [self.examples[row].example.key for row in batch.rows]
        stored = self.frozen is not None and all(key in self.frozen for key in keys)
        if not stored or (self.adapt and self.embed and batch.faces is not None):
            with torch.set_grad_enabled(self.adapt and torch.is_grad_enabled()):  # else nothing in the base learns
                return all_states(self.model, batch.ids, batch.faces)
        return self._from_stored(self.frozen, keys, batch.ids.shape[1])

    def _from_stored(self, frozen: FrozenStates | None, keys: list[str], longest: int) -> dict[int, Tensor]:
        assert frozen is not None
        found = moved(frozen.by_layer(keys, longest), self.model.device)
        if not self.adapt:
            return found
        first = self.model.config.lora_first_layer
        return with_states_above(self.model, {layer: states for layer, states in found.items() if layer <= first})

    def _head_states(self, states: dict[int, Tensor]) -> Tensor:
        return torch.stack([states[k] for k in self.model.config.head_layers], dim=2)

    def steps_per_epoch(self) -> int:
        """How many steps one round over the examples has, each of one batch a process."""
        return len(self._epoch(0))

    def _batch(self, rows: list[int]) -> Batch:
        return moved(collate([self.examples[k] for k in rows], rows, self.pad), self.model.device)

    def _rows(self, step: int) -> list[int]:
        """This process's examples of a step: round after round in an order of its own, faces in own batches."""
        epoch, first = 0, 0
        while True:
            if epoch not in self._epochs:
                self._epochs = {k: v for k, v in self._epochs.items() if k >= epoch - 1}
                self._epochs[epoch] = self._epoch(epoch)
            if step < first + len(self._epochs[epoch]):
                return self._epochs[epoch][step - first]
            first += len(self._epochs[epoch])
            epoch += 1

    def _epoch(self, epoch: int) -> list[list[int]]:
        seed = self.seed * 1000 + epoch
        steps: list[list[list[int]]] = []
        times = self.repeats or [1] * len(self.examples)
        for with_faces in (False, True):
            pool = [k for k, each in enumerate(self.examples) if bool(each.example.faces) == with_faces]
            pool = [k for k in pool for _ in range(times[k])]
            lengths = [len(self.examples[k].ids) for k in pool]
            steps += self._shared_out([[pool[k] for k in rows] for rows in length_batches(lengths, self.tokens, seed)])
        order = np.random.default_rng(seed).permutation(len(steps))
        return [steps[k][self.processes.rank] for k in order]

    def _shared_out(self, batches: list[list[int]]) -> list[list[list[int]]]:
        """Batches (with faces, or without any) as steps, in each of which every process has one.

        Those of a step are of like length, so that none waits long; the last step is filled up from the first. That
        all of a step have faces or none is a must: the gradient of faces goes through the layers below the adapters,
        which all processes gather together or not at all.
        """
        count = self.processes.count
        if count == 1:
            return [[rows] for rows in batches]
        ordered = sorted(batches, key=lambda rows: max(len(self.examples[k].ids) for k in rows))
        places = range(0, len(ordered), count)
        return [[ordered[(first + k) % len(ordered)] for k in range(count)] for first in places]

    def validate(self, examples: Sequence[EncodedExample], frozen: FrozenStates | None = None) -> Scores:
        """Score examples that were not learnt from."""
        scores = Scores()
        for batch, out, log_odds in self.outputs(examples, frozen):
            readings = decode_batch(out, log_odds, batch, list(examples), self.model.config.thresholds)
            for row, reading in zip(batch.rows, readings, strict=True):
                score(scores, examples[row].example, reading)
        return scores

    @torch.no_grad()
    def outputs(
        self, examples: Sequence[EncodedExample], frozen: FrozenStates | None = None
    ) -> Iterator[tuple[Batch, FaceHeadOutput, Any]]:
        """Run the model over examples, batch by batch, in evaluation mode."""
        was_training = self.model.training
        self.model.eval()
        held = TextStage(self.model, examples, self.pad, frozen, self.adapt, self.embed)  # all of them in every process
        for with_faces in (False, True):
            pool = [k for k, each in enumerate(examples) if bool(each.example.faces) == with_faces]
            for rows in length_batches([len(examples[k].ids) for k in pool], 2 * self.tokens, 0):
                batch = held._batch([pool[k] for k in rows])
                with self._in_precision():
                    out, log_odds = held.read(batch)
                yield moved(batch, "cpu"), _in_float32(moved(out, "cpu")), log_odds.cpu().numpy()
        self.model.train(was_training)

    def _in_precision(self) -> AbstractContextManager[Any]:
        """Context that brings the face parts to a base in bfloat16; one in float32 needs none."""
        half = self.model.base.dtype == torch.bfloat16
        return torch.autocast(self.model.device.type, torch.bfloat16, enabled=half)


def _in_float32(out: FaceHeadOutput) -> FaceHeadOutput:
    """The same numbers as numpy can take them."""
    return FaceHeadOutput(*(getattr(out, each.name).float() for each in fields(out)))


def attention_on(device: str) -> AbstractContextManager[None]:
    """On a processor attention as two products: for texts as short as these the fused kernel is slower backwards."""
    return sdpa_kernel(SDPBackend.MATH) if device == "cpu" else nullcontext()


def len_layers(model: FaceGPTForConditionalGeneration) -> int:
    """How many decoder layers the base has: the number of the last states."""
    return int(model.base.config.get_text_config().num_hidden_layers)


def _chunks(items: list[int], size: int) -> list[list[int]]:
    return [items[k : k + size] for k in range(0, len(items), size)]
