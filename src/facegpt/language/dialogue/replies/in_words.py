"""Facts as the few words that stand in a reply for their code: "34.2 mm", "85th", "rather wide", "a smile"."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from statistics import NormalDist

from facegpt.describe import sentences as words
from facegpt.describe.hair_words import iris_words
from facegpt.describe.sentences import Facts
from facegpt.language.targets import attribute_of_measure

#: SDs from which a head has a trait, has it plainly, and has it very much: from the first on a question for yes or no
#: is answered with yes (questions/claims.py).
THERE_SD, PLAIN_SD, VERY_SD = 0.25, 0.7, 1.6
#: What a face at rest shows.
AT_REST = "no expression"
#: So many unusual measures are named, and so many in which two heads are alike or differ.
MOST_UNUSUAL, MOST_ALIKE = 3, 3
#: What is said of any change for the less and for the more.
_PLAINLY = ("less smaller down shorter", "more larger bigger up longer")
_MADE_OF = re.compile(r"(?:sticking|turned|tilted)\b")


def length(measure: str, facts: Facts) -> str:
    """A measure with its unit."""
    return f"{facts.measures[measure].value_mm:.1f} mm"


def percentile(measure: str, facts: Facts) -> str:
    """Its percentile among adults, "1st" to "99th"; "" where that is not known."""
    value = facts.measures[measure].percentile
    return "" if math.isnan(value) else words.ordinal(min(max(value, 1.0), 99.0)).removeprefix("the ")


def standing_of_measure(measure: str, facts: Facts) -> str:
    """How a measure stands among adults, as a predicate; "" where that is not known."""
    value, name = facts.measures[measure].percentile, attribute_of_measure(measure)
    if math.isnan(value) or name not in _table():
        return ""
    return _predicate(name, NormalDist().inv_cdf(min(max(value / 100, 0.001), 0.999)))


def standing(attribute: str, facts: Facts) -> str:
    """How a trait without a measure stands, as a predicate; "" where that is not known."""
    degree = facts.attributes.get(attribute)
    return "" if degree is None or attribute not in _table() else _predicate(attribute, degree)


def _predicate(attribute: str, degree: float) -> str:
    if abs(degree) < THERE_SD:
        return "about average"
    word = _table()[attribute][degree > 0]
    much = "clearly " if _MADE_OF.match(word) else "very "
    return f"{'rather ' if abs(degree) < PLAIN_SD else '' if abs(degree) < VERY_SD else much}{word}"


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, str]]:
    """Attribute → its predicates of little and of much."""
    text = (resources.files(__package__) / "standing.csv").read_text(encoding="utf-8")
    return {row["attribute"]: (row["low"], row["high"]) for row in csv.DictReader(text.splitlines())}


def how_it_changed(attribute: str, by: float) -> tuple[frozenset[str], frozenset[str]]:
    """Words that are so of a change of an attribute (by: its sign counts; 0: none), and those that are not."""
    less, more = (
        frozenset(re.findall(r"[a-z]+", f"{pole} {plain}"))
        for pole, plain in zip(_table().get(attribute, ("", "")), _PLAINLY, strict=True)
    )
    return (more, less) if by > 0 else (less, more) if by < 0 else (frozenset(), less | more)


@lru_cache(maxsize=1)
def judgements() -> frozenset[str]:
    """Every word that says how something stands."""
    return frozenset(word for pair in _table().values() for each in pair for word in re.findall(r"[a-z]+", each))


def looks(name: str, facts: Facts) -> dict[str, str]:
    """The facts of one of items.LOOKS, by their letters; {} where nothing is known."""
    if name == "expression":
        return _of_expression(facts)
    if name in ("age", "age_years"):
        return _of_age(facts)
    if name == "unusual":
        found = unusual(facts)
        return {"U": found} if found else {}
    told = {
        "masculinity": _sex, "heaviness": _build, "skin_lightness": _skin, "iris_lightness": _eyes
    }  # fmt: skip
    found = told[name](facts) if name in told else ""
    return {"O": found} if found else {}


def _of_expression(facts: Facts) -> dict[str, str]:
    """What the face does, and the nearest emotion where one is named."""
    text = words.expression_words(facts)
    if not text.startswith("The face shows "):
        return {"S": AT_REST, "E": "a neutral face"}
    seen, _, felt = text.removeprefix("The face shows ").removesuffix(".").partition("; it looks most like ")
    return {"S": seen, "E": felt} if felt else {"S": seen}


def _of_age(facts: Facts) -> dict[str, str]:
    years = facts.looks.get("age_years")
    if years is None:
        return {}
    return {
        "A": f"about {round(years)}",
        "R": f"{round(years)}, give or take {round(facts.looks_sd.get('age_years', 10.0))}",
    }


def _sex(facts: Facts) -> str:
    share = facts.looks.get("masculinity", 0.5)
    return "" if 0.3 < share < 0.7 else "a man" if share > 0.5 else "a woman"


def _build(facts: Facts) -> str:
    found = re.match(r"The face is (.+), as far", words.build_words(facts))
    return found[1] if found else ""


def _skin(facts: Facts) -> str:
    found = re.match(r"The skin is (.+?)(?:, with (.+))?\.$", words.skin_words(facts))
    return "" if not found else f"{found[1]} skin{' with ' + found[2] if found[2] else ''}"


def _eyes(facts: Facts) -> str:
    return iris_words(facts.irises).removeprefix("The eyes are ").removesuffix(".")


def unusual(facts: Facts) -> str:
    """The most unusual measures with their numbers."""
    names = words.most_unusual(facts.measures, MOST_UNUSUAL)
    return listed(
        [f"{words.label(name)} {length(name, facts)} ({percentile(name, facts)} percentile)" for name in names]
    )


def alike_or_differing(first: Facts, second: Facts) -> tuple[str, str]:
    """In which measures two heads are most alike, and in which they differ most."""
    from facegpt.language.dialogue.wording import plain_label

    known = [n for n, m in first.measures.items() if n in second.measures and not math.isnan(m.percentile)]
    order = sorted(known, key=lambda n: abs(first.measures[n].percentile - second.measures[n].percentile))
    each = ([plain_label(name) for name in some] for some in (order[:MOST_ALIKE], order[::-1][:MOST_ALIKE]))
    alike, differ = map(listed, each)
    return alike, differ


def listed(texts: Sequence[str]) -> str:
    """Texts as an enumeration."""
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1] if texts else ""
