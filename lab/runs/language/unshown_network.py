"""Make assets/networks/unshown_network.npz: which words of a request name what a head of this kind cannot show.

Learns from corpus/unshown: sentences whose words are marked, and phrases of each kind put into frames and beside
written descriptions, which name nothing of the sort. Every fifth phrase and sentence only measures.

    python -m lab.runs.language.unshown_network states FOLDER  # the states of all texts, once: some 3 minutes
    python -m lab.runs.language.unshown_network score FOLDER   # learn, score what is held out, without writing
    python -m lab.runs.language.unshown_network fit FOLDER     # learn from all, and write
    python -m lab.runs.language.unshown_network few FOLDER     # the states of sentences and bare lists alone, a third
    python -m lab.runs.language.unshown_network on FOLDER      # learn on from the shipped weights by those, and score
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from facegpt.assets import FOLDER, register
from facegpt.language.earlier import Earlier
from facegpt.language.loading import load_language_model
from facegpt.language.parts import PARTS, base_form
from facegpt.language.reading.beyond.unshown_network import (
    KINDS,
    UNSHOWN_NETWORK,
    UnshownNetwork,
    load_unshown_network,
    words_of,
)
from facegpt.language.reading.glasses_words import without_glasses
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import steps_command
from lab.runs.language.states_network import States, key_of, write_states

EVERY, WRITTEN, EPOCHS, BATCH, RATE, WIDTH, DROPOUT = 5, 700, 24, 16, 2e-3, 48, 0.3
PEOPLE = (
    "a man",
    "a woman",
    "an old man",
    "a young woman",
    "a boy of ten",
    "a girl",
    "a guy",
    "a Polish woman",
    "someone",
)
TRAITS = [
    "a big nose",
    "freckles",
    "thin lips",
    "green eyes",
    "a square jaw",
    "a double chin",
    "a shy smile",
    "wrinkles",
    "bushy eyebrows",
    "long black hair",
    "a moustache",
    "glasses",
    "dark rings under the eyes",
    "hollow cheeks",
    "a crooked nose",
    "pale skin",
    "a broken nose",
    "grey hair",
    "big ears",
    "a friendly look",
    "red lipstick",
    "a man bun",
    "hair in a bun",
    "a handlebar moustache",
    "a braided beard",
    "a baseball cap",
]
FRAMES = {
    "mark": (
        "{who} with {it}",
        "{who} with {trait} and {it}",
        "{who}, {trait}, {it}",
        "give her {it}",
        "{it} and {trait}",
    ),
    "worn": (
        "{who} with {it}",
        "{who} with {it} and {trait}",
        "{who} in {it}",
        "put {it} on him",
        "{who}, {it}, {trait}",
    ),
    "body": ("{who}, {it}", "{who} with {trait}, {it}", "{it}, {trait}"),
    "pose": ("{who}, {it}", "{who} with {trait}, {it}", "{it}, {trait}", "{who} {it}"),
    "scene": ("{who} {it}", "{who} with {trait}, {it}", "{who}, smiling, {it}"),
    "creature": ("{it}", "{it} with {trait}", "{who} like {it}", "{it}, {trait}, old"),
    "role": ("{it}", "{it} with {trait}", "{it}, about forty, {trait}", "{who}, {it}, tired", "{it} who is sad"),
}
MARKED = re.compile(r"\{(\w+):([^}]*)\}")
_NAMES = ("hidden", "hidden_bias", "out", "out_bias")
#: How far `on` goes from the shipped weights to those learnt from few texts: the whole way an android is a scene.
WAY = 0.6
ARTICLE = re.compile(r"^(?:an?|the|his|her|some)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Marked:
    """A text and the kind of each marked stretch of it: (first character, the one after its last, kind)."""

    text: str
    stretches: tuple[tuple[int, int, str], ...] = ()
    held: bool = False
    earlier: tuple[Earlier, ...] = ()


def marked(line: str, held: bool) -> Marked:
    """Read a line of sentences.txt: "a {role:nurse} with {worn:a scarf}"."""
    text, stretches, at = "", [], 0
    for match in MARKED.finditer(line):
        text += line[at : match.start()]
        skip = len(m[0]) if (m := ARTICLE.match(match[2])) else 0
        if match[1] in KINDS:
            stretches.append((len(text) + skip, len(text) + len(match[2]), match[1]))
        text, at = text + match[2], match.end()
    return Marked(text + line[at:], tuple(stretches), held)


def texts(few: bool = False) -> list[Marked]:
    """All that is learnt from or measured; few: sentences, phrases without frames and some that name nothing alone."""
    folder, rng = corpus_folder() / "unshown", random.Random(0)
    lines = (folder / "sentences.txt").read_text("utf-8").splitlines()
    found = [marked(line, k % EVERY == 0) for k, line in enumerate(lines)]
    written = _written(rng)
    with (folder / "phrases.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for k, phrase in enumerate(row["phrases"].split("|")):
                it = f"{{{row['kind']}:{phrase}}}"
                given = {"who": rng.choice(PEOPLE), "trait": rng.choice(TRAITS)}
                for frame in rng.sample(FRAMES[row["kind"]], 2) if not few else ():
                    found.append(
                        marked(
                            frame.replace("{it}", it).replace("{who}", given["who"]).replace("{trait}", given["trait"]),
                            k % EVERY == 0,
                        )
                    )
                if not few:
                    beside = written[(len(found) * 7) % len(written)].rstrip(".")
                    found.append(marked(f"{beside}, {it}", k % EVERY == 0))
                bare = f"{{{row['kind']}:{ARTICLE.sub('', phrase)}}}"  # as people list things: no articles
                found.append(marked(f"{ARTICLE.sub('', given['who'])}, {bare}, {given['trait']}", k % EVERY == 0))
    found += [Marked(text, (), k % EVERY == 0) for k, text in enumerate(written[: WRITTEN // 3 if few else WRITTEN])]
    return [each for each in found if without_glasses(each.text) == each.text]


def _written(rng: random.Random) -> list[str]:
    """Descriptions and changes of the corpus that name nothing of the sort."""
    with (corpus_folder() / "unshown" / "phrases.csv").open(newline="", encoding="utf-8") as file:
        nouns = {phrase.split()[-1].lower() for row in csv.DictReader(file) for phrase in row["phrases"].split("|")}
    nouns -= {word for word in nouns if base_form(word) in PARTS or word in PARTS}
    found = []
    for folder in ("looks", "feelings", "edits", "traits_in_other_words", "denials_and_comparisons"):
        for path in sorted((corpus_folder() / folder).glob("*.jsonl")):
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            found += [row["text"] for row in rows if row.get("voice") in ("plain", "everyday", None, "casting")]
    short = [t for t in found if len(t) < 90 and not nouns & set(re.findall(r"[a-z]+", t.lower()))]
    return rng.sample(short, min(WRITTEN, len(short)))


def rows_of(each: Marked, states: np.ndarray, spans: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Features (W, F) of the words of a text and their kinds (W,)."""
    words = words_of(each.text, states, spans)
    kinds = [
        next((1 + KINDS.index(kind) for first, after, kind in each.stretches if first <= start < after), 0)
        for start, _, _ in words
    ]
    return np.stack([feature for _, _, feature in words]), np.array(kinds)


