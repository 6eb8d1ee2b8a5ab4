"""Movements by their codes: action units ("AU6+12 at C", "1, 4 and 15, all weak") and blendshapes ("jawOpen 0.8").

Numbers count as action units where the text says so ("AU", "unit", "FACS"), where they are joined by a plus, carry a
letter of intensity or a side, or where a text is nothing but such numbers and words of strength.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import with_units
from facegpt.language.head_request import HeadRequest
from facegpt.language.numbers import find_numbers
from facegpt.language.patterns import word_set
from facegpt.language.reading.normalise import fold_case

#: FACS action unit → blendshapes ("*": both sides), as LABELS.md has them.
ACTION_UNITS: dict[int, tuple[str, ...]] = {
    1: ("browInnerUp",), 2: ("browOuterUp*",), 4: ("browDown*",), 5: ("eyeWide*",), 6: ("cheekSquint*",),
    7: ("eyeSquint*",), 9: ("noseSneer*",), 10: ("mouthUpperUp*",), 12: ("mouthSmile*",), 14: ("mouthDimple*",),
    15: ("mouthFrown*",), 16: ("mouthLowerDown*",), 17: ("mouthShrugLower",), 18: ("mouthPucker",),
    20: ("mouthStretch*",), 22: ("mouthFunnel",), 24: ("mouthPress*",), 26: ("jawOpen",), 27: ("jawOpen",),
    28: ("mouthRollLower", "mouthRollUpper"), 34: ("cheekPuff",), 43: ("eyeBlink*",), 45: ("eyeBlink*",),
}  # fmt: skip
#: The last number of a unit; those between that are not above show in no blendshape of their own.
_LAST_UNIT = 46
LETTERS = {"a": 0.2, "b": 0.4, "c": 0.6, "d": 0.8, "e": 1.0}
_SHAPES = {name.lower(): name for name in ARKIT_NAMES}
#: Amounts ("0.8", "40 %", "2/5", "2 out of 5"), codes ("l12", "au14a", "12c"), words, and all other marks.
_TOKEN = re.compile(
    r"(?P<amount>\d?\.\d+|\d{1,3} ?%|\d ?(?:/|out of) ?(?:5|10)\b)"
    r"|(?P<code>(?P<named>au[ _-]?)?#?(?P<side>[lr])?(?P<number>\d{1,2})(?P<letter>[a-e])?(?P<behind>[lr])?)"
    r"(?![\w.]*\d|[a-z])"
    r"|(?P<word>[a-z][a-z'_]*)|\S|\n"
)
_NAMES_UNITS = word_set("au aus au's action unit units facs")
_JOINS = word_set(", + & / ; - – # _ and or with plus the number numbers") | _NAMES_UNITS
_STOPS, _PARTS = word_set(". ; but") | {"\n"}, word_set(", + and")
#: What parts the words behind a code from those before the next.
_NEXT = _PARTS | word_set("with plus without no (")
#: What stands between a code and its amount, and before a number that is an age or a setting.
_GIVES, _AFTER_THESE = (
    word_set(": = , ( at to of is"),
    word_set("age aged ages about is turns turned turning by seed at to of around x"),
)
#: What a number counts that is no code.
_COUNTED = word_set(
    "mm millimetre millimetres cm % percent per year years yrs y month months degrees px pixels times people"
)
#: Words of the text of nothing but units: joins, strengths, sides.
_ONLY = word_set("""
    each every at on not only zero none out to in up down intensity level strength letter left right side a of it them
    is are stay stays staying can must add give me make show keep leave set please just but then now again combined
    together code codes coded coding both all off no
""")
#: One of these beside a single code tells that it is one.
_SAYS_HOW = word_set("off out zero intensity level")
#: Words that put to rest what stands behind them, what may stand between, and words behind that do.
_RESTS = word_set("""
    no not without lose drop remove minus kill delete cut ditch scrap zero mute disable strip reset erase deactivate
    clear absent never
