"""Whom words mean: a scored choice over the heads of the conversation, and over those who belong together.

Every choice is held against the cues of the text (cues.py) and against who was spoken of last. How much each of these
counts was learnt from written conversations (lab/runs/language/who/references.py; reference_weights.csv). Where the
language model's states of the turn are known, a network adds what they say (whom_network.py).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.who.cues import Cue, cues
from facegpt.language.dialogue.who.kin import KIN
from facegpt.language.dialogue.who.whom_network import choices_among, load_whom_network
from facegpt.language.patterns import word_set
from facegpt.types import Array

#: Kinds that single somebody out.
NAMING = word_set("name told heard noun nouns pronoun ordinal number letter last side age trait origin self copy")
#: Kinds that alone mean people of the conversation; pieces of words between cues of one mention.
_MENTIONS = NAMING | {"other", "all", "they", "plural"}
_BETWEEN = word_set("the of one my your that this who is in on two three four old young little")
_LONGEST_GAP = 3
#: Words for several, where each one is a he or a she.
_THEM = frozenset(("they", "them", "their", "theirs"))
#: Log odds by which people may be less likely than whom words likeliest mean, and still be meant.
AS_LIKELY = 2.0


@dataclass(frozen=True)
class Mention:
    """Words that mean people: where they stand, and the numbers of those meant."""

    start: int
    end: int
    who: tuple[int, ...]


def meant(text: str, cast: Cast, states: Array | None = None) -> tuple[int, ...]:
    """The numbers of those whom a text means; those spoken of last where it names nobody.

    Args:
        text: the turn.
        cast: the conversation so far.
        states: (tokens, layers, D) the language model's of its tokens, after the turns before it, if they are known.
    """
    found = cues(text, cast)
    who = best(found, cast, states)
    several = any(cue.kind == "they" and text[cue.start : cue.end].lower() in _THEM for cue in found)
    singled = any(cue.kind in NAMING and len(cue.who) < len(cast.people) for cue in found)
    if several and len(who) == 1 and not singled and _have_sexes(cast):
        return cast.in_focus() if len(cast.in_focus()) > 1 else tuple(person.number for person in cast.people)
    return who


def _have_sexes(cast: Cast) -> bool:
    """Whether nobody is there who would be "they" alone."""
    return all(person.sex for person in cast.people)


def as_likely(who: Collection[int], text: str, cast: Cast, states: Array | None) -> bool:
    """Whether a text means these people about as likely as whom it likeliest means; True where states are not known."""
    found, network = cues(text, cast), load_whom_network()
    options = choices(found, cast)
    if not network.fits(states) or states is None or len(options) < 2:
        return True
    odds = _log_odds(options, found, cast, states)
    same = [value for each, value in zip(options, odds, strict=True) if set(each) == set(who)]
    return bool(same) and max(same) >= max(odds) - AS_LIKELY


def mentions(text: str, cast: Cast) -> list[Mention]:
    """Everybody whom a text names, in order."""
    chunks: list[list[Cue]] = []
    for cue in cues(text, cast):
        if cue.kind not in _MENTIONS:
            continue
        between = text[chunks[-1][-1].end : cue.start].lower() if chunks else "."
        if chunks and _joins(chunks[-1][-1], cue, between):
            chunks[-1].append(cue)
        else:
            chunks.append([cue])
    found: list[Mention] = []
    for chunk in chunks:
        who = _said_before(chunk, found) or best(chunk, cast)
        found.append(Mention(chunk[0].start, max(cue.end for cue in chunk), who))
    return found


def without_owners(found: Sequence[Mention], text: str) -> list[Mention]:
    """Mentions without pronouns that only say whose relative is meant: in "his sister" the sister alone."""
    nexts = {m.start: text[m.start : m.end].lower() for m in found}
    owners = {m.end + 1 for m in found if text[m.start : m.end].lower() in ("his", "her", "their")}
    of_kin = {start for start in owners if nexts.get(start) in KIN}
    return [m for m in found if m.end + 1 not in of_kin]


def _said_before(chunk: Sequence[Cue], found: Sequence[Mention]) -> tuple[int, ...]:
    """Whom a pronoun takes up: the last one whom the text named before it and whom it fits; () where there is none."""
    if {cue.kind for cue in chunk} != {"pronoun"}:
        return ()
    return next((m.who for m in reversed(found) if len(m.who) == 1 and m.who[0] in chunk[0].who), ())


def _joins(last: Cue, cue: Cue, between: str) -> bool:
    """Whether two cues stand in one phrase: "the second woman", "the old man"."""
    if cue.start < last.end:
        return True
    if last.kind == "pronoun" or cue.kind == "pronoun":
        return False
    words = between.split()
    if {"the", "my", "your", "that"} & {*words} and "of" not in words:
        return False  # another phrase begins: "the old man the kid's nose"
    return len(words) <= _LONGEST_GAP and all(word in _BETWEEN for word in words)


# The choice


def best(found: Sequence[Cue], cast: Cast, states: Array | None = None) -> tuple[int, ...]:
    """The choice with the highest score."""
    options = choices(found, cast)
    if len(options) < 2:
        return options[0] if options else cast.in_focus()
    if states is not None and load_whom_network().fits(states):
        return options[int(_log_odds(options, found, cast, states).argmax())]
    rows = [summed(features(each, found, cast)) for each in options]
    weights = _weights()
    scores = [sum(weights.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    return options[max(range(len(options)), key=lambda k: scores[k])]


def _log_odds(options: Sequence[tuple[int, ...]], found: Sequence[Cue], cast: Cast, states: Array) -> Array:
    """(C,) of each choice, by the network."""
    network = load_whom_network()
    rows = [summed(features(each, found, cast)) for each in options]
    return network.log_odds(states, choices_among(options, rows, found, cast, network.names))


def summed(found: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Features by name; what is found twice counts twice."""
    total: Counter[str] = Counter()
    for name, value in found:
        total[name] += value  # type: ignore[assignment]
    return dict(total)


