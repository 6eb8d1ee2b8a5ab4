"""The written conversations turn by turn, with the people who are there when each turn comes and whom it means.

Heads are stand-ins with no more than what words can tell apart: age, sex, a smile. Of development/second.jsonl and
third.jsonl the odd conversations are never learnt from, of strangers.jsonl every fourth, of new_voices.jsonl,
many_voices.jsonl, fresh_users.jsonl, follow_ups.jsonl, expressions.jsonl, two_and_three.jsonl and strengths.jsonl every
fifth, of follow_up_edits.jsonl and held_out all: they measure.
Of last_turns and held_out only the last turn of each conversation counts; those before it set the stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from facegpt.language.dialogue.act_network import MAKING
from facegpt.language.dialogue.cast import Cast, Said, Step
from facegpt.language.dialogue.who.introducing import introduced
from facegpt.language.dialogue.who.people_in_words import wanted_people
from facegpt.language.earlier import Earlier
from facegpt_lab.synthesis.texts.conversations import (
    act_expected,
    act_of,
    asked_names,
    fresh_heads,
    listed,
    measures,
    number_of,
    scored_turns,
    talks_of,
    told_turns,
    went_on,
)
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language.who.places_by_words import load_place_classifier

#: Acts that bring new heads.
NEW = ("new_head", "vary", "blend")
_AGE = 40.0
#: Files of last turns in the voices of new users.
_AS_NEW_USERS = ("first_turns", "weak_kinds")


@dataclass(frozen=True, eq=False)
class Written:
    """One turn: words, act, the people before it, faces that come with it, whom it means; number of its conversation.

    source: of each of `who`, whose part is taken over; () where none is.
    scored: whether its user writes as those of the bench do: it is of the scored form, or of _AS_NEW_USERS.
    also: another act that would come to the same, or "".
    asks: what a question is about. when: one of asked_before.WHEN, or "" where it is not told.
    new: how many heads come, in the scored form. earlier: the turns before, in short.
    """

    talk: int
    text: str
    act: str
    cast: Cast
    photos: int
    who: tuple[int, ...]
    scored: bool = False
    source: tuple[int, ...] = ()
    also: str = ""
    asks: tuple[str, ...] = ()
    when: str = ""
    new: int = 0
    earlier: tuple[Earlier, ...] = ()


def written_turns(measuring: bool = False) -> list[Written]:
    """All turns that may be learnt from, or those that measure."""
    folder = corpus_folder() / "conversations"
    turns: list[Written] = []
    for file in () if measuring else sorted(folder.glob("*.jsonl")):
        turns += [turn for talk in talks_of(file) for turn in _told(talk)]
    for file in sorted((folder / ("held_out" if measuring else "last_turns")).glob("*.jsonl")):
        last = [turn for talk in talks_of(file) for turn in [*_told(talk)][-1:]]
        turns += [replace(turn, scored=file.stem in _AS_NEW_USERS) for turn in last]
    for file in sorted((folder / "development").glob("*.jsonl")):
        for talk in talks_of(file):
            if measures(file.stem, number_of(talk)) == measuring:
                turns += _scored(talk)
    return turns


def stand_in(labels: Mapping[str, Any]) -> Any:
    """Something with the looks of a head, as far as labels say."""
    low, high = labels.get("age_years", (_AGE, _AGE))
    attributes, units = labels.get("attributes", {}), labels.get("expression", {})
    smile = max([units.get("mouthSmileLeft", 0.0), 0.8 * (labels.get("emotion") == "happiness")])
    sex = {"F": 0.0, "M": 1.0}.get(labels.get("sex", ""), 0.5)
    age = (low + high) / 2 + 15 * attributes.get("age", 0.0)
    looks = {"age_years": age, "masculinity": sex, "heaviness": 0.5 + 0.2 * attributes.get("heaviness", 0.0)}
    shapes = {"mouthSmileLeft": smile, "mouthSmileRight": smile}
    return SimpleNamespace(attributes=looks, blendshapes=shapes, params=SimpleNamespace(hair=None))


def _told(talk: Mapping[str, Any]) -> Iterator[Written]:
    """The turns of a conversation of the corpus."""
    cast = Cast()
    before = {turn.key: turn.earlier for turn in told_turns(talk)}
    for k, turn in enumerate(talk["turns"], start=1):
        photos = int(turn["given"].split()[-1]) if turn["given"] != "nothing" else 0
        act, who = act_of(turn), tuple(listed(turn["who"]))
        labels = [talk.get("photos", {}).get(str(len(cast.people) + k + 1), {}) for k in range(photos)]
        cast = _arrived(cast, turn["user"], labels)
        there = len(cast.people)
        source = tuple(listed(turn.get("from"))) if act == "take" else ()
        source = source * len(who) if len(source) == 1 else source
        if turn["user"].strip():
            asks, earlier = _told_asks(turn), before[f"{talk['id']}/{k}"]
            yield Written(
                number_of(talk), turn["user"], act, cast, photos, who, False, source, "", asks, earlier=earlier
            )
        fresh = [n for n in who if n > there] if act in NEW else []
        each = (listed(turn["labels"]) * len(who))[: len(fresh)]
        cast = _after(cast, turn["user"], act, [*each, *[{}] * (len(fresh) - len(each))], who, source, _told_asks(turn))


def _told_asks(turn: Mapping[str, Any]) -> tuple[str, ...]:
    """What a turn of a conversation of the corpus asks about or changes."""
    each = listed(turn["labels"])
    named = [name for labels in each for name in labels.get("asks", ())]
    return tuple(dict.fromkeys(named or [name for labels in each for name in _changed(labels)]))


def _changed(labels: Mapping[str, Any]) -> list[str]:
    return [*labels.get("mm", ()), *labels.get("attributes", ())]


def _arrived(cast: Cast, text: str, labels: list[Mapping[str, Any]]) -> Cast:
    """The people with those of a photo."""
    if not labels:
        return cast
    there = len(cast.people)
    cast = cast.with_new([stand_in(each) for each in labels], photo=True, sex=[each.get("sex", "") for each in labels])
    return introduced(text, cast, tuple(range(there + 1, len(cast.people) + 1)))


def _after(
    cast: Cast,
    text: str,
    act: str,
    fresh: list[Mapping[str, Any]],
    who: tuple[int, ...],
    source: tuple[int, ...] = (),
    asks: tuple[str, ...] = (),
) -> Cast:
    """The people after a turn."""
    if fresh:
        begins = load_place_classifier().begins
        wanted = wanted_people(text, begins(text)) if act == "new_head" else []
        if act == "new_head" and len(wanted) != len(fresh) > 1:
            wanted = wanted_people(text, begins(text, len(fresh)))
        fits = len(wanted) == len(fresh)
        told = [each.text.lower() for each in wanted] if fits else [""] * len(fresh)
        names = [each.names for each in wanted] if fits else [()] * len(fresh)
        heads = [stand_in(each) for each in fresh]
        sexes = [each.get("sex", "") for each in fresh]
        cast = cast.with_new(heads, made=act, sex=sexes, names=names, told=told)
    elif who and max(who) <= len(cast.people):
        cast = introduced(text, replace(cast, focus=who), ())
    said = Said(act, text, (*who[:1], *source[:1]) if source else who, asks)
    question = said if act in ("question", "compare") else cast.question
    return replace(_stepped(cast, act), said=said, change=said if act in MAKING else cast.change, question=question)


def _stepped(cast: Cast, act: str) -> Cast:
    """The people with the steps that can be taken back and done again after an act: how many, not what they did."""
    if act in ("edit", "take", "back"):
        return replace(cast, past=(*cast.past, Step({}, {})), future=())
    if act == "undo" and cast.past:
        return replace(cast, past=cast.past[:-1], future=(*cast.future, cast.past[-1]))
    if act == "redo" and cast.future:
        return replace(cast, past=(*cast.past, cast.future[-1]), future=cast.future[:-1])
    return cast


# The scored form


def _scored(talk: Mapping[str, Any]) -> Iterator[Written]:
    """The turns of a conversation of the scored form."""
    cast, number, states = Cast(), dict[str, int](), dict[str, list[int]]()
    before = {turn.key: turn.earlier for turn in scored_turns(talk)}
    for k, turn in enumerate(talk["turns"], start=1):
        expect, text = turn["expect"], turn["user"]
        for photo in turn.get("photos", ()):
            number |= {name: len(cast.people) + j for j, name in enumerate(photo, start=1)}
            states |= {name: [0] for name in photo}
            cast = _arrived(cast, text, [talk["people"][name] for name in photo])
        photos = sum(map(len, turn.get("photos", ())))
        act = act_expected(expect, states) or ("chat" if photos else "")  # who comes is told
        who = tuple(number[name] for name in _meant(expect) if name in number)
        source = tuple(number[name] for name in listed(expect.get("take", {}).get("from")) if name in number)
        if text.strip():
            also = "back" if act == "undo" and _is_first(expect, states) else ""
            asks, when = _asked(expect), _when(expect, states)
            new = len(fresh_heads(expect))
            earlier = before[f"{talk['id']}/{k}"]
            yield Written(number_of(talk), text, act, cast, photos, who, True, source, also, asks, when, new, earlier)
        fresh = fresh_heads(expect)
        number |= {name: len(cast.people) + j for j, name in enumerate(fresh, start=1)}
        went_on(states, expect, k)
        cast = _after(cast, text, act, list(fresh.values()), who, source, _asked(expect))


def _asked(expect: Mapping[str, Any]) -> tuple[str, ...]:
    """What a turn asks about, or changes where it asks nothing."""
    changed = (name for labels in expect.get("edit", {}).values() for name in _changed(labels))
    return asked_names(expect) or tuple(dict.fromkeys(changed))


def _when(expect: Mapping[str, Any], states: Mapping[str, list[int]]) -> str:
    """Whether a question is about heads as they are or were; "" where that is the same or nothing is asked."""
    for each in expect.get("asks", ()):
        if "at" in each:
            seen = states.get(each["head"], [0])
            return "first" if each["at"] == seen[0] else "before"
    return "now" if expect.get("asks") else ""


def _meant(expect: Mapping[str, Any]) -> list[str]:
    """Names of the heads that a turn is about."""
    named = [*expect.get("edit", {}), *expect.get("restore", {}), *listed(expect.get("take", {}).get("to"))]
    named += [name for name, labels in expect.get("new", {}).items() if labels.get("from_photo")]
    named += listed(expect.get("variations", {}).get("of")) + expect.get("blend", {}).get("of", [])
    if not named:
        named = [
            name for each in expect.get("asks", ()) for name in (*listed(each.get("head")), *each.get("heads", ()))
        ]
    return list(dict.fromkeys(named))


def _is_first(expect: Mapping[str, Any], states: Mapping[str, list[int]]) -> bool:
    """Whether a head is put back to how it came: to take back its only change comes to the same."""
    return any(to == states.get(name, [0])[0] for name, to in expect.get("restore", {}).items())
