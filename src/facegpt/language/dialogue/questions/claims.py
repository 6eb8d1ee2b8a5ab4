"""Yes or no: a question is read as the description that it asks about, and the description is held against the head.

"Is her nose wide?" asks whether "her nose wide" is true. So whatever the language model reads in descriptions can also
be asked, and an answer rests on what is measured and seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.hair_words import SEEN_BEARD, SEEN_MOUSTACHE, hair_colour_word
from facegpt.describe.sentences import Facts, measure_of
from facegpt.language.dialogue.maker import Language
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.parts import PARTS
from facegpt.language.patterns import regex_any_case
from facegpt.language.targets import ATTRIBUTES

#: A trait is there from so many SDs, a movement from this weight on; a closed or lowered one below the other.
THERE_SD, THERE_WEIGHT, GONE_WEIGHT = 0.25, 0.3, 0.3
#: Attributes that nobody asks about beside others, and the least degree that counts as asked.
_LEAST_DEGREE = 0.3
_LEAD = r"^\W*(?:(?:and|but|so|ok|okay|oh|hm+|well|now|then|also|hey|please|tell me|say|yes or no|quick|wait)\b\W*)*"
_AUXILIARY = r"(?:is|are|was|were|does|do|did|has|have|had|isn't|aren't|doesn't|don't|hasn't|would you say|can you see)"
_ASKED = regex_any_case(
    rf"{_LEAD}(?:(?!wh|how)[a-z]+\W+){{0,2}}?(?P<aux>{_AUXILIARY})\b(?! (?:you|u|i|we|it possible)\b)(?P<rest>.*)"
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+|(?<=\blol)\s+|\n+")
#: What leads up to the question itself: "if it is no trouble, would you say that", "may I ask whether".
_LEADS_UP = regex_any_case(r"""
    ^(?:.*?\b(?:would|do|can|could) you (?:say|call|think|see|tell me|find|consider)(?: that| if| whether)?\s+
    (?!are|is\b)|.*?\b(?:whether|tell me if|know if|ask if|see if)\s+|
    [^?]{3,60}[:,]\s+(?=(?:is|are|does|do|has|have)\s))
""")
#: "It is more than 40 mm?"
_STATED = regex_any_case(
    rf"{_LEAD}(?:it|he|she|they|(?:the|her|his|their) \w+) (?:is|are|has|have|looks?)\b(?P<rest>.*)\?\W*$"
)
#: After what leads up: "she is frowning", "Henriette has her eyebrows raised", "his eyelids heavy".
_CLAIMED = regex_any_case(r"^(?:(?:[\w']+ ){1,3}?(?:is|are|has|have|looks?)\b)?(?P<rest>.+)$")
_TAGGED = regex_any_case(
    r"^(?P<rest>.*?),?\s*\b(?:right|isn't (?:it|he|she)|aren't they|doesn't (?:he|she|it)|is (?:it|he|she)|"
    r"wouldn't you say|don't you think|"
    r"yes or no|or not|correct|no|huh)\s*\?\s*$"
)
_WH = regex_any_case(r"\b(?:who|what|whats|what's|which|how|where|why|when|whose)\b")
_OR = regex_any_case(r"\b(?:\w+) or (?!not\b|no\b)\w+")
#: What a short question must have to be one for yes or no: "big ears?", "smiling?"; "eye distance?" asks for a number.
_SAYS_HOW = regex_any_case(r"""
    \b(?:big|small|large|wide|narrow|long|short|broad|thick|thin|full|flat|high|low|deep|round|square|pointed|hooked|
    straight|crooked|open|closed|shut|old|young|fat|slim|happy|sad|angry|scared|surprised|male|female|bald|wrinkled|
    freckled|bearded|hooded|pale|dark|\w+ing|\w+er)\b(?! (?:apart|is|are))
