"""Reader of the word lists corpus/lexicon/*.txt: wordings by attribute, emotion, movement and measure.

Format: "[name] noun / noun" starts an entry ("*" after a plural noun, "@" for a person, "-" for no noun, several names
with commas); then lines "mark item; item" (adjectives: "A item, item"). Marks: A adjectives, P whole phrases, E
commands for an edit, with the pole ("A+", "P-"); N phrases that deny; "one" phrases for one side; "part" what moves;
in lexicon_measures.txt N names, W "part: adjective, …", + and - "part: comparative, …".
An item may end in "*1.5" (degree; 1 without) and in "& name=value" (another label).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from facegpt.types import AssetError
from facegpt_lab.synthesis.texts.corpus import corpus_folder


@dataclass(frozen=True)
class Phrase:
    """One wording.

    Attributes:
        text: the words. degree: 0.5 slightly, 1 plain, 1.5 rather, 2 very.
        more: other labels that the words set: {"cheek_fullness": 1.0, "sex": "M"}.
    """

    text: str
    degree: float = 1.0
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Noun:
    """What an adjective stands before."""

    text: str
    plural: bool = False


@dataclass(frozen=True)
class Entry:
    """The wordings of one attribute, emotion, movement or measure.

    Attributes:
        names: what they are about ("nose_width"; several ARKit names for a movement).
        nouns: empty where only whole phrases serve. person: adjectives stand before a person ("a plump man").
        lists: mark → phrases: "A+", "P-", "E+", …
    """

    names: tuple[str, ...]
    nouns: tuple[Noun, ...]
    person: bool
    lists: dict[str, tuple[Phrase, ...]]

    def get(self, mark: str) -> tuple[Phrase, ...]:
        """The phrases of a mark; none is an empty tuple."""
        return self.lists.get(mark, ())


def _phrase(item: str) -> Phrase:
    text, *more = (part.strip() for part in item.split("&"))
    labels: dict[str, Any] = {}
    for pair in more:
        name, _, value = pair.partition("=")
        labels[name.strip()] = value if value in ("M", "F") else float(value)
    degree = re.search(r"\*(\d?\.?\d+)$", text)
    return Phrase(text[: degree.start()] if degree else text, float(degree[1]) if degree else 1.0, labels)


def _header(line: str) -> tuple[tuple[str, ...], tuple[Noun, ...], bool]:
    names, _, rest = line[1:].partition("]")
    nouns = tuple(
        Noun(word.rstrip("*"), word.endswith("*"))
        for word in (w.strip() for w in rest.split("/"))
        if word not in ("", "-", "@")
    )
    return tuple(re.split(r"[,\s]+", names.strip())), nouns, "@" in rest


@cache
def read_lexicon(name: str) -> tuple[Entry, ...]:
    """Read lexicon/`name`.txt: "face", "nose", "eyes", "mouth_ears", "whole", "emotions", "units" or "measures"."""
    path = corpus_folder() / "lexicon" / f"{name}.txt"
    entries: list[Entry] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            entries.append(Entry(*_header(line), {}))
            continue
        mark, _, items = line.partition(" ")
        if not entries or not items:
            raise AssetError(f"{path.name}, line {number}: expected a mark and items, found '{line[:40]}'")
        entries[-1].lists[mark] = tuple(
            _phrase(item) for item in items.split("," if mark[0] == "A" else ";") if item.strip()
        )
    return tuple(entries)


@lru_cache(maxsize=1)
def looks() -> dict[str, Entry]:
    """The wordings of all attributes, by name; "lips" speaks of both lips."""
    files = ("face", "nose", "eyes", "mouth_ears", "whole")
    return {entry.names[0]: entry for file in files for entry in read_lexicon(file)}


#: Entries that speak of several attributes at once.
SEVERAL = {"lips": ("upper_lip_fullness", "lower_lip_fullness")}


def attribute_labels(name: str, degree: float, more: dict[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
    """Split what a phrase says into attributes {name: degree} and the rest ({"sex": "M"})."""
    attributes = {attribute: degree for attribute in SEVERAL.get(name, (name,))}
    others: dict[str, Any] = {}
    for key, value in more.items():
        if isinstance(value, float):
            attributes[key] = value
        else:
            others[key] = value
    return attributes, others


@lru_cache(maxsize=1)
def movements() -> tuple[tuple[Entry, tuple[str, ...]], ...]:
    """The wordings of movements with the ARKit weights that each sets on both sides."""
    from facegpt.conventions import ARKIT_NAMES

    found = []
    for entry in read_lexicon("units"):
        units = [
            n for name in entry.names for n in ((name,) if name in ARKIT_NAMES else (name + "Left", name + "Right"))
        ]
        names = tuple(n for n in units if n in ARKIT_NAMES)
        if not names:
            raise AssetError(f"lexicon_units.txt: '{entry.names}' names no blendshape")
        found.append((entry, names))
    return tuple(found)


@lru_cache(maxsize=1)
def emotions() -> dict[str, Entry]:
    """The words of the emotions that have words of their own, by name."""
    return {" ".join(entry.names): entry for entry in read_lexicon("emotions")}


@dataclass(frozen=True)
class MeasureWords:
    """How people speak of one measure.

    Attributes:
        name: of `face.measure()`. names: "jaw width". wide: (noun, adjective) of "the jaw is 105 mm wide".
        more, less: (noun, comparative) of "3 mm wider".
    """

    name: str
    names: tuple[str, ...]
    wide: tuple[tuple[Noun, str], ...]
    more: tuple[tuple[Noun, str], ...]
    less: tuple[tuple[Noun, str], ...]


@lru_cache(maxsize=1)
def measures() -> tuple[MeasureWords, ...]:
    """Read lexicon/measures.txt."""
    path = corpus_folder() / "lexicon" / "measures.txt"
    found: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found.append({"name": line.strip("[] "), "names": (), "wide": (), "more": (), "less": ()})
        elif line and not line.startswith("#"):
            mark, _, rest = line.partition(" ")
            key = {"N": "names", "W": "wide", "+": "more", "-": "less"}[mark]
            if mark == "N":
                found[-1][key] = tuple(item.strip() for item in rest.split(";"))
            else:
                found[-1][key] = tuple(_pairs(rest))
    return tuple(MeasureWords(**item) for item in found)


def _pairs(rest: str) -> list[tuple[Noun, str]]:
    pairs = []
    for group in rest.split("|"):
        noun, _, words = (part.strip() for part in group.partition(":"))
        pairs += [(Noun(noun.rstrip("*"), noun.endswith("*")), word.strip()) for word in words.split(",")]
    return pairs
