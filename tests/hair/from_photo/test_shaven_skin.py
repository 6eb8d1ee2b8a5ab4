"""Shaven faces have no stains where beards grow: a plain skin is stained, and comes out even again."""

import numpy as np
import pytest

from facegpt.appearance.prior import prior_of
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.hair.from_photo.shaven_skin import with_shaven_skin
from facegpt.morphable.makehuman import head as makehuman

SKIN_TONE, TEXELS = np.array([0.42, 0.27, 0.19]), 512


@pytest.fixture(scope="module")
def model():
    return makehuman.load()


def stained(model, factor):
    """A plain skin whose chin and lip are stained, and where that is."""
    prior = prior_of(model, TEXELS)
    stain = (prior.growth > 0.3) & (prior.lips == 0)
    linear = np.broadcast_to(SKIN_TONE, (TEXELS, TEXELS, 3)).copy()
    linear[stain] *= factor
    opaque = np.full((TEXELS, TEXELS, 1), 255, np.uint8)
    return np.concatenate([np.round(linear_to_srgb(linear) * 255).astype(np.uint8), opaque], -1), stain


def off(texture, stain):
    """How far a stain is from the plain skin, log units: brightness, and hue."""
    logs = np.log(srgb_to_linear(texture[stain][:, :3] / 255.0) / SKIN_TONE).mean(0)
    return abs(float(logs.mean())), float(np.ptp(logs))


@pytest.mark.parametrize("factor", [(0.6, 0.6, 0.6), (0.6, 0.7, 0.8)])
def test_a_dark_or_blue_chin_of_a_shaven_face_is_evened(model, factor):
    texture, stain = stained(model, np.array(factor))
    found = off(with_shaven_skin(texture, model, 0.0), stain)
    before = off(texture, stain)
    assert found[0] < 0.6 * before[0] and found[1] < max(0.6 * before[1], 0.02)


def test_skin_that_is_even_and_bearded_faces_stay(model):
    even, _ = stained(model, np.ones(3))
    assert np.array_equal(with_shaven_skin(even, model, 0.0), even)
    texture, stain = stained(model, np.full(3, 0.5))
    assert np.array_equal(with_shaven_skin(texture, model, 0.3), texture)
    changed = (with_shaven_skin(texture, model, 0.0) != texture).any(-1)
    assert not changed[prior_of(model, TEXELS).growth == 0].all() and changed[stain].any()
    assert not changed[prior_of(model, TEXELS).lips > 0.9].any()


def test_lighter_skin_stays(model):
    light, stain = stained(model, np.full(3, 1.3))
    assert off(with_shaven_skin(light, model, 0.0), stain)[0] == pytest.approx(off(light, stain)[0], abs=0.02)
