"""What the adapters of turns and the small networks on them learn together: one task a network.

Each task has a network, what it learns from by the text that is read, and a loss of states of such texts. Most are the
networks of runs/language: their texts, targets and losses are taken from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import load_arrays
from facegpt.conventions import ARKIT_NAMES
from facegpt.language.dialogue.act_network import ACT_NETWORK
from facegpt.language.dialogue.questions.asked_network import ASKED_NETWORK
from facegpt.language.dialogue.questions.question_network import QUESTION_NETWORK
from facegpt.language.dialogue.who.people_network import PEOPLE_NETWORK
from facegpt.language.dialogue.who.whom_network import WHOM_NETWORK, load_whom_network
from facegpt.language.reading.attribute_network import ATTRIBUTE_NETWORK
from facegpt.language.reading.movement_network import MOVEMENT_NETWORK
from facegpt.language.targets import ATTRIBUTES, EMOTIONS
from runs.language import act_network
from runs.language.changes import attribute_network, item_network, movement_network, turns
from runs.language.questions import question_network
from runs.language.readers import feelings_reader
from runs.language.states_network import Network, key_of
from runs.language.together.asked import AskedTurn, asked_loss, asked_turns, named_network
from runs.language.together.numbers import NumberNetwork, number_loss, number_turns
from runs.language.together.sexes import SexTurn, sex_loss, sex_network, sex_turns
from runs.language.who import people_network, whom_network
from runs.language.who.references import OF_SCORED, known
from runs.language.written_turns import Written, written_turns

_LEAST = -1e4
#: Shares of what is no written turn: marked requests with others' people and drawn ones; sentences.
OF_PEOPLE, OF_SENTENCES = 0.5, 0.4
Net = TypeVar("Net", bound=nn.Module)


@dataclass
class Task:
    """One network and what it learns.

    Attributes:
        name: of it. net: learnt. asset: where its weights go.
        rows: by the key of their text.
        loss: states (B, T, layers, D), mask (B, T) and the rows of these texts → (B,).
        share: how much it counts beside the others. beside: what stands in its asset beside the weights.
    """

    name: str
    net: nn.Module
    asset: str
    loss: Callable[[Tensor, Tensor, list[Any]], Tensor]
    share: float = 1.0
    rows: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    beside: dict[str, np.ndarray] = field(default_factory=dict)

    def takes(self, rows: Iterable[Any], text_of: Callable[[Any], Any] = lambda row: row) -> Task:
        """The task with these rows to learn from."""
        for row in rows:
            self.rows[key_of(text_of(row))].append(row)
        return self


def warm(net: Net, asset: str, which: int = 0) -> Net:
    """Put the shipped weights of one of an asset's networks into a network."""
    arrays = load_arrays(asset)
    with torch.no_grad():
        for name, parameter in net.state_dict().items():
            key = name.replace(".weight", "").replace(".bias", "_bias")
            if key in arrays:
                value = torch.from_numpy(np.asarray(arrays[key], np.float32))
                parameter.copy_(value if value.shape == parameter.shape else value[which])
        if isinstance(net, item_network.Network):
            names = torch.from_numpy(np.asarray(arrays["names"], np.float32)[which])
            net.named.copy_(torch.linalg.pinv(net.parts) @ names)
    return net


def all_tasks(size: int) -> list[Task]:
    """Every task, with what may be learnt from. size: of the states of a token."""
    written = written_turns()
    return [
        _acts(size, written),
        _questions(size),
        _whom(size, written),
        _people(size),
        *_changes(size),
        _feelings(size),
        _asked(size),
        _numbers(size),
        _sexes(size),
    ]


def _likeliest(given: Callable[[Sequence[Any]], Any], net: Network) -> Callable[[Tensor, Tensor, list[Any]], Tensor]:
    """The surprise at any of the outcomes that are right; given: rows → Task of states_network."""

    def loss(states: Tensor, mask: Tensor, rows: list[Any]) -> Tensor:
        task = given(rows)
        wrong = torch.from_numpy(~task.right)
        said = net(states, mask, torch.from_numpy(task.contexts)).masked_fill(wrong, _LEAST).logsumexp(1)
        return -torch.from_numpy(task.weight.astype(np.float32)) * said

    return loss


def _acts(size: int, written: Sequence[Written]) -> Task:
    docs = act_network.learnt_docs(written)
    net = Network(size, act_network.task_of(docs[:1]).contexts.shape[1], act_network.task_of(docs[:1]).right.shape[1])
    warm(net, ACT_NETWORK)
    return Task("acts", net, ACT_NETWORK, _likeliest(act_network.task_of, net), 2.0).takes(docs)


