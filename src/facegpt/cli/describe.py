"""The verb describe: what is measured and seen on a head, and who does what when in a clip, in words."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli import early, heads
from facegpt.cli.parts import DONE, Answer, add_verb


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = 'facegpt describe anna.jpg\n  facegpt describe last "how wide is the nose?"\n  facegpt describe clip.mp4'
    parser = add_verb(
        verbs, "describe", run, "say what is measured and seen on a head, or who does what in a clip", example
    )
    heads.add_source(parser)
    parser.add_argument("question", metavar="QUESTION", nargs="?", help="what to say; without it, what stands out")


def run(options: argparse.Namespace) -> Answer:
    """Describe the head, or answer a question about the heads of a photo."""
    from facegpt.video.sources import is_clip, is_take

    take = is_take(options.source)
    moves = take or is_clip(options.source)
    if not moves:
        early.check_head(options.source)
    elif not take:
        early.check_clips([options.source])
    if options.question is not None:
        heads.check_text(options.question, "the question")
    early.loading(options)
    if moves:
        return _of_motion(options)
    import facegpt.api
    from facegpt.reconstruct.sources import chosen, faces_of

    model, source = facegpt.api.load(), heads.find(options.source)
    with heads.remarks_of(options) as remarks:
        found = faces_of(model, source)
        of_all = options.question is not None and options.face is None
        told = found if of_all else [chosen(found, source, options.face, "--face ")]
        text = model.describe(told, options.question)
    measures = {n: {"value_mm": m.value_mm, "percentile": m.percentile} for n, m in told[0].measure().items()}
    data = {"source": options.source, "question": options.question, "text": text, "faces": len(found)}
    data |= {"remarks": remarks, "measures": measures, "attributes": told[0].attributes}
    return Answer(DONE, data, text)


def _of_motion(options: argparse.Namespace) -> Answer:
    """Who does what when in a clip or a take."""
    import facegpt.api
    from facegpt.animate.account import account_of

    model = facegpt.api.load()
    with heads.remarks_of(options) as remarks:
        told = account_of(model, options.source)
        if options.question is not None:
            told = told.about(model, options.question)
    people = [one.as_dict() for one in told.people]
    data = {"source": options.source, "question": options.question, "text": told.text, "remarks": remarks}
    return Answer(DONE, {**data, "lasts_s": round(told.lasts_s, 3), "people": people}, told.text)
