"""What the writer of replies learns from: the written replies of corpus/conversations, their facts as codes of items.

A reply's `{m1.nose_breadth}` becomes `M2` where item 2 is "her nose width", beside the items that a program would offer
for such a turn. A reply with a fact that is never offered, or with a number of its own, is left out, and one that tells
no fact where there are some. The replies of corpus/replies were written to what a program offered, in this form.

    python -m lab.runs.language.replies.texts FOLDER        # FOLDER/texts.json, so that training needs torch alone
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.questions.asking import less_of
from facegpt.language.dialogue.questions.question_network import begins_as_yes_or_no
from facegpt.language.dialogue.replies import items as of
from facegpt.language.dialogue.replies.checking import may_be_said
from facegpt.language.dialogue.replies.items import CODES, Item, prompt_of
from facegpt.language.dialogue.who.called import called
from facegpt.language.dialogue.who.introducing import introduced
from facegpt.language.dialogue.who.people_in_words import wanted_people
from facegpt.language.dialogue.wording import whose
from facegpt_lab.synthesis.texts.conversations import act_of, listed, talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language.replies import wordings
from lab.runs.language.replies.prompted import HELD_OUT, prompted_replies
from lab.runs.language.replies.train import SAID, TEXTS

#: So many orders of the items of each reply are learnt from; of conversations one in HELD_OUT is held out.
ORDERS = 3
#: How often a fact that a reply has is marked as needed, and how often a face's expression is offered beside others.
NEEDED, BESIDE = 0.8, 0.5
#: How often the bare measure is enough; of how many turns a plain wording is learnt in a round; how often replies that
#: were written to what a program offers are learnt in a round.
SHORT, PLAIN, TIMES = 0.3, 0.35, 3
_NAMES = ("Kim", "Anna", "Tom", "Priya", "the boxer", "the nun", "Omar", "Lena", "the thief", "Joe")
_SLOT = re.compile(r"\{([^{}]*)\}")
_OF_HEAD = re.compile(r"(m|cm|in|p|w|before|change)(\d+)(@\d+)?\.(\w+)")
_OF_LOOK = re.compile(r"(seen|emotion|age|agerange|build|eyes|skin|hair|sex|scale|unusual)(\d+)(@\d+)?")
_OF_TWO = re.compile(r"d(\d+),(\d+)\.(\w+)")
_OF_RANK = re.compile(r"(more|less|most|least):([\d,]+)\.(\w+)")
_OF_AGE = re.compile(r"(older|younger):([\d,]+)")
_LIKE = re.compile(r"(alike|differ)([\d,]+)")
_NEARER = re.compile(r"nearer([\d,]+)")
_LETTERS = {"m": "M", "cm": "M", "in": "M", "p": "P", "w": "W", "before": "B", "change": "D"}
_LOOKS = {
    "seen": ("expression", "S"), "emotion": ("expression", "E"), "age": ("age", "A"), "agerange": ("age", "R"),
    "build": ("heaviness", "O"), "eyes": ("iris_lightness", "O"), "skin": ("skin_lightness", "O"),
    "hair": ("hair", "O"), "sex": ("masculinity", "O"), "scale": ("scale", "Z"), "unusual": ("unusual", "U"),
}  # fmt: skip
_DIGIT = re.compile(r"\d+")


@dataclass(frozen=True)
class Told:
    """One written reply.

    Attributes:
        text, earlier, act: of the turn, as `prompt_of` takes them.
        reply: with its facts as "{letter|label}".
        offered: label → letters, of all items of the turn.
    """

    text: str
    earlier: tuple[str, ...]
    act: str
    reply: str
    offered: Mapping[str, str]
    used: tuple[tuple[str, str], ...] = field(default=())

    def plain(self, rng: Random) -> tuple[str, str] | None:
        """The same turn with all that a program needs, in one of the plain wordings; None where none fits."""
        offered = {label: letters for label, letters in self.offered.items() if set(letters) - set("C")}
        labels = rng.sample(list(offered), len(offered))
        items = wordings.needed(
            self.act, [Item(label, dict.fromkeys(offered[label], "")) for label in labels], rng.random() < SHORT
        )
        reply = wordings.written(self.act, items, rng)
        typed = " ".join((*self.earlier[-of.MOST_EARLIER :], self.text))
        fits = reply and may_be_said(reply, items, typed, self.act)
        return (prompt_of(self.text, self.earlier, self.act, items), reply) if fits else None

    def drawn(self, rng: Random) -> tuple[str, str]:
        """What the writer reads and writes, the items in any order, some of the facts that the reply has needed."""
        labels = list(self.offered)
        rng.shuffle(labels)
        needed = {fact for fact in dict.fromkeys(self.used) if rng.random() < NEEDED}
        items = [
            Item(
                label,
                dict.fromkeys(self.offered[label], ""),
                "".join(letter for letter in self.offered[label] if (letter, label) in needed),
            )
            for label in labels
        ]
        places = {label: k for k, label in enumerate(labels, start=1)}
        reply = _SLOT.sub(lambda m: f"{m[1][0]}{places[m[1][2:]]}", self.reply)
        return prompt_of(self.text, self.earlier, self.act, items), reply


def told_replies() -> tuple[list[Told], list[Told], Counter[str]]:
    """Replies to learn from, those held out, and why others are left out."""
    learnt: list[Told] = []
    held: list[Told] = []
    why: Counter[str] = Counter()
    k = 0
    for file in sorted((corpus_folder() / "conversations").glob("*.jsonl")):
        for talk in talks_of(file):
            k += 1
            (held if k % HELD_OUT == 0 else learnt).extend(_of_talk(talk, why))
    return learnt, held, why


def _of_talk(talk: Mapping[str, Any], why: Counter[str]) -> Iterator[Told]:
    cast, earlier = Cast(), list[str]()
    for turn in talk["turns"]:
        cast = _come(cast, talk, turn)
        told = _told(turn, cast, tuple(earlier), why)
        if told:
            yield told
        if turn["user"].strip():
            earlier.append(turn["user"])


# Who is there


def _come(cast: Cast, talk: Mapping[str, Any], turn: Mapping[str, Any]) -> Cast:
    """The people with those who come with a turn, as a program would call them."""
    count = int(turn["given"].split()[-1]) if turn["given"] != "nothing" else 0
    before = len(cast.people)
    if count:
        photos = [talk.get("photos", {}).get(str(before + k + 1), {}) for k in range(count)]
        cast = _with_new(cast, [each.get("sex", "") for each in photos], True)
    cast = introduced(turn["user"], cast, tuple(range(before + 1, before + count + 1)))
    new = [number for number in listed(turn["who"]) if number > len(cast.people)]
    if new and turn["act"] == "new_head":
        labels = listed(turn["labels"])
        sexes = [(labels[k] if len(labels) == len(new) else labels[0]).get("sex", "") for k in range(len(new))]
        wanted = wanted_people(turn["user"])
        names = [each.names for each in wanted] if len(wanted) == len(new) else [()] * len(new)
        cast = _with_new(cast, sexes, False, names)
    return cast


def _with_new(cast: Cast, sexes: Sequence[str], photo: bool, names: Sequence[Any] | None = None) -> Cast:
    known: Any = [None] * len(sexes)  # no heads: only what people are called counts
    own = [sex if sex in ("F", "M") else "" for sex in sexes]
    return cast.with_new(known, photo=photo, sex=own, names=names or [()] * len(sexes))


# What a reply tells, and what is offered


def _told(turn: Mapping[str, Any], cast: Cast, earlier: tuple[str, ...], why: Counter[str]) -> Told | None:
    act, text, reply = act_of(turn), turn["user"], turn["reply"]
    own = set(_DIGIT.findall(text)) | {n for each in earlier[-2:] for n in _DIGIT.findall(each)}
    if set(_DIGIT.findall(_SLOT.sub("", reply))) - own:
        return _left_out(why, "a number of its own")
    if max([0, *(n for n in listed(turn["who"]))]) > len(cast.people):
        return _left_out(why, "people not known")
    facts = [_fact_of(slot, turn, cast) for slot in _SLOT.findall(reply)]
    if not all(facts):
        return _left_out(why, "a fact that is not offered")
    if act in SAID and not facts:
        return _left_out(why, "no fact in it")
    offered: dict[str, str] = {}
    used = tuple(fact for fact in facts if fact)
    for letter, label in (*_offers(turn, act, cast, [slot for slot in _SLOT.findall(reply)]), *used):
        offered[label] = "".join(c for c in CODES if c in offered.get(label, "") + letter)
    if len(offered) > of.MOST_ITEMS:
        return _left_out(why, "too many items")
    each = iter(used)
    marked = _SLOT.sub(lambda _: "{{{}|{}}}".format(*next(each)), reply)
    return Told(text, earlier, act, marked, offered, used)


def _left_out(why: Counter[str], reason: str) -> None:
    why[reason] += 1


def _fact_of(slot: str, turn: Mapping[str, Any], cast: Cast) -> tuple[str, str] | None:
    """The letter and the item of a placeholder; None where a program never offers it."""
    if found := _OF_HEAD.fullmatch(slot):
        kind, number, state, name = found.groups()
        return _of_head(kind, _owner(int(number), cast), name, "now" if not state else _when(state))
    if found := _OF_LOOK.fullmatch(slot):
        name, letter = _LOOKS[found[1]]
        return letter, of.of_look(name, _owner(int(found[2]), cast), _when(found[3]) if found[3] else "now")
    if found := _OF_TWO.fullmatch(slot):
        return "D", of.of_gap(of.what_of(found[3]))
    if found := _OF_RANK.fullmatch(slot):
        return "N", of.of_rank(of.what_of(found[3]), found[1] in ("less", "least"), len(found[2].split(",")))
    if found := _OF_AGE.fullmatch(slot):
        return "N", of.of_rank("age", found[1] == "younger", len(found[2].split(",")))
    if found := _LIKE.fullmatch(slot):
        return "K", of.ALIKE if found[1] == "alike" else of.DIFFER
    if found := _NEARER.fullmatch(slot):
        first = int(found[1].split(",")[0])
        return "N", of.of_nearer(called(cast.person(first), cast))
    if slot.startswith("yes_no:"):
        return "Y", of.YES
    return ("C", of.COUNT) if slot == "count" or slot.startswith("number:") else None


def _of_head(kind: str, owner: str, name: str, when: str) -> tuple[str, str] | None:
    measures = of.measures_of(name)
    if len(measures) == 1:
        return _LETTERS[kind], of.of_length(measures[0], owner, when)
    return ("W", of.of_trait(name, owner, when)) if kind == "w" else None


def _when(state: str) -> str:
    return "first" if state == "@0" else "before"


def _owner(number: int, cast: Cast) -> str:
    return whose(cast.person(number), cast)


def _offers(turn: Mapping[str, Any], act: str, cast: Cast, slots: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a program would offer for such a turn, whether or not the reply has it."""
    who, each = listed(turn["who"]), listed(turn["labels"])
    asks = list(dict.fromkeys(name for labels in each for name in labels.get("asks", ())))
    if act == "compare" and len(who) > 1:
        less = any(slot.startswith(("less", "least", "younger")) for slot in slots)
        for name in asks[:3]:
            yield from _of_comparison(name, who, less, cast)
        return
    changed = act in ("edit", "take", "undo", "redo", "back")
    past = changed or any("before" in slot or "@" in slot for slot in slots)
    if any(slot.startswith("yes_no") for slot in slots):
        yield "Y", of.YES
    rng = Random(turn["user"])
    names = [*asks, *(_names_changed(each) if changed or act == "new_head" else ())]
    if act in ("edit", "new_head", "undo", "redo", "back") and rng.random() < BESIDE:
        names.append("expression")
    for number in who[:3] if act in ("question", "compare") or changed or act == "new_head" else ():
        for name in dict.fromkeys(names[:4]):
            yield from _of_one(name, _owner(number, cast), past)


