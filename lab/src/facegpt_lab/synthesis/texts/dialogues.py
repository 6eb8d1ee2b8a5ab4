"""The language model's training samples: one stream of turns, with and without faces, drawn from a seed.

`samples(seed)` never ends. Sample k depends on (seed, k) alone, so shards can be written in parallel and resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.text_targets import Target, target_from_labels
from facegpt_lab.synthesis.texts import (
    captions,
    captions_denials,
    captions_edits,
    captions_expressions,
    captions_millimetres,
    captions_unshown,
)
from facegpt_lab.synthesis.texts.corpus import Record, load_corpus
from facegpt_lab.synthesis.texts.dialogues_questions import draw_question, draw_request
from facegpt_lab.synthesis.texts.dialogues_replies import face_reply, no_face_reply
from facegpt_lab.synthesis.texts.dialogues_talk import draw_talk
from facegpt_lab.synthesis.texts.dialogues_traps import draw_trap
from facegpt_lab.synthesis.texts.english import Labels
from facegpt_lab.synthesis.texts.instructions import Instruction, load_instructions
from facegpt_lab.synthesis.texts.slips import OPENINGS, roughen


@dataclass(frozen=True)
class Sample:
    """One turn of a user with what should come of it.

    Attributes:
        kind: where it comes from: "corpus", "looks", "edit", … (the keys of MIX).
        text: what the user says last.
        labels: what the words say (LABELS.md).
        task: "imagine", "edit", "describe" or "chat".
        input: what came before or with the text: {"image": True}, {"head": True}, {"faces": n}, {"expression": …}, …
        history: earlier turns as (role, text), role "user" or "assistant".
        reply: a good answer, or None where none is written. A face in it is the word FACE_TOKEN.
        face: whether the answer has a face; None: do not learn the decision from this one.
    """

    kind: str
    text: str
    labels: Labels
    task: str = "imagine"
    input: dict[str, Any] = field(default_factory=dict)
    history: tuple[tuple[str, str], ...] = ()
    reply: str | None = None
    face: bool | None = None

    @property
    def has_face_before(self) -> bool:
        """Whether a face came before or with the text."""
        return self.task == "edit" or bool(self.input)

    @cached_property
    def target(self) -> Target:
        """The labels as arrays."""
        return target_from_labels(self.labels, self.text, self.task, edits_a_face=self.has_face_before)

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation as {"role", "content"}, with the reply at the end where there is one."""
        turns = [*self.history, ("user", self.text)]
        if self.reply is not None:
            turns.append(("assistant", self.reply))
        return [{"role": role, "content": text} for role, text in turns]


def decides_face(record: Record) -> bool | None:
    """Whether a record of the corpus teaches when to give a face, and which way."""
    if "face" in record.labels:
        return bool(record.labels["face"])
    if record.task == "describe":
        return False
    return None if record.category in ("situation", "nonsense") else True


@lru_cache(maxsize=1)
def _by_task() -> dict[str, list[Record]]:
    """The training sentences by use."""
    table: dict[str, list[Record]] = {"imagine": [], "edit": [], "describe": [], "chat": []}
    for record in load_corpus("train"):
        table[record.task].append(record)
    table["situation"] = [r for r in table["imagine"] if r.category == "situation" and len(r.text) < 160]
    table["fragment"] = [r for r in table["imagine"] if _is_fragment(r)]
    table["change"] = [r for r in table["edit"] if r.labels.keys() <= _CHANGED and not r.input and len(r.text) < 70]
    return table


#: What the labels of a change may hold that stands beside others.
_CHANGED = {"attributes", "expression", "expression_off", "mm", "emotion", "emotion_also", "intensity", "keep"}


def _is_fragment(record: Record) -> bool:
    """Whether a sentence is short and only about looks, so that it can stand beside others."""
    return record.labels.keys() <= {"attributes", "sex", "expression"} and bool(record.labels) and len(record.text) < 75


