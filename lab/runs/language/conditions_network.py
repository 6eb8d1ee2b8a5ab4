"""Make assets/networks/conditions_network.npz: whether somebody is tired, drunk, shy, sunburnt and so on, or is not.

Learns from corpus/conditions.csv, alone, denied and beside traits and callings, from situations that bring one about
(corpus/situations.csv), and from situations that make a basic emotion, written requests and traits, which name none.
Every fifth row only measures, and of the situations whole kinds.

    python -m lab.runs.language.conditions_network states FOLDER  # the states of all texts, once: some 2 minutes
    python -m lab.runs.language.conditions_network score FOLDER   # learn, score what is held out, without writing
    python -m lab.runs.language.conditions_network fit FOLDER     # the same, and write
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.language.earlier import Earlier
from facegpt.language.reading.conditions_network import CONDITIONS_NETWORK, CONTEXT, NOT, SURE, outcomes
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import steps_command
from lab.runs.language.states_network import States, Task, key_of, learn, log_odds, write, write_states

EPOCHS, BATCH, NETWORKS, EVERY, WRITTEN, FELT = 18, 32, 2, 5, 200, 300
#: Kinds of situations that only measure, and files of situations that make an emotion.
HELD_KINDS, MAKE_EMOTIONS = ("travel", "school", "animals", "food"), "what_happened/*.jsonl"
TRAITS = [
    "a big nose",
    "green eyes",
    "a strong jaw",
    "thin lips",
    "hooked nose",
    "35",
    "Italian",
    "a square chin",
    "bald",
    "long black hair",
    "freckles",
    "a double chin",
    "hollow cheeks",
    "bushy eyebrows",
    "a crooked nose",
    "wrinkles",
    "a broad flat nose",
    "in her forties",
    "fat",
    "about sixty",
    "a moustache",
    "pale skin",
    "big ears",
    "ginger",
    "a high forehead",
    "a round face",
    "chubby",
    "wide-set eyes",
    "a pointed chin",
    "thick lips",
    "Korean",
]
ROLES = ("nurse", "man", "woman", "toddler", "boy", "teacher", "old man", "girl", "farmer", "mother", "soldier", "kid")
OUTCOMES = (*outcomes()[:-1], "nothing")
#: How a condition is denied, and a trait beside it, which leaves the condition.
DENIED = (
    "not {it}",
    "isn't {it}",
    "he doesn't look {it}",
    "not {it} at all",
    "make her less {it}",
    "without being {it}",
    "no longer {it}",
    "a woman who isn't {it}",
    "not so {it}",
)
TRAIT_DENIED = ("{it}, no {noun}", "no {noun}, {it}", "{it}, without {noun}", "{it}, doesn't have {noun}")
ABSENT = ("beard", "glasses", "make-up", "freckles", "wrinkles", "smile lines", "fringe", "moustache", "hair")
#: Written requests with these words may name a condition.
_MAY_NAME_ONE = re.compile(
    r"tired|weary|exhaust|drunk|tipsy|flirt|sex|shy|evil|villain|strict|stern|kind|friend|nice|scar[iy]|menac|bor(?:ed|ing)|"
    r"scept|skept|doubt|suspic|pain|hurt|think|thought|pensive|wise|creep|gentle|warm|timid|focus|concentrat|determin|"
    r"sulk|grump|mood|pout|proud|smug|arrogan|confiden|worr|nervous|anxi|calm|relax|seren|peace|dream|sick|ill\b|cheek|"
    r"mischie|playful|naught|serious|grim|sleep|confus|disappoint|cold|freez|mean|nasty|bully|burn|bitter|jealous|env[iy]|grudg",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Asked:
    """A request, the condition that it names, one of OUTCOMES, and its kind if it is a situation."""

    text: str
    condition: str
    kind: str = ""
    earlier: tuple[Earlier, ...] = ()


def requests(measuring: bool | None) -> list[Asked]:
    """The requests that may be learnt from, those that measure, or all (None)."""
    with (corpus_folder() / "conditions.csv").open(newline="", encoding="utf-8") as file:
        found = [Asked(row["text"], row["condition"]) for row in csv.DictReader(file)]
    found += _mixed(found)
    written = []
    for file in sorted((corpus_folder() / "conversations").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            turns = json.loads(line)["turns"]
            written += [t["user"] for t in turns if t.get("act") in ("new_head", "edit", "question", "small_talk")]
    plain = [text for text in written if not _MAY_NAME_ONE.search(text)]
    found += [Asked(text, "nothing") for text in random.Random(0).sample(plain, WRITTEN)]
    chosen = [each for k, each in enumerate(found) if measuring is None or (k % EVERY == 0) == measuring]
    return [*chosen, *(each for each in _situations() if measuring is None or (each.kind in HELD_KINDS) == measuring)]


def _situations() -> list[Asked]:
    """Situations by the condition that they bring about, and those that make an emotion; of these a third measures."""
    with (corpus_folder() / "situations.csv").open(newline="", encoding="utf-8") as file:
        found = [Asked(row["text"], row["condition"], row["kind"]) for row in csv.DictReader(file)]
    held = set((corpus_folder() / "validation_ids.txt").read_text("utf-8").split())
    lines = [
        line for path in sorted(corpus_folder().glob(MAKE_EMOTIONS)) for line in path.read_text("utf-8").splitlines()
    ]
    felt = [row for row in map(json.loads, lines) if row["labels"].get("emotion", "neutral") != "neutral"]
    rng = random.Random(5)
    learnt = rng.sample([row["text"] for row in felt if row["id"] not in held], FELT)
    measured = rng.sample([row["text"] for row in felt if row["id"] in held], FELT // 4)
    found += [Asked(text, "nothing", "emotion") for text in learnt]
    return [*found, *(Asked(text, "nothing", HELD_KINDS[0]) for text in measured)]


def _mixed(rows: Sequence[Asked]) -> list[Asked]:
    """Conditions beside traits ("a tired nurse with green eyes") and beside denied ones, denied, and traits alone."""
    rng, found = random.Random(1), list[Asked]()
    for k, row in enumerate(rows):
        trait, role = rng.choice(TRAITS), rng.choice(ROLES)
        frames = ["{it}, {trait}", "{trait}, {it}", "{it} with {trait}"]
        if len(row.text.split()) == 1 and not row.condition.startswith(NOT):
            frames = ["a {it} {role} with {trait}", "{it} {role}", "{trait}, {it}", "a {it} {role}, {trait}"]
        text = rng.choice(frames).format(it=row.text.rstrip("."), trait=trait, role=role)
        if row.condition != "nothing" or k % 2:
            found.append(Asked(text, row.condition))
        if k % 3 == 0:
            frame = rng.choice(TRAIT_DENIED)
            found.append(Asked(frame.format(it=row.text.rstrip("."), noun=rng.choice(ABSENT)), row.condition))
        deniable = row.condition not in ("nothing", "friendly") and not row.condition.startswith(NOT)
        if len(row.text.split()) == 1 and deniable:  # who is not friendly is strict
            found += [Asked(each.format(it=row.text), NOT + row.condition) for each in rng.sample(DENIED, 2)]
        if k % 6 == 0:
            texts = (trait, f"{trait}, {rng.choice(TRAITS)}", f"a {role} with {trait}")
            found.append(Asked(rng.choice(texts), "nothing"))
    return found


def task_of(asked: Sequence[Asked]) -> Task:
    """What is learnt from some requests."""
    right = np.array([[name == each.condition for name in OUTCOMES] for each in asked])
    return Task(asked, np.tile(CONTEXT, (len(asked), 1)), right, np.ones(len(asked)))


def scored(odds: np.ndarray, asked: Sequence[Asked]) -> str:
    """How often a condition is found rightly, how often another one, and how often where none is named."""
    sure = np.exp(odds.max(1)) >= SURE
    found = [OUTCOMES[k] if s else "nothing" for k, s in zip(odds.argmax(1), sure, strict=True)]
    names = [(f, each.condition) for f, each in zip(found, asked, strict=True)]
    named = [(f, c) for f, c in names if c != "nothing"]
    none = [f for f, c in names if c == "nothing"]
    right, other = sum(f == c for f, c in named), sum(f not in (c, "nothing") for f, c in named)
    return (
        f"of {len(named)} held-out conditions {right} found, {other} taken for another; of {len(none)} other requests "
        f"{sum(f != 'nothing' for f in none)} taken for one"
    )


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__)
    if options.step == "states":
        write_states(options.folder, list({key_of(each): each for each in requests(None)}.values()))
        return
    states, held = States(options.folder), requests(True)
    learnt = requests(False)
    nets = [learn(states, task_of(learnt), seed, EPOCHS, BATCH) for seed in range(NETWORKS)]
    odds = log_odds(nets, states, task_of(held))
    print(scored(odds, held))
    if options.step == "fit":
        print(write(nets, CONDITIONS_NETWORK))
        return
    for each, k, sure in zip(held, odds.argmax(1), np.exp(odds.max(1)), strict=True):
        if OUTCOMES[k] != each.condition:
            print(f"  {each.condition}: read as {OUTCOMES[k]} ({sure:.2f}): {each.text}")


if __name__ == "__main__":
    main()