""")


@dataclass(frozen=True)
class Claim:
    """What a yes-or-no question asks about.

    Attributes:
        text: the description that it asks about.
        attributes: name → SDs with the sign of the side; of a comparison, both sides.
        units: ARKit name → weight, 0 where the unit must rest. emotion: a name of emotions.csv or "".
        sex: "F", "M" or "". age_years: (lowest, highest) or None. millimetres: bounds and values.
        hair: of head and face. glasses: None where they are not spoken of.
    """

    text: str
    attributes: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    emotion: str = ""
    sex: str = ""
    age_years: tuple[float, float] | None = None
    millimetres: tuple[MillimetreGoal, ...] = ()
    hair: HairWish = field(default_factory=HairWish)
    glasses: GlassesWish | None = None


def asked_description(text: str) -> str:
    """The description that the last sentence asks about that asks for yes or no; "" where none does."""
    sentences = [each for each in _SENTENCES.split(text.strip()) if each.strip()]
    return next((found for each in reversed(sentences) if (found := _asked_by(each))), "")


def _asked_by(plain: str) -> str:
    """The description that a sentence asks about, without what leads up to it; "" where it asks none."""
    whole = plain.strip()
    plain = _LEADS_UP.sub("", whole)
    led_up = plain != whole
    if match := _ASKED.match(plain):
        rest = match["rest"].strip()
        if _OR.search(rest) and _WH.search(rest):
            return ""
        return rest.rstrip(" ?!.")
    if (match := _CLAIMED.match(plain)) and led_up:
        return match["rest"].strip(" ?.")
    if (match := _STATED.match(plain)) and not _WH.search(plain):
        return match["rest"].strip()
    if match := _TAGGED.match(plain):
        return "" if _WH.match(match["rest"]) else match["rest"].strip(" ,")
    if plain.endswith("?") and not _WH.search(plain) and len(plain.split()) < 8 and _SAYS_HOW.search(plain):
        return re.sub(_LEAD, "", plain, flags=re.IGNORECASE).rstrip(" ?!.")
    return ""


def claim_in(language: Language, description: str) -> Claim:
    """Read a description as a claim."""
    request: HeadRequest = language.read(description).request
    words = {PARTS.get(word, "") for word in re.findall(r"[a-z]+", description.lower())}
    named = np.abs(np.asarray(request.attribute_mean)) >= _LEAST_DEGREE
    attributes = {ATTRIBUTES[k]: float(request.attribute_mean[k]) for k in np.flatnonzero(named)}
    units = {ARKIT_NAMES[k]: float(request.expression[k]) for k in np.flatnonzero(request.expression_named)}
    emotion = request.emotion if not (units and words & {"mouth", "eye", "brow", "lip", "jaw"}) else ""
    if re.search(r"\b(?:eyes?|lids?)\b.*\b(?:open|shut|closed)\b", description, re.IGNORECASE):
        shut = 0.0 if re.search(r"\bopen\b", description, re.IGNORECASE) else 1.0
        sides = [s for s in ("Left", "Right") if s.lower() in description.lower()] or ["Left", "Right"]
        units, attributes, emotion = {f"eyeBlink{side}": shut for side in sides}, {}, ""
    sex = "M" if request.man > 0.75 else "F" if request.man < 0.25 else ""
    return Claim(
        *(description, attributes, units, emotion, sex, request.age_years, request.millimetres),
        *(request.hair, request.glasses),
    )


def about_asked(claim: Claim, asks: Sequence[str]) -> Claim:
    """The claim without the traits that a question does not ask about, where it has one that it does.

    What can be worn is asked for by its name alone: "sunglasses?", "and a moustache?".
    """
    worn = {slot: "plain" for slot in ("beard", "moustache") if slot in asks and slot not in claim.hair.said}
    claim = replace(claim, hair=replace(claim.hair, said={**worn, **claim.hair.said}))
    if "glasses" in asks and claim.glasses is None:
        claim = replace(claim, glasses=GlassesWish())
    measures = {measure_of(name) for name in asks} | {*asks}
    kept = {
        n: degree
        for n, degree in claim.attributes.items()
        if n in asks or (measure_of(n) in measures and measure_of(n))
    }
    return replace(claim, attributes=kept, units={}, emotion="") if kept else claim


def holds(claim: Claim, facts: Facts) -> bool | None:
    """Whether a claim is true of a head; None where nothing of it can be told."""
    if worn := _worn(claim, facts):
        return all(worn)
    verdicts = [*_numbers(claim, facts), *_traits(claim, facts), *_movements(claim, facts)]
    if claim.age_years is not None and "age_years" in facts.looks and not claim.millimetres:
        low, high = claim.age_years
        verdicts.append(low - 2 <= facts.looks["age_years"] <= high + 2)
    if not verdicts and claim.sex and "masculinity" in facts.looks:
        verdicts.append((facts.looks["masculinity"] > 0.5) == (claim.sex == "M"))
    return all(verdicts) if verdicts else None


#: Readings of hair_length (describe/hair_readings.py) that a length in words means: from, to.
_LENGTHS = {"none": (-2.1, -1.6), "short": (-1.6, -0.3), "chin": (-0.5, 0.5), "shoulder": (0.4, 2.1)}
_LENGTHS |= {"long": (0.4, 2.1), "waist": (1.2, 2.1)}
#: What each word for a colour is called on a head (`hair_colour_word`).
_COLOURS: dict[str, tuple[str, ...]] = dict.fromkeys(("light_brown", "brown"), ("brown", "dark brown"))
_COLOURS |= {"dark_blond": ("blond", "brown")}
_COLOURS |= {"dark_brown": ("dark brown", "black", "brown"), "black": ("black",), "auburn": ("red", "dark brown")}
_COLOURS |= dict.fromkeys(("blond", "platinum"), ("blond",))
_COLOURS |= dict.fromkeys(("ginger", "red", "strawberry", "orange"), ("red",))
_GREY = 0.2


def _worn(claim: Claim, facts: Facts) -> list[bool]:
    """What can be told of glasses, hair, beard and moustache."""
    verdicts = [] if claim.glasses is None else [(facts.glasses is not None) == claim.glasses.on]
    hair, said = facts.hair, claim.hair.said
    if hair is None:
        return verdicts
    length = "none" if said.get("kind") == "bald" else said.get("length", "")
    if length in _LENGTHS:
        low, high = _LENGTHS[length]
        verdicts.append(low <= facts.attributes.get("hair_length", 0.0) <= high)
    if said.get("colour") in _COLOURS:
        verdicts.append(hair_colour_word(hair) in _COLOURS[said["colour"]])
    if "grey" in said:
        verdicts.append((hair.grey >= _GREY) == (said["grey"] != "none"))
    if "beard" in said:
        verdicts.append((hair.beard >= SEEN_BEARD) == (said["beard"] != "none"))
    if "moustache" in said:
        verdicts.append((hair.moustache >= SEEN_MOUSTACHE) == (said["moustache"] != "none"))
    return verdicts


def _numbers(claim: Claim, facts: Facts) -> list[bool]:
    known = [goal for goal in claim.millimetres if goal.measure in facts.measures]
    verdicts = []
    for goal in known:
        seen = facts.measures[goal.measure].value_mm
        less = goal.kind == "max" or re.search(r"\b(?:less|under|below|shorter|narrower|smaller)\b", claim.text)
        more = goal.kind == "min" or re.search(r"\b(?:more|over|above|\w+er) than\b|\bover\b|\babove\b", claim.text)
        if less:
            verdicts.append(seen < goal.amount)
        else:
            verdicts.append(seen > goal.amount if more else abs(seen - goal.amount) < 1)
    return verdicts


def _traits(claim: Claim, facts: Facts) -> list[bool]:
    if claim.millimetres:
        return []
    sides = [np.sign(degree) * _amount(name, facts) for name, degree in claim.attributes.items()]
    known = [side for side in sides if not np.isnan(side)]
    return [float(np.mean(known)) >= THERE_SD] if known else []


def _amount(name: str, facts: Facts) -> float:
    """How far a trait is from the average adult's, SDs: by the percentile of its measure, as printed, else as read."""
    measure = facts.measures.get(measure_of(name))
    if measure is not None and not np.isnan(measure.percentile):
        return float(NormalDist().inv_cdf(min(max(measure.percentile / 100, 0.001), 0.999)))
    return facts.attributes.get(name, float("nan"))


