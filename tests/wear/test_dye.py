"""Known dyes under known folds: the folds' light goes, the dyes and what is woven of them stay."""

import numpy as np
import pytest

from facegpt.wear.cloth import HEIGHT, WIDTH
from facegpt.wear.dye import HAZE, dyes_of, unfolded


def folds(strength):
    """Log light (HEIGHT, WIDTH, 1) of wide folds around the cloth."""
    return strength * np.sin(2 * np.pi * 6 * np.arange(WIDTH) / WIDTH)[None, :, None] * np.ones((HEIGHT, 1, 1))


@pytest.mark.parametrize("dye", [(0.004, 0.12, 0.3), (0.3, 0.2, 0.2), (0.02, 0.02, 0.025)])
def test_folds_lose_most_of_their_light_and_the_dye_stays(dye):
    picture = np.array(dye) * np.exp(folds(0.6))
    found = unfolded(picture, np.ones((HEIGHT, WIDTH)))
    before, after = (np.log(each.sum(-1)).std() for each in (picture, found))
    assert after < 0.5 * before
    assert np.median(found, axis=(0, 1)) == pytest.approx(dye, rel=0.12, abs=0.002)


def test_a_white_scarf_over_a_black_one_keeps_its_border():
    picture = np.where(np.arange(HEIGHT)[:, None, None] < HEIGHT // 2, 0.5, 0.02) * np.exp(folds(0.3))
    found = unfolded(np.broadcast_to(picture, (HEIGHT, WIDTH, 3)), np.ones((HEIGHT, WIDTH)))
    assert np.median(found[: HEIGHT // 2 - 1]) == pytest.approx(0.5, rel=0.12)
    assert np.median(found[HEIGHT // 2 + 1 :]) == pytest.approx(0.02, rel=0.2)
    assert found[HEIGHT // 2 - 2].mean() > 10 * found[HEIGHT // 2 + 1].mean()


def test_a_fine_weave_keeps_its_contrast():
    stripes = np.where(np.arange(HEIGHT) % 4 < 2, 0.25, -0.25)[:, None, None]
    picture = 0.2 * np.exp(stripes + np.zeros((HEIGHT, WIDTH, 3)))
    found = unfolded(picture, np.ones((HEIGHT, WIDTH)))
    assert np.log(found)[60:-60].std() > 0.85 * 0.25


def test_two_dyes_are_told_apart_and_nothing_is_told_of_what_nobody_saw():
    logs = np.log(np.repeat([[0.5, 0.1, 0.1], [0.1, 0.1, 0.5]], 200, 0) + HAZE)
    found = dyes_of(logs, np.ones(len(logs)))
    assert {int(one.argmax()) for one in found} == {0, 2} and len(found) == 2
    assert not len(dyes_of(logs, np.zeros(len(logs))))
    assert np.array_equal(unfolded(np.full((12, 12, 3), 0.2), np.zeros((12, 12))), np.full((12, 12, 3), 0.2))