def choices(found: Sequence[Cue], cast: Cast) -> list[tuple[int, ...]]:
    """Who can be meant: one, those spoken of last, those who came together, all but some, and all whom words fit."""
    everyone = tuple(person.number for person in cast.people)
    groups = {p.group for p in cast.people if p.group} | {""}
    sets = [(number,) for number in everyone] + [cast.in_focus(), everyone]
    sets += [tuple(p.number for p in cast.people if p.group == group) for group in sorted(groups) if group]
    sets.append(tuple(n for n in everyone if n not in cast.in_focus()))
    named = [cue for cue in found if cue.kind in NAMING and cue.who]
    single = dict.fromkeys(n for cue in named for n in _nearest(cue.who, cast))
    sets += [tuple(single), tuple(dict.fromkeys(n for cue in named for n in sorted(cue.who)))]
    sets += [tuple(sorted(cue.who)) for cue in named]
    kept: dict[frozenset[int], tuple[int, ...]] = {}
    for each in sets:
        if each:
            kept.setdefault(frozenset(each), each)
    return [*kept.values()]


def _nearest(who: frozenset[int], cast: Cast) -> tuple[int, ...]:
    """Of several who fit, the one in focus, else the latest."""
    in_focus = [n for n in sorted(who) if n in cast.in_focus()]
    return tuple((in_focus or sorted(who))[-1:])


def features(choice: tuple[int, ...], found: Sequence[Cue], cast: Cast) -> list[tuple[str, float]]:
    """What speaks for and against a choice, by name."""
    chosen, focus = frozenset(choice), frozenset(cast.in_focus())
    kinds = {cue.kind for cue in found}
    named = bool(kinds & NAMING)
    how = "named" if named else "other" if "other" in kinds else "open"
    many = "many" if len(chosen) > 1 else "one"
    said = [
        (f"{how} focus", float(chosen == focus)),
        (f"{how} in focus", len(chosen & focus) / len(chosen)),
        (f"{how} {many}", 1.0),
        (f"{how} all", float(len(chosen) == len(cast.people) > 1)),
        (f"{how} last", float(chosen == {cast.people[-1].number})),
        (f"{how} {many} focus {min(len(focus), 2)}", 1.0),
    ]
    for kind in ("all", "they", "plural", "compare", "count", "mine", "nouns"):
        if kind in kinds:
            said += [(f"{kind} {many}", 1.0), (f"{kind} everyone", float(len(chosen) == len(cast.people)))]
            said += [(f"{kind} focus", float(chosen == focus)), (f"{kind} named {many}", float(named))]
    unmet = [cue for cue in found if cue.kind in NAMING - {"pronoun"} and cue.who and not chosen & cue.who]
    said.append(("unmet", float(len(unmet))))
    union = {n for cue in found if cue.kind in NAMING for n in _nearest(cue.who, cast)}
    if len(union) > 1:
        told = "compared" if "compare" in kinds else "listed"
        said += [(f"{told} union", float(chosen == union)), (f"{told} {many}", 1.0)]
    for cue in found:
        if cue.who:
            fitting = len(chosen & cue.who) / len(chosen)
            said += [(f"{cue.kind} fits", fitting), (f"{cue.kind} unmet", float(not chosen & cue.who))]
            said += [(f"{cue.kind} whole", float(cue.who == chosen)), (f"{cue.kind} within", float(fitting == 1))]
    return said


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    text = (resources.files("facegpt.language.dialogue.who") / "reference_weights.csv").read_text(encoding="utf-8")
    return {row["feature"]: float(row["weight"]) for row in csv.DictReader(text.splitlines())}
