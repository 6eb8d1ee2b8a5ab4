"""Eyes further apart or closer together move as wholes: pupils and both corners alike, and no eye becomes narrower."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from facegpt.describe.attribute_readings import gauge_of
from facegpt.generate.degrees import shown_change
from facegpt.generate.millimetres import asked_changes
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array

#: The attribute and the measures that people mean by how far apart eyes are; what moves along; what widens an eye.
SPACING, APART = "eye_spacing", ("inner_canthal_distance", "interpupillary_distance")
ALONG = (*APART, "outer_canthal_distance")
WIDTHS = frozenset(("eye_width", "eye_size", "palpebral_fissure_length"))


def with_whole_eyes(
    model: MakeHumanHead, base: Array, request: HeadRequest, named: Mapping[str, tuple[float, float]]
) -> HeadRequest:
    """The request of an edit, with numbers for all that moves along where it asks for eyes at another distance.

    Args:
        model: the head model.
        base: (I,) the head that changes.
        request: of the edit.
        named: what its words name, attribute → (degree, spread).
    """
    asked = {goal.measure for goal in request.millimetres}
    if "eyes" in request.kept:
        return request
    changes = asked_changes(model, base, [goal for goal in request.millimetres if goal.measure in APART])
    if not changes and SPACING in named and not asked & set(ALONG):
        gauge = gauge_of(model)
        changes = {SPACING: shown_change(named[SPACING][0]) * float(gauge.sd[gauge.index(SPACING)])}
    if not changes:
        return request
    change_mm = float(np.mean(list(changes.values())))
    along = [name for name in ALONG if name not in asked]
    if WIDTHS & (asked | set(named)):
        along = [name for name in along if name in APART]
    return replace(request, millimetres=(*request.millimetres, *_changed(along, change_mm)))


def _changed(names: Sequence[str], change_mm: float) -> list[MillimetreGoal]:
    return [MillimetreGoal(name, "change", change_mm) for name in names]
