"""Make assets/networks/act_network.npz: what a turn does, read from the language model's states of it.

Learns from the turns of corpus/conversations and, at other weights, from the turns of a chat and some other sentences
of the corpus. Turns of the corpus that want no face have no act: any act without a head is right. Whole voices or
conversations of corpus/conversations/held_out and of development/ only measure.

    python -m runs.language.act_network states FOLDER   # the states of all texts, once: about 10 minutes of a free core
    python -m runs.language.act_network score FOLDER    # learn from four folds, score the fifth
    python -m runs.language.act_network fit FOLDER      # learn from all, score what is held out, write
"""

from __future__ import annotations

import argparse
import json
import math
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import FOLDER, register
from facegpt.language.dialogue.act_classifier import ACTS, MAKING, Before
from facegpt.language.dialogue.act_network import ACT_NETWORK, context_of
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.earlier import MOST_TURNS, Earlier, in_context
from facegpt.language.language_model import TURN_LAYERS, load_language_model
from facegpt.language.reading.glasses_words import without_glasses
from facegpt.synthesis.texts.corpus import Record, load_corpus
from runs.language.turn_acts import OF_SCORED, frame_texts
from runs.language.written_turns import Written, written_turns

#: How much a turn of a frame, a sentence of the corpus and one of its turns of a chat count, beside other turns.
OF_FRAME, OF_SENTENCE, OF_CHAT = 0.4, 0.25, 2.0
#: Of the corpus' descriptions and changes only so many are read.
DESCRIPTIONS, CHANGES = 1800, 800
WIDTH, QUERIES, HIDDEN, DROPOUT, NOISE = 160, 6, 192, 0.3, 0.1
EPOCHS, BATCH, RATE, DECAY, WARM = 8, 64, 1e-3, 0.02, 50
NETWORKS, FOLDS, LONGEST = 1, 5, 120
_BATCH_TEXTS, _LEAST = 24, -1e4


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

    @property
    def key(self) -> str:
        """Of its states."""
        return json.dumps([self.text, *((each.text, each.note) for each in self.earlier[-MOST_TURNS:])])


NO_HEAD = tuple(act for act in ACTS if act not in MAKING)


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


# States


class States:
    """States of texts, in a folder: (tokens, layers, D) each."""

    def __init__(self, folder: Path) -> None:
        listed = json.loads((folder / "tokens.json").read_text("utf-8"))
        self.all = np.load(folder / "tokens.npy")
        self.first = listed["off"]
        self.row = {key: k for k, key in enumerate(listed["turns"])}

    def of(self, doc: Doc) -> np.ndarray:
        """The states of one turn."""
        return self.all[self.first[self.row[doc.key]] : self.first[self.row[doc.key] + 1]]


def write_states(folder: Path, docs: Sequence[Doc]) -> None:
    """Run the packaged language model over turns and keep the states of their tokens (float16)."""
    language = load_language_model()
    language.model.base.to(torch.bfloat16)
    language.model.adapters.to(torch.bfloat16)
    each = [_tokens(language, doc) for doc in docs]
    first = np.cumsum([0] + [len(ids) - since for ids, since in each])
    states = np.zeros((first[-1], len(TURN_LAYERS), language.model.config.hidden_size), np.float16)
    order = sorted(range(len(docs)), key=lambda k: len(each[k][0]))
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH_TEXTS):
            rows = order[start : start + _BATCH_TEXTS]
            padded = nn.utils.rnn.pad_sequence([torch.tensor(each[k][0]) for k in rows], batch_first=True)
            mask = nn.utils.rnn.pad_sequence([torch.ones(len(each[k][0]), dtype=torch.long) for k in rows], True)
            base: Any = language.model.base.model
            out = base(input_ids=padded, attention_mask=mask, output_hidden_states=True, use_cache=False)
            for place, k in enumerate(rows):
                ids, since = each[k]
                for layer, at in enumerate(TURN_LAYERS):
                    own = out.hidden_states[at][place, since : len(ids)]
                    states[first[k] : first[k + 1], layer] = own.half().numpy()
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "tokens.npy", states)
    told = {"turns": [doc.key for doc in docs], "off": first.tolist()}
    (folder / "tokens.json").write_text(json.dumps(told), "utf-8")


