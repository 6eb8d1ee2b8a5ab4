"""Which styles people wear of whom words say no more: shares by sex and age (worn_styles.csv), and by curl."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

import numpy as np

from facegpt.hair.presets import PRESETS
from facegpt.types import Groom

#: The ages of the table's columns, years; between two they change evenly. Who is younger has down.
AGES = {"F": (1, 2, 4, 8, 25, 50, 70), "M": (1, 2, 4, 8, 22, 50, 80)}
COILY = "coily_afro_locs"
#: Curl of the hair → how many times as usual styles of coily hair, curled and wavy ones, other ones, and those that
#: show next to no hair are worn. Most whose hair is coily keep it natural or short.
BY_CURL = {
    "straight": (0.0, 0.03, 0.07, 1.0, 1.0),
    "wavy": (0.0, 0.3, 2.0, 0.8, 1.0),
    "curly": (0.3, 6.0, 2.0, 0.25, 1.0),
    "coily": (40.0, 0.3, 0.0, 0.06, 2.0),
}
_WAVE_PITCH_MM = 45.0


@cache
def _table() -> dict[str, dict[str, tuple[float, ...]]]:
    """Sex → style → shares at AGES."""
    text = (resources.files("facegpt.generate") / "worn_styles.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {
        sex: {row["style"]: tuple(float(row[f"{sex}{age}"]) for age in ages) for row in rows}
        for sex, ages in AGES.items()
    }


def usual_styles(man: bool, age_years: float, curl: str = "") -> dict[str, float]:
    """The shares (their sum is 1) of styles worn by a sex at an age in years, with a curl (of BY_CURL) or any."""
    sex = "M" if man else "F"
    shares = {n: float(np.interp(age_years, AGES[sex], course)) for n, course in _table()[sex].items() if n in PRESETS}
    if curl:
        shares = {name: share * BY_CURL[curl][_kind(name)] for name, share in shares.items()}
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items() if share > 0}


def _kind(style: str) -> int:
    """Which number of BY_CURL a style has."""
    preset = PRESETS[style]
    if preset.family == COILY:
        return 0
    return _curled(preset.groom) if preset.family not in ("bald", "shaved") else 4


def _curled(groom: Groom) -> int:
    if not groom.curl_radius_mm:
        return 3
    return 2 if groom.curl_pitch_mm >= _WAVE_PITCH_MM else 1
