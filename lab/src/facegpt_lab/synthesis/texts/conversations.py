"""The written conversations of corpus/conversations turn by turn: what each turn does, what it asks, what came before.

Two forms are read: that of README.md there, and the scored one of its folder development. Of last_turns and held_out
only the last turn of each conversation counts; those before it set the stage.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facegpt.language.earlier import Earlier, note_of_labels
from facegpt_lab.synthesis.heads_so_far import HeadsSoFar, Weights
from facegpt_lab.synthesis.text_targets import PLAIN_INTENSITY
from facegpt_lab.synthesis.texts.corpus import corpus_folder

#: Conversations that measure, by file: every so many, counted from; of some files all.
_MEASURING = {"second": (2, 1), "third": (2, 1), "strangers": (4, 0), "new_voices": (5, 0), "many_voices": (5, 0)}
_MEASURING |= dict.fromkeys(("expressions", "two_and_three", "strengths", "fresh_users", "follow_ups"), (5, 0))
_MEASURING |= dict.fromkeys(("casts", "everyday", "physical_edits", "questions_and_talk"), (5, 0))
_MEASURING |= dict.fromkeys(("putting_back", "who_is_meant", "amounts_and_moves", "first_visits"), (5, 0))
_MEASURING |= dict.fromkeys(("changes_of_mind", "parts_and_people"), (5, 0))
_MEASURING |= dict.fromkeys(("pairs_and_crews", "chains_of_edits", "returns_and_passers_by"), (5, 0))
_MEASURING |= {"follow_up_edits": (1, 0)}
#: What questions of these kinds are about.
_ABOUT = {"expression": "expression", "age": "age_years", "unusual": "unusual", "count": "count"}


@dataclass(frozen=True)
class Before:
    """What came before a turn that changes a head.

    Attributes:
        wore: what that head wore as it came and after each change but the last, in order.
        asked: what was asked of its attributes when it came and by each change, in order, SDs.
        said: the same by the last turn that made or changed any head. asks: names of what the last turn asked.
    """

    wore: tuple[Mapping[str, float], ...] = ()
    asked: tuple[Mapping[str, float], ...] = ()
    said: Mapping[str, float] = field(default_factory=dict)
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadTurn:
    """One turn.

    Attributes:
        key: of the conversation and the turn. text: what is typed.
        act: what it does (dialogue/act_network.ACTS); "" where that is open.
        labels: of each head that is made or changed (LABELS.md).
        asks: names of what is asked. people, photos: how many heads there were, and come with it.
        earlier: the turns before it. worn: expression weights of the head that is changed, as far as words told them.
        before: what is known of that head beside what it wears.
        claims: of each question for yes or no, what it asks about, as the labels of a description that says so.
    """

    key: str
    text: str
    act: str
    labels: tuple[Mapping[str, Any], ...]
    asks: tuple[str, ...]
    people: int
    photos: int
    earlier: tuple[Earlier, ...]
    worn: Mapping[str, float] = field(default_factory=dict)
    claims: tuple[Mapping[str, Any], ...] = ()
    before: Before = field(default_factory=lambda: Before())


def conversation_turns(measuring: bool = False) -> list[ReadTurn]:
    """All turns that may be learnt from, or those that measure."""
    folder = corpus_folder() / "conversations"
    turns: list[ReadTurn] = []
    for file in () if measuring else sorted(folder.glob("*.jsonl")):
        turns += [turn for talk in talks_of(file) for turn in told_turns(talk)]
    for file in sorted((folder / ("held_out" if measuring else "last_turns")).glob("*.jsonl")):
        turns += [turn for talk in talks_of(file) for turn in [*told_turns(talk)][-1:]]
    for file in sorted((folder / "development").glob("*.jsonl")):
        for talk in talks_of(file):
            if measures(file.stem, number_of(talk)) == measuring:
                turns += scored_turns(talk)
    return turns


def talks_of(file: Any) -> list[dict[str, Any]]:
    """The conversations of a file."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def measures(file: str, number: int) -> bool:
    """Whether a conversation of a file is kept for measuring."""
    every, first = _MEASURING.get(file, (1, -1))
    return number % every == first


