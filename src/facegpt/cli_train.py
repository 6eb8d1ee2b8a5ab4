"""The verb synthesize: training data with true labels. Only the standard library is imported until it is needed."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli_parts import DONE, Answer, add_kinds, add_output, add_verb, natural, positive


def add_verbs(verbs: Any) -> None:
    """Declare the verbs."""
    does = "make training data whose labels are true by construction"
    _add_words(add_kinds(verbs, "synthesize", does, "facegpt synthesize words --count 20000 --workers 2 -o words"))


def _add_words(kinds: Any) -> None:
    parser = add_verb(
        kinds,
        "words",
        _words,
        "descriptions, edits, questions and conversations about faces, as WebDataset shards",
        "facegpt synthesize words --count 20000 --seed 1 --workers 2 -o words",
    )
    parser.add_argument("--count", type=positive, default=10_000, metavar="N", help="samples (default: 10000)")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="another seed, other samples (default: 0)")
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="processes (default: 1)")
    add_output(parser)


def _words(options: argparse.Namespace) -> Answer:
    from facegpt.synthesis.shards import synthesize_words

    card = synthesize_words(options.output, options.count, options.seed, options.workers)
    return Answer(DONE, card, f"{options.count} samples in {options.output}; what they are is in card.json there")
