"""Questions about heads, answered from what is measured and seen: values, yes or no, who has more, by how much.

What a follow-up leaves out ("and how long?", "and his?", "in cm?") is supplied from the question before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from facegpt.describe import sentences as words
from facegpt.describe.compared import compare
from facegpt.describe.sentences import Facts
from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast, Person, Said
from facegpt.language.dialogue.maker import Maker, Reading
from facegpt.language.dialogue.questions.asked_before import names_in, offered, part_of, source_of, when_of
from facegpt.language.dialogue.questions.asked_names import asked_names
from facegpt.language.dialogue.questions.asked_network import asked_by_states
from facegpt.language.dialogue.questions.claims import Claim, about_asked, claim_in, holds, of_lids, says_anything
from facegpt.language.dialogue.questions.comparing import (
    MOST_ASKED,
    THAN,
    apart,
    by_age,
    by_attribute,
    by_expression,
    by_measure,
    less_of,
    measures_of,
)
from facegpt.language.dialogue.questions.norms import among
from facegpt.language.dialogue.questions.question_network import begins_as_yes_or_no, kind_of_question, verdict_words
from facegpt.language.dialogue.questions.units import in_unit, rounds, unit_of
from facegpt.language.dialogue.turns import PEOPLE
from facegpt.language.dialogue.who.called import COUNTS, called, sentence
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import SAME_MM, aspects, length_since, of_person, plain_label, whose
from facegpt.language.parts import base_form
from facegpt.language.patterns import has_word, regex_any_case, word_set, words_in

_DIMENSIONS = word_set("""
    wide wider width long longer length high higher height tall big bigger size broad broader thick thicker deep
    narrow short far small across apart thickness breadth straight hooked full open
""")
_HOW_MANY = regex_any_case(rf"""
    \bhow many (?:(?:other|more|different|new)\s+)?(?:{PEOPLE}|faces|heads|ones|others|of (?:us|them|you|these|those)|
    are|were|is|do|did|have|can)\b|
    \bcount (?:the )?(?:faces|people|heads)\b
