"""Questions by what they ask about, the same number for every name that can be asked.

Written conversations ask how wide a nose is two hundred times, and how wide a chin is twice. Here stand as many
wordings and questions for each name (corpus/conversations/questions_by_name.csv), those of measure_words.csv beside
them, at the start of a conversation or after the turns of a written one. Every eighth row only measures.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from facegpt.describe.attribute_words import measure_of
from facegpt.language.earlier import Earlier
from facegpt.language.targets import ASKABLE, MEASURES_SPOKEN, attribute_of_measure
from facegpt_lab.synthesis.texts.corpus import corpus_folder

MEASURING = 8
#: How often a question comes after turns of a written conversation, and several names are asked at once.
AFTER_OTHERS, SEVERAL = 0.5, 0.3
_FRAMES = (
    *("{}?", "{}", "{}, please", "what is the {}?", "what's her {}?", "his {}?", "and the {}?", "tell me the {}"),
    *("give me {}", "how about the {}", "what about his {}", "{} of the first one?", "{} of each", "report the {}."),
    *("say something on her {}", "their {}?", "my {}?", "the {} please, exactly", "need the {}", "{} now?"),
)
_IN_MM = ("{} in mm?", "{} in cm", "what does the {} measure?", "what does her {} come to", "measure the {}")
_TWO = (
    "{} and {}?",
    "{}, {}",
    "what are the {} and the {}?",
    "{} + {}",
    "her {}, and her {} too",
    "his {}. Also the {}.",
)
_THREE = (
    "{}, {} and {}?",
    "I need the {}, the {} and the {}",
    "{} / {} / {}",
    "list her {}, her {} and her {}",
    "{}, {}, {}",
)


@dataclass(frozen=True)
class NamedQuestion:
    """A question, the turns before it, how many people there are; one of each group of names is asked for.

    kind: "noun" where it names a quantity and asks no more, "question" or "compare" (several heads).
    """

    text: str
    earlier: tuple[Earlier, ...]
    people: int
    groups: tuple[tuple[str, ...], ...]
    kind: str


def named_questions(measuring: bool, before: Sequence[tuple[tuple[Earlier, ...], int]]) -> list[NamedQuestion]:
    """All of them.

    Args:
        measuring: those that are never learnt from; they stand alone, and have no frame.
        before: turns that came before other questions, and how many people there were.
    """
    rng, rows = Random(17), _rows(measuring)
    if measuring:
        return [_alone(kind, text) for kind, text in rows]
    found = list(_drawn(rows, rng))
    return [_after(question, before, rng) if rng.random() < AFTER_OTHERS else question for question in found]


def names_of_texts() -> Iterator[tuple[str, str]]:
    """(name, text) of what may be learnt from, where a text is written for one name."""
    names = _names_of()[0]
    yield from ((*names[text], text) for _, text in _rows(False) if len(names[text]) == 1)


def _alone(kind: str, text: str) -> NamedQuestion:
    return NamedQuestion(text, (), 1 + (kind == "compare"), (_alike(text),), kind)


def _after(question: NamedQuestion, before: Sequence[tuple[tuple[Earlier, ...], int]], rng: Random) -> NamedQuestion:
    """The same question later in a conversation."""
    earlier, people = rng.choice(before)
    return replace(question, earlier=earlier, people=max(people, question.people))


def _drawn(rows: Sequence[tuple[str, str]], rng: Random) -> Iterator[NamedQuestion]:
    nouns = [text for kind, text in rows if kind == "noun"]
    for kind, text in rows:
        if kind != "noun":
            yield _alone(kind, text)
            continue
        group = _alike(text)
        measured = any(name in MEASURES_SPOKEN for name in group)
        yield NamedQuestion(rng.choice((*_FRAMES, *(_IN_MM if measured else ()))).format(text), (), 1, (group,), kind)
        if rng.random() < SEVERAL:
            texts = [text, *rng.sample(nouns, rng.choice((1, 1, 2)))]
            groups = [_alike(each) for each in texts]
            if sum(map(len, groups)) == len({name for each in groups for name in each}):
                frame = rng.choice(_TWO if len(texts) == 2 else _THREE)
                yield NamedQuestion(frame.format(*texts), (), 1, tuple(groups), kind)


@lru_cache(maxsize=2)
def _rows(measuring: bool) -> list[tuple[str, str]]:
    """(kind, text), in an order that depends on nothing but the texts."""
    rows = {(kind, text) for text, kinds in _names_of()[1].items() for kind in kinds}
    ordered = sorted(rows, key=lambda row: row[::-1])
    return [row for k, row in enumerate(ordered) if (k % MEASURING == 0) == measuring]


@lru_cache(maxsize=1)
def _names_of() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The names that each text is written for, and its kinds."""
    names, kinds = defaultdict(set), defaultdict(set)
    folder = corpus_folder() / "conversations"
    with (folder / "questions_by_name.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names[row["text"]].add(row["name"])
            kinds[row["text"]].add(row["kind"])
    with (folder / "measure_words.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for text in row["phrases"].split(";") if row["name"] in ASKABLE else ():
                names[text].add(row["name"])
                kinds[text].add("noun" if row["name"] in MEASURES_SPOKEN else "question")
    return dict(names), dict(kinds)


def _alike(text: str) -> tuple[str, ...]:
    """The names that answer a text: those it is written for, and the same quantity under its other name."""
    found: dict[str, None] = {}
    for name in sorted(_names_of()[0][text]):
        found[name] = None
        found |= dict.fromkeys(_other_names(name))
    return tuple(found)


def _other_names(name: str) -> tuple[str, ...]:
    return tuple(each for each in (measure_of(name), attribute_of_measure(name)) if each)
