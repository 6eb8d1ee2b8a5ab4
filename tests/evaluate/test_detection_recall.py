"""The recall protocol: distortions take the points along truthfully, and the counting is right."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt_lab.evaluate.judges import distortions
from facegpt_lab.evaluate.judges.people import faceless
from facegpt_lab.evaluate.protocols import detection


def marked(points: np.ndarray) -> np.ndarray:
    """A dark picture with a bright, soft spot of radius 6 px at the first point."""
    y, x = np.mgrid[:400, :420]
    spot = 230 * np.exp(-((x - points[0, 0]) ** 2 + (y - points[0, 1]) ** 2) / 72)
    return np.repeat(np.clip(spot, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def brightest(picture: np.ndarray) -> np.ndarray:
    """Centroid of the brightest part, pixels."""
    weight = np.clip(picture.mean(2) - 0.6 * picture.mean(2).max(), 0, None)
    y, x = np.mgrid[: len(picture), : picture.shape[1]]
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


@pytest.fixture
def points() -> np.ndarray:
    """478 points spread over a box of 200 px; the first lies off its centre."""
    spread = np.random.default_rng(0).uniform(-100, 100, (478, 3)) + np.array([210, 200, 0])
    spread[0] = (240.0, 170.0, 5.0)
    return spread


@pytest.mark.parametrize("turn_deg", [30, 90, 200])
def test_a_turned_picture_takes_its_points_along(points, turn_deg):
    picture, moved = distortions.rotated(turn_deg)(marked(points), points)
    inside = picture.copy()
    inside[(picture == distortions.MARGIN_COLOUR).all(2)] = 0
    assert np.linalg.norm(brightest(inside) - moved[0, :2]) < 0.2


@pytest.mark.parametrize("factor", [0.5, 0.73])
def test_a_resized_picture_takes_its_points_along(points, factor):
    picture, moved = distortions.resized(marked(points), points, factor)
    assert np.linalg.norm(brightest(picture) - moved[0, :2]) < 0.1


def test_a_face_is_shrunk_to_the_size_asked_for_and_lies_inside_the_frame(points):
    picture, moved = distortions.shrunk(60, True)(marked(points), points)
    assert picture.shape == (1080, 1920, 3)
    assert distortions.box_height(moved) == pytest.approx(60, abs=0.5)
    left, top = np.round(moved[0, :2]).astype(int) - 8
    patch = picture[top : top + 17, left : left + 17]
    assert np.linalg.norm(brightest(patch) + np.array([left, top]) - moved[0, :2]) < 0.3


def test_a_cut_picture_takes_its_points_along(points):
    picture, moved = distortions.cut((0.1, 0.05), (0.95, 0.9))(marked(points), points)
    assert np.linalg.norm(brightest(picture) - moved[0, :2]) < 0.1


def test_every_distortion_of_the_table_gives_a_picture_and_its_points(points):
    picture = marked(points)
    for distortion in distortions.table():
        changed, moved = distortion.apply(picture, points)
        assert changed.dtype == np.uint8
        assert changed.ndim == 3
        assert moved.shape == points.shape


def test_hits_misses_and_false_faces_are_counted(points):
    size = distortions.box_height(points)
    near, far = points + np.array([0.1 * size, 0, 0]), points + np.array([3 * size, 0, 0])
    assert detection.judge([near, far], points) == (pytest.approx(0.1), 1)
    assert detection.judge([far], points) == (np.inf, 1)
    assert detection.judge([], points) == (np.inf, 0)


def test_a_perfect_and_a_blind_detector_get_the_scores_they_deserve(points):
    truth = detection.Truth("spot", marked(points), points)
    plain = distortions.table()[:1]
    scores = detection.recall_table({"perfect": lambda _: [points], "blind": lambda _: []}, [truth], plain)
    assert scores["perfect"][0].recall == 1.0
    assert scores["perfect"][0].error == 0.0
    assert scores["blind"][0].recall == 0.0
    rows = {row.metric: row for row in detection.rows(scores["blind"])}
    assert rows["plain: recall"].met is False
    assert "perfect" in detection.as_text(scores)


@pytest.mark.slow
def test_our_detector_keeps_its_recall_on_hard_versions_of_a_few_photos(shared_data):
    truths = detection.read_truths(40, 100)
    hard = [one for one in distortions.table() if one.name in {"90°", "180°", "face 40 px in full HD", "× 0.07"}]
    scores = detection.recall_table({"ours": detection.ours()["facegpt"]}, truths, hard)["ours"]
    assert [one.recall for one in scores] == [1.0] * len(hard)
    assert max(one.error for one in scores) < 0.02


def test_cuttings_beside_a_face_keep_clear_of_it():
    picture = np.zeros((600, 800, 3), np.uint8)
    points = np.array([[500.0, 300.0], [600.0, 400.0]])
    picture[300:401, 500:601] = 255  # the face
    cut = faceless.beside(picture, points)
    assert [one.shape[:2] for one in cut] == [(600, 485), (265, 800)]  # left of the face, and above it
    assert all(one.max() == 0 for one in cut)


def test_faces_where_none_is_are_counted_for_each_way_to_look(monkeypatch):
    monkeypatch.setattr(detection, "read_truths", lambda *_, **__: [])
    monkeypatch.setattr(detection, "ours", lambda: {"blind": lambda _: [], "dreaming": lambda _: [np.zeros((478, 3))]})
    report = detection.false_faces(quick=True)
    assert {row.metric.split(":")[0]: row.value for row in report.rows} == {"blind": 0, "dreaming": 40}
    assert report.data.startswith("0 cuttings") and "40 painted" in report.data


def test_painted_backdrops_are_pictures():
    shown = [faceless.backdrop(number) for number in range(2)]
    assert all(one.shape == (faceless.SIDE_PX, faceless.SIDE_PX, 3) and one.dtype == np.uint8 for one in shown)
    assert any(one.std() > 1 for one in shown)