def _tokens(language: Any, doc: Doc) -> tuple[list[int], int]:
    """The tokens of a turn after those before it, and its first one; of a long turn the middle is left out."""
    found = language.processor(in_context(doc.earlier, without_glasses(doc.text)))
    ids, since = list(found.ids[:-1]), found.since
    if len(ids) - since <= LONGEST:
        return ids, since
    return ids[: since + 3 * LONGEST // 4] + ids[-LONGEST // 4 :], since


# The network: `ActNetwork` of act_network.py with gradients


class Network(nn.Module):
    """What facegpt.language.dialogue.act_network.ActNetwork is without torch."""

    def __init__(self, size: int, context: int) -> None:
        super().__init__()
        gathered = WIDTH * (QUERIES + 2) + context
        self.project = nn.Linear(size, WIDTH)
        self.queries = nn.Parameter(torch.randn(QUERIES, WIDTH) * 0.1)
        self.hidden, self.out = nn.Linear(gathered, HIDDEN), nn.Linear(HIDDEN, len(ACTS))
        self.skip = nn.Linear(gathered, len(ACTS))

    def forward(self, states: Tensor, mask: Tensor, context: Tensor) -> Tensor:
        """Log-probabilities (B, acts) of states (B, T, layers, D), mask (B, T), context (B, C)."""
        tokens = self._drop(nn.functional.layer_norm(states, states.shape[-1:]).flatten(2), NOISE)
        seen = self._drop(nn.functional.gelu(self.project(tokens), approximate="tanh"), DROPOUT)
        share = torch.einsum("btw,qw->bqt", seen, self.queries).masked_fill(~mask[:, None], _LEAST).softmax(-1)
        mean = (seen * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        last = seen[torch.arange(len(seen)), mask.sum(1) - 1]
        gathered = torch.cat([torch.einsum("bqt,btw->bqw", share, seen).flatten(1), mean, last, context], 1)
        gathered = self._drop(gathered, DROPOUT)
        hidden = self._drop(nn.functional.gelu(self.hidden(gathered), approximate="tanh"), DROPOUT)
        return (self.out(hidden) + self.skip(gathered)).log_softmax(1)

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nn.functional.dropout(x, share, self.training)

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by the names of ActNetwork, in half precision."""
        found = {}
        for name, value in self.state_dict().items():
            found[name.replace(".weight", "").replace(".bias", "_bias")] = value.numpy().astype(np.float16)
        return found


def batch_of(states: States, docs: Sequence[Doc]) -> tuple[Tensor, Tensor, Tensor]:
    """States (B, T, layers, D), mask (B, T) and contexts (B, C) of some turns."""
    each = [torch.from_numpy(states.of(doc).astype(np.float32)) for doc in docs]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(x), dtype=torch.bool) for x in each], True)
    context = torch.from_numpy(np.stack([context_of(doc.before) for doc in docs]))
    return nn.utils.rnn.pad_sequence(each, True), mask, context


def learn(states: States, docs: Sequence[Doc], seed: int) -> Network:
    """Train one network."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    size = states.all.shape[1] * states.all.shape[2]
    net = Network(size, len(context_of(Before())))
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    wrong = torch.tensor([[act not in doc.acts for act in ACTS] for doc in docs])
    weight = torch.tensor([doc.weight for doc in docs])
    length = np.array([len(states.of(doc)) for doc in docs])
    steps, step = EPOCHS * math.ceil(len(docs) / BATCH), 0
    for _ in range(EPOCHS):
        order = np.argsort(length + rng.uniform(0, 6, len(docs)))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for rows in batches:
            optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / WARM) * (1 - step / steps) ** 0.7
            step += 1
            said = net(*batch_of(states, [docs[k] for k in rows])).masked_fill(wrong[rows], _LEAST).logsumexp(1)
            loss = -(weight[rows] * said).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()


@torch.inference_mode()
def log_odds(nets: Sequence[Network], states: States, docs: Sequence[Doc]) -> np.ndarray:
    """(D, acts) mean log-probabilities."""
    found = []
    for start in range(0, len(docs), BATCH):
        given = batch_of(states, docs[start : start + BATCH])
        found.append(torch.stack([net(*given) for net in nets]).mean(0).numpy())
    return np.concatenate(found)


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


def main() -> None:
    """Keep states, score or fit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=("states", "score", "fit"))
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    docs = [*turn_docs(written_turns()), *frame_docs(), *sentence_docs()]
    held = {"conversations": turn_docs(written_turns(measuring=True)), "corpus": sentence_docs("validation")}
    if options.step == "states":
        every = (*docs, *held["conversations"], *held["corpus"])
        write_states(options.folder, list({doc.key: doc for doc in every}.values()))
        return
    states = States(options.folder)
    if options.step == "score":
        nets = [learn(states, [doc for doc in docs if doc.fold != 0], seed=0)]
        print(scored(log_odds(nets, states, held := [doc for doc in docs if doc.fold == 0]), held))
        return
    nets = [learn(states, docs, seed) for seed in range(NETWORKS)]
    for name, turns in held.items():
        print(name, scored(log_odds(nets, states, turns), turns))
    arrays = [net.arrays() for net in nets]
    np.savez_compressed(FOLDER / ACT_NETWORK, **{name: np.stack([each[name] for each in arrays]) for name in arrays[0]})
    print(register(ACT_NETWORK))


if __name__ == "__main__":
    main()
