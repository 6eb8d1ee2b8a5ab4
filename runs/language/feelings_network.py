"""Make assets/networks/feelings_network.npz: which of EMOTIONS words name, from the language model's states of them.

Learns from every training sentence that names an emotion or tells of what calls for one, from a part of the others
and from drawn ones (the word lists of corpus/lexicon). Its log-probabilities join those of the face head.

    python -m runs.language.feelings_network states FOLDER  # the states of all texts, once: a quarter of an hour
    python -m runs.language.feelings_network fit FOLDER     # some ten minutes; learn, score what is held out, write
    python -m runs.language.feelings_network score FOLDER   # the same, without writing
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import nn

from facegpt.language.accepted_emotions import likeliest_emotion
from facegpt.language.earlier import Earlier
from facegpt.language.language_model import load_language_model
from facegpt.language.reading.feelings import FEELINGS_NETWORK, OF_THE_NETWORK
from facegpt.language.targets import EMOTIONS, Target
from facegpt.synthesis.texts.corpus import Record, load_corpus
from facegpt.synthesis.texts.dialogues import sample_at
from runs.language.states_network import BATCH, DECAY, RATE, WARM, Network, States, Task, batch_of, log_odds, write
from runs.language.states_network import write_states as keep_states

EPOCHS, NETWORKS = 5, 2
#: How many sentences without a feeling are learnt from, how many drawn ones, and how much one of each counts.
SILENT, DRAWN, OF_SILENT, OF_DRAWN = 5000, 4500, 2.0, 0.5
#: Held-out sentences without a feeling. Share of a label that goes to all emotions accepted beside the named one.
SILENT_HELD, ALSO = 700, 0.3
_MIX = {"emotion": 0.6, "edit_expression": 0.12, "joined": 0.12, "looks": 0.08, "movement": 0.05, "edit": 0.03}
_DRAWN_SEED = 77


@dataclass(frozen=True)
class Feeling:
    """A text, its labels, and how much it counts."""

    text: str
    target: Target
    category: str
    weight: float = 1.0
    earlier: tuple[Earlier, ...] = ()

    def share(self) -> np.ndarray:
        """(N,) how right each of EMOTIONS is."""
        accepted = self.target.emotion_accepted
        share = ALSO * accepted / accepted.sum()
        share[self.target.emotion] += 1 - ALSO
        return np.asarray(share, np.float32)


def learnt_from() -> list[Feeling]:
    """All that is learnt from, one of each text."""
    named, silent = _sentences("train")
    texts = [*named, *(_weighed(each, OF_SILENT) for each in Random(3).sample(silent, min(SILENT, len(silent))))]
    drawn = (sample_at(k, _DRAWN_SEED, _MIX) for k in range(DRAWN))
    texts += [Feeling(s.text, s.target, "drawn", OF_DRAWN) for s in drawn if s.target.known and s.target.emotion_scored]
    return list({each.text: each for each in reversed(texts)}.values())


def held_out() -> list[Feeling]:
    """The held-out sentences with a feeling, and a part of those without."""
    named, silent = _sentences("validation")
    return [*named, *Random(4).sample(silent, min(SILENT_HELD, len(silent)))]


def _sentences(split: str) -> tuple[list[Feeling], list[Feeling]]:
    """Those with a feeling, and those without."""
    found: tuple[list[Feeling], list[Feeling]] = ([], [])
    for record in load_corpus(split):
        target = record.target()
        if _is_read(record, target):
            found[target.emotion == 0].append(Feeling(record.text, target, record.category))
    return found


def _is_read(record: Record, target: Target) -> bool:
    return record.task in ("imagine", "edit") and bool(target.known and target.emotion_scored)


def _weighed(each: Feeling, weight: float) -> Feeling:
    return Feeling(each.text, each.target, each.category, weight)


def task_of(texts: Sequence[Feeling]) -> Task:
    """What is learnt of some texts: nothing is known beside the words."""
    right = np.stack([each.share() for each in texts])
    return Task(texts, np.zeros((len(texts), 1), np.float32), right > 0, np.array([each.weight for each in texts]))


def learn(states: States, texts: Sequence[Feeling], seed: int) -> Network:
    """Train one network by cross-entropy with the shares."""
    torch.manual_seed(seed)
    rng, task = np.random.default_rng(seed), task_of(texts)
    net = Network(states.all.shape[1] * states.all.shape[2], 1, len(EMOTIONS), votes=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    shares = torch.from_numpy(np.stack([each.share() for each in texts]))
    weight = torch.from_numpy(task.weight.astype(np.float32))
    length = np.array([len(states.of(each)) for each in texts])
    steps, step = EPOCHS * math.ceil(len(texts) / BATCH), 0
    for _ in range(EPOCHS):
        order = np.argsort(length + rng.uniform(0, 6, len(texts)))
        batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for rows in batches:
            optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / WARM) * (1 - step / steps) ** 0.7
            step += 1
            surprise = -(shares[rows] * net(*batch_of(states, task, rows))).sum(1)
            optimizer.zero_grad()
            (weight[rows] * surprise).mean().backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()


def of_the_head(texts: Sequence[Feeling]) -> np.ndarray:
    """(D, N) log-probabilities of the face head alone."""
    language, found = load_language_model(), []
    for each in texts:
        encoded = language.processor(each.text)
        with torch.inference_mode():
            passed = language._pass(encoded, [], [], bool(each.target.is_edit))[1]
        found.append(passed.request.emotion[0].float().log_softmax(0).numpy())
    return np.stack(found)


def score(name: str, odds: np.ndarray, texts: Sequence[Feeling], said_from: float) -> None:
    """Print the shares of feelings that are named, or accepted, and of silent texts that stay so."""
    probability = np.exp(odds)
    probability /= probability.sum(1, keepdims=True)
    read = [likeliest_emotion(each) if 1 - each[0] >= said_from else 0 for each in probability]
    pairs = [(got, each) for got, each in zip(read, texts, strict=True) if each.target.emotion]

    def share(right: Callable[[int, Feeling], bool], category: str = "") -> float:
        return float(np.mean([right(got, each) for got, each in pairs if category in ("", each.category)]))

    accepted = [f"{c} {share(_accepted, c):.3f}" for c in ("basic_expression", "compound_expression", "situation")]
    quiet = np.mean([got == 0 for got, each in zip(read, texts, strict=True) if not each.target.emotion])
    named = share(lambda got, each: got == each.target.emotion)
    print(f"{name}: named {named:.3f}, accepted {share(_accepted):.3f} ({', '.join(accepted)}), silent {quiet:.3f}")


def _accepted(got: int, each: Feeling) -> bool:
    return bool(each.target.emotion_accepted[got])


def main() -> None:
    """Keep states, score or fit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=("states", "score", "fit"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--others", type=Path, nargs="*", default=())
    options = parser.parse_args()
    torch.set_num_threads(1)
    texts, held = learnt_from(), held_out()
    if options.step == "states":
        keep_states(options.folder, [*held, *texts], options.others, of_faces=True)
        return
    states = States(options.folder)
    nets = [learn(states, texts, seed) for seed in range(NETWORKS)]
    own, head = log_odds(nets, states, task_of(held)), of_the_head(held)
    said_from = load_language_model().thresholds["emotion"]
    for share in (0.0, 0.2, OF_THE_NETWORK, 0.4, 0.5, 1.0):
        score(f"share of the network {share}", (1 - share) * head + share * own, held, said_from)
    if options.step == "fit":
        print(write(nets, FEELINGS_NETWORK))


if __name__ == "__main__":
    main()
