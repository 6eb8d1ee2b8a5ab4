"""The neck's own form, which the head's mesh lacks: the muscle from behind the ear to the breastbone, and the larynx.

Both are bumps on the mean head. How high they rise is linear in the identity, so that they belong to the head model as
its other shapes do: a man's stand out more than a woman's, a lean neck's more than a heavy one's, a child's least.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facegpt.morphable.makehuman.local_shapes import Bump
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.morphable.makehuman.attributes import AttributeAxes

#: The sternocleidomastoid's upper and lower end: height, mm, and degrees from the face about the neck's axis.
MASTOID, BREASTBONE = (-84.0, 90.0), (-172.0, 17.0)
#: The neck's axis, mm behind the origin, and nothing within so many mm of it is skin.
AXIS_Z, INSIDE_MM = -18.0, 30.0
#: The larynx on the mean head, mm.
LARYNX = Bump((0, -126, 46), (13, 17, 18), (0, -0.15, 1), paired=False)
#: How high both are, mm: of the mean head, and more by the sex (1: men less women), heaviness (SDs) and childhood.
MUSCLE_MM, LARYNX_MM = (3.4, 0.6, -0.5, -2.0), (2.9, 2.6, -0.3, -3.4)


def neck_form(places: Array, axes: AttributeAxes) -> tuple[Array, Array]:
    """What the mean head (V, 3) gains, and what each SD of identity adds to that (I, V, 3), mm."""
    low = np.flatnonzero(places[:, 1] < MASTOID[0] + 30)
    fields = np.zeros((2, *places.shape), np.float32)
    neck = np.asarray(places[low], np.float64)
    fields[0, low] = sum(bump.field(neck) for bump in _muscle(neck))
    fields[1, low] = LARYNX.field(neck)
    sex = axes.male / (axes.male @ axes.male)
    readings = np.stack([sex, axes.heavy, axes.child / (axes.child @ axes.child)])
    by = np.array([MUSCLE_MM, LARYNX_MM])
    return np.tensordot(by[:, 0], fields, 1), np.tensordot((by[:, 1:] @ readings).T, fields, 1).astype(np.float32)


def _muscle(neck: Array, steps: int = 7) -> list[Bump]:
    """Bumps along the muscle, one millimetre high where it is fullest, and the hollow before it."""
    found = []
    for share in np.linspace(0, 1, steps):
        height, turn = np.array(MASTOID) * (1 - share) + np.array(BREASTBONE) * share
        fullness = 0.55 * min(1.0, 0.35 + 1.3 * share)
        found.append(_out(neck, height, turn, (12, 20, 12), fullness))
        if 0.2 < share < 0.95:
            before = turn - 16 if turn > 30 else max(turn - 9, 6)
            found.append(_out(neck, height, before, (10, 18, 12), -0.6 * fullness))
    return found


def _out(neck: Array, height: float, turn_deg: float, reach: tuple[float, float, float], by: float) -> Bump:
    """A bump away from the neck's axis on the vertex that is nearest to a height and an angle."""
    x, z = neck[:, 0], neck[:, 2] - AXIS_Z
    off = ((neck[:, 1] - height) / 6) ** 2 + ((np.degrees(np.arctan2(x, z)) - turn_deg) / 6) ** 2
    place = neck[np.argmin(np.where(np.hypot(x, z) < INSIDE_MM, np.inf, off))]
    away = np.array([place[0], 0.0, place[2] - AXIS_Z])
    away *= by / np.linalg.norm(away)
    return Bump((place[0], place[1], place[2]), reach, (away[0], away[1], away[2]))
