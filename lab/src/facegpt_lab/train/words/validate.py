"""Scores on validation texts: does the face head say what the labels say?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial

import numpy as np

from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.model.face_head import FaceHeadOutput
from facegpt.language.reading.text_reading import Reading, decode_reading
from facegpt.language.targets import ASKABLE, EMOTIONS, MEASURES_SPOKEN
from facegpt_lab.train.words.examples import Batch, EncodedExample, TextExample

_RIGHT_SD = 0.5
_QUIET_SD = 0.4


class Scores:
    """Collects what is right and what is wrong, by name; a score is a mean."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, values: Iterable[float] | float) -> None:
        """Add one or more outcomes (0..1)."""
        self._values[name] += [float(v) for v in (values if isinstance(values, Iterable) else [values])]

    def means(self) -> dict[str, float]:
        """The mean of each."""
        return {name: float(np.mean(values)) for name, values in sorted(self._values.items()) if values}

    def counts(self) -> dict[str, int]:
        """How many outcomes each mean is of."""
        return {name: len(values) for name, values in self._values.items()}


def decode_batch(
    out: FaceHeadOutput,
    log_odds: np.ndarray,
    batch: Batch,
    examples: list[EncodedExample],
    thresholds: dict[str, float],
) -> list[Reading]:
    """Readings of a batch's outputs. `log_odds` (B,) are those of `<FACE>`; nan where not computed."""
    readings, before = [], 0
    for k, row in enumerate(batch.rows):
        numbers = examples[row].example.target.numbers
        probability = float(1 / (1 + np.exp(-np.clip(log_odds[k], -60, 60))))
        is_edit = bool(batch.is_edit[k])
        readings.append(decode_reading(out, k, numbers, thresholds, is_edit, partial(float, probability), before))
        before += len(numbers)
    return readings


def score(scores: Scores, example: TextExample, reading: Reading) -> None:
    """Compare one reading with its labels."""
    target = example.target
    if target.known:
        _score_attributes(scores, example, reading)
        _score_expression(scores, example, reading)
        if target.sex_scored:
            man = reading.request.man
            said = 1 if man > 0.5 else (-1 if man < 0.5 else 0)
            scores.add("sex", said == target.sex)
        if target.age_scored:
            _score_age(scores, target.age_years if target.age_mask else None, reading)
        _score_millimetres(scores, example, reading)
        if target.is_edit:
            scores.add("keep" if target.keep else "keep not said", reading.request.keeps == bool(target.keep))
    if example.decides == 1.0 and np.isfinite(reading.face_probability):
        name = "face recall" if target.face else "face refused"
        scores.add(name, reading.wants_face == bool(target.face))
    if example.task == "describe":
        asked = {ASKABLE[k] for k in np.flatnonzero(target.asks)}
        if asked:
            scores.add("asks", len(asked & set(reading.asks)) / len(asked | set(reading.asks)))
        scores.add("decline", reading.decline == bool(target.decline))


def _score_attributes(scores: Scores, example: TextExample, reading: Reading) -> None:
    target = example.target
    kind = "edit" if target.is_edit else "imagine"
    mean = reading.request.attribute_mean
    named = (target.attribute_mask > 0) & (target.attribute_scored > 0)
    sided = named & (target.attribute_mean != 0)
    right = (mean * np.sign(target.attribute_mean) >= min(_RIGHT_SD, 0.4 if kind == "edit" else _RIGHT_SD))[sided]
    scores.add(f"{kind} attributes", right)
    if kind == "imagine":
        if sided.sum() >= 2:
            scores.add("imagine several all right", bool(right.all()))
        average = named & (target.attribute_mean == 0)
        scores.add("imagine average", np.abs(mean[average]) < _RIGHT_SD)
        ruled_out = target.attribute_excluded != 0
        scores.add("imagine ruled out", (mean * target.attribute_excluded < _RIGHT_SD)[ruled_out])
        for more, less in target.relations:
            scores.add("imagine relations", mean[more] > mean[less])
    quiet = ~named & (target.attribute_excluded == 0) & (target.attribute_scored > 0)
    quiet[list(target.relations.reshape(-1))] = False
    scores.add(f"{kind} false attributes per text", float((np.abs(mean[quiet]) > _QUIET_SD).sum()))
    scores.add(f"{kind} degree error", np.abs(mean - target.attribute_mean)[sided][right])


def _score_expression(scores: Scores, example: TextExample, reading: Reading) -> None:
    target = example.target
    if target.emotion_scored:
        said = reading.request.emotion
        if target.emotion:
            main = EMOTIONS[target.emotion]
            kind = "neutral" if main == "neutral" else ("compound" if " " in main else "one-word emotion")
            scores.add(f"emotion {kind}", said == main)
            scores.add("emotion accepted", bool(target.emotion_accepted[EMOTIONS.index(said)]))
        else:
            scores.add("emotion none", said == "")
    if target.expression_scored:
        wanted, found = target.expression_gate > 0, np.asarray(reading.request.expression_named, bool)
        scores.add("units found", found[wanted])
        scores.add("units false per text", float((found & ~wanted).sum()))
        close = np.abs(reading.request.expression - target.expression)[wanted & found]
        scores.add("unit weight error", close)
        moved = reading.request.expression > 0
        scores.add("units moved that should be", moved[wanted & found & (target.expression > 0)])
        scores.add("units at rest that should be", ~moved[wanted & (target.expression == 0)])


def _score_age(scores: Scores, wanted: np.ndarray | None, reading: Reading) -> None:
    found = reading.request.age_years
    if wanted is None:
        scores.add("age open", found is None)
    else:
        scores.add("age", found is not None and wanted[0] - 3 <= 0.5 * sum(found) <= wanted[1] + 3)


def _score_millimetres(scores: Scores, example: TextExample, reading: Reading) -> None:
    said = {(goal.measure, goal.kind, round(goal.amount, 1)) for goal in reading.request.millimetres}
    wanted = {
        (MEASURES_SPOKEN[goal.measure], MILLIMETRE_KINDS[goal.kind], round(goal.amount, 1))
        for goal in example.target.millimetres
    }
    if wanted:
        scores.add("millimetres", said == wanted)
    elif example.target.numbers:
        scores.add("millimetres none", not said)
