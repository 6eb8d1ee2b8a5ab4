"""Skin and irises of a given head changed as words ask, with the lines that go with an age."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from facegpt.describe.attribute_readings import SKIN_ATTRIBUTES
from facegpt.generate.degrees import rings_for, shown, shown_change
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.skin import skin_read, skin_set, usual_wrinkles
from facegpt.types import Array

#: Degree of iris_lightness → hue: brown eyes, hazel and green ones, blue ones.
IRIS_HUES = (-1.0, 0.0, 0.35, 0.65, 0.9, 2.0), (-1.1, -0.5, 0.2, 0.5, 1.1, 1.5)
#: Years → wrinkles, SDs, that somebody has at least who is made that old by AGED_YEARS: more than is usual, for whoever
#: asks for age wants to see it, and the lines that are drawn begin at 0. Each year that is taken off takes YOUNGER_SD.
AGED, AGED_YEARS, YOUNGER_SD = ((20.0, 35.0, 45.0, 60.0, 80.0), (-0.6, 0.6, 1.2, 2.1, 3.0)), 8.0, 0.1
#: SDs up to which skin and irises are changed; what is beyond already stays where it is.
MOST_SDS = 3.0
#: How women's skins differ from men's: they are warmer. On fitted heads of 18 to 50 years of the training portraits
#: they are redder by .5 and yellower by .9 SDs (1.0 and .9 on the other half), in part by how they are lit; a part of
#: it is drawn. By name: coefficient and SDs.
WOMEN = {"skin_redness": (NAMED["redness"], 0.5), "skin_yellowness": (NAMED["yellowness"], 0.3)}


def irises_of(degree: float, now: float | None = None) -> dict[str, float]:
    """Lightness and hue of irises of a degree, SDs: words name a colour (brown, green, blue), so an edit reaches it."""
    light = degree if now is None else max(now + degree, degree) if degree > 0 else min(now + degree, degree)
    light = float(np.clip(light, -MOST_SDS, MOST_SDS))
    return {"iris_lightness": light, "iris_hue": float(np.interp(degree, *IRIS_HUES))}


def with_colour_of_sex(albedo: Array, man: bool, age_years: float, named: Collection[str]) -> Array:
    """A drawn skin (A,) with what parts women's from men's, all over: warmer once they are grown.

    named: readings that words name, which stay as they are.
    """
    grown = 0.0 if man else float(np.interp(age_years, [10, 18], [0.0, 1.0]))
    found: Array = np.array(albedo, np.float32)
    for name, (row, amount) in WOMEN.items():
        found[row] += 0.0 if name in named else grown * amount
    return found


def edited_skin(
    model: MakeHumanHead,
    albedo: Array,
    named: dict[str, tuple[float, float]],
    years: tuple[float, float],
    eyes: Mapping[str, float],
) -> Array:
    """Change the albedo (A,) as asked, and its lines with the age (before, after); eyes: readings that irises get."""
    degrees = {n: shown_change(m, skin=True) for n, (m, _) in named.items() if n in SKIN_ATTRIBUTES}
    if years[0] != years[1]:
        degrees = {"wrinkles": _lines_of_years(*years)} | degrees
    if not degrees and not eyes and not rings_for(named):
        return albedo
    now = skin_read(model.albedo, albedo)
    if "wrinkles" not in named and years[1] > years[0]:  # a photo's skin may be smoother than lines begin
        aged = min((years[1] - years[0]) / AGED_YEARS, 1.0) * (float(np.interp(years[1], *AGED)) - now["wrinkles"])
        degrees["wrinkles"] = max(degrees["wrinkles"], aged)
    eyes = {**rings_for(named, now["dark_circles"]), **eyes}
    wanted = {n: _changed(now[n], d) for n, d in degrees.items()}
    if (more := named.get("freckles", (0.0, 0.0))[0]) > 0:  # most skins are far below the first one that is seen
        wanted["freckles"] = max(wanted["freckles"], shown(more, skin=True))
    if "iris_lightness" in named:
        wanted |= irises_of(named["iris_lightness"][0], now["iris_lightness"])
    wanted |= eyes
    return np.asarray(skin_set(model.albedo, wanted, albedo), np.float32)


def _lines_of_years(before: float, after: float) -> float:
    """How the wrinkles, SDs, of somebody change who is made another age, years."""
    usual = usual_wrinkles(after) - usual_wrinkles(before)
    return usual if after > before else min(usual, YOUNGER_SD * (after - before))


def _changed(now: float, by: float) -> float:
    """A reading changed, within MOST_SDS: never to the other side of where it was."""
    return max(now, min(now + by, MOST_SDS)) if by > 0 else min(now, max(now + by, -MOST_SDS))
