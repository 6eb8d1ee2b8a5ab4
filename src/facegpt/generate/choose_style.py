"""Choose the named style that a wish of hair means: the nearest of all, the usual ones first."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from facegpt.generate.worn_styles import COILY
from facegpt.hair.groom import BRAIDED, curl_of
from facegpt.hair.presets import PRESETS
from facegpt.types import Array, Groom

#: The steps of the slot "length", and how a groom's curl is named, from straight on.
LENGTH_STEPS = ("none", "short", "chin", "shoulder", "long", "waist")
CURLS = ("straight", "wavy", "curly", "coily")
#: Where each step of length ends: how far hair hangs over ears and nape once it is curled, mm.
_ENDS_MM = (7.0, 75.0, 150.0, 262.0, 500.0)
#: Curls shorten hair to this share of its length, by CURLS.
SHORTENED = {"straight": 1.0, "wavy": 0.94, "curly": 0.76, "coily": 0.5}
#: What each difference counts; one step of length is 3.
_COST = {"length": 3.0, "curl": 2.5, "fringe": 2.0, "gather": 6.0, "sides": 3.0, "crown": 2.5, "hairline": 2.0}
_COST |= {"part": 0.5, "volume": 0.5, "layers": 0.7, "finish": 0.7, "sweep": 1.0}
#: Styles count among the nearest up to this much behind the best.
_AS_NEAR = 0.6


@dataclass(frozen=True)
class Shape:
    """How a groom reads in the words of hair_words.csv: slot → value."""

    values: Mapping[str, str]
    gather: str


@cache
def styles_of_kinds() -> dict[str, tuple[str, ...]]:
    """Value of the slot "kind" → names of styles (kinds_of_style.csv)."""
    text = (resources.files("facegpt.generate") / "kinds_of_style.csv").read_text(encoding="utf-8")
    return {row["kind"]: tuple(row["styles"].split()) for row in csv.DictReader(text.splitlines())}


def curl_said(said: Mapping[str, str]) -> str:
    """The curl, one of CURLS, that words name (slot → value), also by a style of coily hair; "" where they don't."""
    if said.get("curl") in CURLS:
        return said["curl"]
    styles = [name for name in styles_of_kinds().get(said.get("kind", ""), ()) if name in PRESETS]
    return "coily" if styles and all(PRESETS[name].family == COILY for name in styles) else ""


def hanging_mm(groom: Groom) -> float:
    """How far hair hangs over the ears and the nape, as curled, mm."""
    return max(groom.sides_mm, groom.back_mm) * SHORTENED[curl_of(groom)]


def length_of(groom: Groom) -> str:
    """Name the length of a groom, one of LENGTH_STEPS."""
    hanging = hanging_mm(groom)
    if groom.stand > 0.5 and curl_of(groom) != "coily":
        return "short" if groom.top_mm > _ENDS_MM[0] else "none"
    if hanging < _ENDS_MM[0] and groom.top_mm > 12.0:
        return "short"
    return LENGTH_STEPS[sum(hanging >= end for end in _ENDS_MM)]


def shape_of(groom: Groom) -> Shape:
    """Read a groom in the words of the slots."""
    values = {
        "length": length_of(groom),
        "curl": curl_of(groom),
        "fringe": "none" if groom.fringe_mm <= 0 else "side" if abs(groom.fringe_sweep) > 0.4 else "blunt",
        "sides": "shaved" if groom.sides_mm < 6 and groom.top_mm > 15 else "",
        "crown": "bald" if groom.crown_thinning > 0.6 else "thinning" if groom.crown_thinning > 0.2 else "full",
        "hairline": "receding" if groom.recession > 0.5 else "full",
        "part": "none" if groom.parted < 0.3 else ("left", "middle", "right")[int(np.sign(round(groom.part, 1))) + 1],
        "layers": "layered" if groom.layers > 0.4 else "one",
        "finish": "messy" if groom.frizz > 0.5 else "sleek" if groom.frizz < 0.1 else "",
        "sweep": "back" if groom.sweep_back > 0.7 else "forward" if groom.sweep_back < -0.5 else "",
    }
    return Shape(values, groom.gather)


@cache
def _shapes() -> dict[str, Shape]:
    return {name: shape_of(preset.groom) for name, preset in PRESETS.items()}


def choose_style(
    said: Mapping[str, str], now: Shape | None, shares: Mapping[str, float], rng: np.random.Generator
) -> str:
    """The style nearest to what is said (slot → value), and to how hair is `now` where nothing is said.

    Args:
        said: slots of hair_words.csv; "kind" narrows the choice to its styles.
        now: of the hair that is changed, or None for new hair.
        shares: how often each style is worn; of the nearest those are drawn that somebody wears, if there are any.
        rng: draws.
    """
    names, cost = _costs(said, now)
    worn = np.array([shares.get(name, 0.0) for name in names])
    if not worn[cost <= cost.min() + 1e-9].any():  # a mohawk on a grandmother
        worn = np.ones(len(names))
    weight = worn * np.exp(-2.0 * (cost - cost.min())) * (cost <= cost.min() + _AS_NEAR)
    return str(rng.choice(names, p=weight / weight.sum()))


def share_who_wear(said: Mapping[str, str], shares: Mapping[str, float]) -> float:
    """The share of people that wears a style nearest to what is said; `shares` as of `choose_style`."""
    names, cost = _costs(said, None)
    return sum(shares.get(name, 0.0) for name, c in zip(names, cost, strict=True) if c <= cost.min() + _AS_NEAR)


def _costs(said: Mapping[str, str], now: Shape | None) -> tuple[list[str], Array]:
    """The styles of the kind that is said, or all, and how far each is from what is said."""
    names = [n for n in styles_of_kinds().get(said.get("kind", ""), tuple(PRESETS)) if n in PRESETS]
    return names, np.array([_cost(_shapes()[name], said, now) for name in names])


def _cost(shape: Shape, said: Mapping[str, str], now: Shape | None) -> float:
    """How far a style is from what is said; what is not said is as it is now, at a third of the cost."""
    total = 0.0
    if said.get("kind") not in styles_of_kinds():
        gather = now.gather if now is not None and said.get("kind") != "loose" else "none"
        total += _COST["gather"] * (shape.gather != gather) * (2.0 if shape.gather in BRAIDED else 1.0)
    for slot, value in shape.values.items():
        wanted, share = said.get(slot), 1.0
        if wanted is None and now is not None:
            wanted, share = now.values[slot], 0.35
        if wanted is None or wanted == value:
            continue
        total += share * _COST[slot] * _steps(slot, wanted, value)
    return total


def _steps(slot: str, wanted: str, value: str) -> float:
    """How many steps two values of a slot are apart."""
    for slots, order in (("length", LENGTH_STEPS), ("curl", CURLS)):
        if slot == slots and wanted in order:
            return float(abs(order.index(wanted) - order.index(value))) + 0.5 * (slot == "length" and wanted == "none")
    if slot == "fringe" and wanted != "none" and value != "none":
        return 0.3
    return 1.0
