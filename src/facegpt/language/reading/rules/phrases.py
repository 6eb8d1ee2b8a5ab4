"""Pieces of a sentence for the rules of grammar: clauses, parts of the face, what a phrase says.

What "a big nose" or "jaw wide" says by itself is what the n-gram classifier reads in it; the rules then turn it,
compare it or leave it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from facegpt.language.patterns import regex
from facegpt.language.reading.keywords import find_keywords
from facegpt.language.reading.ngrams.classifier import K, load_ngram_classifier
from facegpt.language.reading.ngrams.word_tables import PARTS
from facegpt.language.targets import ATTRIBUTES

#: A phrase says what has these log odds at least, and not much less than what it says most clearly.
_SAID, _AS_CLEAR = -1.3, 1.8
#: Words that say something of a person and of little else.
_OF_PEOPLE = {
    **{word: {"age": 1.0} for word in ("old", "elderly", "old man", "old woman", "aged")},
    **{word: {"skin_lightness": -1.0} for word in ("dark", "dark person", "brown")},
    **{word: {"heaviness": 1.0} for word in ("big", "big man", "large")},
}
#: Words of a phrase that can stand before a person.
_SHORT = 3
_JOINED = {"upper lip": "upperlip", "top lip": "upperlip", "lower lip": "lowerlip", "bottom lip": "lowerlip"}
_PART_WORDS = {**PARTS, "mouths": "mouth", "cheekbone": "cheekbone", "freckle": "skin", "hairs": "hair",
               "neb": "nose", "forhead": "forehead", "forehed": "forehead", "foreheed": "forehead", "mooth": "mouth",
               "een": "eye", "ers": "ear", "earz": "ear", "nares": "nostril", "alae": "nostril", "malar": "cheekbone",
               "palpebral": "eye", "vermilion": "lip", "vermillion": "lip",
               "fissure": "eye", "fissures": "eye"}  # fmt: skip
_NOT_PARTS = frozenset({"person", "features", "her", "midface"})
#: What ends a clause.
BREAK = regex(r"""
    [.;:!?\n()\[\]]|(?<!\d),|\s[-–—]+\s|
    (?<!anything )(?<!everything )(?<!thing )(?<!anyone )(?<!anybody )(?<!everyone )\bbut\b|\bthough\b|\balthough\b|
    \byet\b|\bwhile\b|\bwhereas\b
""")


def word_set(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


def clauses(text: str) -> list[tuple[int, int]]:
    """(start, end) of the clauses of a plain text."""
    found, start = [], 0
    for match in BREAK.finditer(text):
        if text[start : match.start()].strip():
            found.append((start, match.start()))
        start = match.end()
    return found + ([(start, len(text))] if text[start:].strip() else [])


def parts_in(text: str) -> list[tuple[int, str]]:
    """The parts of the face that a plain text names: (place, part) in order."""
    found = []
    joined = re.sub(r"\b(upper|top|lower|bottom) lip\b", lambda m: m.group().replace(" ", "_"), text)
    for match in re.finditer(r"[a-z_]+", joined):
        word = match.group()
        part = _JOINED.get(word.replace("_", " "), _PART_WORDS.get(word, ""))
        if part and part not in _NOT_PARTS:
            found.append((match.start(), part))
    return found


def part_phrase(part: str) -> str:
    """Write a part as people say it."""
    return {"upperlip": "upper lip", "lowerlip": "lower lip"}.get(part, part)


@lru_cache(maxsize=4096)
def says(phrase: str) -> tuple[tuple[str, int, float], ...]:
    """Look up what a phrase says of a head by itself: (attribute, side -1 or 1, degree), the clearest first."""
    found = _counted(phrase)
    if not found and not parts_in(phrase) and len(phrase.split()) <= _SHORT:
        found = _counted(f"a {phrase} person") or _counted(f"a {phrase} man")
    if found:
        return found
    listed = find_keywords(phrase).attributes or _OF_PEOPLE.get(re.sub(r"^(?:an? |the )", "", phrase), {})
    return tuple((name, 1 if degree > 0 else -1, abs(degree)) for name, degree in listed.items() if degree)


def _counted(phrase: str) -> tuple[tuple[str, int, float], ...]:
    evidence = load_ngram_classifier().read(phrase)
    found = []
    for k in range(K):
        side = 1 if evidence.high[k] >= evidence.low[k] else -1
        odds = float(max(evidence.high[k], evidence.low[k]))
        if odds > _SAID:
            found.append((odds, ATTRIBUTES[k], side, float(evidence.degree[k])))
    found.sort(reverse=True)
    return tuple((name, side, degree) for odds, name, side, degree in found if odds > found[0][0] - _AS_CLEAR)
