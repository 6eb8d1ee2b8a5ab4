"""What people type, made fit to be read: checked, cut to a length that can be read, and with remarks where one is due.

The remarks ("I read English …") are for the user; they change nothing in the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from facegpt.language.glosses.reading import ENGLISH, glossed
from facegpt.language.reading.normalise import printable
from facegpt.types import FaceGPTError

#: Longer texts are cut: about what fits beside a conversation into the language model's context.
MOST_WORDS, MOST_CHARACTERS = 600, 6000
#: A text counts as not English when at least this share of its letters is not Latin, or when so many more of its
#: small words are of another language than are English.
FOREIGN_LETTERS, FOREIGN_WORDS = 0.5, 2
#: Small words of other languages.
_FOREIGN = frozenset(
    {*("une", "un", "des", "avec", "et", "les", "est", "très", "qui", "sur", "pour", "dans", "homme", "femme")}
    | {*("ein", "eine", "und", "mit", "der", "die", "das", "ist", "sehr", "nicht", "zu", "den", "auf", "einen", "frau")}
    | {*("una", "uno", "con", "el", "los", "las", "muy", "que", "para", "hombre", "mujer", "nariz", "um", "uma", "com")}
    | {*("não", "muito", "il", "gli", "molto", "di", "che", "een", "het", "en", "van", "zeer", "vrouw", "och", "med")}
    | {*("kobieta", "z", "bardzo", "mycket", "kvinna", "er", "hat", "le", "la")}
    | {*("qué", "es", "más", "lo", "ella", "hazlo", "tu", "te", "je", "il", "elle", "du", "aux", "ce", "plus")}
    | {*("moi", "lui", "peux", "wer", "ihn", "ihm", "ihr", "mich", "dich", "mir", "ich", "wie", "mach", "sie", "kein")}
    | {*("quién", "quien", "cómo", "como", "cuál", "dónde", "por", "del", "su", "sus", "chi", "come", "più")}
    | {*("per", "non", "sono", "fai", "ik", "je", "wie", "maak", "niet", "hem", "haar", "jak", "jest", "nie", "bir")}
    | {*("ve", "için", "kim", "daha", "mais", "ele", "ela", "faça", "quem", "och", "inte", "hur", "vem", "som", "d")}
)
#: Letters that English has in loans alone.
_ACCENTS = re.compile(r"[^\x00-\x7f]")
_NAME = r"((?:[A-Z][a-z'’]+|[A-Z]\.)(?: (?:[A-Z][a-z'’]+|[A-Z]\.|van|von|de|del|al|bin)){1,3})"
#: How a real person is asked for; a name alone (in a character sheet) is only a name.
_PERSON = re.compile(
    r"(?:(?i:looks? (?:just |exactly |a bit )?like|resembl\w+|portrait of|pictures? of|photos? of|likeness of|face of|"
    r"heads? of|imagine|make me|show me|draw|create|generate|render|double of|lookalike of))\s+" + _NAME
)
#: Nothing but a name.
_NAME_ALONE = re.compile(_NAME + r"\W*$")
#: Capitals that start a description and no name.
_NOT_NAMES = {"Young", "Old", "African", "Asian", "European", "American", "British", "Middle", "Eastern", "Latin"}


@dataclass(frozen=True)
class Prompt:
    """A text that can be read.

    Attributes:
        text: in English. remarks: for the user, each a whole sentence.
        unknown: words of another language that have no English here, each with the reason.
    """

    text: str
    remarks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_prompt(text: object, what: str = "the description") -> Prompt:
    """Check a text from a user.

    Control characters go, runs of blanks become one, and a text that is too long is cut at a word with a remark. A text
    in one of `glosses.reading.LANGUAGES` is put into English, with a remark that tells it.

    Args:
        text: what was typed.
        what: what to call it in an error.

    Raises:
        FaceGPTError: if it is no string or says nothing.
    """
    if not isinstance(text, str):
        raise FaceGPTError(f"{what} is a string, not {_kind(text)}")
    clean = printable(text)
    if not clean:
        raise FaceGPTError(f'{what} is empty; say what the face should look like, as in "an old man, smiling"')
    remarks = []
    words = re.split(r"(?<=\s)", clean)
    short = "".join(words[:MOST_WORDS])[:MOST_CHARACTERS].rstrip()
    if len(short) < len(clean):
        remarks.append(
            f"{what[0].upper()}{what[1:]} is too long ({len(words):,} words); only the first {len(short.split()):,} "
            "were read."
        )
    if gloss := glossed(short):
        told = f'Read as {gloss.language}, word by word: "{gloss.text}".'
        missing = tuple(f"{word}: no word that is known in {gloss.language}" for word in gloss.unknown)
        quoted = ", ".join(f'"{word}"' for word in gloss.unknown)
        told += f" I don't know {quoted}." if quoted else ""
        return Prompt(gloss.text, (*remarks, told), missing)
    return Prompt(short, (*remarks, *_doubts(short)))


def is_foreign(text: str) -> bool:
    """Guess whether a text is in another language than English: by its letters, and by small words."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return False
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters) / len(letters)
    words = re.findall(r"[^\W\d_]+", text.lower())
    foreign = sum(w in _FOREIGN for w in words)
    english = sum(w in ENGLISH for w in words)
    foreign += sum(bool(_ACCENTS.search(w)) for w in words) if foreign or not english else 0
    return latin <= 1 - FOREIGN_LETTERS or foreign >= english + FOREIGN_WORDS


def named_person(text: str) -> str:
    """The name of a person whose likeness is asked for, or ""."""
    for match in (_NAME_ALONE.match(text), *_PERSON.finditer(text)):
        if match and match[1].split()[0] not in _NOT_NAMES:
            return match[1]
    return ""


def _doubts(text: str) -> list[str]:
    remarks = []
    if is_foreign(text):
        remarks.append("I read English; what is said in another language may be passed over.")
    if name := named_person(text):
        remarks.append(f"I don't know people and can't tell what {name} looks like; only the traits described count.")
    return remarks


def _kind(value: object) -> str:
    return "None" if value is None else f"{'an' if type(value).__name__[0] in 'aeiou' else 'a'} {type(value).__name__}"
