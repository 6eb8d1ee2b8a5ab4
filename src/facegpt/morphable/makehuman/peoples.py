"""How people of a family of peoples look on average: skin, and a lean of the shape (hair, eyes: generate/joint_prior).

These steer new heads from words only (peoples_words.py finds them); nothing in this package reads them from a face.
Each family of peoples is a broad average and varies far less than its members do. The shape leans towards MakeHuman's
macros (CC0, morphable/makehuman/ancestry.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from facegpt.morphable.makehuman.ancestry import ANCESTRIES
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.morphable.makehuman.head import MakeHumanHead

#: How much of the spread along the macros is left among people of whom a people is named.
LEFT_OPEN = 0.5


@dataclass(frozen=True)
class PeopleLook:
    """How members of one family of peoples look on average. All readings: SDs of all adults.

    Attributes:
        shares: of MakeHuman's macros. lean: how far the shape leans towards their mix, 1 all the way.
        skin: lightness, its spread, and what is added to redness and yellowness.
        beards: factor of how many men wear one.
    """

    shares: Mapping[str, float]
    skin: tuple[float, float, float, float]
    lean: float = 0.6
    beards: float = 1.0


def _mix(african: float = 0.0, asian: float = 0.0, caucasian: float = 0.0) -> dict[str, float]:
    return {"african": african, "asian": asian, "caucasian": caucasian}


#: Skins: CIE L* of cheeks and forehead as measured by white light, some 40 in Africa south of the Sahara, 54 in South
#: Asia, 61 in East Asia and Southern Europe and 66 in the north of Europe (Xiao et al. 2017; lab/runs/looks).
LOOKS: dict[str, PeopleLook] = {
    "east_asian": PeopleLook(_mix(asian=1), (1.45, 0.3, -0.2, 0.4), 0.85, 0.35),
    "southeast_asian": PeopleLook(_mix(0.15, 0.85), (0.95, 0.35, -0.2, 0.5), 0.7, 0.35),
    "south_asian": PeopleLook(_mix(0.2, 0.15, 0.65), (0.6, 0.4, -0.2, 0.3), 0.5, 1.4),
    "middle_eastern": PeopleLook(_mix(0.1, 0.05, 0.85), (1.15, 0.35, -0.1, 0.4), 0.6, 1.7),
    "african": PeopleLook(_mix(african=1), (-0.75, 0.4, 0.0, 0.0), 0.7),
    "african_diaspora": PeopleLook(_mix(0.85, 0.0, 0.15), (-0.4, 0.4, 0.0, 0.1), 0.55),
    "east_african": PeopleLook(_mix(0.6, 0.0, 0.4), (-0.5, 0.35, 0.0, 0.0), 0.55),
    "latin_american": PeopleLook(_mix(0.05, 0.4, 0.55), (1.0, 0.45, 0.0, 0.3), 0.5),
    "native_american": PeopleLook(_mix(asian=0.75, caucasian=0.25), (0.7, 0.3, 0.3, 0.2), 0.55),
    "pacific": PeopleLook(_mix(0.35, 0.55, 0.1), (0.3, 0.35, 0.1, 0.2), 0.5),
    "northern_european": PeopleLook(_mix(caucasian=1), (2.1, 0.3, 0.4, -0.4), 0.3),
    "british_isles": PeopleLook(_mix(caucasian=1), (2.1, 0.3, 0.5, -0.4), 0.3),
    "eastern_european": PeopleLook(_mix(asian=0.1, caucasian=0.9), (1.85, 0.3, 0.1, -0.2), 0.3),
    "southern_european": PeopleLook(_mix(caucasian=1), (1.45, 0.35, 0.0, 0.3), 0.45, 1.2),
    "european": PeopleLook(_mix(caucasian=1), (1.85, 0.35, 0.2, -0.2), 0.3),
}


@lru_cache(maxsize=64)
def look_of(families: tuple[str, ...]) -> PeopleLook | None:
    """The look of one family, or of people with parents of several; None for none."""
    looks = [LOOKS[name] for name in families if name in LOOKS]
    if len(looks) < 2:
        return looks[0] if looks else None
    part = 1 / len(looks)
    skin = np.mean([look.skin for look in looks], 0)
    return PeopleLook(
        shares={n: part * sum(look.shares[n] for look in looks) for n in looks[0].shares},
        skin=(float(skin[0]), float(skin[1]), float(skin[2]), float(skin[3])),
        lean=part * sum(look.lean for look in looks),
        beards=part * sum(look.beards for look in looks),
    )


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
