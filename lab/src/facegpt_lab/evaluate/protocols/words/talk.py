"""FaceGPT-Bench, conversations of several turns: the right head changed, the right number said, nothing made up.

Conversations: facegpt_talk_v2.jsonl, held out, or those of a file in the same form. Heads that stand for photos are
made of their labels, not of words. Rules: docs/facegpt-bench.md, judges/talk_heads.py and judges/talk_answers.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.api import FaceGPT, load
from facegpt.face import Face
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.head_request import HeadRequest
from facegpt.runtime.progress import Progress
from facegpt.types import AssetError, FaceGPTError
from facegpt_lab.evaluate.judges import talk_answers
from facegpt_lab.evaluate.judges.talk_answers import Seen, Told
from facegpt_lab.evaluate.judges.talk_heads import Changes, Yardstick, apart_mm, faults
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request
from facegpt_lab.evaluate.protocols.words.text_system import PRIOR_HEADS, PRIOR_HEADS_QUICK, Heads, Prior, default_heads
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.synthesis.text_targets import target_from_labels

TALKS = Path(__file__).with_name("facegpt_talk_v2.jsonl")
SHA256 = "4f31ef17c7928c363bcfd1e988f5a66e59b1b1d7af37742de09ff2862477debc"
#: One conversation of so many with --quick; the share of turns that should be right.
QUICK_STEP, TARGET = 25, 0.9
#: Pairs of heads of the prior whose distance says what is far.
PAIRS = 60
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_SEXES = {
    "F": ("woman", "she", "her", "hers", "girl", "lady", "female"),
    "M": ("man", "he", "his", "him", "boy", "guy", "male"),
}


@dataclass
class Played:
    """One turn as it went: the words, what was expected, and what is wrong with the answer."""

    talk: str
    kind: str
    user: str
    answer: str
    expect: Mapping[str, Any]
    wrong: list[str]


@dataclass
class _Stage:
    """A conversation while it is played.

    Attributes:
        number: name of a head in the file → number of the person in the conversation.
        history: name → turn → head. sexes, names: of each head. typed: all that was typed.
    """

    talk: Mapping[str, Any]
    index: int
    conversation: Conversation
    number: dict[str, int] = field(default_factory=dict)
    history: dict[str, dict[int, Seen]] = field(default_factory=dict)
    sexes: dict[str, str] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    typed: str = ""


def evaluate(quick: bool = False, data: Path | None = None) -> Report:
    """Play and judge the conversations with the default model."""
    talks = read_talks(data)
    talks = talks[::QUICK_STEP] if quick else talks
    played = play_all(load(), talks, PRIOR_HEADS_QUICK if quick else PRIOR_HEADS)
    source = f"{data.name}" if data else f"FaceGPT-Bench v2, conversations (sha256 {SHA256[:12]}…)"
    return Report(f"{source}: {len(talks)} conversations, {len(played)} turns", tuple(rows_of(played)))


def read_talks(path: Path | None = None) -> list[dict[str, Any]]:
    """Read conversations. Raises AssetError when the file of the bench is not the released one."""
    file = path or TALKS
    if not file.is_file():
        raise FaceGPTError(f"there are no conversations at '{file}'")
    text = file.read_bytes().replace(b"\r\n", b"\n")
    if path is None and hashlib.sha256(text).hexdigest() != SHA256:
        raise AssetError(f"'{file}' is not the file of FaceGPT-Bench version 2 (its sha256 differs)")
    return [json.loads(line) for line in text.decode("utf-8").splitlines() if line.strip()]


def play_all(model: FaceGPT, talks: Sequence[dict[str, Any]], prior_heads: int) -> list[Played]:
    """Play conversations one after the other."""
    heads = default_heads()
    prior = yardstick(heads, model, prior_heads)
    played: list[Played] = []
    with Progress("conversations", len(talks)) as progress:
        for k, talk in enumerate(talks, start=1):
            played += play(model, heads, prior, talk, k)
            progress(k)
    return played


def yardstick(heads: Heads, model: FaceGPT, count: int) -> Yardstick:
    """The prior's statistics, and how far two of its heads lie apart."""
    prior = Prior.draw(heads, count)
    people = [params for params, _ in (*prior.women[:PAIRS], *prior.men[:PAIRS])]
    rest = [seen_of(heads, Face(model.head, params)) for params in people]
    rng = np.random.default_rng(0)
    pairs = [rng.choice(len(rest), 2, replace=False) for _ in range(PAIRS)]
    return Yardstick(prior.populations, float(np.median([apart_mm(rest[a], rest[b]) for a, b in pairs])))


