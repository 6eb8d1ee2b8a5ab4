"""From measured facts to plain words: what can be seen on a head, how unusual it is, and what a face does not show.

Every number comes from the facts given (`face.measure()`, `face.attributes`, the blendshapes); none is made up here.
Wording varies from head to head and is the same for one head each time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from facegpt.describe.attribute_words import measure_of, poles
from facegpt.describe.emotion_words import feeling
from facegpt.describe.glasses_words import glasses_words
from facegpt.describe.grades import GRADES, grade_of, graded, sds_of
from facegpt.describe.hair_words import beard_words, hair_colour_word, hair_words, iris_words
from facegpt.describe.lids import NARROW, SHUT
from facegpt.describe.lips import Lips, shown_by_lips
from facegpt.describe.lists import listed
from facegpt.describe.measure_words import (
    MEASURE_WORDS,
    MEASURES_OF,
    MOVEMENT_WORDS,
    declined,
)
from facegpt.describe.seen_movements import WIDE, averted, is_seen, without_explained
from facegpt.types import Array, Glasses, Hair, Measure

#: Attributes beyond this many SDs of the prior are worth a word.
NOTABLE_SD = 0.7
#: Attributes whose names are plural, and poles that are no thing.
OF_SEVERAL, _ADJECTIVES = ("mouth_corners", "eye_bags", "freckles", "wrinkles"), ("smooth under the eyes",)
#: From this age on photos are told too young more often than too old; up to this one grey hair is worth a word.
OLD_YEARS, GREYED_YEARS = 50.0, 55.0
#: What is drawn into no head of a photo, so that its reading says nothing of the person.
UNTOLD_BY_A_PHOTO = frozenset(("asymmetry", "nose_crookedness"))
#: How many of the most unusual measures a description names.
MOST_UNUSUAL = 5
#: Measures nearer to the median than this, in percentiles, are about average.
AVERAGE = 20
#: Skin: lower bounds of CIE L* and the words for them.
_SKIN = ((61, "very light"), (53, "light"), (45, "medium"), (38, "brown"), (-1, "dark"))


@dataclass(frozen=True)
class Facts:
    """What is known of one head.

    Attributes:
        measures: as of `face.measure()`: the person at rest.
        looks: as of `face.attributes`: age_years, masculinity, heaviness (both 0..1), skin_lightness (CIE L*).
        looks_sd: their standard deviations, where known.
        attributes: name of attributes.csv → SDs of the prior; what is not known is absent.
        blendshapes: ARKit name → weight 0..1. emotion: the nearest emotion's name, or "".
        hair, glasses: as of the parameters, or None where nothing is known, or none are worn.
        covered: whether a hat, hood or scarf hides what hair there is. is_seen_bald: whether a photo shows none.
        scale_sd: relative SD of the size, of a head from a photo; else None.
        irises: their linear RGB (3,) as drawn, or None where that is not known.
        lids: `lids_open` of the left and right eye, or None where it was not measured.
        lips: the measured lips of a head in a photo, or None where they were not measured.
        among: whom the percentiles of the measures are of: "adults", "women" or "men".
        gaze_deg: of a head in a photo, how far the eyes look from the camera: to the right of the picture, down.
        has_colour: whether the photo has colours; without, those of the head are a guess.
        left_out: what the photo shows and the head does not, a sentence each.
    """

    measures: Mapping[str, Measure]
    looks: Mapping[str, float] = field(default_factory=dict)
    looks_sd: Mapping[str, float] = field(default_factory=dict)
    attributes: Mapping[str, float] = field(default_factory=dict)
    blendshapes: Mapping[str, float] = field(default_factory=dict)
    emotion: str = ""
    hair: Hair | None = None
    glasses: Glasses | None = None
    covered: bool = False
    is_seen_bald: bool = False
    scale_sd: float | None = None
    irises: Array | None = None
    lids: tuple[float, float] | None = None
    lips: Lips | None = None
    among: str = "adults"
    gaze_deg: tuple[float, float] | None = None
    has_colour: bool = True
    left_out: Sequence[str] = ()

    @property
    def movements(self) -> dict[str, float]:
        """The blendshapes as they are seen: lids by how far apart they are, not by what closes them; lips by `lips`."""
        seen = dict(self.blendshapes)
        for side, gap in zip(("Left", "Right"), self.lids or (), strict=False):
            seen[f"eyeBlink{side}"] = 1.0 if gap <= SHUT else 0.0
            lowered = max(seen.get(f"eyeSquint{side}", 0.0), self.blendshapes.get(f"eyeBlink{side}", 0.0))
            seen[f"eyeSquint{side}"] = lowered if SHUT < gap <= NARROW else 0.0
        if self.scale_sd is not None and min(self.lids or (WIDE,)) < WIDE:
            seen |= {"eyeWideLeft": 0.0, "eyeWideRight": 0.0}
        if self.lips is not None:
            seen |= {"mouthSmileLeft": 0.0, "mouthSmileRight": 0.0, "jawOpen": 0.0}
        return seen

    @property
    def variant(self) -> int:
        """A number that depends on the head alone: it picks among phrasings."""
        return sum(round(10 * m.value_mm) for m in self.measures.values())


def describe(facts: Facts) -> str:
    """Describe a head: expression; skin, eyes, hair, glasses; age and build; then what is unusual about its shape."""
    worn = skin_words(facts), eyes_words(facts), worn_hair_words(facts), glasses_words(facts.glasses)
    parts = [
        expression_words(facts),
        " ".join(filter(None, worn)),
        " ".join(filter(None, (age_words(facts), build_words(facts)))),
        unusual_words(facts),
        _traits_words(facts),
        scale_words(facts),
        " ".join(facts.left_out),
    ]
    return "\n".join(part for part in parts if part)


def answer(facts: Facts, asks: Sequence[str] = (), heads: int = 1, no: str = "") -> str:
    """Answer a question about a head.

    Args:
        facts: the head.
        asks: names of what the answer must speak of; without any, all is described.
        heads: how many faces there are in all, for questions that count.
        no: a sentence that declines a part of the question, if need be.
    """
    lines = dict.fromkeys(filter(None, (aspect(facts, name, heads) for name in asks)))
    if no:
        return " ".join((no, *lines))
    return " ".join(lines) if lines else describe(facts)


#: For what is neither seen in a face nor drawn with it, whether somebody asks about it or wants it.
_NEITHER = "I can't show or tell that: of a head I know its shape, its looks and its expression."


def refusal(question: str, sure: bool = False) -> str:
    """Say no to what a face does not show; "" where nothing of the question is of that kind, unless that is `sure`."""
    what = declined(question)
    if not what:
        return _NEITHER if sure else ""
    listed = what[0] if len(what) == 1 else ", ".join(what[:-1]) + " or " + what[-1]
    return f"A face does not show {listed}, so I won't guess; I can say what its shape and expression are."


def aspect(facts: Facts, name: str, heads: int = 1) -> str:
    """Say one thing about a head: a measure, an attribute, "expression", "age_years", "unusual" or "count"."""
    special: dict[str, Callable[[Facts], str]] = {
        "expression": mood_words,
        "unusual": unusual_words,
        "age_years": age_words,
        "age": age_words,
        "heaviness": build_words,
        "masculinity": masculinity_words,
        "skin_lightness": skin_words if facts.has_colour else eyes_words,
        "iris_lightness": eyes_words,
        "beard": lambda known: beard_words(known.hair),
        "moustache": lambda known: beard_words(known.hair),
    }
    if name == "count":
        return "There is one face." if heads == 1 else f"There are {heads} faces." if heads else "There is no face."
    if name in special:
        return special[name](facts)
    if name == "glasses":
        return glasses_words(facts.glasses) or "It wears no glasses."
    if name in ("hair_length", "hair_lightness", "hair_redness", "hair_greyness"):
        return worn_hair_words(facts) or "I know nothing about the hair of this head."
    names = (name,) if name in facts.measures else MEASURES_OF.get(name, (measure_of(name),))
    said = [measure_words(n, facts.measures[n], facts.among) for n in names if n in facts.measures]
    return " ".join(said) or trait_words(facts, name)


# Measures


def label(measure: str) -> str:
    """The name of a measure in words: nose_breadth is "nose breadth"."""
    return measure.replace("_", " ")


def ordinal(percentile: float) -> str:
    """Write a percentile: "the 97th"; the ends are "below the 1st" and "above the 99th"."""
    whole = round(percentile)
    if whole < 1:
        return "below the 1st"
    if whole > 99:
        return "above the 99th"
    ending = "th" if 10 <= whole % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"the {whole}{ending}"


def measure_words(name: str, measure: Measure, among: str = "adults") -> str:
    """Say one measure: plain word, millimetres, percentile among adults, or among women or men."""
    mm, said = f"{label(name)} {measure.value_mm:.1f} mm", _size_words(name, measure)
    start = said[0].upper() + said[1:]
    if math.isnan(measure.percentile):
        return f"{start}: {mm}."
    return f"{start}: {mm}, {ordinal(measure.percentile)} percentile of {among}."


def _size_words(name: str, measure: Measure) -> str:
    """Say how large a measure is among adults, without a number: "the nose is very broad"."""
    part, low, high = MEASURE_WORDS.get(name, (f"the {label(name)}", "small", "large"))
    if math.isnan(measure.percentile):
        return part
    verb = "are" if re.match(r"the (pupils|eyes|ears|wings|outer corners)", part) else "is"
    away = abs(measure.percentile - 50)
    extreme = grade_of(sds_of(measure.percentile)) == "extremely"
    how = "extremely " if extreme else "very " if away >= 47 else "" if away >= 35 else "rather "
    pole = "about average" if away < AVERAGE else how + (high if measure.percentile > 50 else low)
    return f"{part} {verb} {pole}"


def most_unusual(measures: Mapping[str, Measure], count: int = MOST_UNUSUAL) -> list[str]:
    """Name the measures farthest from the median of adults, the farthest first; what is about average is none."""
    away = {name: abs(m.percentile - 50) for name, m in measures.items()}  # an unknown one, nan, is not far either
    return sorted((name for name in away if away[name] >= AVERAGE), key=lambda name: -away[name])[:count]


def unusual_words(facts: Facts, count: int = MOST_UNUSUAL) -> str:
    """Say the most unusual measures in plain words with their millimetres; whoever asks for one gets its percentile."""
    names = most_unusual(facts.measures, count)
    if not names:
        known = any(not math.isnan(m.percentile) for m in facts.measures.values())
        return "All its measures are about average." if known else ""
    start = ("What stands out most:", "Furthest from the average:", "Most unusual about this head:")[facts.variant % 3]
    said = [f"{_size_words(n, facts.measures[n])} ({label(n)} {facts.measures[n].value_mm:.1f} mm)" for n in names]
    return f"{start} {'; '.join(said)}."


# Looks


def expression_words(facts: Facts) -> str:
    """Say what the face does."""
    seen: dict[str, float] = {}
    for name, weight in facts.movements.items():
        base, side = re.fullmatch(r"(.*?)(Left|Right)?", name).groups()  # type: ignore[union-attr]
        base = base if name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight") else name
        key = next((k for k in MOVEMENT_WORDS if base.startswith(k)), "")
        other = facts.movements.get(base + {"Left": "Right", "Right": "Left"}.get(side or "", ""), weight)
        if key and is_seen(key, weight, other, facts.scale_sd is not None, facts.gaze_deg is not None):
            one_sided = side and key == base and other < weight / 2 and not base.startswith("eyeLook")
            phrase = MOVEMENT_WORDS[key] + (f" on its {str(side).lower()} side" if one_sided else "")
            if not side or one_sided or weight >= other or key != base:
                seen[phrase] = max(weight, seen.get(phrase, 0.0))
    beside = {} if facts.lips is None else shown_by_lips(facts.lips)
    if facts.scale_sd is not None and facts.gaze_deg is not None:
        beside |= averted(*facts.gaze_deg)
    explained = facts.scale_sd is not None and facts.emotion not in ("", "neutral")
    kept = without_explained(seen, facts.blendshapes, facts.emotion) if explained else seen
    seen = kept | beside or seen
    if not seen:
        return ("The face is at rest.", "The expression is neutral.")[facts.variant % 2]
    strongest = sorted(seen, key=lambda phrase: -seen[phrase])[:4]
    told = listed(strongest)
    if facts.emotion in ("", "neutral"):
        return f"The face shows {told}."
    mild = "a little " if max(seen.values()) < 0.35 else ""
    return f"The face shows {told}; it looks most like {mild}{feeling(facts.emotion)}."


def lids_words(facts: Facts) -> str:
    """Say whether the eyes are open, narrowed or shut; "" where that was not measured."""
    if facts.lids is None:
        return ""
    left, right = ("shut" if gap <= SHUT else "narrowed" if gap <= NARROW else "open" for gap in facts.lids)
    return f"The eyes are {left}." if left == right else f"The left eye is {left}, the right eye {right}."


def mood_words(facts: Facts) -> str:
    """Say what the face does, and that it shows no feeling where it moves without one."""
    told = expression_words(facts)
    moves = facts.emotion in ("", "neutral") and "shows" in told
    return f"{told} No feeling stands out." if moves else told


def age_words(facts: Facts) -> str:
    """Say the age that the shape suggests, with how uncertain that is."""
    years = facts.looks.get("age_years")
    if years is None:
        return ""
    sd = facts.looks_sd.get("age_years", 10.0)
    told = f"By its shape it looks about {round(years)} years old, give or take {round(sd)}"
    if facts.scale_sd is not None and years < GREYED_YEARS and _is_grey(facts):
        return f"{told}: a face tells age badly, and the grey hair speaks for more."
    if facts.scale_sd is not None and years >= OLD_YEARS:
        return f"{told}: a face tells age badly, and I take the old for younger more often than for older."
    return f"{told}: a shape tells age badly."


def _is_grey(facts: Facts) -> bool:
    return facts.has_colour and facts.hair is not None and hair_colour_word(facts.hair) in ("grey", "white")


def build_words(facts: Facts) -> str:
    """Say the build, by the whole shape where that was read: the prior's axis alone misses what is beyond it."""
    share, degree = facts.looks.get("heaviness"), facts.attributes.get("heaviness")
    if share is None:
        return ""
    if degree is not None:
        share = (1 + math.erf(degree / math.sqrt(2))) / 2
    words = ((0.1, "very lean"), (0.3, "lean"), (0.7, "average in build"), (0.9, "full"), (2, "very full"))
    word = next(word for bound, word in words if share <= bound)
    if degree is not None and grade_of(degree, "heaviness") == "extremely":
        word = word.replace("very", "extremely")
    return f"The face is {word}, as far as a face tells the build."