""")
_BETWEEN = word_set("any an a the that his her all of out away off # number") | _NAMES_UNITS
_RESTS_WITH = {
    "off": word_set("switch turn take"),
    "out": word_set("take"),
    "away": word_set("take"),
    "of": word_set("rid"),
}
_AT_REST = word_set("off none zero gone absent nil goes removed not never out rest")
_SAYS_LETTER = word_set("intensity level grade strength letter at all both")
#: Words beside a code → its weight where it has no figure: the first that is found counts.
_STRENGTHS = (
    (word_set("barely hardly scarcely trace hint faintest"), 0.3),
    (word_set("full fully max maximum extreme extremely complete completely utter utterly hundred"), 1.0),
    (word_set("medium moderate moderately half"), 0.5),
    (word_set("slight slightly bit little touch tad faint faintly weak weakly light lightly minimal minimum"), 0.35),
    (word_set("very strong strongly hard intense intensely deep deeply high"), 0.85),
)
_PLAIN = 0.7


@dataclass(frozen=True)
class Code:
    """A code in a text: an action unit or a blendshape.

    Attributes:
        name: of the blendshape, "" for a unit. number: of the unit. side: "Left", "Right" or "".
        weight: 0..1 where it has its own. marked: whether a letter or a side is written on it. place: of its token.
        end: the place behind its amount.
    """

    name: str
    number: int
    side: str
    weight: float | None
    marked: bool
    place: int
    end: int


def with_codes(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the movements that a text names by their codes: these are exact."""
    return with_units(request, found) if (found := find_codes(text)) else request


def find_codes(text: str) -> dict[str, float]:
    """The weights 0..1 of the blendshapes that a text names by code, 0 for those that it puts to rest."""
    plain = fold_case(text)
    tokens = list(_TOKEN.finditer(plain))
    words = [token[0] for token in tokens]
    shapes = [_shape(tokens, k) for k, word in enumerate(words) if word in _SHAPES]
    return find_action_units(plain) | {each.name: weight for each in shapes for weight in [_weights(words, [each])[0]]}


def find_action_units(text: str) -> dict[str, float]:
    """The weights 0..1 of the blendshapes whose action units a plain text names by number, 0 for those off."""
    text = _in_digits(text)
    tokens = list(_TOKEN.finditer(text))
    words = [token[0] for token in tokens]
    found: dict[str, float] = {}
    still: dict[str, float] = {}
    for group in _groups(words, _meant(tokens)):
        for code, weight in zip(group, _weights(words, group), strict=True):
            for name in ACTION_UNITS.get(code.number, ()):
                for side in (code.side,) if code.side else ("Left", "Right"):
                    found[name.replace("*", side)] = weight
                if code.side and "*" in name:  # a unit of one side: the other rests
                    still[name.replace("*", "Right" if code.side == "Left" else "Left")] = 0.0
    return still | found


def _names_units(words: Iterable[str]) -> bool:
    return any(word in _NAMES_UNITS or word.startswith(("au_", "au-", "au#")) for word in words)


def _in_digits(text: str) -> str:
    """A text that speaks of units with its numbers in digits: "au forty five"."""
    if not _names_units(text.replace(".", "").split()):
        return text
    text = text.replace("a.u.", "au")
    for number in reversed(find_numbers(text)):
        before = text[: number.start].split()[-1:]
        led = bool(before) and (before[0].strip("#") in _JOINS or before[0].endswith(","))
        if led and not number.unit and text[number.start].isalpha():
            text = f"{text[: number.start]}{number.value:g}{text[number.end :]}"
    return text


def _shape(tokens: Sequence[re.Match[str]], place: int) -> Code:
    weight, end = _amount(tokens, place + 1, of_shape=True)
    return Code(_SHAPES[tokens[place][0]], 0, "", weight, True, place, end)


def _amount(tokens: Sequence[re.Match[str]], place: int, of_shape: bool = False) -> tuple[float | None, int]:
    """The weight that stands behind a code, and the place behind it; None where there is none."""
    start = place
    while place < len(tokens) and tokens[place][0] in _GIVES:
        place += 1
    token = tokens[place] if place < len(tokens) else None
    if token is not None and token["amount"]:
        top, *bottom = token["amount"].replace("out of", "/").split("/")
        scale = 100.0 if "%" in top else float(bottom[0]) if bottom else 1.0
        return min(float(top.rstrip(" %")) / scale, 1.0), place + 1
    if token is not None and (place > start or of_shape) and token["number"] in ("0", "1") and tokens[start][0] != ",":
        return float(token["number"]), place + 1
    return None, start


