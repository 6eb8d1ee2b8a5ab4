"""What hair the optional data's photos and portraits show, by eye: photo_labels.csv, and how well a head agrees.

Labels were set by looking at each picture. Where two people could differ, several are right, the likeliest first.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from facegpt.hair.from_photo.traits import kind_of
from facegpt.hair.presets import LENGTHS, PRESETS, groom_of, length_step
from facegpt.types import Hair

#: The family of heads whose hair a hat, hood or scarf covers.
COVERED = "covered"


@dataclass(frozen=True)
class HairLabel:
    """What one picture shows; each of these is right.

    Attributes:
        families: of presets.FAMILIES, the likeliest first, or COVERED alone. kinds: of traits.KINDS, or "plaited".
        lengths: of presets.LENGTHS. fringe: whether the forehead is covered.
    """

    families: tuple[str, ...]
    kinds: tuple[str, ...]
    lengths: tuple[str, ...]
    fringe: bool

    @property
    def shows_kind(self) -> bool:
        """Whether the hair is long enough to be surely straight or curled."""
        return bool(self.kinds) and LENGTHS[0] not in self.lengths


@dataclass(frozen=True)
class Agrees:
    """Whether hair found agrees with a label; None where the label does not say."""

    family: bool | None
    kind: bool | None
    length: bool | None


@cache
def photo_labels() -> dict[str, HairLabel]:
    """Labels by the name of the picture (photos/…, portraits/…)."""
    with open(Path(__file__).with_name("photo_labels.csv"), encoding="utf-8", newline="") as file:
        return {
            row["name"]: HairLabel(
                families=tuple(row["families"].split()),
                kinds=tuple(row["kinds"].split()),
                lengths=tuple(row["lengths"].split()),
                fringe=row["fringe"] == "1",
            )
            for row in csv.DictReader(file)
        }


def agrees(label: HairLabel, hair: Hair | None) -> Agrees:
    """Compare hair found, None for none, with what a picture shows; None for all if it is covered."""
    if label.families == (COVERED,):
        return Agrees(None, None, None)
    family = "bald" if hair is None else PRESETS[hair.style].family
    groom = None if hair is None else groom_of(hair)
    step = LENGTHS[0] if groom is None else length_step(groom)
    kind = "" if groom is None or family in ("bald", "shaved") else kind_of(groom)
    if groom is not None and groom.gather in ("plait", "two_plaits", "box_braids", "locs", "cornrows"):
        kind = "plaited"
    near = min(abs(LENGTHS.index(step) - LENGTHS.index(each)) for each in label.lengths) <= 1
    return Agrees(family in label.families, kind in label.kinds if label.shows_kind else None, near)
