"""Processor time by stages."""

import time

import pytest

from facegpt.runtime.stages import stage, timed


def _work(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@stage("inner")
def _inner() -> None:
    _work(0.02)


def test_a_stage_inside_another_counts_for_itself_alone() -> None:
    with timed() as clock:
        _work(0.02)  # of no stage
        with stage("outer"):
            _work(0.03)
            _inner()
            _inner()
    assert clock.seconds == pytest.approx({"outer": 0.03, "inner": 0.04}, abs=0.008)


def test_a_stage_that_fails_is_closed_and_nothing_is_counted_unasked() -> None:
    with timed() as clock, stage("outer"):
        with pytest.raises(ValueError, match="no"), stage("failing"):
            raise ValueError("no")
        _work(0.01)
    assert clock.seconds["outer"] >= 0.009
    _inner()
    assert "inner" not in clock.seconds
