"""What the reader learns from: the sentences and conversations of corpus/, each as a prompt and a written request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facegpt.language.earlier import Earlier, note_of_labels
from facegpt_lab.synthesis.texts.conversations import (
    act_expected,
    asked_names,
    fresh_heads,
    measures,
    number_of,
    talks_of,
    went_on,
)
from facegpt_lab.synthesis.texts.corpus import Record, corpus_folder, load_corpus
from facegpt_lab.train.one_reader.written import request_of_record, request_of_turn

#: So many turns before the last are shown with their numbers (who puts a head back says to which turn), so many
#: characters of each.
MOST_TURNS, LONGEST = 8, 120


@dataclass(frozen=True)
class Example:
    """One text to read.

    Attributes:
        key: of the sentence, or of the conversation and its turn. prompt: what the reader sees.
        request: the pieces that it writes.
        accepts: other emotions that a fair reader accepts.
    """

    key: str
    prompt: str
    request: tuple[str, ...]
    accepts: tuple[str, ...] = ()


def prompt_of(text: str, people: Sequence[str] = (), earlier: Sequence[Earlier] = ()) -> str:
    """What the reader sees: who is there, the turns before in short, and the text.

    Args:
        text: what was typed.
        people: a few words about each head that there is, in their order.
        earlier: the turns before the last.
    """
    lines = [f"{k}: {words}" for k, words in enumerate(people, start=1)]
    numbered = [*enumerate(earlier, start=1)][-MOST_TURNS:]
    lines += [f"turn {k}: {each.text[:LONGEST]} -> {each.note}" for k, each in numbered]
    return "\n".join((*lines, f"read: {text}", "request:"))


def sentences(split: str) -> list[Example]:
    """The sentences of one split of the corpus ("train", "validation")."""
    return [_of_record(record) for record in load_corpus(split)]


def _of_record(record: Record) -> Example:
    people = ["a head"] if record.has_face_before else []
    people *= int(record.input.get("faces", 1))
    request = request_of_record(record.task, record.labels)
    return Example(record.id, prompt_of(record.text, people), request, tuple(record.labels.get("emotion_also", ())))


def turns(measuring: bool) -> list[Example]:
    """The turns of conversations in the scored form: those that are learnt, or those that measure."""
    found: list[Example] = []
    for file in sorted((corpus_folder() / "conversations" / "development").glob("*.jsonl")):
        for talk in talks_of(file):
            if measures(file.stem, number_of(talk)) == measuring:
                found += _of_talk(talk)
    return found


def _of_talk(talk: Mapping[str, Any]) -> Iterator[Example]:
    people: dict[str, str] = {}
    states: dict[str, list[int]] = {}
    earlier: tuple[Earlier, ...] = ()
    for k, turn in enumerate(talk["turns"], start=1):
        expect, text = turn["expect"], turn["user"]
        for name in (name for photo in turn.get("photos", ()) for name in photo):
            people[name] = _described(talk.get("people", {}).get(name, {}), "of a photo")
            states[name] = [0]
        fresh = fresh_heads(expect)
        places = {name: n for n, name in enumerate(dict.fromkeys((*people, *fresh, *_changed(expect))), start=1)}
        if text.strip() and (request := request_of_turn(expect, places)):
            yield Example(f"{talk['id']}/{k}", prompt_of(text, [*people.values()], earlier), request)
        people |= {name: _described(labels, "made") for name, labels in fresh.items()}
        act = act_expected(expect, states)
        went_on(states, expect, k)
        labels = (*fresh.values(), *expect.get("edit", {}).values())
        if text.strip():
            note = note_of_labels(act, labels[0] if labels else {}, asked_names(expect))
            earlier = (*earlier, Earlier(text, note))


def _changed(expect: Mapping[str, Any]) -> list[str]:
    """All heads that a turn names beside new ones."""
    asked = [name for ask in expect.get("asks", ()) for name in (ask.get("head"), *ask.get("heads", ())) if name]
    return [*expect.get("new", {}), *expect.get("edit", {}), *expect.get("restore", {}), *asked]


def _described(labels: Mapping[str, Any], how: str) -> str:
    """A head in a few words: "woman of a photo"."""
    called = labels.get("called") or labels.get("name")
    noun = {"F": "woman", "M": "man"}.get(labels.get("sex", ""), "person")
    return " ".join(filter(None, (noun, how, f"called {called}" if called else "")))