def masculinity_words(facts: Facts) -> str:
    """Say which average the shape is nearer to."""
    share = facts.looks.get("masculinity")
    if share is None:
        return ""
    if 0.3 < share < 0.7:
        return "Its shape lies between the average woman's and the average man's; a face does not settle it."
    nearer = "man" if share > 0.5 else "woman"
    return f"Its shape is nearer to the average {nearer}'s; a face does not settle it."


def eyes_words(facts: Facts) -> str:
    """Say the colour of the eyes; "" where it is not known."""
    if not facts.has_colour:
        return "The photo has no colours: the skin's and the eyes' can't be told."
    return iris_words(facts.irises, facts.glasses)


def worn_hair_words(facts: Facts) -> str:
    """Say style and colour of the hair, and beard and moustache; "" where nothing is known."""
    return hair_words(facts.hair, facts.has_colour, facts.covered, facts.is_seen_bald)


def skin_words(facts: Facts) -> str:
    """Say how light the skin is, and what else it shows."""
    lightness = facts.looks.get("skin_lightness")
    if lightness is None:
        return ""
    also = " and ".join(name for name in ("freckles", "wrinkles") if facts.attributes.get(name, 0.0) >= NOTABLE_SD)
    if not facts.has_colour:
        return f"The skin has {also}." if also else ""
    tone = next(word for bound, word in _SKIN if lightness >= bound)
    return f"The skin is {tone}{', with ' + also if also else ''}."


