"""Headwear by name: hats with and without a brim, caps, turbans and scarves, made for one head; hats.csv is the table.

A crown is a frustum: its radius is the head's at the cloth's edge, its top lies so many mm above the head's own, and it
narrows towards the top by a share (`taper`; below 0 it widens). Colours are linear RGB.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.glasses.colours import FRAME_COLOURS
from facegpt.types import Array, FaceGPTError, Headwear
from facegpt.wear.cloth import HEIGHT, WIDTH, packed
from facegpt.wear.shell import Underneath, directions_of

Colour = tuple[float, float, float]
#: Colours of cloth beside those of frames.
CLOTH_COLOURS: dict[str, Colour] = FRAME_COLOURS | {
    **{"charcoal": (0.035, 0.036, 0.04), "navy": (0.012, 0.018, 0.06), "straw": (0.62, 0.47, 0.22)},
    **{"saffron": (0.66, 0.24, 0.03), "maroon": (0.14, 0.012, 0.016), "slate": (0.10, 0.13, 0.18)},
    **{"beige": (0.52, 0.42, 0.29), "khaki": (0.26, 0.22, 0.12), "cream": (0.76, 0.70, 0.56)},
    **{"turquoise": (0.03, 0.36, 0.36), "tan": (0.36, 0.21, 0.10), "lilac": (0.42, 0.28, 0.55)},
    **{"gold": (0.55, 0.36, 0.08), "brown": (0.10, 0.05, 0.024), "black": (0.016, 0.016, 0.018)},
}
#: Rows and columns of the thickness of a crown, and the rows of its picture that a band takes, as a share.
_ROWS, _COLUMNS, _BAND = 61, 24, (0.83, 0.985)
#: How far above the edge a crown is as wide as the head, degrees; room between the head and its hat, mm.
_ABOVE_DEG, _ROOM_MM = 9.0, 2.0
_MOST_MM = 295.0
#: Folds of wound cloth: how far they rise towards the front, how dark the valleys are and how wide, as a share of a
#: fold, and how much lighter the ridges.
_SLANT, _FOLD_DARK, _FOLD_WIDE, _FOLD_LIGHT = 0.6, 0.6, 0.18, 0.25


@dataclass(frozen=True)
class Hat:
    """A row of hats.csv. Values at the front, the side and behind; where one is given, it holds all around."""

    name: str
    kind: str
    words: str
    colour: str
    band: str
    off_mm: float
    crown_mm: float | None
    taper: float
    edge_deg: tuple[float, ...]
    brim_mm: tuple[float, ...]
    brim_rise: tuple[float, ...]
    folds: float


@cache
def hats() -> dict[str, Hat]:
    """The table, by name."""
    text = (resources.files("facegpt.wear") / "hats.csv").read_text(encoding="utf-8")
    return {row["name"]: _hat(row) for row in csv.DictReader(text.splitlines())}


def _hat(row: dict[str, str]) -> Hat:
    edge, brim, rise = (tuple(map(float, row[name].split())) for name in ("edge_deg", "brim_mm", "brim_rise"))
    return Hat(
        name=row["name"],
        kind=row["kind"],
        words=row["words"],
        colour=row["colour"],
        band=row["band"],
        off_mm=float(row["off_mm"]),
        crown_mm=float(row["crown_mm"]) if row["crown_mm"] else None,
        taper=float(row["taper"] or 0),
        edge_deg=edge,
        brim_mm=brim,
        brim_rise=rise,
        folds=float(row["folds"] or 0),
    )


def headwear_like(name: str, colour: str, below: Underneath) -> Headwear:
    """Make headwear by name for one head.

    Args:
        name: of `hats()`.
        colour: of CLOTH_COLOURS, or "" for the usual one.
        below: what it lies on.

    Raises:
        FaceGPTError: for another name or colour.
    """
    if name not in hats() or (colour and colour not in CLOTH_COLOURS):
        raise FaceGPTError(f"there is no headwear '{colour} {name}'; there are: {', '.join(hats())}")
    hat = hats()[name]
    plain = CLOTH_COLOURS[colour or hat.colour]
    return Headwear(
        kind=hat.kind,
        edge_deg=_around(hat.edge_deg),
        off_mm=(hat.off_mm,) if hat.crown_mm is None else _crown(hat, hat.crown_mm, below),
        columns=1 if hat.crown_mm is None else _COLUMNS,
        colour=plain,
        cloth=_cloth_of(hat, plain),
        brim_mm=_around(hat.brim_mm) if hat.brim_mm else (),
        brim_rise=_around(hat.brim_rise) if hat.brim_rise else (),
    )


def _around(values: tuple[float, ...]) -> tuple[float, ...]:
    """Values from the front to behind, the same on both sides, as Headwear lists them: 24 even turns."""
    turn = np.arange(24) / 24
    at = 2 * np.minimum(turn, 1 - turn) * (len(values) - 1)
    step = np.minimum(at.astype(int), max(len(values) - 2, 0))
    share = (1 - np.cos(np.pi * (at - step))) / 2  # no corner at the front
    known = np.array([*values, values[-1]])
    return tuple(round(float(v), 3) for v in known[step] + share * (known[step + 1] - known[step]))


def _crown(hat: Hat, crown_mm: float, below: Underneath) -> tuple[float, ...]:
    """How far a frustum stands off the head's hull, _ROWS × _COLUMNS."""
    polar, turn = np.meshgrid(np.linspace(0, 180, _ROWS), np.arange(_COLUMNS) / _COLUMNS, indexing="ij")
    hull = below.hull_mm(directions_of(hat.kind, polar, turn))
    edge = np.radians(np.array(_around(hat.edge_deg)) - _ABOVE_DEG)
    base = below.hull_mm(directions_of(hat.kind, np.degrees(edge), turn[0])) + hat.off_mm
    radius, low = base * np.sin(edge), base * np.cos(edge)  # of the crown where it is widest, and how high that is
    top = float(hull[0, 0]) + crown_mm
    narrow = radius * (1 - hat.taper)
    angle = np.radians(np.clip(polar, 0.5, 89.5))
    flat = top / np.cos(angle)
    slope = (radius - narrow) / (top - low)  # radius gained a mm downward
    falls = np.sin(angle) + slope * np.cos(angle)
    side = np.where(falls > 0.02, (radius + slope * low) / np.maximum(falls, 0.02), 1e3)
    reach = _rounded(flat, side)
    off = np.where(polar > np.degrees(edge) + 2, hat.off_mm, np.maximum(reach - hull, _ROOM_MM))
    return tuple(round(float(v), 2) for v in np.clip(off, 0.0, _MOST_MM).ravel())


