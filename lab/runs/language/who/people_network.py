"""Make assets/networks/people_network.npz: where in a request each person begins, from the language model's states.

Learns from the marked requests of corpus/conversations/several_people.txt, from these with the people of others in
their places, from drawn ones (synthesis/texts/several_requests.py), and from descriptions of one person, alone and
joined; half of them stand after turns of a conversation.

    python -m lab.runs.language.who.people_network states FOLDER   # the states of all texts, once: minutes
    python -m lab.runs.language.who.people_network score FOLDER    # learn from four folds, score the fifth; all in turn
    python -m lab.runs.language.who.people_network fit FOLDER      # learn from all, write
    python -m lab.runs.language.who.people_network fit FOLDER --join  # the mean of the shipped one and the new one
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import FOLDER, register
from facegpt.language.dialogue.act_network import Before
from facegpt.language.dialogue.who.counts import how_many
from facegpt.language.dialogue.who.people_network import (
    AROUND,
    FIRST,
    FURTHER,
    PEOPLE_NETWORK,
    PeopleNetwork,
    load_people_network,
    places,
)
from facegpt.language.reading.glasses_words import without_glasses
from facegpt_lab.synthesis.texts.several_requests import several_requests
from facegpt_lab.synthesis.texts.terse import terse_requests
from lab.runs.language.act_network import Doc
from lab.runs.language.states_network import LONGEST, States, key_of, write_states
from lab.runs.language.who.several_people import MIXED, Marked, marked_texts, mixed, others
from lab.runs.language.written_turns import written_turns

WIDTH, HIDDEN, DROPOUT, NOISE = 96, 96, 0.35, 0.1
EPOCHS, BATCH, RATE, DECAY, FOLDS = 14, 32, 1.5e-3, 0.03, 5
#: How much a token counts that begins somebody; a marked request, one with others' people, one person, joined ones.
OF_BEGIN, OF_MARKED, OF_MIXED, OF_ALONE, OF_JOINED = 3.0, 3.0, 1.0, 0.6, 0.3
#: How many requests are drawn, for several people and for one, and how much one counts.
DRAWN, DRAWN_ALONE, OF_DRAWN = 1200, 300, 0.5


@dataclass(frozen=True)
class Row:
    """A text with the places where people begin; its weight, its fold (-1: in all) and whether it was written so."""

    text: str
    marks: tuple[int, ...]
    weight: float
    fold: int
    written: bool
    doc: Doc


def rows() -> list[Row]:
    """All texts."""
    requests, (alone, joined) = marked_texts(), others()
    found: list[Row] = []

    def add(texts: Sequence[Marked], weight: float, fold: int | None = None, written: bool = True) -> None:
        for k, (text, marks) in enumerate(texts):
            own = k % FOLDS if fold is None else fold
            found.append(Row(text, tuple(marks), weight, own, written, Doc(text, Before(), ())))

    for k, each in enumerate(requests):
        add([each], OF_MARKED, k % FOLDS)
        if each[1]:
            of_fold = [other for other in requests[k % FOLDS :: FOLDS] if other[1]]
            add(mixed([each, *of_fold])[:MIXED], OF_MIXED, k % FOLDS, False)
    add(alone, OF_ALONE)
    add(joined, OF_JOINED, -1, False)
    add(several_requests(DRAWN, 0), OF_DRAWN, -1, False)
    add([(turn.text, []) for turn in terse_requests(DRAWN_ALONE, 0)], OF_DRAWN, -1, False)
    return found + in_conversations(found)


def in_conversations(found: Sequence[Row]) -> list[Row]:
    """The marked texts and a third of the others once more, each after the turns before some turn of a conversation."""
    rng = random.Random(0)
    earlier = [turn.earlier for turn in written_turns() if turn.earlier]
    return [
        replace(row, doc=replace(row.doc, earlier=rng.choice(earlier)))
        for k, row in enumerate(found)
        if row.written and (row.marks or k % 3 == 0)
    ]


class Network(nn.Module):
    """What facegpt.language.dialogue.who.people_network.PeopleNetwork is without torch."""

    def __init__(self, size: int, width: int = WIDTH, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.project = nn.Linear(size, width)
        self.hidden = nn.Linear(width * (len(AROUND) + 3), hidden)
        self.out = nn.Linear(hidden, 3)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(B, T, 3) log-probabilities of states (B, T, layers, D), mask (B, T)."""
        tokens = self._drop(nn.functional.layer_norm(states, states.shape[-1:]).flatten(2), NOISE)
        seen = self._drop(nn.functional.gelu(self.project(tokens), approximate="tanh"), DROPOUT) * mask[..., None]
        padded = nn.functional.pad(seen, (0, 0, -AROUND[0], AROUND[-1]))
        shifted = [padded[:, j - AROUND[0] : j - AROUND[0] + seen.shape[1]] for j in AROUND]
        sums, place = seen.cumsum(1), mask.cumsum(1)[..., None]
        count = mask.sum(1)[:, None, None]
        before = (sums - seen) / (place - 1).clamp_min(1)
        after = (sums[:, -1:] - sums) / (count - place).clamp_min(1)
        last = seen[torch.arange(len(seen), device=seen.device), mask.sum(1) - 1][:, None].expand_as(seen)
        gathered = torch.cat([*shifted, before, after, last], 2)
        hidden = self._drop(nn.functional.gelu(self.hidden(gathered), approximate="tanh"), DROPOUT)
        return self.out(hidden).log_softmax(2)

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nn.functional.dropout(x, share, self.training)


def spans_of(every: Sequence[Row]) -> dict[str, Any]:
    """First character of each token of each text, and the one after its last."""
    from facegpt.language.loading import load_language_model

    processor = load_language_model().processor
    return {row.text: processor.spans(row.text) for row in every}


