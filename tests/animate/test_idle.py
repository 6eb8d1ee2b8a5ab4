"""What a face does by itself: by a seed, never twice the same, within what people do."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.animate.curves import Curves
from facegpt.animate.idle import CALM, blink_shape, blinks, enlivened
from facegpt.conventions import ARKIT_NAMES

LEFT, RIGHT = (ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right"))
FPS = 60.0


def still(seconds: float) -> Curves:
    return Curves(ARKIT_NAMES, np.zeros((int(seconds * FPS), 52)), FPS)


def begins(weights) -> np.ndarray:
    """When lids start to close, seconds."""
    shut = weights[:, LEFT] > 0.25
    return np.flatnonzero(shut[1:] & ~shut[:-1]) / FPS


def test_a_seed_gives_the_same_face_and_another_seed_another():
    one, again, other = (enlivened(still(20), seed).weights for seed in (3, 3, 4))
    assert np.array_equal(one, again)
    assert not np.array_equal(begins(one), begins(other))


def test_people_blink_some_17_times_a_minute_and_never_in_step():
    at = np.concatenate([np.diff(begins(enlivened(still(600), seed).weights)) for seed in range(3)])
    assert 13 < 60 / at.mean() < 24  # Bentivoglio et al. 1997: 17 at rest, SD over people large
    assert at.std() / at.mean() > 0.35
    assert at.min() > 0.3


def test_eyes_close_in_a_tenth_of_a_second_and_open_more_slowly():
    shape = blink_shape(np.arange(0, 0.5, 0.001), CALM.closing_s, CALM.shut_s, CALM.opening_s)
    peak = int(shape.argmax())
    half = np.flatnonzero(shape > 0.5)
    assert 0.08 < peak / 1000 < 0.14
    assert 0.10 < (half[-1] - half[0]) / 1000 < 0.20  # of two Live Link takes: 0.09 to 0.14 s
    assert half[-1] - peak > peak - half[0]
    assert shape[0] == 0 and shape[-1] == 0


def test_both_lids_close_together():
    lids = blinks(np.random.default_rng(0), 6000, FPS)
    assert np.abs(lids[:, 0] - lids[:, 1]).max() < 0.06
    assert (lids[:, 0] != lids[:, 1]).any()


def test_the_head_sways_slowly_and_the_eyes_stay_on_the_viewer():
    alive = enlivened(still(60), 1)
    assert 0.5 < alive.turns.std(0).max() < 3.0
    assert np.abs(np.diff(alive.turns, axis=0)).max() * FPS < 12  # degrees a second
    world = alive.turns[:, 0] + alive.gaze[:, 0, 0]
    assert world.std() < 3.5
    assert np.abs(alive.turns[0]).max() < 1e-6


def test_no_blink_is_laid_over_a_shut_eye():
    shut = np.zeros((600, 52))
    shut[:, LEFT] = 1.0
    assert enlivened(Curves(ARKIT_NAMES, shut, FPS), 0).weights[:, RIGHT].max() == pytest.approx(0.0)


def test_faces_hold_still_where_nothing_lasts():
    assert len(enlivened(Curves(ARKIT_NAMES, np.zeros((1, 52)), FPS), 0)) == 1
