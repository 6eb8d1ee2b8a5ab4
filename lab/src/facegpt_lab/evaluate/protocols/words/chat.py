"""FaceGPT-Bench, conversations: a face when it is asked for and only then, true answers, and ability kept.

Sentences: the tasks "chat" and "describe" of facegpt_bench_v1.jsonl. A photo or head that comes with one is a head of
the prior. Rules: docs/facegpt-bench.md, score_labels.py and answers.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from facegpt.api import FaceGPT, load
from facegpt.face import Face
from facegpt.language.dialogue.conversation import Reply
from facegpt.runtime.progress import Progress
from facegpt_lab.evaluate.judges.ability import ability_rows
from facegpt_lab.evaluate.judges.answers import coverage, declines, numbers_true, speaks_of
from facegpt_lab.evaluate.judges.score_labels import Case, score
from facegpt_lab.evaluate.protocols.words.edit import wearing
from facegpt_lab.evaluate.protocols.words.text_system import Heads, Prior, of_the_bench, open_bench
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.synthesis.texts.corpus import Record

#: Heads whose description is read for truth and coverage.
DESCRIBED, DESCRIBED_QUICK = 40, 5
#: Targets.
FACE_TARGET, TRUTH_TARGET = 0.98, 1.0


class Reads:
    """The language model without its free speech: who only counts faces need not wait for words."""

    def __init__(self, language: Any) -> None:
        self.language = language
        self.thresholds = getattr(language, "thresholds", {})

    def read(self, messages: Any, face: Any = None, is_edit: bool = False) -> Any:
        """Read as the language model does."""
        return self.language.read(messages, face, is_edit)

    def spoken(self, messages: Any, say: Callable[[str], None]) -> tuple[str, list[float]]:
        """Say nothing."""
        return "", []

    def count_tokens(self, text: str) -> int:
        """Count none."""
        return 0


@dataclass(frozen=True)
class Turn:
    """One answered sentence: the heads that came with it, and the answer."""

    record: Record
    given: tuple[Face, ...]
    reply: Reply
    points: tuple[bool, ...] = ()


def evaluate(quick: bool = False) -> Report:
    """Score conversations with the default model, and its general ability beside the base's."""
    bench, model = open_bench(quick), load()
    language: Any = model.language
    silent = replace(model, make_language=lambda: Reads(language))
    talks, questions = bench.records("chat"), bench.records("describe")
    turns = talk_all(silent, bench.heads, bench.prior, talks)
    answered = ask_all(silent, bench.prior, questions, bench.seeds)
    rows = [*face_rows(turns), *answer_rows(answered, turns)]
    rows += description_rows(model, bench.prior, DESCRIBED_QUICK if quick else DESCRIBED)
    rows += ability_rows(language, quick)
    data = of_the_bench(
        f"{len(talks)} turns of chat and {len(questions)} questions about given 3D heads; a number is true when it is "
        "what the product measures on that head"
    )
    return Report(data, tuple(rows))


def talk_all(model: FaceGPT, heads: Heads, prior: Prior, records: Sequence[Record]) -> list[Turn]:
    """Answer each sentence of the task "chat" in a conversation of its own."""
    turns = []
    with Progress("chat", len(records)) as progress:
        for k, record in enumerate(records, start=1):
            given = given_heads(model, prior, record, seed=k)
            reply = model.chat(messages_of(record, given))
            turns.append(Turn(record, given, reply, _labels_right(heads, prior, record, given, reply)))
            progress(k)
    return turns


def given_heads(model: FaceGPT, prior: Prior, record: Record, seed: int) -> tuple[Face, ...]:
    """The heads that come with a sentence: one for a photo or an earlier head, n for a photo of n."""
    given = record.input
    count = int(given.get("faces", 1 if given or record.task == "describe" else 0))
    most = min(len(prior.women), len(prior.men))
    return tuple(Face(model.head, wearing(p, given)) for p in prior.inputs([(seed + k) % most for k in range(count)]))