def _names_changed(each: Sequence[Mapping[str, Any]]) -> list[str]:
    found: list[str] = []
    for labels in each:
        found += [*labels.get("mm", {}), *labels.get("attributes", {})]
        found += ["expression"] if labels.get("expression") or labels.get("emotion") else []
    return [name for name in found if name not in ("beard", "moustache") and not name.startswith("hair_")]


def _of_one(name: str, owner: str, past: bool) -> Iterator[tuple[str, str]]:
    if name == "count":
        yield "C", of.COUNT
    elif name in of.LOOKS:
        yield from ((letter, of.of_look(name, owner)) for letter in of.LOOKS[name][1])
    elif measures := of.measures_of(name):
        for measure in measures:
            yield from ((letter, of.of_length(measure, owner)) for letter in ("MPWBD" if past else "MPW"))
        if len(measures) > 1:
            yield "W", of.of_trait(name, owner)
    else:
        yield "W", of.of_trait(name, owner)
        if past:
            yield "W", of.of_trait(name, owner, "before")


def _of_comparison(name: str, who: Sequence[int], less: bool, cast: Cast) -> Iterator[tuple[str, str]]:
    if name == "unusual":
        yield from (("K", of.ALIKE), ("K", of.DIFFER))
        return
    if name in ("age", "age_years"):
        yield "N", of.of_rank("age", less, len(who))
    elif name not in of.LOOKS or name in ("masculinity", "skin_lightness", "iris_lightness", "heaviness"):
        yield "N", of.of_rank(of.what_of(name), less, len(who))
    if len(who) == 2 and len(of.measures_of(name)) == 1:
        yield "D", of.of_gap(of.what_of(name))
    for number in who[:5]:
        yield from _of_one(name, _owner(number, cast), False)


