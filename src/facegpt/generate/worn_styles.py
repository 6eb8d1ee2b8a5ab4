"""Which styles people wear of whom words say no more: shares by sex and age (worn_styles.csv), skin and people."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np

from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman.peoples import PeopleLook

#: The ages of the table's columns, years; between two they change evenly.
AGES = {"F": (4, 8, 25, 50, 70), "M": (4, 8, 22, 50, 80)}
#: Lightness of the skin (SDs) → how many times as usual coily styles are worn, and all others.
COILY_BY_SKIN = ((-1.6, -0.9, -0.3, 0.0), (25.0, 6.0, 0.3, 0.0), (0.3, 0.8, 1.0, 1.0))
COILY = "coily_afro_locs"


@cache
def _table() -> dict[str, dict[str, tuple[float, ...]]]:
    """Sex → style → shares at AGES."""
    text = (resources.files("facegpt.generate") / "worn_styles.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {
        sex: {row["style"]: tuple(float(row[f"{sex}{age}"]) for age in ages) for row in rows}
        for sex, ages in AGES.items()
    }


def usual_styles(
    man: bool, age_years: float, skin_lightness: float = 0.0, look: PeopleLook | None = None
) -> dict[str, float]:
    """The shares (their sum is 1) of styles worn by a sex at an age in years, with a skin (SDs), of a people or None.

    Those of a people say themselves how often coily hair is worn; otherwise the skin does.
    """
    sex = "M" if man else "F"
    shares = {n: float(np.interp(age_years, AGES[sex], course)) for n, course in _table()[sex].items() if n in PRESETS}
    coily, others = (float(np.interp(skin_lightness, COILY_BY_SKIN[0], course)) for course in COILY_BY_SKIN[1:])
    if look:
        coily, others = 1.0, 1.0
    for name in shares:
        shares[name] *= coily if PRESETS[name].family == COILY else others
        shares[name] *= _factor(name, look.styles) if look else 1.0
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items() if share > 0}


def _factor(style: str, factors: Mapping[str, float]) -> float:
    """How many times as usual a people wears a style: by its family, and "curled" for waves and curls."""
    preset = PRESETS[style]
    factor = factors.get(preset.family, 1.0)
    return factor * (factors.get("curled", 1.0) if preset.groom.curl_radius_mm and preset.family != COILY else 1.0)
