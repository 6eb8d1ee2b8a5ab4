"""`facegpt eval pope`: does it say that it sees what is not there? POPE (Li et al. 2023) on the user's copy.

Yes-or-no questions about objects in pictures, asked of the base alone and of the model with its face parts. Files:
one JSON object a line with question_id, image, text and label ("yes" or "no").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.judges.picture_questions import Question, ask, load_pair, picture_in, read_lines
from facegpt_lab.evaluate.registry import Report, Row, figure, own_copy

POPE_FROM = (
    "the files coco_pope_random.json, coco_pope_popular.json and coco_pope_adversarial.json from POPE's repository "
    "(RUCAIBox/POPE, output/coco) and the pictures of MS COCO val2014 that they name; put the files into FOLDER/POPE "
    "and the pictures into FOLDER/POPE/val2014"
)
#: Longest answer, tokens: the first sentence counts. With --quick so many questions of a file are asked.
LONGEST_ANSWER, QUICK_QUESTIONS = 32, 20
#: Yes or no to each of some questions.
Answers = NDArray[np.bool_]
_NO = ("No", "not", "no")


def read_questions(folder: Path) -> list[Question]:
    """Read all files of questions in a folder (or its folder `coco`); the kind of a question is its file's name.

    Raises:
        FaceGPTError: if there are none, a line is broken, or a picture is missing.
    """
    files = [file for place in (folder, folder / "coco") for file in sorted(place.glob("*.json*"))]
    if not files:
        raise FaceGPTError(f"'{folder}' holds no file of questions; get {POPE_FROM}")
    places = (folder / "val2014", folder / "images", folder)
    questions = []
    for file in files:
        for record in read_lines(file, ("question_id", "image", "text", "label")):
            label = str(record["label"]).strip().lower()
            if label not in ("yes", "no"):
                raise FaceGPTError(
                    f"question {record['question_id']} of '{file}' has the label '{label}', not yes or no"
                )
            image = picture_in(places, record["image"], POPE_FROM)
            kind = file.stem.removeprefix("coco_pope_")
            questions.append(Question(record["question_id"], image, record["text"], kind, label))
    return questions


def says_yes(answer: str) -> bool:
    """Read an answer by the rule of the published scripts: no, if its first sentence has the word no or not."""
    words = answer.split(".")[0].replace(",", "").split()
    return not any(word in _NO for word in words)


def scores(yes: Answers, truth: Answers) -> dict[str, float]:
    """Accuracy, precision, recall, F1 of "yes" and the share of yes; a share of nothing is 0.

    Args:
        yes: (N,) what was answered.
        truth: (N,) what is right.
    """
    hits = float(np.sum(yes & truth))
    precision, recall = hits / max(float(yes.sum()), 1.0), hits / max(float(truth.sum()), 1.0)
    return {
        "accuracy": float(np.mean(yes == truth)),
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / max(precision + recall, 1e-12),
        "yes": float(yes.mean()),
    }


def table(kinds: Sequence[str], base: Answers, ours: Answers, truth: Answers) -> list[Row]:
    """Make the rows of each kind of question and of all: base, ours, and the intervals of their differences."""
    rows = []
    for kind in ("all", *dict.fromkeys(kinds)):
        of_kind = np.array([kind in ("all", one) for one in kinds])
        before, after, right = base[of_kind], ours[of_kind], truth[of_kind]
        for name, yes in (("base", before), ("ours", after)):
            rows += [figure(f"{kind}, {name}: {score}", value, "share") for score, value in scores(yes, right).items()]
        for score in ("accuracy", "F1"):
            gain = _gain(score, before, after, right)
            name = f"{kind}: {score} of ours above the base's"
            rows += [figure(name, gain(np.arange(len(right))), "share"), *interval(name, gain, len(right), "share")]
    return rows


def _gain(score: str, base: Answers, ours: Answers, truth: Answers) -> Callable[[NDArray[np.intp]], float]:
    """The statistic "how much more ours scores" over any list of questions."""
    return lambda picks: scores(ours[picks], truth[picks])[score] - scores(base[picks], truth[picks])[score]


def evaluate(
    quick: bool = False, folder: Path | None = None, model: Path | None = None, output: Path = Path("out")
) -> Report:
    """Ask base and ours; OUTPUT/pope_base.jsonl and pope_ours.jsonl keep the answers: a stopped run goes on there."""
    pair = load_pair(model, LONGEST_ANSWER)
    questions = read_questions(folder or own_copy("POPE", POPE_FROM))
    kinds = [question.kind for question in questions]
    if quick:
        questions = [q for k, q in enumerate(questions) if kinds[:k].count(q.kind) < QUICK_QUESTIONS]
        kinds = [question.kind for question in questions]
    answered = {}
    for name, answerer in (("base", pair.base), ("ours", pair.ours)):
        texts = ask(questions, answerer, output / f"pope_{name}.jsonl", name, pair.weights)
        answered[name] = np.array([says_yes(text) for text in texts])
    truth = np.array([question.label == "yes" for question in questions])
    rows = table(kinds, answered["base"], answered["ours"], truth)
    return Report(f"{len(questions)} questions of POPE; answers in {output}/pope_*.jsonl", tuple(rows))
