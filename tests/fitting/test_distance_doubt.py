"""How sure it is how far away the camera was: little where nothing says the focal length, less the farther it is."""

from __future__ import annotations

import numpy as np

from facegpt.fitting.landmark_fit import landmark_solution
from facegpt_lab.evaluate.judges.made_up_points import SIZE_PX, noisy_detection
from facegpt_lab.evaluate.protocols import person


def test_a_stated_focal_length_tells_the_distance_and_points_alone_hardly(head):
    view = person.views_of(head, 1)[0]
    detection, size = noisy_detection(head, view, 0), (SIZE_PX, SIZE_PX)
    told = landmark_solution(head, detection, size, view.camera.focal_px).as_fit().doubt.distance_sd
    guessed = landmark_solution(head, detection, size).as_fit().doubt.distance_sd
    assert told is not None and guessed is not None
    assert told < 0.08 < 0.12 < guessed
    assert np.isfinite(guessed)
