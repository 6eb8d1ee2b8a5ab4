"""The head and somebody who looks into the camera, in even light."""

from __future__ import annotations

import numpy as np
import pytest
from facing_params import facing_params

from facegpt.morphable.makehuman import head as makehuman


@pytest.fixture(scope="module")
def model():
    return makehuman.load()


@pytest.fixture(scope="module")
def params(model):
    light = np.zeros((9, 3), np.float32)
    light[0] = 3.0
    return facing_params(model, light)
