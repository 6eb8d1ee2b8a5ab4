"""Why and how: why something was done, why a face looks as it does, and what an answer rests on.

What was asked and how it was read is in the record of the conversation; what reads as a feeling is what the face does;
how sure a figure is follows from the standard deviations that come with it. Reasons of people are no such thing, and
that is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import measure_of
from facegpt.describe.sentences import Facts
from facegpt.generate.told.words import in_words
from facegpt.generate.understood import understood
from facegpt.language.dialogue.cast import Cast, Person, Step, sex_of
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.questions.claims import Claim, claim_in, holds
from facegpt.language.dialogue.questions.keys import key_asked
from facegpt.language.dialogue.set_answers import ACCURACY, GROUNDS, WHY_DONE, WHY_SO, answers
from facegpt.language.dialogue.who.called import called
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import OBJECT, SUBJECT, aspects, of_person
from facegpt.language.parts import PARTS
from facegpt.language.patterns import word_set, words_in
from facegpt.language.reading.clauses import things_in
from facegpt.language.reading.years import find_age

#: So many parts of a change, and names of what is asked, are told.
_MOST_TOLD, _MOST_ASKED = 4, 2
#: What is no part or trait of a face by itself.
_GENERAL = frozenset(("unusual", "count", "expression"))
#: What is seen in colours and outlines, without a figure for how sure it is.
_BY_COLOUR = ("hair", "skin", "iris", "beard", "moustache", "brow", "freckles", "wrinkles", "glasses", "headwear")
#: So many years between two ages are no error.
_YEARS_OFF = 3
#: Words of which a question for how sure an answer is names nothing.
_OF_CERTAINTY = word_set("""
    and but so ok how what why really very quite sure certain confident exact accurate precise reliable are you is was
    were that this it these those about of with do does did can could be know tell which i the your answer figure number
    guess estimate