""")
_SO_FAR = regex_any_case(r"\b(?:made|so far|by now|in all|altogether|total|session|conversation|included|have we)\b")
_A_PICTURE = word_set("photo picture image pic")
#: "How much did it change?": a head as it came beside what it is now.
_CHANGED = regex_any_case(
    r"\bhow (?:much|many|far)\b.*\b(?:changed?|gr[eo]wn?|shr[iau]nk|moved?)\b|\bhow much \w+er\b[^?]*\bnow\b"
)
_ALIKE = regex_any_case(r"\b(?:alike|similar|in common|compare|differ\w*|same (?:nose|eyes|face))\b")
#: Of so many of the likeliest names the first two measures are held against each other.
_PARTS_ASKED = 4
_TWO_LIKE_HALVES = "Heads are measured with two like halves, so which of both sides is larger I can't tell."
#: How an answer says which head it speaks of, by asked_before.WHEN.
_AT = {"first": "At first", "before": "Before"}


@dataclass(frozen=True)
class Question:
    """A question as it is meant.

    Attributes:
        text: with what it left out supplied. who: numbers of the people. asks: what the answer must speak of.
        unit: "mm", "cm" or "in", as wanted. when: one of asked_before.WHEN.
        compares: whether heads are held against each other.
        whole: whether lengths are wanted as whole numbers.
        kind: one of question_network.KINDS. claim: what its words say of a head, and a follow-up's from before it.
        felt: what they would change on a head: "who looks happier?" as "look happier".
        norm: the sex of the adults whom lengths are held against, "" for all.
    """

    text: str
    who: tuple[int, ...]
    asks: tuple[str, ...]
    unit: str = "mm"
    when: str = "now"
    compares: bool = False
    whole: bool = False
    kind: str = "tell"
    claim: Claim | None = None
    felt: Claim | None = None
    norm: str = ""


def understood_question(
    text: str, cast: Cast, who: tuple[int, ...], reading: Reading, asks: Sequence[str] = ()
) -> Question:
    """Supply what a question leaves out.

    Args:
        text: as typed.
        cast: the conversation so far.
        who: the numbers of those it means (references.meant).
        reading: what the language model read in it, after the turns before it.
        asks: what it reads there with the head in view.
    """
    kind = kind_of_question(text, getattr(reading, "states", None), len(cast.people))
    last = cast.question
    if THAN.search(text) and last.text and not part_of(THAN.split(text)[0]) and (part := part_of(last.text)):
        text = re.sub(r"\b(?:it|they|that)\b", f"the {part}", text, count=1, flags=re.IGNORECASE)
    offer = offered(text, cast)
    source = source_of(text, offer)
    full = text
    if source == "part":
        full = f"{text.rstrip('?! ')} of the {part_of(cast.last_text())}?"
    elif source == "question" and kind not in ("compare", "difference") and not THAN.search(text):
        full = last.text
    claim = claim_in(reading.request, text)
    if source in ("question", "part") and last.claim is not None and not says_anything(claim):
        claim = last.claim
    names, when = offer.names.get(source, ()) or tuple(asks), when_of(text)
    least = _PARTS_ASKED if kind == "compare_parts" else 0
    if known := asked_by_states(getattr(reading, "states", None), len(cast.people), least):
        names, when = known[0] or names, when if when != "now" else known[1]  # either may say that it is the past
    return Question(full, who, names, unit_of(text), when, False, rounds(text), kind, claim)


def own_question(text: str, who: tuple[int, ...]) -> Question:
    """A question as it stands: what is declined takes nothing from the one before."""
    return Question(text, who, names_in(text))


def answer_question(model: Maker, question: Question, cast: Cast, no: str = "") -> str:
    """The answer in sentences; "" where nothing can be measured or seen.

    Args:
        model: measures heads.
        question: as it is meant.
        cast: the people.
        no: a sentence that declines a part of the question.
    """
    who = question.who or cast.in_focus()
    if {"left", "right"} <= {*words_in(question.text)} and question.kind in ("compare", "compare_parts", "yes_no"):
        return _TWO_LIKE_HALVES
    if (question.asks == ("count",) and not no) or (
        _HOW_MANY.search(question.text) and "how many mm" not in question.text.lower()
    ):
        return _count(question.text, cast)
    if len(cast.people) > 1 and (found := _compared(model, question, cast)):
        return f"{no} {found}" if no else in_unit(found, question.unit, question.whole)
    if no:
        facts = model.facts(cast.person(who[0]).face)
        return words.answer(facts, [n for n in question.asks if n != "count"], no=no) if question.asks else no
    each = [_of_one(model, question, cast, number) for number in who]
    return in_unit("\n".join(filter(None, each)), question.unit, question.whole)


def _count(text: str, cast: Cast) -> str:
    """How many people the last photo shows, or the conversation holds."""
    photos = {p.photo for p in cast.people}
    photo = max(photos, default=0)
    of_photo = photo and not _SO_FAR.search(text) and (len(photos) == 1 or has_word(text, _A_PICTURE))
    row = [p for p in cast.people if p.photo == photo] if of_photo else list(cast.people)
    if len(row) == 1:
        return "There is one face."
    return f"There are {COUNTS[len(row)] if len(row) < len(COUNTS) else len(row)} faces."


def _of_one(model: Maker, question: Question, cast: Cast, number: int) -> str:
    person = cast.person(number)
    facts = among(model.facts(_head_at(person, question.when, cast)), question.norm)
    if question.kind in ("compare_parts", "difference") and (parts := _of_parts(question, facts, person, cast)):
        return parts
    asks = [name for name in question.asks if name != "unusual"][:MOST_ASKED]
    if _CHANGED.search(question.text) and (told := _of_change(asks, model.facts(person.first), facts, person, cast)):
        return told
    names = asks or ["unusual"] * ("unusual" in question.asks)
    unusual = words.unusual_words(facts, MOST_ASKED) if names == ["unusual"] else ""
    said = aspects(facts, asks, person, cast) or unusual
    if question.claim is not None and of_lids(question.claim) and (lids := words.lids_words(facts)):
        said = of_person(lids, person, cast)
    if question.when != "now" and said:  # who asks how it was wants to know what has become of it
        current = among(model.facts(person.face), question.norm)
        now = aspects(current, asks, person, cast)
        said = f"{_AT[question.when]}: {said} Now: {now}" if now and now != said else said
    name = f"{sentence(called(person, cast))}: "
    if verdict := _verdict(question, facts):
        claim, yes = verdict
        told = said or of_person(_about_claim(claim, facts), person, cast)
    else:
        told, yes = said, None
    if told and len(cast.people) > 1 and called(person, cast).lower() not in told.lower():
        told = name + told
    return told if yes is None else f"{verdict_words(question.text, yes)} {told}".strip()


def _of_change(asks: Sequence[str], first: Facts, now: Facts, person: Person, cast: Cast) -> str:
    """How far lengths are from those of the head as it came; "" where none is asked for."""
    names = dict.fromkeys(m for each in asks for m in measures_of(each, now))
    return " ".join(length_since(m, now, first.measures[m].value_mm, "at first", person, cast) for m in names)


def _head_at(person: Person, when: str, cast: Cast) -> Face:
    """A person's head as it is, as it came, or as it was before its last change."""
    steps = [step for step in cast.past if person.number in step.before]
    before = steps[-1].before[person.number] if steps else person.first
    return {"first": person.first, "before": before}.get(when, person.face)


