"""Whom a measure is held against: "is that usual?", "is that wide for a woman?", "and for a man of sixty?".

The published numbers (morphable/measure.py) tell women from men among adults; where words name an age as well, that
these numbers tell no ages apart is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from facegpt.describe.attribute_words import measure_of
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.describe.sentences import Facts, ordinal
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.questions.comparing import measures_of, side_of
from facegpt.language.dialogue.set_answers import NORM, asks_for
from facegpt.language.dialogue.wording import plain_label
from facegpt.language.numbers import find_numbers
from facegpt.language.patterns import has_word, regex_any_case, word_set
from facegpt.language.reading.sexes import find_sex
from facegpt.morphable.measure import mean_mm, percentile
from facegpt.types import Measure

#: Who is named behind the word that holds a measure against them: no one of the conversation, "the man" is one.
_AMONG = regex_any_case(r"""
    [\s,]*\b(?:for|among(?:st)?|by the standards of|compared (?:to|with)|in comparison (?:to|with)|than|as
    \s(?:far\sas|with))\s+
    (?P<who>(?:(?:an?|most|all|other|any|many|average|the\s(?:average|normal|typical|usual)|typical|normal|usual|adult|
    grown|somebody|someone|people|persons?|his|her|their)\s+){1,4}
    (?:[\w-]+[ ]){0,3}?(?:wom[ae]n|m[ae]n|males?|females?|lad(?:y|ies)|guys?|gentlem[ae]n|girls?|boys?|child(?:ren)?|
    kids?|adults?|age|sex|gender|years?|people|persons?)\b
    (?:\s(?:of|at|in|aged|around|over|under)\s(?:(?:about|around|her|his|their|that|the|this)\s)?[\w-]+)?)(?:['’]s?)?
""")
_AGES = word_set("age aged ages year years old young elderly")
_CHILDREN = word_set("child children kid kids girl girls boy boys teen teens teenager teenagers baby")
#: The ages of the adults that were measured, roughly (assets/anthropometry.csv: sources).
_ALL_AGES = "The published numbers tell women from men, not ages: these are adults of about 18 to 60."
_NO_CHILDREN = "There are no published numbers of children here: these are adults."
#: Between these percentiles a measure is usual: what two of three adults have.
USUAL_PERCENTILES = (16.0, 84.0)
#: Words of a question for somebody here, or for several lengths held together.
_OF_SOMEBODY = word_set(
    "proportion proportions he she his her hers him they their it its this that these those my ratio sum both"
)
#: So many means are told in one answer.
MOST_MEANS = 3
#: From so many percentiles off the middle on, answers say "a little above average".
_A_LITTLE = 20.0


#: How a question begins that wants to know by how much a measure is off.
_AMOUNT = regex_any_case(r"\b(?:how (?:much|far|many)|by what)\b")


@dataclass(frozen=True)
class Norm:
    """Whom a question holds a head against.

    Attributes:
        sex: "F", "M", or "" for both. rest: the question without these words. beside: what is said of the ages named.
    """

    sex: str
    rest: str
    beside: str = ""


def norm_in(text: str) -> Norm | None:
    """Whom a text holds a head against; None where it names nobody."""
    found = _AMONG.search(text)
    if found is None:
        return None
    named = found["who"].lower()
    sex = find_sex(named)
    beside = (
        _NO_CHILDREN
        if has_word(named, _CHILDREN)
        else _ALL_AGES
        if has_word(named, _AGES) or find_numbers(named)
        else ""
    )
    rest = " ".join(f"{text[: found.start()]}{text[found.end() :]}".split())
    return Norm(sex if sex in ("F", "M") else "", rest, beside)


def norm_asked(text: str, cast: Cast) -> Norm | None:
    """Whom a question on a measure holds a head against; None where it holds it against nobody."""
    norm = norm_in(text) if cast.people else None
    of_measures = norm is not None and bool(names_in(norm.rest) or cast.question.asks or cast.change.asks)
    return norm if of_measures else None


def among(facts: Facts, sex: str) -> Facts:
    """The same head with its measures placed among women ("F") or men ("M") alone; as it is for ""."""
    if not sex:
        return facts
    placed = {
        name: each if math.isnan(each.percentile) else Measure(each.value_mm, percentile(name, each.value_mm, sex))
        for name, each in facts.measures.items()
    }
    return replace(facts, measures=placed, among={"F": "women", "M": "men"}[sex])


def off_average(name: str, facts: Facts, sex: str = "") -> str:
    """How far a measure is from the mean of adults, or of one sex, in millimetres; "" for one of unknown mean."""
    mean, each = mean_mm(name, sex or None), facts.measures[name]
    if math.isnan(mean) or math.isnan(each.percentile):
        return ""
    off = round(each.value_mm - mean, 1)
    at = f"the average {plain_label(name)} of {facts.among}, {mean:.1f} mm"
    place = f"({ordinal(each.percentile)} percentile)"
    if off == 0:
        return f"{each.value_mm:.1f} mm is {at} {place}."
    return f"{each.value_mm:.1f} mm is {abs(off):.1f} mm {'more' if off > 0 else 'less'} than {at} {place}."


def average(text: str) -> str:
    """What adults, or those of one sex, measure on average, where a question asks that of nobody here; else ""."""
    if has_word(text, _OF_SOMEBODY) or not asks_for(NORM, text):
        return ""
    sex = find_sex(text)
    named = [m for name in names_in(text) for m in (name, *MEASURES_OF.get(name, (measure_of(name),)))]
    told = [_mean_words(name, sex) for name in dict.fromkeys(named) if not math.isnan(mean_mm(name))]
    beside = [_NO_CHILDREN] if told and has_word(text, _CHILDREN) else []
    return " ".join([*told[:MOST_MEANS], *beside])


def _mean_words(name: str, sex: str) -> str:
    """The mean of a measure among adults of one sex, or of both with each of them."""
    label = plain_label(name)
    if sex in ("F", "M"):
        return f"The average {label} of {'women' if sex == 'F' else 'men'} is {mean_mm(name, sex):.1f} mm."
    women, men = (f"{who} {mean_mm(name, of):.1f}" for who, of in (("women", "F"), ("men", "M")))
    return f"The average {label} of adults is {mean_mm(name):.1f} mm ({women}, {men})."


def usual(context: Context, sex: str = "") -> str:
    """Whether what was measured last is usual among adults, or among one sex; "" where nothing was measured."""
    cast = context.cast
    last = cast.question if cast.question.asks else cast.change
    who = last.who or cast.in_focus()
    facts = among(context.model.facts(cast.person(who[-1]).face), sex)
    names = [m for name in last.asks for m in measures_of(name, facts)]
    known = [facts.measures[m].percentile for m in names if not math.isnan(facts.measures[m].percentile)]
    if not known:
        return ""
    if _AMOUNT.search(context.text):
        return " ".join(dict.fromkeys(off_average(m, facts, sex) for m in names))
    low, high = USUAL_PERCENTILES
    out, side = max(known, key=lambda each: abs(each - 50.0)), side_of(context.text)
    if low <= out <= high:
        yes = "A little, but" if side * (out - 50.0) >= _A_LITTLE else "No," if side else "Yes,"
        return f"{yes} that is usual: most {facts.among} are about there."
    share = f"{max(round(min(out, 100.0 - out)), 1)} of 100 {facts.among} have {'less' if out < low else 'more'}"
    is_so = side == (1 if out > high else -1)
    return f"{'Yes' if is_so else 'No'}, that is rather {'small' if out < low else 'large'}: {share}."
