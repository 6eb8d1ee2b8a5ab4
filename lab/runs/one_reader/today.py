"""What the shipped readers make of the same held-out sentences: `python -m lab.runs.one_reader.today [COUNT]`.

Sentences only: the shipped readers of turns give acts and people in another form, which `facegpt eval chat` counts.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

import facegpt
from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.one_reader.examples import Example
from facegpt_lab.train.one_reader.scoring import score
from facegpt_lab.train.one_reader.written import request_of_record

#: What is read below these is not said: degrees in SDs, weights 0..1.
_LEAST_DEGREE, _LEAST_WEIGHT = 0.25, 0.15


def main() -> None:
    """Read COUNT sentences (400), and print the scores of sex, years, attributes, feelings, units and millimetres."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    records = [each for each in load_corpus("validation") if each.task in ("imagine", "edit")]
    records = [records[k] for k in np.random.default_rng(1).permutation(len(records))[:count]]
    language = facegpt.load().language
    examples, written = [], []
    for record in records:
        reading = language.read(record.text, is_edit=record.task == "edit")
        request = request_of_record(record.task, record.labels)
        examples.append(Example(record.id, "", request, tuple(record.labels.get("emotion_also", ()))))
        written.append(request_of_record(record.task, labels_of(reading.request)))
    print(json.dumps(score(examples, written)))


def labels_of(request: HeadRequest) -> dict[str, Any]:
    """A request as labels (LABELS.md)."""
    degrees = np.asarray(request.attribute_mean)
    labels: dict[str, Any] = {
        "attributes": {ATTRIBUTES[k]: float(degrees[k]) for k in np.flatnonzero(np.abs(degrees) > _LEAST_DEGREE)},
        "expression": _named(request, above=True),
        "expression_off": [*_named(request, above=False)],
        "mm": {goal.measure: {goal.kind: goal.amount} for goal in request.millimetres},
        "hair": {slot: value for slot, value in vars(request.hair).items() if isinstance(value, str) and value},
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


if __name__ == "__main__":
    main()
