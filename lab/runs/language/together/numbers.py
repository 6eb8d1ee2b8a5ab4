"""What the numbers of a turn are about, from its states: a task beside, which the face head does as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from facegpt.language.earlier import Earlier
from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.loading import load_language_model
from facegpt.language.model.face_head import NumberReader
from facegpt.language.reading.glasses_words import without_glasses
from facegpt.language.targets import MEASURES_SPOKEN
from facegpt_lab.synthesis.text_targets import Target
from facegpt_lab.synthesis.texts.conversations import conversation_turns
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.synthesis.texts.follow_ups import follow_ups
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import _number_targets
from facegpt_lab.train.words.turn_examples import example_of_turn

DRAWN, OF_DRAWN, OF_SENTENCE = 1500, 0.5, 0.6
WIDTH, DROPOUT, NOISE = 128, 0.25, 0.1


class NumberNetwork(nn.Module):
    """Reads every number of a turn from the states of its tokens.

    Args:
        size: of the states of a token, all layers.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.project = nn.Linear(size, WIDTH)
        self.is_edit = nn.Embedding(2, WIDTH)
        self.drop = nn.Dropout(DROPOUT)
        self.reader = NumberReader(WIDTH, len(MEASURES_SPOKEN), len(MILLIMETRE_KINDS), DROPOUT)

    def forward(
        self, states: Tensor, mask: Tensor, numbers: Tensor, is_edit: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read numbers: logits (R, measures), (R, kinds), (R,) of a positive sign, (R,) of an age.

        Args:
            states: (B, T, layers, D) of the turns.
            mask: (B, T) bool, which tokens are there.
            numbers: (R, 3) turn, first token, token after the last.
            is_edit: (B,) bool, whether a given head is changed.
        """
        tokens = nn.functional.layer_norm(states, states.shape[-1:]).flatten(2)
        tokens = nn.functional.dropout(tokens, NOISE, self.training)
        seen = nn.functional.gelu(self.project(tokens)) + self.is_edit(is_edit.long())[:, None]
        return self.reader(self.drop(seen), mask, numbers)


@dataclass(frozen=True)
class NumberTurn:
    """A turn with numbers, its labels, and the tokens of each number from the turn's first one."""

    text: str
    earlier: tuple[Earlier, ...]
    target: Target
    spans: tuple[tuple[int, int], ...]
    is_edit: bool
    weight: float = 1.0


def number_turns(measuring: bool) -> list[NumberTurn]:
    """The turns that may be learnt from, or those that measure."""
    found = [_of_turn(turn, 1.0) for turn in conversation_turns(measuring)]
    if not measuring:
        found += [_of_turn(turn, OF_DRAWN) for turn in follow_ups(DRAWN, 92)]
        for record in load_corpus("train"):
            example = example_from(record)
            if example.target.millimetres and not example.faces:
                found.append(_with_spans(record.text, (), example.target, bool(example.target.is_edit), OF_SENTENCE))
    return [turn for turn in found if turn is not None]


def _of_turn(turn: Any, weight: float) -> NumberTurn | None:
    example = example_of_turn(turn)
    if example is None or not example.target.numbers or example.task not in ("edit", "imagine"):
        return None
    return _with_spans(turn.text, turn.earlier, example.target, bool(example.target.is_edit), weight)


def _with_spans(
    text: str, earlier: tuple[Earlier, ...], target: Target, is_edit: bool, weight: float
) -> NumberTurn | None:
    if without_glasses(text) != text:
        return None
    spans = tuple(_processor().encode_text(text)[1])
    return NumberTurn(text, earlier, target, spans, is_edit, weight) if (0, 0) not in spans else None


@lru_cache(maxsize=1)
def _processor() -> Any:
    return load_language_model().processor


def number_loss(net: NumberNetwork, states: Tensor, mask: Tensor, some: Sequence[NumberTurn]) -> Tensor:
    """(B,) surprise at what each number is about, its kind and its sign."""
    places = [(k, *span) for k, turn in enumerate(some) for span in turn.spans if span[1] <= mask.shape[1]]
    if not places:
        return states.new_zeros(len(some))
    kept = [[j for j, span in enumerate(turn.spans) if span[1] <= mask.shape[1]] for turn in some]
    wanted = [_number_targets([turn.target]) for turn in some]
    here = states.device
    right = {
        name: torch.cat([w[name][rows] for w, rows in zip(wanted, kept, strict=True)]).to(here) for name in wanted[0]
    }
    edit = torch.tensor([turn.is_edit for turn in some], device=here)
    about, kind, sign, years = net(states, mask, torch.tensor(places, device=here), edit)
    asked = (right["number_measure"].sum(1) > 0).float()
    binary = nn.functional.binary_cross_entropy_with_logits
    each = binary(about, right["number_measure"], reduction="none").sum(1)
    each = each + asked * nn.functional.cross_entropy(kind, right["number_kind"], reduction="none")
    each = each + asked * binary(sign, right["number_sign"], reduction="none")
    each = each + binary(years, right["number_years"], reduction="none")
    total = each.new_zeros(len(some)).index_add(0, torch.tensor([p[0] for p in places], device=here), each)
    return total * torch.tensor([turn.weight for turn in some], device=here)
