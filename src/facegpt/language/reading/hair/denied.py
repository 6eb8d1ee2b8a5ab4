"""Denied states of hair: "not bald", "he isn't bald", "a woman, not a bald one" ask for hair, and for nobody bald.

What a denial denies is what its words say without it. They are read alone; a value that they name, and that the whole
words were read to ask for, is taken off, unless it is asked for beside the denial as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.hair.classifier import load_hair_classifier
from facegpt.language.targets import ATTRIBUTES

_DENIAL = re.compile(
    r"\b(?:no longer|not|never|without|neither|nor|no|(?:is|are|was|do|does|ai)nt|\w+n['’]t)\b\s+"
    r"(?!(?:only|just|merely|so|as|that)\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,.;:!?\n]|\b(?:and|but|with)\b|" + _DENIAL.pattern, re.IGNORECASE)
#: Degrees that count as named, SDs.
_NAMED_SD = 0.3
#: How a head without hair is said, and what is asked instead where that is denied.
BARE, HAIRY = {"kind": "bald", "length": "none", "crown": "bald"}, ("crown", "full")


def denied_stretches(text: str) -> list[tuple[int, int, int]]:
    """Where each denial of a text starts, where what it denies starts, and where its clause ends."""
    found = []
    for match in _DENIAL.finditer(text):
        after = _CLAUSE.search(text, match.end())
        found.append((match.start(), match.end(), after.start() if after else len(text)))
    return found


def without_denied_hair(request: HeadRequest, text: str, read: Callable[[str], HeadRequest]) -> HeadRequest:
    """A request without what a text denies of hair; where bareness is denied, hair covers the crown.

    Args:
        request: as the whole text was read.
        text: as typed.
        read: what some of its words ask for.
    """
    for start, first, end in denied_stretches(text):
        denied = _denied(text[first:end], read)
        if not denied:
            continue
        rest = f"{text[:start]} {text[end:]}".strip(" ,.;:!?\n")
        asked = read(rest) if re.search(r"\w", rest) else None
        request = _taken_off(request, denied, asked)
    return request


def _denied(clause: str, read: Callable[[str], HeadRequest]) -> dict[str, str]:
    """Slot → value of the first thing that a denied clause says, where that is of hair: none in "smiling bald man"."""
    classifier, words = load_hair_classifier(), clause.split()
    for k in range(1, len(words) + 1):
        said = classifier.read(" ".join(words[:k]), False)[0].said
        said = {slot: value for slot, value in said.items() if value != "none" or BARE.get(slot) == value}
        if said:
            before = " ".join(words[: k - 1])
            return {} if before and _names(read(before)) else said
    return {}


def _names(request: HeadRequest) -> bool:
    """Whether a request names a trait, a feeling or a movement."""
    traits = (np.abs(np.asarray(request.attribute_mean)) >= _NAMED_SD).any()
    return bool(traits or request.emotion or np.asarray(request.expression_named).any())


def _taken_off(request: HeadRequest, denied: dict[str, str], rest: HeadRequest | None) -> HeadRequest:
    """A request without denied values that the `rest` of its words does not ask for."""
    beside = rest.hair.said if rest is not None else {}
    gone = {slot for slot, value in denied.items() if beside.get(slot) != value}
    said = {k: v for k, v in request.hair.said.items() if not (k in gone and v == denied[k])}
    if not any(BARE.get(slot) == denied[slot] for slot in gone):
        return replace(request, hair=replace(request.hair, said=said))
    said = {slot: value for slot, value in said.items() if BARE.get(slot) != value or beside.get(slot) == value}
    if not any(slot in said for slot in BARE):
        said[HAIRY[0]] = HAIRY[1]
    if rest is None or not rest.attribute_mean[ATTRIBUTES.index("hair_length")]:
        request = left_open(request, ["hair_length"])
    return replace(request, hair=replace(request.hair, said=said))
