"""`facegpt eval llava_bench`: open questions about pictures, on the user's LLaVA-Bench in the wild (Liu et al. 2023).

The published score is another model's opinion, asked over the network; nothing here does that. The answers of the base
alone and of the model with its face parts are written as the published review script reads them, with the question file
beside them, and what a program can tell without taste is counted: how long they are, and how many changed.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facegpt.runtime.atomic_files import write_text
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.judges.paired import interval, mean_of_picks
from facegpt_lab.evaluate.judges.picture_questions import Question, ask, load_pair, picture_in, read_lines
from facegpt_lab.evaluate.registry import Report, Row, figure, own_copy

LLAVA_BENCH_FROM = (
    "the dataset llava-bench-in-the-wild (liuhaotian on the Hugging Face hub); put questions.jsonl and the folder "
    "images into FOLDER/llava-bench-in-the-wild"
)
#: Longest answer, tokens, as in the published script; with --quick, and how many questions then.
LONGEST_ANSWER, LONGEST_QUICK, QUICK_QUESTIONS = 1024, 48, 6


def read_questions(folder: Path) -> list[Question]:
    """Read questions.jsonl. Raises FaceGPTError if it, a field or a picture is missing."""
    file = folder / "questions.jsonl"
    if not file.is_file():
        raise FaceGPTError(f"'{file}' is missing; get {LLAVA_BENCH_FROM}")
    questions = []
    for record in read_lines(file, ("question_id", "image", "text", "category")):
        image = picture_in((folder / "images", folder), record["image"], LLAVA_BENCH_FROM)
        questions.append(Question(record["question_id"], image, record["text"], str(record["category"])))
    return questions


def same_words(first: str, second: str) -> float:
    """The share of two answers' words that stand in both in the same order; two empty ones are the same."""
    return difflib.SequenceMatcher(None, first.split(), second.split(), autojunk=False).ratio()


def table(kinds: Sequence[str], base: Sequence[str], ours: Sequence[str]) -> list[Row]:
    """Make the rows of each kind of question and of all."""
    lengths = np.array([[len(text.split()) for text in texts] for texts in (base, ours)], float)
    changed = np.array([first != second for first, second in zip(base, ours, strict=True)], float)
    shared = np.array([same_words(first, second) for first, second in zip(base, ours, strict=True)])
    rows = []
    for kind in ("all", *dict.fromkeys(kinds)):
        own = np.flatnonzero([kind in ("all", one) for one in kinds])
        longer = lengths[1, own] - lengths[0, own]
        for name, length in zip(("base", "ours"), lengths[:, own], strict=True):
            rows.append(figure(f"{kind}, {name}: length of an answer", length.mean(), "words"))
            rows.append(figure(f"{kind}, {name}: empty answers", np.mean(length == 0), "share"))
        longer_by = f"{kind}: ours longer by"
        rows.append(figure(longer_by, longer.mean(), "words"))
        rows += interval(longer_by, mean_of_picks(longer), len(own), "words")
        rows.append(figure(f"{kind}: answers that changed", changed[own].mean(), "share"))
        rows += interval(f"{kind}: answers that changed", mean_of_picks(changed[own]), len(own), "share")
        rows.append(figure(f"{kind}: words in both answers", shared[own].mean(), "share"))
    return rows


def evaluate(
    quick: bool = False, folder: Path | None = None, model: Path | None = None, output: Path = Path("out")
) -> Report:
    """Ask base and ours, and write both for a review.

    OUTPUT/llava_bench_base.jsonl and llava_bench_ours.jsonl are the published script's --answer-list (a stopped run
    goes on there), llava_bench_questions.jsonl its --question; side by side for people: llava_bench.jsonl.
    """
    pair = load_pair(model, LONGEST_QUICK if quick else LONGEST_ANSWER)
    questions = read_questions(folder or own_copy("llava-bench-in-the-wild", LLAVA_BENCH_FROM))
    questions = questions[:: max(1, len(questions) // QUICK_QUESTIONS)] if quick else questions
    base, ours = (
        ask(questions, answerer, output / f"llava_bench_{name}.jsonl", name, pair.weights)
        for name, answerer in (("base", pair.base), ("ours", pair.ours))
    )
    _write_questions(questions, base, ours, output)
    rows = table([question.kind for question in questions], base, ours)
    return Report(f"{len(questions)} questions of LLaVA-Bench; answers in {output}/llava_bench*.jsonl", tuple(rows))


def _write_questions(questions: Sequence[Question], base: Sequence[str], ours: Sequence[str], output: Path) -> None:
    asked, beside = [], []
    for question, before, after in zip(questions, base, ours, strict=True):
        told = {"question_id": question.number, "image": question.image.name, "text": question.text}
        told["category"] = question.kind
        asked.append(json.dumps(told, ensure_ascii=False))
        beside.append(json.dumps({**told, "base": before, "ours": after}, ensure_ascii=False))
    write_text(output / "llava_bench_questions.jsonl", "\n".join(asked) + "\n")
    write_text(output / "llava_bench.jsonl", "\n".join(beside) + "\n")