def _movements(claim: Claim, facts: Facts) -> list[bool]:
    seen = facts.blendshapes
    verdicts = []
    if asked := [name for name, weight in claim.units.items() if weight > GONE_WEIGHT]:
        verdicts.append(max(seen.get(name, 0.0) for name in asked) >= THERE_WEIGHT)
    elif claim.units:
        verdicts.append(max(seen.get(name, 0.0) for name in claim.units) < THERE_WEIGHT)
    if not verdicts and claim.emotion == "neutral":
        verdicts.append(max(seen.values(), default=0.0) < THERE_WEIGHT)
    elif not verdicts and claim.emotion:
        verdicts.append(_feels(claim.emotion, facts))
    return verdicts


#: What a smile and the like are called, when an emotion is asked about that goes with one movement.
_SIGNS = {"happiness": ("mouthSmileLeft", "mouthSmileRight"), "sadness": ("mouthFrownLeft", "mouthFrownRight")}


def _feels(emotion: str, facts: Facts) -> bool:
    if max(facts.blendshapes.values(), default=0.0) < THERE_WEIGHT:
        return False
    if facts.emotion == emotion or emotion in facts.emotion.split():
        return True
    signs = _SIGNS.get(emotion, ())
    return emotion == "happiness" and bool(signs) and max(facts.blendshapes.get(n, 0.0) for n in signs) >= THERE_WEIGHT
