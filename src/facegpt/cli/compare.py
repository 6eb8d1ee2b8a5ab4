"""The verb compare: how likely two photos show one person."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from facegpt.cli import early
from facegpt.cli.parts import DONE, Answer, add_device, add_verb


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = "facegpt compare anna_2019.jpg anna_2024.jpg --json"
    parser = add_verb(verbs, "compare", run, "say how likely two photos show one person, with the doubt", example)
    parser.add_argument("first", metavar="A", type=Path, help="a photo; of several faces the largest is taken")
    parser.add_argument("second", metavar="B", type=Path, help="another photo")
    add_device(parser)


def run(options: argparse.Namespace) -> Answer:
    """Compare the largest faces of two photos."""
    early.check_photo(options.first)
    early.check_photo(options.second)
    early.check_device(options.device)
    early.loading(options)
    import facegpt.api

    model = facegpt.api.load(device=options.device) if options.device != "cpu" else facegpt.api.load()
    found = model.compare(options.first, options.second)
    data = {"first": str(options.first), "second": str(options.second), **found.to_dict()}
    return Answer(DONE, data, "\n".join([str(found), *found.reasons]))
