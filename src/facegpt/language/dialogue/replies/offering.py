"""What a reply may tell, of heads that are measured: the items of a question, a comparison, a change.

Each function gives () where something that must be told cannot be put as an item; then the composed sentence is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.replies import in_words
from facegpt.language.dialogue.replies import items as of
from facegpt.language.dialogue.replies.items import Item
from facegpt.language.dialogue.who.called import called
from facegpt.language.dialogue.wording import whose
from facegpt.language.targets import attribute_of_measure

Items = tuple[Item, ...]


def of_names(
    names: Sequence[str],
    facts: Facts,
    person: Person,
    cast: Cast,
    when: str = "now",
    before: Facts | None = None,
) -> Items:
    """What was asked of a head, or changed on it.

    Args:
        names: by LABELS.md.
        facts: of the head.
        person: whose head it is.
        cast: everybody of the conversation.
        when: the head's state, one of asked_before.WHEN.
        before: the head before it was changed.
    """
    found: dict[str, Item] = {}
    for name in names:
        own = _of_name(name, facts, whose(person, cast), when, before)
        if not own:
            return ()
        found |= {item.label: replace(item, who=person.number) for item in own}
    return tuple(found.values())


def _of_name(name: str, facts: Facts, owner: str, when: str, before: Facts | None) -> Items:
    if name in of.LOOKS:
        known = in_words.looks(name, facts)
        return (Item(of.of_look(name, owner, when), known, next(iter(known))),) if known else ()
    measures = [each for each in of.measures_of(name) if each in facts.measures]
    found = [_of_length(each, facts, owner, when, before, each == measures[0]) for each in measures]
    if len(measures) != 1:
        stands = {"W": told} if (told := in_words.standing(name, facts)) else {}
        if not (stands or found):
            return ()
        true, false = _how_changed(name, facts, before)
        trait = Item(of.of_trait(name, owner, when), stands, "" if found else "W", true=true, false=false)
        found += [trait] if stands else []
        if before is not None and not measures and (was := in_words.standing(name, before)):
            found.append(Item(of.of_trait(name, owner, "before"), {"W": was}))
    return tuple(found)


def _how_changed(name: str, facts: Facts, before: Facts | None) -> tuple[frozenset[str], frozenset[str]]:
    if before is None or name not in facts.attributes:
        return frozenset(), frozenset()
    return in_words.how_it_changed(name, round(facts.attributes[name] - before.attributes.get(name, 0.0), 1))


def _of_length(measure: str, facts: Facts, owner: str, when: str, before: Facts | None, needed: bool) -> Item:
    told = {"M": in_words.length(measure, facts), "P": in_words.percentile(measure, facts)}
    told["W"] = in_words.standing_of_measure(measure, facts)
    true = false = frozenset[str]()
    if before is not None:
        told["B"] = in_words.length(measure, before)
        told["D"] = f"{_gap(measure, facts, before):.1f} mm"
        by = facts.measures[measure].value_mm - before.measures[measure].value_mm
        true, false = in_words.how_it_changed(attribute_of_measure(measure), round(by, 1))
    known = {letter: fact for letter, fact in told.items() if fact}
    return Item(of.of_length(measure, owner, when), known, "M" if needed else "", true=true, false=false)


def _gap(measure: str, first: Facts, second: Facts) -> float:
    """The difference of a measure as printed."""
    return abs(round(first.measures[measure].value_mm, 1) - round(second.measures[measure].value_mm, 1))


def of_yes(yes: bool, items: Items) -> Items:
    """A question for yes or no, with what it is about: the first of that must be told, or who has more."""
    about = (*(replace(item, needed=item.needed[:1]) for item in items[:1]), *not_needed(items[1:]))
    return (Item(of.YES, {"Y": "yes" if yes else "no"}, "Y"), *about)


def with_standing(items: Items) -> Items:
    """One length that is asked for, with how it stands."""
    if len(items) != 1 or items[0].needed != "M" or "W" not in items[0].facts:
        return items
    return (replace(items[0], needed="MW"),)


def of_change(items: Items) -> Items:
    """One length that was changed, with what it was."""
    if len(items) != 1 or items[0].needed != "M" or "B" not in items[0].facts:
        return items
    return (replace(items[0], needed="MB"),)


def of_sight(facts: Facts, person: Person, cast: Cast) -> Items:
    """What a face does, of a head that is shown: it must be told where it does anything."""
    items = of_names(["expression"], facts, person, cast)
    return items if "S" in items[0].facts and items[0].facts["S"] != in_words.AT_REST else not_needed(items)


def not_needed(items: Items) -> Items:
    """The same, nothing of which must be told."""
    return tuple(replace(item, needed="") for item in items)


# Several heads


def of_comparison(name: str, order: Sequence[int], less: bool, facts: Mapping[int, Facts], cast: Cast) -> Items:
    """Who has most of something.

    Args:
        name: a measure, an attribute or "age".
        order: numbers of heads, the one that is named first.
        less: whether that has least.
        facts: of the heads.
        cast: everybody of the conversation.
    """
    what = of.what_of(name)
    found = [Item(of.of_rank(what, less, len(order)), {"N": called(cast.person(order[0]), cast)}, "N")]
    measures = of.measures_of(name)
    if len(order) == 2 and len(measures) == 1:
        gap = _gap(measures[0], facts[order[0]], facts[order[1]])
        found.append(Item(of.of_gap(what), {"D": f"{gap:.1f} mm"}, "D"))
    for number in order:
        own = of_names([name], facts[number], cast.person(number), cast)
        found += own if name in ("age", "age_years") and len(order) == 2 else not_needed(own)
    return tuple(found) if len(found) <= of.MOST_ITEMS else ()


def of_likeness(first: Facts, second: Facts, wants_alike: bool) -> Items:
    """In what two heads are alike, or in what they differ."""
    told = in_words.alike_or_differing(first, second)[not wants_alike]
    return (Item(of.ALIKE if wants_alike else of.DIFFER, {"K": told}, "K"),)
