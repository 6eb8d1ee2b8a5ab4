"""Make assets/networks/hair_network.npz: what words ask of hair, from the language model's states of them.

Learns the slots of hair_words.csv from the texts of texts.py: all sentences of corpus/hair, alone and after turns
that have nothing to do with them, and a share of the drawn ones; and from the turns of the written conversations, so
that "longer" is of the hair after hair was spoken of, and of the nose after the nose. One softmax a slot with "nothing
said" as 0, as classifier.py has it; the two are averaged.

    python -m lab.runs.language.hair.network states FOLDER --others ACTS  # the states of all texts, once: ten minutes;
                                                        # ACTS: where lab.runs.language.act_network keeps those of turns
    python -m lab.runs.language.hair.network fit FOLDER     # some ten minutes; learn, score what is held out, write
    python -m lab.runs.language.hair.network score FOLDER   # the same, without writing
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.language.earlier import Earlier
from facegpt.language.hair_wish import HAIR_SLOTS
from facegpt.language.reading.hair.classifier import (
    HAIR_NETWORK,
    OUTPUTS,
    SAID_FROM,
    VETOES,
    context_of_hair,
    load_hair_classifier,
)
from facegpt.language.reading.hair.join import TAKEN_BY
from facegpt_lab.synthesis.texts.conversations import conversation_turns
from lab.runs.language import steps_command
from lab.runs.language.hair.classifier import targets
from lab.runs.language.hair.texts import Doc, hair_docs, speaks_of_hair, training_docs
from lab.runs.language.states_network import (
    BATCH,
    DECAY,
    RATE,
    WARM,
    Network,
    States,
    Task,
    batch_of,
    write,
    write_states,
)
from lab.runs.language.written_turns import written_turns

EPOCHS, NETWORKS = 10, 3
#: Share of the drawn texts, and of the silent ones that are read after other turns too.
OF_DRAWN, OF_SILENT = 0.45, 0.08
_OWN, _SILENT = 2.0, 0.5
_CHANGES = {
    "length_change": ("hair_length", "longer", "shorter"),
    "beard_change": ("beard", "longer", "shorter"),
    "grey_change": ("hair_greyness", "more", "less"),
}
_SLOTS = list(dict.fromkeys(slot for slot, _ in OUTPUTS))
_GROUP = np.array([_SLOTS.index(slot) for slot, _ in OUTPUTS])
_FIRST = [int(np.flatnonzero(k == _GROUP)[0]) for k in range(len(_SLOTS))]


@dataclass(frozen=True)
class Read:
    """A text after other turns, and what it says of hair."""

    text: str
    earlier: tuple[Earlier, ...]
    doc: Doc


def learnt_from() -> list[Read]:
    """All that is learnt from."""
    rng, before = Random(1), _turns_before()
    docs = training_docs()
    alone = [doc for doc in docs if doc.weight == _OWN or rng.random() < OF_DRAWN]
    silent = [doc for doc in docs if doc.weight == _SILENT and not doc.said and rng.random() < OF_SILENT]
    after = [doc for doc in docs if doc.weight == _OWN] + silent
    texts = [*(Read(doc.text, (), doc) for doc in alone), *(Read(doc.text, rng.choice(before), doc) for doc in after)]
    return [*texts, *of_conversations(measuring=False)]


def of_conversations(measuring: bool) -> list[Read]:
    """The turns of the conversations that name no hair by its words, with what changes of it their labels tell."""
    found = []
    for turn in conversation_turns(measuring):
        names = [name for label in turn.labels for name in label.get("attributes", {})]
        if not turn.text.strip() or speaks_of_hair(turn.text):
            continue
        said: dict[str, str] = {}
        if any(name in TAKEN_BY for name in names):
            if len(turn.labels) != 1 or not turn.people:
                continue
            said = changes_of_hair(turn.labels[0]["attributes"])
            if not said:
                continue
        vetoes = frozenset(names) & set(VETOES)
        doc = Doc(turn.text, said, turn.people > 0, vetoes, frozenset(said) if said else None, _SILENT)
        found.append(Read(turn.text, turn.earlier, doc))
    return found


def changes_of_hair(attributes: Mapping[str, float]) -> dict[str, str]:
    """Slot → value of a change whose words leave out that it is of hair, by its label."""
    return {
        slot: more if attributes[name] > 0 else less
        for slot, (name, more, less) in _CHANGES.items()
        if attributes.get(name)
    }


def held_out() -> list[Read]:
    """The held-out sentences alone, then after other turns."""
    rng, before, docs = Random(2), _turns_before(), hair_docs("validation")
    return [*(Read(doc.text, (), doc) for doc in docs), *(Read(doc.text, rng.choice(before), doc) for doc in docs)]


def _turns_before() -> list[tuple[Earlier, ...]]:
    return [turn.earlier for turn in written_turns() if turn.earlier]


def task_of(texts: Sequence[Read]) -> tuple[Task, Tensor]:
    """What is learnt of some texts, and (D, OUTPUTS) how much each output of each counts."""
    said, learn = targets([each.doc for each in texts])
    contexts = np.stack([context_of_hair(each.doc.is_edit) for each in texts])
    return Task(texts, contexts, said > 0, np.ones(len(texts))), torch.from_numpy(learn)


def learn(states: States, texts: Sequence[Read], seed: int) -> Network:
    """Train one network."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    task, counts = task_of(texts)
    said, group = torch.from_numpy(task.right.astype(np.float32)), torch.from_numpy(_GROUP)
    net = Network(states.all.shape[1] * states.all.shape[2], task.contexts.shape[1], len(OUTPUTS), votes=True)
    nn.init.constant_(net.skip.bias, -4.0)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    length = np.array([len(states.of(each)) for each in texts])
    steps, step = EPOCHS * math.ceil(len(texts) / BATCH), 0
    for _ in range(EPOCHS):
        order = np.argsort(length + rng.uniform(0, 6, len(texts)))
        batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for rows in batches:
            optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / WARM) * (1 - step / steps) ** 0.7
            step += 1
            odds = net.scores(*batch_of(states, task, rows))
            pool = torch.zeros(len(rows), len(_SLOTS)).index_add(1, group, odds.exp())
            surprise = (counts[rows][:, _FIRST] * torch.log1p(pool)).sum(1) - (counts[rows] * said[rows] * odds).sum(1)
            optimizer.zero_grad()
            surprise.mean().backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()


