"""Values held against each other: of several heads, or of two parts of one head."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import measure_of, poles
from facegpt.describe.emotion_prototypes import strength_of
from facegpt.describe.emotion_words import feeling
from facegpt.describe.lips import shown_by_lips
from facegpt.describe.lists import listed
from facegpt.describe.measure_words import MEASURES_OF, MOVEMENT_WORDS
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.questions.asked_before import names_in, part_of
from facegpt.language.dialogue.questions.asked_names import DIMENSIONS
from facegpt.language.dialogue.questions.claims import Claim
from facegpt.language.dialogue.questions.question_network import begins_as_yes_or_no
from facegpt.language.dialogue.who.called import all_called, called, sentence, with_article
from facegpt.language.dialogue.wording import SAME_MM, of_person, plain_label, whose
from facegpt.language.parts import base_form
from facegpt.language.patterns import has_word, regex_any_case, word_set, words_in
from facegpt.language.trait_words import traits_said

THAN = regex_any_case(r"\b(?:than|(?:compared|relative|in relation) (?:to|with)|versus|vs)\b")
#: Where the second of two lengths begins: behind "than", the last "as", and the "to" of a ratio.
_RATIO = r"\b(?:ratio|proportion|relation)\b"
_SECOND = regex_any_case(rf"{THAN.pattern}|\bas\b(?!.*\bas\b)|(?<=\w)\sto\s(?=.*{_RATIO})|{_RATIO}(.+?)\s(?:to|and)\s")
_SHARE = word_set("ratio proportion proportions times twice half double percent percentage factor")
_SUMS, _NO_SUM = word_set("sum total altogether combined average mean"), word_set("above below than usual for")
#: How the name of a length has the dimension that an adjective stands for.
_NAMED = {"long": "length", "short": "length", "tall": "height", "wide": "width", "broad": "width", "narrow": "width"}
#: Colours are told alike where their names are.
_COLOURS = frozenset(("iris_lightness", "hair_lightness", "hair_redness", "hair_greyness", "skin_lightness"))
_FACTORS = {"twice": 2.0, "double": 2.0, "half": 0.5, "three": 3.0}
#: A length is so many times another one within this share.
_ABOUT = 0.05
#: Words that ask for the smaller side and stand in no table of traits, and those that turn an adjective round.
_SMALL, _LESS = word_set("young younger youngest little slight tiny close"), word_set("less least fewer")
_LARGE = word_set("more most much above prominent lot far old older oldest")
#: An adverb, though a trait too: "is it even wider?".
_NO_SIDE = "even"
#: So many measures, the first ones, make up the size of a part: of a nose its breadth and its length.
_OF_SIZE = 2
#: What is called the same: sizes that differ by less than a share, years, SDs of traits without a length, feelings.
_SAME_SHARE, _SAME_YEARS, _SAME_SD, _SAME_STRENGTH = 0.01, 4.0, 0.5, 0.05
#: SD of an age where none is known, years.
AGE_SD = 10.0
#: So many names of a question are answered, and so many measures told of all that differs.
MOST_ASKED, MOST_COMPARED = 3, 4


def side_of(text: str) -> int:
    """The side that a text asks for by its adjectives: -1 for "narrower" and "less wide", 1 for "wide", 0 for none."""
    said = [word for word in words_in(text) if word != _NO_SIDE]
    sides = [int(np.sign(sum(side for _, side in traits_said(base_form(word))))) for word in said]
    sides += [-1] * any(word in _SMALL for word in said) + [1] * any(word in _LARGE for word in said)
    side = next(filter(None, sides), 0)
    return -(side or 1) if any(word in _LESS for word in said) else side


def less_of(text: str) -> bool:
    """Whether a question asks for the smaller side: "narrower", "the least"."""
    return side_of(text) < 0


def measures_of(name: str, facts: Facts) -> tuple[str, ...]:
    """The measures of a head that a name of what is asked stands for."""
    if name in facts.measures:
        return (name,)
    return tuple(n for n in MEASURES_OF.get(name, (measure_of(name),)) if n in facts.measures)


def _yes(text: str, is_so: bool) -> str:
    """The verdict that a question begins with that asks for one; "" for all others."""
    return ("Yes. " if is_so else "No. ") if begins_as_yes_or_no(text) else ""


# Two lengths


def two_sides(text: str) -> tuple[str, str] | None:
    """The two things that a text holds together, each with its part and its dimension; None where it names no two.

    "How much longer than wide is her nose?" is of "longer nose" and "wide is her nose".
    """
    found = _SECOND.search(text)
    if found is None:
        return None
    sides = (text[: found.start()] + (found[1] or ""), text[found.end() :])
    parts = [part_of(side) for side in sides]
    sizes = [next((base_form(w) for w in words_in(side) if base_form(w) in DIMENSIONS), "") for side in sides]
    if not any(parts):
        return None
    first, second = (
        f"{side} {parts[1 - k] if not parts[k] else ''} {sizes[1 - k] if not sizes[k] else ''}"
        for k, side in enumerate(sides)
    )
    return first, second


def two_measures(text: str, facts: Facts) -> tuple[str, ...]:
    """The two measures that "is his mouth wider than his nose?" compares; () for none."""
    sides = two_sides(text)
    if sides is None:
        return ()
    named = [" ".join(_NAMED.get(base_form(word), word) for word in words_in(side)) for side in sides]
    found = [next((m for name in names_in(side) for m in measures_of(name, facts)), "") for side in named]
    return tuple(found) if all(found) and found[0] != found[1] else ()


def by_lengths(lengths: Sequence[tuple[int, str]], facts: Mapping[int, Facts], cast: Cast, text: str) -> str:
    """Say which of two lengths is the larger one, or the smaller where that is asked for, and by how much.

    Args:
        lengths: the number of a person and a measure, of each.
        facts: of each person.
        cast: the people.
        text: the question.
    """
    less = less_of(text)
    values = {each: facts[each[0]].measures[each[1]].value_mm for each in lengths}
    first, second = sorted(lengths, key=lambda each: values[each], reverse=not less)
    owners = [whose(cast.person(number), cast) for number in (first[0], second[0])]
    value, other, gap = values[first], values[second], abs(values[first] - values[second])
    start = f"{sentence(owners[0])} {plain_label(first[1])}"
    beside = f"{owners[1] if first[0] != second[0] else 'the'} {plain_label(second[1])}"
    factor = next((_FACTORS[word] for word in words_in(text) if word in _FACTORS), 0.0)
    if factor or words_in(text).count("as") > 1:
        is_so = abs(values[lengths[0]] / values[lengths[1]] / (factor or 1.0) - 1) <= _ABOUT
    else:
        is_so = first == lengths[0] and gap >= SAME_MM
    if gap < SAME_MM:
        return f"{_yes(text, is_so)}{start} and {beside} are both {value:.1f} mm."
    share = f" The ratio is {values[lengths[0]] / values[lengths[1]]:.2f}." if has_word(text, _SHARE) else ""
    return (
        f"{_yes(text, is_so)}{start}, {value:.1f} mm, is {'smaller' if less else 'larger'} than {beside}, "
        f"{other:.1f} mm, by {gap:.1f} mm ({100 * gap / other:.0f} %).{share}"
    )


# Several heads


def by_measure(names: Sequence[str], who: Sequence[int], facts: Mapping[int, Facts], cast: Cast, text: str) -> str:
    """Name the one with the largest value, or the smallest where that is asked for; first of all lengths together."""
    less, lines = less_of(text), []
    size = next((size for size, of in MEASURES_OF.items() if len(names) > 1 and {*names} <= {*of}), "")
    scales: list[tuple[tuple[str, ...], str]] = [((name,), plain_label(name)) for name in names]
    if size:
        scales.insert(0, (tuple(names[:_OF_SIZE]), plain_label(size)))
    for k, (of, label) in enumerate(scales):
        value = {n: math.prod(round(facts[n].measures[m].value_mm, 1) for m in of) ** (1 / len(of)) for n in who}
        order = sorted(who, key=lambda number: value[number], reverse=not less)
        least = SAME_MM if len(of) == 1 else _SAME_SHARE * value[order[-1]]
        same = abs(value[order[0]] - value[order[-1]]) < least
        yes = _yes(text, order[0] == who[0] and not same) if k == 0 and THAN.search(text) else ""
        together = f"{plain_label(of[0])} and {plain_label(of[1])} taken together" if len(of) > 1 else ""
        lines.append(yes + _told_by_value(order, value, same, label, together, cast, text))
    if len(names) == 1 and asks_for_sum(text):
        total = sum(round(facts[n].measures[names[0]].value_mm, 1) for n in who)  # as printed
        lines.append(f"Together that is {total:.1f} mm, on average {total / len(who):.1f} mm.")
    return " ".join(lines)


def _told_by_value(
    order: Sequence[int], value: Mapping[int, float], same: bool, label: str, of: str, cast: Cast, text: str
) -> str:
    """Who has the largest or smallest value, and what the others have; by shares of what several lengths make up."""
    best, *others = order
    name, more = sentence(called(cast.person(best), cast)), "smaller" if less_of(text) else "larger"
    more = more if len(others) == 1 else f"{more[:-1]}st"
    if of:
        if same:
            return f"{sentence(all_called(order, cast))} have about the same {label}, {of}."
        rest = "" if len(others) == 1 else f" before {called(cast.person(others[0]), cast)}"
        share = 100 * abs(value[best] / value[others[0]] - 1)
        return f"{name} has the {more} {label}, by {share:.0f} %{rest}, {of}."
    if same:
        return f"{'Both' if len(others) == 1 else 'All'} have the same {label}, {value[best]:.1f} mm."
    gaps = {n: (called(cast.person(n), cast), abs(value[best] - value[n]), value[n]) for n in others}
    if len(others) == 1:
        other, gap, has = gaps[others[0]]
        by = f"{gap:.1f} mm" + (f" ({100 * gap / has:.0f} %)" if has_word(text, _SHARE) else "")
        return f"{name} has the {more} {label}, by {by}, with {value[best]:.1f} mm; {other} has {has:.1f} mm."
    rest = ", ".join(f"by {gap:.1f} mm before {other} ({has:.1f} mm)" for other, gap, has in gaps.values())
    return f"{name} has the {more} {label}, {value[best]:.1f} mm, {rest}."


def compared(who: Sequence[int], facts: Mapping[int, Facts], cast: Cast) -> str:
    """Several heads beside each other: the measures in which they differ most among adults, and what each face does."""
    names = farthest_apart(tuple(facts[who[0]].measures), facts, MOST_COMPARED)
    told = by_measure(names, who, facts, cast, "")
    each = {n: words.expression_words(facts[n]) for n in who}
    same = len({*each.values()}) == 1
    return told if same else " ".join([told, *(f"{sentence(called(cast.person(n), cast))}: {each[n]}" for n in who)])


def farthest_apart(names: Sequence[str], facts: Mapping[int, Facts], most: int = MOST_ASKED) -> Sequence[str]:
    """The measures in which heads lie farthest apart among adults; as they are asked for where they are few."""
    places = {m: [each.measures[m].percentile for each in facts.values()] for m in names}
    return names if len(names) <= most else sorted(names, key=lambda m: min(places[m]) - max(places[m]))[:most]


def apart(number: int, facts: Mapping[int, Facts], cast: Cast) -> str:
    """What tells one of several from the others: the measures that lie farthest from theirs."""
    own, others = facts[number].measures, [each.measures for n, each in facts.items() if n != number]
    beside = {m: sum(each[m].percentile for each in others) / len(others) for m in own}
    names = sorted(own, key=lambda m: -abs(own[m].percentile - beside[m]))[:MOST_ASKED]
    told = [
        f"{plain_label(m)} {own[m].value_mm:.1f} mm "
        f"({'more' if own[m].percentile > beside[m] else 'less'} than the others, "
        f"{sum(each[m].value_mm for each in others) / len(others):.1f} mm on average)"
        for m in names
    ]
    return f"{sentence(called(cast.person(number), cast))} differs most in this: {'; '.join(told)}."


def asks_for_sum(text: str) -> bool:
    """Whether a text asks for the sum or the mean of what several have: "what is their average nose length?"."""
    return has_word(text, _SUMS) and not has_word(text, _NO_SUM)


def by_age(who: Sequence[int], facts: Mapping[int, Facts], cast: Cast, text: str) -> str:
    """Who looks older, or younger where that is asked for, with the years of each."""
    young = less_of(text)
    years = {number: facts[number].looks.get("age_years", 0.0) for number in who}
    order = sorted(who, key=lambda number: years[number], reverse=not young)
    told = ", ".join(f"{called(cast.person(n), cast)} about {round(years[n])}" for n in order)
    yes = _yes(text, order[0] == who[0]) if THAN.search(text) else ""
    gap = abs(round(years[order[0]]) - round(years[order[1]]))
    if gap < _SAME_YEARS and not yes:
        by = f", {gap} year{'' if gap == 1 else 's'} apart" if gap else ""
        return f"{sentence(all_called(who, cast))} look about the same age{by}: {told} years old."
    by = "" if len(order) > 2 else f", by about {gap} years"
    first = sentence(called(cast.person(order[0]), cast))
    mean = f" On average that is {sum(years.values()) / len(years):.0f}." if asks_for_sum(text) else ""
    side = "younger" if young else "older"
    doubt = _doubt_of_ages(order[:2], facts, side)
    return f"{yes}{first} looks {side}{by}: {told} years old.{mean} {doubt}"


def _doubt_of_ages(pair: Sequence[int], facts: Mapping[int, Facts], side: str) -> str:
    """How far off the ages of two may be, and that it is not sure who is older where they are no farther apart."""
    sds = [facts[number].looks_sd.get("age_years", AGE_SD) for number in pair]
    gap = abs(facts[pair[0]].looks.get("age_years", 0.0) - facts[pair[1]].looks.get("age_years", 0.0))
    unsure = f", so it is not sure who is {side}" if gap < math.hypot(*sds) else ""
    return f"Each age is give or take {max(map(round, sds))} years{unsure}."


def by_expression(
    claims: Sequence[Claim | None], text: str, who: Sequence[int], facts: Mapping[int, Facts], cast: Cast
) -> str:
    """Who shows more of the feeling or of the movements that a question names, with what each face does."""
    name, shown = _shown(claims, facts)
    less = less_of(text)
    order = sorted(who, key=lambda n: shown[n], reverse=not less)
    told = " ".join(f"{sentence(called(cast.person(n), cast))}: {words.expression_words(facts[n])}" for n in order)
    if not name:
        return told
    if abs(shown[order[0]] - shown[order[-1]]) <= _SAME_STRENGTH:
        return f"{sentence(all_called(order, cast))} show about as much {name}. {told}"
    start, others = sentence(called(cast.person(order[0]), cast)), all_called(order[1:], cast)
    return f"{start} shows {'less' if less else 'more'} {name} than {others}. {told}"


def _shown(claims: Sequence[Claim | None], facts: Mapping[int, Facts]) -> tuple[str, dict[int, float]]:
    """What of an expression a question compares, in words, and how strongly each head shows it; "" for none."""
    for claim in filter(None, claims):
        if claim.emotion not in ("", "neutral"):
            weights = {n: np.array([each.blendshapes[k] for k in ARKIT_NAMES]) for n, each in facts.items()}
            return feeling(claim.emotion), {n: strength_of(each, claim.emotion) for n, each in weights.items()}
        if units := [name for name, weight in claim.units.items() if weight > 0]:
            return _of_movements(units), {n: _strength(each, units) for n, each in facts.items()}
    return "", dict.fromkeys(facts, 0.0)


def _strength(facts: Facts, units: Sequence[str]) -> float:
    """How strongly a head shows some movements, 0..1: the smile of a photo by its measured lips."""
    smile = 0.0 if facts.lips is None else max(shown_by_lips(replace(facts.lips, gap_mm=0.0)).values(), default=0.0)
    shown = [smile if facts.lips is not None and k.startswith("mouthSmile") else facts.movements[k] for k in units]
    return sum(shown) / len(shown)


def _of_movements(units: Sequence[str]) -> str:
    """What is compared, in words: "of a smile"."""
    told = dict.fromkeys(phrase for k in units for stem, phrase in MOVEMENT_WORDS.items() if k.startswith(stem))
    return f"of {listed([*told])}" if told else "of it"


def by_attributes(names: Sequence[str], who: Sequence[int], facts: Mapping[int, Facts], cast: Cast, text: str) -> str:
    """Who has more of an attribute, of several the ones that lie farthest apart; "" where nothing is known of them."""
    known = {name: {n: facts[n].attributes.get(name, math.nan) for n in who} for name in names}
    gaps = {name: max(each.values()) - min(each.values()) for name, each in known.items()}
    order = sorted((n for n in names if not math.isnan(gaps[n])), key=lambda name: -gaps[name])
    told = dict.fromkeys(_by_attribute(name, known[name], facts, cast, text) for name in order[:MOST_ASKED])
    alike = [line for line in told if "about the same" in line]
    return " ".join([line for line in told if line not in alike] or alike[:1])


def _by_attribute(name: str, known: Mapping[int, float], facts: Mapping[int, Facts], cast: Cast, text: str) -> str:
    less = less_of(text)
    order = sorted(known, key=lambda n: known[n], reverse=not less)
    seen = [words.aspect(facts[n], name) for n in order]
    told = " ".join(of_person(line, cast.person(n), cast) for n, line in zip(order, seen, strict=True))
    if any(line.startswith("I know nothing") for line in seen):
        return " ".join(
            f"{sentence(called(cast.person(n), cast))}: {line}" for n, line in zip(order, seen, strict=True)
        )
    if name in _COLOURS and len({*seen}) == 1:
        return f"{_yes(text, True)}{sentence(all_called(order, cast))} are about the same in that. {told}"
    if abs(known[order[0]] - known[order[-1]]) < _SAME_SD:
        return f"{sentence(all_called(order, cast))} have about the same {words.label(name)}."
    pole = with_article(poles()[name][2]) if name in poles() else words.label(name)
    start, others = sentence(called(cast.person(order[0]), cast)), all_called(order[1:], cast)
    no = _yes(text, False) if has_word(text, ("same",)) else ""
    return f"{no}{start} has {'less' if less else 'more'} of {pole} than {others}. {told}"