#: Ways to ask for the face that goes with a situation.
_SITUATION_FRAMES = (
    *(
        "the face for this: {}",
        "{} Show me the face.",
        "how does one look here? {}",
        "reaction to this: {}",
        "{} - what a face!",
    ),
    *(
        "make the face that goes with it: {}",
        "somebody in this moment: {}",
        "draw the reaction: {}",
        "{} Picture the face.",
    ),
    *(
        "the look on the face when: {}",
        "{} (face, please)",
        "give me the expression: {}",
        "imagine it: {}",
        "{} Render that.",
    ),
    *(
        "a portrait taken right then: {}",
        "scene: {} Close-up.",
        "{} Now the close-up of the face.",
        "you see the face: {}",
    ),
)


def _from_corpus(rng: Random) -> Sample:
    tasks = ("imagine", "edit", "describe", "chat")
    task = rng.choices(tasks, (0.68, 0.17, 0.04, 0.11))[0]
    record = rng.choice(_by_task()[task])
    text = roughen(rng, record.text, 0.35) if record.voice != "special_tokens" else record.text
    face = decides_face(record)
    if record.category == "situation" and rng.random() < 0.25:
        text, face = rng.choice(_SITUATION_FRAMES).format(text.replace("{", "(").replace("}", ")")), True
    sample = Sample("corpus", text, record.labels, task, record.input, face=face)
    return _answered(rng, sample)


def _answered(rng: Random, sample: Sample) -> Sample:
    """Add an answer where one can be written from the labels alone."""
    reply = None
    if sample.face:
        reply = face_reply(rng, sample.labels, sample.has_face_before, bool(sample.input.get("image")))
    elif sample.labels.get("decline"):
        reply = no_face_reply(rng, bool(sample.labels.get("asks")))
    return Sample(
        *(sample.kind, sample.text, sample.labels, sample.task, sample.input, sample.history),
        reply=reply,
        face=sample.face,
    )


def join_labels(first: Labels, second: Labels) -> Labels | None:
    """The labels of two texts about one face side by side, or None where both speak of the same thing."""
    joined = dict(first)
    for key, value in second.items():
        if key not in joined:
            joined[key] = value
        elif key in ("attributes", "expression", "not", "mm"):
            if not joined[key].keys().isdisjoint(value):
                return None
            joined[key] = {**joined[key], **value}
        elif key in ("relations", "expression_off"):
            joined[key] = [*joined[key], *value]
        elif joined[key] != value:
            return None
    excluded = joined.get("not", {}).keys() & joined.get("attributes", {}).keys()
    off = set(joined.get("expression_off", ())) & joined.get("expression", {}).keys()
    return None if excluded or off or (joined.get("emotion") == "neutral" and "expression" in joined) else joined


def _joined_corpus(rng: Random) -> Sample:
    """Set two to four fragments of the corpus side by side, perhaps with a situation."""
    table = _by_task()
    while True:
        parts = rng.sample(table["fragment"], rng.choices((2, 3, 4), (0.55, 0.3, 0.15))[0])
        if rng.random() < 0.15:
            parts = [*parts[:2], rng.choice(table["situation"])]
        labels: Labels | None = {}
        for part in parts:
            labels = None if labels is None else join_labels(labels, part.labels)
        if labels is not None:
            break
    texts = [part.text.rstrip(".") for part in parts]
    link = rng.choice((". ", "; ", ", ", ", ", " and ", "\n", " - "))
    if link in (", ", " and ", " - "):
        texts = [texts[0], *(t if t.startswith("I ") else t[:1].lower() + t[1:] for t in texts[1:])]
    text = link.join(texts)
    if rng.random() < 0.15:
        text = f"{rng.choice(OPENINGS)} {text[:1].lower()}{text[1:]}"
    return Sample(
        "joined", roughen(rng, text), labels, face=None if any(p.category == "situation" for p in parts) else True
    )


