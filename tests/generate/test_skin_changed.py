"""Skin that words change: as far as there is, and never the other way."""

from __future__ import annotations

import pytest

from facegpt.generate.skin.skin_wish import edited_skin
from facegpt.morphable.makehuman.skin import skin_read, skin_set

SAME_AGE = (30.0, 30.0)


@pytest.mark.parametrize(("degree", "sign"), [(1.0, 1), (-1.0, -1)])
@pytest.mark.parametrize("start", [-3.4, 0.0, 3.4])
def test_paler_skin_is_never_darker_nor_darker_skin_paler(head, start, degree, sign):
    albedo = skin_set(head.albedo, {"skin_lightness": start})
    changed = edited_skin(head, albedo, {"skin_lightness": (degree, 0.3)}, SAME_AGE, {})
    moved = skin_read(head.albedo, changed)["skin_lightness"] - skin_read(head.albedo, albedo)["skin_lightness"]
    assert sign * moved > (0.4 if start * sign <= 0 else -0.05)
