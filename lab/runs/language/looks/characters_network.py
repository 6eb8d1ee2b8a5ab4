"""Make assets/networks/looks/characters_network.npz: whether words name a viking, a villain, a model, someone to trust.

Learns from corpus/characters.csv, alone and beside traits, and from written turns, which name none. Every fifth row
only measures.

    python -m lab.runs.language.looks.characters_network states FOLDER  # the states of all texts, once: some 5 minutes
    python -m lab.runs.language.looks.characters_network score FOLDER   # learn, score what is held out
    python -m lab.runs.language.looks.characters_network fit FOLDER     # learn from the same rows, and write
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
from facegpt.language.looks.characters import CHARACTERS_NETWORK, CONTEXT, SURE, load_characters
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import steps_command
from lab.runs.language.conditions_network import TRAITS
from lab.runs.language.states_network import States, Task, key_of, learn, log_odds, write, write_states

EPOCHS, BATCH, NETWORKS, EVERY, WRITTEN = 12, 32, 2, 5, 400
OUTCOMES = (*load_characters(), "nothing")
#: How much a text counts that names nobody: one read falsely moves a face.
OF_NOTHING = 2.0
#: Kinds that are learnt apart: a row that names a calling says that nobody is muscular, not what impression he makes.
APART = (("calling", "impression"), ("build",), ("complexion",))
#: Traits that a character has in pictures or that others have with it: they must not decide.
LOOKS = (
    *("red hair", "silver hair", "long white hair", "a pale face", "red lips", "dark skin", "a short beard", "braids"),
    *("green skin", "grey eyes", "a moustache", "in his 30s", "in her sixties", "25", "about fifty", "Nigerian"),
)
#: Kinds that go with callings and impressions, by what is the one of each, and words for these.
BODIES = {"build": "muscular", "complexion": "tanned"}
BODY_WORDS = {
    "muscular": ("muscular", "very muscular", "ripped", "brawny", "well-built", "muscle-bound", "buff"),
    "tanned": ("tanned", "deeply tanned", "sun-tanned", "bronzed", "sun-kissed", "tan", "lightly tanned"),
}
DENIED = (
    "not {}",
    "less {}",
    "not so {}",
    "isn't {}",
    "never {}",
    "not at all {}",
    "the opposite of {}",
    "no longer {}",
)
STATES = ("old", "young", "angry", "sad", "smiling", "fat", "tired", "female", "male", "handsome", "friendly", "tall")


@dataclass(frozen=True)
class Asked:
    """A request, the character that it names, one of OUTCOMES or two joined by +, and whether it only measures."""

    text: str
    character: str
    held: bool = False
    earlier: tuple[Earlier, ...] = ()


def requests() -> list[Asked]:
    """All requests; those made of a wording that is held out are held out."""
    found, rng, own = [], random.Random(3), random.Random(4)
    with (corpus_folder() / "characters.csv").open(newline="", encoding="utf-8") as file:
        for k, row in enumerate(csv.DictReader(file)):
            held = k % EVERY == 0
            found.append(Asked(row["text"], row["character"], held))
            found += [Asked(text, row["character"], held) for text in _beside_traits(row["text"], rng)]
            if match := re.match(r"an? (.+)", row["text"]):
                found += [Asked(*both, held) for both in _with_body(match[1], row["character"], own)]
            if _kind(row["character"]) in BODIES and len(row["text"].split()) < 4:
                found.append(Asked(own.choice(DENIED).format(row["text"]), "nothing", held))
            if row["text"].startswith("a ") and row["character"] != "nothing" and k % 3 == 0:
                denied = rng.choice(("not {}", "anything but {}, a nurse", "he is no {}", "less like {}"))
                found.append(Asked(denied.format(row["text"]), "nothing", held))
    found += [Asked(text, "nothing", k % EVERY == 0) for k, text in enumerate(_written())]
    return found


def _with_body(text: str, character: str, rng: random.Random) -> list[tuple[str, str]]:
    """Somebody of a calling or an impression who is muscular or tanned as well, and what that names."""
    if _kind(character) in ("", *BODIES) or rng.random() < 0.3:
        return []
    body = rng.choice(list(BODIES.values()))
    words, frame = rng.choice(BODY_WORDS[body]), rng.choice(("a {words} {text}", "{words} {text}", "a {text}, {words}"))
    found = [(frame.format(words=words, text=text), f"{character}+{body}")]
    if rng.random() < 0.3:
        found.append((f"{text}, {rng.choice(DENIED).format(rng.choice(BODY_WORDS[body]))}", character))
    return found


def _beside_traits(text: str, rng: random.Random) -> list[str]:
    """A wording in the company of traits and states."""
    trait, other = rng.sample(TRAITS, 2)
    frames = [f"{text}, {trait}", f"{trait}, {text}", f"{text} with {trait}", f"{text}, {trait} and {other}"]
    look = rng.choice(LOOKS)
    found = [rng.choice(frames), rng.choice((f"{text}, {look}", f"{text} with {look}", f"{text}, {look}, {trait}"))]
    if match := re.match(r"an? (.+)", text):
        state = rng.choice(STATES)
        article = "an" if state[0] in "aeiou" else "a"
        found.append(f"{article} {state} {match[1]}" + rng.choice(("", f" with {trait}", f", {trait}")))
    return found


def _written() -> list[str]:
    """Turns of the corpus, of which next to none names a character."""
    written = []
    for file in sorted((corpus_folder() / "conversations").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            turns = json.loads(line)["turns"]
            written += [t["user"] for t in turns if t.get("act") in ("new_head", "edit", "question", "small_talk")]
    with (corpus_folder() / "characters.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["character"] != "nothing"]
    names = {word for row in rows for word in re.findall(r"[a-z]{4,}", row["text"].lower())}
    names -= {"make", "look", "like", "with", "face", "woman", "that", "from", "would", "real", "kind"}
    plain = [text for text in written if not names & set(re.findall(r"[a-z]+", text.lower()))]
    return random.Random(0).sample(plain, WRITTEN)


def task_of(asked: Sequence[Asked]) -> Task:
    """What is learnt from some requests."""
    right = np.array([[name in each.character.split("+") for name in OUTCOMES] for each in asked])
    none = (len(OUTCOMES) - 1,)
    groups = tuple(tuple(k for k, name in enumerate(OUTCOMES[:-1]) if _kind(name) in kinds) + none for kinds in APART)
    weight = np.array([OF_NOTHING if each.character == "nothing" else 1.0 for each in asked])
    return Task(asked, np.tile(CONTEXT, (len(asked), 1)), right, weight, groups)


def _kind(name: str) -> str:
    return load_characters()[name].kind if name != "nothing" else ""


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__)
    every = list({key_of(each): each for each in requests()}.values())
    if options.step == "states":
        write_states(options.folder, every)
        return
    states = States(options.folder)
    learnt = [each for each in every if not each.held]
    nets = [learn(states, task_of(learnt), seed, EPOCHS, BATCH) for seed in range(NETWORKS)]
    if options.step == "fit":
        print(write(nets, CHARACTERS_NETWORK))
        return
    held = [each for each in every if each.held]
    odds = log_odds(nets, states, task_of(held))
    found = [
        OUTCOMES[k] if np.exp(row[k]) >= min(SURE.values()) else "nothing"
        for row, k in zip(odds, odds.argmax(1), strict=True)
    ]
    _tell(held, found)


def _tell(held: Sequence[Asked], found: Sequence[str]) -> None:
    """How many held-out characters are found, and how often one is read where there is none."""
    named = [(each, name) for each, name in zip(held, found, strict=True) if each.character != "nothing"]
    none = [(each, name) for each, name in zip(held, found, strict=True) if each.character == "nothing"]
    right, other = (sum(test(each, name) for each, name in named) for test in (_is_right, _is_other))
    print(f"of {len(named)} held-out texts {right} right, {other} taken for another; of {len(none)} others "
          f"{sum(name != 'nothing' for _, name in none)} taken for one")  # fmt: skip
    for each, name in zip(held, found, strict=True):
        if name != each.character:
            print(f"  {each.character}: read as {name}: {each.text}")


def _is_right(each: Asked, name: str) -> bool:
    return name in each.character.split("+")


def _is_other(each: Asked, name: str) -> bool:
    return name not in (*each.character.split("+"), "nothing")


if __name__ == "__main__":
    main()
