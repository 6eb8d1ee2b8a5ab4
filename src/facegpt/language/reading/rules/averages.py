"""What is said to be average: "a medium nose", "lips: normal", "an average build", "a straight nose"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from facegpt.language.patterns import joined, regex
from facegpt.language.reading.rules.denied_traits import Denied
from facegpt.language.reading.rules.dimensions import LESS, attribute_of, comparative_base
from facegpt.language.reading.rules.phrases import parts_in

_AVERAGE = joined(r"""
    (?<!than )(?<!above )(?<!below )(?<!not )(?<!not an )(?<!not a )(?<!your )(?<!the )(?<!usual )(?:average|medium|
    normal|ordinary|regular|standard|typical|unremarkable|middling|moderate|nothing special|neither here nor there|
    nondescript|run of the mill|mid(?= (?:nose|ears?|eyes|lips|mouth)\b)|
    (?:of )?(?:the )?usual(?= (?:size|width|length|height|breadth|thickness|fullness|sort)))
""")
#: The same behind a part only.
_AS_USUAL = joined(rf"""
    (?:{_AVERAGE}|(?:bang|right|dead|spot|smack) on (?:the )?(?:average|mean|normal)|
    (?:equal to|at|on|near|close to) the (?:mean|average|norm|middle|midpoint)\b|
    within (?:the )?(?:norm|normal (?:limits|range)|average range|limits)|
    nothing (?:to (?:report|write home about|remark on|note)|remarkable|unusual|out of the ordinary|much to say)|
    par for the course|so so(?! [a-z])|(?:like|such as|what|as|that|(?:much |about )?the same as) (?:every ?body|
    any ?body|every ?one|any ?one|most people|other people)(?: else)?(?: has| have| is)?|
    (?:5|five) ?(?:/|out of) ?(?:10|ten)|(?:the )?50th(?: percentile)?|in the middle|
    the size (?:of )?(?:that )?(?:any ?body|every ?body|most people|other people|you(?: would)? expect)|mid\b(?! \d))
""")
_DIMENSION = r"(?:sized?|width|length|height|breadth|thickness|fullness|prominence|distance|spacing|looking)"
_FILLERS = joined(r"""
    (?:is|are|was|were|of|an?|about|pretty|quite|fairly|otherwise|just|totally|perfectly|completely|more or less|only|
    really|for sure|looks?|its|in (?:size|width|length|height)|stays?|kept|at|on|\?|for (?:size|width|length)|:|=|-)
""")
#: Part → attribute by dimension; "" is what an average part as such means.
_MEANT: dict[str, dict[str, tuple[str, ...]]] = {
    "nose": {"": ("nose_size",), "width": ("nose_width",), "length": ("nose_length",)},
    "eye": {
        "": ("eye_size",),
        "width": ("eye_width",),
        "height": ("eye_height",),
        "length": ("eye_width",),
        "distance": ("eye_spacing",),
    },
    "bridge": {"": ("nose_bridge_height",), "width": ("nose_bridge_width",)},
    "nostril": {"": ("nostril_size",)},
    "philtrum": {"": ("philtrum_length",)},
    "mouth": {"": ("mouth_width",)},
    "lip": {"": ("upper_lip_fullness", "lower_lip_fullness")},
    "upperlip": {"": ("upper_lip_fullness",)},
    "lowerlip": {"": ("lower_lip_fullness",)},
    "ear": {"": ("ear_size",)},
    "chin": {"": ("chin_height",), "width": ("chin_width",)},
    "jaw": {"": ("jaw_width",)},
    "forehead": {"": ("forehead_height",), "width": ("forehead_width",)},
    "face": {"width": ("face_width",), "length": ("face_length",), "size": ("face_width", "face_length")},
    "head": {"": ("head_size",)},
    "neck": {"": ("neck_width",), "length": ("neck_length",)},
    "brow": {"": ("brow_thickness",), "height": ("brow_height",)},
    "cheek": {"": ("cheek_fullness",)},
    "cheekbone": {"": ("cheekbone_prominence",)},
    "skin": {"": ("skin_lightness",)},
}
_SAME_DIMENSION = {"breadth": "width", "sized": "size", "spacing": "distance", "thickness": "", "fullness": "",
                   "prominence": "", "looking": ""}  # fmt: skip
_PART = r"(?P<part>(?:(?:upper |lower |top |bottom )?[a-z]+(?: and | & ))?(?:upper |lower |top |bottom )?[a-z]+)"
_BEFORE = re.compile(rf"\b{_AVERAGE}[ -]?(?:(?P<dimension>{_DIMENSION}) )?(?:of (?:the |his |her )?)?{_PART}\b")
_BEHIND = regex(rf"""
    \b{_PART}(?: (?P<own>{_DIMENSION}))?(?:,? (?:though|however|that|
    on the other hand),?)?\s*(?:{_FILLERS}\s*)*(?<![a-z]){_AS_USUAL}(?: in)?(?:[ -](?P<dimension>{_DIMENSION}))?(?
    ![a-z])(?! [a-z]+[ a-z]* than)
