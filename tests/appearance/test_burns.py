"""Hollows about the eyes are no brighter than open skin, and no oranger."""

from __future__ import annotations

import numpy as np

from facegpt.appearance.burns import BRIGHTER, make_up, open_brightness, too_bright

SKIN = np.log(np.array([0.30, 0.18, 0.12], np.float32))


def face_with_burns(burn: float):
    """A skin (32, 32, 3), log albedo, one patch of it by `burn` brighter and a dark one; and both patches."""
    total = np.broadcast_to(SKIN, (32, 32, 3)).copy()
    bright, dark = np.zeros((32, 32), bool), np.zeros((32, 32), bool)
    bright[4:12, 4:12], dark[20:28, 20:28] = True, True
    total[bright] += burn
    total[dark] -= 0.6
    return total, bright, dark


def test_what_is_brighter_than_open_skin_about_the_eyes_is_brought_down_to_it():
    total, bright, dark = face_with_burns(0.8)
    level = open_brightness(total, (~bright & ~dark).astype(np.float32))
    assert abs(level - SKIN.mean()) < 1e-5
    mended = total + too_bright(total, level, (bright | dark).astype(np.float32))
    assert abs(mended[7, 7].mean() - level - BRIGHTER) < 0.02  # log units
    np.testing.assert_array_equal(mended[dark], total[dark])  # shadow of the eye, make-up
    np.testing.assert_array_equal(mended[24:, :8], total[24:, :8])


def test_bright_skin_elsewhere_and_faces_that_are_not_seen_stay():
    total, _, _ = face_with_burns(0.8)
    assert not too_bright(total, 0.0, np.zeros((32, 32))).any()
    assert open_brightness(total, np.zeros((32, 32))) is None
    assert not too_bright(total, None, np.ones((32, 32))).any() and not make_up(total, None).any()


def test_only_what_is_darker_than_the_skin_may_be_made_up():
    total, bright, dark = face_with_burns(0.3)
    may = make_up(total, float(SKIN.mean()))
    assert may[dark].min() == 1 and may[bright].max() == 0
