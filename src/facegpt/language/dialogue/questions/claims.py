"""Yes or no: a question is read as the description that it asks about, and the description is held against the head.

"Is her nose wide?" asks whether "her nose wide" is true; so do "wide?" after a question on her nose and "wide, yes?".
Whatever the language model reads in descriptions can also be asked, and an answer rests on what is measured and seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import NormalDist

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_readings import EVEN
from facegpt.describe.attribute_words import measure_of
from facegpt.describe.hair_words import SEEN_BEARD, SEEN_MOUSTACHE, hair_colour_word
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.describe.sentences import UNTOLD_BY_A_PHOTO, Facts
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.parts import PARTS
from facegpt.language.patterns import word_set, words_in
from facegpt.language.targets import ATTRIBUTES

#: A trait is there from so many SDs, a movement from this weight on; a closed or lowered one below the other.
THERE_SD, THERE_WEIGHT, GONE_WEIGHT = 0.25, 0.3, 0.3
#: Attributes that nobody asks about beside others, and the least degree that counts as asked.
_LEAST_DEGREE = 0.3


@dataclass(frozen=True)
class Claim:
    """What a yes-or-no question asks about.

    Attributes:
        text: its words.
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


def claim_in(request: HeadRequest, description: str) -> Claim:
    """What a question claims.

    Args:
        request: what was read in it, after the turns before it.
        description: its words.
    """
    said = words_in(description)
    words = {PARTS.get(word, "") for word in said}
    named = np.abs(np.asarray(request.attribute_mean)) >= _LEAST_DEGREE
    attributes = {ATTRIBUTES[k]: float(request.attribute_mean[k]) for k in np.flatnonzero(named)}
    units = {ARKIT_NAMES[k]: float(request.expression[k]) for k in np.flatnonzero(request.expression_named)}
    emotion = request.emotion if not (units and words & {"mouth", "eye", "brow", "lip", "jaw"}) else ""
    if words & {"eye", "lid"} and {*said} & {"open", "shut", "closed"}:
        shut = 0.0 if "open" in said else 1.0
        sides = [s for s in ("Left", "Right") if s.lower() in description.lower()] or ["Left", "Right"]
        units, attributes, emotion = {f"eyeBlink{side}": shut for side in sides}, {}, ""
    sex = "M" if request.man > 0.75 else "F" if request.man < 0.25 else ""
    return Claim(
        *(description, attributes, units, emotion, sex, request.age_years, request.millimetres),
        *(request.hair, request.glasses),
    )


def of_lids(claim: Claim) -> bool:
    """Whether a claim is about nothing but whether eyes are open or shut."""
    return bool(claim.units) and all(name.startswith("eyeBlink") for name in claim.units)


def says_anything(claim: Claim) -> bool:
    """Whether a claim speaks of more than of a man or a woman, as "and the man?" does."""
    named = claim.attributes or claim.units or claim.emotion or claim.millimetres or claim.hair.said
    return bool(named or claim.age_years or claim.glasses)


def about_asked(claim: Claim, asks: Sequence[str]) -> Claim:
    """The claim without the traits that a question does not ask about, where it has one that it does.

    What can be worn is asked for by its name alone: "sunglasses?", "and a moustache?". Whoever asks about something
    else says "he" and does not ask whether it is a man.
    """
    if asks and "masculinity" not in asks:
        claim = replace(claim, sex="")
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
#: Words that make a number a bound.
_BELOW, _ABOVE = word_set("less under below shorter narrower smaller"), word_set("over above")


def _worn(claim: Claim, facts: Facts) -> list[bool]:
    """What can be told of glasses, hair, beard and moustache."""
    verdicts = [] if claim.glasses is None else [(facts.glasses is not None) == claim.glasses.on]
    hair, said = facts.hair, claim.hair.said
    if hair is None:
        return verdicts
    length = "none" if said.get("kind") == "bald" else said.get("length", "")
    if length in _LENGTHS and not (facts.covered and hair.style == "bald"):
        low, high = _LENGTHS[length]
        verdicts.append(low <= facts.attributes.get("hair_length", 0.0) <= high)
    if said.get("colour") in _COLOURS:
        verdicts.append(hair_colour_word(hair) in _COLOURS[said["colour"]])
    if "grey" in said:
        greyed = hair.grey >= _GREY or hair_colour_word(hair) in ("grey", "white")
        verdicts.append(greyed == (said["grey"] != "none"))
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
        said = words_in(claim.text)
        less = goal.kind == "max" or bool(_BELOW.intersection(said))
        than = any(b == "than" and (a == "more" or a.endswith("er")) for a, b in pairwise(said))
        more = goal.kind == "min" or than or bool(_ABOVE.intersection(said))
        if less:
            verdicts.append(seen < goal.amount)
        else:
            verdicts.append(seen > goal.amount if more else abs(seen - goal.amount) < 1)
    return verdicts


def _traits(claim: Claim, facts: Facts) -> list[bool]:
    if claim.millimetres:
        return []
    told = {n: d for n, d in claim.attributes.items() if facts.scale_sd is None or n not in UNTOLD_BY_A_PHOTO}
    sides = [_side(name, degree, facts) for name, degree in told.items()]
    known = [side for side in sides if not np.isnan(side)]
    return [float(np.mean(known)) >= THERE_SD] if known else []


def _side(name: str, degree: float, facts: Facts) -> float:
    """How far a trait goes to the side that a claim names, SDs; what has one side alone is "straight" about average."""
    amount = float(np.sign(degree)) * amount_of(name, facts)
    return amount + 2 * THERE_SD if name in EVEN and degree < 0 else amount


def amount_of(name: str, facts: Facts) -> float:
    """How far a trait is from the average adult's, SDs: by its measures' percentiles, as printed, else as read."""
    measures = [facts.measures.get(each) for each in (measure_of(name), *MEASURES_OF.get(name, ()))]
    shares = [m.percentile for m in measures if m is not None and not np.isnan(m.percentile)]
    if shares:
        return float(np.mean([NormalDist().inv_cdf(min(max(share / 100, 0.001), 0.999)) for share in shares]))
    return facts.attributes.get(name, float("nan"))


def _movements(claim: Claim, facts: Facts) -> list[bool]:
    seen = facts.movements
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