def _meant(tokens: Sequence[re.Match[str]]) -> list[Code]:
    """The codes of units in a text."""
    words, taken = [token[0] for token in tokens], 0
    every: list[Code] = []
    for k, token in enumerate(tokens):
        if k < taken or not token["code"] or int(token["number"]) not in range(1, _LAST_UNIT + 1):
            continue
        if {*words[k + 1 : k + 2], *(words[k + 2 : k + 3] if words[k + 1 : k + 2] == ["-"] else ())} & _COUNTED:
            continue
        weight, taken = _amount(tokens, k + 1)
        if weight is None and not token["named"] and words[k - 1 : k] and words[k - 1] in _AFTER_THESE:
            continue
        weight = LETTERS.get(token["letter"] or "", weight) if weight is None else weight
        side = {"l": "Left", "r": "Right"}.get(token["side"] or token["behind"] or "", "")
        side = side or _side(words, k, taken)
        every.append(Code("", int(token["number"]), side, weight, bool(token["letter"] or token["side"]), k, taken))
    if _names_units(words) or any(token["named"] for token in tokens):
        return every
    pairs = [pair for pair in pairwise(every) if words[pair[0].end : pair[1].place] == ["+"]]
    if pairs:
        return [each for each in every if any(each in pair for pair in pairs) or _is_off(words[: each.place])]
    marked = [each for each in every if each.marked]
    if len(marked) > 1 or (marked and len(words) <= 3):
        return marked
    return every if _is_only_units(tokens, len(every)) else []


def _side(words: Sequence[str], place: int, end: int) -> str:
    """The side that stands before or behind a code: "left AU12", "12 on the right"."""
    behind = [word for word in words[end : end + 6] if word not in word_set("( , both all on the his her")]
    before = [word for word in words[max(place - 3, 0) : place] if word not in _NAMES_UNITS and word != "#"]
    return next((word.capitalize() for word in (*before[-1:], *behind[:1]) if word in ("left", "right")), "")


def _is_only_units(tokens: Sequence[re.Match[str]], count: int) -> bool:
    """Whether a text is nothing but codes and what is said of them."""
    words = {token["word"] for token in tokens if token["word"]}
    known = _ONLY | _JOINS | _RESTS | {*LETTERS} | {word for some, _ in _STRENGTHS for word in some}
    numbers = sum(bool(token["number"] or token["amount"]) for token in tokens)
    return (count > 1 or (count == 1 and bool(words & _SAYS_HOW))) and numbers <= count + 2 and words <= known


def _groups(words: Sequence[str], codes: Sequence[Code]) -> list[list[Code]]:
    """Put together the units of one list: "1, 2 and 5"; a list has the side that stands behind it."""
    groups: list[list[Code]] = []
    for code in codes:
        if groups and all(word in _JOINS for word in words[groups[-1][-1].end : code.place]):
            groups[-1].append(code)
        else:
            groups.append([code])
    return [[replace(code, side=code.side or _side_of_all(words, group[-1])) for code in group] for group in groups]


def _side_of_all(words: Sequence[str], last: Code) -> str:
    """The side of a list that words behind it give to all of it: "on the right", ", left side"."""
    behind = words[last.end : last.end + 6]
    said = "on" in behind or {"side", "half", "only"} & {*behind}
    return last.side if said and last.side.lower() in behind else ""


def _is_off(before: Sequence[str]) -> bool:
    """Whether words put to rest what stands behind them: "no", "get rid of the", "switch off"."""
    passed = list(takewhile(lambda word: word in _BETWEEN, reversed(before)))
    word = before[-len(passed) - 1] if len(before) > len(passed) else ""
    return word in _RESTS or any(word in _RESTS_WITH.get(each, ()) for each in passed)


def _weights(words: Sequence[str], group: Sequence[Code]) -> list[float]:
    """Each code of a list its weight: its own, or what stands before or behind the list."""
    first, last = group[0], group[-1]
    before = list(takewhile(lambda word: word not in _STOPS, reversed(words[: first.place])))[7::-1]
    if _is_off(before):
        return [0.0] * len(group)
    after = list(takewhile(lambda word: word not in _STOPS and not word[-1:].isdigit(), words[last.end :]))[:9]
    if len(after) < 9 and words[last.end + len(after) :][:1] and words[last.end + len(after)][-1:].isdigit():
        after = list(takewhile(lambda word: word not in _NEXT, after))  # the rest belongs to the next code
    near = list(takewhile(lambda word: word not in _PARTS, reversed(before)))
    said = next((LETTERS[b] for a, b in pairwise([*near[::-1], *after]) if a in _SAYS_LETTER and b in LETTERS), None)
    said = _strength_of({*near, *after}) if said is None else said
    weights = [said if code.weight is None else code.weight for code in group]
    soon = list(takewhile(lambda word: word != ",", after))[:3]
    if last.weight is None and (_AT_REST & {*soon} or soon[:1] == ["no"]):
        every = bool({"both", "all", "each"} & {*soon})
        return [0.0 if every or code is last else weight for code, weight in zip(group, weights, strict=True)]
    return weights


def _strength_of(words: Iterable[str]) -> float:
    said = {*words}
    return next((weight for some, weight in _STRENGTHS if some & said), _PLAIN)