def _questions(size: int) -> Task:
    asked = question_network.questions(False)
    like = question_network.task_of(asked[:1])
    net = Network(size, like.contexts.shape[1], like.right.shape[1])
    warm(net, QUESTION_NETWORK)
    return Task("questions", net, QUESTION_NETWORK, _likeliest(question_network.task_of, net)).takes(asked)


def _whom(size: int, written: Sequence[Written]) -> Task:
    names = load_whom_network().names
    rows = [row for row in whom_network.rows_of(known(list(written)), names) if row.right >= 0]
    net = whom_network.Network(size, rows[0].choices, np.zeros(len(names)))
    warm(net, WHOM_NETWORK)

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        given = whom_network.given_of(some)
        said = net(states, mask, given)[torch.arange(len(some)), torch.tensor([row.right for row in some])]
        return -said * torch.tensor([OF_SCORED if row.turn.scored else 1.0 for row in some])

    of_cues = {"names": np.frombuffer("\n".join(names).encode("utf-8"), np.uint8)}
    return Task("whom", net, WHOM_NETWORK, loss, beside=of_cues).takes(rows, lambda row: row.turn)


def _people(size: int) -> Task:
    rng = Random(8)
    rows = [
        row for row in people_network.whole_rows() if row.weight == people_network.OF_MARKED or rng.random() < OF_PEOPLE
    ]
    spans = people_network.spans_of(rows)
    net = people_network.Network(size)
    warm(net, PEOPLE_NETWORK)
    balance = torch.tensor([1.0, people_network.OF_BEGIN, people_network.OF_BEGIN])

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        wanted = torch.full(mask.shape, -100)
        for k, row in enumerate(some):
            said = torch.from_numpy(people_network.targets(row, spans[row.text]))[: mask.shape[1]]
            wanted[k, : len(said)] = said
        each = nn.functional.nll_loss(net(states, mask).transpose(1, 2), wanted, balance, reduction="none")
        return (each * mask).sum(1) / mask.sum(1).sqrt() * torch.tensor([row.weight for row in some])

    return Task("people", net, PEOPLE_NETWORK, loss, 0.7).takes(rows, lambda row: row.doc)


def _changes(size: int) -> list[Task]:
    rng = Random(9)
    alone = [turn for turn in turns.sentences() if rng.random() < OF_SENTENCES]
    texts = [*turns.turns(False), *turns.drawn(), *alone]
    made = (
        ("movements", MOVEMENT_NETWORK, movement_network, movement_network.parts_of_movements(), len(ARKIT_NAMES)),
        ("attributes", ATTRIBUTE_NETWORK, attribute_network, np.eye(len(ATTRIBUTES)), len(ATTRIBUTES)),
    )
    found = []
    for name, asset, module, parts, _ in made:
        net = item_network.Network(size, module.cues_of(texts[0]).shape[1], 3, parts)
        warm(net, asset)
        scored = [turn for turn in texts if name != "movements" or turn.target.expression_scored]
        found.append(Task(name, net, asset, _of_items(net, module), 0.5).takes(scored))
    return found


def _of_items(net: nn.Module, module: Any) -> Callable[[Tensor, Tensor, list[Any]], Tensor]:
    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        cues = torch.from_numpy(np.stack([module.cues_of(turn) for turn in some]))
        weight = torch.tensor([turn.weight for turn in some])
        return weight * module.loss_of(net(states, mask, cues), some)

    return loss


def _feelings(size: int) -> Task:
    texts = feelings_reader.learnt_from()
    texts += [
        feelings_reader.Feeling(turn.text, turn.target, "turn", 1.0, turn.earlier)
        for turn in turns.turns(False)
        if turn.target.emotion_scored
    ]
    net = Network(size, 1, len(EMOTIONS), votes=True)

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        shares = torch.from_numpy(np.stack([each.share() for each in some]))
        said = net(states, mask, torch.zeros(len(some), 1))
        return -(shares * said).sum(1) * torch.tensor([each.weight for each in some])

    return Task("feelings", net, "", loss).takes(texts)  # beside: new heads' feelings have a reader of their own


def _asked(size: int) -> Task:
    net = warm(named_network(size), ASKED_NETWORK)

    def loss(states: Tensor, mask: Tensor, some: list[AskedTurn]) -> Tensor:
        return asked_loss(net, states, mask, some)

    return Task("asked", net, ASKED_NETWORK, loss).takes(asked_turns(False))


def _numbers(size: int) -> Task:
    net = NumberNetwork(size)

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        return number_loss(net, states, mask, some)

    return Task("numbers", net, "", loss).takes(number_turns(False))


def _sexes(size: int) -> Task:
    net = sex_network(size)

    def loss(states: Tensor, mask: Tensor, some: list[SexTurn]) -> Tensor:
        return sex_loss(net, states, mask, some)

    return Task("sexes", net, "", loss, 0.5).takes(sex_turns(False))