def messages_of(record: Record, given: Sequence[Face]) -> list[dict[str, Any]]:
    """Write a sentence as a conversation: heads come with it, or in an answer before it."""
    faces = [{"type": "face", "face": face} for face in given]
    text = {"type": "text", "text": record.text}
    if record.input.get("head"):
        before: list[dict[str, Any]] = [{"role": "user", "content": "Make me a face."}]
        before.append({"role": "assistant", "content": [{"type": "text", "text": "Here is the head."}, *faces]})
        return [*before, {"role": "user", "content": [text]}]
    return [{"role": "user", "content": [*faces, text]}]


def _labels_right(heads: Heads, prior: Prior, record: Record, given: Sequence[Face], reply: Reply) -> tuple[bool, ...]:
    """Judge what the words ask of the head that came, where one came."""
    if not reply.faces or not record.labels.get("face"):
        return ()
    people = prior.populations[record.labels.get("sex", "")]
    before = heads.show(given[-1].params) if given else None
    case = Case(record.labels, heads.show(reply.faces[0].params), people, before)
    return tuple(point.right for point in score(case))


def ask_all(model: FaceGPT, prior: Prior, records: Sequence[Record], seeds: Sequence[int]) -> list[Turn]:
    """Answer each question of the task "describe" about several heads."""
    turns = []
    with Progress("questions", len(records)) as progress:
        for k, record in enumerate(records, start=1):
            for seed in seeds:
                given = given_heads(model, prior, record, seed)
                turns.append(Turn(record, given, Reply(model.describe(list(given), record.text))))
            progress(k)
    return turns


def face_rows(turns: Sequence[Turn]) -> list[Row]:
    """Say how often a face comes when it should, and when it should not."""
    judged = [
        (bool(turn.record.labels["face"]), bool(turn.reply.faces)) for turn in turns if "face" in turn.record.labels
    ]
    wanted, got = (
        (np.array(column, bool) for column in zip(*judged, strict=True)) if judged else (np.zeros(0, bool),) * 2
    )
    both = float((wanted & got).sum())
    counted = [len(turn.reply.faces) == turn.record.labels["faces"] for turn in turns if "faces" in turn.record.labels]
    right = [point for turn in turns for point in turn.points]
    return [
        figure("faces: precision", both / max(got.sum(), 1), "share", at_least=FACE_TARGET),
        figure("faces: recall", both / max(wanted.sum(), 1), "share", at_least=FACE_TARGET),
        figure("faces: the right number of them", _mean(counted), "share"),
        figure("faces: labels of the words right", _mean(right), "share"),
    ]


def answer_rows(answered: Sequence[Turn], turns: Sequence[Turn]) -> list[Row]:
    """Say whether answers speak of what was asked, are true, and decline what a face does not show."""
    spoken, true = [], []
    for turn in answered:
        measures = turn.given[0].measure()
        spoken += [speaks_of(turn.reply.text, n, measures, len(turn.given)) for n in turn.record.labels.get("asks", ())]
        if len(turn.given) == 1:
            true.append(numbers_true(turn.reply.text, measures))
    both = [*answered, *turns]
    declined = [declines(turn.reply.text) for turn in both if turn.record.labels.get("decline")]
    needless = [declines(turn.reply.text) for turn in answered if not turn.record.labels.get("decline")]
    return [
        figure("answers speak of what was asked", _mean(spoken), "share"),
        figure("answers with only true numbers", _mean(true), "share", at_least=TRUTH_TARGET),
        figure("questions beyond a face declined", _mean(declined), "share"),
        figure("other questions declined", _mean(needless), "share"),
    ]


def description_rows(model: FaceGPT, prior: Prior, count: int) -> list[Row]:
    """Read whole descriptions of heads of the prior for truth and coverage."""
    faces = [Face(model.head, params) for params in prior.inputs(range(count))]
    texts = [model.describe(face) for face in faces]
    true = [numbers_true(text, face.measure()) for text, face in zip(texts, faces, strict=True)]
    covered = [coverage(text, face.measure()) for text, face in zip(texts, faces, strict=True)]
    return [
        figure("descriptions with only true numbers", _mean(true), "share", at_least=TRUTH_TARGET),
        figure("descriptions: of the five most unusual measures named", _mean(covered), "share"),
    ]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
