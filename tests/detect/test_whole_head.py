"""The second opinion on boxes: poses without depth, the network by its picture alone, and full profiles."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from facegpt.assets import asset_path
from facegpt.conventions import rotation_from_euler_deg
from facegpt.detect import geometry, whole_head
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.stored_network import stored_network
from facegpt.runtime.onnx_session import open_session, with_outputs


def canonical_seen(angles, scale=2.0):
    """The canonical face turned and scaled, its irises between the corners of their eyes; (478, 3), (3, 3)."""
    rotation = rotation_from_euler_deg(*angles)
    face = geometry.canonical_face().points @ rotation.T * scale + [300.0, 200.0, 0.0]
    irises = [np.repeat(face[corners].mean(0, keepdims=True), 5, 0) for corners in ([33, 133], [362, 263])]
    return np.concatenate([face, *irises]), rotation


@pytest.mark.parametrize("angles", [(0, 0, 0), (45, -20, 10), (88, 10, -30), (-90, 0, 0)])
def test_pose_and_depth_come_back_from_the_image_of_the_canonical_face(angles):
    points, rotation = canonical_seen(angles)
    found, scale, _ = geometry.posed_in_image(points[:, :2])
    np.testing.assert_allclose(found, rotation, atol=1e-6)
    assert scale == pytest.approx(2.0)
    assert geometry.deviation_in_image(points[:, :2]) < 1e-6
    depth = geometry.lifted(points[:, :2])[:, 2] - points[:, 2]
    assert np.ptp(depth) < 1e-6


def test_points_moved_by_known_amounts_deviate_by_them():
    points, _ = canonical_seen((30, 0, 0))
    noise = np.random.default_rng(1).normal(0, 2.0 * 3.0, (478, 2))  # 3 mm each way at 2 px per mm
    assert geometry.deviation_in_image(points[:, :2] + noise) == pytest.approx(3.0 * np.sqrt(2), rel=0.1)


def test_a_value_inside_the_network_told_as_output_is_the_one_that_the_network_itself_has():
    path = asset_path(whole_head.NETWORK_ASSET)
    names = (whole_head._FIRST_POINTS, whole_head._FIRST_SPREAD)
    session = open_session(with_outputs(path.read_bytes(), names))
    rng = np.random.default_rng(2)
    image = rng.normal(0, 1, (2, 3, 128, 128)).astype(np.float32)
    found = session.run(list(names), {"image": image, "detected": np.zeros((2, 478, 2), np.float32)})
    with torch.no_grad():
        network = stored_network(path)
        said = network(torch.from_numpy(image), torch.zeros(2, 478, 2))
    np.testing.assert_allclose(found[0], said.first_points.numpy(), atol=2e-3)
    np.testing.assert_allclose(np.clip(found[1], -6, 1), np.clip(said.first_log_sigma.numpy(), -6, 1), atol=2e-2)


def test_a_name_longer_than_127_bytes_is_written_as_the_format_wants():
    written = with_outputs(b"", ["n" * 300])
    assert written[:1] == bytes([7 << 3 | 2])
    assert written[1] & 127 | written[2] << 7 == len(written) - 3


@pytest.fixture(scope="module")
def seen_from():
    """Pictures of one person of the studio from given sides, and the true points."""
    from facegpt_lab.synthesis.studio.sample import StudioSettings, photograph
    from facegpt_lab.synthesis.studio.scene import draw_scene

    def picture(seed, yaw_deg):
        scene = replace(draw_scene(seed, "photo", 320), yaw_deg=float(yaw_deg), pitch_deg=0.0, occluders=(), hat=None)
        made = photograph(scene, StudioSettings("photo", 320, skins=2))
        return made.image, made.points_px[:468]

    return picture


@pytest.mark.slow
@pytest.mark.parametrize("seed", [801_000_000, 801_000_002])  # of 801_000_001 hair hides all but the nose
def test_full_profiles_are_found_at_every_quality_where_they_are_and_backs_of_heads_are_no_faces(seen_from, seed):
    careful = MediaPipeDetector()
    for yaw_deg in (-80, 80):
        image, truth = seen_from(seed, yaw_deg)
        for finder in (careful, careful.quick):
            faces = finder.detect(image)
            assert len(faces) == 1
            error = np.linalg.norm(faces[0].points[:468, :2] - truth, axis=1).mean() / np.ptp(truth, axis=0).max()
            assert error < 0.12
    assert not careful.detect(seen_from(seed, 178)[0])
