"""The step where a photo's skin ends is taken away, and neither detail nor slow changes are."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.seam import without_step
from facegpt_lab.evaluate.skin_light.skin_border import local_steps

SIDE = 256
EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


@pytest.fixture(scope="module")
def scene():
    """What the photo gives (a disc), a slope, fine detail within the disc, and a step at its rim: (S, S) each."""
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    share = np.clip((72 - np.hypot(x, y)) / 3 + 0.5, 0, 1).astype(np.float32)
    detail = 0.05 * np.sin(1.5 * x) * np.cos(1.5 * y) * (share > 0.99)
    return share, 0.003 * (x + y), detail, 0.2 * share


def steps(field, share):
    return float(local_steps(field, share, np.ones(share.shape, bool)).mean())


def colour(plane):
    return np.repeat(plane[..., None], 3, -1).astype(np.float32)


def test_a_step_goes_and_detail_stays(scene):
    share, slope, detail, step = scene
    field = colour(slope + detail + step)
    found = field + without_step(field, share, EVERYWHERE)
    assert steps(found, share) < 0.35 * steps(field, share)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    inner = np.hypot(x, y) < 66
    fine = [plane[..., 0] - np.roll(plane[..., 0], 1, 0) for plane in (field, found)]
    assert np.abs((fine[1] - fine[0])[inner]).max() < 0.2 * np.abs(fine[0][inner]).max()


def test_a_slope_is_no_step_and_far_from_the_border_nothing_changes(scene):
    share, slope, _, step = scene
    assert np.abs(without_step(colour(slope), share, EVERYWHERE)).max() < 0.01
    change = without_step(colour(step), share, EVERYWHERE)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    assert np.abs(change[np.abs(np.hypot(x, y) - 72) > 24]).max() < 0.002
    assert not without_step(colour(step), EVERYWHERE, EVERYWHERE).any()


def test_what_has_edges_of_its_own_is_left_alone(scene):
    share, _, _, step = scene
    skin = EVERYWHERE.copy()
    skin[: SIDE // 2] = 0  # lips, brows
    change = without_step(colour(step), share, skin)
    assert not change[: SIDE // 2].any() and np.abs(change).max() > 0.02