def _rounded(first: Array, second: Array) -> Array:
    """The lesser of two distances, with the corner between them rounded (a power mean)."""
    return np.asarray((first**-9.0 + second**-9.0) ** (-1 / 9))


def _cloth_of(hat: Hat, plain: Colour) -> str:
    """The picture of a hat's cloth; "" where it is plain."""
    if hat.band:
        return _banded(plain, CLOTH_COLOURS[hat.band])
    return _wrapped(plain, hat.folds) if hat.folds else ""


def _banded(plain: Colour, band: Colour) -> str:
    """A picture of plain cloth with a band of another colour above its edge."""
    rows = np.linspace(0, 1, HEIGHT)
    is_band = ((rows > _BAND[0]) & (rows < _BAND[1]))[:, None, None]
    picture = np.where(is_band, np.array(band), np.array(plain)) * np.ones((1, WIDTH, 1))
    return packed(np.round(linear_to_srgb(picture) * 255).astype(np.uint8))


def _wrapped(plain: Colour, folds: float) -> str:
    """A picture of cloth wound round the head, so many folds between its top and its edge, which cross at the front."""
    row, turn = np.meshgrid(np.linspace(0, 1, HEIGHT), np.arange(WIDTH) / WIDTH, indexing="ij")
    aside = 2 * np.minimum(turn, 1 - turn)
    winding = folds * (row + _SLANT * (1 - aside) ** 2 * (1 - row)) % 1.0
    shade = 1 - _FOLD_DARK * np.exp(-winding / _FOLD_WIDE) + _FOLD_LIGHT * winding
    return packed(np.round(linear_to_srgb(np.clip(shade[..., None] * plain, 0, 1)) * 255).astype(np.uint8))
