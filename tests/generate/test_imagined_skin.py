"""Imagined skin is free of the light that statistics of photos hold: no masks around eyes, nose and mouth."""

import numpy as np
import pytest

from facegpt.appearance.complete import bare_skin
from facegpt.appearance.even_skin import UNEVEN_SD
from facegpt.appearance.prior import prior_of, tone_size
from facegpt.generate.request_to_head import imagine_params
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.head import load
from facegpt.morphable.makehuman.skin import OF_MEN, OF_WOMEN, skin_of_sex
from facegpt.types import FaceParams

HEAD = load()
PRIOR = prior_of(HEAD, tone_size(HEAD))
COVERED = np.maximum.reduce([PRIOR.growth, PRIOR.lips, PRIOR.brows, PRIOR.hard.astype(np.float32)])
BARE = PRIOR.mask * bare_skin(PRIOR.residual_sd) * (1 - COVERED) > 0.5


def anybody(man: float = 0.5) -> HeadRequest:
    return HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES)), man=man)


def pattern(albedo: np.ndarray) -> tuple[float, float]:
    """SDs of a skin beside the mean one from place to place: of brightness and of hue, log units."""
    skin = PRIOR.expected(np.asarray(albedo))[BARE] - PRIOR.expected(0 * np.asarray(albedo))[BARE]
    bright = skin.mean(-1)
    hue = skin - bright[:, None]
    return float(bright.std()), float(np.sqrt(((hue - hue.mean(0)) ** 2).mean()))


@pytest.mark.parametrize("seed", range(6))
def test_bare_skin_of_imagined_people_is_even(seed):
    """Skins of people differ from place to place by .05 log units of brightness and less in hue (see even_skin.py)."""
    params = imagine_params(HEAD, anybody(), seed)
    bright, hue = pattern(np.asarray(params.albedo) - of_its_sex(params))
    assert bright < 0.1 and hue < 0.04


def of_its_sex(params: FaceParams) -> np.ndarray:
    """What every drawn skin of the sex has beside the mean one; by the axis of the statistics."""
    axis = np.asarray(HEAD.albedo.male, float)
    nearest = min((OF_MEN, OF_WOMEN), key=lambda at: abs(np.asarray(params.albedo, float) @ axis / (axis @ axis) - at))
    return nearest * axis


@pytest.mark.parametrize("sex", ["F", "M"])
def test_skins_of_a_sex_differ_from_the_mean_one_no_more_than_skins_do(sex):
    bright, hue = pattern(skin_of_sex(HEAD.albedo, sex, 30.0))
    assert bright <= UNEVEN_SD[0] and hue <= UNEVEN_SD[1]


def test_skins_of_women_and_men_stay_as_far_apart_as_statistics_have_them():
    """The shadow of a beard is no light of a photo: to even a skin leaves it."""
    axis = np.asarray(HEAD.albedo.male, float)
    drawn = {man: [imagine_params(HEAD, anybody(man), seed).albedo for seed in range(6)] for man in (0.03, 0.97)}
    women, men = (float(np.mean(np.array(each, float) @ axis / (axis @ axis))) for each in drawn.values())
    assert men - women == pytest.approx(OF_MEN - OF_WOMEN, abs=0.25)
