"""What tied hair leaves free: a fringe over the forehead, locks beside the face of hair that is not sleek."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.generate.draw_hair import Wearer, draw_hair
from facegpt.hair.grow import DETAIL, locks_of
from facegpt.hair.left_free import left_free
from facegpt.hair.plan import planned
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.hair.scalp import scalp_of
from facegpt.language.hair_wish import HairWish
from facegpt.morphable.makehuman.head import load
from facegpt.types.hair_record import SeenBare

HEAD = load()
SEEN = SeenBare("", (1, 1), (0.0,) * 12)
NOBODY = np.zeros(HEAD.sizes.identity, np.float32)


def places(groom, lod=0):
    """All points (N, 3) of the locks of a groom, mm."""
    return np.concatenate([locks.lines.reshape(-1, 3) for locks in locks_of(groom, HEAD, NOBODY, lod).sets])


def beside_face(points):
    """How many points lie beside the cheeks, before the ears and above the jaw."""
    x, y, z = points.T
    return int(((np.abs(x) > 55) & (y > -45) & (y < 20) & (z > 5)).sum())


@pytest.mark.parametrize("style", ["ponytail", "bun", "updo", "braid"])
def test_a_fringe_hangs_over_the_forehead_before_tied_hair(style):
    tied = PRESETS[style].groom

    def over_forehead(groom):
        x, y, z = places(groom).T
        return int(((np.abs(x) < 30) & (y > 45) & (y < 75) & (z > 60)).sum())

    assert over_forehead(tied) < 5 and over_forehead(replace(tied, fringe_mm=62.0, sweep_back=0.0)) > 50


def test_hair_that_is_not_sleek_leaves_locks_beside_the_face_and_no_photos_hair_does():
    tied = PRESETS["bun"].groom
    loose = replace(tied, frizz=0.5)
    few, many = beside_face(places(tied)), beside_face(places(loose))
    assert many > few + 40
    assert 0 < beside_face(places(loose, len(DETAIL) - 1)) < many
    assert left_free(loose, scalp_of(HEAD), planned(scalp_of(HEAD), loose), 1.0)
    shown = replace(loose, bare=SEEN)
    assert not left_free(shown, scalp_of(HEAD), planned(scalp_of(HEAD), loose), 1.0)


def test_women_wear_a_bun_with_free_locks_unless_it_is_to_be_sleek_and_men_without():
    def worn(man, **said):
        rng = np.random.default_rng(4)
        return groom_of(draw_hair({}, Wearer(man, 30.0), rng, HairWish({"kind": "bun", **said})))

    assert worn(False).parted > 0.5 and beside_face(places(worn(False))) > beside_face(places(worn(True))) + 40
    assert worn(False, finish="sleek").frizz == 0.0 and worn(False, part="none").parted == 0.0
