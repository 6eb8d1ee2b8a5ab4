"""The shoulders below a neck: the signed distance from a plain shirt on them, by the sizes of people.

Breadths: Gordon et al. 2014 (ANSUR II), adults; how much narrower children are: after Snyder et al. 1977 (Anthropometry
of infants, children and youths to age 18), rounded. It is the outside of the shirt, not the skin. Head frame, mm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from facegpt.morphable.base import MorphableModel
from facegpt.morphable.neck import Neck
from facegpt.render.scalar import INLINE, KERNEL
from facegpt.types import Array

#: Biacromial and bideltoid breadth of women and men, mm (ANSUR II).
BIACROMIAL_MM, BIDELTOID_MM = (365.3, 415.7), (450.2, 510.4)
#: Ages, and the share of the adult breadth that shoulders have then.
CHILD_AGES, CHILD_SHARES = (2.0, 4.0, 6.0, 9.0, 12.0, 15.0, 18.0), (0.53, 0.6, 0.67, 0.76, 0.85, 0.95, 1.0)
#: Breadth of an adult head, mm (ANSUR II, the mean of both sexes), and what share of its difference shoulders follow.
HEAD_MM, WITH_HEAD = 151.0, 0.5
#: How far rounded the shirt goes from one part of the body to the next, mm on a man.
ROUND_MM = 44.0


@dataclass(frozen=True, eq=False)
class Torso:
    """Shoulders, upper chest and back as rounded bars and an ellipsoid; the left half is the right one's image.

    Attributes:
        scale: size beside that of a mean man. bars: (B, 8) ends (x, y, z), (x, y, z) and radii of bars, mm.
        middle, radii: (3,) of the ellipsoid. axis: (3,) a place amid the shoulders, from which all of it is seen.
        bottom: mm, the height at which it is cut off.
    """

    scale: float
    bars: Array
    middle: Array
    radii: Array
    axis: Array
    bottom: float

    @property
    def ridge(self) -> float:
        """Where the ridges of the shoulders lie from front to back, mm along z."""
        return float(self.bars[0, [2, 5]].mean())

    def distance(self, places: Array) -> Array:
        """Signed distance (...) of places (..., 3) from it, about mm, negative inside; it goes on below its cut."""
        flat = np.ascontiguousarray(places, np.float64).reshape(-1, 3)
        found = np.empty(len(flat))
        _distances(flat, self.bars, self.middle, self.radii, ROUND_MM * self.scale, found)
        return found.reshape(places.shape[:-1])


def breadth_mm(model: MorphableModel, identity: Array) -> float:
    """Biacromial breadth that goes with a head, mm: by its sex, age and size, as far as its model tells them."""
    women, men = BIACROMIAL_MM
    told = model.attributes(identity) if hasattr(model, "attributes") else {}
    adult = women + (men - women) * float(told.get("masculinity", 0.5))
    share = float(np.interp(told.get("age_years", 30.0), CHILD_AGES, CHILD_SHARES))
    if share < 1.0 or not hasattr(model, "measure"):  # a child's head is nearly as large as an adult's
        return adult * share
    size = model.measure(identity)["head_breadth"].value_mm / HEAD_MM
    return adult * float(np.clip(1 + WITH_HEAD * (size - 1), 0.9, 1.1))


def torso_of(neck: Neck, breadth: float) -> Torso:
    """The shoulders of a biacromial breadth (mm) below a neck."""
    s = breadth / BIACROMIAL_MM[1]
    half, out = breadth / 2, (BIDELTOID_MM[1] - BIACROMIAL_MM[1]) / 2 * s
    front, back = neck.edge[neck.edge[:, 2].argmax()], neck.edge[neck.edge[:, 2].argmin()]
    wide, side = float(np.abs(neck.edge[:, 0]).max()), float(neck.plane[1] * neck.middle_z + neck.plane[2])
    z, tip = neck.middle_z - 12 * s, side - 30 * s  # of the shoulders' ridge, and the top of its outer end
    bars = [
        # From the side of the neck to the shoulder's end: trapezius and collarbone.
        (0.5 * wide, side + 10 - 46 * s, z, 0.76 * half, tip - 47 * s, z + 2 * s, 46 * s, 47 * s),
        # The upper arm.
        (0.78 * half, tip - 54 * s, z, half + out - 40 * s, tip - 190 * s, z + 6 * s, 50 * s, 48 * s),
        # The nape and the upper back.
        (0, back[1] - 12 * s, back[2] + 46 * s, 0, back[1] - 130 * s, z - 22 * s, 44 * s, 72 * s),
        # The pit of the throat and the breastbone.
        (0, front[1] - 2 * s, front[2] - 46 * s, 0, front[1] - 130 * s, z + 40 * s, 44 * s, 62 * s),
    ]
    middle, radii = np.array([0.0, front[1] - 150 * s, z + 10 * s]), np.array([156.0, 160.0, 108.0]) * s
    axis = np.array([0.0, front[1] - 62 * s, neck.middle_z])
    return Torso(s, np.array(bars), middle, radii, axis, front[1] - 128 * s)


@njit(**KERNEL)
def _distances(places, bars, middle, radii, rounding, found):  # type: ignore[no-untyped-def]
    """Write the smooth minimum (N,) of the distances of places (N, 3) from an ellipsoid and bars (B, 8)."""
    for n in range(len(places)):
        place = abs(places[n, 0]), places[n, 1], places[n, 2]
        near = _from_ellipsoid(place, middle, radii)
        for k in range(len(bars)):
            bar = _from_bar(place, bars[k])
            share = min(max(0.5 + 0.5 * (bar - near) / rounding, 0.0), 1.0)
            near = bar + (near - bar) * share - rounding * share * (1 - share)
        found[n] = near


@njit(**INLINE)
def _from_bar(place, bar):  # type: ignore[no-untyped-def]
    """Distance of a place from a bar (8,) whose radius changes along it."""
    along = square = away = 0.0
    for k in range(3):
        way = bar[3 + k] - bar[k]
        along += (place[k] - bar[k]) * way
        square += way * way
    share = min(max(along / square, 0.0), 1.0)
    for k in range(3):
        away += (place[k] - bar[k] - share * (bar[3 + k] - bar[k])) ** 2
    return math.sqrt(away) - (bar[6] + (bar[7] - bar[6]) * share)


@njit(**INLINE)
def _from_ellipsoid(place, middle, radii):  # type: ignore[no-untyped-def]
    scaled = steep = 0.0
    for k in range(3):
        share = (place[k] - middle[k]) / radii[k]
        scaled += share * share
        steep += (share / radii[k]) ** 2
    return math.sqrt(scaled) * (math.sqrt(scaled) - 1) / max(math.sqrt(steep), 1e-6)
