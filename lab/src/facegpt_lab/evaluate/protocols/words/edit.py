"""FaceGPT-Bench, edits: is the asked change made, do millimetres fit, and does everything else stay.

Each sentence changes four heads of the prior (seeds 0 to 3), wearing the expression that it names. Rules:
docs/facegpt-bench.md and score_labels.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.dialogue.changing import of_same_sex
from facegpt.types import FaceParams
from facegpt_lab.evaluate.judges.score_labels import KEPT_SD, Case, score, unasked_changes
from facegpt_lab.evaluate.protocols.words.text import headline, of_kind
from facegpt_lab.evaluate.protocols.words.text_rivals import rivals_of
from facegpt_lab.evaluate.protocols.words.text_system import (
    JUDGED_BY,
    Heads,
    Prior,
    Reader,
    Scored,
    ahead_rows,
    judge_all,
    open_bench,
    share,
    shares,
    with_interval,
)
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.synthesis.texts.corpus import Record


def evaluate(quick: bool = False, bench: str = "v1") -> Report:
    """Score the language model and its rivals on the sentences of the task "edit"."""
    from facegpt.language import load_language_model

    opened, ours = open_bench(quick, bench), load_language_model()
    records = opened.records("edit")

    def judged(reader: Reader, name: str) -> list[Scored]:
        return edit_all(opened.heads, opened.prior, reader, records, opened.seeds, name)

    scored = judged(ours, "ours")
    rows = own_rows(scored)
    for rival in rivals_of(ours, bench):
        name = {"mean head": "no change"}.get(rival.name, rival.name)
        rows += versus_rows(scored, judged(rival, name), name)
    data = opened.data(f"{len(records)} edits of {len(opened.seeds)} heads each; {JUDGED_BY}")
    return Report(data, tuple(rows))


def edit_all(
    heads: Heads, prior: Prior, reader: Reader, records: Sequence[Record], seeds: Sequence[int], name: str
) -> list[Scored]:
    """Make and judge all edits."""
    return judge_all(records, name, lambda record: _edit_one(heads, prior, reader, record, seeds))


def _edit_one(heads: Heads, prior: Prior, reader: Reader, record: Record, seeds: Sequence[int]) -> Scored:
    points, unasked, stray = [], [], []
    for seed, start in zip(seeds, prior.inputs(seeds), strict=True):
        before = wearing(start, record.input)
        read = reader.read(record.text, heads.seen(heads.model, before), True).request
        request = of_same_sex(read, record.text)  # as edits of the product do
        after = heads.edit(heads.model, before, request, seed)
        people = prior.populations["F" if seed % 2 == 0 else "M"]
        case = Case(record.labels, heads.show(after), people, heads.show(before))
        points.append(score(case))
        changes = list(unasked_changes(case).values())
        unasked.append(float(np.mean(changes)) if changes else float("nan"))
        stray.append(float(np.mean([c > KEPT_SD for c in changes])) if changes else float("nan"))
    return Scored(record, points, {"unasked": unasked, "stray": stray})


def wearing(params: FaceParams, given: dict) -> FaceParams:
    """Put the expression that a sentence's `input` names on a head."""
    from facegpt.generate.draw_expression import emotion_expression

    weights = np.zeros(len(ARKIT_NAMES), np.float32)
    if "emotion" in given:
        weights = np.asarray(emotion_expression(given["emotion"]), np.float32)
    for name, weight in given.get("expression", {}).items():
        weights[ARKIT_NAMES.index(name)] = weight
    return params.replace(expression=weights)


def own_rows(scored: Sequence[Scored]) -> list[Row]:
    """The rows about one system."""
    rows = [
        figure(name, share(shares(scored, mask)), "share")
        for name, mask in (
            ("asked changes of shape and skin made", headline),
            ("asked changes of the other attributes made", lambda r, p: p.kind == "attribute" and not headline(r, p)),
            ("asked changes of expression made", of_kind("expression", "expression_off", "emotion group", "neutral")),
            ("millimetres within 1 mm", of_kind("mm")),
            ("everything else kept, where asked for", of_kind("keep")),
            ("all labels right", lambda record, point: True),
        )
    ]
    rows += with_interval("asked changes of shape and skin made", shares(scored, headline))[1:]
    drift = [value for s in scored for value in s.extras["unasked"] if np.isfinite(value)]
    stray = [value for s in scored for value in s.extras["stray"] if np.isfinite(value)]
    mean, beyond = (float(np.mean(values)) if values else float("nan") for values in (drift, stray))
    rows.append(figure("unasked change, mean over measures and attributes", mean, "SD", at_most=KEPT_SD))
    rows.append(figure("measures and attributes that moved more than 0.3 SD unasked", beyond, "share"))
    return rows


def versus_rows(ours: Sequence[Scored], theirs: Sequence[Scored], name: str) -> list[Row]:
    """A rival's main figures, and by how much the language model is ahead (paired)."""
    rows = []
    for label, mask in (("asked changes of shape and skin made", headline), ("all labels right", lambda r, p: True)):
        rows += ahead_rows(name, label, shares(ours, mask), shares(theirs, mask))
    return rows
