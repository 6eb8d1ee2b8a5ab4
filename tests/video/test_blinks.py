"""How far a person's eyes shut when they blink, seen over a clip."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.video.blinks import USUAL_TOP, LiveBlinks, blink_tops, with_whole_blinks
from facegpt.video.observation import RECORD

LEFT, RIGHT = (ARKIT_NAMES.index("eyeBlink" + side) for side in ("Left", "Right"))
SHAPE = {-2: 0.3, -1: 0.85, 0: 1.0, 1: 0.7, 2: 0.35}


def rows_with(blinks, height, eyes_open=0.0, fps=30.0, frames=150):
    rows = np.zeros(frames, RECORD)
    rows["time_s"] = np.arange(frames) / fps
    curve = np.full(frames, eyes_open)
    for middle in blinks:
        for offset, weight in SHAPE.items():
            curve[middle + offset] = eyes_open + height * weight
    rows["expression"][:, [LEFT, RIGHT]] = curve[:, None]
    return rows


@pytest.mark.parametrize(("height", "eyes_open"), [(0.55, 0.0), (0.8, 0.1)])
def test_blinks_that_were_seen_half_become_whole_and_open_eyes_stay_open(height, eyes_open):
    calm = with_whole_blinks(rows_with([40, 80, 120], height, eyes_open))["expression"]
    assert np.allclose(calm[[40, 80, 120], LEFT], 1.0, atol=0.02)
    assert np.abs(calm[10:30, RIGHT]).max() < 1e-9


def test_a_blink_that_was_seen_less_of_than_the_others_is_raised_as_they_are():
    """Lids are seen to 0.5, 0.5 and 0.3 of their way: what is seen of a way is a share of it."""
    rows = rows_with([40, 80], 0.5)
    rows["expression"][118:123, [LEFT, RIGHT]] = 0.3 * np.array(list(SHAPE.values()))[:, None]
    calm = with_whole_blinks(rows)["expression"]
    assert calm[80, LEFT] == pytest.approx(1.0, abs=0.02)
    assert calm[120, LEFT] == pytest.approx(0.6, abs=0.02)


def test_eyes_that_close_and_stay_closed_are_no_blinks():
    rows = rows_with([], 0.0)
    rows["expression"][30:80, [LEFT, RIGHT]] = 0.5
    rows["expression"][100:140, [LEFT, RIGHT]] = 0.5
    assert (with_whole_blinks(rows)["expression"] == rows["expression"]).all()


def test_a_single_blink_is_raised_by_what_is_usual_and_open_eyes_stay_open():
    """Lids are seen to 0.4 of their way, once: as far again as others' blinks make likely, not to the end."""
    calm = with_whole_blinks(rows_with([50], 0.4))["expression"]
    assert calm[50, LEFT] == pytest.approx(0.4 / np.mean([USUAL_TOP, 0.4]), abs=0.02)
    assert np.abs(calm[60:, RIGHT]).max() < 1e-9


def test_the_middles_of_blinks_are_found():
    weights = rows_with([20, 60, 61], 0.7)["expression"][:, LEFT]
    assert blink_tops(weights, np.arange(150) / 30) == [20, 61]


def test_a_stream_learns_how_far_the_eyes_shut():
    live = LiveBlinks()
    found = np.array([live(row)["expression"][LEFT] for row in rows_with([20, 60, 120], 0.6, 0.05)])
    assert 0.6 / 0.7 - 0.02 < found[20] < 0.65 / 0.7 + 0.02  # the usual blink is all that is known yet
    assert found[120] == pytest.approx(1.0, abs=0.02)
    assert np.abs(found[130:]).max() < 1e-3
    assert np.abs(np.diff(found[:15])).max() < 0.01, "lids of open eyes do not jump where something was learnt"
