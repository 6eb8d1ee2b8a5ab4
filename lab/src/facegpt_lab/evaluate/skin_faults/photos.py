"""`facegpt eval skin_faults`: on how many heads of photos the skin has texels that are unlike skin.

All photos and portraits of the optional data give one `balanced` head each; its finished texture is looked at without
light (detection.py). Both halves are told apart: what is mended is chosen on the training half. `sheet` draws the
worst heads of each kind. About 4 s of one core a photo; photos that are done are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.data.images import read_image
from facegpt.face import Face
from facegpt.fitting import FitError
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.reconstruct.skin_detail import with_detail
from facegpt.runtime.atomic_files import make_folder
from facegpt_lab.evaluate.hair.photo import loaded
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.evaluate.skin_faults.detection import (
    GRID,
    KINDS,
    Faults,
    face_lightness,
    faults_of,
    has_fault,
    maps_of_faults,
)
from facegpt_lab.evaluate.validation_photos import identify, photos_of, some_validation_photos

QUICK_COUNT, WORST = 12, 3
#: Belief in a beard from which a face has one.
BEARDED = 0.15
#: Part of the texture that a sheet shows: left, top, right, bottom, as shares of its side.
_FACE = (0.16, 0.08, 0.84, 0.70)
#: Colours of the kinds on a sheet.
_COLOURS = ((255, 0, 255), (0, 255, 255), (255, 0, 0), (255, 128, 0), (0, 0, 255), (0, 255, 0), (255, 255, 0))


@dataclass(frozen=True)
class FoundFaults:
    """One photo: its name; faults of its head's skin; whether it is grey; L* of the skin, and what the face tells."""

    name: str
    faults: Faults
    grey: bool
    lightness: float
    told_lightness: float


def look_at(job: tuple[str, int]) -> FoundFaults | None:
    """Make the head of one photo and look at its skin; None where no face is found."""
    made = _made(job[0])
    if made is None:
        return None
    face, bearded, told = made
    texture = face.photo_texture
    assert texture is not None
    grey = face.skin_seen is not None and bool(face.skin_seen.grey)
    return FoundFaults(job[0], faults_of(head(), texture, bearded), grey, face_lightness(head(), texture), told)


def _made(name: str) -> tuple[Face, bool, float] | None:
    """The finished head of a photo's largest face, whether it has a beard, and CIE L* that the face tells."""
    seen = next(iter(faces_seen(loaded(), read_image(optional_data() / name))), None)
    if seen is None:
        return None
    try:
        face, _ = bald_head(loaded(), seen, "balanced")
    except FitError:
        return None
    belief = None if seen.dense is None else seen.dense.belief
    beard = 0.0 if belief is None or belief.beard is None else belief.beard
    told = np.nan if belief is None or belief.skin_lightness is None else belief.skin_lightness
    return with_detail(face, seen), beard > BEARDED, told


def rows(found: Sequence[FoundFaults], half: str) -> list[Row]:
    """Share of heads with each kind of fault, their mean area, and how far the skins' lightness is off."""
    out = []
    for kind in KINDS:
        has = np.mean([has_fault(one.faults)[kind] for one in found])
        out.append(figure(f"{half}: heads with {kind}", float(has), "share", at_most=0.05))
        out.append(
            figure(f"{half}: area of {kind}", float(np.mean([getattr(one.faults, kind) for one in found])), "mm²")
        )
    for name, some in (("skins", found), ("skins of grey photos", [one for one in found if one.grey])):
        if some:
            off = np.nanmedian([abs(one.lightness - one.told_lightness) for one in some])
            out.append(figure(f"{half}: lightness of {name} beside what the face tells, median", float(off), "L*"))
    return out


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Look at both halves, quickly only at some of the validation half. sheet: file for a picture of the worst."""
    halves = (
        {"validation": some_validation_photos(QUICK_COUNT)}
        if quick
        else {half: photos_of(half) for half in ("training", "validation")}
    )
    kept = Kept("skin_faults", read_found, identify)
    told, everything, count = [], [], 0
    for half, jobs in halves.items():
        found = [one for one in in_processes(look_at, jobs, f"photos, {half}", workers, kept) if one is not None]
        told += rows(found, half)
        everything += found
        count += len(jobs)
    if sheet is not None:
        make_folder(sheet.parent)
        draw_sheet(worst(everything)).save(sheet)
    return Report(f"`balanced` heads of {count} photos and portraits of the optional data", tuple(told))


def worst(found: Sequence[FoundFaults]) -> list[str]:
    """Names of the photos whose heads have most of each kind, none of them twice."""
    names: dict[str, None] = {}
    for kind in KINDS:
        for one in sorted(found, key=lambda one: -getattr(one.faults, kind))[:WORST]:
            names.setdefault(one.name)
    return list(names)


def draw_sheet(names: Sequence[str]) -> Image.Image:
    """A row for each photo: it, its head's texture, and the same with what is unlike skin painted over by kind."""
    return Image.fromarray(np.vstack([_row(name) for name in names]))


def _row(name: str) -> NDArray[np.uint8]:
    made = _made(name)
    blank = np.zeros((GRID, GRID, 3), np.uint8)
    with Image.open(optional_data() / name) as photo:
        tiles = [np.asarray(photo.convert("RGB").resize((GRID, GRID)))]
    if made is None:
        return np.hstack([*tiles, blank, blank])
    texture, marked = made[0].photo_texture, None
    assert texture is not None
    small = np.asarray(Image.fromarray(texture[..., :3]).resize((GRID, GRID), Image.Resampling.BOX))
    marked = small.copy()
    for colour, at in zip(_COLOURS, maps_of_faults(head(), texture, made[1]).values(), strict=True):
        marked[at] = colour
    box = tuple(round(share * GRID) for share in _FACE)
    tiles += [np.asarray(Image.fromarray(one).crop(box).resize((GRID, GRID))) for one in (small, marked)]  # type: ignore[arg-type]
    return np.hstack(tiles)


def read_found(told: dict[str, Any] | None) -> FoundFaults | None:
    """Make what was kept of its JSON."""
    return None if told is None else FoundFaults(**{**told, "faults": Faults(**told["faults"])})
