"""What a sentence says of hair, beard, brows, irises and skin, by rule: colours, lengths and how much there is.

Every such word is taken with the part that it stands by: "brown skin, green eyes and black hair to her waist" has a
piece for each part, and a sheet ("HAIR: grey, cropped") lends its part to what follows. Words that deny are not for
these rules, but for language/reading/rules/denials.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from facegpt.language.patterns import regex
from facegpt.language.reading.looks_rules.hair_tables import (
    ALONE,
    BEARDS,
    BLOODS,
    BROWS,
    HAIR_COLOURS,
    HAIR_GREYS,
    HAIR_LENGTHS,
    IRISES,
    MOUSTACHES,
    SKINS,
)
from facegpt.language.reading.rules.word_lines import Row, alternatives, first

#: Part → words for it.
_NOUNS = {
    "hair": r"hair(?:s|ed)?|locks|tresses|curls|mane|mop|barnet|bob|braids?|plaits?|pigtails|bunches|ponytail|fringe|"
        r"bun|"
    r"quiff|dreadlocks|afro|pixie cut|crew ?cut|buzz ?cut|cut|crop|wig|lob|hairdo|balayage",
    "beard": r"beard(?:s|ed)?|whiskers|baird",
    "moustache": r"mou?stach(?:e|es|ed|io)|tash|tache|stache",
    "brow": r"eye ?brow(?:s|ed)?|brow(?:s|ed)",
    "iris": r"eye(?:s|d)|iris(?:es)?|irides|peepers",
    "skin": r"skin(?:ned)?|complexion(?:ed)?|colou?ring",
}  # fmt: skip
#: Words for hair that say something of it themselves.
_STYLES = ("bob", "crop", "lob", "crew cut", "buzz cut", "buzzcut", "crewcut", "pixie cut")
#: What ends the reach of a colour: other parts, and things that have colours of their own.
_OTHERS = alternatives("""
    nose lips? mouth chin jaws? jawed cheeks? cheeked ears? neck forehead face faced head teeth tooth lash(?:es)?
    eyelash(?:es)? lids? eyelids? nostrils? cheekbones? jowls? freckles? wrinkles? build body hat cap coat suit dress
    shirt glasses specs spectacles frames tie ribbon lipstick eyeliner makeup mascara circles? bags rings shadows?
    dots? spots? roots highlights veil scarf dye wine man woman lady guy girl boy male female person bloke scar patch
    liner age
""")
_PART = re.compile(
    "|".join(f"(?P<{part}>\\b(?:{nouns})\\b)" for part, nouns in _NOUNS.items()) + rf"|(?P<other>\b(?:{_OTHERS})\b)"
)
#: A length says where hair ends by naming another part: these are no parts of their own there.
_ENDS_AT = regex(r"""
    (?P<to>\b(?:to|at|until|till|with|reach\w*|touch\w*|brush\w*|graz\w*|of|over|round|around|along|about) (?:the |his |
    her )?)(?P<end>chin|jaw|ears?|neck)\b|\b(?P<long>chin|jaw|ear|neck)(?= length)|
    (?:(?<=length )|(?<=length: ))(?P<sheet>chin|jaw|ear)\b
""")
_BREAK = re.compile(
    r"[.;!?\n()\[\]]|,|\s[-–—]+\s|—|\bbut\b|\bthough\b|\byet\b|\bwhile\b|\bwhereas\b|"
    r"\b(?:and|with|plus|beneath|above|under|wearing)\b(?=(?P<next>[^.;,!?\n]{0,40}))"
)
#: Words beside which a colour or length is not plainly meant of this head.
_UNSURE = regex(r"""
    \b(?:not|no|never|without|nor|neither|nothing|than|too(?! (?:the|her|his) )|if|whether|unsure|unknown|forget|or|
    instead|less|more|used|was once|match(?:es|ing)?|like (?:his|her|my|mine)|same|depends|any|whatever|what|which|isnt|
    aint|pretend|avoid|minus|free of|leave|off|hardly|optional|lavish|had to|sans|lacking|goes|go|false|fake|anything|
    except|space|room)\b|\?|/10
