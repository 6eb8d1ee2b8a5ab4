"""The verb imagine: words become heads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli import early, heads
from facegpt.cli.parts import (
    DONE,
    FAILED,
    Answer,
    add_device,
    add_expand,
    add_file_options,
    add_hair_lod,
    add_output,
    add_seed,
    add_sharing,
    add_talker,
    add_verb,
    empty_part,
    file_options,
    load_options,
    positive,
)

if TYPE_CHECKING:
    from facegpt.api import FaceGPT
    from facegpt.batch.from_words import Imagined


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = (
        'facegpt imagine "an elderly woman with a narrow nose, happily surprised"\n'
        '  facegpt imagine "a heavy man in his forties, crooked nose, stubble" --count 4 --seed 7 -o suspects'
    )
    parser = add_verb(verbs, "imagine", run, "make a 3D head from words", example)
    parser.add_argument("text", metavar="TEXT", help="what the face looks like, and what it does")
    parser.add_argument(
        "--count", type=positive, default=1, metavar="N", help="so many people who fit the words, and a sheet of them"
    )
    add_seed(parser)
    add_hair_lod(parser)
    add_file_options(parser)
    add_device(parser)
    add_talker(parser)
    add_expand(parser)
    told = "with --count: processes (default: 1, or one a core of a cluster)"
    parser.add_argument("--workers", type=positive, metavar="N", help=told)
    add_sharing(parser)
    told = "with --count: leave out heads that are there already, made of the same words (default: yes)"
    parser.add_argument("--resume", action=argparse.BooleanOptionalAction, default=True, help=told)
    add_output(parser, stored=True)


def run(options: argparse.Namespace) -> Answer:
    """Make the heads, each in a folder, and a sheet of several; those that fail cost none of the others."""
    from dataclasses import replace
    from functools import partial

    from facegpt.runtime.atomic_files import make_folder

    early.check_place(options)
    early.check_output(options.output)
    heads.check_text(options.text, "the description")
    early.check_device(options.device)
    early.loading(options)
    if isinstance(options.output, Path):
        make_folder(options.output)
    import facegpt.api
    from facegpt.batch.from_words import Words, imagine_files

    make = partial(facegpt.api.load, **load_options(options))
    with heads.remarks_of(options) as remarks:
        text = _spelled_out(make, options.text) if options.expand and options.talker else options.text
    several = options.count > 1
    folders = tuple(options.output / f"head_{k}" if several else options.output for k in range(options.count))
    words = Words(text, options.seed, options.count, folders, options.hair_lod, file_options(options))
    words = replace(words, resume=several and options.resume)
    made: list[Imagined] = []
    for done in imagine_files(words, make, options.workers, options.shard, options.on):
        told = [*done.remarks, *([done.error] if done.error else [])]
        for remark in told if not options.json else ():
            print(heads.in_options(remark), file=sys.stderr)
        remarks += told
        made.append(done)
    return _answer(options, text, made, remarks)


def _spelled_out(make: Callable[[], FaceGPT], text: str) -> str:
    """The look that a talker that knows more reads in a description, in plain attributes."""
    from facegpt.language.talkers.expanding import spelled_out

    return spelled_out(make().talker, text)


def _answer(options: argparse.Namespace, text: str, made: list[Imagined], remarks: list[str]) -> Answer:
    """What was made, with a sheet of several heads."""
    saved = [head for done in made for head in done.heads]
    if not made and options.shard != (1, 1):
        return Answer(DONE, {"text": options.text, "heads": [], "remarks": remarks}, empty_part(options.shard))
    if not saved:
        return Answer(FAILED, {"text": options.text, "heads": [], "remarks": remarks}, "no head was made")
    here = isinstance(options.output, Path)
    if here:
        heads.remember(Path(saved[-1]["folder"]))
    first = next(done for done in made if done.heads)
    data = {"text": options.text, "read_as": text, "remarks": remarks}
    data |= {
        "understood": list(first.understood),
        "understood_parts": list(first.understood_parts),
        "ignored": list(first.ignored),
        "heads": saved,
    }
    path = options.output / "preview.png"
    if options.count > 1 and here:
        part = "" if options.shard[1] == 1 else f"_{options.shard[0]}_of_{options.shard[1]}"
        path = heads.write_sheet(options.output / f"sheet{part}.png", [Path(head["folder"]) for head in saved])
        data |= {"sheet": str(path)}
    count = f"{len(saved)} heads" if len(saved) > 1 else "1 head"
    told = heads.told_of_words(first.understood, first.ignored)
    failed = any(done.error for done in made)
    return Answer(FAILED if failed else DONE, data, f"{count} in {options.output}; look at {path}\n{told}")
