"""What the adapters of turns and the small networks on them learn together: one task a network.

Each task has a network, what it learns from by the text that is read, and a loss of states of such texts. Most are the
networks of lab/runs/language: their texts, targets and losses are taken from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import load_arrays
from facegpt.language.dialogue.act_network import ACT_NETWORK
from facegpt.language.dialogue.questions.question_network import ASKED_NETWORK, QUESTION_NETWORK
from facegpt.language.dialogue.returning import VERSIONS_NETWORK
from facegpt.language.dialogue.who.people_network import PEOPLE_NETWORK
from facegpt.language.dialogue.who.whom_network import WHOM_NETWORK, load_whom_network
from facegpt.language.reading.attribute_network import ATTRIBUTE_NETWORK
from facegpt.language.targets import EMOTIONS, NETWORK_ATTRIBUTES
from lab.runs.language import act_network
from lab.runs.language.changes import attribute_network, item_network, turns
from lab.runs.language.questions import question_network
from lab.runs.language.readers import feelings_reader
from lab.runs.language.states_network import Network, key_of
from lab.runs.language.together.asked import asked_loss, asked_turns, named_network
from lab.runs.language.together.numbers import NumberNetwork, number_loss, number_turns
from lab.runs.language.together.sexes import sex_loss, sex_network, sex_turns
from lab.runs.language.who import people_network, versions_network, whom_network
from lab.runs.language.who.references import OF_SCORED, known
from lab.runs.language.written_turns import written_turns

_LEAST = -1e4
#: Shares of what is no written turn: marked requests with others' people and drawn ones; sentences.
OF_PEOPLE, OF_SENTENCES = 0.5, 0.4
Net = TypeVar("Net", bound=nn.Module)
#: Those that are learnt from, and those that measure.
Rows = tuple[list[Any], list[Any]]


@dataclass(frozen=True)
class Marked:
    """A request, and the class of each of its tokens: whether somebody begins there."""

    doc: Any
    said: np.ndarray
    weight: float


@dataclass
class Task:
    """One network and what it learns.

    Attributes:
        name: of it. net: learnt. asset: where its weights go.
        rows: by the key of their text. held: those that measure.
        loss: states (B, T, layers, D), mask (B, T) and the rows of these texts → (B,).
        share: how much it counts beside the others. beside: what stands in its asset beside the weights.
    """

    name: str
    net: nn.Module
    asset: str
    loss: Callable[[Tensor, Tensor, list[Any]], Tensor]
    share: float = 1.0
    rows: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    held: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    beside: dict[str, np.ndarray] = field(default_factory=dict)

    def takes(self, rows: Rows, text_of: Callable[[Any], Any] = lambda row: row) -> Task:
        """The task with these rows to learn from and to measure."""
        for some, kept in zip(rows, (self.rows, self.held), strict=True):
            for row in some:
                kept[key_of(text_of(row))].append(row)
        return self


def warm(net: Net, asset: str, which: int = 0) -> Net:
    """Put the shipped weights of one of an asset's networks into a network."""
    arrays = load_arrays(asset)
    with torch.no_grad():
        for name, parameter in net.state_dict().items():
            key = name.replace(".weight", "").replace(".bias", "_bias")
            if key in arrays:
                value = torch.from_numpy(np.asarray(arrays[key], np.float32))
                parameter.copy_(_grown(value if value.shape == parameter.shape else value[which], parameter.shape))
        if isinstance(net, item_network.Network):
            names = torch.from_numpy(np.asarray(arrays["names"], np.float32)[which])
            net.named.copy_(torch.linalg.pinv(net.parts) @ names)
    return net


