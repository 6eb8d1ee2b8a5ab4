"""Which attribute an adjective of a part of the face speaks of, by trait_words.csv (made from corpus/lexicon).

Of attributes that no network reads, the phrases of their rows in attributes.csv say it.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import word_set, words_in
from facegpt.language.targets import NETWORK, attribute_rows

_EMPTY = word_set("a an the his her their my your its")


@lru_cache(maxsize=1)
def trait_table() -> dict[tuple[str, str], tuple[tuple[str, int], ...]]:
    """(part, adjective) → attributes, each with the side that the adjective says of it: -1 or 1."""
    text = (resources.files("facegpt.language") / "trait_words.csv").read_text(encoding="utf-8")
    table: dict[tuple[str, str], tuple[tuple[str, int], ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        for side, column in ((-1, "low"), (1, "high")):
            for part in row["parts"].split():
                for adjective in row[column].split():
                    table[part, adjective] = (*table.get((part, adjective), ()), (row["attribute"], side))
    for name, sides in table_phrases().items():
        for side, phrases in sides.items():
            for words in phrases:
                parts = [word for word in words if word in PARTS]
                if len(words) == 2 and len(parts) == 1:
                    key = parts[0], next(word for word in words if word not in PARTS)
                    table[key] = (*table.get(key, ()), (name, side))
    return table


@lru_cache(maxsize=1)
def table_phrases() -> dict[str, dict[int, tuple[tuple[str, ...], ...]]]:
    """Attribute → side → its phrases, each as plain forms of words: of the attributes that no network reads.

    "low-set ears" is ("low", "set", "ear").
    """
    return {
        row["name"]: {
            side: tuple(plain_words(phrase) for phrase in row[column].split(";"))
            for side, column in ((-1, "low_pole_words"), (1, "high_pole_words"))
        }
        for row in attribute_rows()
        if row["read_by"] != NETWORK
    }


def plain_words(text: str) -> tuple[str, ...]:
    """The plain forms of the words of a text that say something: without articles and pronouns."""
    return tuple(base_form(word) for word in words_in(text) if word not in _EMPTY)


def traits_of(part: str, adjective: str) -> tuple[tuple[str, int], ...]:
    """What an adjective says of a part: of both lips where they are not told apart, else the first attribute."""
    if part in ("upperlip", "lowerlip"):
        own = part.removesuffix("lip")
        return tuple(trait for trait in trait_table().get(("lip", adjective), ()) if trait[0].startswith(own))
    return trait_table().get((part, adjective), ())[: 2 if part == "lip" else 1]


@lru_cache(maxsize=1)
def _by_adjective() -> dict[str, frozenset[tuple[str, int]]]:
    found: dict[str, frozenset[tuple[str, int]]] = {}
    for (_, adjective), traits in trait_table().items():
        found[adjective] = found.get(adjective, frozenset()) | frozenset(traits)
    return found


def traits_said(adjective: str) -> frozenset[tuple[str, int]]:
    """All that an adjective says of one part or another: attributes with the side; none for other words."""
    return _by_adjective().get(adjective, frozenset())