def _joined_edits(rng: Random) -> Sample:
    """Set two or three changes side by side: of looks, of movements and feelings, of millimetres."""
    while True:
        parts = [_change(rng) for _ in range(rng.choices((2, 3), (0.7, 0.3))[0])]
        labels: Labels | None = {}
        for _, said in parts:
            labels = None if labels is None else join_labels(labels, said)
        if labels is not None:
            break
    link = rng.choice((", ", " and ", "; ", ". ", ", also ", ", then ", " + ", " but ", "\n"))
    texts = [text.rstrip(".") for text, _ in parts]
    if link not in (". ", "\n"):
        texts = [texts[0], *(text[:1].lower() + text[1:] for text in texts[1:])]
    last = " and " if link == ", " and len(texts) > 2 else link
    text = last.join((link.join(texts[:-1]), texts[-1]))
    return _answered(rng, Sample("edit_joined", roughen(rng, text), labels, "edit", face=True))


def _change(rng: Random) -> tuple[str, Labels]:
    """Draw one change: from the corpus, or from the templates of its kinds."""
    if rng.random() < 0.5:
        record = rng.choice(_by_task()["change"])
        return record.text, record.labels
    draws: tuple[Callable[[Random], tuple[str, Labels]], ...] = (
        captions_edits.draw_edit,
        captions_expressions.draw_expression_edit,
        lambda rng: captions_millimetres.draw_millimetres(rng, True),
    )
    return rng.choices(draws, (0.4, 0.4, 0.2))[0](rng)


def _caption(
    kind: str, draw: Callable[[Random], tuple[str, Labels]], task: str = "imagine"
) -> Callable[[Random], Sample]:
    def sample(rng: Random) -> Sample:
        text, labels = draw(rng)
        if rng.random() < _UNSHOWN:
            text = captions_unshown.beside_unshown(rng, text)
        return _answered(rng, Sample(kind, text, labels, task, face=True))

    return sample


def _denial(rng: Random) -> tuple[str, Labels]:
    draws = (captions_denials.draw_denial, captions_denials.draw_comparison, captions_denials.draw_average)
    return rng.choices(draws, (0.6, 0.28, 0.12))[0](rng)


def _edit_expression(rng: Random) -> Sample:
    exchanged = rng.random() < _EXCHANGED
    draw = captions_unshown.draw_exchange if exchanged else captions_expressions.draw_expression_edit
    text, labels = draw(rng)
    return _answered(rng, Sample("edit_expression", text, labels, "edit", face=True))


def _conversation(rng: Random) -> Sample:
    """Draw a second or third turn: a face was made before, now it is changed, asked about, or the talk moves on."""
    text, labels = captions.draw_looks(rng)
    history = [("user", text), ("assistant", face_reply(rng, labels, False))]
    if rng.random() < 0.4:
        change, asked = captions_edits.draw_edit(rng)
        history += [("user", change), ("assistant", face_reply(rng, asked, True))]
    kind = rng.random()
    if kind < 0.55:
        draw = captions_edits.draw_edit if kind < 0.4 else captions_expressions.draw_expression_edit
        last, labels = draw(rng)
        sample = Sample("conversation", last, labels, "edit", {"head": True}, tuple(history), face=True)
        return _answered(rng, sample)
    if kind < 0.7:
        question, labels = draw_question(rng)
        sample = Sample("conversation", question, labels, "describe", {"head": True}, tuple(history), face=False)
        return _answered(rng, sample)
    pair = rng.choice(load_instructions())
    return Sample("conversation", pair.text, {"face": False}, "chat", {"head": True}, tuple(history), pair.reply, False)


def _instruction(rng: Random) -> Sample:
    pair: Instruction = rng.choice(load_instructions())
    text = roughen(rng, pair.text, 0.3) if pair.may_be_roughened else pair.text
    return Sample("instruction", text, {"face": False}, "chat", reply=pair.reply, face=False)


