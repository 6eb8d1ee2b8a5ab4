"""How people of a people that words name look on average: skin, hair and irises, and a lean of the shape.

These steer new heads from words only (peoples_words.py finds them); nothing in this package reads them from a face.
Each family of peoples is a broad average, set by eye on the default head, and varies far less than its members do. The
shape leans towards MakeHuman's macros (CC0, morphable/makehuman/ancestry.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from facegpt.morphable.makehuman.ancestry import ANCESTRIES
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.morphable.makehuman.head import MakeHumanHead

#: Hair: share of people → readings of lightness and redness (describe/hair_readings.py).
_BLACK = ((1.0, -1.8, 0.0),)
_DARK = ((0.45, -1.75, 0.0), (0.55, -1.3, 0.0))
_DARK_BROWN = ((0.25, -1.5, 0.0), (0.5, -1.0, 0.1), (0.22, -0.5, 0.1), (0.03, 0.6, 0.1))
_BROWN = ((0.1, -1.3, 0.0), (0.4, -0.8, 0.1), (0.3, -0.2, 0.2), (0.16, 0.7, 0.1), (0.04, -0.1, 1.2))
_FAIR = ((0.1, -0.8, 0.1), (0.3, -0.1, 0.1), (0.56, 0.9, 0.0), (0.04, 0.0, 1.2))
_RED = ((0.3, -0.9, 0.1), (0.3, -0.3, 0.2), (0.15, 0.6, 0.1), (0.25, -0.1, 1.3))
#: Irises: share of people → readings of lightness and hue (morphable/makehuman/skin.py).
_BROWN_EYES = ((1.0, -0.9, -1.2),)
_MOSTLY_BROWN = ((0.7, -0.7, -1.0), (0.2, 0.2, -0.3), (0.1, 0.9, 0.8))
_MIXED_EYES = ((0.35, -0.4, -0.8), (0.25, 0.4, 0.0), (0.4, 1.0, 1.0))
_BLUE_EYES = ((0.15, -0.3, -0.6), (0.2, 0.5, 0.3), (0.65, 1.2, 1.2))
#: How many times as usual styles of a family, and curled ones, are worn.
_COILED = {"coily_afro_locs": 40.0, "shaved": 2.0, "bald": 1.2, "short": 0.15, "short_textured": 0.05, "bob": 0.12}
_COILED |= {"medium": 0.1, "long_straight": 0.2, "long_wavy_curly": 0.25, "gathered": 0.4, "curled": 0.3}
_STRAIGHT = {"coily_afro_locs": 0.0, "curled": 0.15}
_NOT_COILY = {"coily_afro_locs": 0.0}
_DARK_CURLS = {"coily_afro_locs": 0.0, "curled": 1.4}

#: How much of the spread along the macros is left among people of whom a people is named.
LEFT_OPEN = 0.5


@dataclass(frozen=True)
class PeopleLook:
    """How members of one family of peoples look on average. All readings: SDs of all adults.

    Attributes:
        shares: of MakeHuman's macros. lean: how far the shape leans towards their mix, 1 all the way.
        skin: lightness, its spread, and what is added to redness and yellowness.
        hair, irises: (share, lightness, redness or hue) of each kind. styles: factors of how often each family is worn.
        beards: factor of how many men wear one.
    """

    shares: Mapping[str, float]
    skin: tuple[float, float, float, float]
    lean: float = 0.6
    hair: tuple[tuple[float, float, float], ...] = _BLACK
    irises: tuple[tuple[float, float, float], ...] = _BROWN_EYES
    styles: Mapping[str, float] = field(default_factory=dict)
    beards: float = 1.0


def _mix(african: float = 0.0, asian: float = 0.0, caucasian: float = 0.0) -> dict[str, float]:
    return {"african": african, "asian": asian, "caucasian": caucasian}


LOOKS: dict[str, PeopleLook] = {
    "east_asian": PeopleLook(_mix(asian=1), (1.1, 0.25, -0.2, 0.4), 0.85, styles=_STRAIGHT, beards=0.35),
    "southeast_asian": PeopleLook(_mix(0.15, 0.85), (0.5, 0.3, -0.2, 0.5), 0.7, styles=_STRAIGHT, beards=0.35),
    "south_asian": PeopleLook(_mix(0.2, 0.15, 0.65), (-0.6, 0.15, -0.2, 0.3), 0.5, styles=_STRAIGHT, beards=1.4),
    "middle_eastern": PeopleLook(
        _mix(0.1, 0.05, 0.85), (0.6, 0.3, -0.1, 0.4), 0.6, _DARK, _MOSTLY_BROWN, _DARK_CURLS, 1.7
    ),
    "african": PeopleLook(_mix(african=1), (-1.35, 0.3, 0.0, 0.0), 0.7, styles=_COILED),
    "african_diaspora": PeopleLook(_mix(0.85, 0.0, 0.15), (-1.2, 0.3, 0.0, 0.1), 0.55, styles=_COILED),
    "east_african": PeopleLook(_mix(0.6, 0.0, 0.4), (-1.0, 0.25, 0.0, 0.0), 0.55, styles=_COILED),
    "latin_american": PeopleLook(_mix(0.05, 0.4, 0.55), (0.45, 0.35, 0.0, 0.3), 0.5, _DARK, _MOSTLY_BROWN, _DARK_CURLS),
    "native_american": PeopleLook(_mix(asian=0.75, caucasian=0.25), (0.15, 0.3, 0.3, 0.2), 0.55, styles=_STRAIGHT),
    "pacific": PeopleLook(
        _mix(0.35, 0.55, 0.1), (-0.4, 0.3, 0.1, 0.2), 0.5, _BLACK, _BROWN_EYES, {"coily_afro_locs": 4.0}
    ),
    "northern_european": PeopleLook(_mix(caucasian=1), (1.45, 0.25, 0.4, -0.4), 0.3, _FAIR, _BLUE_EYES, _NOT_COILY),
    "british_isles": PeopleLook(_mix(caucasian=1), (1.5, 0.3, 0.5, -0.4), 0.3, _RED, _BLUE_EYES, _NOT_COILY),
    "eastern_european": PeopleLook(
        _mix(asian=0.1, caucasian=0.9), (1.3, 0.3, 0.1, -0.2), 0.3, _BROWN, _MIXED_EYES, _NOT_COILY
    ),
    "southern_european": PeopleLook(
        _mix(caucasian=1), (0.85, 0.3, 0.0, 0.3), 0.45, _DARK_BROWN, _MOSTLY_BROWN, _DARK_CURLS, 1.2
    ),
    "european": PeopleLook(_mix(caucasian=1), (1.25, 0.35, 0.2, -0.2), 0.3, _BROWN, _MIXED_EYES, _NOT_COILY),
}


@lru_cache(maxsize=64)
def look_of(families: tuple[str, ...]) -> PeopleLook | None:
    """The look of one family, or of people with parents of several; None for none."""
    looks = [LOOKS[name] for name in families if name in LOOKS]
    if len(looks) < 2:
        return looks[0] if looks else None
    part = 1 / len(looks)
    styles = {n for look in looks for n in look.styles}
    skin = np.mean([look.skin for look in looks], 0)
    return replace(
        looks[0],
        shares={n: part * sum(look.shares[n] for look in looks) for n in looks[0].shares},
        skin=(float(skin[0]), float(skin[1]), float(skin[2]), float(skin[3])),
        lean=part * sum(look.lean for look in looks),
        hair=_darker(tuple((part * s, *rest) for look in looks for s, *rest in look.hair)),
        irises=_darker(tuple((part * s, *rest) for look in looks for s, *rest in look.irises)),
        styles={n: float(np.mean([look.styles.get(n, 1.0) for look in looks])) for n in styles},
        beards=part * sum(look.beards for look in looks),
    )


def _darker(kinds: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, float, float], ...]:
    """Let dark kinds count twice: dark hair and eyes are mostly dominant."""
    weight = [share * (2.0 if light < -0.5 else 1.0) for share, light, _ in kinds]
    return tuple((w / sum(weight), light, other) for w, (_, light, other) in zip(weight, kinds, strict=True))


def draw_kind(kinds: tuple[tuple[float, float, float], ...], dice: float) -> tuple[float, float]:
    """Draw one of several kinds by their shares: its two readings. dice: uniform 0..1."""
    ends = np.cumsum([share for share, _, _ in kinds])
    chosen = kinds[min(int(np.searchsorted(ends, dice * ends[-1])), len(kinds) - 1)]
    return chosen[1], chosen[2]


def draw_skin(look: PeopleLook, named: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    """Draw readings of skin and irises (names of skin.SKIN_CONTROLS) of somebody of a look; what is `named` stands."""
    mean, spread, redness, yellowness = look.skin
    noise, dice = rng.standard_normal(5), rng.random()
    light, hue = draw_kind(look.irises, dice)
    drawn = {
        "skin_lightness": mean + spread * float(np.clip(noise[0], -2, 2)),
        "skin_redness": redness + 0.4 * float(noise[1]),
        "skin_yellowness": yellowness + 0.4 * float(noise[2]),
        "iris_lightness": light + 0.25 * float(noise[3]),
        "iris_hue": hue + 0.25 * float(noise[4]),
    }
    if "iris_lightness" in named:  # blue eyes, said so
        drawn["iris_hue"] = float(np.clip(named["iris_lightness"], -1.2, 1.2))
    return {**drawn, **{name: named[name] for name in drawn if name in named}}


def leaning(model: MakeHumanHead, mean: Array, covariance: Array, look: PeopleLook) -> tuple[Array, Array]:
    """Lean the prior of a sex and age towards a look: mean (I,) and covariance (I, I), narrower along the macros.

    The macros' own sex, age and weight are left out: they would make every Asian face a woman's.
    """
    axes = np.stack([model.axes.male, model.axes.age, model.axes.heavy])
    aside = np.linalg.qr(axes.T)[0]
    steps = model.ancestry.steps - (model.ancestry.steps @ aside) @ aside.T
    plane = np.linalg.svd(steps, full_matrices=False)[2][:2]
    narrow = np.eye(len(mean)) - (1 - LEFT_OPEN) * plane.T @ plane
    step = np.array([look.shares[name] for name in ANCESTRIES]) @ steps
    return mean + look.lean * step, narrow @ covariance @ narrow
