"""`facegpt eval languages`: are German and Spanish wishes read as well as the same ones in English?

500 sentences of the corpus were put into both languages by hand (corpus/translations); the 200 of them that no reader
learnt from are read as the product reads them, and so are their English originals. F1 by kind of what is asked, and the
share of sentences of which all is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.prompts import read_prompt
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import model
from facegpt_lab.synthesis.texts.corpus import Record, corpus_folder, load_corpus
from facegpt_lab.train.one_reader.examples import Example
from facegpt_lab.train.one_reader.scoring import score
from facegpt_lab.train.one_reader.written import request_of_record

ENGLISH, OTHERS = "English", ("German", "Spanish")
#: What is scored, and by how much another language may fall behind English.
KINDS, BEHIND = ("whole", "attribute", "emotion", "unit", "age", "sex"), 0.10
QUICK_COUNT = 12
#: What is read below these is not said: degrees in SDs, weights 0..1.
_LEAST_DEGREE, _LEAST_WEIGHT = 0.25, 0.15


def translations(language: str) -> dict[str, str]:
    """Id of a sentence of the corpus → its text in "German" or "Spanish"."""
    file = corpus_folder() / "translations" / f"{language.lower()}.jsonl"
    return {told["id"]: told["text"] for told in map(json.loads, file.read_text("utf-8").splitlines())}


def scored(records: list[Record], texts: Mapping[str, str]) -> dict[str, float]:
    """F1 by kind of the records, read from `texts` (id → text)."""
    examples, written = [], []
    for record in records:
        reading = model().language.read(read_prompt(texts[record.id]).text, is_edit=record.task == "edit")
        request = request_of_record(record.task, record.labels)
        examples.append(Example(record.id, "", request, tuple(record.labels.get("emotion_also", ()))))
        written.append(request_of_record(record.task, labels_of(reading.request)))
    return score(examples, written)


def rows(found: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """What each language scores; the others are held to English."""
    table = []
    for language, scores in found.items():
        for kind in KINDS:
            least = None if language == ENGLISH else found[ENGLISH].get(kind, 0.0) - BEHIND
            said = "all of a sentence" if kind == "whole" else f"{kind}, F1"
            table.append(figure(f"{language}: {said}", scores.get(kind, 0.0), "share", at_least=least))
    return table


def evaluate(quick: bool) -> Report:
    """Read the held-out sentences in each language."""
    known = {language: translations(language) for language in OTHERS}
    records = [record for record in load_corpus("validation") if record.id in known[OTHERS[0]]]
    records = records[:QUICK_COUNT] if quick else records
    known[ENGLISH] = {record.id: record.text for record in records}
    found = {language: scored(records, known[language]) for language in (ENGLISH, *OTHERS)}
    return Report(f"{len(records)} held-out sentences of the corpus, translated by hand", tuple(rows(found)))


def labels_of(request: HeadRequest) -> dict[str, Any]:
    """A request as labels (LABELS.md)."""
    degrees = np.asarray(request.attribute_mean)
    labels: dict[str, Any] = {
        "attributes": {ATTRIBUTES[k]: float(degrees[k]) for k in np.flatnonzero(np.abs(degrees) > _LEAST_DEGREE)},
        "expression": _named(request, above=True),
        "expression_off": [*_named(request, above=False)],
        "mm": {goal.measure: {goal.kind: goal.amount} for goal in request.millimetres},
        "hair": dict(request.hair.said),
    }
    labels |= {"sex": "M" if request.man > 0.5 else "F"} if abs(request.man - 0.5) > 0.25 else {}
    labels |= {"age_years": request.age_years} if request.age_years else {}
    labels |= {"emotion": request.emotion, "intensity": request.intensity} if request.emotion else {}
    return labels | ({"keep": True} if request.keeps else {})


def _named(request: HeadRequest, above: bool) -> dict[str, float]:
    """Units that the words name: those that are to be seen, or those that are to be at rest."""
    named = np.flatnonzero(request.expression_named)
    weights = {ARKIT_NAMES[k]: float(request.expression[k]) for k in named}
    return {name: weight for name, weight in weights.items() if (weight > _LEAST_WEIGHT) == above}
