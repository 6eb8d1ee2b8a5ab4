"""What the numbers of a text ask for, by rule: bounds ("at the very most"), shares ("110 % of what it is"), distances.

The network says what a number is about. Words of bounds and shares mean the same whatever they stand beside, and a
distance named by its two ends is that distance; where the network read nothing of a number, the part beside it says it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from facegpt.language.head_request import MillimetreGoal
from facegpt.language.numbers import NumberSpan, find_numbers
from facegpt.language.patterns import regex
from facegpt.language.reading.normalise import normalised, standardise_small_words
from facegpt.language.reading.rules.phrases import parts_in
from facegpt.language.targets import typical_mm

_STOP = re.compile(r"[.;!?\n](?!\d)|,(?!\d)|\band\b(?! a (?:half|quarter))|\bbut\b")
_END = re.compile(r"[.!?\n](?!\d)")
#: Comparatives of a size, upward and downward.
_BIGGER = r"(?:more|wider|longer|further|bigger|larger|broader|taller|thicker|greater|higher|over|above|beyond|past)"
_SMALLER = r"(?:less|narrower|shorter|smaller|thinner|closer|fewer|nearer|lower|below|under)"
_MOST = regex(rf"""
    \bat (?:the )?(?:very |absolute )?most\b|\bno {_BIGGER}\b(?! than (?:that|this))|
    \b(?:not|never) (?:\w+ )?(?:exceed|{_BIGGER})\b(?! than (?:that|this))|\bmax(?:imum|imal|imally)?\b|\bor less\b|
    \btops\b|\b(?:under|below) *$|\bupper limit\b|\bcap(?:ped)? (?:it |them )?at\b|<=|≤|\bat the outside\b
""")
_LEAST = regex(rf"""
    \bat (?:the )?(?:very )?least\b|\bno {_SMALLER}\b(?! than (?:that|this))|
    \b(?:not|never) (?:\w+ )?(?:(?:go|fall|drop) )?{_SMALLER}\b(?! than (?:that|this))|\bmin(?:imum|imal|imally)?\b|
    \bor (?:more|wider|longer)\b|\blower limit\b|>=|≥|\bupwards of\b|\bnothing (?:less|under)\b
""")
_SHARE_OF = re.compile(
    r"^ *(?:of (?:what|its|the|how|his|her|their|that|this|current|present|now)\b|the (?:size|width|length)\b)"
)
_DOWN_TO = re.compile(r"\b(?:to|at) (?:about |roughly |just )?$")
_SCALED = re.compile(r"\b(?:scale|multiply|multiplied|scaled|times|factor)\b")
_TOO_MUCH = re.compile(r"\btoo (?:big|wide|broad|long|large|tall|thick|high|far|fat|much|deep|prominent|proud)\b")
_TOO_LITTLE = re.compile(r"\btoo (?:small|narrow|short|thin|low|close|near|slim|little|flat|tight)\b|\bshort of\b")
_LESS = regex(r"""
    \b(?:less|narrow(?:er)?|short(?:er|en)?|slim(?:mer)?|small(?:er)?|thin(?:ner)?|closer|nearer|off|down|reduc\w+|cut|
    trim|shav\w+|los\w+|knock|minus|shrink|decreas\w+|lower(?! (?:of|lip|vermilion|one|face|third))|drop|out of|away|
    fewer|deduct|subtract|in(?=\s*$)|inward\w*|back(?=\s*$)|set back|tighter|subtract)\b
""")
_MORE = regex(r"""
    \b(?:more|wid(?:er|en)|long(?:er)?|lengthen|broad(?:er|en)|bigg?er|tall(?:er)?|thick(?:er|en)|full(?:er)?|add|
    increas\w+|extend|grow|rais\w+|up|apart|further|plus|another|extra|larger|enlarg\w+|bump|boost|out(?=\s*$)|stretch|
    deeper|gain)\b
