import numpy as np
import pytest

from facegpt import metrics
from facegpt.conventions import rotation_from_euler_deg
from facegpt.types import ShapeError


@pytest.fixture
def cloud() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(50, 3)) * 40


def test_angle_between_two_yaws_is_their_difference():
    found, truth = rotation_from_euler_deg(30), rotation_from_euler_deg(-12)
    assert metrics.angle_between_deg(found, truth) == pytest.approx(42, abs=1e-6)


def test_alignment_undoes_a_known_similarity(cloud):
    moved = 1.3 * cloud @ rotation_from_euler_deg(40, 20, 10).T + (5, -3, 8)
    assert np.abs(metrics.align(cloud, moved) - moved).max() < 1e-9


def test_metric_alignment_leaves_a_wrong_size_visible(cloud):
    assert metrics.vertex_error_mm(1.1 * cloud, cloud, scale=True).max() < 1e-9
    middle = np.linalg.norm(cloud - cloud.mean(0), axis=1).mean()
    assert metrics.vertex_error_mm(1.1 * cloud, cloud, scale=False).mean() == pytest.approx(0.1 * middle, rel=1e-6)


def test_alignment_never_mirrors(cloud):
    _, rotation, _ = metrics.similarity_transform(cloud * (-1, 1, 1), cloud)
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_nme_of_points_off_by_a_tenth_of_the_box_is_ten_percent():
    truth = np.array([[0.0, 0], [20, 0], [0, 5], [20, 5]])
    assert metrics.landmark_nme_percent(truth + np.array([0, 1]), truth) == pytest.approx(10)


def test_nme_refuses_points_of_another_number_and_points_without_area():
    with pytest.raises(ShapeError):
        metrics.landmark_nme_percent(np.zeros((3, 2)), np.zeros((4, 2)))
    with pytest.raises(ShapeError):
        metrics.landmark_nme_percent(np.zeros((3, 2)), np.zeros((3, 2)))


def test_recovered_share_is_one_for_the_truth_and_zero_for_the_mean(cloud):
    mean = cloud + np.random.default_rng(1).normal(size=cloud.shape)
    assert metrics.recovered_share(cloud, cloud, mean) == pytest.approx(1)
    assert metrics.recovered_share(mean, cloud, mean) == pytest.approx(0)


def test_within_radius_keeps_what_is_near():
    near = metrics.within_radius(np.array([[0, 0, 94.0], [0, 0, 96.0]]), np.zeros(3))
    assert near.tolist() == [True, False]
