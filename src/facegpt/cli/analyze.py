"""The verb analyze: what is seen on each face of photos, as words, JSON, a table and pictures."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from facegpt.cli import early
from facegpt.cli.parts import (
    DONE,
    FAILED,
    Answer,
    add_device,
    add_sharing,
    add_verb,
    empty_part,
    positive,
    stored_place,
)

if TYPE_CHECKING:
    from facegpt.analyze.files import Analyzed
    from facegpt.analyze.seen import Seen


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = "facegpt analyze anna.jpg\n  facegpt analyze holiday/ -o seen --json"
    parser = add_verb(
        verbs, "analyze", run, "say what is seen on each face of photos: pose, expression, age …", example
    )
    told = "a photo, a folder, a pattern, an archive or an address (s3://…)"
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help=told)
    told = "folder for a record and pictures of each photo, and a table of all (default: none is written)"
    parser.add_argument("-o", "--output", type=stored_place, metavar="DIR", help=told)
    parser.add_argument("--no-points", action="store_true", help="leave points out of what --json prints")
    add_device(parser)
    told = "processes (default: one for each 16 photos, at most one a core)"
    parser.add_argument("--workers", type=positive, metavar="N", help=told)
    add_sharing(parser)
    told = "leave out photos whose records are in DIR already, made from the same file (default: yes)"
    parser.add_argument("--resume", action=argparse.BooleanOptionalAction, default=True, help=told)


def run(options: argparse.Namespace) -> Answer:
    """Analyze all photos; one that cannot be read costs none of the others."""
    from facegpt.data.files import find_photos

    early.check_place(options)
    photos = find_photos(options.photos, options.output)
    early.check_device(options.device)
    if len(photos) == 1:
        early.check_photo(photos[0])
    if options.output is not None:
        early.check_output(options.output)
    early.loading(options)
    from functools import partial

    from facegpt.analyze.files import analyze_files
    from facegpt.batch.photos import default_model

    make = default_model if options.device == "cpu" else partial(default_model, options.device)
    data, lines, failed, shown = [], [], 0, 0
    how = options.output, options.workers, options.shard, options.on, options.resume
    for done in analyze_files(photos, make, *how):
        shown += 1
        failed += done.error is not None
        if done.error is not None:
            print(f"facegpt: {done.error}", file=sys.stderr)
        if options.json:
            data.append(done.as_dict(not options.no_points))
        elif done.error is None:
            lines += told(done)
    text = "\n".join(lines) if shown else empty_part(options.shard)
    return Answer(FAILED if failed else DONE, {"photos": data, "failed": failed}, text)


def told(done: Analyzed) -> list[str]:
    """Lines on one photo: its faces."""
    if done.known is not None:
        return [f"{done.photo}: {len(done.known)} face{'s' * (len(done.known) != 1)} (there already)"]
    if not done.faces:
        return [f"{done.photo}: no face was found"]
    return [f"{done.photo}, face {k + 1}: {in_words(face)}" for k, face in enumerate(done.faces)]


def in_words(face: Seen) -> str:
    """One line on a face."""
    x0, y0, x1, y1 = (round(float(value)) for value in face.box)
    pose, age, hair, covers = face.pose, face.age, face.hair_colour, face.occlusions
    said = [f"{x1 - x0} × {y1 - y0} px at ({x0}, {y0})"]
    said.append(f"yaw {pose.yaw_deg:.0f}°, pitch {pose.pitch_deg:.0f}°, roll {pose.roll_deg:.0f}°")
    said.append(f"{face.expression.name} ({face.expression.confidence:.2f})")
    if age is not None:
        said.append(f"looks {age.years:.0f} years old ({age.low:.0f} to {age.high:.0f})")
    if hair is not None:
        said.append(f"{hair.name} hair" if hair.sure else "a photo without colours")
    kinds = {"glasses": covers.glasses and not covers.dark_glasses, "dark glasses": covers.dark_glasses}
    kinds |= {"headwear": covers.headwear, "something before the face": covers.hand}
    return "; ".join([*said, *(name for name, there in kinds.items() if there)])