def whole_rows() -> list[Row]:
    """The texts that are read as they stand: none too long, none about glasses."""
    every = [row for row in rows() if without_glasses(row.text) == row.text]
    spans = spans_of(every)
    return [row for row in every if len(spans[row.text]) < LONGEST]


def targets(row: Row, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """(T,) class of each token: the token that holds a mark begins somebody; one mark alone is no mark."""
    marks = row.marks if len(row.marks) > 1 else ()
    holds = [next((k for k, mark in enumerate(marks) if start <= mark < end), -1) for start, end in spans]
    seen: set[int] = set()
    said = np.zeros(len(spans), np.int64)
    for k, mark in enumerate(holds):
        if mark >= 0 and mark not in seen:
            said[k] = FIRST if mark == 0 else FURTHER
            seen.add(mark)
    return said


def learn(states: States, chosen: Sequence[Row], spans: dict[str, Any], seed: int) -> Network:
    """Train one network."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Network(states.all.shape[1] * states.all.shape[2])
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    said = [targets(row, spans[row.text]) for row in chosen]
    length = np.array([len(each) for each in said])
    steps, step = EPOCHS * math.ceil(len(chosen) / BATCH), 0
    balance = torch.tensor([1.0, OF_BEGIN, OF_BEGIN])
    for _ in range(EPOCHS):
        order = np.argsort(length + rng.uniform(0, 8, len(chosen)))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / 40) * (1 - step / steps) ** 0.7
            step += 1
            given, mask = batch_of(states, [chosen[k] for k in batch])
            wanted = nn.utils.rnn.pad_sequence([torch.from_numpy(said[k]) for k in batch], True, -100.0)
            weight = torch.tensor([chosen[k].weight for k in batch])
            wanted = nn.functional.pad(wanted, (0, mask.shape[1] - wanted.shape[1]), value=-100)
            loss = nn.functional.nll_loss(net(given, mask).transpose(1, 2), wanted, balance, reduction="none")
            optimizer.zero_grad()
            ((loss * mask).sum(1) / mask.sum(1).sqrt() * weight).mean().backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()


def batch_of(states: States, chosen: Sequence[Row]) -> tuple[Tensor, Tensor]:
    """States (B, T, layers, D) and mask (B, T) of some texts."""
    each = [torch.from_numpy(states.of(row.doc).astype(np.float32)) for row in chosen]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(x), dtype=torch.bool) for x in each], True)
    return nn.utils.rnn.pad_sequence(each, True), mask


def packed(net: Network) -> PeopleNetwork:
    """The weights by the names of PeopleNetwork, as exact as in half precision."""
    found = {}
    for name, value in net.state_dict().items():
        found[name.replace(".weight", "").replace(".bias", "_bias")] = value.half().float().numpy()
    return PeopleNetwork(found)


def joined(one: PeopleNetwork, other: PeopleNetwork) -> PeopleNetwork:
    """One network whose odds are the mean of two: side by side, neither sees the other."""
    a, b = ({name: np.asarray(value, np.float32) for name, value in net.weights.items()} for net in (one, other))
    found = {name: np.concatenate([a[name], b[name]]) for name in ("project", "project_bias", "hidden_bias")}
    views = len(AROUND) + 3
    first, second = (w["hidden"].reshape(len(w["hidden"]), views, -1) for w in (a, b))
    hidden = np.zeros((len(first) + len(second), views, first.shape[2] + second.shape[2]), np.float32)
    hidden[: len(first), :, : first.shape[2]] = first
    hidden[len(first) :, :, first.shape[2] :] = second
    found["hidden"] = hidden.reshape(len(hidden), -1)
    found["out"] = np.concatenate([a["out"], b["out"]], 1) / 2
    found["out_bias"] = (a["out_bias"] + b["out_bias"]) / 2
    return PeopleNetwork(found)


def is_right(net: PeopleNetwork, states: States, row: Row, spans: dict[str, Any]) -> bool:
    """Whether a text is cut where it is marked."""
    own = net.odds(states.of(row.doc))[: len(spans[row.text])]
    return places(own, how_many(row.text)) == [int(k) for k in np.flatnonzero(targets(row, spans[row.text]))]


def main() -> None:
    """Keep states, score or fit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=("states", "score", "fit"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--join", action="store_true", help="write the mean of the shipped network and the new one")
    options = parser.parse_args()
    torch.set_num_threads(1)
    every = rows()
    if options.step == "states":
        write_states(options.folder, list({key_of(row.doc): row.doc for row in every}.values()))
        return
    states, spans = States(options.folder), spans_of(every)
    whole = [row for row in every if len(spans[row.text]) < len(states.of(row.doc))]
    every = [row for row in whole if without_glasses(row.text) == row.text]
    if options.step == "fit":
        net = packed(learn(states, every, spans, 0))
        net = joined(load_people_network(), net) if options.join else net
        halves = {name: value.astype(np.float16) for name, value in net.weights.items()}
        np.savez_compressed(FOLDER / PEOPLE_NETWORK, **halves)  # type: ignore[arg-type]
        print(register(PEOPLE_NETWORK))
        return
    found: dict[tuple[bool, bool], list[bool]] = {}
    for fold in range(FOLDS):
        net = packed(learn(states, [row for row in every if row.fold != fold], spans, 0))
        for row in every:
            if row.fold == fold and row.written:
                kind = (len(row.marks) > 1, bool(row.doc.earlier))
                found.setdefault(kind, []).append(is_right(net, states, row, spans))
    for (several, within), each in sorted(found.items()):
        name = f"{'several people' if several else 'one person'}{', in a conversation' if within else ''}"
        print(f"{name}: cut rightly {np.mean(each):.3f} of {len(each)} texts")


if __name__ == "__main__":
    main()
