"""Make assets/networks/questions/question_network.npz: what kind of answer a question wants, from states of the turn.

Learns from the questions of the scored conversations of corpus/conversations/development, whose answers are checked by
kind. Those conversations that are never learnt from only measure.

    python -m lab.runs.language.questions.question_network fit FOLDER    # FOLDER: states that act_network keeps
    python -m lab.runs.language.questions.question_network score FOLDER  # learn, score what is held out; write nothing
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.language.dialogue.questions.question_network import (
    KINDS,
    QUESTION_NETWORK,
    begins_as_yes_or_no,
    context_of_question,
)
from facegpt.language.earlier import Earlier
from facegpt_lab.synthesis.texts.conversations import measures, number_of, scored_turns, talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import steps_command
from lab.runs.language.questions.named_questions import named_questions
from lab.runs.language.states_network import States, Task, learn, log_odds, write

EPOCHS, BATCH, NETWORKS = 10, 32, 1
#: What the kinds of questions by name want; of plain questions, those that begin as questions for yes or no do.
_OF_NAMED = {
    kind: frozenset(wants)
    for kind, wants in (("noun", ("tell",)), ("compare", ("compare", "difference")), ("question", ("yes_no",)))
}


@dataclass(frozen=True)
class Asked:
    """A question: its text, the turns before it, how many people there are, and the kinds that are right."""

    text: str
    earlier: tuple[Earlier, ...]
    people: int
    kinds: frozenset[str]


def questions(measuring: bool) -> list[Asked]:
    """The questions that may be learnt from, or those that measure."""
    found = []
    for file in sorted((corpus_folder() / "conversations" / "development").glob("*.jsonl")):
        for talk in talks_of(file):
            if measures(file.stem, number_of(talk)) != measuring:
                continue
            turns = {turn.key: turn for turn in scored_turns(talk)}
            for k, said in enumerate(talk["turns"], start=1):
                kinds = {each["kind"] for each in said["expect"].get("asks", ())}
                if kinds and (turn := turns.get(f"{talk['id']}/{k}")):
                    told = frozenset(kind if kind in KINDS else "tell" for kind in kinds)
                    found.append(Asked(turn.text, turn.earlier, turn.people, told))
    return found if measuring else [*found, *by_name([(each.earlier, each.people) for each in found if each.earlier])]


def by_name(before: Sequence[tuple[tuple[Earlier, ...], int]]) -> list[Asked]:
    """The questions written for each name that can be asked, where their words tell the kind of the answer."""
    found = []
    for each in named_questions(False, before):
        kinds = _OF_NAMED[each.kind]
        if each.kind != "question" or begins_as_yes_or_no(each.text):
            found.append(Asked(each.text, each.earlier, each.people, kinds))
    return found


def task_of(asked: Sequence[Asked]) -> Task:
    """What is learnt from some questions."""
    contexts = np.stack([context_of_question(each.people) for each in asked])
    right = np.array([[kind in each.kinds for kind in KINDS] for each in asked])
    return Task(asked, contexts, right, np.ones(len(asked)))


def main() -> None:
    """Score or fit."""
    options = steps_command.options(__doc__, ("score", "fit"))
    states, held = States(options.folder), questions(True)
    nets = [learn(states, task_of(questions(False)), seed, EPOCHS, BATCH) for seed in range(NETWORKS)]
    found = [KINDS[k] for k in log_odds(nets, states, task_of(held)).argmax(1)]
    right = np.mean([kind in each.kinds for kind, each in zip(found, held, strict=True)])
    yes = np.mean([(kind == "yes_no") == ("yes_no" in each.kinds) for kind, each in zip(found, held, strict=True)])
    print(f"{len(held)} held-out questions: kind right {right:.3f}, whether for yes or no {yes:.3f}")
    if options.step == "fit":
        print(write(nets, QUESTION_NETWORK))


if __name__ == "__main__":
    main()
