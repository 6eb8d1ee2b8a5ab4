"""A groom that only bulges otherwise traces no lock anew, and is as if it had grown afresh."""

from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.grow import _plan_of_cards, locks_of
from facegpt.hair.lines.traced import _traced
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman.head import load
from facegpt.types import BULGE_GRID


@pytest.mark.parametrize("style", ["bob_side", "crew", "short_curly", "shoulder_wavy"])
def test_locks_of_another_bulge_are_those_that_grow_afresh(style):
    model = load()
    person = np.zeros(model.sizes.identity, np.float32)
    groom = PRESETS[style].groom
    bulged = replace(groom, bulge=tuple(np.linspace(-5.0, 8.0, BULGE_GRID[0] * BULGE_GRID[1]).tolist()))
    locks_of(groom, model, person, 2)
    before = _traced.cache_info().misses
    kept = locks_of(bulged, model, person, 2)
    assert _traced.cache_info().misses == before
    _traced.cache_clear()
    _plan_of_cards.cache_clear()
    fresh = locks_of(bulged, model, person, 2)
    assert (kept is None) == (fresh is None)
    if kept is not None and fresh is not None:
        for one, other in zip(kept.sets, fresh.sets, strict=True):
            assert np.array_equal(one.lines, other.lines) and np.array_equal(one.width, other.width)


def test_a_search_that_comes_back_to_a_groom_traces_it_once():
    model = load()
    person, groom = np.zeros(model.sizes.identity, np.float32), PRESETS["bob_side"].groom
    tried = [replace(groom, lift_mm=groom.lift_mm + step) for step in range(8)]
    for each in tried:
        locks_of(each, model, person, 2, outline=True)
    before = _traced.cache_info().misses
    locks_of(tried[0], model, person, 2, outline=True)
    assert _traced.cache_info().misses == before
