"""Readers of published protocols, on small made-up data in the same format; the truth is known because we made it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat
from scipy.spatial import Delaunay

from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.types import Camera, Detection, FaceGPTError, Pose
from facegpt_lab.evaluate.judges.made_up_points import random_params
from facegpt_lab.evaluate.judges.scan import Surface
from facegpt_lab.evaluate.protocols.out_of_model import project_like
from facegpt_lab.evaluate.published import landmarks68, now
from facegpt_lab.evaluate.registry import own_copy


def points(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(10, 90, (68, 2))


def aflw_folder(tmp_path):
    for k, yaw in enumerate((-10.0, 45.0, 80.0)):
        Image.new("RGB", (100, 100)).save(tmp_path / f"image{k:05d}.jpg")
        padded = np.vstack([points(k).T + 1.0, np.zeros(68)])
        pose = np.array([[0.1, np.radians(yaw), 0.0, 50, 50, 0, 1e-3]])
        savemat(tmp_path / f"image{k:05d}.mat", {"pt3d_68": padded, "Pose_Para": pose})
    return tmp_path


def test_aflw2000_points_count_from_zero_and_yaw_is_in_degrees(tmp_path):
    found = list(landmarks68.read_aflw2000(aflw_folder(tmp_path)))
    assert [round(one.yaw_deg) for one in found] == [10, 45, 80]
    for k, one in enumerate(found):
        np.testing.assert_allclose(one.points, points(k))


@pytest.mark.parametrize(("protocol", "wanted"), [("aflw2000", "aflw68"), ("pts", "ibug68_contour")])
def test_each_set_is_measured_by_the_points_that_its_annotators_used(monkeypatch, tmp_path, protocol, wanted):
    asked = []
    monkeypatch.setattr(landmarks68, "own_copy", lambda *_: aflw_folder(tmp_path))
    monkeypatch.setattr(landmarks68, "read_pts", landmarks68.read_aflw2000)
    for network in ("detector", "landmarker", "head"):
        monkeypatch.setattr(landmarks68, network, lambda: None)
    monkeypatch.setattr(landmarks68, "measure", lambda photos, *_, points: (asked.append(points), ([], len(photos)))[1])
    (row,) = getattr(landmarks68, protocol)().rows
    assert asked == [wanted] and row.value == 3


def test_points_by_that_convention_are_those_of_the_face(head):
    params = Face(head, random_params(head, 4)).params
    for name in ("aflw68", "ibug68_contour"):
        found = landmarks68.points_68(head, params, name)
        np.testing.assert_allclose(found, Face(head, params).landmarks(name), atol=0.01)  # px


@pytest.mark.parametrize("transposed", [False, True])
def test_aflw2000_reannotation_is_taken_in_the_order_of_names(tmp_path, transposed):
    again = np.stack([points(10 + k) + 1.0 for k in range(3)])
    np.save(tmp_path / "AFLW2000-3D-Reannotated.pts68.npy", again.transpose(0, 2, 1) if transposed else again)
    found = list(landmarks68.read_aflw2000(aflw_folder(tmp_path), reannotated=True))
    np.testing.assert_allclose(found[2].points, points(12))


def test_pts_files_are_read_with_their_photos(tmp_path):
    (tmp_path / "helen").mkdir()
    Image.new("RGB", (100, 100)).save(tmp_path / "helen" / "a.png")
    lines = "\n".join(f"{x + 1:.6f} {y + 1:.6f}" for x, y in points(5))
    (tmp_path / "helen" / "a.pts").write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")
    (one,) = landmarks68.read_pts(tmp_path)
    assert one.path.name == "a.png"
    np.testing.assert_allclose(one.points, points(5), atol=1e-5)


@pytest.mark.parametrize("text", ["", "n_points: 68\n{\n1 2\n}", "{ a b }", "{ 1 2 3 }"])
def test_a_broken_pts_file_is_named(tmp_path, text):
    (tmp_path / "b.pts").write_text(text)
    with pytest.raises(FaceGPTError, match=r"b\.pts"):
        landmarks68.read_pts_file(tmp_path / "b.pts")


def test_a_missing_set_says_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGPT_DATA", str(tmp_path))
    with pytest.raises(FaceGPTError, match="AFLW2000-3D archive"):
        own_copy("AFLW2000", landmarks68.AFLW2000_FROM)


def test_the_mean_is_that_of_the_bins_not_of_the_photos():
    errors = [landmarks68.Errors(1.0, 2.0, yaw) for yaw in (0.0, 5.0, 30.0)]
    errors += [landmarks68.Errors(4.0, 4.0, 31.0), landmarks68.Errors(7.0, 12.0, 61.0)]
    rows = {row.metric: row for row in landmarks68.table(errors, 2, "x")}
    assert rows["x: NME, mean of the bins"].value == pytest.approx((1 + 4 + 7) / 3)
    assert rows["x: NME of MediaPipe's points, mean of the bins"].value == pytest.approx((2 + 4 + 12) / 3)
    assert rows["x: NME, mean of the bins"].met  # 4.0 is more than 20 % below 6.0
    assert rows["x: faces not found"].value == 2


def detection(x0: float, y0: float, x1: float, y1: float) -> Detection:
    corners = np.array([[x0, y0, 0.0], [x1, y1, 0.0]])
    return Detection(np.vstack([np.repeat(corners, 239, axis=0)]), np.zeros(52), 1.0, np.eye(3))


def test_the_annotated_face_is_the_one_that_overlaps_it():
    truth = np.array([[100.0, 100.0], [200.0, 200.0]])
    near, far = detection(105, 95, 205, 195), detection(300, 300, 400, 400)
    assert landmarks68.annotated_face([far, near], truth) is near
    assert landmarks68.annotated_face([far], truth) is None
    assert landmarks68.annotated_face([], truth) is None


def bumpy_scan() -> tuple[np.ndarray, np.ndarray]:
    """A smooth face-like height field in mm, (N, 3), and its triangles."""
    x, y = np.meshgrid(np.linspace(-110, 110, 90), np.linspace(-110, 110, 90))
    z = 60 * np.exp(-(x**2 + 1.3 * y**2) / 90**2) + 18 * np.exp(-((x - 4) ** 2 + (y + 5) ** 2) / 14**2)
    flat = np.column_stack([x.ravel(), y.ravel(), z.ravel()])
    return flat, Delaunay(flat[:, :2]).simplices


def seven_marks(scan: np.ndarray) -> np.ndarray:
    where = [(-45, 30), (-16, 30), (16, 30), (45, 30), (0, -20), (-25, -50), (25, -50)]
    return np.array([scan[np.argmin(np.linalg.norm(scan[:, :2] - spot, axis=1))] for spot in where])


def test_now_error_of_a_moved_copy_is_nil_and_only_the_metrical_one_sees_size():
    scan, triangles = bumpy_scan()
    marks = seven_marks(scan)
    turn, shift = rotation_from_euler_deg(20, -10, 5), np.array([5.0, -3.0, 400.0])
    for size in (1.0, 1.1):
        mesh, own = size * scan @ turn.T + shift, size * marks @ turn.T + shift
        similar, metric = now.distances(scan, marks, Surface(mesh, triangles), own)
        assert similar.mean() < 0.05  # mm
        assert (metric.mean() < 0.05) == (size == 1.0)


def test_now_crops_a_ball_around_the_nose_by_the_published_rule():
    marks = np.zeros((7, 3))
    marks[0, 0], marks[1, 0], marks[2, 0], marks[3, 0] = -45, -15, 15, 45  # outer eyes 90 apart, bridge at the origin
    marks[4] = (0, -50, 0)
    radius, centre = 1.4 * (90 + 50) / 2, np.array([0, -35.0, 0])
    inside, outside = (centre + np.array([radius + step, 0, 0]) for step in (-0.1, 0.1))
    np.testing.assert_array_equal(now.crop_scan(np.array([inside, outside]), marks), [inside])


def test_now_list_finds_photo_scan_and_marks(tmp_path):
    (tmp_path / "imagepathsvalidation.txt").write_text("S1/selfie/a.jpg\n")
    with pytest.raises(FaceGPTError, match="lacks its photo"):
        now.read_list(tmp_path)
    for path in ("iphone_pictures/S1/selfie/a.jpg", "scans/S1/s.obj", "scans_lmks_onlypp/S1/s.pp"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(b"")
    (one,) = now.read_list(tmp_path)
    assert (one.group, one.scan.name, one.marks.name) == ("selfie", "s.obj", "s.pp")


def test_picked_points_and_obj_files_are_read(tmp_path):
    lines = "".join(f'<point x="{k}" y="{k + 0.5}" z="-1" name="{k}" active="1"/>' for k in range(7))
    (tmp_path / "s.pp").write_text(f"<!DOCTYPE PickedPoints><PickedPoints>{lines}</PickedPoints>")
    np.testing.assert_allclose(now.read_picked_points(tmp_path / "s.pp")[3], [3, 3.5, -1])
    (tmp_path / "s.obj").write_text("# x\nv 1 2 3 0.5 0.5 0.5\nvn 0 0 1\nv 4 5 6\nf 1 2 1\n")
    np.testing.assert_allclose(now.read_obj_vertices(tmp_path / "s.obj"), [[1, 2, 3], [4, 5, 6]])


def test_points_are_projected_by_the_camera_that_saw_the_others():
    rng = np.random.default_rng(0)
    known, camera = rng.normal(0, 40, (68, 3)), Camera(900.0, (200.0, 180.0), 400, 380)
    pose = Pose(rotation_from_euler_deg(30, 10, 5), np.array([10, 20, 600.0]))
    others = known + rng.normal(0, 4, known.shape)
    found = project_like(known, camera.project(pose.apply(known)), others)
    np.testing.assert_allclose(found, camera.project(pose.apply(others)), atol=1e-8)
