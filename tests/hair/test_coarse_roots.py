"""Roots: fewer and wider strands cover skin as many fine ones do, on small textures and below long hair."""

from __future__ import annotations

import numpy as np

from facegpt.hair import painted
from facegpt.hair.painted import paint_scalp
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman import painted_hair
from facegpt.types import Hair


def test_fewer_and_wider_strands_darken_a_small_texture_alike(head, monkeypatch):
    white, hair = np.full((256, 256, 3), 0.6, np.float32), Hair("bob", (0.02, 0.015, 0.01))
    few = paint_scalp(head, white, PRESETS["bob"].groom, hair)
    monkeypatch.setattr(painted_hair, "FEWER", 1.0)
    monkeypatch.setattr(painted, "ROOTS_DRAWN", 1.0)
    many = paint_scalp(head, white, PRESETS["bob"].groom, hair)
    _darken_alike(few, many)


def test_roots_below_long_hair_darken_a_large_texture_as_all_of_them_do(head, monkeypatch):
    white, hair = np.full((1024, 1024, 3), 0.6, np.float32), Hair("bob", (0.02, 0.015, 0.01))
    few = paint_scalp(head, white, PRESETS["bob"].groom, hair)
    monkeypatch.setattr(painted, "ROOTS_DRAWN", 1.0)
    _darken_alike(few, paint_scalp(head, white, PRESETS["bob"].groom, hair))


def _darken_alike(few, many):
    darkened = many.mean(-1) < 0.5
    assert darkened.mean() > 0.05
    assert abs(few[darkened].mean() - many[darkened].mean()) < 0.01
