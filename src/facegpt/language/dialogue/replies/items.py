"""What a reply may tell of, as its writer sees it: items in plain words, and a short code for each fact about them.

`M1` in a reply stands for the measure of item 1: the writer never sees a number, so what it writes is true whatever the
numbers are. Training texts (lab/runs/language/replies) and conversations name their items with the functions here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from facegpt.describe.measure_words import MEASURES_OF
from facegpt.describe.sentences import attribute_groups, measure_of
from facegpt.language.dialogue.wording import plain_label

#: Letters of codes. Of a length: its measure, its percentile, a word for how it stands, what it was before a change, by
#: how much heads (or before and now) differ. Yes or no; a name; a count; what a face does; an emotion; an age, a range
#: of ages; another look; what is unusual; in what heads are alike or differ; how far one photo leaves the size open.
CODES = "MPWBDYNCSEAROUKZ"
#: A code in a reply: its letter, and the place of its item.
CODE = re.compile(rf"(?<![A-Za-z0-9])([{CODES}])([1-9])(?![0-9A-Za-z])")
#: More items than this are not told of in one reply; so many of the user's words before the last turn are read.
MOST_ITEMS, MOST_EARLIER, LONGEST = 9, 2, 160
#: What is asked beside lengths and traits → how it is listed, and its codes.
LOOKS = {
    "expression": ("expression", "SE"), "age_years": ("age", "AR"), "age": ("age", "AR"),
    "unusual": ("unusual measures", "U"), "masculinity": ("sex by shape", "O"), "heaviness": ("build", "O"),
    "skin_lightness": ("skin", "O"), "iris_lightness": ("eye colour", "O"), "hair": ("hair", "O"),
    "scale": ("size", "Z"),
}  # fmt: skip
YES, COUNT, ALIKE, DIFFER = "yes or no", "how many", "in what they are alike", "in what they differ"


@dataclass(frozen=True)
class Item:
    """One thing that a reply may tell of.

    Attributes:
        label: in plain words: "her nose width".
        facts: letter of CODES → the fact in words: {"M": "34.2 mm", "W": "about average"}.
        needed: letters that must occur in the reply.
        who: the number of the head that it is of; 0: of none, or of several.
        true, false: of what changed, the words that are so of how it changed, and those that are not.
    """

    label: str
    facts: Mapping[str, str] = field(default_factory=dict)
    needed: str = ""
    who: int = 0
    true: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Composed:
    """A reply in sentences made by rules, and what a written one may tell instead; without items it is said as it is.

    Attributes:
        text: the sentences.
        items: what a reply must and may tell.
    """

    text: str
    items: tuple[Item, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


def in_a_row(parts: Sequence[Composed], between: str = " ") -> Composed:
    """Replies as one: with all their items, or with none where one has none or they are too many."""
    parts = [part for part in parts if part]
    items = tuple(item for part in parts for item in part.items)
    whole = all(part.items for part in parts) and len(items) <= MOST_ITEMS
    return Composed(between.join(part.text for part in parts), items if whole else ())


def coded(items: Sequence[Item]) -> Iterator[tuple[str, str, bool]]:
    """Give each code ("M1") with its fact, and whether it is needed."""
    for k, item in enumerate(items, start=1):
        yield from ((f"{letter}{k}", fact, letter in item.needed) for letter, fact in item.facts.items())


def listed(items: Sequence[Item]) -> str:
    """The items as the writer reads them: "M1! P1 W1 her nose width; Y2! yes or no"."""
    lines = []
    for k, item in enumerate(items, start=1):
        codes = (f"{letter}{k}{'!' if letter in item.needed else ''}" for letter in CODES if letter in item.facts)
        lines.append(" ".join((*codes, item.label)))
    return "; ".join(lines)


def prompt_of(text: str, earlier: Sequence[str], act: str, items: Sequence[Item]) -> str:
    """What the writer reads.

    Args:
        text: what was typed.
        earlier: the same of turns before, the last one last.
        act: what the turn does.
        items: what the reply may tell of.
    """
    before = [each[:LONGEST] for each in earlier[-MOST_EARLIER:]]
    return "\n".join((*before, text[: 2 * LONGEST], f"[{act}] {listed(items)}"))


# How items are called


def measures_of(name: str) -> tuple[str, ...]:
    """The measures that tell of a measure or an attribute; () where none does."""
    if name not in attribute_groups():
        return () if name in LOOKS or name == "count" else (name,)
    return tuple(filter(None, MEASURES_OF.get(name, (measure_of(name),))))


def of_length(measure: str, owner: str, when: str = "now") -> str:
    """How a measure of a head is listed. owner: "her". when: one of asked_before.WHEN."""
    return _at(f"{owner} {plain_label(measure)}", when)


def of_trait(attribute: str, owner: str, when: str = "now") -> str:
    """How an attribute without a measure is listed."""
    return _at(f"{owner} {attribute.replace('_', ' ')}", when)


def of_look(name: str, owner: str, when: str = "now") -> str:
    """How one of LOOKS is listed."""
    return _at(f"{owner} {LOOKS[name][0]}", when)


def of_rank(what: str, less: bool, among: int) -> str:
    """How it is listed who has more of something than others. what: "nose width", "age"."""
    most = ("less", "more") if among < 3 else ("least", "most")
    return f"who has {most[not less]} {what}"


def of_gap(what: str) -> str:
    """How the difference of two heads is listed."""
    return f"difference in {what}"


def what_of(name: str) -> str:
    """What a comparison is about: "nose width" of a measure or an attribute."""
    measures = measures_of(name)
    return plain_label(measures[0]) if len(measures) == 1 else plain_label(name)


def _at(label: str, when: str) -> str:
    return label + {"first": " at first", "before": " before"}.get(when, "")


def of_nearer(name: str) -> str:
    """How it is listed who is most like a head. name: what that is called."""
    return f"who is most like {name}"
