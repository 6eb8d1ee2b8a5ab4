"""Questions about heads, answered from what is measured and seen: values, yes or no, who has more, by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import attribute_groups
from facegpt.describe.sentences import Facts
from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.questions.as_shown import with_shown
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.questions.asked_names import DIMENSIONS
from facegpt.language.dialogue.questions.claims import Claim, about_asked, holds, of_lids
from facegpt.language.dialogue.questions.comparing import (
    MOST_ASKED,
    THAN,
    apart,
    asks_for_sum,
    by_age,
    by_attributes,
    by_expression,
    by_lengths,
    by_measure,
    compared,
    farthest_apart,
    measures_of,
    two_measures,
    two_sides,
)
from facegpt.language.dialogue.questions.norms import among
from facegpt.language.dialogue.questions.question import Question, in_unit
from facegpt.language.dialogue.questions.question_network import verdict_words
from facegpt.language.dialogue.who.called import COUNTS, called, sentence
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import aspects, length_since, of_person
from facegpt.language.patterns import has_word, regex_any_case, word_set, words_in
from facegpt.language.reading.clauses import clauses_of

_HOW_MANY = regex_any_case(r"""
    \bhow many (?!mm)(?:(?:\w+ ){0,2}(?:people|persons|faces|heads|men|women|ones|others|of (?:us|them|you|these))|are|
    is|were)\b|\bcount (?:the )?(?:faces|people|heads)\b
""")
_SO_FAR = word_set("made far now all altogether total session conversation included")
_A_PICTURE = word_set("photo picture image pic")
#: "How much did it change?": a head as it came beside what it is now.
_CHANGED = regex_any_case(
    r"\bhow (?:much|many|far)\b.*\b(?:changed?|gr[eo]wn?|shr[iau]nk|moved?)\b|\bhow much \w+er\b[^?]*\bnow\b|"
    r"\bhow (?:much|many)\b.*\b(?:get|got|become|became) \w+er\b"
)
_ALIKE = word_set("alike similar common compare differ differs different difference differences same")
#: Words that hold one thing of two heads together; those that ask for a length.
_OF_ONE_THING = word_set("same colour color")
_SIZES = word_set("tall high wide long broad deep thick big far mm cm inches")
_NO_LENGTH = "I have no length in mm for that."
_TWO_LIKE_HALVES = "Heads are measured with two like halves, so which of both sides is larger I can't tell."
#: How an answer says which head it speaks of, by asked_before.WHEN.
_AT = {"first": "At first", "before": "Before"}


def answer_question(model: Maker, question: Question, cast: Cast, no: str = "") -> str:
    """The answer in sentences; "" where nothing can be measured or seen.

    Args:
        model: measures heads.
        question: as it is meant.
        cast: the people.
        no: a sentence that declines a part of the question.
    """
    who, text = question.who or cast.in_focus(), question.text
    of_halves = {"left", "right"} <= {*words_in(text)} and len(question.who) < 2  # of two people they are places
    if of_halves and question.kind in ("compare", "compare_parts", "yes_no"):
        return _TWO_LIKE_HALVES
    if (question.asks == ("count",) and not no) or asks_how_many(text):
        return _count(text, cast)
    if len(cast.people) > 1 and (found := _compared(model, question, cast)):
        return f"{no} {found}" if no else in_unit(found, question.unit, question.whole)
    if no:
        facts = model.facts(cast.person(who[0]).face)
        return words.answer(facts, [n for n in question.asks if n != "count"], no=no) if question.asks else no
    each = _each_of_their_own(model, question, cast) or [_of_one(model, question, cast, number) for number in who]
    return in_unit("\n".join(filter(None, each)), question.unit, question.whole)


def _each_of_their_own(model: Maker, question: Question, cast: Cast) -> list[str]:
    """Answers to a question of different people's parts: "the width of her mouth and the length of his nose"."""
    pieces = [(clause, names_in(clause), mentions(clause, cast)) for clause in clauses_of(question.text)]
    of_one = all(names and len(said) == 1 and len(said[0].who) == 1 for _, names, said in pieces)
    if not of_one or len({said[0].who for *_, said in pieces}) < 2:
        return []
    rows = ((replace(question, text=text, asks=names), said[0].who[0]) for text, names, said in pieces)
    return [_of_one(model, each, cast, number) for each, number in rows]


def asks_how_many(text: str) -> bool:
    """Whether a text asks how many people or heads there are."""
    return bool(_HOW_MANY.search(text))


def _count(text: str, cast: Cast) -> str:
    """How many people the last photo shows, or the conversation holds."""
    photos = {p.photo for p in cast.people}
    photo = max(photos, default=0)
    of_photo = photo and not has_word(text, _SO_FAR) and (len(photos) == 1 or has_word(text, _A_PICTURE))
    row = [p for p in cast.people if p.photo == photo] if of_photo else list(cast.people)
    if len(row) == 1:
        return "There is one face."
    return f"There are {COUNTS[len(row)] if len(row) < len(COUNTS) else len(row)} faces."


