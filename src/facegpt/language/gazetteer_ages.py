"""Years in words: "in his forties", "52", "elderly", "a little girl". The figures are those of LABELS.md."""

from __future__ import annotations

import re

from facegpt.language.numbers import find_numbers

_TENS = "twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_NUMBER_WORDS = rf"(?:{_TENS})(?:[\s-]?(?:{_ONES}))?|{_TEENS}|{_ONES}"
_N = rf"(?P<n>\d{{1,3}}|{_NUMBER_WORDS})(?![\w.,]*\d)(?!\s*-?(?:mm|cm|mil|cent|inch|per\s?cent|%|kilo|kg|pound|lb|feet|foot|pixel|px|times|x\b|degree|face|head|people|person|men\b|women\b|of (?:them|the)|or \d))"
_DECADES = ["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"]
_PART = {"early": (0, 3), "mid": (4, 6), "middle": (4, 6), "late": (7, 9), "": (0, 9)}
_ABOUT = r"(?P<about>about|around|roughly|circa|approx(?:imately)?|approx\.|~|maybe|perhaps|nearly|almost|give or take|some|like)?\s*"
_DECADE = re.compile(
    rf"(?P<part>early|mid|middle|late)?(?:\s+to\s+(?:mid|late))?[\s-]*(?:(?:in|of)\s+)?(?:(?:his|her|their|the)\s+)?"
    rf"(?P<second>early|mid|middle|late)?[\s-]*(?P<decade>[2-9]0'?s|teens|{'|'.join(_DECADES)})\b"
)
_RANGE = re.compile(
    r"(?<![\d.,])(?P<low>[1-9]\d?)\s*(?:-|–|to)\s*(?P<high>[1-9]\d)(?![\d.])(?!\s*-?(?:mm|cm|mil|%|per|inch|°))"
)
_STATED = (
    re.compile(_ABOUT + _N + r"(?:[\s-]*(?:years?|yrs?)[\s-]*(?:old\b|of\s+age)|[\s-]*(?:yo\b|y\.?o\.?\b|y/o|yrs\b|yr\b))(?!\s*(?:older|younger|dog|car|house|tree|boy's))"),
    re.compile(r"\b(?:aged?(?:\s+of)?:?|at\s+(?:the\s+)?(?:age\s+of\s+)?)\s*" + _ABOUT + _N),
    re.compile(r"\b(?:he|she|they|he's|she's|is|i'm|am|turned|turning|barely|just|only|already|was)\s+" + _ABOUT + _N + r"\s*(?=[.,;:!?)\n—–-]|$|and\b|but\b|with\b|going\b|at most)"),
    re.compile(r"\b(?:woman|man|girl|boy|lady|bloke|guy|fella|female|male|widow|person|lad|she|he|nurse|teacher)\s*(?:of|,|\(|about|around|circa|nearly|almost)\s*" + _ABOUT + _N),
    re.compile(r"(?:^|[,;:.(]\s*)(?P<about>about|around|roughly|circa|nearly|almost|maybe)?\s*(?P<n>[1-9]\d|" + _TENS + r")(?:[\s-]?(?:one|two|three|four|five|six|seven|eight|nine))?(?:[\s-]?(?:ish|odd))?\s*(?=[,;.:)]|$)"),
    re.compile(r"^\W*" + _ABOUT + r"(?P<n>[1-9]\d)\s*(?=[a-z])(?!mm|cm|%|px|years? (?:older|younger))"),
    re.compile(r"\b(?P<n>[1-9]\d)\s*(?:[mf]\b|/\s*[mf]\b)|\b[mf]\s*/?\s*,?\s*(?P<m>[1-9]\d)\b(?!\s*(?:mm|cm))"),
)  # fmt: skip
_WORDS: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"middle[\s-]?aged?|middle[\s-]years", (40, 60)),
    (r"grand(?:mother|father|ma|pa|dad|mum|mom|parent|ad|daddy)s?|gran|granny|grannie|nan|nana|nanna|gramps|grandpop|"
     r"abuel[ao]|babushka|oma|opa|nonn[ao]|bubbe", (55, 100)),
    (r"elderly|pensioner|oap|octogenarian|septuagenarian|geriatric|ancient|old[\s-]age|crone|wizened|decrepit", (60, 100)),
    (r"toddler", (1, 3)),
    (r"baby(?!\s*(?:face|cheeks|fat|blue|hair|-))|infant|newborn", (0, 2)),
    (r"teen(?:s|ager|agers|age|aged)?|adolescent", (13, 19)),
    (r"schoolgirl|schoolboy|school\s?kid|schoolchild", (6, 17)),
    (r"(?:little|small|wee|young)\s+(?:girl|boy|kid|lad|lass|child)", (4, 12)),
    (r"child|kid|kiddo", (4, 12)),
    (r"boy|lad(?:die)?", (4, 17)),
    (r"student|undergrad(?:uate)?", (18, 28)),
    (r"young(?:ish)?(?!er\b|\s+(?:for|looking|at\s+heart)|-looking)", (18, 32)),
    (r"(?<!years )(?<!year )(?<!years-)(?<!year-)(?<!yr )(?<!yrs )old(?:ish)?(?!er\b|\s*(?:-|\s)?(?:fashioned|school|looking|friend|photo|"
     r"picture|money|testament|english|film|movie|painting|story|song|face\b|for\b))", (60, 100)),
    (r"aged(?!\s*\d)|senior citizen", (60, 100)),
)  # fmt: skip
_NOT_CHILD = re.compile(
    r"\b(?:boys?|lads?|kids?|girls?|child(?:ren)?)(?:'s|ish)|\bold boy|\bhis boys|\bbig boy|\bboy band|\bkid(?:s|ding)\b|\bthe kids\b|children"
)
_OLD_BOY = re.compile(r"\bold(?:er)?\s+(?:lad|boy|girl|kid)")


