"""Imagined skin is free of the light that statistics of photos hold: no masks around eyes, nose and mouth."""

import numpy as np
import pytest

from facegpt.appearance.complete import bare_skin
from facegpt.appearance.prior import prior_of, tone_size
from facegpt.generate.request_to_head import imagine_params
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.head import load

HEAD = load()
PRIOR = prior_of(HEAD, tone_size(HEAD))
COVERED = np.maximum.reduce([PRIOR.growth, PRIOR.lips, PRIOR.brows, PRIOR.hard.astype(np.float32)])
BARE = PRIOR.mask * bare_skin(PRIOR.residual_sd) * (1 - COVERED) > 0.5


@pytest.mark.parametrize("seed", range(6))
def test_bare_skin_of_imagined_people_is_even(seed):
    """Skins of people differ from place to place by .05 log units of brightness and less in hue (see even_skin.py)."""
    albedo = imagine_params(HEAD, HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))), seed).albedo
    skin = PRIOR.expected(np.asarray(albedo))[BARE] - PRIOR.expected(0 * np.asarray(albedo))[BARE]
    bright = skin.mean(-1)
    hue = skin - bright[:, None]
    assert bright.std() < 0.1
    assert np.sqrt(((hue - hue.mean(0)) ** 2).mean()) < 0.04
