"""Slips of the finger, corrected towards the words that the n-gram classifier knows."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.ngrams.word_tables import KINDS_OF_WORD, PARTS, base_form


def respell(text: str, known: Set[str], english: Set[str] = frozenset()) -> str:
    """Correct slips of the finger: an unknown word of six letters or more becomes a known one, one letter off.

    Shorter ones ("hapy", "smal") and those two letters off ("suprized") become words of faces alone, and so do words
    without vowels ("lps", "hgh"). Drawn-out words ("biiig", "sooo looong") become the words that they draw out.

    Args:
        text: what was typed.
        known: words that it may be corrected to.
        english: further words that are right as they stand.
    """
    near = _neighbours(frozenset(known))
    text = _DRAWN_OUT.sub(lambda m: _shortened(m.group(), known), text)

    def correct(match: re.Match[str]) -> str:
        word = match.group().lower()
        right = word in known or word in english or base_form(word) in known or base_form(word) in english
        right = right or word in _SHORTENED or (word.endswith("ish") and word[:-3] in known)
        if right or (match.group()[0].isupper() and match.start()):
            return match.group()
        if len(word) < 6:
            swapped = _unswapped(match.group(), known)
            return _core_word(word) or swapped if swapped == match.group() else swapped
        found = {other for key in _without_one(word) for other in near.get(key, ()) if _is_one_slip(word, other)}
        if word.endswith(("ing", "ed", "ly")):  # a form of a word that is known by another
            found &= _core()
        return min(found) if len(found) == 1 else _core_word(word) or match.group()

    return re.sub(r"(?<![\w'])[A-Za-z]{3,}(?![\w'])", correct, text)


@lru_cache(maxsize=1)
def _core() -> frozenset[str]:
    """The words of faces and feelings that shorter and longer slips are corrected to."""
    words = {*PARTS, *KINDS_OF_WORD, *_FEELINGS.split(), *_SHORT}
    return frozenset(word for word in words if len(word) >= 4 and word.isalpha())


@lru_cache(maxsize=4096)
def _core_word(word: str) -> str:
    """The one word of faces that a misspelt word means, or ""."""
    if not re.search(r"[aeiouy]", word):
        found = {other for other in _core() if re.sub(r"[aeiouy]", "", other) == word}
    elif len(word) < 6:
        found = {other for other in _core() if len(word) >= 4 and _is_one_slip(word, other)}
        found = {other for other in found if other != word + "s" and word != other + "s"} or found
    else:
        found = {other for other in _core() if len(other) >= 7 and other[0] == word[0] and _slips(word, other) <= 2}
    return found.pop() if len(found) == 1 else ""


def _slips(a: str, b: str) -> int:
    """Count the letters more, less or other between two words (Levenshtein), swapped neighbours as one."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]


#: Words of feeling, age and person that are often misspelt.
_FEELINGS = """
happy happily angry angrily scared frightened terrified terrifying afraid surprised surprise surprising disgusted
disgust disgusting contempt contemptuous furious smiling smile crying worried nervous annoyed shocked shocking miserable
excited neutral laughing laugh grinning frowning delighted astonished amazed cheerful depressed anxious jealous sadness
happiness slightly extremely really young elderly teenager toddler middle woman wrinkles freckles eyebrows moustache
cheekbones forehead symmetrical asymmetrical crooked narrow prominent receding protruding squinting raised tongue
"""


#: Words as sheets and messages shorten them, and words of hair that are no slips of others.
_SHORTENED = frozenset(
    {
        "brn",
        "blk",
        "blnd",
        "brwn",
        "tash",
        "tache",
        "stache",
        "lob",
        "buzzed",
        "wiry",
        "stout",
        "baird",
        "heid",
        "een",
        "mage",
    }
)
#: A word with a letter three times or more in a row.
_DRAWN_OUT = regex_any_case(r"[A-Za-z]*([A-Za-z])\1\1[A-Za-z]*")


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
    """Whether a letter more, less, other, or two swapped make one word of the other."""
    if a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    k = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rests = (a[k + 1 :] == b[k + 1 :], a[k + 1 :] == b[k:], a[k:] == b[k + 1 :])
    return any(rests) or (a[k : k + 2] == b[k : k + 2][::-1] and a[k + 2 :] == b[k + 2 :])