@lru_cache(maxsize=64)
def seen_of(heads: Heads, face: Face) -> Seen:
    """Read one head."""
    return Seen(heads.show(face.params), face.measure(), face.neutral().vertices())


def play(model: FaceGPT, heads: Heads, prior: Yardstick, talk: dict[str, Any], index: int) -> list[Played]:
    """Play one conversation and judge its turns. index: number of the conversation, for the seeds of its people."""
    stage = _Stage(talk, index, Conversation(model, seed=index))
    return [_turn(model, heads, prior, stage, k, turn) for k, turn in enumerate(talk["turns"], start=1)]


def _turn(model: FaceGPT, heads: Heads, prior: Yardstick, stage: _Stage, k: int, turn: dict[str, Any]) -> Played:
    given = [name for photo in turn.get("photos", ()) for name in photo]
    faces = [person(model, heads, stage, name) for name in given]
    cast = stage.conversation.cast
    _arrive(heads, stage, given, faces, len(cast.people))
    before = {name: versions[max(versions)] for name, versions in stage.history.items()}
    stage.typed += f" {turn['user']}"
    try:
        reply = stage.conversation.say(turn["user"], faces=faces)
    except FaceGPTError as error:
        return Played(stage.talk["id"], stage.talk["kind"], turn["user"], str(error), turn["expect"], ["it failed"])
    changes = _changes(heads, stage, k, turn["expect"], before, reply.faces)
    told = Told(reply.text, stage.typed, {n: [*h.values()] for n, h in stage.history.items()}, stage.names)
    wrong = faults(turn["expect"], changes, prior, stage.sexes)
    wrong += answer_faults(turn["expect"], told, prior)
    return Played(stage.talk["id"], stage.talk["kind"], turn["user"], reply.text, turn["expect"], wrong)


def person(model: FaceGPT, heads: Heads, stage: _Stage, name: str) -> Face:
    """The head that stands for somebody in a photo, made of the labels."""
    labels = stage.talk["people"][name]
    request = request_of(labels)
    params = heads.imagine(heads.model, request, 100 * stage.index + int(name[1:]))
    return Face(model.head, params)


def request_of(labels: Mapping[str, Any]) -> HeadRequest:
    """What labels ask of a new head, without words."""
    target = target_from_labels(labels, "", "imagine")
    start = open_request()
    named = target.attribute_mask > 0
    worn: Any = target.expression_gate > 0
    return HeadRequest(
        attribute_mean=np.where(named, target.attribute_mean, start.attribute_mean),
        attribute_spread=np.where(named, 0.2, start.attribute_spread),
        man={"M": 1.0, "F": 0.0}.get(labels.get("sex", ""), 0.5),
        age_years=tuple(labels["age_years"]) if "age_years" in labels else None,
        expression=target.expression,
        expression_named=worn,
        emotion=labels.get("emotion", ""),
        intensity=float(labels.get("intensity", 0.7)),
    )


def _arrive(heads: Heads, stage: _Stage, given: Sequence[str], faces: Sequence[Face], there: int) -> None:
    """Note the people of a photo."""
    for k, (name, face) in enumerate(zip(given, faces, strict=True), start=1):
        labels = stage.talk["people"][name]
        _enter(stage, name, there + k, seen_of(heads, face), labels.get("sex", ""), 0)


def _enter(stage: _Stage, name: str, number: int, seen: Seen, sex: str, turn: int) -> None:
    place = len(stage.number)
    stage.number[name] = number
    stage.history[name] = {turn: seen}
    stage.sexes[name] = sex
    stage.names[name] = [*_ORDINALS[place : place + 1], *_SEXES.get(sex, ())]