def learn(features: np.ndarray, kinds: np.ndarray, seed: int, begun: UnshownNetwork | None = None) -> nn.Module:
    """A network of one hidden layer, on words; begun: that goes on from the shipped one of this number, slower."""
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Dropout(0.1),
        nn.Linear(features.shape[1], WIDTH),
        nn.GELU("tanh"),
        nn.Dropout(DROPOUT),
        nn.Linear(WIDTH, 1 + len(KINDS)),
    )
    if begun is not None:
        places = ("1.weight", "1.bias", "4.weight", "4.bias")
        net.load_state_dict(
            {place: torch.from_numpy(begun.weights[name][seed]) for place, name in zip(places, _NAMES, strict=True)}
        )
    rate = RATE if begun is None else RATE / 5
    x, y = torch.from_numpy(features.astype(np.float32)), torch.from_numpy(kinds)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.05)
    steps = EPOCHS * (len(x) // (8 * BATCH))
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
        rows = torch.randint(len(x), (8 * BATCH,))
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows], label_smoothing=0.02)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval()


def network_of(nets: Sequence[nn.Module]) -> UnshownNetwork:
    """The same without torch."""
    weights = {}
    for name, place, part in (
        ("hidden", 1, "weight"),
        ("hidden_bias", 1, "bias"),
        ("out", 4, "weight"),
        ("out_bias", 4, "bias"),
    ):
        weights[name] = np.stack([getattr(net[place], part).detach().numpy().astype(np.float16) for net in nets])
    return UnshownNetwork(weights)


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__, (*steps_command.STEPS, "few", "on"))
    every = list({key_of(each): each for each in texts(options.step in ("few", "on"))}.values())
    if options.step in ("states", "few"):
        write_states(options.folder, every)
        return
    states, processor = States(options.folder), load_language_model().processor
    read = [
        (each, *rows_of(each, states.of(each), processor.spans(each.text)))
        for each in states.kept(every)
        if re.search("[a-z]", each.text)
    ]
    shipped = load_unshown_network() if options.step == "on" else None
    held = [row for row in read if row[0].held]
    learnt = [row for row in read if options.step == "fit" or not row[0].held]
    features, kinds = np.concatenate([row[1] for row in learnt]), np.concatenate([row[2] for row in learnt])
    network = network_of([learn(features, kinds, seed, shipped) for seed in range(2)])
    if shipped is not None:
        pairs = ((name, shipped.weights[name], value) for name, value in network.weights.items())
        network = UnshownNetwork({name: was + WAY * (now - was) for name, was, now in pairs})
        _tell(held, shipped)
        _tell(held, network)
    if options.step in ("fit", "on"):
        np.savez_compressed(FOLDER / UNSHOWN_NETWORK, **network.weights)
        print(register(UNSHOWN_NETWORK))
        return
    _tell(held, network)


def _tell(held: Sequence[tuple[Marked, np.ndarray, np.ndarray]], network: UnshownNetwork) -> None:
    """How many held-out words of each kind are found, and how many others are taken for one."""
    features, right = np.concatenate([row[1] for row in held]), np.concatenate([row[2] for row in held])
    found = network.probability(features)
    for least in (0.3, 0.6, 0.8):
        said = (1 - found[:, 0]) >= least
        print(f"from {least}: {said[right > 0].mean():.3f} of {(right > 0).sum()} words found, "
              f"{said[right == 0].mean():.4f} of {(right == 0).sum()} others taken for one; kind right "
              f"{(found[:, 1:].argmax(1) + 1 == right)[(right > 0) & said].mean():.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
