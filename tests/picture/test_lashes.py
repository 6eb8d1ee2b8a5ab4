"""Shut eyes have a line of lashes, as dark as the photo's own; open ones are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.picture.lashes import EDGES, with_lashes, with_skin_s_hue


def lids(shift=0.0):
    """Points of both eyes: arcs 60 pixels wide."""
    points = np.zeros((478, 2))
    for edge, left in zip(EDGES, (20.0, 120.0), strict=True):
        at = np.linspace(0, 1, len(edge))
        points[list(edge)] = np.stack([left + 60 * at, 50 + shift - 12 * np.sin(np.pi * at)], 1)
    return points


@pytest.fixture
def photo():
    source = np.full((100, 200, 3), 170, np.float32)
    for left in (45, 145):
        source[38:48, left : left + 10] = (40, 30, 25)  # a pupil
    return source


def drawn(photo, shut):
    out, touched = photo.astype(np.uint8), np.zeros((100, 200), np.uint8)
    with_lashes(out, touched, photo, lids(), lids(20.0), np.array(shut))
    return out, touched


def test_the_line_lies_along_the_lid_and_has_the_tone_of_the_photo(photo):
    out, _ = drawn(photo, (1.0, 0.0))
    line = out[58, 49:52].mean(0)  # the middle of the right eye's edge
    assert line == pytest.approx([66, 58, 54], abs=14)
    assert out[58 + 12, 50, 0] == 170 and out[58 - 8, 50, 0] == 170
    assert line[0] > line[2]  # brown, as the pupil is


def test_nothing_is_drawn_at_the_inner_corner_or_on_an_open_eye(photo):
    out, touched = drawn(photo, (1.0, 0.2))
    assert out[70, 20, 0] > 150
    assert (out[:, 105:] == photo[:, 105:].astype(np.uint8)).all()
    assert not touched[:, 105:].any() and touched[:, :105].any()


def test_what_is_darker_already_stays(photo):
    dark = np.full_like(photo, 10)
    out, touched = drawn(dark, (1.0, 1.0))
    assert (out == 10).all() and not touched.any()


def test_a_drawn_lid_takes_the_hue_of_the_skin_below_it(photo):
    skin = np.full((100, 200, 3), (190, 120, 70), np.uint8)
    lid = np.zeros((100, 200), np.float32)
    lid[35:52, 25:75] = 1
    out = skin.copy()
    out[lid > 0] = (150, 140, 135)
    with_skin_s_hue(out, lid, lids(), np.array([1.0, 0.0]))
    hue = out[40, 50] / out[40, 50].mean()
    assert hue == pytest.approx(skin[0, 0] / skin[0, 0].mean(), abs=0.02)
    assert out[40, 50].mean() <= 127
    assert (out[lid == 0] == skin[lid == 0]).all()
