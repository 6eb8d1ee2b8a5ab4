"""`facegpt reconstruct A B C --one-person`: several photos of one person become one head."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facegpt.cli import early
from facegpt.cli.heads import remarks_of, remember
from facegpt.cli.parts import DONE, FAILED, Answer, file_options


def run(options: argparse.Namespace, photos: Sequence[Path]) -> Answer:
    """Make the head and write it into the output folder. Photos that cannot be read or show no face are left out."""
    from facegpt.errors import FaceGPTError

    early.check_output(options.output)
    early.loading(options)
    import facegpt
    from facegpt.data.images import Photo, read_image

    read: dict[Path, Photo] = {}
    left_out: dict[Path, str] = {}
    for path in photos:
        try:
            read[path] = read_image(path)
        except FaceGPTError as error:
            left_out[path] = str(error)
            print(f"facegpt: {error}; it is left out", file=sys.stderr)
    if not read:
        return Answer(FAILED, {"photos": _photos(photos, left_out), "error": "none of the photos can be read"})
    with remarks_of(options) as remarks:
        model = facegpt.load(**({"device": options.device} if options.device != "cpu" else {}))
        person = model.reconstruct_person(
            list(read.values()), options.quality, options.detail, options.glasses, options.hair
        )
        files = person.save_folder(options.output, options=file_options(options))
    remember(options.output)
    data = {
        "folder": str(options.output),
        "files": [file.name for file in files],
        "photos": _photos(photos, left_out),
        "remarks": list(remarks),
    }
    return Answer(DONE, data, f"{len(read)} photos: 1 head in {options.output}")


def _photos(photos: Sequence[Path], left_out: dict[Path, str]) -> list[dict[str, Any]]:
    return [{"photo": str(path), "error": left_out.get(path)} for path in photos]
