"""Make assets/networks/turn_acts.npz: what a turn of a conversation does, from the written conversations.

A softmax regression with a ridge on corpus/conversations and, at lower weights, on frames with slots
(corpus/conversations/frames.csv) and the training sentences of the corpus. Turns of the corpus that want no face have
no act: they take the likeliest one without a face under a first fit.
Deterministic; about a minute on one core.

    python -m lab.runs.language.turn_acts            # fit, score by five folds over conversations, write
    python -m lab.runs.language.turn_acts --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegpt.language.dialogue.act_classifier import ACTS, MAKING, TURN_ACTS, Before, features_of_turn
from facegpt.language.dialogue.turns import asks_for_new
from facegpt_lab.synthesis.texts.corpus import Record, corpus_folder, load_corpus
from lab.runs.language import folds_command, softmax
from lab.runs.language.written_turns import written_turns

RIDGE, ITERATIONS, FOLDS = 0.3, 80, 5
#: How much a sentence of the corpus counts beside a turn of a conversation; features in fewer texts are left out.
OF_CORPUS, FEWEST = 0.25, 2
LEAST_WEIGHT = 0.06
#: How much a turn of the scored form counts, and one that is made of a frame; how often a frame is filled.
OF_SCORED, OF_FRAME, FILLINGS = 2.0, 0.4, 4
_LASTS = ("new_head", "edit", "question", "small_talk", "undo")
_AT_ANY_TIME = ("question", "small_talk", "compare", "ability", "edit")
_SLOTS = {
    "part": "nose chin mouth jaw eyes ears brows lips forehead cheeks neck head lip eyebrows cheekbones hair",
    "person": "man woman girl boy guy lady witch king grandfather mother",
    "n": "two three four 5 2 3 six",
    "dim": "wide long big small wider longer thick narrow high low",
}
_PRONOUNS = (
    {"she": ["she", "it"], "he": ["she"], "her": ["her", "the woman"], "his": ["her"], "him": ["her", "this one"],
     "hers": ["hers", "his"]},
    {"she": ["he"], "he": ["he", "it"], "her": ["his", "the"], "his": ["his", "the man's"],
     "him": ["him", "the man"], "hers": ["his", "hers"]},
)  # fmt: skip


@dataclass(frozen=True)
class Doc:
    """One turn: its features, act ("" where only its group is known), weight and fold; another act that it may be."""

    text: str
    names: list[str]
    act: str
    weight: float = 1.0
    fold: int = -1
    scored: bool = False
    also: str = ""


def conversation_docs() -> list[Doc]:
    """Every turn of the written conversations, its fold by conversation."""
    return [
        Doc(
            turn.text,
            features_of_turn(turn.text, Before(len(turn.cast.people), turn.photos, turn.cast.said.act)),
            turn.act,
            OF_SCORED if turn.scored else 1.0,
            turn.talk % FOLDS,
            turn.scored,
            turn.also,
        )
        for turn in written_turns()
        if turn.act
    ]


def frame_docs() -> list[Doc]:
    """Frames of corpus/conversations/frames.csv with their slots filled, several times each."""
    return [Doc(text, features_of_turn(text, before), act, OF_FRAME) for text, before, act in frame_texts()]


def frame_texts() -> Iterator[tuple[str, Before, str]]:
    """Each filled frame with what the conversation holds and its act."""
    rng = np.random.default_rng(0)
    with (corpus_folder() / "conversations" / "frames.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for _ in range(FILLINGS if "{" in row["text"] else 1):
                text = _filled(row["text"], rng)
                people = int(row["people"])
                people += int(rng.integers(0, 2)) if people else 0
                last = str(rng.choice(_LASTS)) if row["act"] in _AT_ANY_TIME else row["last"]
                yield text, Before(people, 0, last), row["act"]


def _filled(frame: str, rng: np.random.Generator) -> str:
    """A frame with words in its slots, of one sex throughout."""
    words = {**{name: row.split() for name, row in _SLOTS.items()}, **_PRONOUNS[int(rng.integers(2))]}
    return re.sub(r"\{(\w+)\}", lambda match: str(rng.choice(words[match[1]])), frame)


def sentence_docs() -> list[Doc]:
    """The training sentences of the corpus as turns: with a head at hand, or as the first."""
    docs = []
    for record in load_corpus("train"):
        people = 1 if record.has_face_before or record.task == "describe" else 0
        photos = people if record.input.get("image") else 0
        act = {"imagine": "new_head", "edit": "edit", "describe": "question"}.get(record.task, _of_chat(record))
        if record.labels.get("decline"):
            act = "decline"
        names = features_of_turn(record.text, Before(people, photos, "new_head" if people and not photos else ""))
        docs.append(Doc(record.text, names, act, OF_CORPUS))
        if act == "new_head" and not people and asks_for_new(record.text):  # the same after another head
            again = features_of_turn(record.text, Before(1 + len(record.text) % 2, 0, "new_head"))
            docs.append(Doc(record.text, again, act, OF_CORPUS))
        if not act and not people:
            again = features_of_turn(record.text, Before(1 + len(record.text) % 2, 0, "edit"))
            docs.append(Doc(record.text, again, act, OF_CORPUS))
    return docs


def _of_chat(record: Record) -> str:
    if not record.labels.get("face"):
        return ""
    return "edit" if record.has_face_before else "new_head"


def fit(docs: Sequence[Doc]) -> tuple[dict[str, int], np.ndarray]:
    """Fit the rows and (features, acts) weights of docs with acts."""
    said, weight = [ACTS.index(doc.act) for doc in docs], [doc.weight for doc in docs]
    return softmax.fit([doc.names for doc in docs], said, weight, len(ACTS), RIDGE, FEWEST, ITERATIONS)


def with_acts(docs: Sequence[Doc], rows: dict[str, int], weights: np.ndarray) -> list[Doc]:
    """Give turns without an act the likeliest one that makes no head."""
    scores = softmax.matrix([doc.names for doc in docs], rows) @ weights
    scores[:, [k for k, act in enumerate(ACTS) if act in MAKING]] = -np.inf
    return [
        doc if doc.act else Doc(doc.text, doc.names, ACTS[int(row.argmax())], doc.weight)
        for doc, row in zip(docs, scores, strict=True)
    ]


def settled(docs: Sequence[Doc], rows: dict[str, int], weights: np.ndarray) -> list[Doc]:
    """Give turns that may be either of two acts the likelier one."""
    scores = softmax.matrix([doc.names for doc in docs], rows) @ weights
    return [
        replace(doc, act=max((doc.act, doc.also), key=lambda act: row[ACTS.index(act)])) if doc.also else doc
        for doc, row in zip(docs, scores, strict=True)
    ]


def main() -> None:
    """Fit, score, write."""
    options = folds_command.options(__doc__, FOLDS)
    talks, sentences, frames = conversation_docs(), sentence_docs(), frame_docs()
    known = [doc for doc in sentences if doc.act]
    first = fit([*(doc for doc in talks if not doc.also), *known, *frames])
    sentences, talks = with_acts(sentences, *first), settled(talks, *first)
    right, group, confused = [], [], Counter()
    for fold in range(options.folds):
        rows, weights = fit([*(doc for doc in talks if doc.fold != fold), *sentences, *frames])
        held = [doc for doc in talks if doc.fold == fold]
        for doc, row in zip(held, softmax.matrix([doc.names for doc in held], rows) @ weights, strict=True):
            found = ACTS[int(row.argmax())]
            right.append((found == doc.act, doc.scored))
            group.append(((found in MAKING) == (doc.act in MAKING), doc.scored))
            confused[doc.act, found] += found != doc.act
            if options.wrong and found != doc.act:
                print(f"{doc.act:10} read as {found:10} {doc.text}")
    for form, of in (("told", False), ("scored", True)):
        acts, heads = ([ok for ok, scored in each if scored == of] for each in (right, group))
        print(f"{form}: acts right {np.mean(acts):.3f}, head or none {np.mean(heads):.3f}, of {len(acts)} turns")
    print(confused.most_common(25))
    if options.dry:
        return
    rows, weights = fit([*talks, *sentences, *frames])
    print(softmax.kept(rows, weights, LEAST_WEIGHT, TURN_ACTS))


if __name__ == "__main__":
    main()