""")
#: Distances by their two ends or by their anatomical names: these are exact.
_EXACT: tuple[tuple[str, str], ...] = (
    (r"nasal root|root of (?:the )?nose|nose root (?:width|breadth)", "nasal_root_breadth"),
    (r"zygion|bizygomatic|\bzy\b|cheekbone to cheekbone", "bizygomatic_breadth"),
    (r"gonion|bigonial|\bgo go\b|(?:jaw )?(?:angle|corner) to (?:\w+ )?(?:angle|corner)(?=.*jaw)|jaw corners?",
     "bigonial_breadth"),
    (r"menton.{0,3}sellion|sellion.{0,4}menton", "menton_sellion_length"),
    (r"nasion.{0,8}(?:chin|gnathion|menton)|(?:chin|gnathion|menton).{0,8}nasion",
     "face_height_nasion_gnathion"),
    (r"(?:columella|subnasale|nose|nostrils?|nose base).{0,10}(?:to|and) (?:the )?(?:upper |top )?(?:lip|vermilion|red|"
     r"mouth)|philtrum(?! width)", "philtrum_length"),
    (r"(?:subnasale|nose base|base of (?:the )?nose|under (?:the )?nose|nose) (?:to|and) (?:the )?(?:chin|gnathion|"
     r"menton)|(?:chin|menton).{0,6}to (?:the )?(?:nose|subnasale)|lower (?:third|face)", "lower_face_height"),
    (r"pupils?|interpupillary|\bi?pd\b", "interpupillary_distance"),
    (r"(?:inner|inside|inward|medial) (?:\w+ )?(?:corners?|canth\w+)|intercanthal|inner canthal|between (?:the |his |"
     r"her |"
     r"both )?eyes", "inner_canthal_distance"),
    (r"(?:outer|outside|lateral) (?:\w+ )?(?:corners?|canth\w+)|outer canthal", "outer_canthal_distance"),
    (r"(?:opening|slit|length|width) of (?:the |each |his |her |an )?eyes?|palpebral|eye slits?|\beye (?:length|width)",
     "palpebral_fissure_length"),
    (r"upper vermilion|vermilion of the upper|red of the upper", "upper_vermilion_height"),
    (r"lower vermilion|vermilion of the lower|red of the lower", "lower_vermilion_height"),
    (r"temple to temple|minimum frontal", "minimum_frontal_breadth"),
    (r"\balar|wing to wing|nostril to nostril", "nose_breadth"),
    (r"mastoid", "ear_protrusion"),
    (r"collar|neck (?:girth|circumference)|circumference of (?:the |his |her )?neck", "neck_circumference"),
    (r"head circumference|hat size|(?:round|around) (?:the |his |her )?(?:head|skull)", "head_circumference"),
)  # fmt: skip
#: Parts with the words that tell their measures apart: the first that fits.
_BY_PART: tuple[tuple[str, str, str], ...] = (
    (r"ears?|lugs?|lug'?oles?", r"stick\w*|out\b|from the (?:head|skull)|protru\w*|closer|against", "ear_protrusion"),
    (r"ears?|lugs?|lug'?oles?", r"wid\w+|broad\w*|breadth|narrow\w*", "ear_breadth"),
    (r"ears?|lugs?|lug'?oles?", r"", "ear_length"),
    (r"nose|conk|hooter|schnoz\w*", r"wid\w+|narrow\w*|slim\w*|broad\w*|breadth|across|thin\w*|large", "nose_breadth"),
    (r"nose|conk|hooter|schnoz\w*", r"stick\w*|project\w*|forward|back|protru\w*|flat\w*|prominent", "nose_protrusion"),
    (r"nose|conk|hooter|schnoz\w*", r"long\w*|short\w*|length\w*|height|tall\w*|high", "nose_height_nasion_subnasale"),
    (r"(?:upper|top) lip", r"", "upper_vermilion_height"),
    (r"(?:lower|bottom) lip", r"", "lower_vermilion_height"),
    (r"mouth|gob|cakehole|lip[ _]length|trap|kisser|maw", r"", "lip_length"),
    (r"eyes", r"apart|close\w*|near\w*|between|gap|spac\w*|separat\w*|together", "inner_canthal_distance"),
    (r"eyes?", r"wid\w+|long\w*|corner to corner|narrow\w*|short\w*", "palpebral_fissure_length"),
    (r"jaw|mandible", r"", "bigonial_breadth"),
    (r"forehead|temples?", r"wid\w+|narrow\w*|broad\w*|apart|in\b|out\b|across|breadth", "minimum_frontal_breadth"),
    (r"cheekbones?", r"", "bizygomatic_breadth"),
    (r"neck|throat", r"", "neck_circumference"),
    (r"skull|head", r"round|around|circumference", "head_circumference"),
    (r"face", r"wid\w+|narrow\w*|broad\w*|slim\w*|across|breadth", "bizygomatic_breadth"),
    (r"face", r"long\w*|short\w*|length\w*|height|tall\w*", "menton_sellion_length"),
)  # fmt: skip
_SAME_MM = 0.05


@dataclass(frozen=True)
class _Number:
    """A number with the words that belong to it: before and after it, to the next stop or number."""

    span: NumberSpan
    before: str
    after: str

    @property
    def words(self) -> str:
        return f"{self.before} | {self.after}"


def corrected(text: str, goals: Sequence[MillimetreGoal]) -> tuple[MillimetreGoal, ...]:
    """Put right what was read of the numbers of a text where its words are sure."""
    found = list(goals)
    numbers = _numbers(text)
    for number in numbers:
        twins = [each for each in numbers if abs(each.span.value - number.span.value) < _SAME_MM]
        own = [goal for goal in found if _is_about(goal, number.span)]
        if len(twins) > 1:  # the same number twice: readings stand in the order of the text
            own = own[twins.index(number) :][:1] if len(own) == len(twins) else []
        if not number.span.unit and parts_in(" ".join(number.after.split()[:1])):  # "the two eyes"
            found = [goal for goal in found if goal not in own]
        elif own:
            place = found.index(own[0])
            rest = [goal for goal in found[place:] if goal not in own]
            found = [*found[:place], *(_sure(goal, number) for goal in own), *rest]
        elif len(twins) == 1 and (goal := _read(number)) is not None:
            found.append(goal)
    return tuple(dict.fromkeys(found))


def with_bounds(text: str, goals: Sequence[MillimetreGoal]) -> tuple[MillimetreGoal, ...]:
    """Put right which measures of a new head are bounds: "a jaw no wider than 100 mm"."""
    found = list(goals)
    for number in _numbers(text):
        bound = _bound(number.words)
        for k, goal in enumerate(found):
            if bound and goal.kind in ("value", "min", "max") and _is_about(goal, number.span):
                found[k] = replace(goal, kind=bound, measure=_exact(number) or goal.measure)
    return tuple(found)


def _is_about(goal: MillimetreGoal, span: NumberSpan) -> bool:
    return any(abs(abs(goal.amount) - value) < _SAME_MM for value in (span.value, 10 * span.value))


def _numbers(text: str) -> list[_Number]:
    """The numbers in mm or percent, or bare ones, with their words."""
    spans = find_numbers(text)
    found = []
    for k, span in enumerate(spans):
        if span.unit == "years":
            continue
        first = spans[k - 1].end if k else 0
        last = spans[k + 1].start if k + 1 < len(spans) else len(text)
        before, after = text[first : span.start], text[span.end : last]
        before = (_STOP if k else _END).split(before)[-1]
        after = (_STOP if k + 1 < len(spans) else _END).split(after)[0]
        found.append(_Number(span, _words(before), _words(after)))
    return found


def _words(text: str) -> str:
    return standardise_small_words(normalised(text))


def _sure(goal: MillimetreGoal, number: _Number) -> MillimetreGoal:
    """Put right kind, sign and measure of one goal."""
    goal = replace(goal, measure=_exact(number) or goal.measure)
    share, bound, side = _share(number), _bound(number.words), _too(number.words)
    if share is not None:
        return replace(goal, kind="percent", amount=share)
    if bound and goal.kind != "percent":
        return replace(goal, kind=bound, amount=abs(goal.amount))
    if side and goal.kind in ("value", "change"):
        return replace(goal, kind="change", amount=side * abs(goal.amount))
    side = number.span.sign or _side(number.words, goal.measure)
    if goal.kind in ("change", "percent") and side:
        return replace(goal, amount=side * abs(goal.amount))
    if goal.kind == "change" and parts_in(" ".join(number.after.split()[:1])):  # "a two inch mouth"
        return replace(goal, kind="value", amount=abs(goal.amount))
    return goal


def _read(number: _Number) -> MillimetreGoal | None:
    """Read a number of which the network said nothing by the part beside it; None where that is not sure."""
    measure = _exact(number) or _by_part(number.words)
    if not measure:
        return None
    share = _share(number)
    if share is not None:
        return MillimetreGoal(measure, "percent", share)
    span = number.span
    side = span.sign or _too(number.words) or _side(number.words, measure)
    if span.unit == "percent":
        return MillimetreGoal(measure, "percent", side * span.value) if side else None
    bound = _bound(number.words)
    if bound:
        return MillimetreGoal(measure, bound, span.amount_for(typical_mm(measure)))
    if span.unit == "mm" and side:
        return MillimetreGoal(measure, "change", side * span.value)
    return None


def _exact(number: _Number) -> str:
    return next((measure for pattern, measure in _EXACT if re.search(pattern, number.words)), "")


def _by_part(words: str) -> str:
    for part, beside, measure in _BY_PART:
        if re.search(rf"\b(?:{part})\b", words) and (not beside or re.search(rf"\b(?:{beside})", words)):
            return measure
    return ""


def _share(number: _Number) -> float | None:
    """The signed change in percent of "110 % of what it is", "to ninety percent", "scale it by 0.9"."""
    span = number.span
    of_it = bool(_SHARE_OF.search(number.after)) or (bool(_DOWN_TO.search(number.before)) and span.value >= _HALF)
    if span.unit == "percent" and not span.sign and span.value > 0 and of_it:
        return span.value - 100.0
    if not span.unit and _SCALED.search(number.words) and _SMALLEST <= span.value <= _LARGEST:
        return 100.0 * (span.value - 1.0)
    return None


def _bound(words: str) -> str:
    most, least = _MOST.search(words), _LEAST.search(words)
    return "max" if most and not least else "min" if least and not most else ""


def _too(words: str) -> int:
    return -1 if _TOO_MUCH.search(words) else 1 if _TOO_LITTLE.search(words) else 0


def _side(words: str, measure: str) -> int:
    """The direction that the words name, 0 where they name none or both."""
    if measure in _HANGING:
        words = _PULLED.sub(" longer ", words)
    less, more = bool(_LESS.search(words)), bool(_MORE.search(words))
    return 0 if less == more else 1 if more else -1


#: Heights whose lower end can be pulled down.
_HANGING = ("lower_face_height", "menton_sellion_length", "face_height_nasion_gnathion")
_PULLED = re.compile(r"\b(?:pull|bring|drag|drop|stretch)\b(?: \w+){0,3}? down\b")
#: Percent from which "to N percent" is a share of what is; factors that a measure may be scaled by.
_HALF, _SMALLEST, _LARGEST = 50.0, 0.3, 3.0