def _verdict(question: Question, facts: Facts) -> tuple[Claim, bool] | None:
    """What a question for yes or no claims, and whether it is true; None for any other."""
    if question.claim is None or question.kind not in ("yes_no", "compare_parts"):
        return None
    if question.kind == "yes_no" and " or " in question.text.lower().replace(" or not", ""):
        return None  # "is she happy or sad?": which of the two
    claim = about_asked(question.claim, question.asks)
    if parts := _two_measures(question.text, facts):
        first, second = (facts.measures[name].value_mm for name in parts)
        less = less_of(question.text)
        return claim, (first < second) == less
    yes = holds(claim, facts)
    return None if yes is None else (claim, yes)


def _two_measures(text: str, facts: Facts) -> tuple[str, str] | None:
    """The two measures that "is his mouth wider than his nose?" compares."""
    sides = THAN.split(text)
    if len(sides) != 2:
        return None
    dimension = next((word for word in words_in(sides[0]) if word in _DIMENSIONS), "")
    said = [sides[0], f"{sides[1]} {'' if has_word(sides[1], _DIMENSIONS) else base_form(dimension)}"]
    found = [next((m for name in asked_names(side) for m in measures_of(name, facts)), "") for side in said]
    return (found[0], found[1]) if all(found) and found[0] != found[1] else None


def _of_parts(question: Question, facts: Facts, person: Person, cast: Cast) -> str:
    """Which of two measures is the larger, or the smaller where that is asked for; nothing where no two are named."""
    asks_so = begins_as_yes_or_no(question.text)
    than = _two_measures(question.text, facts) if asks_so or question.kind == "difference" else None
    each = [next(iter(measures_of(name, facts)), "") for name in question.asks]
    names = than or tuple(dict.fromkeys(filter(None, each)))[:2]
    if len(names) < 2 or (question.kind == "difference" and not than):
        return ""
    less = less_of(question.text)
    first, second = sorted(names, key=lambda name: facts.measures[name].value_mm, reverse=not less)
    value, other = facts.measures[first].value_mm, facts.measures[second].value_mm
    subject, word = f"{sentence(whose(person, cast))} {plain_label(first)}", "smaller" if less else "larger"
    gap = abs(value - other)
    same = gap < SAME_MM
    is_so = first == names[0] and not same
    yes = ("Yes. " if is_so else "No. ") if than and asks_so else ""
    if same:
        return f"{yes}{subject} and {plain_label(second)} are both {value:.1f} mm."
    return f"{yes}{subject}, {value:.1f} mm, is {word} than the {plain_label(second)}, {other:.1f} mm, by {gap:.1f} mm."


def _about_claim(claim: Claim, facts: Facts) -> str:
    """What is seen of what a claim speaks of."""
    if claim.units or claim.emotion:
        return words.expression_words(facts)
    if claim.glasses is not None or claim.hair:
        return words.aspect(facts, "glasses" if claim.glasses is not None else "hair_length")
    if claim.attributes:
        return words.answer(facts, [*claim.attributes][:2])
    return words.age_words(facts) if claim.age_years else words.masculinity_words(facts)


# Several heads


def _compared(model: Maker, question: Question, cast: Cast) -> str:
    """Who has more of something, and by how much; nothing where a question compares nobody."""
    text, who = question.text, question.who
    which, gap = question.kind == "compare", question.kind == "difference"
    than = THAN.search(text) and len(who) > 1
    if gap and len(who) == 1 and _two_measures(text, model.facts(cast.person(who[0]).face)):
        return ""  # of two parts of one head
    if not (which or gap or than or question.compares or (_ALIKE.search(text) and len(cast.people) > 1)):
        return ""
    if gap and not mentions(text, cast) and len(cast.question.who) > 1:
        who = cast.question.who
    if len(who) < 2:
        who = tuple(p.number for p in cast.people)
    asks = question.asks or cast.question.asks
    if _ALIKE.search(text) and not names_in(text):  # of all, whatever was asked before
        if len(question.who) == 1 and len(cast.people) > 2:
            return apart(model, question.who[0], cast)
        asks = ()
    facts = {number: model.facts(cast.person(number).face) for number in who}
    if set(asks) & {"age_years", "age"}:
        return by_age(who, facts, cast, text)
    if names := [m for name in asks for m in measures_of(name, next(iter(facts.values())))]:
        return by_measure(tuple(dict.fromkeys(names))[:MOST_ASKED], who, facts, cast, text)
    if asks and asks != ("unusual",):
        if asks[0] == "expression":
            return by_expression((question.claim, question.felt), text, who, facts, cast)
        return by_attribute(asks[0], who, facts, cast, text)
    both = list(facts.values())
    if len(both) < 2:
        return ""
    return compare(both[0], both[1])


def asked(question: Question, act: str, cast: Cast) -> Cast:
    """Note a question, so that a follow-up is understood."""
    said = Said(act, question.text, question.who, question.asks, claim=question.claim)
    return replace(cast, said=said, question=said, focus=question.who or cast.focus)
