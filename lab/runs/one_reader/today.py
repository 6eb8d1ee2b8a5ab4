"""What the shipped readers make of the same held-out sentences: `python -m lab.runs.one_reader.today [COUNT]`.

Sentences only: the shipped readers of turns give acts and people in another form, which `facegpt eval chat` counts.
"""

from __future__ import annotations

import json
import sys

import numpy as np

import facegpt
from facegpt_lab.evaluate.protocols.words.languages import labels_of
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.one_reader.examples import Example
from facegpt_lab.train.one_reader.scoring import score
from facegpt_lab.train.one_reader.written import request_of_record


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


if __name__ == "__main__":
    main()
