"""Real photos in the training of the landmark network: faces cut out, two views of each, losses without labels."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pytest
import torch
from made_up_crops import made_up_samples
from PIL import Image

from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.landmark_network import CROP, NetworkOutput
from facegpt.types import Detection, FaceGPTError
from facegpt_lab.train.landmarks.crops import DETECTED_PX, write_crops
from facegpt_lab.train.landmarks.photo_consistency import (
    PATCH,
    Habit,
    PhotoFaces,
    draw_views,
    photo_losses,
    write_photo_faces,
)
from facegpt_lab.train.landmarks.training import mirror_of

WIDTH, HEIGHT = 400, 300
NO_HABIT = Habit(np.zeros((478, 2), np.float32), np.full((478, 2), 0.01, np.float32))


def slopes() -> np.ndarray:
    """A picture whose colours say the place: red grows along x, green along y."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 0.6, y * 0.6, 0 * x], -1).astype(np.uint8)


@dataclass
class StandInDetector:
    """Sees the default head in every photo, so large."""

    points: np.ndarray
    yaw_deg: float = 10.0

    def detect(self, image):
        return [Detection(self.points, np.zeros(52), 1.0, rotation_from_euler_deg(self.yaw_deg))]


@pytest.fixture(scope="module")
def dense(head):
    """The default head's points (P, 2), mm from their middle, y down."""
    points = head.embedding("dense")(head.mean_vertices)[:, :2] * (1, -1)
    return points - (points[:468].max(0) + points[:468].min(0)) / 2


@pytest.fixture(scope="module")
def faces(dense, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    Image.fromarray(slopes()).save(folder / "a.png")
    points = np.column_stack([np.add(dense[:478], (190.0, 140.0)), np.zeros(478)])
    return write_photo_faces([folder / "a.png"], folder / "faces.npz", StandInDetector(points)), points


def test_a_face_is_cut_out_with_its_points(faces):
    found, points = faces
    assert found.image.shape == (1, PATCH, PATCH, 3) and found.yaw_deg == pytest.approx(10.0)
    column, row = np.round(found.detected_px[0]).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < PATCH) & (row < PATCH)
    assert inside.all()
    assert np.abs(found.image[0, row, column, :2] / 0.6 - points[:, :2]).max() < 4.0


def test_small_faces_are_left_out(dense, tmp_path):
    Image.fromarray(slopes()).save(tmp_path / "a.png")
    small = StandInDetector(np.column_stack([dense[:478] * 0.2 + 150, np.zeros(478)]))
    with pytest.raises(FaceGPTError, match="no face"):
        write_photo_faces([tmp_path / "a.png"], tmp_path / "faces.npz", small)
    with pytest.raises(FaceGPTError, match=r"photo_crops\.py"):
        PhotoFaces.load(tmp_path / "faces.npz")


def seen_of(views, points_of, sigma=0.02) -> NetworkOutput:
    """What a network says that sees points_of(k) (P, 2) in row k of the views, and nothing else."""
    points = torch.tensor(np.stack([points_of(k) for k in range(len(views.flip))]), dtype=torch.float32)
    log_sigma = torch.full(points.shape[:2], float(np.log(sigma)))
    values = {each.name: torch.zeros(len(points)) for each in fields(NetworkOutput)}
    values |= {"points": points, "first_points": points, "log_sigma": log_sigma, "first_log_sigma": log_sigma}
    return NetworkOutput(**values)


def in_view(views, k, home, mirror):
    """Take points (P, 2) of the patch's middle crop to view k, in the order in which they are seen there."""
    points = np.linalg.solve(views.back[k][:, :2], (home - views.back[k][:, 2]).T).T
    return points[mirror.points] if views.flip[k] else points


def test_the_points_of_both_views_lie_on_the_same_places_of_the_picture(head, faces):
    found, _ = faces
    views = draw_views(found, NO_HABIT, mirror_of(head), np.random.default_rng(0), 3)
    assert (views.flip[:3] != views.flip[3:]).all()
    mirror = mirror_of(head).points[:478]
    for k in range(6):
        x, y = np.round(views.detected[k] * CROP / 2 + (CROP - 1) / 2).astype(int).T
        colours = views.image[k][:2, y.clip(0, CROP - 1), x.clip(0, CROP - 1)].T
        px, py = np.round(found.detected_px[0]).astype(int).T
        true = found.image[0, py, px, :2]
        true = (true[mirror] if views.flip[k] else true) / 255
        gain = (colours * true).sum(0) / (true**2).sum(0)
        assert np.abs(colours - gain * true).max() < 0.04


def test_a_network_that_agrees_with_itself_and_the_detector_loses_nothing(head, faces):
    found, _ = faces
    mirror = mirror_of(head)
    views = draw_views(found, NO_HABIT, mirror, np.random.default_rng(1), 2)
    home = np.zeros((len(mirror.points), 2))
    home[:478] = views.expected[0]
    right = photo_losses(seen_of(views, lambda k: in_view(views, k, home, mirror)), views, NO_HABIT, mirror)
    assert float(right["consistency"]) < 1e-4 and float(right["agreement"]) < 1e-4
    shifted = photo_losses(
        seen_of(views, lambda k: in_view(views, k, np.add(home, (0.02, 0)), mirror)), views, NO_HABIT, mirror
    )
    assert float(shifted["consistency"]) < 1e-4 < float(shifted["agreement"])
    torn = photo_losses(
        seen_of(views, lambda k: in_view(views, k, np.add(home, (0.02 * (k < 2), 0)), mirror)), views, NO_HABIT, mirror
    )
    assert float(torn["consistency"]) == pytest.approx(0.25, rel=0.1)  # (one sigma)² / two sigmas², halved
    unsure = photo_losses(
        seen_of(views, lambda k: in_view(views, k, np.add(home, (0.02, 0)), mirror), sigma=0.2), views, NO_HABIT, mirror
    )
    assert float(unsure["agreement"]) == 0.0


def test_the_detectors_habit_is_its_mean_offset_on_frontal_crops(head, tmp_path):
    store = write_crops(made_up_samples(head, 30), tmp_path, 30)
    assert Habit.of(store, mirror_of(head)) is None
    found = store.rows(np.arange(30))["points_px"][:, :478] + np.float32([0.0, 2.0])
    found[np.abs(store.arrays["yaw_deg"]) >= 30] += 50
    store.add(tmp_path, DETECTED_PX, found)
    habit = Habit.of(store, mirror_of(head))
    assert np.allclose(habit.mean, (0.0, 2.0 * 2 / CROP), atol=1e-4) and habit.sd.max() < 1e-3
