"""Moustaches that no network of parts sees are told by their darkness; shadows of noses are not."""

import numpy as np
import pytest

import facegpt
from facegpt.appearance.prior import prior_of
from facegpt.hair.from_photo.beards.dark_hair import moustache, over_lips, told_by_darkness

GRID = 256
#: Log units by which black hair, and a hard shadow, lie below skin in the same light.
HAIR, SKIN = -2.6, np.log(0.35)


@pytest.fixture(scope="module")
def prior():
    return prior_of(facegpt.load().head, GRID)


def upper_lip(prior, columns: slice) -> np.ndarray:
    """Where beards grow over the mouth's middle, and five rows of the lips below; columns by their share."""
    rows, across = np.nonzero(prior.lips > 0.5)
    left, width = across.min(), np.ptp(across)
    place = (np.arange(GRID)[None] - left) / width
    chosen = (place >= columns.start) & (place <= columns.stop)
    top = np.array([np.flatnonzero(column > 0.5).min(initial=GRID) for column in prior.lips.T])
    height = np.arange(GRID)[:, None] - top[None]
    growing = (prior.growth > 0.1) & (height < 0) & (np.arange(GRID)[:, None] < rows.mean())
    return chosen & (growing | ((height >= 0) & (height < 5)))


def belief(prior, dark: np.ndarray) -> np.ndarray:
    """What is told of a face with an even skin in a light from the left that is so dark (H, W) in places."""
    light = np.repeat(np.linspace(1.2, 0.6, GRID)[None, :, None], GRID, 0).repeat(3, 2)
    photo = SKIN + np.log(light) + np.where(dark, HAIR, 0.0)[..., None]
    seen = prior.mask > 0.5
    hair = told_by_darkness(photo, light, seen & (prior.growth < 0.01), seen)
    return moustache(hair, prior.growth, prior.lips, seen)


def test_a_moustache_is_told_and_hangs_over_the_upper_lip_alone(prior):
    dark = upper_lip(prior, slice(0.05, 0.95))
    hair = belief(prior, dark)
    assert np.median(hair[dark & (prior.growth > 0.1)]) > 0.95
    hanging = over_lips(hair, prior.lips)
    lips = prior.lips > 0.9
    assert np.median(hanging[dark & lips]) > 0.6
    assert hanging[lips & (np.arange(GRID)[:, None] > np.nonzero(lips)[0].mean())].max() < 0.05


@pytest.mark.parametrize("columns", [slice(0.3, 0.7), slice(0.0, 0.6), slice(0.5, 1.0)])
def test_a_nose_shadow_below_it_or_on_one_side_is_none(prior, columns):
    assert belief(prior, upper_lip(prior, columns)).max() < 0.15


def test_shade_of_skin_is_none(prior):
    assert belief(prior, np.zeros((GRID, GRID), bool)).max() == 0
