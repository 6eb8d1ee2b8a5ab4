"""The verb describe: what is measured and seen on a head, in words."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli import heads
from facegpt.cli.parts import DONE, Answer, add_verb


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = 'facegpt describe anna.jpg\n  facegpt describe last "how wide is the nose?"'
    parser = add_verb(verbs, "describe", run, "say what is measured and seen on a head", example)
    parser.add_argument("source", metavar="SOURCE", help=heads.SOURCE_HELP)
    parser.add_argument("question", metavar="QUESTION", nargs="?", help="what to say; without it, what stands out")


def run(options: argparse.Namespace) -> Answer:
    """Describe the head, or answer a question about the heads of a photo."""
    import facegpt.api

    if options.question is not None:
        heads.remarks_on(options.question, "the question")
    model = facegpt.api.load()
    faces = heads.find_heads(model, options.source)
    text = model.describe(faces if options.question else faces[0], options.question)
    measures = {n: {"value_mm": m.value_mm, "percentile": m.percentile} for n, m in faces[0].measure().items()}
    data = {"source": options.source, "question": options.question, "text": text, "faces": len(faces)}
    return Answer(DONE, data | {"measures": measures, "attributes": faces[0].attributes}, text)
