"""Teeth that meet shut the jaw: drawn mouths of known jaws, and stripes of known light."""

import numpy as np
import pytest
from test_photo_fit import SIZE, detection_of, known_params

from facegpt.conventions import ARKIT_NAMES, linear_to_srgb
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.detect.teeth import CORNERS, teeth_meet
from facegpt.fitting.landmark_fit import landmark_solution
from facegpt.fitting.photo_fit import SHUT, with_bite

JAW = ARKIT_NAMES.index("jawOpen")


def mouth(high: float) -> np.ndarray:
    """Points (478, 2) of a mouth 100 pixels wide and `high` pixels high, its upper lip at y = 40."""
    points = np.zeros((478, 2))
    points[list(UPPER_INNER_LIP)] = np.column_stack([np.linspace(80, 120, 5), np.full(5, 40.0)])
    points[list(LOWER_INNER_LIP)] = points[list(UPPER_INNER_LIP)] + [0, high]
    points[list(CORNERS)] = [[50, 45], [150, 45]]
    return points


def striped(*lights: float) -> np.ndarray:
    """A picture whose rows from 40 to 60 have these lights, in equal parts."""
    light = np.full(100, 0.2)
    light[40:60] = np.repeat(lights, 20 // len(lights))
    sampled = np.round(linear_to_srgb(light) * 255).astype(np.uint8)
    return np.broadcast_to(sampled[:, None, None], (100, 200, 3))


@pytest.mark.parametrize(
    ("lights", "meet"),
    [
        ((0.5, 0.5, 0.5, 0.5), 1.0),
        ((0.05, 0.5, 0.5, 0.5), 1.0),  # the upper lip's shadow is no gap
        ((0.5, 0.5, 0.5, 0.02), 0.0),
        ((0.5, 0.02, 0.5, 0.5), 0.0),
        ((0.5, 0.3, 0.3, 0.9), 1.0),  # a wet lower lip is no row of teeth
    ],
)
def test_dark_below_the_teeth_is_a_gap(lights, meet):
    assert teeth_meet(striped(*lights), mouth(20)) == meet


@pytest.mark.parametrize("high", [2, 45])
def test_shut_and_wide_mouths_say_nothing(high):
    assert teeth_meet(striped(0.5, 0.5), mouth(high)) == 0


def test_a_bright_mouth_shuts_the_jaw_and_keeps_the_lips(head):
    params = known_params(head, 5)
    params.expression[JAW] = 0.2
    detection = detection_of(head, params, 0.0)
    start = landmark_solution(head, detection, (SIZE, SIZE))
    row = start.face.surface.identity + JAW
    bitten = with_bite(start, np.full((SIZE, SIZE, 3), 200, np.uint8), detection.points)
    assert start.solution.state.theta[row] > 0.1
    assert bitten.solution.state.theta[row] <= SHUT + 1e-9
    lips = [*UPPER_INNER_LIP, *LOWER_INNER_LIP]
    assert np.linalg.norm(bitten.solution.residual_px[lips], axis=1).mean() < 2.0  # the jaw alone would move them by 6


def test_a_mouth_that_is_dark_below_the_teeth_stays_open(head):
    params = known_params(head, 5)
    params.expression[JAW] = 0.2
    detection = detection_of(head, params, 0.0)
    image = np.full((SIZE, SIZE, 3), 200, np.uint8)
    image[round(detection.points[[13, 14], 1].mean()) :] = 5
    start = landmark_solution(head, detection, (SIZE, SIZE))
    assert with_bite(start, image, detection.points) is start
