"""Movements whose size and way words say exactly: the way of a look, how far a mouth opens; colours of eyes, ages, sex.

Where these words stand, they decide alone: a look to one side is no look to the other, a slight opening no wide one.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.expression_rules.strength import PLAIN, strength_of
from facegpt.language.targets import ATTRIBUTES

_WAY = r"(?P<way>up|upwards?|down|downwards?|left|right|sideways)"
_LOOKS = regex_any_case(rf"""
    \b(?:look|gaz|glanc|star|peer|peek|squint)(?:s|e|es|ed|ing)?\b(?! (?:like|up to|down on|right|alright|
    all right|\w+er\b))(?:\s+(?:slightly|a bit|a little|far|straight|
    more|to|the|his|her|their|its|own|over|towards|off|back))*\s+{_WAY}\b(?! (?:to \w+ (?:mum|dad|hero)|set|turned))|
    \b(?:eyes?|gaze|pupils?|glance)\s+(?:(?:are|is|turned|to|the|his|her|their|cast|lowered|raised|looking|rolled|
    directed|fixed|go|goes|pointing)\s+)*{_WAY.replace("way", "way2")}\b
    (?!\s*-?(?:turned|slanted|tilted|set|at the))
""")
_MOUTH_OPENS = regex_any_case(r"""
    \b(?:open|opens|opened|opening|part|parts|parted|agape|ajar)\b[^.;,]*\b(?:mouth|jaw|lips)\b|\b(?:mouth|jaw)\b[^.;,]*\b(?:open|opens|opened|agape|ajar)\b|
    ^\W*(?:a (?:bit|little) )?(?:wider|more|further) open\b|^\W*open (?:it )?(?:wider|more|further|a (?:bit|little))\b
