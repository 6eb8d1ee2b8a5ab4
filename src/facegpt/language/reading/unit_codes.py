"""Movements by their codes: action units ("AU6+12 at C", "1, 4 and 15, all weak") and blendshapes ("jawOpen 0.8").

Numbers count as action units where the text says so ("AU", "unit", "FACS"), where they are joined by a plus, carry a
letter of intensity or a side, or where a text is nothing but such numbers and words of strength.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import with_units
from facegpt.language.head_request import HeadRequest
from facegpt.language.numbers import COUNTS
from facegpt.language.patterns import has_word, regex, word_set
from facegpt.language.reading.normalise import fold_case

#: FACS action unit → blendshapes ("*": both sides), as LABELS.md has them.
ACTION_UNITS: dict[int, tuple[str, ...]] = {
    1: ("browInnerUp",), 2: ("browOuterUp*",), 4: ("browDown*",), 5: ("eyeWide*",), 6: ("cheekSquint*",),
    7: ("eyeSquint*",), 9: ("noseSneer*",), 10: ("mouthUpperUp*",), 12: ("mouthSmile*",), 14: ("mouthDimple*",),
    15: ("mouthFrown*",), 16: ("mouthLowerDown*",), 17: ("mouthShrugLower",), 18: ("mouthPucker",),
    20: ("mouthStretch*",), 22: ("mouthFunnel",), 24: ("mouthPress*",), 26: ("jawOpen",), 27: ("jawOpen",),
    28: ("mouthRollLower", "mouthRollUpper"), 34: ("cheekPuff",), 43: ("eyeBlink*",), 45: ("eyeBlink*",),
}  # fmt: skip
#: Units that show in no blendshape of their own, or in another's: known, so that a list with them is one.
_OTHERS = frozenset({3, 8, 11, 13, 19, 21, 23, 25, 29, 30, 31, 32, 33, 35, 36, 37, 38, 39, 41, 42, 44, 46})
LETTERS = {"a": 0.2, "b": 0.4, "c": 0.6, "d": 0.8, "e": 1.0}
_NUMBERS = {word: int(value) for word, value in COUNTS.items() if value <= 40}
_NUMBERS |= {
    f"{tens} {one}": _NUMBERS[tens] + _NUMBERS[one]
    for tens in ("twenty", "thirty", "forty")
    for one in list(COUNTS)[:9]
}
_MEANT = r"(?:\bau'?s?|\ba\. ?u\.?s?|\baction units?|\bunits?|\bfacs)"
_TRIGGER = re.compile(rf"{_MEANT}(?![a-z])|\bau(?=\d)|\bau_")
_SPELT = re.compile(
    rf"((?:{_MEANT}|\bnumbers?|,|\band|\+|&|/)\s*#?)\s*\b({'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b"
    r"(?! (?:side|eye|eyes|brow|corner|only|thing|more|of|face|head|wom[ae]n|m[ae]n|girl|boy|person))"
)
#: A number with its side ("l12", "r14a", "12l") and letter ("12c").
_MENTION = regex(r"""
    (?<![\d.a-z])(?<!\b0,)(?:au[\s_-]?)?#?(?P<side>[lr])?(?P<number>\d{1,2})(?P<letter>[a-e])?(?P<behind>[lr])?(?![\w])
    (?!\.\d|\s*(?:mm|millim|cm|%|per ?cent|years?|yrs?|y/?o\b|year|months?|degrees?|px|pixels?|times|
    people))(?:\s*(?:[:=,(]|at|to|of|is)*\s*(?P<amount>0?\.\d+|\d{1,3}\s?%|
    \d(?=\s*(?:/|out of)\s*(?:5|10)\b))(?:\s*(?:/|out of)\s*(?P<scale>5|10))?|
    \s*(?:[:=(]|at|to)\s*(?P<whole>[01](?:\.0+)?)(?![\d.]))?
""")
_AFTER_A_NUMBER_OF = re.compile(r"\b(?:age[ds]?|aged about|is|turn(?:s|ed|ing)|by|seed|at|to|of|around|about|x)\s*$")
_PLUS = re.compile(r"(?<![\d.])(?:au ?)?[lr]?\d{1,2}[a-e]?(?:\s*\+\s*(?:au ?)?[lr]?\d{1,2}[a-e]?)+(?!\d|\.\d)")
#: The words of a text that is nothing but units: joins, strengths, sides.
_ONLY = word_set("""
    and or with without plus both all each every at max maximum minimum full fully on off no not only zero none
    out to in up down intensity level strength letter weak weakly slight slightly strong strongly light lightly
    faint faintly hard moderate left right side the a bit of it them is are stay stays staying can must add give
    me make show drop lose remove keep leave kill delete scrap set please just but then now very again combined
    together code codes coded coding
""")
#: One of these beside a single code tells that it is one.
_SAYS_HOW = word_set("off out zero intensity level")
_JOINS = re.compile(
    r"(?:[\s,+&/;–-]|\band\b|\bor\b|\bwith\b|\bplus\b|\baus?\b|\bunits?\b|\baction\b|\bnumbers?\b|\bthe\b|#)*"
)
_AND = r"\b(?:and|with|plus|without|no)\b"
_OFF_BEFORE = regex(r"""
    \b(?:no|not|without|lose|drop|remove|minus|kill|delete|cut|ditch|scrap|zero|mute|disable|strip|reset|erase|
    deactivate|switch off|turn off|take (?:out|away|off)|get rid of|clear|absent|
    never)(?: (?:any|an?|the|that|his|her|all|of|out))*\s*(?:au|action unit|unit|number)?\s*#?$
""")
_OFF_AFTER = re.compile(
    r"^[^,;.]{0,14}\b(?:off|none|zero|gone|absent|nil|(?:not|never) (?:present|there|active|on|at all|used|visible|"
    r"moving|firing)|(?:can|must|has to|should) go|goes|removed|to rest)\b|^\s*(?:no|out|[:=] ?0)\b"
)
_LETTER_FOR_ALL = re.compile(
    r"\b(?:intensity|level|grade|strength|letter|at|all|both)(?: at)? ?(?P<letter>[a-e])\b(?! \w)"
)


_SIDE_AFTER = re.compile(r"[\s,(]*(?:both |all )?(?:on )?(?:the )?(left|right)\b")
#: A side behind a list that is said of all of it.
_SIDE_OF_ALL = re.compile(
    r"[\s,(]*(?:(?:both |all )?on (?:the |his |her )?(left|right)|(left|right) (?:side|half|only))\b"
)


#: A blendshape by name with its amount and what stands behind it.
_NAME = re.compile(
    rf"\b(?P<name>{'|'.join(n.lower() for n in ARKIT_NAMES)})\b[\s:=,(]*(?:at |to |of )?"
    r"(?P<amount>0?\.\d+|1(?:\.0+)?(?!\d)|\d{1,3} ?%)?(?P<after>[^.;,+\n]{0,16})"
)
_OFF = re.compile(r"\b(?:off|none|zero|out|gone|absent|not|no|without|never)\b|^\s*0\b")
_NO_BEFORE = re.compile(r"\b(?:no|without|not|lose|drop|remove|minus|kill|cut|zero|mute)\s*(?:any |the |that )?$")
#: Adverbs beside a code → its weight where it has no figure: the first that is found counts.
_STRENGTHS = (
    (r"barely|hardly|scarcely|trace of|hint of|faintest", 0.3),
    (r"fully?|max(?:imum)?|extreme(?:ly)?|complete(?:ly)?|utter(?:ly)?|as far as \w+|all the way|hundred", 1.0),
    (r"medium|moderate(?:ly)?|half", 0.5),
    (r"slight(?:ly)?|a (?:little |tiny )?(?:bit|little|touch|tad)|faint(?:ly)?|weak(?:ly)?|light(?:ly)?|minimal", 0.35),
    (r"very|strong(?:ly)?|hard|intense(?:ly)?|deep(?:ly)?|high", 0.85),
)
_PLAIN = 0.7


@dataclass(frozen=True)
class Mention:
    """A unit in a text: its number, side ("Left", "Right" or ""), weight 0..1 where it has its own, and place."""

    number: int
    side: str
    weight: float | None
    start: int
    end: int


def with_codes(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the movements that a text names by their codes: these are exact."""
    return with_units(request, found) if (found := find_codes(text)) else request


def find_codes(text: str) -> dict[str, float]:
    """The weights 0..1 of the blendshapes that a text names by code, 0 for those that it puts to rest."""
    plain = fold_case(text)
    found = find_action_units(plain)
    for match in _NAME.finditer(plain):
        name = next(n for n in ARKIT_NAMES if n.lower() == match["name"])
        before = plain[max(match.start() - 12, 0) : match.start()]
        if match["amount"]:
            found[name] = min(float(match["amount"].rstrip(" %")) / (100.0 if "%" in match["amount"] else 1.0), 1.0)
        else:
            off = _OFF.search(match["after"]) or _NO_BEFORE.search(before)
            found[name] = 0.0 if off else _strength_of(f"{before} {match['after']}")
    return found


def _strength_of(words: str) -> float:
    found = (weight for adverb, weight in _STRENGTHS if re.search(rf"(?<![a-z])(?:{adverb})(?![a-z])", words))
    return next(found, _PLAIN)


def find_action_units(text: str) -> dict[str, float]:
    """The weights 0..1 of the blendshapes whose action units a plain text names by number, 0 for those off."""
    text = _digits(text)
    found: dict[str, float] = {}
    still: dict[str, float] = {}
    for group in _groups(text, _mentions(text)):
        for mention, weight in _weighed(text, group):
            for name in ACTION_UNITS.get(mention.number, ()):
                for side in (mention.side,) if mention.side else ("Left", "Right"):
                    found[name.replace("*", side)] = weight
                if mention.side and "*" in name:  # a unit of one side: the other rests
                    still[name.replace("*", "Right" if mention.side == "Left" else "Left")] = 0.0
    return still | found


def _digits(text: str) -> str:
    """Write the numbers of units in digits: "au forty five"."""
    if not _TRIGGER.search(text):
        return text
    for _ in range(8):  # each stands behind the one before it
        text = _SPELT.sub(lambda m: f"{m[1]} {_NUMBERS[m[2]]}", text)
    return text


def _mentions(text: str) -> list[Mention]:
    every = [m for m in _MENTION.finditer(text) if int(m["number"]) in ACTION_UNITS or int(m["number"]) in _OTHERS]
    if not _TRIGGER.search(text):
        plus = [m.span() for m in _PLUS.finditer(text)]
        joined = [m for m in every if any(a <= m.start() and m.start("number") < b for a, b in plus)]
        lettered = [m for m in every if m["letter"] or m["side"]]
        if joined:
            every = joined + [m for m in every if m not in joined and _OFF_BEFORE.search(text[: m.start()])]
        elif len(lettered) > 1 or (lettered and len(text.split()) <= 3):
            every = lettered
        elif not _is_only_units(text, len(every)):
            return []
        every.sort(key=lambda m: m.start())
    return [_mention(m, text) for m in every if m["amount"] or not _counts_something(m, text)]


def _counts_something(match: re.Match[str], text: str) -> bool:
    """Whether a number is an age, an amount or a setting: "aged 20", "at 20"."""
    prefixed = "au" in match.group()
    return not prefixed and bool(_AFTER_A_NUMBER_OF.search(text[: match.start()]))


def _is_only_units(text: str, count: int) -> bool:
    words = re.findall(r"[a-z']+", text)
    numbers = re.findall(r"\d+", text)
    enough = count > 1 or (count == 1 and has_word(text, _SAYS_HOW))
    return (
        enough and len(numbers) <= count + 2 and all(w in _ONLY or w in LETTERS for w in words) and "." not in text[:1]
    )


def _mention(match: re.Match[str], text: str) -> Mention:
    weight = LETTERS.get(match["letter"] or "")
    if match["amount"]:
        amount = float(match["amount"].rstrip(" %"))
        weight = amount / (100.0 if "%" in match["amount"] else float(match["scale"] or 1))
    elif match["whole"]:
        weight = float(match["whole"])
    side = {"l": "Left", "r": "Right"}.get(match["side"] or match["behind"] or "", "")
    before = re.search(r"\b(left|right) (?:au|action unit|unit|#)* ?$", text[: match.start()])
    after = _SIDE_AFTER.match(text[match.end() :])
    word = (before or after or {1: ""})[1]
    weight = None if weight is None else min(weight, 1.0)
    return Mention(int(match["number"]), side or word.capitalize(), weight, match.start(), match.end())


def _groups(text: str, mentions: list[Mention]) -> list[list[Mention]]:
    """Put together the units of one list: "1, 2 and 5"."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups and _JOINS.fullmatch(text[groups[-1][-1].end : mention.start]):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return [_on_one_side(text, group) for group in groups]


def _on_one_side(text: str, group: list[Mention]) -> list[Mention]:
    """A whole list the side that stands behind it: "9+10 on the right"."""
    said = _SIDE_OF_ALL.match(text[group[-1].end :])
    side = (said[1] or said[2]).capitalize() if said else ""
    return [replace(mention, side=mention.side or side) for mention in group]


def _weighed(text: str, group: list[Mention]) -> list[tuple[Mention, float]]:
    """Each unit of a list its weight: its own, or what stands before or behind the list."""
    first, last = group[0], group[-1]
    before = re.split(r"[.;\n]", text[max(first.start - 40, 0) : first.start])[-1]
    tail = text[last.end : last.end + 48]
    cut = re.search(r"[.;\n]|\bbut\b|\d", tail)
    after = tail[: cut.start()] if cut else tail
    if cut and cut.group().isdigit():  # the last words belong to the unit behind: "10 and a bit of 26"
        after = re.split(rf"[,(]|{_AND}(?!.*{_AND})", after)[0]
    near = re.split(r"[,+]|\band\b", before)[-1]
    if _OFF_BEFORE.search(before):
        return [(mention, 0.0) for mention in group]
    letter = _LETTER_FOR_ALL.search(after) or _LETTER_FOR_ALL.search(near)
    said = _strength_of(f"{near} {after}") if letter is None else LETTERS[letter["letter"]]
    weights = [(m, said if m.weight is None else m.weight) for m in group]
    if _OFF_AFTER.search(after) and last.weight is None:
        every = len(group) == 1 or has_word(after, ("both", "all", "each"))
        return [(m, 0.0 if every or m is last else weight) for m, weight in weights]
    return weights