def number_of(talk: Mapping[str, Any]) -> int:
    """The number in the id of a conversation."""
    return int("".join(c for c in talk["id"] if c.isdigit()))


def told_turns(talk: Mapping[str, Any]) -> Iterator[ReadTurn]:
    """The turns of a conversation in the form of README.md."""
    earlier: tuple[Earlier, ...] = ()
    people, heads, asked = 0, HeadsSoFar(), tuple[str, ...]()
    for k, turn in enumerate(talk["turns"], start=1):
        photos = int(turn["given"].split()[-1]) if turn["given"] != "nothing" else 0
        people += photos
        act, who = act_of(turn), listed(turn["who"])
        each = tuple(listed(turn["labels"]))
        asks = tuple(dict.fromkeys(name for labels in each for name in labels.get("asks", ())))
        if turn["user"].strip():
            worn, before = _of_first(heads, who, asked)
            yield ReadTurn(
                f"{talk['id']}/{k}", turn["user"], act, each, asks, people, photos, earlier, worn, (), before
            )
        _wear_on(heads, turn, act, k)
        people, asked = max([people, *who]), asks
        if turn["user"].strip():
            earlier = (*earlier, Earlier(turn["user"], note_of_labels(act, each[0] if each else {}, asks)))


def _of_first(heads: HeadsSoFar, who: Sequence[Hashable], asks: tuple[str, ...]) -> tuple[Weights, Before]:
    """What the first of some heads wears, and what came before. asks: of the turn before."""
    first = who[0] if who else None
    return heads.worn(first), Before(heads.wore(first), heads.asked(first), heads.said, asks)


def _wear_on(heads: HeadsSoFar, turn: Mapping[str, Any], act: str, k: int) -> None:
    """Note what turn k of the form of README.md did."""
    who, each = listed(turn["who"]), listed(turn["labels"])
    each = each if len(each) == len(who) else each[:1] * len(who)
    back = listed(turn.get("to"))
    back = back if len(back) == len(who) else back[:1] * len(who)
    if act in ("new_head", "vary", "blend"):
        for head, labels in zip(who, each, strict=False):
            heads.came(head, k, labels)
    elif act in ("edit", "take"):
        for head, labels in zip(who, each, strict=False):
            heads.changed(head, k, labels)
    elif act in ("undo", "back"):
        for head, to in zip(who, back, strict=False):
            heads.put_back(head, to)


def act_of(turn: Mapping[str, Any]) -> str:
    """The act of a turn in the form of README.md; what is taken from other heads is told apart."""
    source = turn.get("from")
    if source is None or turn["act"] not in ("new_head", "edit"):
        return str(turn["act"])
    if turn["act"] == "edit":
        return "take"
    return "blend" if isinstance(source, list) else "vary"


def listed(value: Any) -> list[Any]:
    """A value as a list: itself where it is one, none for None."""
    return value if isinstance(value, list) else [] if value is None else [value]


# The scored form


def scored_turns(talk: Mapping[str, Any]) -> Iterator[ReadTurn]:
    """The turns of a conversation of the scored form."""
    earlier: tuple[Earlier, ...] = ()
    states: dict[str, list[int]] = {}
    heads, asked = HeadsSoFar(), tuple[str, ...]()
    for k, turn in enumerate(talk["turns"], start=1):
        expect, text = turn["expect"], turn["user"]
        states |= {name: [0] for photo in turn.get("photos", ()) for name in photo}
        photos, people = sum(map(len, turn.get("photos", ()))), len(states)
        act = act_expected(expect, states) or ("chat" if photos else "")  # who comes is told
        labels = (*fresh_heads(expect).values(), *expect.get("edit", {}).values())
        asks = asked_names(expect)
        if text.strip():
            worn, before = _of_first(heads, [*expect.get("edit", {})], asked)
            claims = tuple(claim for each in expect.get("asks", ()) if (claim := claim_of(each)))
            yield ReadTurn(f"{talk['id']}/{k}", text, act, labels, asks, people, photos, earlier, worn, claims, before)
        _wear_on_scored(heads, expect, k)
        asked = asks
        went_on(states, expect, k)
        if text.strip():
            earlier = (*earlier, Earlier(text, note_of_labels(act, labels[0] if labels else {}, asks)))


