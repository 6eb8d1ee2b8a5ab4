"""What makes cards look like hair: strands that are seen, ends where it is cut, a round crown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.atlas import DENSE, HEIGHT, SINGLE, STRIP, atlas_of_kind
from facegpt.hair.from_photo.fit import as_sleek
from facegpt.hair.from_photo.traits import USUAL
from facegpt.hair.grow import locks_of
from facegpt.hair.lines.curls import frizzed
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman import head as makehuman


@pytest.fixture(scope="module")
def model():
    return makehuman.load()


def strip(plane: np.ndarray, number: int) -> np.ndarray:
    return plane[:, number * STRIP : (number + 1) * STRIP]


def test_straight_hair_ends_where_it_is_cut():
    alpha = atlas_of_kind("straight").alpha
    for number in DENSE:
        cover = strip(alpha, number).mean(1)
        assert cover[int(0.88 * HEIGHT)] > 0.7 * cover[HEIGHT // 2]  # it used to be half gone there


def test_the_tips_of_a_cut_lock_are_several_tufts_and_layered_ones_thin_out():
    cut, layered = (strip(atlas_of_kind(kind).alpha, DENSE[0]) for kind in ("straight", "layered"))
    across = cut[int(0.95 * HEIGHT)].reshape(16, 4).mean(1)
    dips = (across[1:-1] < across[:-2]) & (across[1:-1] < across[2:])
    assert dips.sum() >= 2  # one spike has none
    assert layered[int(0.9 * HEIGHT)].mean() < 0.8 * cut[int(0.9 * HEIGHT)].mean()


def test_strands_are_seen_when_a_strip_is_a_dozen_pixels_wide():
    atlas = atlas_of_kind("straight")
    small = strip(atlas.tone, 0)[HEIGHT // 4 : HEIGHT // 2].mean(0)[2:62].reshape(12, 5).mean(1)[2:-2]
    assert small.std() / small.mean() > 0.08


def test_colour_between_thin_strands_is_that_of_hair():
    tone = atlas_of_kind("straight").tone
    assert min(strip(tone, number).min() for number in SINGLE) > 0.2  # nothing there darkens it from afar


def test_long_straight_hair_bends_round_the_crown_without_corners(model):
    lines = locks_of(PRESETS["long"].groom, model, np.zeros(model.sizes.identity, np.float32)).sets[0].lines
    steps = np.diff(lines, axis=1)
    steps /= np.linalg.norm(steps, axis=2, keepdims=True)
    turn = np.degrees(np.arccos(np.clip((steps[:, 1:] * steps[:, :-1]).sum(2), -1, 1)))
    assert np.quantile(turn[:, :6].max(1), 0.9) < 40


def test_few_points_are_not_bent_faster_than_they_can_show():
    line = np.linspace([0.0, 0, 0], [0, 0, 60], 6)[None].repeat(50, 0)
    bent = frizzed(line, np.full(50, 4.0), np.random.default_rng(0))
    side = np.diff(bent[..., 0], axis=1)
    changes = (np.sign(side[:, 1:]) != np.sign(side[:, :-1])).sum(1)
    assert changes.mean() < 2


def test_locks_of_neighbours_bend_alike_and_those_far_off_do_not():
    line = np.linspace([0.0, 0, 0], [0, -200, 0], 14)[None]
    roots = np.array([[0.0, 0, 0], [4, 0, 0], [90, 0, 60]])
    lines = (line + roots[:, None]).repeat(40, 0)
    shift = np.random.default_rng(1).normal(size=(1, 40, 1, 3)).repeat(3, 0).reshape(120, 1, 3) * 60
    bent = frizzed(lines + shift, np.full(120, 3.0), np.random.default_rng(0), apart=0.0) - lines - shift
    one, near, far = bent.reshape(3, 40, 14, 3)
    assert np.abs(one - near).mean() < 0.35 * np.abs(one - far).mean()


def test_no_lock_of_wavy_hair_breaks_where_it_meets_a_shoulder(model):
    lines = locks_of(PRESETS["long_wavy"].groom, model, np.zeros(model.sizes.identity, np.float32)).sets[0].lines
    steps = np.diff(lines, axis=1)
    steps /= np.linalg.norm(steps, axis=2, keepdims=True)
    cosine = (steps[:, 1:] * steps[:, :-1]).sum(2)
    assert (cosine < 0).any(1).mean() < 0.01  # it was .09: ribbons stood off the chest


def test_hair_whose_strands_run_one_way_has_little_frizz():
    groom = PRESETS["pixie"].groom
    assert as_sleek(groom, replace(USUAL, one_way=0.6)).frizz < 0.3 * groom.frizz
    assert as_sleek(groom, replace(USUAL, one_way=0.3)) == groom
    assert as_sleek(groom, USUAL) == groom
    assert as_sleek(PRESETS["afro"].groom, replace(USUAL, one_way=0.6)) == PRESETS["afro"].groom
