"""From a wish of hair (slots and lengths) to a groom: a named style, then what is said of it set on its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.describe.hair_readings import HANGING
from facegpt.generate.choose_style import CURLS, LENGTH_STEPS, SHORTENED, hanging_mm, length_of
from facegpt.generate.hair_colours import AMOUNTS
from facegpt.hair.groom import BOUNDS, BRAIDED, SERIES, curl_of
from facegpt.language.hair_wish import HairLength
from facegpt.types import Groom

#: How far hair of a step of length hangs over the ears and the nape, mm.
HANGING_MM = {"short": 24.0, "chin": 116.0, "shoulder": 215.0, "long": 385.0, "waist": 600.0}
#: Radius and pitch of curls, mm, where they start, and what else goes with them.
_CURLED: dict[str, dict[str, float]] = {
    "straight": {"curl_radius_mm": 0.0, "curl_start": 0.0, "frizz": 0.08, "stand": 0.0},
    "wavy": {"curl_radius_mm": 8.0, "curl_pitch_mm": 85.0, "curl_start": 0.25, "frizz": 0.15},
    "curly": {"curl_radius_mm": 8.5, "curl_pitch_mm": 34.0, "curl_start": 0.05, "frizz": 0.3},
    "coily": {
        "curl_radius_mm": 2.0,
        "curl_pitch_mm": 9.0,
        "curl_start": 0.0,
        "frizz": 0.6,
        "stand": 0.9,
        "layers": 1.0,
    },
}
_SHORT_CURL = {"curl_radius_mm": 5.5, "curl_pitch_mm": 28.0}
#: Slot and value → settings; a callable gives them from the groom as it is.
_SET: dict[tuple[str, str], dict[str, float] | Callable[[Groom], dict[str, float]]] = {
    ("fringe", "none"): {"fringe_mm": 0.0, "fringe_sweep": 0.0},
    ("fringe", "blunt"): {"fringe_mm": 62.0, "fringe_sweep": 0.0, "sweep_back": 0.0},
    ("fringe", "side"): {"fringe_mm": 92.0, "fringe_sweep": 0.8, "sweep_back": 0.0},
    ("fringe", "curtain"): {"fringe_mm": 110.0, "fringe_sweep": 0.0, "part": 0.0, "parted": 0.8, "sweep_back": 0.0},
    ("part", "left"): {"part": -0.7, "parted": 0.95},
    ("part", "right"): {"part": 0.7, "parted": 0.95},
    ("part", "middle"): {"part": 0.0, "parted": 0.95},
    ("part", "none"): {"parted": 0.0},
    ("part", "other"): lambda g: {"part": -g.part or 0.7, "parted": max(g.parted, 0.8), "sweep_side": -g.sweep_side},
    ("volume", "full"): lambda g: {"lift_mm": max(1.9 * g.lift_mm, 15.0), "density": 1.0, "clump": 0.3},
    ("volume", "flat"): lambda g: {"lift_mm": min(0.35 * g.lift_mm, 2.5), "clump": 0.7, "frizz": 0.03},
    ("layers", "layered"): {"layers": 0.65},
    ("layers", "one"): {"layers": 0.0},
    ("sides", "shaved"): lambda g: {"sides_mm": 3.0, "back_mm": 3.0, "edge": 1.0, "top_mm": max(g.top_mm, 25.0)},
    ("sides", "short"): lambda g: {"sides_mm": 10.0, "back_mm": 12.0, "edge": 0.4, "top_mm": max(g.top_mm, 30.0)},
    # Temples go back while the crown is full (Norwood II to III); what words say of the crown is set after it.
    ("hairline", "receding"): lambda g: {
        "recession": 0.65,
        "hairline_mm": 6.0,
        "crown_thinning": 0.0,
        "density": max(g.density, 0.85),
    },
    ("hairline", "high"): {"hairline_mm": 14.0},
    ("hairline", "low"): {"hairline_mm": -10.0, "recession": 0.0},
    ("hairline", "full"): {"hairline_mm": 0.0, "recession": 0.0},
    ("crown", "thinning"): {"crown_thinning": 0.45, "density": 0.6},
    ("crown", "bald"): lambda g: {"crown_thinning": 0.9, "recession": max(g.recession, 0.4)},
    ("crown", "full"): {"crown_thinning": 0.0, "density": 1.0},
    ("finish", "sleek"): {"frizz": 0.0, "clump": 0.45},
    ("finish", "wet"): {"frizz": 0.0, "clump": 0.95, "lift_mm": 2.0},
    ("finish", "messy"): lambda g: {"frizz": 0.65, "clump": 0.75, "lift_mm": g.lift_mm + 4},
    ("finish", "frizzy"): {"frizz": 0.95, "clump": 0.1},
    ("sweep", "back"): {"sweep_back": 0.95, "fringe_mm": 0.0},
    ("sweep", "forward"): {"sweep_back": -0.8, "fringe_mm": 30.0},
}
_REGIONS = {"top": "top_mm", "sides": "sides_mm", "back": "back_mm", "fringe": "fringe_mm"}
_ALL = ("top_mm", "sides_mm", "back_mm")
#: How many times as long hair is at least after "longer", and as short after "shorter"; and by how much the reading of
#: its length (hair_readings.HANGING, steps like SDs) changes, as far as it can.
LONGER, LONGER_READING = 1.6, 0.8


def said_of(groom: Groom, said: Mapping[str, str], lengths: tuple[HairLength, ...] = ()) -> Groom:
    """Set on a groom what is said of it; what it has already stays as it is."""
    amount = AMOUNTS.get(said.get("amount", ""), 1.0)
    if (curl := said.get("curl")) or "curl_change" in said:
        groom = _curled(groom, curl or _next_curl(groom, said["curl_change"]))
    length = said.get("length", "")
    wants_it = "kind" not in said or length != "short"  # a short kind is short in its own way
    if length in HANGING_MM and wants_it and length_of(groom) != length:
        groom = scaled(groom, HANGING_MM[length] / max(hanging_mm(groom), 8.0))
    if change := said.get("length_change"):
        groom = scaled(groom, _length_factor(hanging_mm(groom), amount if change == "longer" else -amount))
    for slot, value in sorted(said.items(), key=lambda item: item[0] == "crown"):
        settings = _SET.get((slot, value))
        if settings is not None and not _has_already(groom, slot, value):
            groom = _set(groom, settings(groom) if callable(settings) else settings)
    return bounded(with_lengths(groom, lengths))


def _length_factor(hanging: float, steps: float) -> float:
    """How many times as long hair becomes that hangs so far, mm, after so many steps longer (shorter below 0)."""
    reading = float(np.interp(hanging, *HANGING)) + LONGER_READING * steps
    wanted = float(np.interp(reading, HANGING[1], HANGING[0])) / max(hanging, 1.0)
    return max(wanted, LONGER**steps) if steps > 0 else min(wanted, LONGER**steps)


def _set(groom: Groom, settings: Mapping[str, Any]) -> Groom:
    """The groom with settings by their names."""
    return replace(groom, **{"bare": None, **settings})  # hair of a wish may lie where a photo shows none


def _has_already(groom: Groom, slot: str, value: str) -> bool:
    """Whether a style was made with it: its own way of doing it is better than a setting."""
    if slot == "fringe" and value != "none":
        return groom.fringe_mm > 0 and (value == "side") == (abs(groom.fringe_sweep) > 0.4)
    return slot == "sides" and value == "shaved" and groom.sides_mm <= 4 and groom.edge > 0


def scaled(groom: Groom, factor: float) -> Groom:
    """All lengths times a factor; short hair that grows long falls, and long tops of cut hair stay in proportion."""
    grown = _set(groom, {name: getattr(groom, name) * factor for name in _ALL})
    if factor > 1 and hanging_mm(grown) > 90 and groom.gather == "none" and curl_of(groom) != "coily":
        low = max(grown.sides_mm, grown.back_mm)
        grown = replace(
            grown, top_mm=max(grown.top_mm, low + 120), sides_mm=low, back_mm=0.95 * low, stand=0.0, edge=0.0
        )
    return grown


def _curled(groom: Groom, curl: str) -> Groom:
    """The groom with another curl, hanging as low as before; a tight coil stands off instead."""
    now = curl_of(groom)
    if now == curl or groom.gather in BRAIDED:
        return groom
    settings = dict(_CURLED[curl])
    if curl == "curly" and groom.top_mm < 130:
        settings |= _SHORT_CURL
    if now == "coily" and curl != "straight":
        settings |= {"stand": 0.0}
    groom = _set(groom, settings)
    if "coily" in (now, curl):
        return groom if curl != "coily" else scaled(groom, min(1.0, 130.0 / max(groom.sides_mm, 1.0)))
    return scaled(groom, SHORTENED[now] / SHORTENED[curl])


def _next_curl(groom: Groom, change: str) -> str:
    at = CURLS.index(curl_of(groom)) + (1 if change == "more" else -1)
    return CURLS[int(np.clip(at, 0, 2 if change == "more" else len(CURLS) - 1))]


def with_lengths(groom: Groom, lengths: tuple[HairLength, ...]) -> Groom:
    """Set lengths given in numbers; those of "all" hold for every region."""
    for length in lengths:
        names = _ALL if length.region == "all" else (_REGIONS[length.region],) if length.region in _REGIONS else ()
        for name in names:
            now = getattr(groom, name)
            mm = max(length.mm if length.kind == "value" else now + length.mm, 1.0)
            groom = _set(groom, {name: mm})
        if length.region == "sides" and length.kind == "value" and not any(x.region == "back" for x in lengths):
            groom = replace(groom, back_mm=min(groom.back_mm, length.mm) if groom.back_mm < 80 else groom.back_mm)
    if any(length.region == "all" and length.kind == "value" and length.mm > 90 for length in lengths):
        groom = replace(groom, stand=0.0, edge=0.0, top_mm=groom.top_mm + 120)  # the top hangs down from higher up
    return groom


def bounded(groom: Groom) -> Groom:
    """The groom with every number within BOUNDS."""
    names = [name for name in BOUNDS if name not in SERIES]
    within: dict[str, Any] = {name: float(np.clip(getattr(groom, name), *BOUNDS[name])) for name in names}
    return replace(groom, **within)


__all__ = ["HANGING_MM", "LENGTH_STEPS", "bounded", "said_of", "scaled", "with_lengths"]