""")
_WIDER = regex_any_case(r"\b(?:wider|more|further|bigger)\b")
_SHUT = regex_any_case(r"\b(?:closed?|shut|not open|less open|no open|eyes?)\b")
_NEW_SEX = regex_any_case(r"""
    \b(?:in ?to|become|becomes|as|now|make (?:her|him|it|them|this(?: one)?|that(?: one)?|the \w+(?: one)?)|
    should be|version:?|change (?:to|into)|sex:?|gender:?)\s+
    (?:(?:an?|the|be|being|look|looks|like)\s+){0,3}(?:(?:old|young|grown|adult|little)\s+)?(?P<sex>m[ae]n|wom[ae]n|boy|girl|male|female|lady|guy|bloke|gentleman)\b(?!'s)|
    \b(?P<sex2>male|female) (?:version|form|counterpart)\b
""")
_PLACE = regex_any_case(r"""
    \b(?P<part>mouth|lips)\b[^.;,]*?(?P<mm>\d+(?:\.\d+)?)\s?(?P<unit>mm|millimet\w+|cm|
    centimet\w+)\s+(?P<way>lower|higher|down|up|further down|further up)\b|
    \b(?P<verb>lower|raise|move|shift|drop|lift)\s+(?:the|his|her)?\s*(?P<part2>mouth|lips)\b[^.;,]*?(?P<mm2>\d+(?:\.\d+)?)\s?(?P<unit2>mm|millimet\w+|cm|centimet\w+)(?:\s+(?P<way2>lower|higher|down|up))?
""")
_LOOK_UNITS = [name for name in ARKIT_NAMES if name.startswith("eyeLook")]


#: Colours of irises, in the degrees of LABELS.md.
_IRISES = {
    "black": -2.0, "dark brown": -1.5, "brown": -1.0, "chestnut": -1.0, "dark": -1.0, "amber": 0.0, "hazel": 0.5,
    "green": 0.5, "emerald": 0.5,
    "dark blue": 0.9, "blue": 1.0, "sapphire": 1.0, "grey": 1.2, "gray": 1.2, "light blue": 1.5, "pale blue": 1.5,
    "ice-blue": 1.5, "icy blue": 1.5,
}  # fmt: skip
_COLOUR_OF_EYES = regex_any_case(rf"""
    \b(?P<before>{"|".join(sorted(_IRISES, key=len, reverse=True))})[- ](?:eyes?|eyed|iris(?:es)?)\b|
    \b(?:eyes?|iris(?:es)?|eye colou?r)(?:\s+(?:are|is|be|should|to|into|be|now|very|a|of|turn|turned|look|
    coloured|colored|in|colou?r)|:|,)*\s+(?P<after>{"|".join(sorted(_IRISES, key=len, reverse=True))})\b
    (?!\s*(?:hair|skin|brow|beard|lip|make|bag|ring|circle))
""")
_SKIN = regex_any_case(r"\b(?:skin|complexion|pale|fair|dark|tan\w*|black|white|brown|freckle\w*)\b")
_NEW_AGE = regex_any_case(r"""
    \b(?:make|turn|age|set) (?:him|her|it|them|the (?:man|woman|girl|boy))(?: look| be| to| into| like| about| around|
    \ roughly|\ exactly)*
    (?: a| an)? (?P<years>[1-9]\d)(?![\d.])(?! ?(?:mm|cm|%|percent|millimet|centimet|degrees|
    times))(?! ?years? (?:young|old(?:er)))
""")
_NO_COLOUR = regex_any_case(r"\b(?:no|not|n't|never|rather than|instead of|neither|nor)\b[^.,;]{0,20}$")


def settle_places(request: HeadRequest, text: str) -> HeadRequest:
    """Let exact words for movements and places decide."""
    request = _gaze(request, text)
    request = _irises(request, text)
    request = _opening(request, text)
    request = _place_of_mouth(request, text)
    return _years(_sex_of_head(request, text), text) if request.is_edit else request


def changes_sex(text: str) -> bool:
    """Whether an edit asks for another sex, and does not only name whom it changes."""
    return bool(_NEW_SEX.search(text))


def _set(request: HeadRequest, weights: dict[str, float]) -> HeadRequest:
    expression, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    for name, weight in weights.items():
        expression[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    return replace(request, expression=expression, expression_named=named)


def _gaze(request: HeadRequest, text: str) -> HeadRequest:
    match = _LOOKS.search(text)
    if not match:
        return request
    way = (match["way"] or match["way2"]).lower()
    units = {
        "up": ("eyeLookUpLeft", "eyeLookUpRight"), "do": ("eyeLookDownLeft", "eyeLookDownRight"),
        "le": ("eyeLookOutLeft", "eyeLookInRight"), "ri": ("eyeLookInLeft", "eyeLookOutRight"),
        "si": ("eyeLookOutLeft", "eyeLookInRight"),
    }[way[:2]]  # fmt: skip
    weight = strength_of(match[0].lower(), 0.8)
    return _set(request, dict.fromkeys(_LOOK_UNITS, 0.0) | dict.fromkeys(units, weight))


def _irises(request: HeadRequest, text: str) -> HeadRequest:
    """Read the colour of the eyes, which says nothing of the skin."""
    found = [m for m in _COLOUR_OF_EYES.finditer(text) if not _NO_COLOUR.search(text[: m.start()])]
    if len(found) != 1:
        return request
    degree = _IRISES[(found[0]["before"] or found[0]["after"]).lower()]
    mean, spread = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    iris, skin = ATTRIBUTES.index("iris_lightness"), ATTRIBUTES.index("skin_lightness")
    mean[iris], spread[iris] = degree, 0.0 if request.is_edit else 0.25
    rest = text[: found[0].start()] + text[found[0].end() :]
    if not _SKIN.search(rest):
        mean[skin], spread[skin] = 0.0, 0.0 if request.is_edit else 1.0
    return replace(request, attribute_mean=mean, attribute_spread=spread)


def _opening(request: HeadRequest, text: str) -> HeadRequest:
    match = _MOUTH_OPENS.search(text)
    if not match or _SHUT.search(match[0]):
        return request
    jaw = ARKIT_NAMES.index("jawOpen")
    parted = bool(re.search(r"\b(?:part\w*|ajar)\b", match[0], re.IGNORECASE))
    if not request.expression_named[jaw] and not (request.is_edit and not request.emotion) and not parted:
        return request
    start = max(text.rfind(",", 0, match.start()), text.rfind(".", 0, match.start())) + 1
    piece = re.split(r"[.;,]", text[start:])[0].lower()
    weight = strength_of(piece, 0.3 if parted else PLAIN)
    weight = 0.95 if _WIDER.search(piece) else weight
    request = _set(request, {"jawOpen": weight})
    if request.is_edit:  # "wider open" is no wider mouth
        mean = np.array(request.attribute_mean, float)
        mean[ATTRIBUTES.index("mouth_width")] = 0.0
        request = replace(request, attribute_mean=mean)
    if not re.search(r"\d", text):  # "half open" is no share of a measure
        request = replace(request, millimetres=())
    return request


def _place_of_mouth(request: HeadRequest, text: str) -> HeadRequest:
    """Read "mouth 3 mm lower" as a longer way from the nose to it."""
    match = _PLACE.search(text)
    if not match:
        return request
    amount = float(match["mm"] or match["mm2"]) * (
        10 if (match["unit"] or match["unit2"]).lower().startswith("c") else 1
    )
    way = (match["way"] or match["way2"] or match["verb"] or "").lower()
    goal = MillimetreGoal("philtrum_length", "change", amount if re.search(r"low|down|drop", way) else -amount)
    others = tuple(g for g in request.millimetres if abs(abs(g.amount) - amount) > 1e-6)
    mean = np.array(request.attribute_mean, float)
    mean[[ATTRIBUTES.index(name) for name in ("mouth_width", "upper_lip_fullness", "lower_lip_fullness")]] = 0.0
    return replace(request, millimetres=(*others, goal), attribute_mean=mean)


def _years(request: HeadRequest, text: str) -> HeadRequest:
    """Read "make her 60" as an age."""
    match = _NEW_AGE.search(text)
    if not match:
        return request
    years = float(match["years"])
    mean = np.array(request.attribute_mean, float)
    mean[ATTRIBUTES.index("age")] = 0.0
    return replace(request, age_years=(years, years), attribute_mean=mean)


def _sex_of_head(request: HeadRequest, text: str) -> HeadRequest:
    """An edit into a man or a woman changes the sex."""
    match = _NEW_SEX.search(text)
    if not match:
        return request
    word = (match["sex"] or match["sex2"]).lower()
    man = word in ("man", "men", "boy", "male", "guy", "bloke", "gentleman")
    mean = np.array(request.attribute_mean, float)
    mean[ATTRIBUTES.index("masculinity")] = 0.0
    return replace(request, man=0.97 if man else 0.03, attribute_mean=mean)
