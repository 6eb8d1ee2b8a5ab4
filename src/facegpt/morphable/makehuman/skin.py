"""Skin by name: read what a skin looks like in standard deviations of the population, set it, and draw likely skins.

Names and what they measure are those of language/attributes.csv where it has them. Lightness and redness are colours of
the albedo (CIELAB, D65) over the face; the rest are coefficients of the albedo model that mean one thing by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from facegpt.cielab import lab_from_linear, linear_from_lab
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, NAMED, AlbedoModel, towards_ends
from facegpt.morphable.makehuman.appearance_norms import usual_features
from facegpt.morphable.makehuman.iris_colours import iris_bend
from facegpt.types import Array, FaceGPTError

#: Controls that are colours: their region bits in AlbedoModel.regions.
COLOURS = {"skin_lightness": 1 | 2, "skin_redness": 1 | 4, "skin_yellowness": 1 | 2, "iris_lightness": 16}
#: Controls that are coefficients, and their sign.
COEFFICIENTS = {
    **{"freckles": 1, "wrinkles": 1, "dark_circles": 1, "lip_redness": 1},
    **{"iris_hue": 1, "scalp_hair": 1, "brow_lightness": 1},
}
#: Name → one sentence.
SKIN_CONTROLS = {
    "skin_lightness": "CIE L* of cheeks and forehead, from very dark to very light.",
    "skin_redness": "CIE a* of cheeks and nose beyond what is usual at this lightness: from sallow to ruddy.",
    "skin_yellowness": "CIE b* of cheeks and forehead beyond what is usual at this lightness: from rosy to olive.",
    "freckles": "Spots of 1 to 3 mm on nose and cheeks; below -0.3 there are none.",
    "wrinkles": "Lines of forehead, eyes, mouth and neck; below -1.2 there are none.",
    "dark_circles": "Darkness below the eyes.",
    "lip_redness": "How much redder the lips are than the skin.",
    "iris_lightness": "CIE L* of the irises, from black to pale.",
    "iris_hue": "Hue of the irises, from brown over green to blue.",
    "scalp_hair": "Darkness of the shaved scalp's hair roots.",
    "brow_lightness": "How light the brows are.",
}
#: Readings never leave this range, nor do coefficients that are set.
MOST_SDS, MOST = 3.5, 4.0
#: Linear colours of a tinted skin.
_TINT_RANGE = 0.01, 0.9
_DRAWS, _KNOTS = 2048, 41


@dataclass(frozen=True)
class _Region:
    """The mean log colour (3,) of a region of the mean skin, and how coefficients change it.

    basis: (A, 3) and bend: (2, 3) of the skin's lightness. iris: how much of it is iris, which has a bend of its own.
    """

    mean: Array
    basis: Array
    bend: Array
    iris: float


class _Readings:
    """Lab colours of regions as functions of the coefficients, and the population's distribution of them."""

    def __init__(self, albedo: AlbedoModel):
        self.albedo = albedo
        side = albedo.basis.shape[-1]
        mean = albedo.mean_at(side)
        self.regions: dict[str, _Region] = {}
        for name, bits in COLOURS.items():
            inside = (albedo.regions & bits) > 0
            tone = float(albedo.tone[inside].mean()) if bits < 16 else 0.0
            colour = albedo.basis[:, :, inside].mean(2)
            iris = float(albedo.iris[inside].mean()) if bits == 16 else 0.0
            self.regions[name] = _Region(mean[:, inside].mean(1), colour, tone * albedo.bend, iris)

    def raw(self, coefficients: Array) -> dict[str, NDArray[np.float64]]:
        """Read L*, a*, b* and L* of the irises (N,) of coefficients (N, A)."""
        coefficients = np.asarray(coefficients, np.float64)
        amounts = self.albedo.amounts(coefficients)
        ends, hue = towards_ends(coefficients[:, 0]), iris_bend(coefficients[:, NAMED["iris_hue"]])
        out = {}
        for name, region in self.regions.items():
            log = region.mean + amounts @ region.basis + ends @ region.bend + region.iris * hue
            axis = {"skin_redness": 1, "skin_yellowness": 2}.get(name, 0)
            out[name] = lab_from_linear(np.exp(np.minimum(log, 0)))[:, axis]
        return out

    @cached_property
    def population(self) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
        """Quantiles (KNOTS,) of each reading at normal scores, and for a* and b* their usual course over L*."""
        drawn = _draw(np.random.default_rng(1), _DRAWS)
        raw = self.raw(drawn)
        course = {n: np.polyfit(raw["skin_lightness"], raw[n], 2) for n in ("skin_redness", "skin_yellowness")}
        score = np.array([NormalDist().cdf(s) for s in _SCORES])
        quantiles = {}
        for name, values in raw.items():
            if name in course:
                values = values - np.polyval(course[name], raw["skin_lightness"])
                quantiles[name] = values.std() * _SCORES
            else:
                quantiles[name] = _straight_ends(np.quantile(values, score))
        return quantiles, course

    def scores(self, coefficients: Array) -> NDArray[np.float64]:
        """Read all controls (N, K) of coefficients (N, A), in the order of SKIN_CONTROLS, SDs."""
        quantiles, course = self.population
        raw = self.raw(coefficients)
        out = []
        for name in SKIN_CONTROLS:
            if name in COEFFICIENTS:
                out.append(COEFFICIENTS[name] * np.asarray(coefficients)[:, NAMED[name]])
                continue
            values = raw[name] - np.polyval(course[name], raw["skin_lightness"]) if name in course else raw[name]
            out.append(_interpolated(values, quantiles[name]))
        return np.stack(out, 1)


