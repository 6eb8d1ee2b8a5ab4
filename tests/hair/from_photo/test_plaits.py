"""Plaits and locs run straight where coils wind: against pictures of stripes whose course is known."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from drawn_parts import seen_of

from facegpt.encode.parts import HAIR, MAP_PX, FaceParts
from facegpt.hair.from_photo.choose import likely, mismatch, ranked, unlike
from facegpt.hair.from_photo.drawer import Drawer
from facegpt.hair.from_photo.kinds.plaits import Lies, bend_odds, plaits_chance
from facegpt.hair.from_photo.seen import BESIDE_MM
from facegpt.hair.from_photo.strands import SIDE, lock_bend, strands_of
from facegpt.hair.from_photo.traits import USUAL, HairTraits
from facegpt.hair.grow import locks_of
from facegpt.hair.presets import FAMILIES, PRESETS
from facegpt.types import BULGE_GRID

COILY = np.array([0.05, 0.05, 0.1, 0.8])


def locks(bend_px: float, rows: slice = slice(20, 80)):
    """Strands of locks 10 px apart that swing by bend_px over 24 px."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    grey = 0.3 + 0.2 * np.sin(2 * np.pi * (x + bend_px * np.sin(2 * np.pi * y / 24)) / 10)
    image = np.round(np.clip(grey, 0, 1)[..., None].repeat(3, 2) * 255).astype(np.uint8)
    probabilities = np.zeros((MAP_PX, MAP_PX, 9), np.float32)
    probabilities[..., HAIR] = 1
    scale = MAP_PX / SIDE
    to_map = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    own = np.zeros((96, 96), np.float32)
    own[rows, 25:70] = 1
    return strands_of(image, FaceParts(probabilities, np.ones((MAP_PX, MAP_PX), bool), to_map), own)


def beside(wide: float):
    """Hair so wide at either side of the head, mm."""
    return SimpleNamespace(beside_mm=np.full((2, len(BESIDE_MM)), wide))


def test_locks_bend_by_as_much_as_they_are_drawn_to():
    bends = [lock_bend(locks(bend)) for bend in (0.0, 2.0, 5.0)]
    assert bends == sorted(bends) and np.isnan(lock_bend(None))


@pytest.mark.parametrize("lies", [Lies(150.0, False), Lies(20.0, True)])
def test_straight_locks_are_plaits_and_winding_ones_coils(lies):
    assert plaits_chance(locks(0.0), beside(43.0), lies) > 0.9
    assert plaits_chance(locks(5.0), beside(43.0), lies) < 0.1


def test_a_rim_of_hair_tells_no_plaits():
    assert bend_odds(locks(0.0, slice(20, 22))) == 0 == bend_odds(None)
    assert plaits_chance(None, beside(0.0), Lies(0.0, False)) < 0.1


def test_hair_that_hangs_close_to_the_head_is_plaited_more_often_than_what_stands_off():
    close, loose = (plaits_chance(None, beside(wide), Lies(150.0, False)) for wide in (22.0, 70.0))
    assert close > 0.75 and loose < 0.25


def test_plaited_hair_is_drawn_as_locs_or_braids_and_coils_are_not():
    seen = SimpleNamespace(lowest_mm=(-120.0, -120.0), cut=True, shows_nape=False, beside_mm=np.full((2, 7), 40.0))
    plaited, coils = (replace(USUAL, kinds=COILY, man=0.5, plaited=chance) for chance in (0.95, 0.05))
    for style in ("locs", "box_braids"):
        assert mismatch(style, seen, plaited) < mismatch("coily_medium", seen, plaited)
        assert mismatch(style, seen, coils) > mismatch("coily_medium", seen, coils) + 0.2


def test_plaits_are_drawn_tight_where_they_are_tied_and_coils_are_not():
    plaited, coils = (replace(USUAL, kinds=COILY, plaited=chance) for chance in (0.95, 0.05))
    assert unlike("ponytail", plaited) < 0.1 and unlike("ponytail", coils) > 0.7


@pytest.mark.parametrize(("plaited", "drawn"), [(0.65, "cornrows"), (0.05, "twa")])
def test_plaits_that_lie_on_the_head_are_cornrows_and_coils_are_not(model, params, plaited, drawn):
    seen, _ = seen_of(model, params, PRESETS["cornrows"].groom)
    families = np.where(np.array(FAMILIES) == "coily_afro_locs", 0.6, 0.4 / (len(FAMILIES) - 1))
    traits = HairTraits(COILY, families, man=0.1, plaited=plaited)
    drawer = Drawer.of(model, params, seen)
    best = ranked(drawer, traits, {style: PRESETS[style].groom for style in likely(seen, traits, 10)})
    assert best[0] == drawn


def test_cornrows_follow_an_outline_over_the_crown(model):
    groom, person = PRESETS["cornrows"].groom, np.zeros(model.sizes.identity, np.float32)
    wide = replace(groom, bulge=(15.0,) * (BULGE_GRID[0] * BULGE_GRID[1]))
    flat, full = (locs[0].lines for locs in (locks_of(each, model, person).sets for each in (groom, wide)))
    off = np.linalg.norm(full - flat, axis=2)
    on_top = flat[..., 1] > 130
    assert off[on_top].max() > 4 and off[:, -1].max() < 0.5


def test_nobody_whose_hair_is_seen_beside_the_ears_wears_cornrows(model, params):
    for style, worn in (("cornrows", True), ("locs_short", False), ("box_braids", False)):
        seen, _ = seen_of(model, params, PRESETS[style].groom)
        traits = replace(USUAL, kinds=COILY, plaited=0.9)
        assert ("cornrows" in likely(seen, traits, len(PRESETS))) is worn
