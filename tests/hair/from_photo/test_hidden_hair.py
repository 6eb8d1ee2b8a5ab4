"""Hair that a photo cuts off or hides, scalp in shade, and faces that hair leaves free from the side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_parts import parts_with, photo, seen_of

from facegpt.encode.parts import CLOTHES, HAIR, SKIN
from facegpt.hair.from_photo.choose import hanging_mm
from facegpt.hair.from_photo.drawer import Drawer
from facegpt.hair.from_photo.fit import as_falling, refined
from facegpt.hair.from_photo.found import hair_from_photo
from facegpt.hair.from_photo.looks import is_bald
from facegpt.hair.from_photo.seen import hair_seen, heights
from facegpt.hair.presets import PRESETS

#: Points of the detector at the left of the face: the eye's outer corner, the cheek below it, the mouth's corner.
SIDE_OF_FACE = (263, 425, 280, 291)


def _masks(parts):
    return [parts.probabilities[::2, ::2, part] > 0.5 for part in (HAIR, SKIN)]


def test_hair_that_leaves_a_photo_at_its_side_may_hang_farther(model, params):
    _, parts = seen_of(model, params, replace(PRESETS["long"].groom, sides_mm=170.0, back_mm=160.0))
    hair, skin = _masks(parts)
    below = np.arange(96)[:, None] >= np.flatnonzero(hair.any(1))[-1] - 14
    whole = hair_seen(model, params, parts_with(hair, skin))
    swept = hair_seen(model, params, parts_with(hair | (below & hair.any(1)[:, None] & (np.arange(96) < 40)), skin))
    assert not whole.cut and swept.cut and hanging_mm(swept) > hanging_mm(whole) + 50


@pytest.mark.parametrize(("share", "cut"), [(0.0, False), (0.18, False), (0.4, True)])
def test_hair_that_meets_the_end_of_a_photo_with_a_few_tips_ends_there(model, params, share, cut):
    whole, parts = seen_of(model, params, PRESETS["shoulder_curly"].groom)
    low = whole.mask & (heights(whole.view) < -60)
    columns = np.flatnonzero(low.any(0))
    ends = columns[len(columns) - round(share * len(columns)) :]  # at one side, as in a photo that is held askew
    lowest = 95 - low[::-1].argmax(0)
    beyond = np.isin(np.arange(96), ends) & (np.arange(96)[:, None] > lowest)
    seen = hair_seen(model, params, replace(parts, seen=~np.kron(beyond, np.ones((2, 2), bool))))
    assert seen.cut is cut
    assert (hanging_mm(seen) > hanging_mm(whole) + 50) is cut


def test_hair_that_something_hides_at_one_side_is_not_known_to_end_there(model, params):
    _, parts = seen_of(model, params, PRESETS["long"].groom)
    hair, skin = _masks(parts)
    left, low = np.arange(96) < 48, np.arange(96)[:, None] > 58
    whole = hair_seen(model, params, parts_with(hair, skin))
    half = hair_seen(model, params, parts_with(hair & ~(left & low), skin))
    beside = left & (np.arange(96)[:, None] > 64) & ~half.view.head
    assert whole.known[beside].all() and not half.known[beside].any()
    assert half.known[np.broadcast_to(~left, (96, 96))].all()  # the other side tells all
    assert hanging_mm(half) == pytest.approx(hanging_mm(whole), abs=8)


@pytest.mark.parametrize(("belief", "joined"), [(0.3, True), (0.05, False)])
def test_hair_below_a_strip_that_is_weakly_believed_belongs_to_the_head(model, params, belief, joined):
    _, parts = seen_of(model, params, PRESETS["long"].groom)
    hair, skin = _masks(parts)
    rows = np.arange(96)[:, None]
    weak = hair & (rows >= 58) & (rows < 61)
    cut = parts_with(hair & ~weak, skin & ~hair)
    cut.probabilities[np.kron(weak, np.ones((2, 2), bool)), HAIR] = belief
    seen = hair_seen(model, params, cut)
    assert bool(seen.mask[66:].any()) == joined


def test_dark_hair_that_looks_like_what_is_behind_is_hair_and_nobody_bald(model, params):
    _, parts = seen_of(model, params, PRESETS["short"].groom)
    hair, skin = _masks(parts)
    shade = (np.arange(96) < 52) & hair
    seen = hair_seen(model, params, parts_with(hair & ~shade, skin & ~hair))
    assert seen.rooted > 0.8 and not is_bald(seen)


def test_a_head_whose_hair_is_mostly_guessed_is_not_shaven(model, params):
    _, parts = seen_of(model, params, PRESETS["cropped"].groom)
    hair, skin = _masks(parts)
    shade = (np.arange(96) < 50) & hair
    guessed = parts_with(hair & ~shade, skin & ~hair)
    found = hair_from_photo(photo(guessed, (30, 20, 10)), model, params, guessed)
    assert found.hair is not None and PRESETS[found.hair.style].family not in ("bald", "shaved")


def test_long_hair_may_lie_behind_clothes_and_a_bob_does_not(model, params):
    known = []
    for style in ("waist", "bob"):
        _, parts = seen_of(model, params, PRESETS[style].groom)
        hair, _ = _masks(parts)
        parts.probabilities[2 * 88 :, :, :] = np.where(
            hair[88:].repeat(2, 0).repeat(2, 1)[..., None], np.eye(9)[HAIR], np.eye(9)[CLOTHES]
        )
        seen = hair_seen(model, params, parts)
        known.append(seen.known[88:][~seen.mask[88:]].mean())
    assert known[0] == 0 and known[1] == 1


@pytest.mark.parametrize("part", [SKIN, CLOTHES])
def test_a_lock_that_ends_at_a_shoulders_outline_goes_on_behind_it_and_blunt_ends_do_not(model, params, part):
    whole, parts = seen_of(model, params, PRESETS["long"].groom)
    height, right = heights(whole.view), np.arange(96) > 48
    hair, skin = _masks(parts)
    one_lock = hair & ~(right & (height < -55))
    seen = []
    for shown, end in ((one_lock, -115), (hair, -115), (hair & (height > -95), -115)):
        parts = parts_with(shown, skin)
        parts.probabilities[(height < end).repeat(2, 0).repeat(2, 1)] = np.eye(9)[part]
        seen.append(hair_seen(model, params, parts))
    hidden, blunt, above = seen
    assert hidden.behind and hidden.cut and not blunt.cut and not above.cut
    assert hanging_mm(hidden) == pytest.approx(hanging_mm(whole), rel=0.4)  # as long as it is below the shoulder
    beneath = (height < -117) & ~whole.view.head
    assert not hidden.known[beneath].any() and above.known[beneath].any()


@pytest.mark.parametrize("style", ["bob", "lob", "shoulder", "long_wavy", "long", "curly"])
def test_loose_hair_leaves_the_face_free_from_the_side(model, params, style):
    turn = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])  # the left side to the camera
    side = params.replace(pose=replace(params.pose, rotation=params.pose.rotation @ turn))
    seen, _ = seen_of(model, side, None)
    drawer = Drawer.of(model, side, seen)
    x, y = np.rint(seen.view.place(seen.points[list(SIDE_OF_FACE)])[:, :2]).astype(int).T
    free = drawer.draw(as_falling(replace(PRESETS[style].groom, sweep_back=-0.2))).cover[y, x]
    assert free.mean() < 0.25


def test_fits_do_not_comb_hair_over_the_face(model, params):
    groom = replace(PRESETS["lob"].groom, sweep_back=-0.6)
    seen, _ = seen_of(model, params, groom)
    found = refined(Drawer.of(model, params, seen), as_falling(PRESETS["lob"].groom), 30)
    assert found.sweep_back >= 0.2
