"""The refinement per photo: it finds the bump that made the light, keeps the prior where nothing is seen."""

from types import SimpleNamespace

import numpy as np

from facegpt.detail.explained_light import Stiffness, explained
from facegpt.detail.observation import CHANNELS
from facegpt.detail.skin_window import HEIGHT, WIDTH

ONE = np.ones((HEIGHT, WIDTH), np.float32)
NONE = np.zeros((HEIGHT, WIDTH), np.float32)
SOFT = Stiffness(smooth=1e-3, folded=1e-3, size=1e-3, hollow=0.0, steps=120)


def bump(depth_mm=0.6):
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    return depth_mm * np.exp(-(((rows - 170) / 4) ** 2 + ((columns - 190) / 4) ** 2)).astype(np.float32)


def lit(relief):
    """What is seen of a relief under light that comes from the side and from above, to first order."""
    channels = np.zeros((CHANNELS, HEIGHT, WIDTH), np.float32)
    channels[4], channels[5], channels[6] = 1, 1.4, -1.0
    down, across = np.diff(relief, axis=0, append=0), np.diff(relief, axis=1, append=0)
    channels[:3] = 10 * (1.4 * across - down)
    return SimpleNamespace(channels=channels, weight=channels[4])


def test_the_bump_that_made_the_light_is_found():
    found = explained(lit(bump()), NONE, ONE, SOFT)
    assert np.corrcoef(found.ravel(), bump().ravel())[0, 1] > 0.8


def test_a_timid_prior_gets_the_depth_that_the_light_asks_for():
    rows = np.mgrid[:HEIGHT, :WIDTH][0].astype(np.float32)
    truth = -np.exp(-(((rows - 170) / 4) ** 2))  # a fold of 1 mm across the face
    timid = 0.5 * truth
    found = explained(lit(truth), timid, ONE, Stiffness(hollow=0.0))
    assert truth[170, 190] < found[170, 190] < 1.15 * timid[170, 190]  # mm


def test_where_no_light_is_believed_the_prior_stays():
    prior = bump(0.2)
    assert np.array_equal(explained(lit(bump(1.0)), prior, NONE), prior)
    half = ONE.copy()
    half[:, WIDTH // 2 :] = 0
    found = explained(lit(bump(1.0)), prior, half)
    assert np.array_equal(found[:, WIDTH // 2 + 1 :], prior[:, WIDTH // 2 + 1 :])


def test_light_where_the_network_saw_no_fold_stays_in_the_texture():
    """A mark as contrasty as a fold, once on a prior that has a fold there and once on one that has none."""
    seen = lit(bump(0.5))
    beside_fold = explained(seen, 0.5 * bump(0.5), ONE) - 0.5 * bump(0.5)
    alone = explained(seen, NONE, ONE)
    assert np.abs(alone).max() < 0.35 * np.abs(beside_fold).max()


def test_light_that_the_prior_explains_changes_nothing():
    prior = bump(0.3)
    found = explained(lit(prior), prior, ONE, Stiffness(hollow=0.0))
    assert np.abs(found - prior).max() < 1e-3  # mm
