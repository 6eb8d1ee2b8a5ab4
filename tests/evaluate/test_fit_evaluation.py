"""The evaluations of the landmark fit: what they report is what they say."""

import numpy as np
import pytest

from facegpt.evaluate.judges import known_shape, made_up_points
from facegpt.evaluate.protocols import synthetic


def test_synthetic_people_are_the_same_for_the_same_seed_and_face_the_camera(head):
    first, again = made_up_points.random_params(head, 3), made_up_points.random_params(head, 3)
    assert np.array_equal(first.identity, again.identity)
    detection = made_up_points.noisy_detection(head, first, 3)
    assert np.array_equal(detection.points, made_up_points.noisy_detection(head, again, 3).points)
    inside = (detection.points[:, :2] > 0) & (detection.points[:, :2] < made_up_points.SIZE_PX)
    assert inside.mean() > 0.9


@pytest.mark.slow
def test_fit_of_synthetic_people_beats_the_mean_head_and_knows_its_scale_error(head):
    region = known_shape.face_region(head)
    found = [synthetic.outcome(head, made_up_points.random_params(head, seed), seed, region) for seed in range(24)]
    assert np.mean([one.share for one in found]) > 0.25
    assert np.mean([one.nme_percent for one in found]) < 2.0
    assert np.sqrt(np.mean([one.scale_ratio**2 for one in found])) < 1.6
