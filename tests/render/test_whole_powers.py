"""Highlights' powers by squaring are powers."""

import numpy as np
import pytest

from facegpt.render.drawn import _power
from facegpt.render.portrait import HIGHLIGHTS


@pytest.mark.parametrize("exponent", [*{exponent for _, exponent, _ in HIGHLIGHTS.values()}, 0.0, 2.5])
def test_a_power_is_that_of_the_library(exponent):
    for base in np.float32([0.2, 0.9, 0.999, 1.0]):
        assert _power(base, np.float32(exponent)) == pytest.approx(float(base) ** exponent, rel=2e-4, abs=1e-30)
