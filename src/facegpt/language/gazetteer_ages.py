"""Years in words: "in his forties", "52", "elderly", "a little girl". The figures are those of LABELS.md."""

from __future__ import annotations

import re

from facegpt.language.numbers import find_numbers

_TENS = "twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
#: What follows a number that counts something else.
_OTHER_UNITS = (
    r"mm|cm|mil|cent|inch|per\s?cent|%|kilo|kg|pound|lb|feet|foot|pixel|px|times|x\b|degree|face|head|people|person|"
    r"men\b|women\b|of (?:them|the)|or \d"
)
_N = (
    rf"(?P<n>\d{{1,3}}|(?:{_TENS})(?:[\s-]?(?:{_ONES}))?|{_TEENS}|{_ONES})(?![\w.,]*\d)"
    rf"(?!\s*-?(?:{_OTHER_UNITS}))"
)
_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_PART = {"early": (0, 3), "mid": (4, 6), "middle": (4, 6), "late": (7, 9), "": (0, 9)}
_ABOUT = (
    r"(?P<about>about|around|roughly|circa|approx(?:imately)?|approx\.|~|maybe|perhaps|nearly|almost|give or take|"
    r"some|like)?\s*"
)
_DECADE = re.compile(
    rf"(?P<part>early|mid|middle|late)?(?:\s+to\s+(?:mid|late))?[\s-]*(?:(?:in|of)\s+)?(?:(?:his|her|their|the)\s+)?"
    rf"(?P<second>early|mid|middle|late)?[\s-]*(?P<decade>[2-9]0'?s|teens|{'|'.join(_DECADES)})\b"
)
_RANGE = re.compile(
    r"(?<![\d.,])(?P<low>[1-9]\d?)\s*(?:-|–|to)\s*(?P<high>[1-9]\d)(?![\d.])(?!\s*-?(?:mm|cm|mil|%|per|inch|°))"
)
_WHO = "woman|man|girl|boy|lady|bloke|guy|fella|female|male|widow|person|lad|she|he|nurse|teacher"
_STATED = (
    re.compile(  # "fifty years old", "52 yo"
        rf"{_ABOUT}{_N}(?:[\s-]*(?:years?|yrs?)[\s-]*(?:old\b|of\s+age)|[\s-]*(?:yo\b|y\.?o\.?\b|y/o|yrs\b|yr\b))"
        r"(?!\s*(?:older|younger|dog|car|house|tree|boy's))"
    ),
    re.compile(rf"\b(?:aged?(?:\s+(?:of|to|is|was|=))?:?|at\s+(?:the\s+)?(?:age\s+of\s+)?)\s*{_ABOUT}{_N}"),
    re.compile(  # "she is 52"
        rf"\b(?:he|she|they|he's|she's|hes|shes|is|i'm|am|turned|turning|barely|just|only|already|was)\s+{_ABOUT}{_N}"
        r"\s*(?=[.,;:!?)\n—–-]|$|and\b|but\b|with\b|going\b|at most)"
    ),
    re.compile(rf"\b(?:{_WHO})\s*(?:of|,|\(|about|around|circa|nearly|almost)\s*{_ABOUT}{_N}"),
    re.compile(  # ", 52,"
        rf"(?:^|[,;:.(]\s*)(?P<about>about|around|roughly|circa|nearly|almost|maybe)?\s*(?P<n>[1-9]\d|{_TENS})"
        rf"(?:[\s-]?(?:{_ONES}))?(?:[\s-]?(?:ish|odd))?\s*(?=[,;.:)]|$)"
    ),
    re.compile(rf"^\W*{_ABOUT}(?P<n>[1-9]\d)\s*(?=[a-z])(?!mm|cm|%|px|years? (?:older|younger))"),
    re.compile(r"\b(?P<n>[1-9]\d)\s*(?:[mf]\b|/\s*[mf]\b)|\b[mf]\s*/?\s*,?\s*(?P<m>[1-9]\d)\b(?!\s*(?:mm|cm))"),
)
_GRANDPARENTS = (
    r"grand(?:mother|father|ma|pa|dad|mum|mom|parent|ad|daddy)s?|gran|granny|grannie|nan|nana|nanna|gramps|grandpop|"
    r"abuel[ao]|babushka|oma|opa|nonn[ao]|bubbe"
)
_NOT_YEARS_OLD = r"(?<!years )(?<!year )(?<!years-)(?<!year-)(?<!yr )(?<!yrs )"
_OLD_THINGS = (
    r"fashioned|school|looking|friend|photo|picture|money|testament|english|film|movie|painting|story|song|face\b|for\b"
)
_GRADES = (("first", 6), ("second", 7), ("third", 8), ("fourth", 9), ("fifth", 10), ("sixth", 11), ("seventh", 12))
_LEFT_TEENS = re.compile(r"\b(?:barely|just|hardly|scarcely|newly) out of (?:his|her|their) teens\b")
_WORDS: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"middle[\s-]?aged?|middle[\s-]years", (40, 60)),
    (_GRANDPARENTS, (55, 100)),
    (r"elderly|pensioner|oap|octogenarian|septuagenarian|geriatric|ancient|old[\s-]age|crone|wizened", (60, 100)),
    (r"decrepit", (60, 100)),
    (r"pre-?school(?:er|boy|girl)?|nursery school", (3, 5)),
    (r"kindergart[\w]*", (5, 6)),
    *((rf"{word}[\s-]grader", (years, years + 1)) for word, years in _GRADES),
    (r"(?:elementary|primary) school\w*", (6, 11)),
    (r"tween(?:ager|ie)?|pre-?teen\w*", (10, 12)),
    (r"high[\s-]school freshman", (14, 15)),
    (r"high[\s-]school(?:er|s)?|sixth[\s-]former", (14, 18)),
    (r"(?:college |uni(?:versity)? )?(?:freshman|fresher)", (18, 19)),
    (r"(?:college )?sophomore", (19, 20)),
    (r"toddler", (1, 3)),
    (r"baby(?!\s*(?:face|cheeks|fat|blue|hair|-))|infant|newborn", (0, 2)),
    (r"teen(?:s|ager|agers|age|aged)?|adolescent", (13, 19)),
    (r"schoolgirl|schoolboy|school\s?kid|schoolchild", (6, 17)),
    (r"(?:little|small|wee|young)\s+(?:girl|boy|kid|lad|lass|child)", (4, 12)),
    (r"child|kid|kiddo", (4, 12)),
    (r"boy|lad(?:die)?", (4, 17)),
    (r"student|undergrad(?:uate)?", (18, 28)),
    (r"young(?:ish)?(?!er\b|\s+(?:for|looking|at\s+heart)|-looking)", (18, 32)),
    (rf"{_NOT_YEARS_OLD}old(?:ish)?(?!er\b|\s*(?:-|\s)?(?:{_OLD_THINGS}))", (60, 100)),
    (r"aged(?!\s*\d)|senior citizen", (60, 100)),
)
#: Entries of _WORDS that are hardly ever said of anything but the face asked for.
_PLAIN_WORDS = re.compile(
    r"pre|kinder|\w+[\s-]grader|primary|elementary|high|tween|soph|college|middle|elderly|teen|octo|septua|pensioner|geriatric|little|wee|small"
)
_NOT_CHILD = re.compile(
    r"\b(?:boys?|lads?|kids?|girls?|child(?:ren)?)(?:'s|ish)|\bold boy|\bhis boys|\bbig boy|\bboy band|"
    r"\bkid(?:s|ding)\b|\bthe kids\b|children"
)


def find_age(text: str) -> tuple[float, float, bool] | None:
    """Give (lowest, highest) years that the words state and whether they state them plainly; None where they do not.

    "old" or "boy" may speak of others or of things: those are not plain.
    """
    lower = text.replace("’", "'").lower()
    if _LEFT_TEENS.search(lower):
        return 19.0, 22.0, True
    decade = _DECADE.search(lower)
    if decade:
        return (*_decade(decade), True)
    stated = _stated(lower)
    if stated:
        return (*stated, True)
    padded = _NOT_CHILD.sub(" ", lower)
    for pattern, years in _WORDS:
        match = re.search(rf"(?<![\w-])(?:{pattern})(?![\w'])", padded)
        if match:
            return float(years[0]), float(years[1]), bool(_PLAIN_WORDS.match(match[0]))
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