_SCORES = np.linspace(-2.5, 2.5, _KNOTS)


def _straight_ends(knots: Array) -> NDArray[np.float64]:
    """Keep quantiles rising, so that they can be inverted."""
    return np.maximum.accumulate(knots + 1e-6 * np.arange(len(knots)))


def _interpolated(values: Array, knots: Array) -> NDArray[np.float64]:
    """Normal scores of values by their place among the knots; straight on beyond them."""
    inner = np.interp(values, knots, _SCORES)
    step = (_SCORES[-1] - _SCORES[-6]) / (knots[-1] - knots[-6]), (_SCORES[5] - _SCORES[0]) / (knots[5] - knots[0])
    return inner + np.maximum(values - knots[-1], 0) * step[0] + np.minimum(values - knots[0], 0) * step[1]


@lru_cache(maxsize=4)
def _readings(albedo: AlbedoModel) -> _Readings:
    return _Readings(albedo)


def skin_read(albedo_model: AlbedoModel, albedo: Array) -> dict[str, float]:
    """Read the named looks of a skin with coefficients (A,), in SDs of the population N(0, I)."""
    scores = _readings(albedo_model).scores(np.asarray(albedo, np.float64)[None])[0]
    return dict(zip(SKIN_CONTROLS, scores.clip(-MOST - 1, MOST + 1).tolist(), strict=True))


def skin_set(albedo_model: AlbedoModel, wanted: dict[str, float], start: Array | None = None) -> NDArray[np.float32]:
    """Change a skin (A,) so that it reads as wanted, and as little as possible besides.

    Controls that are not named keep their reading (redness and yellowness: relative to what is usual at the lightness).

    Args:
        albedo_model: the head's `albedo`.
        wanted: name of SKIN_CONTROLS → SDs of the population; more than MOST_SDS counts as MOST_SDS.
        start: (A,) coefficients to start from; the mean skin if None.

    Raises:
        FaceGPTError: for a name that is not in SKIN_CONTROLS.
    """
    unknown = sorted(set(wanted) - set(SKIN_CONTROLS))
    if unknown:
        raise FaceGPTError(f"there is no skin control '{unknown[0]}'; there are: {', '.join(SKIN_CONTROLS)}")
    readings = _readings(albedo_model)
    found = np.zeros(ALBEDO_SIZE) if start is None else np.asarray(start, np.float64).copy()
    target, lowest, highest = readings.scores(found[None])[0], np.minimum(found, -MOST), np.maximum(found, MOST)
    for k, name in enumerate(SKIN_CONTROLS):
        if name in wanted:
            target[k] = np.clip(wanted[name], -MOST_SDS, MOST_SDS)
    for _ in range(12):
        steps = np.concatenate([found[None], found + 1e-3 * np.eye(ALBEDO_SIZE)])
        scores = readings.scores(steps)
        slope = (scores[1:] - scores[0]).T / 1e-3  # (K, A)
        gap = np.clip(target - scores[0], -0.7, 0.7)
        if np.abs(gap).max() < 1e-3:
            break
        cheap = slope * _ease()  # what may move, and how easily
        damped = cheap @ slope.T + 1e-4 * np.eye(len(gap))
        found = np.clip(found + cheap.T @ np.linalg.solve(damped, gap), lowest, highest)
    return found.astype(np.float32)


