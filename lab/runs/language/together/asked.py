"""What questions ask about: their measures and traits, and whether a head is meant as it is or as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.language.dialogue.questions.asked_before import WHEN
from facegpt.language.dialogue.questions.question_network import context_of_question
from facegpt.language.earlier import Earlier
from facegpt.language.targets import ASKABLE
from facegpt_lab.synthesis.texts.conversations import listed, measures, number_of, scored_turns, talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder, load_corpus
from lab.runs.language.questions.named_questions import named_questions
from lab.runs.language.states_network import Network, key_of
from lab.runs.language.written_turns import written_turns

#: How much a sentence of the corpus and a question by its name count beside a turn of a conversation.
OF_SENTENCE, OF_NAMED = 0.6, 0.7


@dataclass(frozen=True)
class AskedTurn:
    """A question: groups of names, one of each must be told; when: one of WHEN or ""; how much it counts."""

    text: str
    earlier: tuple[Earlier, ...]
    people: int
    groups: tuple[tuple[str, ...], ...]
    when: str = ""
    weight: float = 1.0


def named_network(size: int) -> Network:
    """A network whose outcomes are ASKABLE, then WHEN."""
    net = Network(size, 3, len(ASKABLE) + len(WHEN), votes=True)
    nn.init.constant_(net.skip.bias[: len(ASKABLE)], -4.0)
    return net


def asked_turns(measuring: bool) -> list[AskedTurn]:
    """The questions that may be learnt from, or those that measure."""
    found, groups = [], _groups(measuring)
    for turn in written_turns(measuring):
        if turn.act not in ("question", "compare") or not turn.asks:
            continue
        each = groups.get(key_of(turn)) or tuple((name,) for name in turn.asks)
        found.append(AskedTurn(turn.text, turn.earlier, len(turn.cast.people), _known(each), turn.when))
    for record in load_corpus("validation" if measuring else "train"):
        if record.task == "describe" and record.labels.get("asks") and not record.labels.get("decline"):
            each = tuple((name,) for name in record.labels["asks"])
            found.append(AskedTurn(record.text, (), 1, _known(each), "now", OF_SENTENCE))
    found = [turn for turn in found if turn.groups]
    return found if measuring else [*found, *by_name(False, found)]


def by_name(measuring: bool, others: Sequence[AskedTurn] = ()) -> list[AskedTurn]:
    """The questions written for each name that can be asked, some after the turns before other questions."""
    before = [(turn.earlier, turn.people) for turn in others if turn.earlier]
    return [
        AskedTurn(each.text, each.earlier, each.people, _known(each.groups), "now", OF_NAMED)
        for each in named_questions(measuring, before)
    ]


def _known(groups: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    kept = (tuple(name for name in group if name in ASKABLE) for group in groups)
    return tuple(dict.fromkeys(group for group in kept if group))


def _groups(measuring: bool) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Of the scored form: what each question must tell, by its key."""
    found = {}
    for file in sorted((corpus_folder() / "conversations" / "development").glob("*.jsonl")):
        for talk in talks_of(file):
            if measures(file.stem, number_of(talk)) != measuring:
                continue
            said = {f"{talk['id']}/{k}": turn["expect"] for k, turn in enumerate(talk["turns"], start=1)}
            for turn in scored_turns(talk):
                if asks := said[turn.key].get("asks"):
                    found[key_of(turn)] = tuple(
                        tuple(each.get("names") or listed(each.get("attribute")) or _about(each)) for each in asks
                    )
    return found


def _about(ask: dict) -> tuple[str, ...]:
    if "units" in ask or ask["kind"] == "expression":
        return ("expression",)
    return {"age": ("age_years",), "count": ("count",), "unusual": ("unusual",)}.get(ask["kind"], ())


def asked_loss(net: Network, states: Tensor, mask: Tensor, some: Sequence[AskedTurn]) -> Tensor:
    """(B,) surprise: of each group at no name of it, of other names at any, and at when."""
    contexts = torch.from_numpy(np.stack([context_of_question(turn.people) for turn in some])).to(states.device)
    scores = net.scores(states, mask, contexts)
    names, when = scores[:, : len(ASKABLE)], scores[:, len(ASKABLE) :].log_softmax(1)
    silent = nn.functional.softplus(names)  # of each name, -log of its not being asked for
    of_turn = [k for k, turn in enumerate(some) for _ in turn.groups]
    inside = np.zeros((len(of_turn), len(ASKABLE)), np.float32)
    for row, group in zip(inside, (group for turn in some for group in turn.groups), strict=True):
        row[[ASKABLE.index(name) for name in group]] = 1
    rows, members = torch.tensor(of_turn, device=names.device), torch.from_numpy(inside).to(names.device)
    said = -torch.log1p(-torch.exp(-(silent[rows] * members).sum(1)).clamp(max=1 - 1e-6))
    named = torch.zeros_like(names).index_add(0, rows, members).clamp(max=1)
    losses = ((1 - named) * silent).sum(1).index_add(0, rows, said)
    timed = torch.tensor([WHEN.index(turn.when) if turn.when else -1 for turn in some], device=names.device)
    losses = losses - torch.where(timed >= 0, when.gather(1, timed.clamp(min=0)[:, None])[:, 0], 0.0)
    return losses * torch.tensor([turn.weight for turn in some], device=names.device)


def asked_right(scores: np.ndarray, some: Sequence[AskedTurn], sure: float) -> tuple[float, float]:
    """Shares of questions of which all groups are told and nothing else, and of those whose when is right."""
    right, when = [], []
    for row, turn in zip(scores, some, strict=True):
        odds = row[: len(ASKABLE)]
        told = {ASKABLE[k] for k in np.flatnonzero(odds > sure)} or {ASKABLE[int(odds.argmax())]}
        wanted = {name for group in turn.groups for name in group}
        right.append(all(told & set(group) for group in turn.groups) and not told - wanted)
        if turn.when:
            when.append(WHEN[int(row[len(ASKABLE) :].argmax())] == turn.when)
    return float(np.mean(right)), float(np.mean(when))
