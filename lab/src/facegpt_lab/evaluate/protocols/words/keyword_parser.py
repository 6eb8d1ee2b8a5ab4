"""Reading a description by a word list: no learning, only tables.

It is the honest simple rival of the language model (a row of FaceGPT-Bench), and it finds words that contradict each
other. The tables name a trait by a noun and the adjectives that may stand with it ("nose": "wide" is nose_width up);
degrees, negations, comparatives, years, millimetres and expressions have tables of their own. Names: LABELS.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from facegpt.language.numbers import COUNTS
from facegpt.language.patterns import regex
from facegpt.language.reading.normalise import fold_case, split_words
from facegpt_lab.evaluate.protocols.words.keyword_tables import (
    ADJECTIVES,
    ALIKE,
    DEGREES,
    DIMENSIONS,
    EMOTIONS,
    MEN,
    NEGATIONS,
    NOUNS,
    PHRASES,
    UNITS,
    UNITS_OFF,
    WOMEN,
)

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[a-z]+(?:['’][a-z]+)?|[.,;:!?]")
_LINKS = {"is", "are", "was", "were", "looks", "seems", "be", "that's", "which", "being", "too"}
_FILLERS = {"and", "more", "less", "set", "upper", "lower", "top", "bottom", ","}
_ARTICLES = {"a", "an", "the", "his", "her", "their", "its", "my", "your"}
#: How far from its noun an adjective may stand, in words.
_REACH = 6


@dataclass
class Found:
    """What the word lists found in one text, in the terms of LABELS.md.

    Attributes:
        attributes: name → degree; where a trait is named twice, the later one.
        excluded: name → +1 or -1, sides that the words rule out.
        conflicts: names that the words put on both sides, with both wordings.
        sex: "F", "M" or "". age_years: (lowest, highest) or None.
        emotion: a name of emotions.csv, "neutral" or "". expression: ARKIT name → weight 0..1; off: those to be 0.
        millimetres: (measure, kind, amount) in the order of the text.
    """

    attributes: dict[str, float] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    conflicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    sex: str = ""
    age_years: tuple[float, float] | None = None
    emotion: str = ""
    expression: dict[str, float] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    millimetres: list[tuple[str, str, float]] = field(default_factory=list)
    wording: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, degree: float, words: str) -> None:
        """Note a trait; one that was named on the other side before is a conflict, and the later word counts."""
        before = self.attributes.get(name, 0.0)
        if before * degree < 0 and self.wording.get(name) != words:
            self.conflicts[name] = (self.wording[name], words)
        self.attributes[name], self.wording[name] = degree, words


def find_keywords(text: str) -> Found:
    """Read a text by the word lists."""
    lower = split_words(fold_case(text), "-–—/_")
    tokens = _TOKEN.findall(lower)
    found = Found()
    found.millimetres = _millimetres(lower)
    tokens_left = _read_phrases(tokens, found, several_words=True)
    used = _read_nouns(tokens_left, found)
    _read_phrases(["_" if k in used else token for k, token in enumerate(tokens_left)], found, several_words=False)
    found.sex = _sex(tokens)
    found.age_years = _counted_years(lower) or _said_years(lower)
    if found.age_years is None:
        found.age_years = next((years for word, years in _AGE_WORDS if word in f" {lower} "), None)
    _read_expression(" ".join(tokens), found)
    return found


def _read_nouns(tokens: list[str], found: Found) -> set[int]:
    """Read adjectives beside nouns; gives the places of the words that were understood."""
    used: set[int] = set()
    for place, token in enumerate(tokens):
        noun = NOUNS.get(token)
        if noun is None:
            continue
        run = _before(tokens, place)
        lip = next((tokens[k] for k in run if tokens[k] in ("upper", "lower", "top", "bottom")), "")
        for where in (*run, *_after(tokens, place, bool(run))):
            for name, sign in ADJECTIVES[noun].get(_base(tokens[where]), ()):
                if lip and not name.startswith({"top": "upper", "bottom": "lower"}.get(lip, lip)):
                    continue
                used.add(where)
                degree, negated = _degree(tokens, where)
                if negated:
                    found.excluded[name] = 1 if sign > 0 else -1
                else:
                    found.add(name, sign * degree, f"{tokens[where]} {token}")
    return used


def _base(word: str) -> str:
    """The plain form of an adjective: "wider" and "widest" are "wide"; words that mean the same become one."""
    for ending in ("est", "er"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            for form in (stem, stem + "e", stem[:-1], stem[:-1] + "y"):
                if form in ALIKE:
                    return ALIKE[form]
    return ALIKE.get(word, word)


def _is_adjective(word: str) -> bool:
    return _base(word) in ALIKE.values() or word in DEGREES or word in _FILLERS or word in NEGATIONS


def _before(tokens: list[str], place: int) -> list[int]:
    """The places of adjectives in front of a noun: an unbroken run of adjectives and small words."""
    run = []
    for k in range(place - 1, max(place - 1 - _REACH, -1), -1):
        if not _is_adjective(tokens[k]):
            break
        run.append(k)
    return run[::-1]


def _after(tokens: list[str], place: int, described: bool) -> list[int]:
    """The places of adjectives behind a noun: "nose is very broad", "nose 3 mm wider", "nose: broad".

    Without a verb or a colon they belong to the noun only when nothing in front `described` it.
    """
    following = tokens[place + 1 : place + 1 + _REACH]
    first = following[0] if following else ""
    linked = first in _LINKS or first in (":", "a") or (bool(first) and _base(first) != first)
    if described and not linked:
        return []
    run: list[int] = []
    for k, word in enumerate(following, start=place + 1):
        if word == "a" and tokens[k + 1 : k + 2] and tokens[k + 1] in DEGREES:
            continue  # "a bit wider"
        if word in ".;!?," or word in NOUNS or word in _ARTICLES:
            break
        if _is_adjective(word):
            run.append(k)
        elif word not in _LINKS and not word[0].isdigit() and word not in ("mm", "cm", ":"):
            break
    return run


def _degree(tokens: list[str], place: int) -> tuple[float, bool]:
    """The degree by the words in front of an adjective, and whether it is denied."""
    degree, negated = 1.0, False
    for k in range(place - 1, max(place - 5, -1), -1):
        word = tokens[k]
        if word in ".;!?" or word in NOUNS:
            break
        if word in DEGREES:
            degree = DEGREES[word]
        if word in NEGATIONS or word == "less":
            negated = True
    return degree, negated


def _read_phrases(tokens: list[str], found: Found, several_words: bool) -> list[str]:
    """Read traits of the whole person and idioms: fixed phrases, the longest first.

    Gives the tokens with what was understood blotted out, but for nouns: "a big crooked nose" has two adjectives.
    """
    left = list(tokens)
    for phrase in sorted(PHRASES, key=len, reverse=True):
        parts = phrase.split()
        if (len(parts) > 1) != several_words:
            continue
        place = next((k for k in range(len(left)) if left[k : k + len(parts)] == parts), -1)
        if place < 0:
            continue
        degree, negated = _degree(left, place)
        for name, value in PHRASES[phrase].items():
            if negated:
                found.excluded[name] = 1 if value > 0 else -1
            elif name not in found.wording:
                found.add(name, value if abs(value) != 1 else value * degree, phrase)
            elif found.attributes[name] * value < 0:
                found.conflicts[name] = (found.wording[name], phrase)
        for k in range(place, place + len(parts)):
            left[k] = left[k] if left[k] in NOUNS else "_"
    return left


def _sex(tokens: list[str]) -> str:
    women, men = sum(t in WOMEN for t in tokens), sum(t in MEN for t in tokens)
    return "" if women == men else "F" if women > men else "M"


def _number(word: str) -> float | None:
    """Read "42", "forty" or "forty two"."""
    parts = word.split()
    values = [float(p) if p.replace(".", "", 1).isdigit() else COUNTS.get(p) for p in parts]
    return sum(v for v in values if v is not None) if values and None not in values else None


_COUNT = r"(\d+|(?:(?:" + "|".join(COUNTS) + r")(?: (?:one|two|three|four|five|six|seven|eight|nine))?))"
_AGES = (
    (re.compile(r"\b(early|mid|middle|late)?\s*(?:in (?:his|her|their) )?(early|mid|middle|late)?\s*(\d0|"
                r"twentie|thirtie|fortie|fiftie|sixtie|seventie|eightie)s\b"), "decade"),
    (re.compile(_COUNT + r"\s*(?:years?(?: |-)old|years? of age|yo\b|y/o|year old)"), "years"),
    (re.compile(r"\b(?:aged?|age of|about|around|roughly|of|is|he's|she's|nearly|almost|approx) " + _COUNT
                + r"(?! ?(?:mm|cm|mill|cent|per|%))\b"), "years"),
    (re.compile(r"\b(?:female|male|woman|man|lady|[mf]),? ?(\d\d)\b(?! ?(?:mm|cm|%))"), "years"),
)  # fmt: skip
_AGE_WORDS = (
    ("middle aged", (40.0, 60.0)), ("elderly", (65.0, 100.0)), ("grandm", (55.0, 100.0)), ("grandf", (55.0, 100.0)),
    ("granny", (55.0, 100.0)), ("grandpa", (55.0, 100.0)), ("pensioner", (65.0, 100.0)), ("teen", (13.0, 19.0)),
    ("toddler", (1.0, 3.0)), ("little girl", (4.0, 10.0)), ("little boy", (4.0, 10.0)), ("child", (4.0, 12.0)),
    (" kid ", (4.0, 12.0)), (" boy ", (4.0, 17.0)), ("schoolgirl", (6.0, 17.0)), ("student", (18.0, 28.0)),
    (" old ", (60.0, 100.0)), (" aged ", (60.0, 100.0)), ("youthful", (18.0, 32.0)), (" young ", (18.0, 32.0)),
)  # fmt: skip


def _counted_years(text: str) -> tuple[float, float] | None:
    """Read an age given as a number or a decade."""
    for pattern, kind in _AGES:
        match = pattern.search(text)
        if match is None:
            continue
        if kind == "years":
            years = _number(match.group(1))
            least = 14 if pattern is _AGES[2][0] else 3  # "a father of three" has other years
            if years is not None and least <= years <= 110:
                return years, years
            continue
        decade = match.group(3)
        start = float(decade) if decade.isdigit() else COUNTS[decade[:-2] + "y"]
        part = match.group(1) or match.group(2)
        low, high = {"early": (0, 3), "mid": (4, 6), "middle": (4, 6), "late": (7, 9)}.get(part or "", (0, 9))
        return start + low, start + high
    return None


_SAID = regex(r"""
    \b(middle aged|elderly|aged|old|ancient|youthful|young|teenaged?|adolescent)(?:,? [a-z]+){0,2}? (?:m[ae]n|wom[ae]n|
    lady|ladies|gentlem[ae]n|person|people|guy|bloke|chap|fella|dude|girl|boy|male|female|face|adult|mother|father|
    nurse|soldier|king|queen|witch|wizard|monk|nun|sailor|farmer|teacher|doctor|actor|actress)\b|
    \b(grandm\w+|grandf\w+|grandpa|granny|pensioner|toddler|teenager|schoolgirl|schoolboy)\b
