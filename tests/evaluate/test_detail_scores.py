"""Scores of detail: a light that is fitted again explains a photo better than one that nobody fitted."""

import numpy as np
import pytest

from facegpt.appearance.light import ambient_light
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.evaluate.protocols.detail import Looked, _light_again, _photometric, photo_rows
from facegpt.train.detail.examples import Studio
from facegpt.types import FaceGPTError


def test_a_light_fitted_again_explains_the_skin():
    seen = Studio.ready().example(3).observation
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    light = _light_again(seen, none)
    assert light.shape == (9, 3)
    assert _photometric(seen, none, light) < 0.8 * _photometric(seen, none, np.asarray(ambient_light()))


def test_photos_are_summed_up_without_those_that_show_no_skin():
    good = Looked((0.4, 0.3), (0.2, 0.1), (0.5, 0.5), (1.0, 0.5))
    worse = Looked((0.4, 0.5), (0.2, 0.1), (0.5, 0.6), (1.0, 0.5))
    blind = Looked((float("nan"),) * 2, (float("nan"),) * 2, (0.5, 0.5), (1.0, 0.5))
    values = [row.value for row in photo_rows([good, worse, blind])]
    assert np.allclose(values[0], 0, atol=1e-9)  # one a quarter better, one as much worse
    assert values[3] == 50 and abs(values[4] - 0.05) < 1e-9 and values[6] == 0.5
    with pytest.raises(FaceGPTError):
        photo_rows([blind])