""")
#: Hair that is not on the scalp.
_ELSEWHERE = regex(r"""
    \b(?:facial|nose|chest|body|nasal|ear|arm|leg|cat|dog|horse|pubic) @|
    @ (?:\w+ )?(?:on|in|under|from|out of|up) (?:the |his |her |my |either )?(?:chin|face|chest|arms?|upper|top|lip|
    nose|ears?|brows?|legs?|soup|back of|knuckles|hands?)
""")
_UNSURE_BROW = re.compile(r"\bridge|\b(?:not|no|than|too|heavy|strong|or|never|leaves|avoid|except|but|if|hardly)\b|\d")
_NONE = re.compile(r"@\W+(?:none|n|no|off|nil|absent|shaved|0)\W*$|\b(?:none|shav\w+)\b|\bgone\W*$")
_WAS = re.compile(r"\b(?:once|used to|formerly|had been)\b.*?(?=\b(?:was|is|now|are)\b|$)")
_SHEET = re.compile(r"^\s*(?:the |his |her |my )?(?:@)\s*(?:colou?r|length|style|type)?\s*[:=]|^\s*@ ")


def find_hair(text: str) -> dict[str, float]:
    """Find what a plain text (`normalised`) says of hair, beard, brows, irises and skin."""
    found: dict[str, float] = dict(_standing_alone(text))
    clash: set[str] = set()
    for part, words in pieces(text):
        for name, degree in _said_of(part, words):
            if found.setdefault(name, degree) * degree < 0:
                clash.add(name)
    if "beard" in clash:  # "clean-shaven with a big beard"
        clash.add("moustache")
    return {name: degree for name, degree in found.items() if name not in clash}


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into pieces about one part each: (part, words), with "@" where the part is named."""
    text = re.sub(r"\s[|/]\s|\s[|/]|[|]", " ; ", re.sub(r"[{}*_•]", " ", text.replace('"', "")))
    text = re.sub(r"[ \t]+", " ", text)
    last, leads = "", False
    for sentence_end, clause in _clauses(_ENDS_AT.sub(_hidden, text)):
        named = list(_PART.finditer(clause))
        if not named:
            if last and leads and len(clause.split()) <= 4:
                yield last, "@ " + _shown(clause)
            elif len(clause.split()) > 4:
                last = ""
        for k, match in enumerate(named):
            part = match.lastgroup or "other"
            start, end = _reach(clause, named, k)
            style = f" {match.group()}" if match.group() in _STYLES else ""
            words = f"{clause[start : match.start()]}@{style}{clause[match.end() : end]}"
            last, leads = part, bool(_SHEET.search(words))
            yield part, _shown(" ".join(words.split()))
        if sentence_end:
            last = ""


def _hidden(match: re.Match[str]) -> str:
    """Spell a part that says where hair ends so that it is no part."""
    word = match["end"] or match["long"] or match["sheet"]
    return (match["to"] or "") + "\N{DEGREE SIGN}" + "\N{DEGREE SIGN}".join(word)


def _shown(words: str) -> str:
    return words.replace("\N{DEGREE SIGN}", "")


def _clauses(text: str) -> Iterator[tuple[bool, str]]:
    """Cut at commas, stops and at "and" or "with" before another part; tells whether a sentence ends there."""
    start = 0
    for match in _BREAK.finditer(text):
        joined = match.group() in ("and", "with", "plus", "beneath", "above", "under", "wearing")
        if joined and not _PART.search(match["next"] or ""):
            continue
        if text[start : match.start()].strip():
            yield match.group() in ".;!?\n", text[start : match.start()]
        start = match.end()
    if text[start:].strip():
        yield True, text[start:]


