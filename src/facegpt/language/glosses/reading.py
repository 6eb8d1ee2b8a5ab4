"""Put a request in another language into English, word by word, so that the reader of English can read it.

The word lists beside this file hold the vocabulary of faces. Adjectives behind their noun come before it, and a verb at
the end comes first; there is no other grammar. A text is glossed where most of its words stand in one list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from facegpt.language.parts import PARTS
from facegpt.language.patterns import word_set

LANGUAGES = ("german", "french", "spanish", "italian")
ADJECTIVES_LAST = LANGUAGES[1:]
#: Languages that write several nouns as one word, the least letters of each, and what may join them.
COMPOUNDING, PIECE, JOINTS = ("german",), 4, ("", "s", "n", "en", "e", "es", "er")
#: German words after which "-er" is no comparative: "ein müder Mann".
BEFORE_PLAIN = ("ein", "kein", "mein", "dein", "sein", "ihr", "unser", "so", "sehr", "ganz", "recht", "ziemlich")
#: Share of the words of a text that stand in the list of a language, from which it is read as that language; letters
#: that an ending may have; words of the longest phrase.
KNOWN, ENDING, LONGEST = 0.6, 3, 5
#: Share of the known words that are spelt as no English word is.
OWN = 1 / 3
#: Words of one language that are two in English: people are fat, what belongs to them is thick.
_OF_PARTS = {"fat": "thick", "fatter": "thicker", "a bit fatter": "a bit thicker", "even fatter": "even thicker"}
#: Adjectives behind a person are of the hair: "une femme rousse".
_OF_PEOPLE = {"red": "red-haired", "brown": "brown-haired"}
#: Dimensions by the adjectives that end a compound noun: "Nasenbreite". Words that are others before nouns: "zu".
_DIMENSIONS = {"wide": "width", "thick": "thickness", "deep": "depth", "big": "size"}
_BEFORE_NOUNS = {"too": "to"}
#: German prepositions of place that lead to what somebody feels about, where no part of the face follows.
_FELT_ABOUT = {"above": "about", "over": "about", "in front of": "of", "before": "with"}
#: Units are the same in all languages.
UNITS = ("mm", "cm")
#: Small words of English.
ENGLISH = word_set("a an the and of with his her is are has to in on who she he very my for that it")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+(?:[.,]\d+)?|[,.;:!?]")
_ELIDED = re.compile(r"^([ldnsjmtc]|qu)['’](?=\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """English words for a foreign one. kind: "n" noun, "a" adjective, "v" verb or "". own: not spelt as English is."""

    english: str
    kind: str = ""
    own: bool = True


@dataclass(frozen=True)
class Gloss:
    """A text put into English. language: its name; unknown: words in no list, left as they are."""

    text: str
    language: str
    unknown: tuple[str, ...] = ()


def glossed(text: str) -> Gloss | None:
    """The English of a text in the language that knows most of its words; None for English and all others."""
    words = _words(text)
    count = sum(_is_word(word) for word in words)
    if not count:
        return None
    best: Gloss | None = None
    most = 0.0
    for language in LANGUAGES:
        found = _entries(words, language)
        known = sum(len(word.split()) for word, entry in found if entry is not None and _is_word(word))
        own = sum(len(word.split()) for word, entry in found if entry is not None and entry.own)
        unknown = tuple(word for word, entry in found if entry is None and _is_word(word) and word.lower() not in UNITS)
        english = sum(word.lower() in ENGLISH for word in unknown)  # "a woman in a hijab" is no Spanish
        says = any(entry.kind for _, entry in found if entry is not None) or known == own == count  # "mehr"
        if says and own > english and own >= known * OWN and known / count >= KNOWN and known + own > most:
            best, most = (
                Gloss(_in_english(found, language in ADJECTIVES_LAST), language.capitalize(), unknown),
                known + own,
            )
    return best


def language_of(text: str) -> str:
    """The language whose list knows most words of a text that are spelt as no English word; "" for none."""
    words = _words(text)
    known = {}
    for language in LANGUAGES:
        found = [(len(said.split()), entry.own) for said, entry in _entries(words, language) if entry is not None]
        known[language] = (sum(count for count, own in found if own), sum(count for count, _ in found))
    best = max(known, key=lambda language: known[language])
    return best if known[best][0] else ""


def speaks_of_faces(text: str) -> bool:
    """Whether a text has words for people or parts of the face in any of the lists, spelt as no English word is."""
    words = _words(text)
    entries = (entry for language in LANGUAGES for _, entry in _entries(words, language) if entry is not None)
    return any(entry.own and entry.kind == "n" for entry in entries)


def _words(text: str) -> list[str]:
    words: list[str] = []
    for match in _WORD.finditer(text.replace("’", "'")):
        word = match[0]
        if elided := _ELIDED.match(word):
            words.append(elided[1])
            word = word[elided.end() :]
        words.append(word)
    return words


def _is_word(word: str) -> bool:
    return word[:1].isalpha()


def _entries(words: Sequence[str], language: str) -> list[tuple[str, Entry | None]]:
    """Words or phrases of a text, the longest first, each with its entry."""
    table, stems = load_words(language)
    found: list[tuple[str, Entry | None]] = []
    k = 0
    while k < len(words):
        for length in range(min(LONGEST, len(words) - k), 0, -1):
            phrase = " ".join(words[k : k + length]).lower()
            entry = table.get(phrase) or (_by_stem(phrase, stems) if length == 1 else None)
            if length == 1 and language in COMPOUNDING:
                before = words[k - 1].lower() if k else ""
                after = words[k + 1].lower() if k + 1 < len(words) else ""
                plain = before in BEFORE_PLAIN or _is_noun(after, table, stems)
                entry = (_uncompared(phrase, table, stems) if plain else None) or entry
                entry = entry or _compound(phrase, table, stems)
            if entry is not None or length == 1:
                found.append((" ".join(words[k : k + length]), entry))
                k += length
                break
    return found


def _by_stem(word: str, stems: dict[str, Entry]) -> Entry | None:
    """The entry of the longest stem that a word is an inflected form of."""
    for length in range(len(word), max(len(word) - ENDING, 2) - 1, -1):
        if entry := stems.get(word[:length]):
            return entry
    return None


def _is_noun(word: str, table: dict[str, Entry], stems: dict[str, Entry]) -> bool:
    """Whether a word is a noun: before one a comparative has an ending of its own ("mit runder", "mit runderer")."""
    entry = table.get(word) or _by_stem(word, stems) or _compound(word, table, stems)
    return entry is not None and entry.kind == "n"


def _uncompared(word: str, table: dict[str, Entry], stems: dict[str, Entry]) -> Entry | None:
    """The entry of an adjective in "-er" as it stands where that is no comparative: "ein müder Mann"."""
    if not word.endswith("er"):
        return None
    plain = word.removesuffix("er")
    found = (table.get(plain), table.get(f"{plain}e"), _by_stem(plain, stems))
    return next((entry for entry in found if entry is not None and entry.kind == "a"), None)


def _compound(word: str, table: dict[str, Entry], stems: dict[str, Entry]) -> Entry | None:
    """The entry of two nouns, or a noun and an adjective, written as one word: "Adlernase", "Froschaugen"."""
    for place in range(len(word) - PIECE, PIECE - 1, -1):
        last = table.get(word[place:]) or _by_stem(word[place:], stems)
        if last is None or last.kind not in ("n", "a"):
            continue
        for joint in JOINTS:
            first = table.get(word[:place].removesuffix(joint)) if word[:place].endswith(joint) else None
            if first is not None and first.kind in ("n", "a") and len(word[:place].removesuffix(joint)) >= PIECE:
                named = _DIMENSIONS.get(last.english, "") if first.kind == "n" and word.endswith("e") else ""
                return Entry(f"{first.english} {named or last.english}", "n" if named else last.kind)
    return None


def _in_english(found: Sequence[tuple[str, Entry | None]], adjectives_last: bool) -> str:
    """The English of words in the order of English: adjectives before nouns; a verb that ends a German wish first."""
    row = [(entry.english if entry else word, entry.kind if entry else "") for word, entry in found]
    ends = {k for k, (word, _) in enumerate(found) if not any(_is_word(after) for after, _ in found[k + 1 : k + 2])}
    row = [("be", "") if k in ends and found[k][0].lower() == "sein" else each for k, each in enumerate(row)]
    row = [(_OF_PARTS.get(word, word) if _is_part(after) else word, kind) for (word, kind), (after, _) in _pairs(row)]
    row = [(_BEFORE_NOUNS.get(word, word) if of == "n" else word, kind) for (word, kind), (_, of) in _pairs(row)]
    for k in range(1, len(row) if adjectives_last else 0):
        place = k
        while row[place][1] == "a" and place > 0 and row[place - 1][1] == "n":
            (noun, kind), (adjective, _) = row[place - 1 : place + 1]
            of_person = PARTS.get(noun.split(" ")[-1]) == "person"
            adjective = _OF_PEOPLE.get(adjective, adjective) if of_person else adjective
            row[place - 1 : place + 1] = [(adjective, "a"), (noun, kind)]
            place -= 1
    row = row if adjectives_last else _german_order([word for word, _ in found], row)
    one_verb = len(row) > 1 and row[-1][1] == "v" and not any(kind == "v" or word == "," for word, kind in row[:-1])
    if one_verb and not adjectives_last and row[0][0] != "she":
        row = [row[-1], *row[:-1]]
    text = " ".join(english for english, _ in row if english)
    return re.sub(r"\s+([,.;:!?])", r"\1", text)


def _german_order(words: list[str], row: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A row with "sie" before its verb as "she", prepositions of feelings, and the verb behind "who" of its clause."""
    starts = {k for k in range(len(row)) if not (k and _is_word(words[k - 1]))}
    for k, ((english, kind), (after, of)) in enumerate(_pairs(row)):
        said = english.removesuffix(" the").removesuffix(" a")
        noun = next((word for word, each in row[k + 1 :] if each == "n"), "nose")
        if k in starts and words[k].lower() == "sie" and of != "n" and after.split(" ")[0].endswith("s"):
            row[k] = ("she", kind)
        elif said in _FELT_ABOUT and not _is_part(noun) and PARTS.get(noun, "person") == "person":
            row[k] = (_FELT_ABOUT[said] + english.removeprefix(said), kind)
    for k in reversed([k for k, (english, _) in enumerate(row) if english.startswith(", who")]):
        end = next((m for m in range(k + 1, len(row)) if not _is_word(words[m])), len(row))
        if end > k + 2 and (row[end - 1][1] == "v" or row[end - 1][0].startswith("is ")):
            object_of = (row[k][0].removeprefix(", who").strip(), "")
            row[k:end] = [(", who", "v"), row[end - 1], object_of, *row[k + 1 : end - 1]]
    return row


