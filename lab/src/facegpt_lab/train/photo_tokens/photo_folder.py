"""Anybody's folder of photos as faces to learn from.

What was seen is kept in parts of a few photos, so that a run which was stopped goes on where it was; photos that cannot
be used are named, one line each, and counted.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.data.files import find_photos
from facegpt.runtime.atomic_files import write_text
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError, ImageError
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.train.photo_tokens.views import Encoder, PhotoExamples, joined, photo_examples

#: Photos in a part.
PART = 16


def training_photos(folder: Path, output: Path | None = None) -> list[Path]:
    """List the photos in a folder and below, less those of the optional data that evaluations are held on.

    Args:
        folder: of photos.
        output: of the run; what lies there is left out.

    Raises:
        FaceGPTError: if there is no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise FaceGPTError(f"there is no folder '{folder}'; give one with photos in it")
    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        kept_out = {row["name"] for row in csv.DictReader(file) if row["split"] == "validation"}
    photos = (path for path in find_photos([folder], output) if isinstance(path, Path))
    found = [path for path in photos if "/".join(path.parts[-2:]) not in kept_out]
    if not found:
        raise FaceGPTError(f"all photos in '{folder}' are kept for evaluation; give others")
    return found


def look_at(photos: Sequence[Path], encoder: Encoder, views: int, seed: int, kept: Path) -> PhotoExamples:
    """Look at the faces of photos, each `views` times.

    Args:
        photos: files. Those that cannot be read or show no face are named on stderr and left out.
        encoder: looks.
        views: of each face.
        seed: of how the views are changed.
        kept: folder for what was seen; what is there already is not looked at again.

    Raises:
        FaceGPTError: if no face is found in any of them.
    """
    kept.mkdir(parents=True, exist_ok=True)
    parts: list[PhotoExamples] = []
    unused = 0
    with Progress("photos", len(photos)) as show:
        for first in range(0, len(photos), PART):
            some = photos[first : first + PART]
            path = kept / f"part-{first // PART:05d}.safetensors"
            known = {"views": views, "seed": seed, "photos": [_fingerprint(photo) for photo in some]}
            told = _told(path, known)
            if told is None:
                told = _look_at_part(range(first, first + len(some)), photos, encoder, path, known, show)
            unused += told["left out"]
            if told["faces"]:
                parts.append(PhotoExamples.load(path))
            show(first + len(some))
        if not parts:
            raise FaceGPTError(f"in none of the {len(photos)} photos is a face to learn from")
        found = joined(parts)
        left_out = f"; {unused} of {len(photos)} photos left out" if unused else ""
        show.note(f"faces to learn from: {len(found) // views} in {len(photos) - unused} photos{left_out}")
    return found


def _fingerprint(photo: Path) -> list[Any]:
    """What tells a photo from another, or from what it was before it was edited."""
    state = photo.stat()
    return [str(photo), state.st_size, state.st_mtime_ns]


def _told(path: Path, known: dict[str, Any]) -> dict[str, Any] | None:
    """What was written of a part, if it is there and of the same photos."""
    try:
        told: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = all(told.get(name) == value for name, value in known.items())
    return told if same and (not told["faces"] or path.is_file()) else None


def _look_at_part(
    numbers: range, photos: Sequence[Path], encoder: Encoder, path: Path, known: dict[str, Any], show: Progress
) -> dict[str, Any]:
    """Look at some of the photos and keep what was seen."""
    seen: list[PhotoExamples] = []
    views, left_out = known["views"], 0
    for number in numbers:
        rng = np.random.default_rng([known["seed"], number, 12])
        try:
            seen.append(photo_examples(photos[number], encoder, views, rng))
        except ImageError as error:
            left_out += 1
            show.note(f"left out: {error}")
        show(number + 1)
    if seen:
        joined(seen).save(path)
    told = {**known, "faces": sum(map(len, seen)) // views, "left out": left_out}
    write_text(path.with_suffix(".json"), json.dumps(told))
    return told