def find_age(text: str) -> tuple[float, float, bool] | None:
    """Give (lowest, highest) years that the words state and whether they state them plainly; None where they do not.

    "old" or "boy" may speak of others or of things: those are not plain.
    """
    lower = text.replace("’", "'").lower()
    decade = _DECADE.search(lower)
    if decade:
        return (*_decade(decade), True)
    stated = _stated(lower)
    if stated:
        return (*stated, True)
    padded = _NOT_CHILD.sub(" ", lower)
    for pattern, years in _WORDS:
        if re.search(rf"(?<![\w-])(?:{pattern})(?![\w'])", padded):
            return float(years[0]), float(years[1]), False
    return None


def _decade(match: re.Match[str]) -> tuple[float, float]:
    part = match["part"] or match["second"] or ""
    if match["decade"] == "teens":
        return {"early": (13.0, 14.0), "late": (17.0, 19.0)}.get(part, (13.0, 19.0))
    word = match["decade"].rstrip("s").rstrip("'")
    start = float(word) if word.isdigit() else 20.0 + 10.0 * _DECADES.index(match["decade"])
    low, high = _PART[part]
    return start + low, start + high


def _stated(text: str) -> tuple[float, float] | None:
    span = _RANGE.search(text)
    if span and 3 < int(span["low"]) < int(span["high"]) < 100 and int(span["high"]) - int(span["low"]) <= 25:
        return float(span["low"]), float(span["high"])
    for pattern in _STATED:
        match = pattern.search(text)
        if match is None:
            continue
        groups = match.groupdict()
        written = groups.get("n") or groups.get("m") or ""
        years = float(written) if written.isdigit() else _words_value(match[0])
        if 1 <= years <= 105:
            about = 5.0 if groups.get("about") and years >= 20 else 0.0
            return years - about, years + about
    return None


def _words_value(text: str) -> float:
    found = find_numbers(text)
    return found[-1].value if found else 0.0
