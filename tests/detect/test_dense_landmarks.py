from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from facegpt.assets import FOLDER
from facegpt.detect.geometry import canonical_face
from facegpt.encode import dense_landmarks
from facegpt.encode.dense_landmarks import ASSET, CROP_PX, DenseLandmarker, crop_window
from facegpt.encode.landmark_network import DenseLandmarkNetwork, NetworkSizes
from facegpt.types import AssetError, Detection

TINY = NetworkSizes(663, widths=(16, 16, 16, 16), blocks=(0, 0, 0, 0), hidden=32, pyramid=16, embedding=8, summary=2)
SIGNS = np.where(np.arange(60) % 3 == 0, -1.0, 1.0)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A network of random weights and its ONNX file."""
    pytest.importorskip("onnx")
    from facegpt_lab.train.landmarks.export import export_onnx

    torch.manual_seed(0)
    network = DenseLandmarkNetwork(TINY)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2.0)
    path = tmp_path_factory.mktemp("network") / "tiny.onnx"
    export_onnx(network.eval(), path, SIGNS)
    return network, path


def made_up_detection(width, height, roll_deg=20.0):
    """The canonical face somewhere in a photo."""
    points = np.zeros((478, 3))
    points[:468] = canonical_face().points * (1.0, -1.0, -1.0) * height / 400
    points[468:473], points[473:] = points[[33, 133]].mean(0), points[[263, 362]].mean(0)
    roll = np.radians(roll_deg)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    points[:, :2] = points[:, :2] @ turn.T + (0.45 * width, 0.55 * height)
    return Detection(points, np.zeros(52), 1.0, np.eye(3))


def made_up_photo(width=260, height=300):
    y, x = np.mgrid[:height, :width]
    waves = [128 + 100 * np.sin(x / (9 + 3 * k)) * np.cos(y / (14 - 2 * k)) for k in range(3)]
    return np.stack(waves, -1).astype(np.uint8)


def test_the_onnx_file_computes_what_the_trained_network_does(tiny):
    network, path = tiny
    rng = np.random.default_rng(0)
    crops = rng.random((3, 3, 128, 128)).astype(np.float32)
    detected = rng.uniform(-0.8, 0.8, (3, 478, 2)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy((crops - 0.45) / 0.25), torch.from_numpy(detected))
    for name, value in DenseLandmarker(path).run(crops, detected).items():
        largest = np.abs(value).max()
        assert np.allclose(value, getattr(expected, name).numpy(), atol=2e-3 * largest), name


def test_the_crop_stands_upright_around_the_face():
    face = made_up_detection(260, 300, roll_deg=30.0)
    window = crop_window(face.points)
    inside = (np.linalg.solve(window.axes(), (face.points[:468, :2] - (window.x, window.y)).T)).T
    assert np.allclose(inside.min(0) + inside.max(0), 0, atol=1e-6)
    assert np.ptp(inside, axis=0).max() == pytest.approx(144 / (1.4 * 128))
    assert abs(inside[33, 1] - inside[263, 1]) < 1e-6  # a symmetric face: eyes level, chin below the forehead
    assert abs(inside[10, 0] - inside[152, 0]) < 1e-6 and inside[152, 1] > inside[10, 1]


def test_points_of_the_photo_land_in_the_crop_where_the_affine_map_says(tiny, monkeypatch):
    monkeypatch.setattr(dense_landmarks, "TURNED", 0.0)  # one look
    photo, face = made_up_photo(), made_up_detection(260, 300)
    found = DenseLandmarker(tiny[1], flip=False).predict(photo, face)
    assert found.points_px.shape == (663, 2) and found.parts.shape == (32, 32, 7)
    assert np.allclose(found.parts.sum(-1), 1, atol=1e-5)
    inside = found.points_px @ found.crop[:, :2].T + found.crop[:, 2]
    window = crop_window(face.points)
    shares = np.linalg.solve(window.axes(), (found.points_px - (window.x, window.y)).T).T + 0.5
    assert np.allclose(inside, shares * CROP_PX - 0.5, atol=1e-3)


def test_a_turned_face_is_looked_at_again_from_its_own_points(tiny, monkeypatch):
    photo, face = made_up_photo(), made_up_detection(260, 300)
    landmarker = DenseLandmarker(tiny[1])
    monkeypatch.setattr(dense_landmarks, "TURNED", 0.0)
    first = landmarker.predict(photo, face)
    last = first
    for _ in range(dense_landmarks.LOOKS_AGAIN):
        points = face.points.copy()
        points[:, :2] = last.points_px[: len(points)]
        last = landmarker.predict(photo, replace(face, points=points))
    monkeypatch.setattr(dense_landmarks, "TURNED", 1.1)
    assert np.array_equal(landmarker.predict(photo, face).points_px, last.points_px)
    assert not np.allclose(first.points_px, last.points_px, atol=0.1)


def test_a_mirrored_photo_gives_the_mirrored_face(tiny):
    photo, face = made_up_photo(), made_up_detection(260, 300)
    landmarker = DenseLandmarker(tiny[1], flip=True)
    found = landmarker.predict(photo, face)
    points = face.points[canonical_face().mirror] * (-1, 1, 1) + (photo.shape[1] - 1, 0, 0)
    other = landmarker.predict(np.ascontiguousarray(photo[:, ::-1]), Detection(points, face.scores, 1.0, np.eye(3)))
    mirror = landmarker.mirror
    turned = other.points_px[mirror.points] * (-1, 1) + (photo.shape[1] - 1, 0)
    assert np.abs(turned - found.points_px).max() < 0.05
    assert np.allclose(other.identity * mirror.identity, found.identity, atol=1e-3)
    assert np.allclose(other.visible[mirror.points], found.visible, atol=1e-3)


def test_more_views_average_and_keep_the_shapes(tiny):
    photo, face = made_up_photo(), made_up_detection(260, 300)
    found = DenseLandmarker(tiny[1], flip=True, views=3).predict(photo, face)
    assert found.points_px.shape == (663, 2) and found.identity.shape == (60,) and found.sigma_px.shape == (663,)


def test_a_file_that_is_no_network_is_refused_by_name(tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(AssetError, match=r"broken\.onnx"):
        DenseLandmarker(path)


@pytest.mark.slow
@pytest.mark.skipif(not (FOLDER / ASSET).is_file(), reason="the network's weights are not there yet")
def test_points_on_unseen_renders_are_nearer_to_the_truth_than_the_detector_s():
    from facegpt.detect.mediapipe import MediaPipeDetector
    from facegpt_lab.synthesis.studio.sample import StudioSettings, make_photo

    detector, landmarker = MediaPipeDetector(), DenseLandmarker()
    settings = StudioSettings(framing="photo", size_px=384)
    ours_mm, theirs_mm, identity, whitened = [], [], [], []
    for seed in range(950_000_000, 950_000_024):
        photo = make_photo(seed, settings)
        faces = detector.detect(photo.image)
        if not faces or abs(photo.yaw_deg) > 50:
            continue
        found = landmarker.predict(photo.image, faces[0])
        off_mm = np.linalg.norm(found.points_px - photo.points_px, axis=1) / photo.px_per_mm
        theirs = np.linalg.norm(faces[0].points[:468, :2] - photo.points_px[:468], axis=1) / photo.px_per_mm
        if np.median(theirs) > 10:
            continue  # another face, or none
        ours_mm.append(off_mm[:468].mean())
        theirs_mm.append(theirs.mean())
        identity.append((found.identity, photo.params.identity))
        whitened.append(np.median(off_mm * photo.px_per_mm / found.sigma_px))
    assert len(ours_mm) >= 10
    assert np.median(np.array(ours_mm) / theirs_mm) < 0.95
    assert np.mean(np.array(ours_mm) < theirs_mm) > 0.65
    assert 0.5 < np.median(whitened) < 2.5  # 1.18 for a round Gaussian
    found, truth = np.array(identity).transpose(1, 0, 2)
    assert np.corrcoef(found[:, :5].ravel(), truth[:, :5].ravel())[0, 1] > 0.3
