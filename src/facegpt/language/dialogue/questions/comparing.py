"""Several heads held against each other: who has more of a measure, a trait, years or a feeling, and by how much."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import measure_of, poles
from facegpt.describe.emotion_prototypes import strength_of
from facegpt.describe.emotion_words import feeling
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.questions.claims import Claim
from facegpt.language.dialogue.questions.question_network import begins_as_yes_or_no
from facegpt.language.dialogue.who.called import all_called, called, sentence, with_article
from facegpt.language.dialogue.wording import SAME_MM, of_person, plain_label
from facegpt.language.patterns import regex_any_case

THAN = regex_any_case(r"\b(?:than|compared (?:to|with)|versus|vs)\b")
_LESS = regex_any_case(r"""
    \b(?:small|narrow|short|thin|young|less|low|slim|flat|little|slight)(?:er|est)?\b(?! (?:lip|lid|face|jaw)s?\b)|
    \bleast\b
""")
#: So many measures, the first ones, make up the size of a part: of a nose its breadth and its length.
_OF_SIZE = 2
#: Sizes that differ by less than this share are called the same.
_SAME_SHARE = 0.01
#: Ages that are no more apart than this look the same, years.
_SAME_YEARS = 4.0
#: Traits without a length that differ by less than this are called the same, SDs.
_SAME_SD = 0.5
#: Feelings whose strengths differ by no more than this are shown alike.
_SAME_STRENGTH = 0.05
_YES = {True: "Yes. ", False: "No. "}
#: So many names of a question are answered.
MOST_ASKED = 3


def less_of(text: str) -> bool:
    """Whether a question asks for the smaller side: "narrower", "the least"."""
    return bool(_LESS.search(text))


def apart(model: Maker, number: int, cast: Cast) -> str:
    """What tells one of several from the others: the measures that lie farthest from theirs."""
    facts = {person.number: model.facts(person.face) for person in cast.people}
    own, others = facts.pop(number).measures, list(facts.values())
    beside = {m: sum(f.measures[m].percentile for f in others) / len(others) for m in own}
    names = sorted(own, key=lambda m: -abs(own[m].percentile - beside[m]))[:MOST_ASKED]
    told = [
        f"{plain_label(m)} {own[m].value_mm:.1f} mm "
        f"({'more' if own[m].percentile > beside[m] else 'less'} than the others, "
        f"{sum(f.measures[m].value_mm for f in others) / len(others):.1f} mm on average)"
        for m in names
    ]
    return f"{sentence(called(cast.person(number), cast))} differs most in this: {'; '.join(told)}."


def measures_of(name: str, facts: Facts) -> tuple[str, ...]:
    """The measures of a head that a name of what is asked stands for."""
    if name in facts.measures:
        return (name,)
    return tuple(n for n in MEASURES_OF.get(name, (measure_of(name),)) if n in facts.measures)


def by_measure(names: Sequence[str], who: Sequence[int], facts: dict[int, Facts], cast: Cast, text: str) -> str:
    """Name the one with the largest value, or the smallest where that is asked for; first of all lengths together."""
    less, lines = less_of(text), []
    asks_so = bool(THAN.search(text)) and begins_as_yes_or_no(text)
    if size := _size_of(names):
        sizes = {n: _together(names[:_OF_SIZE], facts[n]) for n in who}
        order = sorted(who, key=lambda number: sizes[number], reverse=not less)
        same = abs(sizes[order[0]] / sizes[order[1]] - 1) < _SAME_SHARE
        yes = _YES[order[0] == who[0] and not same] if asks_so else ""
        lines.append(f"{yes}{_told_by_size(order, sizes, (size, *names[:_OF_SIZE]), less, cast)}")
    for k, name in enumerate(names):
        value = {number: round(facts[number].measures[name].value_mm, 1) for number in who}
        order = sorted(who, key=lambda number: value[number], reverse=not less)
        same = abs(value[order[0]] - value[order[-1]]) < SAME_MM
        yes = _YES[order[0] == who[0] and not same] if k == 0 and asks_so and not size else ""
        lines.append(f"{yes}{_told_by_value(order, value, plain_label(name), less, cast)}")
    return " ".join(lines)


def _size_of(names: Sequence[str]) -> str:
    """The one trait that several measures are of: "nose_size" of its breadth and its length; "" for none."""
    return next((size for size, of in MEASURES_OF.items() if len(names) > 1 and {*names} <= {*of}), "")


def _together(names: Sequence[str], facts: Facts) -> float:
    """The geometric mean of some lengths, mm: lengths of a part multiplied are its size."""
    return math.exp(sum(math.log(facts.measures[name].value_mm) for name in names) / len(names))


def _told_by_size(order: Sequence[int], sizes: dict[int, float], of: Sequence[str], less: bool, cast: Cast) -> str:
    """Who has more of a part, two of its lengths taken together, and by what share. of: the size, and both lengths."""
    label, together = plain_label(of[0]), f"{plain_label(of[1])} and {plain_label(of[2])} taken together"
    best, other = order[:2]
    share = abs(sizes[best] / sizes[other] - 1)
    if share < _SAME_SHARE:
        return f"{sentence(all_called((best, other), cast))} have about the same {label}, {together}."
    more = ("smaller" if less else "larger") if len(order) == 2 else ("smallest" if less else "largest")
    rest = "" if len(order) == 2 else f" before {called(cast.person(other), cast)}"
    name = sentence(called(cast.person(best), cast))
    return f"{name} has the {more} {label}, by {100 * share:.0f} %{rest}, {together}."


def _told_by_value(order: Sequence[int], value: dict[int, float], label: str, less: bool, cast: Cast) -> str:
    """Who has the largest or smallest value, and what the others have."""
    best, *others = order
    gap = abs(value[best] - value[others[-1]])
    if gap < SAME_MM:
        return f"Both have the same {label}, {value[best]:.1f} mm."
    more = "smaller" if less else "larger"
    name = sentence(called(cast.person(best), cast))
    if len(others) == 1:
        other = f"{called(cast.person(others[0]), cast)} has {value[others[0]]:.1f} mm"
        return f"{name} has the {more} {label}, by {gap:.1f} mm, with {value[best]:.1f} mm; {other}."
    rest = ", ".join(
        f"by {abs(value[best] - value[n]):.1f} mm before {called(cast.person(n), cast)} ({value[n]:.1f} mm)"
        for n in others
    )
    return f"{name} has the {more[:-1]}st {label}, {value[best]:.1f} mm, {rest}."


def by_age(who: Sequence[int], facts: dict[int, Facts], cast: Cast, text: str) -> str:
    """Who looks older, or younger where that is asked for, with the years of each."""
    young = bool(re.search(r"\byoung", text, re.IGNORECASE))
    years = {number: facts[number].looks.get("age_years", 0.0) for number in who}
    order = sorted(who, key=lambda number: years[number], reverse=not young)
    told = ", ".join(f"{called(cast.person(n), cast)} about {round(years[n])}" for n in order)
    asks_so = bool(THAN.search(text)) and begins_as_yes_or_no(text)
    yes = _YES[order[0] == who[0]] if asks_so else ""
    first = sentence(called(cast.person(order[0]), cast))
    gap = abs(round(years[order[0]]) - round(years[order[1]]))
    by = f", {gap} year{'' if gap == 1 else 's'} apart" if gap else ""
    if gap < _SAME_YEARS and not yes:
        return f"{sentence(all_called(who, cast))} look about the same age{by}: {told} years old."
    by = "" if len(order) > 2 else f", by about {gap} years"
    return f"{yes}{first} looks {'younger' if young else 'older'}{by}: {told} years old."


def by_expression(
    claims: Sequence[Claim | None], text: str, who: Sequence[int], facts: dict[int, Facts], cast: Cast
) -> str:
    """Who shows more of the feeling or of the movements that a question names, with what each face does."""
    name, shown = _shown(claims, facts)
    less = less_of(text)
    order = sorted(who, key=lambda n: shown[n], reverse=not less)
    told = " ".join(f"{sentence(called(cast.person(n), cast))}: {words.expression_words(facts[n])}" for n in order)
    if not name:
        return told
    others = all_called(order[1:], cast)
    if abs(shown[order[0]] - shown[order[-1]]) <= _SAME_STRENGTH:
        return f"{sentence(all_called(order, cast))} show about as much {name}. {told}"
    more = "less" if less else "more"
    return f"{sentence(called(cast.person(order[0]), cast))} shows {more} {name} than {others}. {told}"


def _shown(claims: Sequence[Claim | None], facts: dict[int, Facts]) -> tuple[str, dict[int, float]]:
    """What of an expression a question compares, in words, and how strongly each head shows it; "" for none."""
    for claim in claims:
        if claim is not None and claim.emotion not in ("", "neutral"):
            weights = {n: np.array([each.blendshapes[k] for k in ARKIT_NAMES]) for n, each in facts.items()}
            return feeling(claim.emotion), {n: strength_of(each, claim.emotion) for n, each in weights.items()}
    for claim in claims:
        if claim is not None and (units := [name for name, weight in claim.units.items() if weight > 0]):
            return "of it", {n: sum(each.movements[k] for k in units) / len(units) for n, each in facts.items()}
    return "", dict.fromkeys(facts, 0.0)


def by_attribute(name: str, who: Sequence[int], facts: dict[int, Facts], cast: Cast, text: str) -> str:
    """Who has more of an attribute."""
    known = {n: facts[n].attributes.get(name) for n in who}
    if any(value is None for value in known.values()):
        return ""
    less = less_of(text)
    order = sorted(who, key=lambda n: known[n] or 0.0, reverse=not less)
    first, last = order[0], order[-1]
    if abs((known[first] or 0.0) - (known[last] or 0.0)) < _SAME_SD:
        return f"{sentence(all_called(order, cast))} have about the same {words.label(name)}."
    told = " ".join(of_person(words.aspect(facts[n], name), cast.person(n), cast) for n in order)
    pole = with_article(poles()[name][2]) if name in poles() else words.label(name)
    more = "less" if less else "more"
    others = all_called(order[1:], cast)
    return f"{sentence(called(cast.person(first), cast))} has {more} of {pole} than {others}. {told}"
