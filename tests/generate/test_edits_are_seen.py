"""What an edit asks for is plainly seen, and what it does not ask for stays: feelings, cuts, dyes, grey, beards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.draw_expression import emotion_expression
from facegpt.generate.draw_hair import Wearer, change_hair
from facegpt.hair.locks import packed, unpacked
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.hair.whiskers import hair_colour
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.language.hair_wish import HairWish
from facegpt.types import Hair, SeenLocks

FRONT = (400.0, 0.0, -50.0, 40000.0, 0.0, -400.0, -40.0, 32000.0, 0.0, 0.0, -1.0, 800.0)
INNER_BROWS, CORNERS, MIDDLE = [55, 285], [61, 291], [13, 14]  # of mediapipe478
MAN = Wearer(True, 35.0)


def lowered_mm(head, emotion, seed):
    """How far a plain emotion lowers the inner brows, and the corners of the mouth below its middle."""
    at_rest = mean_head(head)
    weights = dict(zip(ARKIT_NAMES, map(float, emotion_expression(emotion, 0.7, seed)), strict=True))
    rest, shown = (each.landmarks("mediapipe478", "head") for each in (at_rest, at_rest.with_expression(weights)))
    brows, corners, middle = ((rest - shown)[points, 1].mean() for points in (INNER_BROWS, CORNERS, MIDDLE))
    return brows, corners - middle


@pytest.mark.parametrize("seed", range(4))
def test_anger_lowers_the_inner_brows_and_bares_no_teeth_by_half(head, seed):
    brows, corners = lowered_mm(head, "anger", seed)
    assert brows > 2.3 and corners > 1.8
    bared = emotion_expression("anger", 0.7, seed)[ARKIT_NAMES.index("mouthLowerDownLeft")]
    assert bared < 0.25


@pytest.mark.parametrize("seed", range(4))
def test_sadness_draws_the_corners_of_the_mouth_down(head, seed):
    assert lowered_mm(head, "sadness", seed)[1] > 5


def changed(hair, said, seed=0, changes=None):
    return change_hair(hair, changes or {}, MAN, np.random.default_rng(seed), HairWish(said))


def test_long_hair_that_is_cut_short_takes_a_usual_cut_and_keeps_its_crown():
    long = Hair("long_beach", groom=PRESETS["long_beach"].groom)
    cuts = [changed(long, {}, seed, {"hair_length": -1.0}) for seed in range(8)]
    assert len({cut.style for cut in cuts}) > 3
    assert all(groom_of(cut).crown_thinning < 0.3 for cut in cuts)


def test_dye_covers_the_differences_of_locks_and_no_other_change_does():
    logs = np.zeros((80, 100, 3))
    logs[:, 50:], logs[:, :50] = 0.6, -0.6
    hair = Hair("long_beach", locks=SeenLocks(packed(logs), (80, 100), FRONT, 0.2))
    pink, fringed = changed(hair, {"colour": "pink"}), changed(hair, {"fringe": "blunt"})
    assert pink.locks is not None and fringed.locks == hair.locks
    assert np.abs(unpacked(pink.locks)).mean() < 0.3
    assert pink.locks.spread < 0.1


def test_less_grey_is_darker_where_grey_is_the_colour_that_was_read():
    grey = Hair("crew", (0.17, 0.155, 0.14))
    after = changed(grey, {"grey_change": "less"})
    assert 0.02 < hair_colour(after).mean() < 0.11


def test_a_beard_that_is_shaved_to_a_goatee_is_no_longer_than_it_was():
    worn = Hair("crew", beard=0.5, moustache=0.5)
    after = changed(worn, {"beard": "goatee"})
    assert (after.beard_shape, after.moustache) == ("goatee", 0.5)
    assert after.beard <= 0.6
    assert changed(replace(worn, beard=0.0), {"beard": "goatee"}).beard > 0.8


def test_the_moustache_that_somebody_has_stays_where_only_a_moustache_is_asked_for():
    after = changed(Hair("crew", beard=0.5, moustache=0.45), {"beard": "none", "moustache": "plain"})
    assert (after.beard, after.moustache) == (0.0, 0.45)
