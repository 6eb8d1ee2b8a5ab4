"""Make assets/networks/act_network.npz: what a turn does, read from the language model's states of it.

Learns from the turns of corpus/conversations and, at other weights, from the turns of a chat and some other sentences
of the corpus. Turns of the corpus that want no face have no act: any act without a head is right. Whole voices or
conversations of corpus/conversations/held_out and of development/ only measure.

    python -m lab.runs.language.act_network states FOLDER  # the states of all texts, once: about 10 minutes of a core
    python -m lab.runs.language.act_network score FOLDER    # learn from four folds, score the fifth
    python -m lab.runs.language.act_network fit FOLDER      # learn from all, score what is held out, write
"""

from __future__ import annotations

import csv
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.language.dialogue.act_network import ACT_NETWORK, ACTS, MAKING, Before, context_of
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.earlier import Earlier
from facegpt_lab.synthesis.texts.corpus import Record, corpus_folder, load_corpus
from lab.runs.language import steps_command
from lab.runs.language.frames import frame_texts
from lab.runs.language.questions.named_questions import named_questions
from lab.runs.language.states_network import States, Task, key_of, learn, log_odds, write, write_states
from lab.runs.language.written_turns import Written, written_turns

#: How much a turn of the scored form counts.
OF_SCORED = 2.0
#: How much a turn of a frame, a sentence of the corpus, one of its turns of a chat and a question by its name count,
#: beside other turns.
OF_FRAME, OF_SENTENCE, OF_CHAT, OF_NAMED = 0.4, 0.25, 2.0, 0.5
#: Of the corpus' descriptions and changes only so many are read.
DESCRIPTIONS, CHANGES = 1800, 800
NETWORKS, FOLDS, EPOCHS = 1, 5, 8


@dataclass(frozen=True)
class Doc:
    """One turn: its text, what the conversation holds, the acts that are right, its weight and fold (-1: in all).

    earlier: the turns before it.
    """

    text: str
    before: Before
    acts: tuple[str, ...]
    weight: float = 1.0
    fold: int = -1
    earlier: tuple[Earlier, ...] = ()


NO_HEAD = tuple(act for act in ACTS if act not in MAKING)


def learnt_docs(turns: Sequence[Written]) -> list[Doc]:
    """All that is learnt from, with these written turns."""
    return [*turn_docs(turns), *frame_docs(), *sentence_docs(), *short_docs(), *named_docs(turns)]


def turn_docs(turns: Sequence[Written]) -> list[Doc]:
    """The written turns with an act, a fold for each conversation."""
    return [
        Doc(
            turn.text,
            Before(len(turn.cast.people), turn.photos, turn.cast.said.act),
            tuple(filter(None, (turn.act, turn.also))),
            OF_SCORED if turn.scored else 1.0,
            turn.talk % FOLDS,
            turn.earlier,
        )
        for turn in turns
        if turn.act
    ]


def frame_docs() -> list[Doc]:
    """Frames of corpus/conversations/frames.csv, filled."""
    return [Doc(text, before, (act,), OF_FRAME) for text, before, act in frame_texts()]


def sentence_docs(split: str = "train") -> list[Doc]:
    """The turns of a chat in the corpus, and of what is learnt from some other sentences, as turns."""
    records = load_corpus(split)
    rng, docs = random.Random(0), []
    tasks = (("chat", 0), ("imagine", DESCRIPTIONS), ("edit", CHANGES), ("describe", 0))
    for task, most in tasks if split == "train" else tasks[:1]:
        chosen = [record for record in records if record.task == task]
        for record in rng.sample(chosen, min(most, len(chosen))) if most else chosen:
            docs += list(_of_sentence(record))
    return docs