def _reach(clause: str, named: list[re.Match[str]], k: int) -> tuple[int, int]:
    """Where the words about the k-th part of a clause begin and end.

    What stands between two parts belongs to the later one ("black hair blue eyes"), unless parts come first
    ("hair black eyes blue") or a small word begins something else ("black hair over the left eye").
    """
    first = not re.search(
        r"[a-z]{3}", re.sub(r"\b(?:the|his|her|has|have|having|with|and)\b", "", clause[: named[0].start()])
    )
    start = named[k - 1].end() if k else 0
    end = named[k + 1].start() if k + 1 < len(named) else len(clause)
    if k and first and not re.match(r"\s*of\b", clause[start:]):
        start = named[k].start()
    if k + 1 < len(named):
        between = clause[named[k].end() : end]
        cut = re.search(r"\b(?:the|his|her|a|an|and|two|of)\b", between)
        if not first:
            end = named[k].end() + (cut.start() if cut else 0)
    return start, end


def _said_of(part: str, words: str) -> Iterator[tuple[str, float]]:
    """Look up what a piece says of its part."""
    words = _WAS.sub(" ", words)
    if part in ("beard", "moustache") and _NONE.search(words):
        yield part, -1.0
        return
    if part == "brow":
        found = dict(first(BROWS, words))
        if found and (min(found.values()) <= -2.0 or not _UNSURE_BROW.search(words)):
            yield from found.items()
        return
    if _UNSURE.search(words) or len(words) > 160:
        if part == "hair" and re.search(r"^@(?: \w+)?\W+(?:no more|none)\W*$", words):
            yield "hair_length", -2.0
        return
    if part == "hair" and not _ELSEWHERE.search(words):
        yield from _hair(words)
    elif part == "beard":
        yield from _beard("beard", BEARDS, words)
    elif part == "moustache":
        yield from _beard("moustache", MOUSTACHES, words)
    elif part == "iris" and not re.search(
        r"\b(?:black eye\b|under|below|round the|around)\b|\bdark (?:and|under|around)\b", words
    ):
        yield from first(IRISES, words)
    elif part == "skin":
        yield from first(SKINS, words)
        yield from first(BLOODS, words)


def _hair(words: str) -> Iterator[tuple[str, float]]:
    colour, grey = dict(first(HAIR_COLOURS, words)), dict(first(HAIR_GREYS, words))
    if colour.get("hair_lightness", 0.0) >= 1.5:
        grey = {}  # platinum is a colour
    if colour and grey.get("hair_greyness", 0.0) == 1.0:
        grey = {"hair_greyness": 0.5}
    yield from (colour | grey).items()
    yield from first(HAIR_LENGTHS, words)


def _beard(name: str, rows: tuple[Row, ...], words: str) -> Iterator[tuple[str, float]]:
    found = dict(first(rows, words))
    yield name, found.get(name, 1.0)
    if name == "beard":
        grey = dict(first(HAIR_GREYS, words))
        yield from grey.items()
        yield from () if grey else ((n, d) for n, d in first(HAIR_COLOURS, words) if n == "hair_redness")


# Words that need no part beside them

_BALD = regex(r"""
    \b(?:completely |totally |quite |egg |stone )?bald\b(?!(?: \w+)? (?:patch|spot|eagle|facts?|lie|tyre|at the|except|
    bar|on one))|\b(?:shaved|shaven|shorn) (?:head|scalp|skull|nut)\b|
    \b(?:head|scalp|skull)(?: is| was)?,? (?:(?:completely|clean) )?(?:shaved|shaven|shorn)\b|
    \bnot (?:one|a|a single) (?:single )?hair (?:left )?(?:on (?:his|her|the) head|up top|on top)|
    \brazor\b[^.;]{0,20}\bscalp|\bscalp\b[^.;]{0,20}\brazor
""")


def _standing_alone(text: str) -> Iterator[tuple[str, float]]:
    for pattern, says in ALONE:
        match = pattern.search(text)
        before = text[max(0, match.start() - 24) : match.start()] if match else ""
        if match and not re.search(
            r"\b(?:not|no|never|without|nor|lose|remove|less|hates?|than|isnt|hardly)\b[^.;,]*$", before
        ):
            yield from says.items()
    bald = _BALD.search(text)
    if bald and not re.search(
        r"\b(?:not|never|nor|going|half|almost|nearly|if|or|without|look)\b[^.;,]*$", text[: bald.start()][-24:]
    ):
        yield "hair_length", -2.0