def _grown(value: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """Weights with rows for outcomes that are new since: before the last one, "nothing", and like it."""
    return torch.cat([value, *[value[-1:]] * (shape[0] - len(value))])


def all_rows() -> dict[str, Rows]:
    """What each task learns from, by its name, and what measures it."""
    both = (list(written_turns()), list(written_turns(measuring=True)))
    names = load_whom_network().names
    whom = [[row for row in whom_network.rows_of(known(some), names) if row.right >= 0] for some in both]
    rng = Random(9)
    alone = [turn for turn in turns.sentences() if rng.random() < OF_SENTENCES]
    texts, held = [*turns.turns(False), *turns.drawn(), *alone], list(turns.turns(True))
    felt = [*feelings_reader.learnt_from(), *(_felt(turn) for turn in texts if turn.target.emotion_scored)]
    return {
        "acts": (list(act_network.learnt_docs(both[0])), list(act_network.turn_docs(both[1]))),
        "questions": (list(question_network.questions(False)), list(question_network.questions(True))),
        "whom": (whom[0], whom[1]),
        "versions": (versions_network.returns(False), versions_network.returns(True)),
        "people": (_marked(), []),
        "attributes": (texts, held),
        "feelings": (felt, []),
        "asked": (asked_turns(False), asked_turns(True)),
        "numbers": (number_turns(False), []),
        "sexes": (sex_turns(False), []),
    }


def _felt(turn: Any) -> feelings_reader.Feeling:
    return feelings_reader.Feeling(turn.text, turn.target, "turn", 1.0, turn.earlier)


def _marked() -> list[Marked]:
    rng = Random(8)
    rows = [
        row for row in people_network.whole_rows() if row.weight == people_network.OF_MARKED or rng.random() < OF_PEOPLE
    ]
    spans = people_network.spans_of(rows)
    return [Marked(row.doc, people_network.targets(row, spans[row.text]), row.weight) for row in rows]


def all_tasks(size: int, rows: Mapping[str, Rows]) -> list[Task]:
    """Every task. size: of the states of a token. rows: `all_rows`, or some of them."""
    made = {
        "acts": _acts,
        "questions": _questions,
        "whom": _whom,
        "versions": _versions,
        "people": _people,
        "attributes": _attributes,
        "feelings": _feelings,
        "asked": _asked,
        "numbers": _numbers,
        "sexes": _sexes,
    }
    return [made[name](size, some) for name, some in rows.items()]


def _likeliest(given: Callable[[Sequence[Any]], Any], net: Network) -> Callable[[Tensor, Tensor, list[Any]], Tensor]:
    """The surprise at any of the outcomes that are right; given: rows → Task of states_network."""

    def loss(states: Tensor, mask: Tensor, rows: list[Any]) -> Tensor:
        task = given(rows)
        wrong, contexts, weight = (
            torch.from_numpy(each).to(states.device)
            for each in (~task.right, task.contexts, task.weight.astype(np.float32))
        )
        return -weight * net(states, mask, contexts).masked_fill(wrong, _LEAST).logsumexp(1)

    return loss


def _acts(size: int, rows: Rows) -> Task:
    like = act_network.task_of(rows[0][:1])
    net = warm(Network(size, like.contexts.shape[1], like.right.shape[1]), ACT_NETWORK)
    return Task("acts", net, ACT_NETWORK, _likeliest(act_network.task_of, net), 2.0).takes(rows)


def _questions(size: int, rows: Rows) -> Task:
    like = question_network.task_of(rows[0][:1])
    net = warm(Network(size, like.contexts.shape[1], like.right.shape[1]), QUESTION_NETWORK)
    return Task("questions", net, QUESTION_NETWORK, _likeliest(question_network.task_of, net)).takes(rows)


def _whom(size: int, rows: Rows) -> Task:
    names = load_whom_network().names
    net = warm(whom_network.Network(size, rows[0][0].choices, np.zeros(len(names))), WHOM_NETWORK)
    named = {"names": np.frombuffer("\n".join(names).encode("utf-8"), np.uint8)}
    return Task("whom", net, WHOM_NETWORK, _chosen(net), beside=named).takes(rows, lambda row: row.turn)


def _versions(size: int, rows: Rows) -> Task:
    like = rows[0][0].choices
    net = warm(whom_network.Network(size, like, np.zeros(like.cues.shape[1])), VERSIONS_NETWORK)
    named = {"names": np.frombuffer(b"features", np.uint8)}
    return Task("versions", net, VERSIONS_NETWORK, _chosen(net), 0.5, beside=named).takes(rows)


def _chosen(net: nn.Module) -> Callable[[Tensor, Tensor, list[Any]], Tensor]:
    """The surprise at the right one of some choices."""

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        given = {name: value.to(states.device) for name, value in whom_network.given_of(some).items()}
        right = torch.tensor([row.right for row in some], device=states.device)
        weight = torch.tensor([OF_SCORED if row.turn.scored else 1.0 for row in some], device=states.device)
        return -net(states, mask, given).gather(1, right[:, None])[:, 0] * weight

    return loss


def _people(size: int, rows: Rows) -> Task:
    arrays = load_arrays(PEOPLE_NETWORK)
    net = warm(people_network.Network(size, len(arrays["project"]), len(arrays["hidden"])), PEOPLE_NETWORK)

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        wanted = torch.full(mask.shape, -100)
        for k, row in enumerate(some):
            said = torch.from_numpy(row.said)[: mask.shape[1]]
            wanted[k, : len(said)] = said
        wanted = wanted.to(states.device)
        balance = states.new_tensor([1.0, people_network.OF_BEGIN, people_network.OF_BEGIN])
        each = nn.functional.nll_loss(net(states, mask).transpose(1, 2), wanted, balance, reduction="none")
        return (each * mask).sum(1) / mask.sum(1).sqrt() * states.new_tensor([row.weight for row in some])

    return Task("people", net, PEOPLE_NETWORK, loss, 0.7).takes(rows, lambda row: row.doc)


def _attributes(size: int, rows: Rows) -> Task:
    parts, cues_of = np.eye(len(NETWORK_ATTRIBUTES)), attribute_network.cues_of
    net = warm(item_network.Network(size, cues_of(rows[0][0]).shape[1], 3, parts), ATTRIBUTE_NETWORK)

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        cues = torch.from_numpy(np.stack([cues_of(turn) for turn in some])).to(states.device)
        weight = torch.tensor([turn.weight for turn in some], device=states.device)
        return weight * attribute_network.loss_of(net(states, mask, cues), some)

    return Task("attributes", net, ATTRIBUTE_NETWORK, loss, 0.5).takes(rows)


def _feelings(size: int, rows: Rows) -> Task:
    net = Network(size, 1, len(EMOTIONS), votes=True)

    def loss(states: Tensor, mask: Tensor, some: list[Any]) -> Tensor:
        shares = torch.from_numpy(np.stack([each.share() for each in some])).to(states.device)
        said = net(states, mask, states.new_zeros(len(some), 1))
        return -(shares * said).sum(1) * states.new_tensor([each.weight for each in some])

    return Task("feelings", net, "", loss).takes(rows)  # beside: new heads' feelings have a reader of their own


def _asked(size: int, rows: Rows) -> Task:
    net = warm(named_network(size), ASKED_NETWORK)
    return Task("asked", net, ASKED_NETWORK, partial(asked_loss, net)).takes(rows)


def _numbers(size: int, rows: Rows) -> Task:
    net = NumberNetwork(size)
    return Task("numbers", net, "", partial(number_loss, net)).takes(rows)


def _sexes(size: int, rows: Rows) -> Task:
    net = sex_network(size)
    return Task("sexes", net, "", partial(sex_loss, net), 0.5).takes(rows)
