"""Make assets/networks/strengths_network.npz: how strongly words name a feeling or a movement, or that they name none.

Learns from corpus/strengths.csv, from labelled sentences of the corpus, and from phrases of corpus/unshown, which name
nothing of the sort. The words of the held-out rows are in none of the rows and phrases that are learnt from.

    python -m lab.runs.language.readers.strengths states FOLDER  # the states of all texts, once: some 5 minutes
    python -m lab.runs.language.readers.strengths score FOLDER   # learn, score what is held out, without writing
    python -m lab.runs.language.readers.strengths fit FOLDER     # the same, and write
"""

from __future__ import annotations

import csv
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.language.earlier import Earlier
from facegpt.language.reading.strengths_network import (
    CONTEXT,
    NAMED_FROM,
    STRENGTHS,
    STRENGTHS_NETWORK,
    named_and_strength,
)
from facegpt_lab.synthesis.texts.corpus import Record, corpus_folder, load_corpus
from lab.runs.language import steps_command
from lab.runs.language.states_network import States, Task, key_of, learn, log_odds, write, write_states

EPOCHS, BATCH, NETWORKS = 10, 32, 2
#: Sentences of the corpus: of each strength, of situations, and of those that name no feeling and no movement; the
#: longest, characters; what one of them counts beside a row of strengths.csv.
OF_STRENGTH, SITUATIONS, OF_NOTHING, LONGEST, WEIGHT = 800, 400, 400, 90, 0.5
#: Kinds of phrases of corpus/unshown that name no feeling and no movement, and how many of each are taken.
KINDS, OF_KIND = ("worn", "scene", "role", "body"), 110
PEOPLE = ("a man", "a woman", "someone", "an old man", "a girl", "he", "she")
#: Strengths of the corpus that are as much the one as the other (half a step either way is fair).
NEAR = 0.16


@dataclass(frozen=True)
class Said:
    """A text, what it is about, how strongly (0: it names nothing), and how much it counts."""

    text: str
    about: str
    strength: float
    weight: float = 1.0
    earlier: tuple[Earlier, ...] = ()


def rows(held_out: bool) -> list[Said]:
    """The rows of corpus/strengths.csv that are learnt from, or those that measure."""
    with (corpus_folder() / "strengths.csv").open(newline="", encoding="utf-8") as file:
        told = [row for row in csv.DictReader(file) if bool(int(row["held_out"])) == held_out]
    return [Said(row["text"], row["about"], float(row["strength"])) for row in told]


def phrases() -> list[Said]:
    """Phrases of corpus/unshown, alone and beside somebody, none of which a held-out row has."""
    drawn, held = random.Random(4), " ".join(each.text for each in rows(True))
    with (corpus_folder() / "unshown" / "phrases.csv").open(newline="", encoding="utf-8") as file:
        each = {row["kind"]: row["phrases"].split("|") for row in csv.DictReader(file)}
    some = [phrase for kind in KINDS for phrase in drawn.sample(each[kind], min(OF_KIND, len(each[kind])))]
    some = [phrase for phrase in some if phrase.removeprefix("a ").removeprefix("an ") not in held]
    texts = [phrase if drawn.random() < 0.5 else f"{drawn.choice(PEOPLE)}, {phrase}" for phrase in some]
    return [Said(text, "nothing", 0.0, WEIGHT) for text in dict.fromkeys(texts)]


def sentences(split: str = "train") -> list[Said]:
    """Sentences of the corpus: weak, plain and strong ones, situations, and some that name nothing."""
    drawn, kinds = random.Random(3), dict[str, list[Said]]()
    for record in load_corpus(split):
        if record.task in ("imagine", "edit") and len(record.text) <= LONGEST and (said := _said(record)):
            kinds.setdefault(said.about, []).append(said)
    counts = {"weak": OF_STRENGTH, "plain": OF_STRENGTH, "strong": OF_STRENGTH, "situation": SITUATIONS}
    counts |= {"nothing": OF_NOTHING}
    return [each for kind, most in counts.items() for each in drawn.sample(kinds[kind], min(most, len(kinds[kind])))]


def _said(record: Record) -> Said | None:
    labels = record.labels
    weights = {weight for weight in labels.get("expression", {}).values() if weight > 0}
    feels = labels.get("emotion", "") not in ("", "neutral")
    if not feels and not weights and not labels.get("expression_off") and labels.get("emotion") != "neutral":
        return Said(record.text, "nothing", 0.0, WEIGHT)
    if feels and record.category == "situation":
        return Said(record.text, "situation", float(labels.get("intensity", 0.7)), WEIGHT)
    strength = float(labels.get("intensity", 0.7)) if feels else weights.pop() if len(weights) == 1 else 0.0
    if not strength or (feels and weights - {strength}):
        return None
    kind = "weak" if strength <= 0.5 else "strong" if strength >= 0.9 else "plain"
    return Said(record.text, kind, strength, WEIGHT)


def task_of(said: Sequence[Said]) -> Task:
    """What is learnt from some texts."""
    right = np.array([[_is_right(value, each.strength) for value in STRENGTHS] for each in said])
    return Task(said, np.tile(CONTEXT, (len(said), 1)), right, np.array([each.weight for each in said]))


def _is_right(value: float, strength: float) -> bool:
    return value == strength if 0.0 in (value, strength) else abs(value - strength) < max(NEAR, _off(strength) + 1e-6)


def _off(strength: float) -> float:
    """How far the nearest strength is."""
    return min(abs(value - strength) for value in STRENGTHS if value)


def pairs(said: Sequence[Said]) -> Iterator[tuple[int, int]]:
    """Numbers of two texts about the same thing, the first of which is said to be weaker."""
    for a, b in itertools.permutations(range(len(said)), 2):
        if said[a].about == said[b].about and 0 < said[a].strength < said[b].strength:
            yield a, b


def scored(odds: np.ndarray, said: Sequence[Said]) -> str:
    """How many pairs are in their order, and how many texts are taken for naming something, or nothing."""
    read = [named_and_strength(each) for each in odds]
    ordered = [read[a][1] < read[b][1] for a, b in pairs(said)]
    none = [named for (named, _), each in zip(read, said, strict=True) if not each.strength]
    some = [named for (named, _), each in zip(read, said, strict=True) if each.strength]
    found = f"{np.mean(ordered):.3f} of {len(ordered)} pairs in order" if ordered else ""
    for least in (0.05, NAMED_FROM, 0.3):
        found += f"\n  named from {least}: {np.mean(np.array(none) >= least):.3f} of {len(none)} that name nothing"
        found += f", {np.mean(np.array(some) < least):.3f} of {len(some)} others lost"
    return found


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__)
    learnt, held, more = [*rows(False), *phrases(), *sentences()], rows(True), sentences("validation")
    if options.step == "states":
        write_states(options.folder, list({key_of(each): each for each in (*learnt, *held, *more)}.values()))
        return
    states = States(options.folder)
    nets = [learn(states, task_of(learnt), seed, EPOCHS, BATCH) for seed in range(NETWORKS)]
    odds = log_odds(nets, states, task_of(held))
    print("held-out rows:", scored(odds, held))
    print("held-out sentences:", scored(log_odds(nets, states, task_of(more)), more))
    for about in dict.fromkeys(each.about for each in held):
        some = [k for k, each in enumerate(held) if each.about == about]
        told = [f"{held[k].text} {named_and_strength(odds[k])[1]:.2f}" for k in some]
        print(f"  {about}: {'; '.join(told)}")
    if options.step == "fit":
        print(write(nets, STRENGTHS_NETWORK))


if __name__ == "__main__":
    main()