""")
_NO_REASON = "Why that is so, a face does not tell."


def grounds_of(context: Context) -> str:
    """The answer to a question for reasons or for what an answer rests on; "" where a turn is none."""
    key = key_asked(context.text)
    if key == WHY_DONE:
        return _each(context, _why_done)
    if key == WHY_SO:
        return _each(context, _why_so)
    if key not in (GROUNDS, ACCURACY):
        return ""
    return _rests_on(context) or answers()[ACCURACY].reply


def _each(context: Context, tell: Callable[[Context, Person], str]) -> str:
    told = (tell(context, context.cast.person(number)) for number in context.who)
    return " ".join(dict.fromkeys(filter(None, told)))


# What was done


def _why_done(context: Context, person: Person) -> str:
    """What was asked for that changed or made somebody, and how it was read."""
    step = _step_about(context.text, person, context.cast)
    if step is None:
        return _as_it_came(person, context.cast)
    read = step.asked.get(person.number)
    labels = [] if read is None else [in_words(label).replace(":", "") for label in understood(read)][:_MOST_TOLD]
    how = f" I read it as {', '.join(labels)} for {called(person, context.cast)}." if labels else ""
    return f'Because of your words "{step.words}".{how} "undo" takes it back.'


def _step_about(text: str, person: Person, cast: Cast) -> Step | None:
    """The last change of somebody that shares a part or a thing with a text, else the last one; None where none is."""
    steps = [step for step in cast.past if person.number in step.after]
    things = things_in(text)
    shares = [step for step in steps if things & _things_changed(step, person)]
    of_a_part = any(thing in PARTS for thing in things)
    about = shares or ([] if of_a_part else steps)
    return about[-1] if about else None


def _things_changed(step: Step, person: Person) -> frozenset[str]:
    """What a change named, and what it was read to change: parts of the face and other things, in plain form."""
    read = step.asked.get(person.number)
    labels = " ".join(map(in_words, understood(read))) if read is not None else ""
    feels = "mouth eyes brows" if read is not None and read.expression_named.any() else ""
    return things_in(f"{step.said} {labels} {feels}")


def _as_it_came(person: Person, cast: Cast) -> str:
    """Why somebody is as they are whom nothing has changed."""
    name = called(person, cast)
    changed = any(person.number in step.after for step in cast.past)
    start = f"I did not change that on {name}" if changed else f"I have not changed {name}"
    if person.photo:
        return f"{start}: so the photo shows {OBJECT[person.sex]}."
    labels = [] if person.asked is None else [in_words(label).replace(":", "") for label in understood(person.asked)]
    read = f' I read your words "{person.told}" as {", ".join(labels[:_MOST_TOLD])}.' if labels and person.told else ""
    return f"{start} since I made {OBJECT[person.sex]}.{read} What words leave open is drawn by chance."


# What is seen


def _why_so(context: Context, person: Person) -> str:
    """What makes a face look as it is said to, whether it does, and that its reason cannot be seen."""
    facts, cast = context.model.facts(person.face), context.cast
    names = [name for name in names_in(context.text) if name not in _GENERAL][:_MOST_ASKED]
    claim = claim_in(context.read(False).request, context.text)
    of_feeling = bool(claim.emotion or claim.units) or not names
    if step := _step_that_made(names, of_feeling, person, cast):
        return f'Because you asked for it: "{step.words}". {_seen(names, of_feeling, facts, person, cast)}'
    seen = _seen(names, of_feeling, facts, person, cast)
    if of_feeling and _is_denied(claim, facts):
        return _otherwise(seen)
    if not person.photo and person.told:
        return f'{seen} I made {OBJECT[person.sex]} from your words "{person.told}".'
    return f"{seen} {_NO_REASON}"


def _seen(names: Sequence[str], of_feeling: bool, facts: Facts, person: Person, cast: Cast) -> str:
    if of_feeling:
        return of_person(words.expression_words(facts), person, cast)
    return aspects(facts, [*names], person, cast)


def _step_that_made(names: Sequence[str], of_feeling: bool, person: Person, cast: Cast) -> Step | None:
    """The last change of somebody that words asked for and that changed what is asked of: an expression, or a trait."""
    for step in reversed(cast.past):
        request = step.asked.get(person.number)
        if request is None:
            continue
        felt = bool(request.expression_named.any()) or bool(request.emotion)
        if (of_feeling and felt) or (not of_feeling and {*names} & {*names_in(step.said)}):
            return step
    return None


def _otherwise(told: str) -> str:
    return f"I see it otherwise: {told[:1].lower()}{told[1:]}"


def _is_denied(claim: Claim, facts: Facts) -> bool:
    return bool(claim.emotion or claim.units) and holds(claim, facts) is False


# What an answer rests on


def _rests_on(context: Context) -> str:
    """What is measured or seen of what is asked about, or of what was told last, and how far off it may be."""
    cast, text = context.cast, context.text
    claim = claim_in(context.read(False).request, text)
    names = _names_of(text, claim, cast.question.asks)
    if not names:
        return ""
    who = context.who if mentions(text, cast) else cast.question.who or context.who
    lines = [
        _ground(name, claim, context.model.facts(cast.person(number).face), cast.person(number), cast)
        for name in names[:_MOST_ASKED]
        for number in who
    ]
    if {*names} & {"age", "age_years"} and len(who) == 2:
        lines.append(_who_is_older(context, who))
    return " ".join(dict.fromkeys(filter(None, lines)))


def _names_of(text: str, claim: Claim, before: Sequence[str]) -> list[str]:
    """What a question names or claims, else what was asked before: traits, "expression", "masculinity", "age_years"."""
    says_more = not {*words_in(text)} <= _OF_CERTAINTY  # "and how sure are you?" is of what was told last
    plain = [name for name in names_in(text) if name not in ("unusual", "count")] if says_more else []
    if (claim.emotion or claim.units) and (not plain or "expression" in plain):
        return ["expression", *(name for name in plain if name != "expression")]
    if plain or claim.age_years or claim.sex:
        return plain or ["age_years" if claim.age_years else "masculinity"]
    return [name for name in before if name not in ("unusual", "count")]


def _ground(name: str, claim: Claim, facts: Facts, person: Person, cast: Cast) -> str:
    """What is told of one name, and what that rests on."""
    if name == "masculinity":
        return _of_sex(facts, person, cast)
    told = aspects(facts, [name], person, cast)
    if name in ("age", "age_years"):
        return f"{told} {_of_age_said(claim, facts)}".strip()
    if name == "expression":
        told = _otherwise(told) if _is_denied(claim, facts) else told
        return f"{told} That is what moves in the face; what somebody feels may be another thing."
    if name.startswith(_BY_COLOUR):
        return f"{told} {'I see that in colours and outlines of the photo.' if person.photo else 'So I made it.'}"
    return f"{told} {_of_length(name, facts)}"


def _of_age_said(claim: Claim, facts: Facts) -> str:
    """How far an age that the words say is from the one that is seen; "" where they say none, or the same."""
    if not claim.age_years or "age_years" not in facts.looks or not (find_age(claim.text) or (0, 0, False))[2]:
        return ""
    low, high = claim.age_years
    gap = round(abs(facts.looks["age_years"] - (low + high) / 2))
    return f"You know better: if it is {round((low + high) / 2)}, I am {gap} years off." if gap > _YEARS_OFF else ""


def _of_length(name: str, facts: Facts) -> str:
    """How a length was measured, and how far off it may be."""
    if facts.scale_sd is None:
        return "It is measured on the head itself, so it is exact."
    measures = [m for m in (name, measure_of(name)) if m in facts.measures]
    off = f", here {facts.scale_sd * facts.measures[measures[0]].value_mm:.1f} mm" if measures else ""
    share = f"one photo tells the size to about {100 * facts.scale_sd:.0f} %"
    return f"It is measured on the head that was fitted to the photo; {share}{off}."


def _of_sex(facts: Facts, person: Person, cast: Cast) -> str:
    """Why somebody is called he or she: their words said so, or shape, beard and hair look like it."""
    told = of_person(words.masculinity_words(facts), person, cast)
    if not person.photo and person.told:
        return f'Your words "{person.told}" said so. {told}'
    if person.sex and person.sex != sex_of(person.face):
        return f"I say {SUBJECT[person.sex]} because you did. {told}"
    return f"I say {SUBJECT[person.sex]} by the shape, the beard and the length of the hair. {told}"


def _who_is_older(context: Context, who: Sequence[int]) -> str:
    """How likely the one of two who looks older is older, by the standard deviations of both ages."""
    facts = {number: context.model.facts(context.cast.person(number).face) for number in who}
    if not all("age_years" in each.looks for each in facts.values()):
        return ""
    old, young = sorted(who, key=lambda number: -facts[number].looks["age_years"])
    gap = facts[old].looks["age_years"] - facts[young].looks["age_years"]
    sd = math.hypot(*(facts[number].looks_sd.get("age_years", 10.0) for number in who))
    share = min(round(100 * NormalDist().cdf(gap / sd)), 99)
    return f"That {called(context.cast.person(old), context.cast)} is the older one is {share} % sure by these figures."