""")
_IS_FIRST = re.compile(
    rf"(?:^|[.;:,!?\n]\s*){_AS_USUAL} (?:is|are|was|were|for|,)? ?(?:that |the |his |her |"
    rf"its )?{_PART}(?=\s*(?:[.,;!\n]|$|but|and))"
)
_COURSE = re.compile(
    rf"\b(?:par for the course|nothing (?:special|remarkable|unusual|striking|noteworthy|"
    rf"out of the ordinary))(?: about)?,? (?:the |that |his |her ){_PART}\b"
)
_HOW = re.compile(rf"\bhow (?P<word>[a-z]+) (?:it|they|he|she) (?:is|are)\b[^.;!?\n]{{0,24}}?{_AVERAGE}")
_SO_SO = re.compile(
    rf"(?:(?:so so|{_AVERAGE}|middling|not much either way) in|(?:with|of|but|"
    rf"having) {_AVERAGE}) (?P<noun>{_DIMENSION})\b"
)
_NEITHER_ER = regex(r"""
    \b(?:no|not|neither) (?P<one>[a-z]+er)(?: (?:together|apart|out))? ?(?:,? (?:and|or|nor)(?: no| not)?|, no|
    , nor) (?P<other>[a-z]+er)(?: apart| together)? than\b
""")
_AS_ANYBODY = regex(r"""
    \b(?:just |about |exactly )*as (?P<word>[a-z]+) as (?:any ?body|any ?one|every ?body|every ?one|most|other people|
    yours|mine|usual|normal|the next|an? (?:[a-z]+ )(?:usually|normally|commonly|should|ought)|they (?:usually )?come|
    average)\b
""")
_BUILD = re.compile(
    rf"\b(?:{_AVERAGE}|middle|usual) (?:build|weight|figure|fatness|stature and weight)\b|"
    rf"\b(?:build|weight|figure)(?: (?:is|was))?:? ?(?:just |perfectly |pretty |quite )*{_AVERAGE}"
)
_STRAIGHT = regex(r"""
    \bstraight,? (?!back|up|down|off|out|ahead|to|from|hair|brow|eyebrow|mouth|line|teeth|lip|
    fringe)(?:\w+,? ){0,2}nose\b|\bbridge (?:is |was |runs |running )?(?:as )?straight as\b|
    \b(?:nose|bridge)\b(?: (?:is|was|that is|dead|really|rly|so|a|pretty|perfectly|quite|very|long|high|and|
    in profile))*:?,? straight\b(?! (?:up|out|down|off|at|into))|\bstraight (?:of nose|dorsum|bridge)|
    \b(?:grecian|greek) (?:nose|profile)
""")


#: Words beside which a straight nose is one that does not lean to a side.
_NOT_BENT = re.compile(
    r"\b(?:crook\w*|broke\w*|lean(?:s|ing)|no lean|bent|from the front|"
    r"(?<!bridge )(?<!bridge as )(?<!bridge is )(?<!bridge runs )straight (?:up|as)|even face)\b"
)


def find_averages(text: str) -> Iterator[Denied]:
    """Find what a plain text (`normalised`) says to be average: denials of both sides."""
    for match in (*_BEFORE.finditer(text), *_BEHIND.finditer(text), *_IS_FIRST.finditer(text), *_COURSE.finditer(text)):
        groups = match.groupdict()
        noun = groups.get("dimension") or groups.get("own") or ""
        for name in _meant(match["part"], noun):
            yield Denied(name, 0, 0.0, match.start(), match.end())
    yield from _of_part_before(text)
    for match in _BUILD.finditer(text):
        yield Denied("heaviness", 0, 0.0, match.start(), match.end())
    for match in _STRAIGHT.finditer("" if _NOT_BENT.search(text) else text):
        yield Denied("nose_bridge_convexity", 0, 0.0, match.start(), match.start())


def _meant(words: str, noun: str) -> Iterator[str]:
    """The attributes of the parts in some words: of their dimension, or of the part as such."""
    noun = _SAME_DIMENSION.get(noun, noun)
    for _, part in parts_in(words):
        meant = _MEANT.get(part, {})
        yield from meant.get(noun, meant.get("", ()))


def _of_part_before(text: str) -> Iterator[Denied]:
    """Read averages whose part was named before: "no wider and no narrower than yours", "as wide as anybody's"."""
    for pattern in (_NEITHER_ER, _AS_ANYBODY, _HOW, _SO_SO):
        for match in pattern.finditer(text):
            before = re.split(r"[.;!?\n]", text[: match.start()])[-1]
            parts = parts_in(before)
            if not parts or re.search(r"\b(?:not|twice|half|again|three times|never)\s*$", before):
                continue
            groups = match.groupdict()
            if groups.get("other") and not _opposed(groups["one"], groups["other"]):
                continue
            if "apart" in match.group() and parts[-1][1] == "eye":
                names: tuple[str, ...] = ("eye_spacing",)
            elif groups.get("noun"):
                names = tuple(_meant(parts[-1][1], groups["noun"] or ""))
            else:
                names = (attribute_of(parts[-1][1], groups.get("word") or groups.get("one") or "")[0],)
            for name in names:
                if name:
                    yield Denied(name, 0, 0.0, match.start(), match.end())


def _opposed(one: str, other: str) -> bool:
    """Whether one of two comparatives is of size and the other of its lack: "wider nor narrower"."""
    little = [comparative_base(word) in LESS or comparative_base(word) == "close" for word in (one, other)]
    return little[0] != little[1]
