"""Figures of driven photos: a delay is told from a movement that is not there; two rhythms do not go together."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt_lab.evaluate.changed_photos.photo_driven import FRAMES, RHYTHMS, Driven, _best_lag, rows_of


def wave(periods, shift=0):
    return 0.5 - 0.5 * np.cos(2 * np.pi * periods * (np.arange(FRAMES) - shift) / FRAMES)


@pytest.mark.parametrize("late", [-2, 0, 2])
def test_a_delay_is_found(late):
    correlation, lag = _best_lag(wave(3), wave(3, late))
    assert lag == late
    assert (correlation > 0.99) == (late == 0)


def test_a_reading_that_does_not_move_has_no_correlation():
    assert _best_lag(wave(3), np.full(FRAMES, 0.2))[0] == 0
    assert _best_lag(wave(3), np.full(FRAMES, np.nan))[0] == 0


def test_rhythms_of_two_people_do_not_go_together():
    periods = [n for rhythm in RHYTHMS for n in rhythm.values()]
    for one in set(periods):
        for other in set(periods) - {one}:
            assert abs(np.corrcoef(wave(one), wave(other))[0, 1]) < 0.05


def test_what_is_mixed_up_misses_its_target():
    take = Driven(np.array([0.9, 0.95]), np.array([0, 1]), jitter=0.8, drawn=0.8, shake=0.7, seconds=0.05)
    rows = {row.metric: row for row in rows_of([take], np.array([0.9]), np.array([0.1, -0.6]))}
    assert rows["two people: with the other's, largest"].met is False
    assert all(row.met for name, row in rows.items() if row.target is not None and "largest" not in name)
