"""Years in words: "in his forties", "52", "sixty if a day", "elderly", "year 4". The figures are those of LABELS.md.

Every number of a text is looked at with what stands before and behind it: units and things that are counted rule an age
out, "turned", "pushing" or "-odd" speak for one. Then words that go with an age are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from facegpt.language.patterns import regex
from facegpt.language.reading.age_words import GRANDPARENTS, INFANTS, NOT_CHILD, PLAIN_WORDS, WORDS
from facegpt.language.reading.normalise import fold_case

_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_VALUE = {word: k + 1 for k, word in enumerate((*_ONES, *_TEENS))} | {w: 20 + 10 * k for k, w in enumerate(_TENS)}
_VALUE |= {"fourty": 40, "hundred": 100}
_ONE, _TEN = "|".join(_ONES), "|".join((*_TENS, "fourty"))
_WORDED = rf"(?:{_TEN})(?:[\s-]?(?:{_ONE})(?![a-z]))?|{'|'.join(_TEENS)}|{_ONE}|(?:a )?hundred"
_NUMBER = re.compile(
    rf"(?<![\w.,£$€#'-])(?:(?P<unit>{_ONE})[\s-]and[\s-](?P<ten>{_TEN})|(?P<digits>\d{{1,3}})|(?P<word>{_WORDED}))"
    r"(?![\d]|[.,:/]\d|(?!ish|odd|something|some|[fm]\b)[a-x])"
)
_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_PART = {"early": (0, 3), "mid": (4, 6), "middle": (4, 6), "late": (7, 9), "": (0, 9)}
_DECADE = regex(rf"""
    (?P<part>early|mid|middle|late)?(?:\s+to\s+(?:mid|late))?[\s-]*(?:(?:in|of)\s+)?(?:(?:his|her|their|
    the)\s+)?(?P<second>early|mid|middle|late)?[\s-]*(?<![\d'])(?P<decade>[2-9]0'?s|
    teens|{"|".join(_DECADES)})\b(?! (?:brow|hair|style|look|film|movie|fashion|music|rock|pop|perm))
""")
_RANGE = re.compile(
    r"(?<![\d.,])(?P<low>[1-9]\d?)\s*(?:-|–|to)\s*(?P<high>[1-9]\d)(?![\d.])(?!\s*-?(?:mm|cm|mil|%|per|inch|°))"
)
_WORD_RANGE = re.compile(
    rf"(?<!\w)(?:between |from )?(?P<low>\d\d|{_WORDED})(?:\s*(?:-|–|to|or|going on(?: for)?)\s*|(?<=[a-z\d])\s+and\s+)"
    rf"(?P<high>\d\d|{_WORDED})(?![\w.:%]|[\s-]*(?:mm|cm|mil|per|inch|years? (?:older|younger)))"
)
_SMALL_RANGE = regex(r"""
    \b(?:girls?|boys?|child|children|kids?|aged?|ages?|years?|lad|lass)\W{0,4}(?P<low>[1-9])\s*(?:-|–|to|
    or)\s*(?P<high>[2-9])\b(?!\s*(?:mm|cm|%))
""")
_MONTHS = re.compile(
    rf"(?<![\w.])(?P<count>\d{{1,2}}|{_WORDED})[\s-]*(?:months?|mo)(?:[\s-]+old\b|(?=\s*(?:[,.;)]|$)))"
)
_BORN = re.compile(r"\bborn (?:in |ca?\.? ?)?(?P<year>19\d\d|20[01]\d)\b")
#: The year in which those born in another are that many years old.
_NOW = 2026

#: What rules out an age: things counted behind a number, and what stands before numbers of another kind.
_COUNTED = regex(r"""
    [^\S\n]*-?(?:mm\b|cm\b|mil|cent|inch|per\s?cent|%|kilo|kg|pound|lb|feet|foot|ft|pixel|px|times|x\b|degree|°|st\b|
    nd\b|rd\b|th\b|hundred|thousand|million|point|o'clock|[ap]\.?m\b|of (?:them|the|us|\d|those|these|ten\b)|or \d|
    out of|hours?|minutes?|weeks?|days?(?! old)|months?|grade|sisters?|men\b|women\b|people|children|heads?\b|faces?\b|
    chins?\b|more\b|other|more|less\b|eyes?\b|ears?\b|teeth|hairs?\b|by \d|bit\b|shades?)|
    [\s-]+(?:years?|yrs?)[\s-]+(?:older|younger|ago|later|since|before|in\b|on\b|off\b|together|earlier|back\b|away|off|
    more (?!or)|less|from|of (?!age))|[\s-]+(?:years? )?(?:older|younger)
""")
_OTHER_KIND = regex(r"""
    (?:\b(?:number|no|nr|page|room|chapter|size|level|year|class|grade|route|bus|gate|bmi|au|stage|item|act|scene|type|
    phase|since|until|till|for|after|every|last|next|lose|loses|lost|add|adds|knock|shave|take|another|these|those|all|
    each|into|version|part|step|question|plus|times|minus|half|point|top|at half|and a)\.?|[£$€#+*×]|
    (?<!age)(?<!age\ )=)\s*$
""")
#: What speaks for one: behind the number, before it, and how the number then ends.
_YEARS = re.compile(r"[\s-]*(?:years?|yrs?|yo\b|y\.o|y/o)(?:[\s-]*(?:old\b|of age))?")
_KEY = re.compile(r"\bage\s*[:=]\s*$")
_WINTERS = regex(r"""
    \s+(?:winters|summers|springs|harvests?|come \w+|in (?:january|february|march|april|may|june|july|august|september|
    october|november|december))\b(?! (?:out|outside|in|at|on|under|of (?:work|sun))\b)
""")
#: Years that pass and are no age: before a bare "years" and behind it.
_SPENT = regex(r"""
    \b(?:after|for|in|by|through|from|over|since|these|those|its|waited|served|gone|been|
    (?:neighbour|friend|colleague|lodger|husband|wife|partner|rival|time) (?:of|in))\s+(?:the |those |a )?(?:first |
    whole )?$|\bthey said $
""")
_PASSED = re.compile(
    r",? and not?\b|\s+(?:i|he|she|we|they|you|it|a|an|at|gone|waiting|of (?:marriage|service|work))\b"
)
_AND_A_BIT = re.compile(r"\s+and (?:a (?:half|quarter|bit)|three quarters)\b")
_NAMED_AT_START = re.compile(r"\W*(?!ok|okay|page|number|no\b|yes|au)[a-z'-]{2,15}(?: [a-z'-]{2,15})?, $")
_BIRTHDAY = regex(rf"""
    \b(?:(?P<nth>\d{{1,3}})(?:st|nd|rd|th)|(?:(?P<ten>{_TEN})[\s-])?(?P<word>first|second|third|fifth|ninth|twelfth|
    (?:{"|".join((*_ONES, *_TEENS))})th|eighth|(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ieth|
    hundredth)) birthday
""")
_REALLY = regex(rf"""
    \b(?:but|though|and|yet|is in fact|in fact|actually|really|register said|must be)\W+(?:s?he|they)?(?:'s| is|
    s| must be|)\W*(?:really |actually |in fact )?(?P<years>\d\d|{_WORDED})(?![\w.:%]|
    [\s-]*(?:mm|cm|per|years? (?:older|younger)))
""")
_LOOKS_LIKE = re.compile(
    rf"\b(?:looks?|passes for|seems|could be)\W+(?:like |about |around |to be |only )*(?:\d\d|{_WORDED})\b"
)
#: Action units by number are no years.
_ACTION_UNITS = re.compile(r"\baus?\b|\bau ?\d|\bfacs\b|\baction units?\b|\d ?(?:\+|plus) ?\d")
#: People who only speak of the face or want it, and schools that somebody was at.
_THEIRS = (
    rf"(?:own |little |youngest |eldest )?(?:(?:\d{{1,2}}|{_WORDED})[ -]?(?:yo|yr|y/o|year[ -]old)s?|kids?|"
    r"child(?:ren)?|sons?|daughters?|toddlers?|grandsons?|granddaughters?|little one|teens?)"
)
_OTHERS = regex(rf"""
    \b(?:says|said|insists|according to|thinks|reckons|asks|for|scares) (?:my|our|the) {_THEIRS}\b|
    \b(?:my|our) {_THEIRS}(?: \w+)? (?:says|said|insists|wants|thinks|is (?:home|sick|asking)|asked|asks|keeps|drew|
    made|loves|likes|complain\w*|calls|would|needs|reckons)\b|
    \b(?:since|in|at|(?:mates?|friends?|know\w*|knew|teacher) from|behind \w+ in) (?:primary|elementary|high|middle|
    nursery) school\b(?! (?:boy|girl|kid|student))|\bold (?:lady|man|woman|couple) (?:next door|down the|across the|
    upstairs)
""")
_VAGUE = re.compile(
    r"[\s-]*(?:ish\b|or (?:so|thereabouts?)\b|maybe\b|perhaps\b|give or take\b|i(?:'d)? (?:say|guess|think|reckon)\b)"
)
_UPWARDS = regex(r"""
    [\s-]*(?:something\b|some?thing\b|some\b(?! \w)|odd\b|plus\b|\+|if (?:a|s?he|they)\b|easily\b|
    and (?:a bit|something)\b|and over\b|or over\b|at least\b)
""")
_LEADS = regex(r"""
    (?:\b(?:aged?|age of|age is|age running|age is running|running|age|ages|around|about|aboot|bout|abt|roon|nearly|
    almost|hardly|barely|scarcely|some|roughly|circa|approx|approximately|turned|turning|just|only|already|be|is|was|
    are|were|am|s?he's|they're|s?hes|i'm|im|look|looks|looking|like|of|has|have|with|reads|legal|say|been|said|from|at|
    to|up to|playing|plays|gone|over the age of|maybe|perhaps|probably)|[~:(|=]|\bapprox\.|\bc\.|\bca\.)[\s:]*$
""")
_NEARLY = re.compile(
    r"\b(?:pushing|nearing|approaching|knocking on|getting on for|going on(?: for)?|near|close to|not quite)\s+"
    r"(?:a\s+)?$"
)
_PAST = re.compile(r"\b(?:past|over|(?:wrong|other|far) side of|at least|upwards? of|older than|above)\s+$")
_UNDER = re.compile(
    r"\b(?:under|(?:right|sunny|good) side of|not exceeding|at most|up to|below|younger than|short of|more than)\s+$"
)
_ENDS = regex(r"""
    \s*(?:$|[.,;:!?)\]/|\n—–…]|-(?!\w)|(?:and|but|with|who|or|now|instead|that|today|going|in|when|yet|by|male|female|
    m\b|f\b|man|woman|boy|girl|bald|old|would|at|to me|though|round|tall|fat|thin|whose|having|on|lol|tops|max|pls|
    please|from|face)\b)
""")
#: Words that lead to an age of any size; the others of _LEADS to one of thirteen or more.
_LEADS_TO_ANY = regex(r"""
    (?:\b(?:aged?|age of|age is|ages|around|about|aboot|bout|abt|nearly|almost|barely|turned|turning|just|only|already|
    is|was|am|s?he's|s?hes|i'm|im|who's|whos|looks?|looking|be|been|playing|plays|maybe|perhaps|probably|
    (?:daughter|son|girl|boy|child|kid|lad|lass|chap|lady|self|sister|brother|nephew|niece|cousin|thing|fellow|tot|
    toddler|infant|baby|bairn|wean|youngster|little one|scamp|pupil|bairn|pikin|creature)(?: of| at|,| who is| wi)?)|
    [(=]|\bage:)[\s:]*$
""")
_OPENS = re.compile(r"(?:^|[,;:(|/\n.!?–—-])\s*$")
_CLOSES = re.compile(r"\s*(?:$|[,;:.()|/\n!?–—]|[-]\s)")
_SIDE_OF_SEX = re.compile(r"\s*/?\s*[mf]\b")
_ABOUT_BEFORE = re.compile(
    r"\b(?:about|around|aboot|bout|abt|roughly|circa|approx\w*\.?|maybe|perhaps|some|like|nearly|almost)\s*$|~\s*$"
)

_LEFT_TEENS = re.compile(r"\b(?:barely|just|hardly|scarcely|newly) out of (?:his|her|their) teens\b")
_SCHOOL_YEAR = re.compile(
    r"\b(?:year|yr|class|grade) (?P<n>1[0-3]|[1-9])\b(?! ?(?:of|in|mm|cm))|"
    r"\b(?P<nth>1[0-2]|[1-9])(?:st|nd|rd|th)[\s-]grade"
)
_HAS_ONE = re.compile(r"\b(?:ha(?:s|ve|d|ving)|with|of|hold\w*|the|her|his|for|expect\w*|want\w*|like) (?:\w+ )?$")
_UNDERS = re.compile(r"\bunder[\s-](?P<n>1[0-9]|[6-9])(?:'?s)\b")


@dataclass(frozen=True)
class _Years:
    """An age that a number gives: years from low to high, and whether it can hardly mean anything else."""

    low: float
    high: float
    plain: bool


def find_age(text: str) -> tuple[float, float, bool] | None:
    """(lowest, highest) years that the words state and whether they state them plainly; None where they do not.

    "old" or "boy" may speak of others or of things: those are not plain.
    """
    lower = _OTHERS.sub(" ", fold_case(text))
    if _LEFT_TEENS.search(lower):
        return 19.0, 22.0, True
    decade = _DECADE.search(lower)
    if decade and not re.search(r"\b(?:since|from|of) the\s+$|\b(?:1[89])$", lower[: decade.start("decade")]):
        return (*_decade(decade), True)
    found = _by_number(lower) or _at_school(lower)
    if found and found.plain:
        return found.low, found.high, True
    padded = NOT_CHILD.sub(" ", lower)
    for pattern, years in WORDS:
        match = re.search(rf"(?<![\w-])(?:{pattern})(?![\w'])", padded)
        if match and not (found and re.match(r"old|aged|young|boy|kid|child|lad", match[0])):
            return float(years[0]), float(years[1]), bool(PLAIN_WORDS.match(match[0])) or _is_asked_for(match, padded)
    return (found.low, found.high, False) if found else None


def _is_asked_for(match: re.Match[str], text: str) -> bool:
    """Whether a word of age is the person asked for: "an old man with ...", "somebody's nan", in a few words."""
    before, behind = text[: match.start()], text[match.end() :]
    if re.match(
        r"(?:'s|s')?\s+(?:man|woman|lady|gent\w*|dude|guy|fella|bloke|chap|person|geezer)\b(?!'s| (?:\w+ )?(?:who|"
        r"next))",
        behind,
    ):
        return match[0].startswith(("old", "auld", "aged")) and bool(
            re.search(
                r"(?:^|\b(?:an?|one|of|me|this|some|make|need|want|draw|show|[a-z]+ly|happy|sad))\W*(?:(?!the |her |"
                r"his |my |that |an? )\w+,? )?$",
                before,
            )
        )
    alone = len(text.split()) <= 4 and not behind.strip().startswith("'s")
    infant = re.fullmatch(INFANTS, match[0]) and not _HAS_ONE.search(before)
    return alone and bool(infant or re.fullmatch(GRANDPARENTS, match[0]))


def _decade(match: re.Match[str]) -> tuple[float, float]:
    part = match["part"] or match["second"] or ""
    if match["decade"] == "teens":
        return {"early": (13.0, 14.0), "late": (17.0, 19.0)}.get(part, (13.0, 19.0))
    word = match["decade"].rstrip("s").rstrip("'")
    start = float(word) if word.isdigit() else 20.0 + 10.0 * _DECADES.index(match["decade"])
    low, high = _PART[part]
    return start + low, start + high


def _by_number(text: str) -> _Years | None:
    """The first age that a number says plainly, else the first that one may say."""
    units = bool(_ACTION_UNITS.search(text))
    really = _REALLY.search(text) if _LOOKS_LIKE.search(text) else None
    if really:
        return _Years(_value(really["years"]), _value(really["years"]), True)
    span = None if units else _RANGE.search(text) or _WORD_RANGE.search(text)
    if span:
        low, high = _value(span["low"]), _value(span["high"])
        behind = text[span.end() :]
        if 3 < low < high <= 100 and high - low <= 25 and not _COUNTED.match(behind):
            return _Years(low, high, True)
    small = _SMALL_RANGE.search(text)
    if small:
        return _Years(float(small["low"]), float(small["high"]), True)
    months = _MONTHS.search(text)
    if months and not _OTHER_KIND.search(text[: months.start()]):
        years = _value(months["count"]) / 12
        return _Years(float(int(years)), float(int(years) + 1), True)
    born = _BORN.search(text)
    if born:
        return _Years(_NOW - float(born["year"]) - 1, _NOW - float(born["year"]), True)
    birthday = _BIRTHDAY.search(text)
    if birthday:
        years = _ordinal(birthday)
        return _Years(years - 1, years, True) if years >= 2 else None
    found = [] if units else list(_numbers(text))
    return next((years for years in found if years.plain), found[0] if found else None)


def _ordinal(match: re.Match[str]) -> float:
    """The value of "40th", "thirtieth", "thirty-first"."""
    if match["nth"]:
        return float(match["nth"])
    word = match["word"]
    ones = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12, "hundredth": 100}
    value = ones.get(word) or _VALUE.get(word.removesuffix("th")) or _VALUE.get(word.removesuffix("ieth") + "y", 0)
    return float(value + _VALUE.get(match["ten"] or "", 0))


def _numbers(text: str) -> Iterator[_Years]:
    for match in _NUMBER.finditer(text):
        before, behind = text[max(0, match.start() - 30) : match.start()], text[match.end() :]
        years = _of_match(match)
        if not 1 <= years <= 105 or _COUNTED.match(behind) or _OTHER_KIND.search(before):
            continue
        if years < 13 and match["digits"] and _NAMED_AT_START.fullmatch(text[: match.start()]) and behind[:1] == ",":
            yield _Years(years, years, True)
            continue
        found = _stated(years, before, behind, digits=bool(match["digits"]))
        if found:
            yield found


def _of_match(match: re.Match[str]) -> float:
    if match["unit"]:
        return float(_VALUE[match["unit"]] + _VALUE[match["ten"]])
    return _value(match["digits"] or match["word"])


def _value(words: str) -> float:
    """The value of "40", "forty", "forty-five" or "a hundred"."""
    if words.isdigit():
        return float(words)
    parts = re.findall(rf"{_TEN}|{'|'.join(_TEENS)}|{_ONE}|hundred", words)
    return float(sum(_VALUE[part] for part in parts))


def _stated(years: float, before: str, behind: str, digits: bool) -> _Years | None:
    """Judge a number by what stands around it."""
    slack = 3.0 if years >= 20 and (_ABOUT_BEFORE.search(before) or _VAGUE.match(behind)) else 0.0
    around = _Years(years - slack, years + slack, True)
    if re.match(r"[\s-]*(?:years?|yrs?)\b(?![\s-]*(?:old|of age|young))", behind) and (
        _SPENT.search(before) or _PASSED.match(_YEARS.sub("", behind, count=1))
    ):
        return None
    if years <= 17 and _AND_A_BIT.match(behind) and (_LEADS_TO_ANY.search(before) or re.search(r"\bof $", before)):
        return _Years(years, years + 1, True)
    ends = bool(_ENDS.match(behind)) or bool(_VAGUE.match(behind))
    if _NEARLY.search(before) and years >= 20:
        return _Years(years - 3, years, True)
    if _PAST.search(before) and ends and years >= 18:
        return _Years(years, years + 8, True)
    if _UNDER.search(before) and ends and years >= 10:
        return _Years(years - 6, years, True)
    if _UPWARDS.match(behind) and years >= 13:
        return _Years(years, years + (9 if years % 10 == 0 else 4), True)
    if (
        _YEARS.match(behind)
        or _KEY.search(before)
        or (_WINTERS.match(behind) and not _SPENT.search(before))
        or (_SIDE_OF_SEX.match(behind) and digits and years >= 13)
    ):
        return around
    if _VAGUE.match(behind) and (years >= 13 or _LEADS_TO_ANY.search(before)):
        return around
    if _is_led_to(years, before, ends) or _stands_alone(years, before, behind, ends, digits):
        return around
    return _Years(years, years, False) if ends and years >= 13 and not digits else None


def _is_led_to(years: float, before: str, ends: bool) -> bool:
    """Whether the words before a number lead to an age."""
    if years >= 13 and (re.search(r"\bat $", before) or (_LEADS.search(before) and ends)):
        return True
    return bool(_LEADS_TO_ANY.search(before)) and ends and years >= 2


def _stands_alone(years: float, before: str, behind: str, ends: bool, digits: bool) -> bool:
    """Whether a number stands as ages do in a list: "PIP (7)", "f 52", ", 33,"."""
    if re.search(r"\($", before.rstrip(" ")) and re.match(r"\s*[,;)]", behind):
        return True
    if re.search(r"\b[mf]\s*[/,]?\s*$", before) and digits and years >= 13:
        return True
    if not _OPENS.search(before):
        return False
    return (years >= 13 and bool(_CLOSES.match(behind))) or (years >= 18 and ends)


def _at_school(text: str) -> _Years | None:
    """Read "Year 4", "8th grade", "class 10" and "under-13s"."""
    match = _SCHOOL_YEAR.search(text)
    if match:
        first = 5 if match["nth"] or match[0].startswith("grade") else 4
        number = int(match["n"] or match["nth"])
        return _Years(float(number + first), float(number + first + 1), True)
    match = _UNDERS.search(text)
    return _Years(int(match["n"]) - 2.0, int(match["n"]) - 1.0, True) if match else None
