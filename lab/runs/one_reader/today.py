"""What readers make of the same held-out sentences: `python -m lab.runs.one_reader.today [COUNT] [--reader FILE]`.

Without a file: the shipped readers; what a sentence is (a new head, a change) is told to them. `--alone`: the face head
without what a program reads beside it. `--least named=0.2 unit=0.2`: other thresholds. `--others`: as many other
validation sentences, to choose thresholds on. With
RUN/reader.safetensors: that reader, which has to find this out too. Sentences only: the shipped readers of turns give
acts and people in another form, which `facegpt eval chat` counts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from facegpt.language.loading import load_language_model
from facegpt_lab.evaluate.protocols.words.languages import labels_of
from facegpt_lab.synthesis.texts.corpus import Record, load_corpus
from facegpt_lab.train.one_reader.examples import sentences
from facegpt_lab.train.one_reader.model import load_reader
from facegpt_lab.train.one_reader.scoring import score
from facegpt_lab.train.one_reader.training import read_examples
from facegpt_lab.train.one_reader.written import request_of_record


def main() -> None:
    """Read COUNT sentences (400), and print the scores of sex, years, attributes, feelings, units and millimetres."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=400)
    parser.add_argument("--reader", type=Path, help="a trained reader instead of the shipped ones")
    parser.add_argument("--alone", action="store_true", help="the shipped face head alone")
    parser.add_argument("--least", nargs="*", default=(), metavar="NAME=P", help="thresholds of the face head")
    parser.add_argument("--others", action="store_true", help="the sentences after the first COUNT")
    options = parser.parse_args()
    records = [each for each in load_corpus("validation") if each.task in ("imagine", "edit")]
    first = options.count if options.others else 0
    order = np.random.default_rng(1).permutation(len(records))
    records = [records[k] for k in order[first : first + options.count]]
    known = {each.key: each for each in sentences("validation")}
    examples = [replace(known[each.id], request=request_of_record(each.task, each.labels)) for each in records]
    if options.reader is None:
        least = {name: float(value) for name, value in (each.split("=") for each in options.least)}
        written = read_by_shipped(records, not options.alone, least)
    else:
        written = read_examples(load_reader(options.reader), examples)
    print(json.dumps(score(examples, written)))


def read_by_shipped(
    records: list[Record], with_rules: bool = True, least: Mapping[str, float] | None = None
) -> list[tuple[str, ...]]:
    """The requests that the package's own readers make of sentences.

    Args:
        records: the sentences.
        with_rules: whether what a program reads joins the face head.
        least: thresholds of the face head (model/config.THRESHOLDS) that take the place of its own.
    """
    language = load_language_model(with_rules=with_rules)
    language.model.config.thresholds |= least or {}
    read = [language.read(each.text, is_edit=each.task == "edit") for each in records]
    return [request_of_record(each.task, labels_of(one.request)) for each, one in zip(records, read, strict=True)]


if __name__ == "__main__":
    main()