def _pairs(row: list[tuple[str, str]]) -> zip[tuple[tuple[str, str], tuple[str, str]]]:
    """Each word with the one after it."""
    return zip(row, [*row[1:], ("", "")], strict=True)


def _is_part(word: str) -> bool:
    """Whether an English word names a part of the face that is thick rather than fat."""
    return PARTS.get(word.split(" ")[-1], "") not in ("", "person", "face", "cheek") or word in ("glasses", "frame")


@cache
def load_words(language: str) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """The words and phrases of a language, and the stems that take endings."""
    table: dict[str, Entry] = {}
    stems: dict[str, Entry] = {}
    for line in (Path(__file__).parent / f"{language}.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        foreign, _, english = line.partition(" = ")
        meaning, _, kind = english.partition("|")
        english_like = {form.strip()[1:] for form in foreign.split("|") if form.strip().startswith("~")}
        for form in map(str.strip, foreign.split("|")):
            plain = " ".join(_words(form.lstrip("~"))) if "'" in form else form.lstrip("~")  # as texts are cut
            entry = Entry(meaning.strip(), kind.strip(), plain not in english_like)
            if plain.endswith("*"):
                stems.setdefault(plain[:-1], entry)
                table.setdefault(plain[:-1], entry)
            else:
                table.setdefault(plain, entry)
    return table, stems
