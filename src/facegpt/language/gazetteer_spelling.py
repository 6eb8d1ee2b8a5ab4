"""Slips of the finger, corrected towards the words that the gazetteer knows."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from facegpt.language.gazetteer_words import base_form


def respell(text: str, known: Set[str]) -> str:
    """Correct slips of the finger: an unknown word of six letters or more becomes a known one, one letter off.

    Drawn-out words ("biiig", "sooo looong") become the words that they draw out.
    """
    near = _neighbours(frozenset(known))
    text = _DRAWN_OUT.sub(lambda m: _shortened(m.group(), known), text)

    def correct(match: re.Match[str]) -> str:
        word = match.group().lower()
        if word in known or base_form(word) in known or word.endswith(("ing", "ed", "ly")):
            return match.group()
        found = {other for key in _without_one(word) for other in near.get(key, ()) if _is_one_slip(word, other)}
        return min(found) if len(found) == 1 else match.group()

    return re.sub(r"[A-Za-z]{3,}", lambda m: correct(m) if len(m.group()) >= 6 else _unswapped(m.group(), known), text)


#: A word with a letter three times or more in a row.
_DRAWN_OUT = re.compile(r"[A-Za-z]*([A-Za-z])\1\1[A-Za-z]*", re.IGNORECASE)


def _shortened(word: str, known: Set[str]) -> str:
    """Write a drawn-out word with two or one of each letter that it draws out, if that is a known word."""
    for often in (r"\1\1", r"\1"):
        found = re.sub(r"([A-Za-z])\1\1+", often, word, flags=re.IGNORECASE)
        if len(found) > 2 and (found.lower() in known or base_form(found.lower()) in known):
            return found
    return word


#: Short words of faces in which two swapped letters are put right.
_SHORT = frozenset(
    {"nose", "jaw", "mouth", "eyes", "chin", "lips", "ears", "face", "head", "brow", "brows", "open", "close", "wide"}
    | {"wider", "thin", "skin", "hair", "beard", "smile", "neck", "cheek", "cheeks", "small", "large", "round", "bald"}
)


def _unswapped(word: str, known: Set[str]) -> str:
    """Put two swapped letters of a short word right: "nsoe", "jwa"."""
    lower = word.lower()
    if lower in known or base_form(lower) in known:
        return word
    swapped = {lower[:k] + lower[k + 1] + lower[k] + lower[k + 2 :] for k in range(len(lower) - 1)}
    found = swapped.intersection(_SHORT)
    return found.pop() if len(found) == 1 else word


def _without_one(word: str) -> set[str]:
    return {word, *(word[:k] + word[k + 1 :] for k in range(len(word)))}


@lru_cache(maxsize=2)
def _neighbours(known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    near: dict[str, tuple[str, ...]] = {}
    for word in sorted(known):
        if len(word) >= 5:
            for key in _without_one(word):
                near[key] = (*near.get(key, ()), word)
    return near


def _is_one_slip(a: str, b: str) -> bool:
    """Tell whether a letter more, less, other, or two swapped make one word of the other."""
    if a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    k = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rests = (a[k + 1 :] == b[k + 1 :], a[k + 1 :] == b[k:], a[k:] == b[k + 1 :])
    return any(rests) or (a[k : k + 2] == b[k : k + 2][::-1] and a[k + 2 :] == b[k + 2 :])
