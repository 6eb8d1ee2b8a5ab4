"""What the words of a text stand next to: parts of the face with their adjectives, denials, degrees, idioms.

A text becomes features with a place, a degree and a turn: "not a very big nose" has "nose|big" (turned, degree 2).
The n-gram classifier (classifier.py) knows what each feature says of a head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.ngrams.sayings import in_plain_words
from facegpt.language.reading.ngrams.word_tables import (
    ARTICLES,
    COPULAS,
    DENIALS,
    GRADES,
    KINDS_OF_WORD,
    PARTS,
    SMALL,
    STOPS,
    base_form,
    feelings_of,
)
from facegpt.language.reading.normalise import straighten_apostrophes

_TOKEN = regex_any_case(r"<[a-z|_]{1,20}>|\d+(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:!?()\n]")
_PRONOUN = re.compile(r"\b(?:he|she|him|her|hers|his|himself|herself|they|my|your|me|i)\b")
_SUBJECTS = frozenset({"he", "she", "it", "they", "you", "i", "we", "with", "has", "have", "no"})
#: The degree of words for a little.
_SLIGHT = 0.5
_DENIAL_REACH = 5
#: Kinds of adjectives that any part may have: of "beaky" the nose need not be named.
_GENERAL = frozenset(
    {"big", "small", "wide", "narrow", "long", "short", "high", "low", "full", "thick", "thin", "fat", "flat", "weak"}
    | {"prominent", "sharp", "round", "square", "deep", "chubby", "smooth", "straight"}
)
_NEXT_PART = re.compile(r"\s+(?:" + "|".join(sorted(PARTS, key=len, reverse=True)) + r")\b")


@dataclass(frozen=True)
class Word:
    """A word in its place.

    Attributes:
        text: as written, lower case. base: its plain form. place: number of the token.
        turned: whether a denial or "less" stands before it. degree: by the words of degree in front, 1 without.
        start, end: characters. opens: whether an article or "her" stands before it: a new phrase.
    """

    text: str
    base: str
    place: int
    turned: bool
    degree: float
    start: int
    end: int
    opens: bool = False


@dataclass(frozen=True)
class Feature:
    """Something that a text says, with the place, degree and turn of its main word.

    owned: whether it is an adjective said of a part ("narrow" in "a narrow nose"), met without the part: it says
        nothing more of the looks.
    """

    name: str
    place: int
    degree: float
    turned: bool
    owned: bool = False


def words_of(text: str) -> list[Word]:
    """Split a text into words without articles; punctuation stays as words of its own."""
    lower = straighten_apostrophes(text).replace("n't", " not").lower()
    words: list[Word] = []
    turned_left, opposite, degree = 0, False, 1.0
    before, opens = "", False
    for place, match in enumerate(_TOKEN.finditer(lower)):
        token = match.group()
        if token in STOPS or token == ",":
            turned_left, opposite, degree = 0, False, 1.0
        if token == "but":
            turned_left, opposite = 0, (before == "anything")
            turned_left = _DENIAL_REACH if opposite else 0
        if token in DENIALS or token == "less" or (token == "from" and before == "far"):
            turned_left, before = _DENIAL_REACH + 1, token
        if token in GRADES and not (token == "little" and _NEXT_PART.match(lower, match.end())):
            degree = 0.5 if 0.5 in (degree, GRADES[token]) else max(degree, GRADES[token])
        before = token
        if token in ARTICLES:
            opens = token != "of"
            continue
        words.append(Word(token, base_form(token), place, turned_left > 0, degree, match.start(), match.end(), opens))
        opens = False
        turned_left -= 1
        if token in PARTS:
            degree = 1.0
    return list(_joined(_softened(words)))


def _softened(words: list[Word]) -> list[Word]:
    """Make slight what a word of degree behind it softens ("stick out just a touch"), and "on the long side"."""
    found, start = list(words), 0
    for k, word in enumerate(words):
        last = k + 1 == len(words) or words[k + 1].text in STOPS or words[k + 1].text in (",", "and", "but")
        side = word.text == "side" and any(w.text == "on" for w in words[max(start, k - 3) : k])
        if last and (side or GRADES.get(word.text) == _SLIGHT):
            found[start:k] = [replace(w, degree=_SLIGHT) if w.degree == 1.0 else w for w in found[start:k]]
        if word.text in STOPS or word.text in (",", "and", "but"):
            start = k + 1
    return found


def _joined(words: list[Word]) -> Iterator[Word]:
    """Make one word of "upper lip" and "jaw line"."""
    k = 0
    pairs = {("upper", "lip"): "upperlip", ("top", "lip"): "upperlip", ("lower", "lip"): "lowerlip"}
    pairs |= {("bottom", "lip"): "lowerlip", ("jaw", "line"): "jawline", ("cheek", "bone"): "cheekbone"}
    pairs |= {
        ("nose", "tip"): "tip",
        ("tip", "nose"): "tip",
        ("bridge", "nose"): "bridge",
        ("nose", "bridge"): "bridge",
    }
    pairs |= {("cheek", "bones"): "cheekbone", ("hair", "line"): "hairline", ("eye", "brow"): "brow"}
    bones = ("ridge", "bone", "shelf", "torus")
    pairs |= {(over, bone): "browridge" for over in ("brow", "supraorbital", "orbital") for bone in bones}
    pairs |= {("upper", "vermilion"): "upperlip", ("lower", "vermilion"): "lowerlip", ("under", "lip"): "lowerlip"}
    while k < len(words):
        joined = pairs.get((words[k].base, words[k + 1].base)) if k + 1 < len(words) else None
        if joined:
            first, last = words[k], words[k + 1]
            yield Word(
                first.text + " " + last.text, joined, first.place, first.turned, first.degree, first.start, last.end
            )
            k += 2
        else:
            yield words[k]
            k += 1


def part_of(word: Word) -> str:
    """The part of the face (or "person") that a word names, "" for none."""
    return PARTS.get(word.base, PARTS.get(word.text, ""))


def features_of(text: str) -> list[Feature]:
    """Read a text into features: words, runs of two and three words, and each part with what is said of it."""
    words = words_of(in_plain_words(text))
    said = [_said_of(words, k) for k in range(len(words))]
    owners = _owners(words, said)
    found = [replace(_of("", (w,), w), owned=k in owners) for k, w in enumerate(words) if _is_content(w)]
    found += [Feature("^" + token, 0, 1.0, False) for token in _PRONOUN.findall(text.lower())]
    found += _feelings(words)
    found += _runs(words, owners)
    found += _pairs(words, said, owners)
    return found


def _said_of(words: list[Word], k: int) -> tuple[int, ...]:
    """The places of what is said of the part at place k; nothing where there is no part."""
    if not part_of(words[k]):
        return ()
    before = _before(words, k)
    return (*before, *_after(words, k, any(not part_of(words[j]) for j in before)))


def _owners(words: list[Word], said: list[tuple[int, ...]]) -> dict[int, set[int]]:
    """Place of an adjective → places of the parts of a face that it is said of."""
    owners: dict[int, set[int]] = {}
    for k, places in enumerate(said):
        for j in places if part_of(words[k]) != "person" else ():
            if _GENERAL.intersection(KINDS_OF_WORD.get(words[j].base, ())):
                owners.setdefault(j, set()).add(k)
    return owners


def _feelings(words: list[Word]) -> list[Feature]:
    """Name the kinds of feeling in the text, each and all together."""
    kinds: dict[str, bool] = {}
    for word in words:
        for kind in feelings_of(word.text):
            kinds[kind] = kinds.get(kind, True) and word.turned
    found = [Feature("*" + kind, 0, 1.0, turned) for kind, turned in kinds.items()]
    felt = sorted(kind for kind, turned in kinds.items() if not turned)
    return [*found, Feature("*" + "+".join(felt) + "*", 0, 1.0, False)] if felt else found


def _of(prefix: str, words: tuple[Word, ...], main: Word) -> Feature:
    return Feature(prefix + " ".join(word.base for word in words), main.place, main.degree, main.turned)


def _is_content(word: Word) -> bool:
    return word.text not in SMALL and word.text not in STOPS and word.text != ","


def _runs(words: list[Word], owners: dict[int, set[int]]) -> list[Feature]:
    """Join two to four words that stand together. One that holds an adjective without its part says no more of it."""
    found = []
    for size in (2, 3, 4):
        for k in range(len(words) - size + 1):
            run = tuple(words[k : k + size])
            if any(w.text in STOPS or w.text == "," for w in run) or not any(_is_content(w) for w in run):
                continue
            denied = run[0].turned or not any(w.turned for w in run)
            owned = any(not any(k <= at < k + size for at in owners[j]) for j in range(k, k + size) if j in owners)
            name = " ".join(w.base for w in run)
            found.append(Feature(name, run[-1].place, run[-1].degree, run[0].turned and denied, owned))
    return found


def _pairs(words: list[Word], said: list[tuple[int, ...]], owners: dict[int, set[int]]) -> list[Feature]:
    """Join each part with the words before it, and behind "is", a colon or nothing."""
    found = []
    for k, word in enumerate(words):
        part = part_of(word)
        if not part:
            continue
        for j in said[k]:
            other, of_another = words[j], part == "person" and j in owners
            turned = other.turned or (j < k and word.turned)
            names = (other.base, *("=" + kind for kind in KINDS_OF_WORD.get(other.base, ())))
            found += [Feature(f"{part}|{name}", other.place, other.degree, turned, of_another) for name in names]
        for j in range(max(k - 7, 0), min(k + 8, len(words))):
            if j != k and _is_content(words[j]) and not _stop_between(words, j, k):
                near, owned = words[j], k not in owners.get(j, {k})
                found.append(Feature(f"{part}~{near.base}", near.place, near.degree, near.turned, owned))
    return found


def _stop_between(words: list[Word], j: int, k: int) -> bool:
    return any(words[i].text in STOPS for i in range(min(j, k), max(j, k)))


def _before(words: list[Word], k: int) -> list[int]:
    """The places of what stands before a part: "big, crooked nose"; "big nose and ears": big for both."""
    run: list[int] = []
    j = k - 1
    if j >= 1 and words[j].text in ("and", "or") and part_of(words[j - 1]):
        return _before(words, j - 1)
    while j >= 0 and len(run) < 5:
        word = words[j]
        if words[j + 1].opens and word.text in ("and", "or", "but", ","):
            break
        if word.text in ("and", "or", "but", ",") and _is_of_another(words, j):
            break
        if word.text in STOPS or word.text in COPULAS or part_of(word) not in ("", "person"):
            break
        if word.text in SMALL and word.text not in ("and", "or", "but"):
            break
        if _is_content(word):
            run.append(j)
            if _is_hyphened(words, k):
                break
        j -= 1
    return run


def _is_hyphened(words: list[Word], k: int) -> bool:
    """Whether a word is like "hollow-cheeked" and "long nosed", where only the word in front belongs to the part."""
    return words[k].text.endswith("ed")


def _is_of_another(words: list[Word], place: int) -> bool:
    """Whether what stands before a comma or "and" belongs to a part named there ("nose long, mouth wide")."""
    for word in reversed(words[:place]):
        if word.text in STOPS or word.text in ("and", "or", "but", ","):
            return False
        if part_of(word) not in ("", "person"):
            return True
    return False


def _after(words: list[Word], k: int, described: bool) -> list[int]:
    """The places of what stands behind a part: "nose is very broad", "nose: broad", "nose broad"."""
    run: list[int] = []
    j = k + 1
    if j + 1 < len(words) and words[j].text in ("and", "or") and part_of(words[j + 1]):
        return _after(words, j + 1, described)
    if described and not (j < len(words) and (words[j].text in COPULAS or words[j].text == ":")):
        return []
    colon = j < len(words) and words[j].text == ":"
    while j < len(words) and len(run) < 6:
        word = words[j]
        if part_of(word) not in ("", "person") or (word.text in STOPS and not (word.text == ":" and j == k + 1)):
            break
        if word.text == "," and not _goes_on(words, j, colon):
            break
        if _is_content(word) and word.text not in COPULAS:
            run.append(j)
        j += 1
    return run


def _goes_on(words: list[Word], comma: int, colon: bool) -> bool:
    """Whether a list of adjectives goes on behind a comma ("nose: long, thin, hooked"), not another matter."""
    j = comma + 1
    while j < len(words) and words[j].text in ("and", "but"):
        j += 1
    chunk = []
    while j < len(words) and words[j].text not in STOPS and words[j].text != ",":
        chunk.append(words[j])
        j += 1
    if not chunk or sum(_is_content(word) for word in chunk) > (4 if colon else 2):
        return False
    if any(part_of(word) or word.text in COPULAS or word.text in _SUBJECTS or word.text.isdigit() for word in chunk):
        return False
    return not (j < len(words) and words[j].text == ":")