@torch.inference_mode()
def odds_of(nets: Sequence[Network], states: States, texts: Sequence[Read]) -> np.ndarray:
    """(D, OUTPUTS) mean log odds."""
    task, _ = task_of(texts)
    found = []
    for at in range(0, len(texts), BATCH):
        given = batch_of(states, task, range(at, min(at + BATCH, len(texts))))
        found.append(torch.stack([net.scores(*given) for net in nets]).mean(0).numpy())
    return np.concatenate(found)


def said_by(odds: np.ndarray) -> dict[str, str]:
    """What log odds (OUTPUTS,) say of the slots, as HairClassifier.read has it."""
    shares: dict[str, dict[str, float]] = {}
    for (slot, value), each in zip(OUTPUTS, odds, strict=True):
        shares.setdefault(slot, {})[value] = math.exp(min(30.0, max(-30.0, float(each))))
    likeliest = {slot: max(values.items(), key=lambda item: item[1]) for slot, values in shares.items()}
    return {slot: value for slot, (value, share) in likeliest.items() if slot in HAIR_SLOTS and share > SAID_FROM}


def score(name: str, odds: np.ndarray, docs: Sequence[Doc]) -> None:
    """Print the share of slots and of sentences that are read right."""
    read = [said_by(each) for each in odds]
    hits = sum(got.get(slot) == value for got, doc in zip(read, docs, strict=True) for slot, value in doc.said.items())
    named, told = sum(len(doc.said) for doc in docs), sum(map(len, read))
    whole = np.mean([got == doc.said for got, doc in zip(read, docs, strict=True)])
    print(f"{name}: recall {hits / named:.3f}, precision {hits / max(told, 1):.3f}, all right {whole:.3f}")


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__, others=True)
    texts, held, turns = learnt_from(), held_out(), of_conversations(measuring=True)
    if options.step == "states":
        write_states(options.folder, [*texts, *held, *turns], options.others, of_faces=True)
        return
    states, classifier = States(options.folder), load_hair_classifier()
    nets = [learn(states, texts, seed) for seed in range(NETWORKS)]
    own = odds_of(nets, states, held)
    words = np.stack([classifier.odds(each.text, each.doc.is_edit) for each in held])
    half, docs = len(held) // 2, [each.doc for each in held]
    for told, part in (("alone", slice(0, half)), ("after other turns", slice(half, None))):
        for name, odds in (("words", words), ("states", own), ("both", (words + own) / 2)):
            score(f"{half} held-out sentences {told}, by {name}", odds[part], docs[part])
    own = odds_of(nets, states, turns)
    words = np.stack([classifier.odds(each.text, each.doc.is_edit) for each in turns])
    for name, odds in (("words", words), ("both", (words + own) / 2)):
        score(f"{len(turns)} held-out turns that name no hair, by {name}", odds, [each.doc for each in turns])
    if options.step == "fit":
        print(write(nets, HAIR_NETWORK))


if __name__ == "__main__":
    main()