def skin_tinted(albedo_model: AlbedoModel, albedo: Array, lab: tuple[float, float, float]) -> NDArray[np.float32]:
    """A skin (A,) whose cheeks and forehead have a colour that no people has, CIELAB (D65): green, blue, gold.

    Pigment is changed far beyond people's range by three coefficients, evenly over the skin, so that pores, lines,
    lips and shadows stay what they are.
    """
    region, light = _readings(albedo_model).regions["skin_lightness"], 0
    free = [light, NAMED["redness"], NAMED["yellowness"]]
    found = np.asarray(albedo, np.float64).copy()

    def log_colour(coefficients: Array) -> Array:
        amounts = albedo_model.amounts(coefficients[None])[0]
        return np.asarray(region.mean + amounts @ region.basis + towards_ends(coefficients[light]) @ region.bend)

    wanted = np.log(np.clip(linear_from_lab(lab), *_TINT_RANGE))
    for _ in range(30):
        gap = wanted - log_colour(found)
        if np.abs(gap).max() < 1e-3:
            break
        slope = np.stack([(log_colour(found + 1e-3 * np.eye(ALBEDO_SIZE)[k]) - (wanted - gap)) / 1e-3 for k in free], 1)
        step = np.linalg.lstsq(slope, gap, rcond=1e-4)[0]
        found[free] += step / max(1.0, abs(step[0]) / 0.7)
        found[light] = np.clip(found[light], -MOST, MOST)
    return found.astype(np.float32)


def _ease() -> NDArray[np.float64]:
    """Variance (A,) that a coefficient is given when a skin is set: the learnt ones after the first also know light."""
    ease = np.full(ALBEDO_SIZE, 0.04)
    ease[[0, *NAMED.values()]] = 1.0
    return ease


def usual_wrinkles(age_years: float, sex: str | None = None) -> float:
    """The wrinkles, in SDs, that go with an age: none in children, the population's mean at 52 years.

    A woman's ("F") are drawn finer: the deep lines of brow and mouth on which the model's lines were learnt are read as
    a man's, in old age most of all.
    """
    finer = float(np.interp(age_years, [14, 24, 50, 75], [0.0, 0.3, 0.3, 0.8])) if sex == "F" else 0.0
    return -finer + float(
        np.interp(age_years, [8, 20, 30, 45, 52, 60, 75, 90], [-2.0, -1.5, -1.1, -0.4, 0.0, 0.7, 2.0, 3.0])
    )


def usual_greyness(age_years: float) -> float:
    """The share of grey hairs 0..1 that goes with an age (after Panhard et al. 2012)."""
    return float(np.interp(age_years, [33, 45, 60, 75, 88], [0.0, 0.12, 0.45, 0.8, 0.97]))


#: Share of the learnt spread that children have: their skin is even.
CHILD_SHARE = 0.45
#: How much of the learnt components a drawn skin keeps (1 to 3; the rest): much of their spread is light, beards and
#: patches of photos, which make a mask of the face against neck and scalp.
DRAWN_SHARE = (0.40, 0.25)


