"""Slips of the pen in words for faces: "frekles", "wrinkels", "moustashe", put right before anything is read.

A word that the language model's vocabulary has as one piece is a word and stays. One that falls into pieces, and that
is one slip (a letter left out, doubled, changed or two swapped; Damerau 1964) from a single word of faces, is that
word: most of what people mistype is one slip away from what they mean.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import lru_cache
from importlib import resources

from facegpt.language.hair_wish import hair_vocabulary
from facegpt.language.parts import ALIKE, PARTS, base_form
from facegpt.language.patterns import word_set, words_in
from facegpt.language.reading.hair.features import words_owned
from facegpt.language.targets import attribute_rows

#: Shorter words are too near to each other; from LONG letters on two slips are put right.
SHORTEST, LONG = 5, 9
#: What glasses are called beside "glasses".
WORN = ("sunglasses", "eyeglasses", "spectacles", "aviators", "bifocals")
#: Shorter words that are put right by one slip of any kind: parts of the face and what stands beside them.
SHORT = (
    "eyes",
    "nose",
    "lips",
    "chin",
    "hair",
    "ears",
    "brows",
    "skin",
    "beard",
    "mouth",
    "face",
    "blue",
    "green",
    "with",
    "girl",
    "lady",
)
#: Words of degree, which are put right before a word is taken for a form of another ("slighty" is no form of "slight"),
#: and those that are two ("abit").
DEGREES = word_set("really very slightly little extremely somewhat rather fairly incredibly barely hardly totally")
TWO_WORDS = {"abit": "a bit", "alittle": "a little", "alot": "a lot", "atad": "a tad", "abitof": "a bit of"}
_WORD = re.compile(r"[A-Za-z]+")
_ENDINGS = ("", "s", "ed", "ing", "er", "ly", "y")


@lru_cache(maxsize=1)
def face_words() -> frozenset[str]:
    """The words for parts, sizes, traits, feelings, hair and what is worn that the product's tables hold."""
    found = {*hair_vocabulary(), *words_owned("hair", "wear"), *WORN, *PARTS, *ALIKE}
    for table in ("emotions.csv", "conditions.csv"):
        text = (resources.files("facegpt.language") / table).read_text(encoding="utf-8")
        for row in csv.reader(text.splitlines()):
            found.update(words_in(row[0]))
    for attribute in attribute_rows():
        found.update(words_in(f"{attribute['low_pole_words']} {attribute['high_pole_words']}"))
    ages = (resources.files("facegpt.language") / "reading/age_words.csv").read_text(encoding="utf-8")
    found.update(re.findall(r"(?<![\w)\]?*])[a-z]{5,}(?![\w(\[?*])", ages))
    return frozenset(word for word in found if len(word) >= SHORTEST)


def put_right(text: str, is_word: Callable[[str], bool]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A text with the slips in its words for faces put right, and what was changed: (typed, meant) each.

    Args:
        text: as typed.
        is_word: whether a word, in lower case, is known as one.
    """
    changed = []

    def meant(match: re.Match[str]) -> str:
        typed = match[0].lower()
        if typed in PARTS or typed in face_words():
            return match[0]
        near = _lacking_before_part(match[0], text[match.end() :]) or TWO_WORDS.get(typed, "")
        if not near and not is_word(typed):
            near = _nearest_degree(typed)
        if not near and not (_is_formed(typed) or is_word(typed) or is_word(typed.removesuffix("s"))):
            near = _nearest(typed) if len(typed) >= SHORTEST else _nearest_part(match[0])
        if not near:
            return match[0]
        changed.append((match[0], near))
        return near

    return _WORD.sub(meant, text), tuple(changed)


def _nearest_degree(word: str) -> str:
    """The one word of degree that begins alike and is a slip away from a word of SHORTEST letters and more, or ""."""
    near = [each for each in DEGREES if each[0] == word[0] and _slips(word, each) == 1] if len(word) >= SHORTEST else []
    return near[0] if len(near) == 1 else ""


def _is_formed(word: str) -> bool:
    """Whether a word is a form of a known one: "freckled", "wrinkly", "noses", "fatter", "dimples" beside "dimpled"."""
    return (word.endswith(("er", "est")) and base_form(word) != word) or bool(_stems(word) & _stems_of_faces())


def _stems(word: str) -> set[str]:
    """A word without each of the endings that it has, also without a mute e, which no y follows ("curley")."""
    bare = {word.removesuffix(end) for end in _ENDINGS if not (end == "y" and word.endswith("ey"))}
    return {stem.removesuffix("e") for stem in bare if len(stem) >= SHORTEST - 1}


@lru_cache(maxsize=1)
def _stems_of_faces() -> frozenset[str]:
    return frozenset(stem for word in face_words() for stem in _stems(word))


def _nearest(word: str) -> str:
    """The one word of faces that is fewest slips away, within reach; "" where there is none, or several meanings."""
    for slips in (1, 2) if len(word) >= LONG else (1,):
        found = [each for each in face_words() if abs(len(each) - len(word)) <= slips and _slips(word, each) <= slips]
        if found:
            same = [each for each in found if each[0] == word[0]]
            if len(same) > 1:  # the ends of a word are mistyped least
                same = [each for each in same if each[-1] == word[-1]]
            alike = len({PARTS.get(each, ALIKE.get(each, each)) for each in same}) == 1  # "beard" and "bearded"
            return min(same, key=len) if alike else ""
    return ""


def _lacking_before_part(word: str, after: str) -> str:
    """The word of SHORT, no part itself, that lacks a letter right before a part: "blu eyes", a piece of "blur"."""
    following = _WORD.match(after.lstrip())
    if following is None or following[0].lower() not in PARTS:
        return ""
    found = [each for each in SHORT if each not in PARTS and each[0] == word[0] and _slips(word, each) == 1]
    return next((each for each in found if len(each) == len(word) + 1), "")


def _nearest_part(word: str) -> str:
    """The one word of SHORT that is one slip behind the first letter from a short word, or that lacks one letter in it.

    "" for none, several, names.
    """
    if word.endswith("y") and f"{word.lower().removesuffix('y')}e" in PARTS:  # "nosy" is a word
        return ""
    found = [each for each in SHORT if each[0] == word[0] and len(word) > 2 and _slips(word, each) == 1]
    if not found and len(word) == SHORTEST - 1 and word.islower():  # "yong" left a letter out; "Yong" is a name
        found = [each for each in face_words() if len(each) == SHORTEST and _leaves_one_out(word, each)]
    return found[0] if len(found) == 1 else ""


def _leaves_one_out(word: str, whole: str) -> bool:
    """Whether a word is another one without a letter between its first and its last."""
    return any(word == whole[:k] + whole[k + 1 :] for k in range(1, len(whole) - 1))


def _slips(a: str, b: str) -> int:
    """How many letters are left out, added or changed, or neighbours swapped, between two words."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
