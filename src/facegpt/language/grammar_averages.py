"""What is said to be average: "a medium nose", "lips: normal", "an average build", "a straight nose"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from facegpt.language.grammar_denials import Denied
from facegpt.language.grammar_phrases import parts_in

_AVERAGE = (
    r"(?<!than )(?<!above )(?<!below )(?<!not )(?<!the )(?<!usual )"
    r"(?:average|medium|normal|ordinary|regular|standard|typical|unremarkable|middling|moderate|nothing special|"
    r"neither here nor there|nondescript|run of the mill)"
)
_DIMENSION = r"(?:sized?|width|length|height|breadth|thickness|looking)"
_FILLERS = (
    r"(?:is|are|was|were|of|an?|about|pretty|quite|fairly|otherwise|just|totally|perfectly|completely|more or less|"
    r":|=|-)"
)
#: Part → attribute by dimension; "" is what an average part as such means.
_MEANT: dict[str, dict[str, tuple[str, ...]]] = {
    "nose": {"": ("nose_size",), "width": ("nose_width",), "length": ("nose_length",)},
    "eye": {"": ("eye_size",), "width": ("eye_width",), "height": ("eye_height",)},
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
_PART = r"(?P<part>(?:upper |lower |top |bottom )?[a-z]+)"
_BEFORE = re.compile(rf"\b{_AVERAGE}[ -]?(?P<dimension>{_DIMENSION})? {_PART}\b")
_BEHIND = re.compile(
    rf"\b{_PART}\s*(?:{_FILLERS}\s*)*\b{_AVERAGE}(?: in)?(?:[ -](?P<dimension>{_DIMENSION}))?\b(?! [a-z]+[ a-z]* than)"
)
_BUILD = re.compile(rf"\b{_AVERAGE} (?:build|weight|figure)\b|\bbuild: {_AVERAGE}")
_STRAIGHT = re.compile(
    r"\bstraight,? (?:\w+,? ){0,2}nose\b|\b(?:nose|bridge)\b(?: (?:is|was|that is|dead|perfectly|quite|very|long|"
    r"high|and|in profile))*:?,? straight\b(?! (?:up|out|down|off|at|into))|\bstraight (?:of nose|dorsum|bridge)|"
    r"\b(?:grecian|greek) (?:nose|profile)"
)


#: Words beside which a straight nose is one that does not lean to a side.
_NOT_BENT = re.compile(r"\b(?:crook\w*|broke\w*|lean|bent|from the front|straight (?:up|as)|even face)\b")


def find_averages(text: str) -> Iterator[Denied]:
    """Find what a plain text (grammar_phrases.plain) says to be average: denials of both sides."""
    for match in (*_BEFORE.finditer(text), *_BEHIND.finditer(text)):
        parts = parts_in(match["part"])
        meant = _MEANT.get(parts[-1][1], {}) if parts else {}
        for name in meant.get(match["dimension"] or "", meant.get("", ())):
            yield Denied(name, 0, 0.0, match.start(), match.end())
    for match in _BUILD.finditer(text):
        yield Denied("heaviness", 0, 0.0, match.start(), match.end())
    for match in _STRAIGHT.finditer("" if _NOT_BENT.search(text) else text):
        yield Denied("nose_bridge_convexity", 0, 0.0, match.start(), match.start())