def scale_words(facts: Facts) -> str:
    """Say how well the size is known, of a head from a photo."""
    if facts.scale_sd is None:
        return ""
    return f"One photo tells the size to about {100 * facts.scale_sd:.0f} %, so lengths can all be off by that."


# Attributes


def trait_words(facts: Facts, name: str) -> str:
    """Say an attribute without a published measure, in degrees and without a number."""
    degree, both = facts.attributes.get(name), poles().get(name)
    if degree is None or both is None:
        return f"I can't tell the {label(name)} of this head."
    if facts.scale_sd is not None and name in UNTOLD_BY_A_PHOTO:
        return "Heads of photos are made with two like halves, so how even the face is I can't tell."
    if abs(degree) < 0.5 and name in UNTOLD_BY_A_PHOTO:  # about average is about none
        return f"It has a {both[1]}."
    if abs(degree) < 0.5:
        return f"Its {label(name)} {'are' if name in OF_SEVERAL else 'is'} about average."
    pole = both[2] if degree > 0 else both[1]
    if pole in _ADJECTIVES:
        return f"It is {graded(name, degree, pole)}."
    uncounted = pole.endswith(("s", " skin")) or " that " in pole or " to the " in pole
    seen = graded(name, degree, pole)
    return f"It has {'' if uncounted else 'an ' if seen[0] in 'aeiou' else 'a '}{seen}."


def _traits_words(facts: Facts) -> str:
    """Name the shapes without a published measure that are far from the average."""
    skip = {"beard", "moustache", "age", "masculinity", "heaviness", "freckles", "wrinkles", "nose_size", "eye_size"}
    skip |= UNTOLD_BY_A_PHOTO if facts.scale_sd is not None else set()
    notable = {
        name: degree
        for name, degree in facts.attributes.items()
        if abs(degree) >= 1.2 and name in poles() and not measure_of(name) and name not in skip
        and not name.startswith(("hair_", "skin_", "iris_"))
    }  # fmt: skip
    names = sorted(notable, key=lambda name: -abs(notable[name]))[:4]
    if not names:
        return ""
    told = ((name, notable[name], poles()[name][2 if notable[name] > 0 else 1]) for name in names)
    words = [graded(*each) if grade_of(each[1], each[0]) in GRADES[2:] else each[2] for each in told]
    return f"To be seen as well: {', '.join(words)}."
