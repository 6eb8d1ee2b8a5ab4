"""Made-up people and their detections: the same in every process, and fitted as well as the fit can."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from facegpt.morphable.base import face_region
from facegpt_lab.evaluate.judges import made_up_points
from facegpt_lab.evaluate.protocols import synthetic


def told() -> list[list[float]]:
    """The expressions of some people; a head model's sizes are all that they need."""
    model = SimpleNamespace(model_id="none/1", sizes=SimpleNamespace(identity=4, joints=4, albedo=2))
    return [made_up_points.random_params(model, seed).expression.tolist() for seed in range(12)]


def test_synthetic_people_are_the_same_for_the_same_seed_and_face_the_camera(head):
    first, again = made_up_points.random_params(head, 3), made_up_points.random_params(head, 3)
    assert np.array_equal(first.identity, again.identity)
    detection = made_up_points.noisy_detection(head, first, 3)
    assert np.array_equal(detection.points, made_up_points.noisy_detection(head, again, 3).points)
    inside = (detection.points[:, :2] > 0) & (detection.points[:, :2] < made_up_points.SIZE_PX)
    assert inside.mean() > 0.9


@pytest.mark.slow
def test_fit_of_synthetic_people_beats_the_mean_head_and_knows_its_scale_error(head):
    region = face_region(head)
    found = [synthetic.outcome(head, made_up_points.random_params(head, seed), seed, region) for seed in range(24)]
    assert np.mean([one.share for one in found]) > 0.25
    assert np.mean([one.nme_percent for one in found]) < 2.0
    assert np.sqrt(np.mean([one.scale_ratio**2 for one in found])) < 1.6


@pytest.mark.slow
def test_made_up_people_do_not_depend_on_how_a_process_orders_its_sets():
    script = "from test_made_up_points import told\nprint(told())"
    path = [str(Path(__file__).parent), *sys.path]
    processes = [  # at the same time: most of theirs is the start
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(path)},
            **{"stdout": subprocess.PIPE, "text": True},
        )
        for seed in ("1", "2")
    ]
    said = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert said[0] == said[1]
