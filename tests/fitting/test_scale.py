"""What irises say of the size, of discs whose size is known."""

import numpy as np

from facegpt.conventions import IRIS_DIAMETER_MM
from facegpt.fitting.scale import DETECTOR_BIAS_LOG, iris_scale


def seen(px_per_mm: float, yaw_deg: float) -> tuple[float, float]:
    """The scale and its SD of irises of the usual size, which face so far aside, by foreshortening alone."""
    turn = np.radians(yaw_deg)
    across = np.exp(DETECTOR_BIAS_LOG) * IRIS_DIAMETER_MM * px_per_mm * np.cos(turn)
    rims = np.array([[[x, 100.0], [x - across, 100.0]] for x in (200.0, 400.0)])
    normals = np.tile([np.sin(turn), 0.0, -np.cos(turn)], (2, 1))
    found = iris_scale(rims, normals, np.ones(2), np.ones(2))
    assert found is not None
    return found


def test_irises_from_the_front_say_the_scale():
    scale, log_sd = seen(2.5, 0)
    assert np.isclose(scale, 2.5, rtol=1e-6)
    assert 0.036 < log_sd < 0.08  # people's irises alone differ by 3.6 %


def test_irises_aside_say_less_and_are_known_to_look_too_small():
    scales, doubts = zip(*(seen(2.5, yaw_deg) for yaw_deg in (0, 20, 35, 45)), strict=True)
    assert list(doubts) == sorted(doubts) and doubts[-1] > 2 * doubts[0]
    assert list(scales) == sorted(scales) and scales[-1] < 1.25 * scales[0]
