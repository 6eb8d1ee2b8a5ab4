"""The verb imagine: words become heads."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli import early, heads
from facegpt.cli.parts import (
    DONE,
    Answer,
    add_device,
    add_expand,
    add_file_options,
    add_hair_lod,
    add_output,
    add_seed,
    add_talker,
    add_verb,
    load_options,
    positive,
)


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
    add_output(parser)


def run(options: argparse.Namespace) -> Answer:
    """Make the heads, each in a folder, and a sheet of several."""
    from facegpt.runtime.atomic_files import make_folder

    early.check_output(options.output)
    heads.check_text(options.text, "the description")
    make_folder(options.output)
    early.check_device(options.device)
    early.loading(options)
    import facegpt.api
    from facegpt.language.talkers.expanding import spelled_out

    with heads.remarks_of(options) as remarks:
        model = facegpt.api.load(**load_options(options))
        text = spelled_out(model.talker, options.text) if options.expand and options.talker else options.text
        faces = model.imagine_many(text, options.count, options.seed)
    several = len(faces) > 1
    folders = [options.output / f"head_{k}" if several else options.output for k in range(len(faces))]
    made = [
        heads.saved(face, folder, options) | {"seed": options.seed + k}
        for k, (face, folder) in enumerate(zip(faces, folders, strict=True))
    ]
    data = {
        "text": options.text,
        "read_as": text,
        "remarks": remarks,
        "understood": faces[0].understood,
        "ignored": faces[0].ignored,
    }
    data |= {"heads": made}
    path = options.output / "preview.png"
    if several:
        path = heads.write_picture(options.output / "sheet.png", heads.sheet(faces))
        data |= {"sheet": str(path)}
    count = f"{len(faces)} heads" if several else "1 head"
    return Answer(DONE, data, f"{count} in {options.output}; look at {path}\n{heads.told_of_words(faces[0])}")
