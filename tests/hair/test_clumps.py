"""Locks keep together in clumps, their points lie where they bend, and parts are soft lines that wander."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.lines.clumps import drawn_together, followed, light_between
from facegpt.hair.lines.guides import arc_mm, by_bend
from facegpt.hair.plan import mirrored, off_part, planned
from facegpt.hair.presets import PRESETS
from facegpt.hair.scalp import scalp_of
from facegpt.morphable.makehuman.head import load
from facegpt.types import Groom

WAVY = Groom(curl_radius_mm=6.0, curl_pitch_mm=90.0, clump=1.0)


def hanging(count: int) -> np.ndarray:
    """Straight locks (N, 12, 3) of 200 mm that hang side by side, in a random order."""
    roots = np.random.default_rng(0).uniform(0, 100, (count, 1, 3)) * [1, 0, 1]
    return (roots + np.linspace([0, 0, 0], [0, -200.0, 0], 12)).astype(np.float32)


def test_locks_meet_what_they_follow_at_their_tips_and_keep_their_roots():
    lines = hanging(140)
    leader = followed(lines)
    drawn = drawn_together(lines, leader, WAVY, np.full(140, 0.5))
    before, after = (np.linalg.norm(each - each[leader], axis=2) for each in (lines, drawn))
    np.testing.assert_allclose(drawn[:, 0], lines[:, 0])
    assert after[:, -1].mean() < 0.6 * before[:, -1].mean()
    assert len(np.unique(leader)) == 20
    np.testing.assert_array_equal(leader[leader], leader)


def test_short_hair_does_not_lie_in_leaves():
    short = hanging(70) * np.float32(0.2)
    np.testing.assert_allclose(drawn_together(short, followed(short), WAVY, np.ones(70)), short)


def test_the_middle_of_what_keeps_together_is_bright_and_the_mean_light_is_1():
    lines = hanging(140)
    leader = followed(lines)
    light = light_between(lines, leader, np.full(140, 0.5))
    far = np.linalg.norm(lines - lines[leader], axis=2).mean(1) > 8
    assert light.mean() == pytest.approx(1.0)
    assert light[leader == np.arange(140)].mean() > 1.1 * light[far].mean()


def test_points_lie_closer_where_a_lock_bends():
    angle = np.concatenate([np.zeros(40), np.linspace(0, np.pi / 2, 20), np.full(40, np.pi / 2)])
    step = 2.0 * np.stack([np.cos(angle), -np.sin(angle), np.zeros(100)], 1)
    line = np.cumsum(step, 0)[None].astype(np.float32)
    placed = by_bend(line, np.ones(1), 14, np.full(1, 0.5))
    np.testing.assert_allclose(placed[0, [0, -1]], line[0, [0, -1]], atol=1e-3)
    steps = np.diff(arc_mm(placed)[0])
    assert steps[np.abs(np.arange(13) - 6) < 2].mean() < 0.6 * steps[[0, 1, -2, -1]].mean()


@pytest.mark.parametrize("style", ["bob_side", "long", "short_parted"])
def test_a_part_wanders_by_millimetres_and_to_the_other_side_in_a_mirror(style):
    groom = PRESETS[style].groom
    z = np.linspace(-30, 60, 200)
    line = -off_part(np.stack([0 * z, 0 * z, z], 1), groom)
    other = -off_part(np.stack([0 * z, 0 * z, z], 1), mirrored(groom))
    assert 1.5 < np.ptp(line) < 6.0
    if groom.part:
        np.testing.assert_allclose(line, -other)


def test_roots_are_seen_along_a_part_and_fewer_towards_the_crown():
    scalp, groom = scalp_of(load()), replace(PRESETS["long"].groom, parted=1.0)
    plan, whole = planned(scalp, groom), planned(scalp, replace(groom, parted=0.3))
    near = (np.abs(off_part(scalp.place, groom)) < 1.0) & (plan.top > 0.6)
    share = plan.grows / np.maximum(whole.grows, 1e-6)
    front, behind = near & (scalp.place[:, 2] > 40), near & (scalp.place[:, 2] < -45)
    assert 0.2 < share[front].mean() < 0.8
    assert share[behind].mean() > 0.99
