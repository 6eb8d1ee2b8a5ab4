"""Locks lie over one another like tiles; crowns are smooth, and none hangs by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.atlas import DENSE, MEDIUM
from facegpt.hair.body import body_of
from facegpt.hair.grow import RIM_MM, locks_of
from facegpt.hair.lines.guides import arc_mm, resampled
from facegpt.hair.lines.starts import plainly_upstream, upstream
from facegpt.hair.lines.trim import alone
from facegpt.hair.plan import planned
from facegpt.hair.presets import PRESETS
from facegpt.hair.scalp import scalp_of
from facegpt.morphable.makehuman.head import load
from facegpt.render.blend import soften

HEAD = load()
NOBODY = np.zeros(HEAD.sizes.identity, np.float32)


@pytest.mark.parametrize("style", ["bob_side", "short_swept", "caesar"])
def test_covered_places_are_counted_as_the_slow_way_does(style):
    scalp = scalp_of(HEAD)
    plan = planned(scalp, PRESETS[style].groom, RIM_MM)
    rows = np.arange(0, len(scalp.place), 17)
    np.testing.assert_allclose(upstream(scalp, plan, rows), plainly_upstream(scalp, plan, rows), atol=1e-6)


@pytest.mark.parametrize(("style", "above", "below"), [("long", "part", "nape"), ("short_swept", "front", "nape")])
def test_what_roots_upstream_lies_on_top(style, above, below):
    scalp = scalp_of(HEAD)
    plan = planned(scalp, PRESETS[style].groom, RIM_MM)
    near = {
        "part": (np.abs(scalp.place[:, 0]) < 12) & (scalp.place[:, 1] > 110),
        "front": (scalp.place[:, 1] > 95) & (scalp.place[:, 2] > 40),
        "nape": (scalp.place[:, 1] < 0) & (scalp.place[:, 2] < -60),
    }
    order = upstream(scalp, plan, np.arange(len(scalp.place)))
    grows = plan.grows > 0.3
    assert order[near[above] & grows].mean() > order[near[below] & grows].mean() + 0.4


def outline_mm(style, more=0):
    """The highest hair by 6 mm steps from the forehead to the back (N,), mm, as a profile shows it.

    more: what is added to the style's seed.
    """
    groom = PRESETS[style].groom
    made = locks_of(replace(groom, seed=groom.seed + more), HEAD, NOBODY)
    locks = made.sets[0]
    solid = locks.lines[np.isin(locks.strip, (*DENSE, *MEDIUM))]  # single hairs may fly
    points = resampled(solid, np.ones(len(solid)), 80).reshape(-1, 3)
    points = points[np.abs(points[:, 0]) < 45]
    return np.array([points[np.abs(points[:, 2] - z) < 5, 1].max() for z in range(-70, 50, 6)])


@pytest.mark.parametrize("style", ["bob_side", "long", "shoulder", "lob"])
def test_a_crown_seen_from_the_side_is_smooth(style):
    lines = np.array([outline_mm(style, more) for more in range(4)])
    bends = lines[:, 2:] - 2 * lines[:, 1:-1] + lines[:, :-2]
    rough = np.sqrt((bends**2).mean(1))
    assert rough.mean() < 2.5  # mm: by chance a lock ends in a column of one draw, not in most draws
    assert np.median(rough) < 2.4


def test_a_lock_that_hangs_by_itself_is_found():
    rng = np.random.default_rng(0)
    hang = np.stack([np.zeros(20), -np.linspace(0, 300, 20), np.zeros(20)], 1)
    roots = np.concatenate([rng.uniform(0, 60, (200, 3)) * [1, 0.1, 1], [[130.0, 0, 0], [131.0, 0, 1]]])
    found = alone((roots[:, None] + hang).astype(np.float32))
    assert found[-2:].all() and not found[:-2].any()


@pytest.mark.parametrize("style", ["long_side", "bob_side", "shoulder"])
def test_few_locks_of_a_style_hang_by_themselves(style):
    lines = locks_of(PRESETS[style].groom, HEAD, NOBODY).sets[0].lines
    assert alone(lines).mean() < 0.02


def test_hair_begins_low_behind_the_hairline():
    made = locks_of(PRESETS["long_back"].groom, HEAD, NOBODY).sets[0]
    front = made.lines[(made.lines[:, 0, 1] > 85) & (made.lines[:, 0, 2] > 60)]
    skin = body_of(HEAD, NOBODY).vertices
    begun = resampled(front, 12.0 / arc_mm(front)[:, -1], 2)[:, 1]  # about 12 mm from the root
    away = np.linalg.norm(begun[:, None] - skin[None], axis=2).min(1)
    assert np.median(away) < 8.0  # mm


def test_the_outline_of_hair_has_no_steps():
    y, x = np.mgrid[0:40, 0:40]
    inside = (y > 10 + 0.3 * x).astype(np.float32)  # a slope, one sample a pixel
    front, laid = 1 - inside, np.repeat(inside[..., None], 4, 2).astype(np.float32)
    soften(front, laid, np.zeros((40, 40), np.float32), np.ones((2, 40, 5), np.float32))
    true = np.clip(y - (10 + 0.3 * x) + 0.5, 0, 1)  # the share of a pixel below the slope
    inner = np.s_[2:-2, 2:-2]
    before, after = (np.sqrt(np.mean((a - true)[inner] ** 2)) for a in (inside, laid[..., 3]))
    assert after < 0.75 * before
    np.testing.assert_allclose(front + laid[..., 3], 1, atol=1e-6)


def test_no_ground_shines_between_a_cheek_and_the_hair_behind_it():
    y, x = np.mgrid[0:40, 0:40]
    cheek = (x < 12 + 0.3 * y).astype(np.float32)  # before hair that fills the rest of the picture
    front, laid = cheek.copy(), np.repeat((1 - cheek)[..., None], 4, 2).astype(np.float32)
    soften(front, laid, 500 * cheek, np.ones((2, 40, 5), np.float32))
    assert np.array_equal(front, cheek) and np.array_equal(laid[..., 3], 1 - cheek)
