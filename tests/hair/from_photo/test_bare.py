"""Hair of another groom than the photo's keeps off what the photo shows bare, and goes to where it has hair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.encode.parts import BACKGROUND, HAIR, PARTS, SKIN, FaceParts
from facegpt.hair.from_photo.bare import seen_bare
from facegpt.hair.from_photo.drawer import Drawer
from facegpt.hair.from_photo.fit import CLOSED, FALLS_BACK, falls_back, lost_by_change
from facegpt.hair.from_photo.seen import hair_seen
from facegpt.hair.presets import PRESETS
from facegpt_lab.evaluate.hair.photo import SIDE, head, known_head


@pytest.fixture(scope="module")
def params():
    found = known_head(91_003)[0]
    return found.replace(pose=replace(found.pose, rotation=np.diag([1.0, -1.0, -1.0])), hair=None)


def parts_of(hair: np.ndarray, skin: np.ndarray) -> FaceParts:
    """A map of parts of masks (96, 96); the rest is what is behind."""
    told = np.zeros((96, 96, len(PARTS)), np.float32)
    told[..., BACKGROUND] = ~(hair | skin)
    told[..., SKIN], told[..., HAIR] = skin & ~hair, hair
    to_map = np.array([[192 / SIDE, 0, 96 / SIDE - 0.5], [0, 192 / SIDE, 96 / SIDE - 0.5]])
    return FaceParts(told.repeat(2, 0).repeat(2, 1), np.ones((192, 192), bool), to_map)


def photo_of(params, groom):
    """What a photo of the head with a groom shows, and its map of parts."""
    nothing = np.zeros((96, 96), bool)
    bald = hair_seen(head(), params, parts_of(nothing, nothing))
    cover = Drawer.of(head(), params, bald).draw(groom).cover > 0.5
    parts = parts_of(cover, bald.view.head)
    return hair_seen(head(), params, parts), parts


def test_a_fringe_keeps_off_a_forehead_that_is_seen_bare(params):
    shown, fringed = PRESETS["long_layered"].groom, replace(PRESETS["long_layered"].groom, fringe_mm=75.0)
    seen, parts = photo_of(params, shown)
    drawer = Drawer.of(head(), params, seen)
    bare = seen_bare(head(), params, parts, seen)
    skin = seen.view.head & ~seen.mask
    over = [(drawer.draw(one).cover[skin] > 0.5).mean() for one in (fringed, replace(fringed, bare=bare))]
    assert over[0] > 0.05
    assert over[1] < 0.4 * over[0]


def test_hair_fills_what_the_photo_has_beside_it(params):
    narrow = PRESETS["long_layered"].groom
    wide = replace(narrow, bulge=(20.0,) * 72)
    seen, parts = photo_of(params, wide)
    drawer = Drawer.of(head(), params, seen)
    moved = replace(narrow, bare=seen_bare(head(), params, parts, seen, drawer.draw(narrow).cover))
    assert drawer.agreement(moved) > drawer.agreement(narrow) + 0.03


def test_hair_that_the_photo_shows_is_left_alone(params):
    groom = PRESETS["long_layered"].groom
    seen, parts = photo_of(params, groom)
    drawer = Drawer.of(head(), params, seen)
    bare = seen_bare(head(), params, parts, seen, drawer.draw(groom).cover)
    assert drawer.agreement(replace(groom, bare=bare)) > drawer.agreement(groom) - 0.02


def test_loose_hair_falls_straight_down_where_no_ear_is_seen(params):
    seen, _ = photo_of(params, PRESETS["long_layered"].groom)
    assert falls_back([replace(seen, ear_mm2=0.0)]) == CLOSED
    assert falls_back([replace(seen, ear_mm2=0.0), replace(seen, ear_mm2=400.0)]) == FALLS_BACK


def test_lengths_lose_by_how_far_they_are_off_their_style():
    groom = PRESETS["quiff"].groom
    assert lost_by_change(groom, groom) == 0
    long, longer = (lost_by_change(replace(groom, top_mm=mm), groom) for mm in (100.0, 150.0))
    assert 0 < 2 * long < longer