def short_docs(measuring: bool = False) -> list[Doc]:
    """A few words at the start of a conversation: whether they name somebody (corpus/somebody.csv).

    Every fifth of them measures.
    """
    with (corpus_folder() / "somebody.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for k, row in enumerate(csv.DictReader(file)) if (k % FOLDS == 0) == measuring]
    acts = {"1": ("new_head",), "0": NO_HEAD}
    return [Doc(row["text"], Before(0, 0, ""), acts[row["somebody"]], OF_CHAT) for row in rows]


def named_docs(turns: Sequence[Written]) -> list[Doc]:
    """Questions by what they ask about, some after turns that came before other questions."""
    before = [(turn.earlier, len(turn.cast.people)) for turn in turns if turn.act == "question" and turn.earlier]
    return [
        Doc(each.text, Before(each.people, 0, "new_head"), ("question", "compare"), OF_NAMED, -1, each.earlier)
        for each in named_questions(False, before)
    ]


def _of_sentence(record: Record) -> Iterator[Doc]:
    people = int(record.has_face_before or record.task == "describe")
    photos = people if record.input.get("image") else 0
    acts = _acts_of(record)
    chat = record.task == "chat"
    fold = zlib.crc32(record.id[:-1].encode()) % FOLDS if chat else -1
    before = Before(people, photos, "new_head" if people and not photos else "")
    yield Doc(record.text, before, acts, OF_CHAT if chat else OF_SENTENCE, fold)
    if people or (acts == ("new_head",) and not asks_for_new(record.text)):
        return
    if acts in (("new_head",), NO_HEAD):  # the same after another head
        yield Doc(record.text, Before(1 + len(record.text) % 2, 0, "new_head"), acts, OF_SENTENCE, fold)


def _acts_of(record: Record) -> tuple[str, ...]:
    if record.labels.get("decline"):
        return ("decline",)
    if record.task != "chat":
        return ({"imagine": "new_head", "edit": "edit", "describe": "question"}[record.task],)
    if not record.labels.get("face"):
        return NO_HEAD
    return ("edit",) if record.has_face_before else ("new_head",)


def scored(odds: np.ndarray, docs: Sequence[Doc]) -> str:
    """How often the act is right, and how often a head comes when it should (recall) and only then (precision)."""
    making = np.array([act in MAKING for act in ACTS])
    found = [ACTS[k] for k in odds.argmax(1)]
    right = np.mean([act in doc.acts for act, doc in zip(found, docs, strict=True)])
    got = np.exp(odds[:, making]).sum(1) > 0.5
    wanted = np.array([doc.acts[0] in MAKING for doc in docs])
    both = (got & wanted).sum()
    heads = f"precision {both / got.sum():.3f}, recall {both / wanted.sum():.3f}"
    return f"{len(docs)} turns: acts right {right:.3f}, {heads}"


def task_of(docs: Sequence[Doc]) -> Task:
    """What is learnt from some turns."""
    contexts = np.stack([context_of(doc.before) for doc in docs])
    right = np.array([[act in doc.acts for act in ACTS] for doc in docs])
    return Task(docs, contexts, right, np.array([doc.weight for doc in docs]))


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__)
    docs = learnt_docs(written_turns())
    held = {"conversations": turn_docs(written_turns(measuring=True)), "corpus": sentence_docs("validation")}
    held["a few words"] = short_docs(measuring=True)
    if options.step == "states":
        every = (*docs, *(doc for some in held.values() for doc in some))
        write_states(options.folder, list({key_of(doc): doc for doc in every}.values()))
        return
    states = States(options.folder)
    if options.step == "score":
        nets = [learn(states, task_of([doc for doc in docs if doc.fold != 0]), 0, EPOCHS)]
        out = [doc for doc in docs if doc.fold == 0]
        print(scored(log_odds(nets, states, task_of(out)), out))
        return
    nets = [learn(states, task_of(docs), seed, EPOCHS) for seed in range(NETWORKS)]
    for name, turns in held.items():
        print(name, scored(log_odds(nets, states, task_of(turns)), turns))
    print(write(nets, ACT_NETWORK))


if __name__ == "__main__":
    main()