# Questions by name


def asked_by_name() -> tuple[list[Told], list[Told]]:
    """The questions and comparisons of questions_by_name.csv, of whomever: to learn from, and held out."""
    rng = Random(11)
    found: tuple[list[Told], list[Told]] = ([], [])
    file = corpus_folder() / "conversations" / "questions_by_name.csv"
    for k, row in enumerate(csv.DictReader(file.read_text("utf-8").splitlines())):
        if row["kind"] != "noun" and (told := _of_name(row, rng)):
            found[k % HELD_OUT == 0].append(told)
    return found


def _of_name(row: Mapping[str, str], rng: Random) -> Told | None:
    name, text, compares = row["name"], row["text"], row["kind"] == "compare"
    if name.startswith("hair_") or name in ("beard", "moustache", "count", "glasses"):
        return None
    cast = _with_new(Cast(), ["F", "M"], False, [(each.lower(),) for each in rng.sample(_NAMES, 2)])
    if rng.random() < 0.5:
        cast = _with_new(Cast(), ["F", "M"], False)
    if not compares:
        cast = _with_new(Cast(), [rng.choice("FM")], False)
    sides = list(_of_comparison(name, (1, 2), bool(less_of(text)), cast)) if compares else []
    facts = sides or list(_of_one(name, _owner(1, cast), False))
    if begins_as_yes_or_no(text):
        facts.insert(0, ("Y", of.YES))
    offered: dict[str, str] = {}
    for letter, label in facts:
        offered[label] = offered.get(label, "") + letter
    return Told(text, (), "compare" if compares else "question", "", offered)