def went_on(states: dict[str, list[int]], expect: Mapping[str, Any], k: int) -> None:
    """Note in states (head → turns of what it was) what turn k did."""
    states |= {name: [k] for name in fresh_heads(expect)}
    for name in (*expect.get("edit", {}), *listed(expect.get("take", {}).get("to"))):
        states.setdefault(name, [0]).append(k)
    for name, to in expect.get("restore", {}).items():
        seen = states.get(name, [0])
        states[name] = seen[: seen.index(to) + 1] if to in seen else [*seen, to]


def _wear_on_scored(heads: HeadsSoFar, expect: Mapping[str, Any], k: int) -> None:
    """Note what turn k of the scored form did."""
    for name, labels in fresh_heads(expect).items():
        heads.came(name, k, labels)
    for name, labels in expect.get("edit", {}).items():
        heads.changed(name, k, labels)
    for name in listed(expect.get("take", {}).get("to")):
        heads.changed(name, k)
    for name, to in expect.get("restore", {}).items():
        heads.put_back(name, to)


def asked_names(expect: Mapping[str, Any]) -> tuple[str, ...]:
    """What a turn asks about."""
    named: list[str] = []
    for each in expect.get("asks", ()):
        units = ["expression"] if "units" in each else []
        named += each.get("names") or listed(each.get("attribute")) or units or listed(_ABOUT.get(each["kind"]))
    return tuple(dict.fromkeys(named))


def claim_of(ask: Mapping[str, Any]) -> dict[str, Any]:
    """What a question for yes or no asks about, as labels of a description; {} where that is not told."""
    if ask["kind"] != "yes_no":
        return {}
    if "attribute" in ask:
        return {"attributes": {ask["attribute"]: ask["pole"]}}
    if "units" in ask:
        return {"expression": dict.fromkeys(ask["units"], PLAIN_INTENSITY)}
    return {"mm": {ask["names"][0]: {"min": ask["above_mm"]}}} if "above_mm" in ask else {}


def fresh_heads(expect: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The heads that come with a turn, and their labels."""
    found = {name: labels for name, labels in expect.get("new", {}).items() if not labels.get("from_photo")}
    found |= {name: {} for name in expect.get("variations", {}).get("heads", ())}
    return found | ({expect["blend"]["head"]: {}} if "blend" in expect else {})


def act_expected(expect: Mapping[str, Any], states: Mapping[str, list[int]]) -> str:
    """The act that a turn of the scored form is; "" where that is open. The states are those of `went_on`."""
    action = expect["action"]
    if "act" in expect:
        return str(expect["act"])
    if action in ("new", "edit", "take", "variations", "blend"):
        return {"new": "new_head", "variations": "vary"}.get(action, action)
    if action == "restore":
        name, to = next(iter(expect["restore"].items()))
        seen = states.get(name, [0])
        if to not in seen:
            return "redo"
        return "back" if len(seen) > 2 and to == seen[0] else "undo"
    asks = [each["kind"] for each in expect.get("asks", ())]
    if asks:
        return "compare" if asks[0] in ("compare", "difference") else "question"
    if expect.get("decline") or expect.get("cannot"):
        return "decline"
    return "ability" if "says_any" in expect else "small_talk" if action == "none" else ""
