"""Whom a measure is held against: "is that wide for a woman?", "and for a man of sixty?".

The published numbers (morphable/measure.py) tell women from men among adults; where words name an age as well, that
these numbers tell no ages apart is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from facegpt.describe.sentences import Facts
from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.sexes import find_sex
from facegpt.morphable.measure import percentile
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
_AGES = regex_any_case(r"\b(?:age[ds]?|years?|\w+ty|\d+|old|young|child\w*|kids?|girls?|boys?|teen\w*|elderly|baby)\b")
_CHILDREN = regex_any_case(r"\b(?:child\w*|kids?|girls?|boys?|teen\w*|baby)\b")
#: The ages of the adults that were measured, roughly (assets/anthropometry.csv: sources).
_ALL_AGES = "The published numbers tell women from men, not ages: these are adults of about 18 to 60."
_NO_CHILDREN = "There are no published numbers of children here: these are adults."


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
    beside = _NO_CHILDREN if _CHILDREN.search(named) else _ALL_AGES if _AGES.search(named) else ""
    rest = " ".join(f"{text[: found.start()]}{text[found.end() :]}".split())
    return Norm(sex if sex in ("F", "M") else "", rest, beside)


def among(facts: Facts, sex: str) -> Facts:
    """The same head with its measures placed among women ("F") or men ("M") alone; as it is for ""."""
    if not sex:
        return facts
    placed = {
        name: each if math.isnan(each.percentile) else Measure(each.value_mm, percentile(name, each.value_mm, sex))
        for name, each in facts.measures.items()
    }
    return replace(facts, measures=placed, among={"F": "women", "M": "men"}[sex])
