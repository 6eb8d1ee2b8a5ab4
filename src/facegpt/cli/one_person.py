"""`facegpt reconstruct A B C --one-person`: several photos of one person become one head."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli import early
from facegpt.cli.heads import remarks_of, remember
from facegpt.cli.parts import DONE, FAILED, Answer, file_options

if TYPE_CHECKING:
    from facegpt.face import Face
    from facegpt.reconstruct.several_photos import PersonViews


#: What is said where `--doubt` finds nothing to draw the matches of.
NO_MATCHES = "no skin was matched from photo to photo, so there is no matches.png; doubt.png is the head's"


def _dressed(person: Face, options: argparse.Namespace) -> Face:
    """The head without the headwear and the shirt that are not wanted, or in a shirt of the colour asked for."""
    if options.headwear == "none":
        person = person.bareheaded()
    if options.shirt == "auto":
        return person
    from facegpt.reconstruct.shirt import in_shirt

    return in_shirt(person, None if options.shirt == "none" else options.shirt)


def run(options: argparse.Namespace, photos: Sequence[Path]) -> Answer:
    """Make the head and write it into the output folder. Photos that cannot be read or show no face are left out."""
    from facegpt.errors import FaceGPTError

    early.check_output(options.output)
    early.loading(options)
    import facegpt
    from facegpt.data.images import Photo, read_image
    from facegpt.reconstruct.several_photos import MOST_PHOTOS, clearest, person_views

    left_out: dict[Path, str] = {}
    read: list[Path] = []

    def readable() -> Iterator[Photo]:
        for path in photos:
            try:
                photo = read_image(path)
            except FaceGPTError as error:
                left_out[path] = str(error)
                print(f"facegpt: {error}; it is left out", file=sys.stderr)
                continue
            read.append(path)
            yield photo

    first = next(there := readable(), None)
    if first is None:
        return Answer(FAILED, {"photos": _photos(photos, left_out), "error": "none of the photos can be read"})
    with remarks_of(options) as remarks:
        model = facegpt.load(**({"device": options.device} if options.device != "cpu" else {}))
        how = options.quality, options.detail, options.glasses, options.hair, MOST_PHOTOS
        found = person_views(model, chain([first], there), *how)
        person = _dressed(clearest(found.views), options)
        files = person.save_folder(options.output, options=file_options(options))
        files += _matches(options, found)
    remember(options.output)
    used = [read[row] for row in found.photos]
    told = found.agreement
    matched = [] if told is None else [str(used[k]) for k in told.photos]
    advice = found.advice_on([path.name for path in read])
    if options.doubt and not any(file.name == "matches.png" for file in files):
        advice = [*advice, NO_MATCHES]
    refused = [] if told is None else [str(used[k]) for k in told.refused]
    data = {
        "folder": str(options.output),
        "files": [file.name for file in files],
        "photos": _photos(photos, left_out, used),
        "ignored": list(person.ignored),
        "left_out": found.left_out([path.name for path in read]),
        "matched": {"photos": matched, "places": 0 if told is None else told.places, "refused": refused},
        "advice": advice,
        "remarks": list(remarks),
    }
    if not options.json:
        print(*advice, sep="\n", file=sys.stderr, end="\n" if advice else "")
    lines = [f"{len(used)} photos: 1 head in {options.output}", *(f"  {sentence}" for sentence in person.ignored)]
    return Answer(DONE, data, "\n".join(lines))


def _matches(options: argparse.Namespace, found: PersonViews) -> tuple[Path, ...]:
    """Write the picture of what was matched, where it is asked for and something was; an earlier one goes."""
    from facegpt.export.images import png_bytes
    from facegpt.runtime.atomic_files import remove, write_bytes

    picture = found.match_picture() if options.doubt else None
    if picture is None:
        remove(options.output / "matches.png")
        return ()
    return (write_bytes(options.output / "matches.png", png_bytes(picture)),)


def _photos(photos: Sequence[Path], left_out: dict[Path, str], used: Sequence[Path] = ()) -> list[dict[str, Any]]:
    """What became of each photo: whether the head was made from it, and why it could not be read."""
    return [{"photo": str(path), "used": path in used, "error": left_out.get(path)} for path in photos]