def _changes(
    heads: Heads, stage: _Stage, k: int, expect: Mapping[str, Any], before: dict[str, Seen], faces: Sequence[Face]
) -> Changes:
    """Compare the people of the conversation before and after a turn; new heads get the names that the file gives."""
    cast = stage.conversation.cast
    after = {name: seen_of(heads, cast.person(n).face) for name, n in stage.number.items() if n <= len(cast.people)}
    changed = frozenset(name for name in after if not np.array_equal(*_whole(before[name], after[name])))
    known = set(stage.number.values())
    fresh = [person for person in cast.people if person.number not in known]
    new = [seen_of(heads, person.face) for person in fresh]
    for name in after:
        stage.history[name][k] = after[name]
    names = [name for name, labels in expect.get("new", {}).items() if not labels.get("from_photo")]
    names += [*expect.get("variations", {}).get("heads", ())]
    names += [expect["blend"]["head"]] if "blend" in expect else []
    for name, each, seen in zip(names, fresh, new, strict=False):
        _enter(stage, name, each.number, seen, expect.get("new", {}).get(name, {}).get("sex", each.sex), k)
        stage.history[name] = {0: seen, k: seen}
    for name, number in stage.number.items():
        stage.names[name] += [
            word.removeprefix("the ") for word in cast.person(number).names if number <= len(cast.people)
        ]
    shown = frozenset(name for name, n in stage.number.items() if any(cast.person(n).face is face for face in faces))
    return Changes(before, after, changed, new, shown, len(faces), stage.history)


def _whole(one: Seen, other: Seen) -> tuple[np.ndarray, np.ndarray]:
    """All that can differ between two versions of a head."""
    first, second = (np.concatenate([s.rest.ravel(), s.shown.expression, s.shown.readings]) for s in (one, other))
    return first, second


def answer_faults(expect: Mapping[str, Any], told: Told, prior: Yardstick) -> list[str]:
    """What is wrong with the words of an answer; [] where all is right."""
    found = [] if talk_answers.is_sane(told.text) else ["empty, long or in circles"]
    asks = expect.get("asks", ())
    if asks and not expect.get("decline") and talk_answers.refuses(told.text):
        found.append("it refused")
    z = {name: _by_name(prior.populations[""].z(versions[-1].shown)) for name, versions in told.heads.items()}
    for asked in asks:
        try:
            right = talk_answers.answers(told, asked, z)
        except KeyError:  # a head that never came
            right = False
        found += [] if right else [f"no right answer: {asked['kind']}"]
    if expect.get("decline") and not talk_answers.refuses(told.text):
        found.append("it did not decline")
    if expect.get("cannot") and not talk_answers.says_cannot(told.text):
        found.append("it did not say what it cannot show")
    found += [
        f"none of {key}"
        for key in ("says_any", "says_who")
        if key in expect and not talk_answers.says_any(told.text, expect[key])
    ]
    if expect.get("no_number") and any(c.isdigit() for c in told.text):
        found.append("a number")
    if not expect.get("free_numbers"):
        found += [f"made-up number {number}" for number in talk_answers.invented(told)]
    return found


def _by_name(z: np.ndarray) -> dict[str, float]:
    from facegpt.language.targets import ATTRIBUTES

    return dict(zip(ATTRIBUTES, map(float, z), strict=True))


def counted(turn: Played) -> bool:
    """Whether a turn is scored: not where anything may happen and nothing else is asked."""
    return turn.expect["action"] != "any" or len(turn.expect) > 1


def rows_of(played: Sequence[Played]) -> list[Row]:
    """The share of turns with everything right, in all and by kind, and of what is judged apart."""
    turns = [turn for turn in played if counted(turn)]
    rows = [figure("turns with everything right", _share([not t.wrong for t in turns]), "share", at_least=TARGET)]
    talks: dict[str, list[bool]] = {}
    for turn in turns:
        talks.setdefault(turn.talk, []).append(not turn.wrong)
    rows.append(figure("conversations with every turn right", _share([all(v) for v in talks.values()]), "share"))
    for kind in sorted({turn.kind for turn in turns}):
        rows.append(figure(f"turns right, {kind}", _share([not t.wrong for t in turns if t.kind == kind]), "share"))
    for action in sorted({turn.expect["action"] for turn in turns}):
        rows.append(
            figure(
                f"turns right, {action}", _share([not t.wrong for t in turns if t.expect["action"] == action]), "share"
            )
        )
    asked = [turn for turn in turns if turn.expect.get("asks")]
    rows.append(figure("questions refused", _share(["it refused" in t.wrong for t in asked]), "share"))
    made_up = [any(w.startswith(("made-up", "a number")) for w in t.wrong) for t in turns]
    rows.append(figure("answers with a number made up", _share(made_up), "share"))
    rows.append(
        figure(
            "answers empty, long or in circles",
            _share(["empty, long or in circles" in t.wrong for t in turns]),
            "share",
        )
    )
    return rows


def _share(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
