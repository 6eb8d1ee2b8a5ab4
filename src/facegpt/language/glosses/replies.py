"""Put an answer into another language, sentence by sentence, by the table of sentences beside this file.

Answers are put together in English from a few dozen kinds of sentences (describe/, dialogue/). Each sentence that fits
a row of `replies.txt` is said as the row says it in the other language; numbers, names and quoted words stay. Traits of
shape and their poles are in `traits.txt`. Set answers are found by their key. An answer with a sentence of no row stays
English as a whole, and that is said: one answer is in one language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from facegpt.describe.attribute_words import poles
from facegpt.language.glosses.reading import LANGUAGES

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
#: Behind what leads to another sentence: "So far I changed this: His nose …".
_LEAD = re.compile(r"(?<=:)\s+(?=[A-Z0-9])")
_SLOT = re.compile(r"\{(\w+?)(\d?)\}")
#: What a slot may hold, by its name: all other slots hold what the table lists under their name.
_FORMS = {
    **dict.fromkeys(("n", "m", "a", "b", "c"), r"-?\d+(?:\.\d+)?"),
    "p": r"(?:below the |above the )?\d+(?:st|nd|rd|th)",
    "owner": r"[^.:;,]+?['’]s?|[Hh]er|[Hh]is|[Ii]ts|[Tt]he",
    "text": r"[^.]+(?:\.\.\.)?",
    "said": r".+?",
    "style": r"[a-z, -]+",
}
#: Slots that are read as another kind, and those that hold several things in a row.
_KINDS = {"x": "who", "y": "who", "emotions": "emotion"}
_ROWS = {"moves": "move", "colours": "colour", "marks": "mark", "beards": "beard"}
_ROWS |= {"worns": "worn", "poles": "pole"}
_AND = {"german": "und", "french": "et", "spanish": "y", "italian": "e"}
_IN_ENGLISH = {
    "german": "Das kann ich nur auf Englisch sagen",
    "french": "Je ne peux le dire qu'en anglais",
    "spanish": "Esto solo puedo decirlo en inglés",
    "italian": "Questo posso dirlo solo in inglese",
}
_BOUND = {"below the ": "< ", "above the ": "> "}


@dataclass(frozen=True)
class Row:
    """A sentence or phrase: what matches the English, and how it is said elsewhere, by language."""

    english: re.Pattern[str]
    elsewhere: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """All rows by kind; `answers`: key of a set answer → language → its words."""

    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def said_in(text: str, language: str) -> str:
    """An English answer in another language.

    Args:
        text: sentences as `describe` and `dialogue` make them.
        language: one of `reading.LANGUAGES`.
    """
    told: list[str] = []
    for sentence in filter(None, _SENTENCE.split(text.strip())):
        pieces = [_said("sentence", each, language) for each in _LEAD.split(sentence)]
        whole = _said("sentence", sentence, language) if None in pieces else None
        if None in pieces and whole is None:
            return f"{_IN_ENGLISH[language]}: {text}"
        told += filter(None, [whole] if whole else pieces)
    return " ".join(f"{sentence[:1].upper()}{sentence[1:]}" for sentence in told)


def answer_in(key: str, language: str) -> str:
    """A set answer in another language; "" where the table has none."""
    return load_table().answers.get(key, {}).get(language, "")


def _said(kind: str, text: str, language: str) -> str | None:
    """A sentence or phrase of a kind in another language; None where no row fits."""
    for row in load_table().rows.get(kind, ()):
        match = row.english.fullmatch(text)
        if match is None:
            continue
        slots = {name: _slot(name, said, language) for name, said in match.groupdict().items()}
        if all(value is not None for value in slots.values()):
            return _SLOT.sub(lambda slot, known=slots: str(known.get(slot[1] + slot[2], "")), row.elsewhere[language])  # type: ignore[misc]
    return None


def _slot(name: str, said: str, language: str) -> str | None:
    """What a slot holds, in another language; None where that is not known."""
    plain = name.rstrip("0123456789")
    of_form: dict[str, Callable[[], str | None]] = {
        **{"p": lambda: _percentile(said), "owner": lambda: _owner(said, language)},
        **dict.fromkeys(("text", "said", "style"), lambda: said),
    }
    if plain in of_form:
        return of_form[plain]()
    if plain in _FORMS:
        return said.replace(".", ",")
    if plain in _ROWS:
        return _row(_ROWS[plain], re.split(r", | and ", said), language)
    kind = _KINDS.get(plain, plain)
    return _who(said, language) if kind == "who" else _said(kind, said, language)


def _percentile(said: str) -> str:
    """A percentile as a number: "75" of "75th", "< 1" of "below the 1st"."""
    return next((sign for start, sign in _BOUND.items() if said.startswith(start)), "") + "".join(
        filter(str.isdigit, said)
    )


def _row(kind: str, parts: list[str], language: str) -> str | None:
    """Several things of a kind in a row; one may have a comma of its own ("rounded, open lips")."""
    words: list[str] = []
    while parts:
        lengths = (n for n in (1, 2) if n <= len(parts))
        found = next(((n, told) for n in lengths if (told := _said(kind, ", ".join(parts[:n]), language))), None)
        if found is None:
            return None
        words, parts = [*words, found[1]], parts[found[0] :]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {_AND[language]} {words[-1]}"


def _who(said: str, language: str) -> str | None:
    """A person: of the table, or by a name, which stays."""
    listed = _said("who", said[:1].lower() + said[1:], language)
    return listed or (said if said[:1].isupper() and " " not in said else None)


def _owner(said: str, language: str) -> str | None:
    """Whose something is, behind its name: "" where one person is there, else " (die Frau)"."""
    if said.lower() in ("her", "his", "its", "the"):
        return ""
    who = _who(said.replace("’", "'").removesuffix("s").removesuffix("'"), language)
    return None if who is None else f" ({who})"


def _pattern(english: str) -> re.Pattern[str]:
    """What an English row matches: slots hold what their form allows."""
    parts: list[str] = []
    at = 0
    for slot in _SLOT.finditer(english):
        parts += [re.escape(english[at : slot.start()]), f"(?P<{slot[1]}{slot[2]}>{_FORMS.get(slot[1], '.+?')})"]
        at = slot.end()
    return re.compile("".join(parts) + re.escape(english[at:]))


@cache
def load_table() -> Table:
    """The table of sentences, phrases and set answers."""
    rows: dict[str, list[Row]] = {}
    answers: dict[str, Mapping[str, str]] = {}
    for kind, english, *others in _lines("replies.txt"):
        elsewhere = dict(zip(LANGUAGES, others, strict=True))
        if kind == "answer":
            answers[english] = elsewhere
        else:
            rows.setdefault(kind, []).append(Row(_pattern(english), elsewhere))
    for name, *cells in _lines("traits.txt"):
        in_english = (name.replace("_", " "), *poles()[name][1:])
        in_others = zip(*(cell.split("; ") for cell in cells), strict=True)
        for kind, plain, told in zip(("trait", "pole", "pole"), in_english, in_others, strict=True):
            rows.setdefault(kind, []).append(Row(_pattern(plain), dict(zip(LANGUAGES, told, strict=True))))
    return Table(rows, answers)


def _lines(name: str) -> Iterator[list[str]]:
    """The cells of each line of a table beside this file."""
    for line in (Path(__file__).parent / name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield [cell.strip() for cell in line.split(" | ")]