def _draw(rng: np.random.Generator, count: int, lightness: float | None = None) -> NDArray[np.float64]:
    """Draw coefficients (count, A) of people's skins, all of one lightness (SDs) if given."""
    drawn = rng.standard_normal((count, ALBEDO_SIZE))
    if lightness is not None:
        drawn[:, 0] = lightness
    learnt = ALBEDO_SIZE - len(NAMED)
    drawn[:, 1:4] *= DRAWN_SHARE[0]
    drawn[:, 4:learnt] *= DRAWN_SHARE[1]
    light = drawn[:, 0]
    for name in ("lip_redness", "flush", "redness", "yellowness"):  # the learnt components vary these too
        drawn[:, NAMED[name]] *= 0.5
    drawn[:, NAMED["iris_hue"]] = 0.75 * drawn[:, NAMED["iris_hue"]] + np.clip(0.9 * light - 1.0, -1.6, 0.3)
    drawn[:, NAMED["iris_brightness"]] = 0.5 * drawn[:, NAMED["iris_brightness"]] + np.clip(
        0.9 * light - 0.6, -2.0, 0.6
    )
    drawn[:, NAMED["freckles"]] += np.clip(0.5 * light - 0.9, -2.5, 0)  # most skins have none
    drawn[:, NAMED["scalp_hair"]] *= 0.5
    return drawn


#: How far a drawn skin goes along what parts men's skins from women's: mostly the shadow of a beard, as no child has.
#: Women's go further from the middle than men's, so that who asks for a woman sees one (benchmarks/looks_of_words.py),
#: and as far as skins differ from the mean one from place to place (appearance/even_skin.py): more looks like a mask.
OF_MEN, OF_WOMEN = 0.5, -1.0


def sex_of_skin_changed(albedo_model: AlbedoModel, albedo: Array, man: bool, was_man: bool) -> NDArray[np.float32]:
    """A skin (A,) that gains (a man's) or loses (a woman's) the shadow of a beard, and what else parts the two.

    Somebody of the other sex gets the step between the two, somebody of the same as much as usual skins of it have.
    """
    axis, now = albedo_model.male, np.asarray(albedo, np.float64)
    own, usual = float(now @ axis / (axis @ axis)), OF_MEN if man else OF_WOMEN
    moved = usual - (OF_MEN if was_man else OF_WOMEN)
    if was_man == man:
        moved = max(usual - own, 0.0) if man else min(usual - own, 0.0)
    return np.asarray(now + moved * axis, np.float32)


def skin_of_sex(albedo_model: AlbedoModel, sex: str, age: float | None = None) -> NDArray[np.float64]:
    """What parts drawn skins of a sex ("F", "M") at an age in years from the middle of all: coefficients (A,)."""
    grown = OF_MEN if sex == "M" else OF_WOMEN
    old = grown * (1.2 if sex == "F" else 1.0)  # lines and spots of age lean to a man's skin
    at = np.interp(30.0 if age is None else age, [12, 20, 45, 75], [OF_WOMEN, grown, grown, old])
    return np.asarray(at * albedo_model.male, np.float64)


def skin_sample(
    albedo_model: AlbedoModel,
    count: int = 1,
    seed: int = 0,
    sex: str | None = None,
    age: float | None = None,
    lightness: float | None = None,
) -> NDArray[np.float32]:
    """Draw likely skins (count, A), of a sex ("F", "M"), with the wrinkles of an age in years, as light as told.

    Irises go with the skin: dark skin has dark brown ones. A part of the learnt spread is left out (DRAWN_SHARE). Lips,
    flush and the colour below the eyes go with age and sex (`usual_features`).
    """
    if sex not in (None, "F", "M"):
        raise FaceGPTError(f"sex must be 'F', 'M' or None, not '{sex}'")
    drawn = _draw(np.random.default_rng(seed), count, lightness)
    if sex is not None:
        drawn += skin_of_sex(albedo_model, sex, age)
    if age is not None:
        drawn[:, NAMED["wrinkles"]] = usual_wrinkles(age, sex) + 0.35 * drawn[:, NAMED["wrinkles"]]
        drawn[:, 1 : ALBEDO_SIZE - len(NAMED)] *= np.interp(age, [10, 20], [CHILD_SHARE, 1.0])
    for name, usual in usual_features(sex, age).items():
        drawn[:, NAMED[name]] = usual + np.interp(age or 40.0, [8, 20], [0.5, 1.0]) * drawn[:, NAMED[name]]
    return drawn.clip(-MOST, MOST).astype(np.float32)