def _of_one(model: Maker, question: Question, cast: Cast, number: int) -> str:
    person, text = cast.person(number), question.text
    facts = among(model.facts(_head_at(person, question.when, cast)), question.norm)
    if parts := _parts_asked(question, facts):
        return by_lengths([(number, part) for part in parts], {number: facts}, cast, text)
    asks = [name for name in question.asks if name != "unusual"][:MOST_ASKED]
    if _CHANGED.search(text) and (told := _of_change(asks, model.facts(person.first), facts, person, cast)):
        return told
    said = aspects(facts, asks, person, cast)
    if not said and not asks and "unusual" in question.asks:
        said = words.unusual_words(facts, MOST_ASKED)
    if said and has_word(text, _SIZES) and question.kind == "tell" and not any(measures_of(n, facts) for n in asks):
        said = f"{said} {_NO_LENGTH}"
    if question.claim is not None and of_lids(question.claim) and (lids := words.lids_words(facts)):
        said = of_person(lids, person, cast)
    if question.when != "now" and said:  # who asks how it was wants to know what has become of it
        now = aspects(among(model.facts(person.face), question.norm), asks, person, cast)
        said = f"{_AT[question.when]}: {said} Now: {now}" if now and now != said else said
    claim, yes = _verdict(question, facts)
    if yes is not None and claim is not None:
        said = said or of_person(_about_claim(claim, facts), person, cast)
    if said and len(cast.people) > 1 and called(person, cast).lower() not in said.lower():
        said = f"{sentence(called(person, cast))}: {said}"
    return said if yes is None else f"{verdict_words(text, yes)} {said}".strip()


def _of_change(asks: Sequence[str], first: Facts, now: Facts, person: Person, cast: Cast) -> str:
    """How far lengths are from those of the head as it came; "" where none is asked for."""
    names = dict.fromkeys(m for each in asks for m in measures_of(each, now))
    return " ".join(
        with_shown(length_since(m, now, first.measures[m].value_mm, "at first", person, cast), m, person) for m in names
    )


def _head_at(person: Person, when: str, cast: Cast) -> Face:
    """A person's head as it is, as it came, or as it was before its last change."""
    steps = [step for step in cast.past if person.number in step.before]
    before = steps[-1].before[person.number] if steps else person.first
    return {"first": person.first, "before": before}.get(when, person.face)


def _verdict(question: Question, facts: Facts) -> tuple[Claim | None, bool | None]:
    """What a question for yes or no claims, and whether it is true; None for any other."""
    if question.claim is None or question.kind not in ("yes_no", "compare_parts"):
        return None, None
    if question.kind == "yes_no" and " or " in question.text.lower().replace(" or not", ""):
        return None, None  # "is she happy or sad?": which of the two
    claim = about_asked(question.claim, question.asks)
    return claim, holds(claim, facts)


def _parts_asked(question: Question, facts: Facts) -> tuple[str, ...]:
    """The two measures of one head that a question holds together; () for none."""
    if than := two_measures(question.text, facts):
        return than
    each = [next(iter(measures_of(name, facts)), "") for name in question.asks]
    names = tuple(dict.fromkeys(filter(None, each)))[:2]
    return names if question.kind == "compare_parts" and len(names) > 1 else ()


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
    if (sides := two_sides(text)) and (crossed := _of_two_people(model, sides, cast, text)):
        return crossed
    if not _holds_people_together(question, cast, model.facts(cast.person((who or cast.in_focus())[0]).face)):
        return ""
    if question.kind == "difference" and not mentions(text, cast) and len(cast.question.who) > 1:
        who = cast.question.who
    if len(who) < 2:
        who = tuple(p.number for p in cast.people)
    asks = question.asks or cast.question.asks
    facts = {number: model.facts(cast.person(number).face) for number in who}
    if has_word(text, _ALIKE) and not names_in(text):  # of all, whatever was asked before
        if len(question.who) == 1 and len(cast.people) > 2:
            return apart(question.who[0], facts, cast)
        asks = ()
    if {*asks} & {"age_years", "age"}:
        return by_age(who, facts, cast, text)
    if asks[:1] == ("expression",):
        return by_expression((question.claim, question.felt), text, who, facts, cast)
    whole = has_word(text, _ALIKE) and not has_word(text, DIMENSIONS | _OF_ONE_THING)
    if whole:  # "how do their chins differ?"
        groups = attribute_groups()
        asks = tuple(name for name in groups if asks and groups[name] == groups.get(asks[0])) or asks
    measures = dict.fromkeys(m for name in asks for m in measures_of(name, next(iter(facts.values()))))
    if measures:
        return by_measure(farthest_apart(tuple(measures), facts), who, facts, cast, text)
    if asks and asks != ("unusual",):
        return by_attributes(asks if whole else asks[:1], who, facts, cast, text)
    return compared(who, facts, cast) if len(who) > 1 else ""


def _holds_people_together(question: Question, cast: Cast, facts: Facts) -> bool:
    """Whether a question is of several heads, and not of two parts or two times of one. facts: of the first of them."""
    text, several = question.text, len(question.who) > 1
    if _CHANGED.search(text) and cast.said.act == "edit" and not THAN.search(text):
        return False  # "how much shorter is it now?" after a change is of what was changed
    if not several and two_measures(text, facts):
        return False
    kinds = question.kind in ("compare", "difference") or question.compares or has_word(text, _ALIKE)
    return kinds or (several and bool(THAN.search(text) or asks_for_sum(text)))


def _of_two_people(model: Maker, sides: Sequence[str], cast: Cast, text: str) -> str:
    """Hold a length of somebody against another length of somebody else; "" where a text names no such two."""
    facts = {person.number: model.facts(person.face) for person in cast.people}
    people = [tuple(dict.fromkeys(n for each in mentions(side, cast) for n in each.who)) for side in sides]
    lengths = two_measures(text, next(iter(facts.values())))
    if not lengths or any(len(each) != 1 for each in people) or people[0] == people[1]:
        return ""
    return by_lengths([(n, name) for (n,), name in zip(people, lengths, strict=True)], facts, cast, text)
