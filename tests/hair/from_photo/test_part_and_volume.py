"""Parts, faded sides, volume on top and shaven heads, found again on heads whose hair is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_parts import seen_of

from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.parts import BACKGROUND
from facegpt.hair.from_photo.choose import other_sides, short_sides_mm
from facegpt.hair.from_photo.drawer import Drawer
from facegpt.hair.from_photo.fit import bulged, full_all_around, on_its_side, with_volume
from facegpt.hair.from_photo.hairline import as_curls_part, has_part, seen_part, with_part
from facegpt.hair.from_photo.looks import is_bald, is_wreath
from facegpt.hair.from_photo.seen import hair_seen, heights
from facegpt.hair.presets import PRESETS
from facegpt.types import BULGE_GRID, HAIRLINE_DEG, Pose


@pytest.mark.parametrize("part", [-0.8, 0.0, 0.8])
def test_a_part_is_found_where_hair_was_parted(model, params, part):
    groom = replace(PRESETS["long"].groom, part=part)
    seen, _ = seen_of(model, params, groom)
    found = seen_part(model, params, seen, Drawer.of(model, params, seen).draw(groom).along)
    assert found is not None and abs(found - part) < 0.4


def test_no_part_is_told_without_strands(model, params):
    seen, _ = seen_of(model, params, PRESETS["long"].groom)
    assert seen_part(model, params, seen, None) is None
    assert seen_part(model, params, seen, np.zeros_like(seen.hair, np.complex64)) is None


def test_a_groom_takes_the_part_that_was_seen_and_sweeps_away_from_it():
    groom = PRESETS["short_parted"].groom  # at the left, swept to the right
    found = with_part(groom, 0.6)
    assert found.part == 0.6 and found.sweep_side == -groom.sweep_side and has_part(found, 0.6)


@pytest.mark.parametrize("style", ["ponytail", "afro", "crew", "slicked_back"])
def test_hair_without_a_part_stays_as_it_is(style):
    groom = PRESETS[style].groom
    assert with_part(groom, 0.6) == groom and not has_part(groom, 0.6)


def test_the_side_of_a_part_that_was_seen_is_kept(model, params):
    groom = with_part(PRESETS["bob_side"].groom, 0.7)
    seen, _ = seen_of(model, params, with_part(groom, -0.7))
    assert on_its_side(Drawer.of(model, params, seen), groom, 0.7).part == 0.7


def test_faded_sides_are_told_from_full_ones(model, params):
    faded, full = (replace(PRESETS["short"].groom, sides_mm=mm, back_mm=mm, lift_mm=8.0) for mm in (3.0, 45.0))
    told = [short_sides_mm(seen_of(model, params, groom)[0]) for groom in (faded, full)]
    assert told[0] is not None and told[1] is not None and told[0] < 0.6 * told[1]


def test_sides_of_another_length_lose(model, params):
    faded = PRESETS["fade"].groom
    seen, _ = seen_of(model, params, faded)
    assert other_sides(faded, seen) < other_sides(replace(faded, sides_mm=40.0), seen)


def test_how_far_long_hair_stands_off_says_nothing_of_its_sides(model, params):
    assert short_sides_mm(seen_of(model, params, PRESETS["long"].groom)[0]) is None


def test_standing_hair_gets_as_high_as_it_is_seen(model, params):
    low = PRESETS["coily_fade"].groom
    tall = replace(low, top_mm=95.0)
    seen, _ = seen_of(model, params, tall)
    drawer = Drawer.of(model, params, seen)
    found = with_volume(drawer, low)
    assert found.top_mm > low.top_mm + 15 and drawer.agreement(found) > drawer.agreement(low)


def test_an_outline_lies_off_by_as_much_as_hair_is_wider(model, params):
    groom = PRESETS["afro"].groom
    seen, _ = seen_of(model, params, groom)
    drawer = Drawer.of(model, params, seen)
    assert drawer.off_mm(drawer.draw(groom)) < 1 / seen.view.px_per_mm
    wider = replace(groom, top_mm=groom.top_mm + 15, sides_mm=groom.sides_mm + 15, back_mm=groom.back_mm + 15)
    assert drawer.off_mm(drawer.draw(wider)) > 4


@pytest.mark.parametrize(("belief", "bald"), [(0.65, True), (0.95, False)])
def test_shade_at_the_sides_of_a_shaven_head_is_no_wreath(model, params, belief, bald):
    seen, _ = seen_of(model, params, PRESETS["wreath"].groom)
    seen = replace(seen, hair=np.where(seen.mask, np.float32(belief), 0))
    assert is_bald(seen) is bald and is_wreath(seen) is not bald


def test_no_part_lies_where_hair_falls_over_the_forehead(model, params):
    groom = replace(PRESETS["long"].groom, part=0.6)
    seen, _ = seen_of(model, params, groom)
    along = Drawer.of(model, params, seen).draw(groom).along
    assert seen_part(model, params, seen, along, (-25.0,) * len(HAIRLINE_DEG)) is None
    at_left = tuple(0.0 if turn > 10 else -25.0 for turn in HAIRLINE_DEG)
    found = seen_part(model, params, seen, along, at_left)
    assert found is None or found < 0


@pytest.mark.parametrize("style", ["short_curly", "bob_curly"])
def test_volume_of_curls_that_is_seen_from_ahead_is_there_from_the_side(model, params, style):
    groom = PRESETS[style].groom
    full = replace(groom, bulge=(15.0,) * (BULGE_GRID[0] * BULGE_GRID[1]))
    found = bulged(Drawer.of(model, params, seen_of(model, params, full)[0]), groom)
    aside = np.asarray(params.pose.rotation) @ rotation_from_euler_deg(90.0, 0.0, 0.0)
    turned = params.replace(pose=Pose(aside, params.pose.translation))
    drawer = Drawer.of(model, turned, seen_of(model, turned, full)[0])
    assert drawer.off_mm(drawer.draw(groom)) > 5.5
    assert drawer.off_mm(drawer.draw(found)) < 2.8


@pytest.mark.parametrize("style", ["short_parted", "short_swept", "quiff", "wedge"])
def test_a_crown_above_the_end_of_a_photo_is_as_full_as_the_hair_beside_it(model, params, style):
    groom = PRESETS[style].groom
    full = replace(groom, bulge=(15.0,) * (BULGE_GRID[0] * BULGE_GRID[1]))
    whole, parts = seen_of(model, params, full)
    beyond = np.kron(heights(whole.view) > 105, np.ones((2, 2), bool))
    beliefs = np.where(beyond[..., None], np.eye(9, dtype=np.float32)[BACKGROUND], parts.probabilities)
    seen = hair_seen(model, params, replace(parts, probabilities=beliefs, seen=~beyond))
    photo = Drawer.of(model, params, seen)
    found = full_all_around(photo, bulged(photo, groom, 1))
    for turn in (0.0, 90.0):
        aside = np.asarray(params.pose.rotation) @ rotation_from_euler_deg(turn, 0.0, 0.0)
        turned = params.replace(pose=Pose(aside, params.pose.translation))
        drawer = Drawer.of(model, turned, seen_of(model, turned, full)[0])
        assert drawer.off_mm(drawer.draw(groom)) > 5
        assert drawer.off_mm(drawer.draw(found)) < 3


def test_curls_cover_a_part_that_no_photo_shows():
    curls, coils, straight = (PRESETS[style].groom for style in ("bob_curly", "coily_medium", "bob"))
    assert as_curls_part(curls, None).parted == as_curls_part(coils, 0.7).parted == 0
    assert as_curls_part(curls, 0.4) == curls and as_curls_part(straight, None) == straight
    assert as_curls_part(PRESETS["locs_short"].groom, None) == PRESETS["locs_short"].groom