def _talk(rng: Random) -> Sample:
    text, reply = draw_talk(rng)
    return Sample("talk", text, {"face": False}, "chat", reply=reply, face=False)


def _trap(rng: Random) -> Sample:
    """Draw a turn that decides by its wording alone whether a face is wanted."""
    text, labels, reply, given = draw_trap(rng)
    sample = Sample("trap", text, labels, "chat", given, reply=reply, face=bool(labels["face"]))
    return sample if reply is not None else _answered(rng, sample)


def _request(rng: Random) -> Sample:
    text, labels, given = draw_request(rng)
    return _answered(rng, Sample("request", text, labels, "chat", given, face=True))


def _question(rng: Random) -> Sample:
    text, labels = draw_question(rng)
    given: dict[str, Any] = rng.choice(({"head": True}, {"image": True}, {"image": True}))
    if "count" in labels.get("asks", ()):
        given = {"faces": rng.randint(2, 6)}
    return _answered(rng, Sample("question", text, labels, "describe", given, face=False))


#: Share of the captions with something beside them that shows in no label; of the changes of expression that exchange.
_UNSHOWN, _EXCHANGED = 0.1, 0.15
_DRAWS: dict[str, Callable[[Random], Sample]] = {
    "corpus": _from_corpus,
    "joined": _joined_corpus,
    "looks": _caption("looks", captions.draw_looks),
    "denial": _caption("denial", _denial),
    "emotion": _caption("emotion", captions_expressions.draw_emotion),
    "movement": _caption("movement", captions_expressions.draw_movement),
    "millimetres": _caption("millimetres", lambda rng: captions_millimetres.draw_millimetres(rng, False)),
    "edit": _caption("edit", captions_edits.draw_edit, "edit"),
    "edit_person": _caption("edit_person", captions_edits.draw_person_edit, "edit"),
    "edit_joined": _joined_edits,
    "edit_expression": _edit_expression,
    "edit_millimetres": _caption(
        "edit_millimetres", lambda rng: captions_millimetres.draw_millimetres(rng, True), "edit"
    ),
    "conversation": _conversation,
    "question": _question,
    "request": _request,
    "trap": _trap,
    "talk": _talk,
    "instruction": _instruction,
}
#: Shares of the kinds. The sentences of the corpus come first; templates fill what they have too few of.
MIX: dict[str, float] = {
    "corpus": 0.40,
    "joined": 0.10,
    "looks": 0.13,
    "denial": 0.04,
    "emotion": 0.04,
    "movement": 0.03,
    "millimetres": 0.025,
    "edit": 0.035,
    "edit_person": 0.01,
    "edit_joined": 0.05,
    "edit_expression": 0.035,
    "edit_millimetres": 0.03,
    "conversation": 0.02,
    "question": 0.02,
    "request": 0.015,
    "trap": 0.02,
    "talk": 0.01,
    "instruction": 0.03,
}


def sample_at(index: int, seed: int = 0, mix: Mapping[str, float] | None = None) -> Sample:
    """Draw sample `index` of the stream of this seed.

    Args:
        index: 0, 1, 2, …
        seed: another seed is another stream.
        mix: shares of the kinds (any positive numbers); MIX by default. Kinds that are left out do not occur.
    """
    shares = MIX if mix is None else mix
    unknown = shares.keys() - _DRAWS.keys()
    if unknown:
        raise FaceGPTError(f"unknown kind of sample '{min(unknown)}'; there are {', '.join(_DRAWS)}")
    rng = Random(f"{seed}/{index}")
    return _DRAWS[rng.choices(list(shares), list(shares.values()))[0]](rng)


def samples(seed: int = 0, start: int = 0, mix: Mapping[str, float] | None = None) -> Iterator[Sample]:
    """Draw samples without end, from `start` on."""
    index = start
    while True:
        yield sample_at(index, seed, mix)
        index += 1