""")
_SAID_YEARS = {
    **{"middle aged": (40.0, 60.0), "elderly": (65.0, 100.0), "aged": (60.0, 100.0), "old": (60.0, 100.0)},
    **{"ancient": (75.0, 100.0), "youthful": (18.0, 32.0), "young": (18.0, 32.0), "teenage": (13.0, 19.0)},
    **{"teenaged": (13.0, 19.0), "adolescent": (13.0, 19.0), "pensioner": (65.0, 100.0), "toddler": (1.0, 3.0)},
    **{"teenager": (13.0, 19.0), "schoolgirl": (6.0, 17.0), "schoolboy": (6.0, 17.0)},
}


def _said_years(text: str) -> tuple[float, float] | None:
    """Read an age said of a person ("an old bearded man"), not of a thing or in passing."""
    match = _SAID.search(text)
    if match is None:
        return None
    low, high = _SAID_YEARS.get(match[1] or match[2], (55.0, 100.0))  # the rest are grandparents
    if match[1] in ("young", "youthful") and match[0].endswith(("girl", "boy")):
        return 4.0, 17.0
    return low, high


def _read_expression(text: str, found: Found) -> None:
    """Read the emotion (the longest phrase that fits) and the movements named."""
    padded = f" {text} "
    for phrase in sorted(EMOTIONS, key=len, reverse=True):
        place = padded.find(f" {phrase} ")
        if place >= 0:
            front = padded[:place].split()
            if not _degree([*front, phrase], len(front))[1]:
                found.emotion = EMOTIONS[phrase]
                break
    off = [name for pattern, names in UNITS_OFF if re.search(pattern, padded) for name in names]
    for pattern, names in UNITS:
        for match in re.finditer(pattern, padded):
            if any(name in off for name in names):
                continue
            words = padded[: match.start()].split()
            degree, negated = _degree([*words, "_"], len(words))
            around = padded[max(match.start() - 14, 0) : match.end() + 14]
            left, right = " left" in around, " right" in around
            for name in names:
                if left != right and name.endswith("Right" if left else "Left"):
                    continue
                if negated:
                    off.append(name)
                else:
                    found.expression[name] = {0.5: 0.35, 1.0: 0.7}.get(degree, 1.0)
    found.off = tuple(off)


_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(mm|millimet(?:er|re)s?|cm|centimet(?:er|re)s?|%|per ?cent)")


def _millimetres(text: str) -> list[tuple[str, str, float]]:
    """Read "the nose 3 mm narrower", "a nose 38 mm wide", "mouth 10 % wider"."""
    found = []
    for match in _LENGTH.finditer(text):
        amount = float(match.group(1)) * (10.0 if match.group(2).startswith("c") else 1.0)
        percent = match.group(2)[0] in "%p"
        first = max(match.start() - 40, 0)
        around, middle = text[first : match.end() + 40], match.start() - first
        after = text[match.end() : match.end() + 14].split()
        nouns = [
            (abs(m.start() - middle), NOUNS[m.group()]) for m in re.finditer(r"[a-z]+", around) if m.group() in NOUNS
        ]
        if not nouns:
            continue
        noun = min(nouns)[1]
        change = next((DIMENSIONS["change"][w] for w in after if w in DIMENSIONS["change"]), None)
        if change is None and re.search(r"\bby\s*$", text[: match.start()]):
            verb = re.findall(r"\b(widen|narrow|lengthen|shorten|raise|shrink|enlarge|reduce)\b", text[: match.start()])
            change = DIMENSIONS["verb"].get(verb[-1]) if verb else None
        dimension, sign = change or (next((DIMENSIONS["value"][w] for w in after if w in DIMENSIONS["value"]), ""), 0)
        measure = DIMENSIONS["measure"].get(f"{noun} {dimension}") or DIMENSIONS["measure"].get(noun, "")
        if measure:
            kind = "percent" if percent else "change" if sign else "value"
            found.append((measure, kind, amount * sign if sign else amount))
    return found