def write_texts(folder: Path) -> None:
    """Write what is learnt from and what is held out."""
    folder.mkdir(parents=True, exist_ok=True)
    learnt, held, why = told_replies()
    prompted, prompted_held = prompted_replies()
    by_name, others = asked_by_name()
    rng = Random(0)

    def plain(some: Sequence[Told]) -> list[tuple[str, str]]:
        return [pair for each in some if each.act in SAID and each.offered and (pair := each.plain(rng))]

    rounds = []
    for _ in range(ORDERS):
        row = [*learnt, *by_name]
        chosen = rng.sample(row, round(PLAIN * len(row)))
        rounds.append([each.drawn(rng) for each in (*learnt, *(TIMES * prompted))] + plain(chosen))
    whole = {
        "rounds": rounds,
        "held_out": [each.drawn(rng) for each in (*held, *prompted_held)] + plain([*held, *others]),
    }
    (folder / TEXTS).write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    print(f"{len(learnt)} and {len(prompted)} replies to learn from, {len(held)} and {len(prompted_held)} held out")
    print(f"{len(rounds[0]) - len(learnt) - TIMES * len(prompted)} in plain wordings beside them")
    print(f"left out: {dict(why)}")


def main() -> None:
    """Write the texts into a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    write_texts(parser.parse_args().folder)


if __name__ == "__main__":
    main()
